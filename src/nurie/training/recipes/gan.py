"""The story's third network: a U-Net that must also pass before a judge (Isola et al. 2017).

What is uncertain, a loss by the pixel makes grey. A discriminator never saw grey skin or a colour
that fades out within its line, so that the generator is better off to decide.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from nurie.core import codec
from nurie.tasks.painting import CHANNELS
from nurie.training.discriminator import Adversaries, Discriminator
from nurie.training.losses import COLOR_LOSSES, judged, r1_penalty
from nurie.training.recipes.painting import PaintingOptions, PaintingRecipe


@dataclass(frozen=True)
class GANOptions(PaintingOptions):
    """What can be set in the recipe's file, besides `PaintingOptions`.

    Attributes:
        weight: how much `loss` counts beside the judgement.
        judge: features of each level of the discriminator, each of half the size.
        spectral: spectral norm in the discriminator, instead of batch norm.
        r1: how much its steepness at true colourings counts; 0 leaves it out.
    """

    loss: Literal["logloss", "squared", "l1"] = "l1"
    weight: float = 100.0
    judge: tuple[int, ...] = (32, 64, 96)
    spectral: bool = False
    r1: float = 0.0


class GANRecipe(PaintingRecipe):
    """Generator and discriminator in turn; what is exported is the generator."""

    name = "gan"
    Options = GANOptions
    options: GANOptions

    def build(self) -> nn.Module:
        options = self.options
        judge = Discriminator(1 + CHANNELS, options.judge, spectral=options.spectral)
        return Adversaries(self.painter(), judge)

    def players(self, net: nn.Module) -> tuple[nn.Module, ...]:
        return net.get_submodule("discriminator"), net.get_submodule("generator")

    def losses(self, net: nn.Module, batch: Any) -> Iterator[Tensor]:
        discriminator, _ = self.players(net)
        drawing, flat = codec.normalise(batch.pages.drawing), batch.pages.flat

        def judgement(colors: Tensor) -> Tensor:
            return discriminator(torch.cat([drawing, codec.normalise(colors)], 1)).float()

        logits = net(self.given(batch.pages, batch.hints)).float()
        painted = logits.sigmoid()
        seen = flat.clone().requires_grad_(self.options.r1 > 0)
        true = judgement(seen)
        loss = judged(true, true=True) + judged(judgement(painted.detach()), true=False)
        if self.options.r1:
            loss = loss + self.options.r1 * r1_penalty(true, seen)
        yield loss
        discriminator.requires_grad_(False)  # or it would be given a gradient that nobody uses
        fooled = judged(judgement(painted), true=True)
        discriminator.requires_grad_(True)
        yield fooled + self.options.weight * COLOR_LOSSES[self.options.loss](logits, flat)

    def exported(self, net: nn.Module) -> nn.Module:
        return super().exported(net.get_submodule("generator"))
