"""Layers to colouring pairs: line art as an artist hands it in, and its true flat colours.

Drawings keep the colours that they were painted in: what a tree or a face usually looks like is
part of what is learned. Composed in batches on the training device, like the scenes of line
extraction.
"""

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from scipy import sparse
from scipy.sparse import csgraph
from torch import Tensor

from nurie.core.errors import NurieError
from nurie.data.degrade import degrade
from nurie.data.random import Dice
from nurie.data.scene import placement, recolour
from nurie.data.shards import SCALES, Shard

PARTS = 256
"""Numbers that the regions of one drawing take up; 0 of them is what lies outside it."""

STROKES = "strokes"
"""The source whose drawings have no natural colours."""

_INKED = 64  # coverage, of 255, of a border that is drawn
_OPEN = 0.1  # share of a part's outline that may lack ink

FAMILY = 60
"""Drawings that a family counts for at most: one style of faces must not fill the pages."""


@dataclass(frozen=True)
class PageOptions:
    """What a page of line art looks like.

    Attributes:
        size: height and width in pixels, a multiple of 16.
        drawings: how many lie on a page, one over the other.
        smallest, largest: size of a drawing as a share of the page; log-uniform between them.
        worn: whether the ink is broken, faint and noisy as scans and pencils are, or clean.
        invented: share of drawings whose colours are left to chance, as an artist's may be.
    """

    size: int = 256
    drawings: int = 4
    smallest: float = 0.25
    largest: float = 1.0
    worn: bool = True
    invented: float = 0.0

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
        natural: (N, S, S) bool, False where the colour is an invented one.
    """

    drawing: Tensor
    flat: Tensor
    part: Tensor
    natural: Tensor


class Cutouts:
    """The drawings of one split that have ink and regions, on a device; a region has one colour.

    Drawings of a family of more than `FAMILY` are picked more rarely than others.

    Raises:
        NurieError: there is none.
    """

    def __init__(self, shard: Shard, split: str, device: torch.device | str = "cpu"):
        self.device = torch.device(device)
        line, label = (shard.arrays[kind, SCALES[-1]] for kind in ("line", "label"))
        # Ink alone has nothing to colour, a backdrop no lines to colour between, and strokes have
        # colours that mean nothing.
        rows = [
            row
            for row in shard.rows(split)
            if line[row].any() and label[row].any() and shard.entries[row].source != STROKES
        ]
        line, label = (shard.arrays[kind, SCALES[1]] for kind in ("line", "label"))
        parts = [closed_parts(label[row], line[row]) for row in rows]
        rows = [row for row, part in zip(rows, parts, strict=True) if part is not None]
        parts = [part for part in parts if part is not None]
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
        colors = [
            _part_colors(fill[row], line[row], label[row], part)
            for row, part in zip(rows, parts, strict=True)
        ]
        self._part = torch.from_numpy(np.stack(parts)).to(self.device)
        colors = np.stack(colors)
        self._colors = torch.from_numpy(colors).to(self.device)
        self._upto = _shares([shard.entries[row].group for row in rows]).cumsum(0).to(self.device)

    def __len__(self) -> int:
        return len(self._colors)

    def pick(self, count: int, dice: Dice) -> Tensor:
        """Numbers of `count` drawings by chance, (count,) int64."""
        return torch.searchsorted(self._upto, dice.uniform(count)).clamp_max(len(self) - 1)

    def colors(self) -> Tensor:
        """The colours of all parts that the smallest scale still has, (R, 3) in [0, 1]."""
        used = torch.zeros(len(self), PARTS, dtype=torch.bool, device=self.device)
        label = self._part.gather(1, self._arrays["label", SCALES[-1]].flatten(1).long())
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
        label = self._arrays["label", scale].index_select(0, picks)
        part = self._part.index_select(0, picks).gather(1, label.flatten(1).long())
        label = part.view_as(label)[:, None].float()
        return ink, label, self._colors.index_select(0, picks)


def _shares(families: list[str]) -> Tensor:
    """How often each drawing is picked, (N,): the sum is 1."""
    sizes = Counter(families)
    weight = torch.tensor([min(1.0, FAMILY / sizes[family]) for family in families])
    return weight / weight.sum()


def closed_parts(label: np.ndarray, line: np.ndarray) -> np.ndarray | None:
    """The part that each region of a drawing belongs to, (PARTS,) int64; None for an open drawing.

    A border without ink between two regions is that of a shadow or of a light: line art does not
    show it, and flats have none. Both regions are one part, which goes by the larger one's number.
    A drawing with a part whose outline lacks ink is open: nobody could tell where its colour ends.

    Args:
        label, line: regions and coverage of the ink, (S, S) uint8.
    """
    label, inked = np.pad(label, 1).astype(np.int64), np.pad(line, 1) > _INKED
    pairs, drawn = [], []
    for axis in (0, 1):
        here, ahead = label, np.roll(label, -1, axis)
        border = here != ahead
        pairs.append(PARTS * np.maximum(here, ahead)[border] + np.minimum(here, ahead)[border])
        drawn.append((inked | np.roll(inked, -1, axis))[border])
    pair, drawn = np.concatenate(pairs), np.concatenate(drawn)
    one, other = pair // PARTS, pair % PARTS
    kinds, which = np.unique(pair, return_inverse=True)
    undrawn = np.bincount(which, drawn) < np.bincount(which) / 2
    undrawn = kinds[undrawn & (kinds % PARTS > 0)]
    links = sparse.coo_array(
        (np.ones(len(undrawn)), (undrawn // PARTS, undrawn % PARTS)), (PARTS, PARTS)
    )
    _, part = csgraph.connected_components(links, directed=False)
    # Regions are numbered by size: the first of a part is its largest.
    _, first = np.unique(part, return_index=True)
    part = first[part].astype(np.int64)
    border = part[one] != part[other]
    sides = np.concatenate([part[one][border], part[other][border]])
    length = np.bincount(sides, minlength=PARTS)
    without = np.bincount(sides, np.tile(~drawn[border], 2), PARTS)
    return None if (without > _OPEN * length).any() else part


def _part_colors(
    fill: np.ndarray, line: np.ndarray, label: np.ndarray, part: np.ndarray
) -> np.ndarray:
    """The mean colour of each part's largest region, (PARTS, 3) float32 in [0, 1].

    Paint under ink is given to the nearest region, whatever its colour, so it hardly counts unless
    the region shows nothing else.
    """
    number = label.ravel()
    weight = 256.0 - line.ravel()
    total = np.bincount(number, weight, PARTS).clip(1)
    planes = fill[:3].reshape(3, -1) / 255
    sums = [np.bincount(number, weight * plane, PARTS) for plane in planes]
    return (np.stack(sums, 1) / total[:, None]).astype(np.float32)[part]


@torch.no_grad()
def compose(cutouts: Cutouts, count: int, options: PageOptions, dice: Dice) -> Pages:
    """Compose `count` pages."""
    size = options.size
    flat = _paper(count, dice).expand(-1, -1, size, size)
    part = torch.zeros(count, 1, size, size, device=dice.device)
    line = torch.zeros_like(part)
    natural = torch.ones_like(part, dtype=torch.bool)
    for number in range(options.drawings):
        share = math.exp(dice.scalar(math.log(options.smallest), math.log(options.largest)))
        extents = size * share * dice.uniform(count, low=0.85, high=1.15)
        scale = min((s for s in SCALES if s >= size * share), default=SCALES[0])
        picks = cutouts.pick(count, dice)
        ink, label, colors = cutouts.sheets(picks, scale, dice.chance(count, 0.5))
        invented = dice.chance(count, options.invented)[:, None, None]
        colors = torch.where(invented, recolour(colors.mT[..., None], dice)[..., 0].mT, colors)
        grid = placement(extents, size, dice, turn=0.2)
        ink = F.grid_sample(ink, grid, align_corners=False)
        label = F.grid_sample(label, grid, mode="nearest", align_corners=False)
        shown = label > 0
        index = label.long().expand(-1, 3, -1, -1).flatten(2)
        paint = colors.mT.gather(2, index).unflatten(2, (size, size))
        flat = torch.where(shown, paint, flat)
        part = torch.where(shown, label + number * PARTS, part)
        natural = torch.where(shown, ~invented[..., None], natural)
        line = torch.maximum(torch.where(shown, 0.0, line), ink)
    drawing = 1 - line
    if options.worn:
        drawing = _worn(line, dice)
    return Pages(drawing, flat, part[:, 0].long(), natural[:, 0])


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
