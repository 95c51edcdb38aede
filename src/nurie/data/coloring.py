"""Layers to colouring pairs: line art as an artist hands it in, and its true flat colours.

Drawings keep the colours that they were painted in: what a tree or a face usually looks like is
part of what is learned. Composed in batches on the training device, like the scenes of line
extraction.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nurie.core.errors import NurieError
from nurie.data.degrade import degrade
from nurie.data.random import Dice
from nurie.data.scene import placement
from nurie.data.shards import SCALES, Shard

PARTS = 256
"""Numbers that the regions of one drawing take up; 0 of them is what lies outside it."""


@dataclass(frozen=True)
class PageOptions:
    """What a page of line art looks like.

    Attributes:
        size: height and width in pixels, a multiple of 16.
        drawings: how many lie on a page, one over the other.
        smallest, largest: size of a drawing as a share of the page; log-uniform between them.
        worn: whether the ink is broken, faint and noisy as scans and pencils are, or clean.
    """

    size: int = 256
    drawings: int = 4
    smallest: float = 0.25
    largest: float = 1.0
    worn: bool = True

    def __post_init__(self) -> None:
        if self.size < 16 or self.size % 16:
            raise NurieError(f"pages can't be {self.size} pixels wide: choose a multiple of 16")


@dataclass(frozen=True, eq=False)
class Pages:
    """A batch.

    Attributes:
        drawing: grey line art, (N, 1, S, S) float in [0, 1], 1 is paper.
        flat: true flat colours, (N, 3, S, S) float in [0, 1].
        part: true regions, (N, S, S) int64; two drawings never share a number, and 0 is paper.
    """

    drawing: Tensor
    flat: Tensor
    part: Tensor


class Cutouts:
    """The drawings of one split that have ink and regions, on a device; a region has one colour.

    Raises:
        NurieError: there is none.
    """

    def __init__(self, shard: Shard, split: str, device: torch.device | str = "cpu"):
        self.device = torch.device(device)
        line, label = (shard.arrays[kind, SCALES[-1]] for kind in ("line", "label"))
        # Ink alone has nothing to colour, and a backdrop no lines to colour between.
        rows = [row for row in shard.rows(split) if line[row].any() and label[row].any()]
        if not rows:
            raise NurieError(
                f"the set holds no {split} drawing with ink and paint: build one with more drawings"
            )
        self._arrays = {
            (kind, scale): torch.from_numpy(shard.arrays[kind, scale][rows]).to(self.device)
            for kind in ("line", "hairline", "label")
            for scale in SCALES
        }
        fill, line, label = (shard.arrays[kind, SCALES[0]] for kind in ("fill", "line", "label"))
        colors = np.stack([_region_colors(fill[row], line[row], label[row]) for row in rows])
        self._colors = torch.from_numpy(colors).to(self.device)

    def __len__(self) -> int:
        return len(self._colors)

    def colors(self) -> Tensor:
        """The colours of all regions that the smallest scale still has, (R, 3) in [0, 1]."""
        used = torch.zeros(len(self), PARTS, dtype=torch.bool, device=self.device)
        label = self._arrays["label", SCALES[-1]].flatten(1).long()
        used.scatter_(1, label, True)
        used[:, 0] = False
        return self._colors[used]

    def sheets(self, picks: Tensor, scale: int, hairline: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Ink and regions of drawings, and the colour of each region.

        Args:
            picks: (N,) numbers below `len(self)`.
            scale: one of SCALES.
            hairline: (N,) bool, whether the thin ink is wanted.

        Returns:
            Coverage (N, 1, scale, scale) float in [0, 1]; region numbers of the same shape, float;
            colours (N, PARTS, 3) float in [0, 1].
        """
        bold = self._arrays["line", scale].index_select(0, picks)
        fine = self._arrays["hairline", scale].index_select(0, picks)
        ink = torch.where(hairline[:, None, None], fine, bold)[:, None].float().mul_(1 / 255)
        label = self._arrays["label", scale].index_select(0, picks)[:, None].float()
        return ink, label, self._colors.index_select(0, picks)


def _region_colors(fill: np.ndarray, line: np.ndarray, label: np.ndarray) -> np.ndarray:
    """The mean colour of each region of a drawing, (PARTS, 3) float32 in [0, 1].

    Paint under ink is given to the nearest region, whatever its colour, so it hardly counts unless
    the region shows nothing else.
    """
    number = label.ravel()
    weight = 256.0 - line.ravel()
    total = np.bincount(number, weight, PARTS).clip(1)
    planes = fill[:3].reshape(3, -1) / 255
    sums = [np.bincount(number, weight * plane, PARTS) for plane in planes]
    return (np.stack(sums, 1) / total[:, None]).astype(np.float32)


@torch.no_grad()
def compose(cutouts: Cutouts, count: int, options: PageOptions, dice: Dice) -> Pages:
    """Compose `count` pages."""
    size = options.size
    flat = _paper(count, dice).expand(-1, -1, size, size)
    part = torch.zeros(count, 1, size, size, device=dice.device)
    line = torch.zeros_like(part)
    for number in range(options.drawings):
        share = math.exp(dice.scalar(math.log(options.smallest), math.log(options.largest)))
        extents = size * share * dice.uniform(count, low=0.85, high=1.15)
        scale = min((s for s in SCALES if s >= size * share), default=SCALES[0])
        picks = dice.integers(len(cutouts), count)
        ink, label, colors = cutouts.sheets(picks, scale, dice.chance(count, 0.5))
        grid = placement(extents, size, dice, turn=0.2)
        ink = F.grid_sample(ink, grid, align_corners=False)
        label = F.grid_sample(label, grid, mode="nearest", align_corners=False)
        shown = label > 0
        index = label.long().expand(-1, 3, -1, -1).flatten(2)
        paint = colors.mT.gather(2, index).unflatten(2, (size, size))
        flat = torch.where(shown, paint, flat)
        part = torch.where(shown, label + number * PARTS, part)
        line = torch.maximum(torch.where(shown, 0.0, line), ink)
    drawing = 1 - line
    if options.worn:
        drawing = _worn(line, dice)
    return Pages(drawing, flat, part[:, 0].long())


def _paper(count: int, dice: Dice) -> Tensor:
    """The colour of what no drawing covers: mostly light."""
    light = 1 - dice.uniform(count, 3, 1, 1) * 0.2
    strong = dice.uniform(count, 3, 1, 1)
    white = torch.ones_like(light)
    kind = dice.uniform(count)[:, None, None, None]
    return torch.where(kind < 0.4, white, torch.where(kind < 0.8, light, strong))


def _worn(line: Tensor, dice: Dice) -> Tensor:
    """Line art as it comes out of pencils, brushes, scanners and JPEG files."""
    count, _, size, _ = line.shape

    def some(share: float) -> Tensor:
        return dice.chance(count, share)[:, None, None, None]

    pressure = torch.where(some(0.5), dice.uniform(count, 1, 1, 1, low=0.35), 1.0)
    grain = dice.smooth(count, 1, size, 2.0)
    broken = (grain * 3.2 - dice.uniform(count, 1, 1, 1, low=0.4, high=1.1)).clamp(0.0, 1)
    line = line * pressure * torch.where(some(0.25), broken, 1.0)
    # Gaps: the pen leaves the paper where a coarser noise is low.
    gaps = dice.smooth(count, 1, size, dice.scalar(5, 9))
    line = line * torch.where(some(0.4), ((gaps - 0.18) * 12).clamp(0, 1), 1.0)
    paper = 1 - dice.uniform(count, 1, 1, 1) ** 3 * 0.3
    clean = paper * (1 - line)
    worn = degrade(clean.expand(-1, 3, -1, -1), dice).mean(1, keepdim=True)
    return torch.where(some(0.5), worn, clean).clamp(0, 1)
