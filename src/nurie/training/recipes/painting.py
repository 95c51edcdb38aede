"""What the networks that paint have in common: colours regressed from line art and its hints.

`autoencoder`, `unet` and `gan` are the steps of one story, so they learn from the same pages and
are scored alike; each says in its own module what it adds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from nurie.core import codec
from nurie.core.errors import NurieError
from nurie.data import shards
from nurie.data.coloring import Cutouts, PageOptions, Pages, compose
from nurie.data.dots import around, dots
from nurie.data.random import Dice
from nurie.evaluation import hints as protocol
from nurie.runtime.registry import Needs
from nurie.tasks.painting import CHANNELS, INPUTS, RADIUS, Painting
from nurie.training.blocks import GROWERS, NORMS, ConvBlock, FoldStem, shuffled
from nurie.training.losses import COLOR_LOSSES, psnr
from nurie.training.unet import Skips, UNet


@dataclass(frozen=True)
class PaintingOptions:
    """What can be set in the file of every recipe that paints.

    Attributes:
        widths: features of each level. Each halves height and width, so that 256 pixels come down
            to 64 with three of them, to 32 with four, to 16 with five and to 8 with six.
        fold: the first level has half the picture's resolution already, at a quarter of the cost.
        depth: convolutions of each level, on the way down and again on the way up.
        skips: how the encoder's features come back into the decoder.
        grow: how the decoder doubles height and width.
        norm: what follows each convolution.
        loss: how far what was painted is from the true colours.
        size: height and width of the training pages in pixels.
        drawings: how many lie on a page.
        smallest, largest: their size as a share of the page.
        invented: share of drawings whose colours are left to chance, so that only hints tell them.
        hinted: the largest share of a page's regions that have a hint.
    """

    widths: tuple[int, ...] = (16, 32, 64, 96, 128)
    fold: bool = False
    depth: int = 2
    skips: Skips = "added"
    grow: Literal["transposed", "resize", "shuffle"] = "resize"
    norm: Literal["batch", "group", "none"] = "batch"
    loss: Literal["logloss", "squared", "l1"] = "logloss"
    size: int = 128
    drawings: int = 3
    smallest: float = 0.35
    largest: float = 1.0
    invented: float = 0.5
    hinted: float = 1.0


@dataclass(frozen=True, eq=False)
class HintedPages:
    """A batch: pages, and hints for each, (N, 4, S, S) as `nurie.data.dots` gives them."""

    pages: Pages
    hints: Tensor


_HINTED = (0, 10, 30)  # percent of the regions that have a hint where the network is scored
_SCORED, _SHOWN = 24, 4  # pages
_SEEN = 2  # times the training pages: finer regions are seen, and what is copied stays near


class PaintingRecipe:
    """Pages from a built set, some with hints; what the network paints there shall be the flats.

    A recipe of this kind sets the three names, and may build and train the network in another way.
    """

    name: str
    task = "colorize"
    Options: type[PaintingOptions] = PaintingOptions

    def __init__(self, options: PaintingOptions):
        self.options = options
        if not options.widths or options.depth < 1:
            raise NurieError(f"{self.name}: widths must name a level, and depth a convolution")
        if options.size % self.multiple:
            raise NurieError(f"{self.name}: size must be a multiple of {self.multiple}")
        if not 0 <= options.hinted <= 1:
            raise NurieError(f"{self.name}: hinted is a share, from 0 to 1")

    @property
    def multiple(self) -> int:
        """Height and width of a drawing must be multiples of this."""
        return 2 ** (len(self.options.widths) - 1 + self.options.fold)

    @property
    def needs(self) -> Needs:
        return Needs(inputs=INPUTS, multiple=self.multiple, channels=CHANNELS)

    def build(self) -> nn.Module:
        return self.painter()

    def painter(self) -> nn.Module:
        """What paints: (N, inputs, H, W) to the logits of colours, (N, 3, H, W)."""
        options, width = self.options, self.options.widths[0]
        norm = NORMS[options.norm]
        block = partial(ConvBlock, norm=norm)
        if options.fold:
            stem = FoldStem(self.needs.inputs, width, norm=norm)
            head = shuffled(width, CHANNELS)
        else:
            stem, head = block(self.needs.inputs, width), nn.Conv2d(width, CHANNELS, 1)
        return UNet(
            stem,
            head,
            options.widths,
            [options.depth] * len(options.widths),
            skips=options.skips,
            block=block,
            grow=GROWERS[options.grow],
        )

    def open(self, data: Path, device: torch.device) -> None:
        """Load the drawings of a built set onto the device, and find their mean colour."""
        shard = shards.load(data)
        self.cutouts = Cutouts(shard, "train", device)
        unseen = Cutouts(shard, "held-out", device)
        page = self._page(invented=0.0)
        self.exam = compose(unseen, _SCORED, page, Dice(0, device))
        self.exam_hints = {percent: hinted(self.exam, percent) for percent in _HINTED}
        seen = compose(self.cutouts, 4 * _SCORED, page, Dice(1, device))
        self.mean = seen.flat.mean((0, 2, 3), keepdim=True)

    def batch(self, count: int, seed: int) -> HintedPages:
        dice = Dice(seed, self.cutouts.device)
        pages = compose(self.cutouts, count, self._page(invented=self.options.invented), dice)
        return HintedPages(pages, dots(pages, dice, most=self.options.hinted, radius=RADIUS))

    def _page(self, *, invented: float) -> PageOptions:
        options = self.options
        return PageOptions(
            size=options.size,
            drawings=options.drawings,
            smallest=options.smallest,
            largest=options.largest,
            invented=invented,
        )

    def players(self, net: nn.Module) -> tuple[nn.Module, ...]:
        return (net,)

    def losses(self, net: nn.Module, batch: Any) -> Iterator[Tensor]:
        loss = COLOR_LOSSES[self.options.loss]
        yield loss(net(self.given(batch.pages, batch.hints)).float(), self.wanted(batch.pages))

    def given(self, pages: Pages, hints: Tensor) -> Tensor:
        """What the network sees, (N, inputs, S, S): `nurie.core.codec.encode_hinted` of a batch."""
        color, mask = hints.split([3, 1], 1)
        return torch.cat([codec.normalise(pages.drawing), codec.premultiply(color, mask), mask], 1)

    def wanted(self, pages: Pages) -> Tensor:
        """What it shall paint, (N, 3, S, S) in [0, 1]."""
        return pages.flat

    @torch.no_grad()
    def validate(self, net: nn.Module) -> tuple[dict[str, float], Tensor]:
        """PSNR on held-out pages, the same every time, with more and more hints.

        "psnr_10" is that with a hint in the largest 10 % of the regions, "psnr_mean" that of the
        mean colour all over. With them comes a picture of some pages, (3, H, W): drawing, true
        flats, and what was painted with the hints of each row.
        """
        wanted, counts = self.wanted(self.exam), self.exam.drawing > 0.5
        scores = {"psnr_mean": psnr(self.mean.expand_as(wanted), wanted, counts).mean()}
        columns = [self.exam.drawing.expand(-1, 3, -1, -1), wanted]
        for percent, given in self.exam_hints.items():
            painted = net(self.given(self.exam, given)).float().sigmoid()
            scores[f"psnr_{percent}"] = psnr(painted, wanted, counts).mean()
            columns += [_dotted(self.exam, given)] * (percent > 0) + [painted]
        grid = torch.cat([column[:_SHOWN] for column in columns], 3)
        return {key: float(value) for key, value in scores.items()}, torch.cat(list(grid), 1)

    def exported(self, net: nn.Module) -> nn.Module:
        """The network as it is shipped: colours in [0, 1] instead of logits."""
        return nn.Sequential(net, nn.Sigmoid())

    def described(self, net: nn.Module) -> dict[str, str]:
        """At what size it should see drawings."""
        return Painting(edge=_SEEN * self.options.size).to_metadata()


def hinted(pages: Pages, percent: int) -> Tensor:
    """The hints by which colouring is scored, (N, 4, S, S): the largest regions have them first."""
    middle = torch.zeros_like(pages.part, dtype=torch.bool)
    for page, (flat, part) in enumerate(zip(pages.flat, pages.part, strict=True)):
        rgb = flat.permute(1, 2, 0).mul(255).round().byte().cpu().numpy()
        label = np.unique(part.cpu().numpy(), return_inverse=True)[1].reshape(part.shape) + 1
        for hint in protocol.first(protocol.dots(rgb, label), percent):
            middle[page, int(hint.y), int(hint.x)] = True
    return around(middle, pages, RADIUS)


def _dotted(pages: Pages, given: Tensor) -> Tensor:
    """Line art and the hints on it."""
    color, mask = given.split([3, 1], 1)
    return torch.where(mask > 0, color, pages.drawing)
