"""The story's first network: all that it knows of a drawing has passed through a narrow middle.

An autoencoder (Hinton and Salakhutdinov 2006) of convolutions and max pooling on the way down and
of transposed convolutions on the way up. As it has no skips, it has to draw every edge anew out of
its smallest features: how much of a drawing that leaves, it shows when it copies.
"""

from dataclasses import dataclass, replace
from typing import Literal

from torch import Tensor, nn

from nurie.core import codec
from nurie.data.coloring import Pages
from nurie.runtime.registry import Needs
from nurie.training.recipes.painting import PaintingOptions, PaintingRecipe
from nurie.training.unet import Skips


@dataclass(frozen=True)
class AutoencoderOptions(PaintingOptions):
    """What can be set in the recipe's file, besides `PaintingOptions`.

    Attributes:
        copies: learn to give back the coloured drawing that it is given, line and all, instead of
            colouring line art. Such a network is for looking at, not for `nurie colorize`.
    """

    skips: Skips = "none"
    grow: Literal["transposed", "resize", "shuffle"] = "transposed"
    copies: bool = False


class AutoencoderRecipe(PaintingRecipe):
    """An encoder and a decoder with nothing but the smallest features between them."""

    name = "autoencoder"
    Options = AutoencoderOptions
    options: AutoencoderOptions

    @property
    def needs(self) -> Needs:
        return replace(super().needs, inputs=3) if self.options.copies else super().needs

    def given(self, pages: Pages, hints: Tensor) -> Tensor:
        if self.options.copies:
            return codec.normalise(self.wanted(pages))
        return super().given(pages, hints)

    def wanted(self, pages: Pages) -> Tensor:
        return pages.flat * pages.drawing if self.options.copies else pages.flat

    def described(self, net: nn.Module) -> dict[str, str]:
        return {} if self.options.copies else super().described(net)
