"""The line extractor: a picture in, the coverage of its line art out."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from nurie.core import codec
from nurie.core.errors import NurieError
from nurie.data import shards
from nurie.data.random import Dice
from nurie.data.scene import Bank, SceneOptions, Scenes, compose
from nurie.runtime.registry import Needs
from nurie.training.blocks import ConvBlock, FoldStem
from nurie.training.losses import line_dice, line_logloss, soft_f1
from nurie.training.stream import Windows
from nurie.training.unet import UNet


@dataclass(frozen=True)
class LinesOptions:
    """What can be set in the recipe's file.

    Attributes:
        widths, depths: features and convolutions of each level.
        fold: the first level has half the picture's resolution, at a quarter of the cost.
        size: height and width of the training scenes in pixels.
        ink_weight: how much more an inked pixel counts than a blank one.
        dice: how much the overlap with the truth counts beside the logloss.
        twice: use every scene twice, mirrored and worn in another way; the batch must be even.
        resident: drawings that may lie on the device (see `Windows`); 0 lets all of the set.
    """

    widths: tuple[int, ...] = (32, 48, 80, 128, 128)
    depths: tuple[int, ...] = (1, 2, 2, 2, 2)
    fold: bool = True
    size: int = 192
    ink_weight: float = 3.0
    dice: float = 0.0
    twice: bool = False
    resident: int = 0


class LinesRecipe:
    """Scenes from a built set, logloss on line coverage."""

    name = "lines"
    task = "extract"
    Options = LinesOptions

    def __init__(self, options: LinesOptions):
        self.options = options
        if not options.widths or len(options.widths) != len(options.depths):
            raise NurieError("lines: widths and depths must be lists of one length")
        if options.size % self.multiple:
            raise NurieError(f"lines: size must be a multiple of {self.multiple}")

    def build(self) -> nn.Module:
        options, width = self.options, self.options.widths[0]
        if options.fold:
            stem, head = (
                FoldStem(3, width),
                nn.Sequential(nn.Conv2d(width, 4, 1), nn.PixelShuffle(2)),
            )
        else:
            stem, head = ConvBlock(3, width), nn.Conv2d(width, 1, 1)
        return UNet(stem, head, options.widths, options.depths)

    @property
    def multiple(self) -> int:
        """Height and width of a picture must be multiples of this."""
        return 2 ** (len(self.options.widths) - 1 + self.options.fold)

    @property
    def needs(self) -> Needs:
        return Needs(multiple=self.multiple)

    def open(self, data: Path, device: torch.device) -> None:
        """Load the drawings of a built set onto the device."""
        shard = shards.load(data)
        self.windows, unseen = (
            Windows(Bank, shard, split, device, resident=self.options.resident)
            for split in ("train", "held-out")
        )
        self.bank, self.unseen = self.windows.at(0), unseen.at(0)

    def batch(self, count: int, seed: int) -> Scenes:
        self.bank = self.windows.at(seed)
        dice = Dice(seed, self.bank.device)
        options, twice = SceneOptions(size=self.options.size), self.options.twice
        if twice and count % 2:
            raise NurieError(f"lines: scenes used twice need an even batch, not {count}")
        return compose(self.bank, count // 2 if twice else count, options, dice, twice=twice)

    def players(self, net: nn.Module) -> tuple[nn.Module, ...]:
        return (net,)

    def losses(self, net: nn.Module, batch: Scenes) -> Iterator[Tensor]:
        yield self.loss(net, batch)

    def loss(self, net: nn.Module, batch: Scenes) -> Tensor:
        logits = net(codec.normalise(batch.image)).float()
        loss = line_logloss(logits, batch.line, self.options.ink_weight)
        if self.options.dice:
            loss = loss + self.options.dice * line_dice(logits, batch.line)
        return loss

    @torch.no_grad()
    def validate(self, net: nn.Module) -> tuple[dict[str, float], Tensor]:
        """Scores on held-out scenes, the same every time, and a picture of some, (3, H, W)."""
        options = SceneOptions(size=self.options.size)
        losses, scores, rows = [], [], []
        for seed in range(4):
            scenes = compose(self.unseen, 8, options, Dice(seed, self.unseen.device))
            logits = net(codec.normalise(scenes.image)).float()
            coverage = logits.sigmoid()
            losses.append(line_logloss(logits, scenes.line, self.options.ink_weight))
            scores.append(soft_f1(coverage, scenes.line))
            columns = (scenes.image, 1 - scenes.line, 1 - coverage)
            rows.append(torch.cat([part[:2].expand(-1, 3, -1, -1) for part in columns], 3))
        grid = torch.cat([row for pair in rows for row in pair], 1)
        scalars = {"loss": torch.stack(losses).mean(), "f1": torch.stack(scores).mean()}
        return {key: float(value) for key, value in scalars.items()}, grid

    def exported(self, net: nn.Module) -> nn.Module:
        """The network as it is shipped: coverage in [0, 1] instead of logits."""
        return nn.Sequential(net, nn.Sigmoid())

    def described(self, net: nn.Module) -> dict[str, str]:
        """Nothing: coverage speaks for itself."""
        return {}
