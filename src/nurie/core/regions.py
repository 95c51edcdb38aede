"""Regions of line art: the areas that lines close, small breaks closed too; no pixel is left over.

A *passage* between two areas is as wide as the widest disc that can be pushed through it. It is a
break in a line, not a way, if it is at most `gap` wide and clearly narrower than the areas on both
its sides. The second condition is what keeps a finger with its hand, and a corridor that grows
narrower and wider in one piece, while a small eye with a small break in its outline stays an eye.

Discs are read off the distance to the lines. Areas are seen at falling levels of that distance:
they appear as discs fit into them, grow, and meet at passages. Areas that a break parts are seeds,
and a flood from the seeds in the order of distance (Meyer, "Topographic distance and watershed
lines", 1994) fills passages from both sides, then corners, then the ink up to its middle.
Rolling a ball over gaps is the idea of Zhang et al., "Vectorizing cartoon animations", 2009
(trapped-ball segmentation), which knows no passages and takes balls of falling size instead.
"""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import cc3d
import edt
import numpy as np

from nurie.core import mesh
from nurie.core.lines import dilate
from nurie.core.mesh import Mesh
from nurie.core.spans import spanned

GAP = 10.0
"""Widest break in pixels that is closed in pictures of up to 1000 pixels; in proportion above."""

NARROW = 1.5
"""How many times as wide as a break the areas on both its sides must be."""

FINEST = 0.25
"""Share of the gap, or of `GAP` if that is less: the distance to the lines that an open area must
exceed to be a region. What is narrower is the tip of a wedge."""

FALL = 0.8
"""Ratio of one level of the distance to the one before: how exactly a passage's width is known."""

SMALLEST = 12
"""Pixels below which a closed area is no region: the paper between two strokes that nearly meet."""

SPECK = 8
"""Pixels below which ink is a speck of dust, not a line."""

FAINTEST, WEAKEST = 12, 51
"""Bounds of the coverage, of 255, from which ink counts on clean paper: above what nobody sees, and
below a hairline."""

GRAIN = 5
"""Standard deviations of the paper's grain that ink must rise above it."""

EDGE = 0.4
"""Share of the coverage beside it that a pixel needs to be ink, not the soft edge of a line. Below
half, so that a thin line that runs between two rows of pixels is not lost."""

SQUARES, LARGEST = 256, 4
"""A region is divided over squares: that many along its longer side, but none of more pixels. So
far may a colour reach around the end of a line."""

_STEPS_PER_PIXEL = 4  # of distance, in the order of the flood


@dataclass(frozen=True, eq=False)
class Regions:
    """A division of line art into regions.

    Attributes:
        label: the region of each pixel, (H, W) int32, 1 to `count`; none has no region.
        count: how many regions there are, at least 1.
        ink: the pixels taken for lines, (H, W) bool; they too have a region, the nearest.
    """

    label: np.ndarray
    count: int
    ink: np.ndarray
    _divided: "dict[int, _Division]" = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def area(self) -> np.ndarray:
        """Pixels of each region, the ink in it included, (count,) int64; region 1 comes first."""
        return self._statistics["voxel_counts"][1:].astype(np.int64)

    @cached_property
    def inner(self) -> np.ndarray:
        """x and y of the pixel of each region furthest from lines and borders, (count, 2) int64."""
        paper = np.where(self.ink, 0, self.label)
        depth = edt.edt(paper, black_border=True)
        peaks = np.flatnonzero(_is_peak(depth) & (paper > 0))
        inner = _deepest(depth, peaks, self.label, self.count)[1:]
        bare = np.flatnonzero(inner < 0)  # a region without paper: a picture that is all ink
        for region in bare:
            inner[region] = np.flatnonzero(self.label == region + 1)[0]
        y, x = np.divmod(inner, self.label.shape[1])
        return np.stack([x, y], axis=1)

    @cached_property
    def centre(self) -> np.ndarray:
        """Mean x and y of each region, (count, 2) float64; it may lie outside a crescent."""
        return self._statistics["centroids"][1:, ::-1].astype(np.float64)

    def window(self, region: int) -> tuple[slice, slice]:
        """The smallest window, rows and columns, that holds a region."""
        return self._statistics["bounding_boxes"][region]

    @cached_property
    def _statistics(self) -> Mapping[str, Any]:
        return cc3d.statistics(self.label.astype(np.uint32))


def default_gap(height: int, width: int) -> float:
    """The `gap` that `find` takes for a picture of that size."""
    return GAP * max(1.0, max(height, width) / 1000)


@spanned("regions")
def find(coverage: np.ndarray, *, gap: float | None = None) -> Regions:
    """Find the regions of line art.

    Args:
        coverage: how much ink covers each pixel, (H, W), uint8 in [0, 255] or float in [0, 1].
        gap: the widest break in a line, in pixels, that is closed; 0 closes none, and None is
            `default_gap`. The border of the picture counts as a line.
    """
    if coverage.dtype != np.uint8:
        coverage = np.rint(np.clip(coverage, 0, 1) * np.float32(255)).astype(np.uint8)
    gap = default_gap(*coverage.shape) if gap is None else gap
    ink = _inked(coverage)
    paper = _without_specks(~ink, SMALLEST, connectivity=4)
    if not paper.any():
        return Regions(np.ones(coverage.shape, np.int32), 1, ink)
    height = edt.edt(paper, black_border=True, parallel=2)
    label, count = _seeds(height, widest=(gap + 1) / 2)
    height -= edt.edt(~paper, parallel=2)
    return Regions(_filled(label, height), count, ink)


@spanned("divide")
def divide(
    regions: Regions, region: int, seeds: np.ndarray
) -> tuple[tuple[slice, slice], np.ndarray]:
    """Split a region among seeds: at the narrowest passage between two, or else halfway.

    What doesn't depend on the seeds is kept with `regions`, and so is the last division of each
    region: for each pixel of those that were divided, some 10 bytes, or 40 in one so small that its
    squares are pixels.

    Args:
        region: which one, 1 to `regions.count`.
        seeds: x, y and id, (N, 3) int; ids are 1 or more, and several seeds may share one, such as
            the pixels of a stroke. Seeds outside the region are left out.

    Returns:
        The region's window in the picture, and the id of each pixel in it, (h, w) int32: 0 outside
        the region, 0 throughout if no seed is in it.
    """
    window = regions.window(region)
    inside = regions.label[window] == region
    ids = np.zeros(inside.shape, np.int32)
    x, y, name = (seeds - (window[1].start, window[0].start, 0)).T
    here = (x >= 0) & (y >= 0) & (x < inside.shape[1]) & (y < inside.shape[0])
    here[here] = inside[y[here], x[here]]
    x, y, name = x[here], y[here], name[here]
    if not name.size:
        return window, ids
    if (name == name[0]).all():
        ids[inside] = name[0]
        return window, ids

    seeds = np.stack([x, y, name], axis=1).astype(np.int32)
    # No lock, as a dictionary gives and takes whole values: at worst, two threads do the same.
    last = regions._divided.get(region)
    if last is None or not np.array_equal(last.seeds, seeds):
        plan = last.plan if last else _plan(inside, regions.ink[window])
        last = regions._divided[region] = _Division(plan, seeds, _share(plan, inside, seeds))
    ids[inside] = last.ids
    return window, ids


# Division -----------------------------------------------------------------------------------------

_Pass = tuple[float, int, int]  # its height, the cell on this side of it, the cell on that side


@dataclass(frozen=True, eq=False)
class _Plan:
    """What dividing a region takes, whatever the seeds are. Its *rooms* are what passages part.

    Attributes:
        cell: of each pixel of the region, row by row, (area,) unsigned.
        mesh: the cells; no way leads from one room into another.
        room: of each cell, (C + 1,) int32.
        passes: out of each room, the highest one into every room beside it.
    """

    cell: np.ndarray
    mesh: Mesh
    room: np.ndarray
    passes: list[list[_Pass]]


@dataclass(frozen=True, eq=False)
class _Division:
    """The last division of a region.

    Attributes:
        plan: what it took.
        seeds: x and y in the region's window, and id, (N, 3) int32.
        ids: of each pixel of the region, row by row, (area,) unsigned.
    """

    plan: _Plan
    seeds: np.ndarray
    ids: np.ndarray


def _plan(inside: np.ndarray, ink: np.ndarray) -> _Plan:
    """The plan of a region, given which pixels of its window are in it and which are ink."""
    paper = inside & ~ink
    if not paper.any():
        paper = inside
    height = edt.edt(paper, black_border=True)
    rooms, _ = _seeds(height, widest=float(height.max()))
    height -= edt.edt(~paper)
    rooms = np.maximum(_filled(np.where(paper, rooms, -1), height), 0)
    side = min(max(round(max(rooms.shape) / SQUARES), 1), LARGEST)
    cell, ways = mesh.cut(rooms, side)
    room = np.zeros(len(ways.middle), np.int32)
    room[cell] = rooms
    cell = np.maximum(_filled(np.where(inside, cell, -1), height), 0)
    passes = _passes(cell, room, height)
    return _Plan(cell[inside].astype(np.min_scalar_type(room.size)), ways, room, passes)


def _passes(cell: np.ndarray, room: np.ndarray, height: np.ndarray) -> list[list[_Pass]]:
    """The passes of a plan; a pass is as high as the lower one of its two pixels.

    Args:
        cell: of each pixel, (H, W) int32; 0 outside the region.
        room: of each cell, (C + 1,) int32.
        height: of each pixel, (H, W) float32: its distance to ink, or, negative, to paper.
    """
    heights, sides = [], []
    for cells, level in ((cell, height), (cell.T, height.T)):
        here, there = cells[1:], cells[:-1]
        at = (room[here] != room[there]) & (here > 0) & (there > 0)
        heights.append(np.minimum(level[1:], level[:-1])[at])
        sides.append(np.stack([here[at], there[at]]))
    heights, (here, there) = np.concatenate(heights), np.concatenate(sides, axis=1)
    order = np.argsort(-heights, kind="stable")
    low, high = np.sort([room[here[order]], room[there[order]]], axis=0).astype(np.int64)
    _, highest = np.unique(low * room.size + high, return_index=True)

    passes: list[list[_Pass]] = [[] for _ in range(int(room.max()) + 1)]
    for at in order[highest]:
        level, one, other = float(heights[at]), int(here[at]), int(there[at])
        passes[room[one]].append((level, one, other))
        passes[room[other]].append((level, other, one))
    return passes


def _share(plan: _Plan, inside: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """Share a region out among seeds: the ids of a `_Division`.

    A room with seeds of one id is theirs. One with several is divided halfway; one without any goes
    as a whole to what is beyond a pass. The ink goes with the paper beside it.
    """
    x, y, name = seeds.T
    pixels = np.flatnonzero(inside)
    seeded = np.searchsorted(pixels, y * inside.shape[1] + x)
    cell = plan.cell[seeded].astype(np.int32)
    room = plan.room[cell]

    owner = np.zeros(len(plan.passes), np.int32)
    owner[room] = name
    open_ = np.zeros(len(plan.passes), bool)
    open_[room[owner[room] != name]] = True
    owner[open_] = 0

    among = open_[room]
    waves = mesh.run(plan.mesh, seeds[among, :2], cell[among])
    names = np.append(name[among], 0).astype(np.int32)
    ids = names[waves.first]
    _settle(owner, ids, plan, np.unique(room))
    ids = np.where(waves.first < 0, owner[plan.room], ids)[plan.cell]

    close = np.flatnonzero(waves.meeting(names)[plan.cell])
    to_y, to_x = np.divmod(pixels[close], inside.shape[1])
    ids[close] = names[waves.at(to_x, to_y, plan.cell[close])]
    ids[seeded] = name
    return ids.astype(np.min_scalar_type(int(name.max())))


def _settle(owner: np.ndarray, ids: np.ndarray, plan: _Plan, seeded: np.ndarray) -> None:
    """Give each room without a seed to what lies beyond its highest pass that leads to a seed.

    Args:
        owner: the id of each room, (rooms + 1,), written here for rooms without a seed; 0 where
            there are several.
        ids: of the cells of those with several, (C + 1,).
        seeded: the rooms with a seed.
    """
    settled = np.zeros(owner.size, bool)
    settled[seeded] = True
    ahead = [(-height, here, there) for room in seeded for height, here, there in plan.passes[room]]
    heapq.heapify(ahead)
    while ahead:
        _, here, there = heapq.heappop(ahead)
        room = plan.room[there]
        if not settled[room]:
            settled[room] = True
            owner[room] = owner[plan.room[here]] or ids[here]
            for height, here, there in plan.passes[room]:
                heapq.heappush(ahead, (-height, here, there))


# Ink ----------------------------------------------------------------------------------------------


def _inked(coverage: np.ndarray) -> np.ndarray:
    """The pixels that belong to lines, (H, W) bool, of coverage (H, W) uint8.

    Weak ink counts where it hangs on to strong ink; how weak depends on the drawing, so that faint
    pencil on grey paper holds as well as black ink on white does.
    """
    pixels = np.bincount(coverage.ravel(), minlength=256)
    split = _otsu(pixels)
    # At least a quarter of a drawing is bare paper. A twentieth and a quarter of normal noise are
    # one standard deviation apart.
    low, paper = np.searchsorted(np.cumsum(pixels), np.array([0.05, 0.25]) * coverage.size)
    grain = min(GRAIN * (paper - low), 2 * WEAKEST)
    paper = min(paper, split)
    weak = max(np.clip((split - paper) / 2, FAINTEST, WEAKEST), grain)

    coverage = np.maximum(coverage, np.uint8(paper)) - np.uint8(paper)
    ink = (coverage >= weak) & (coverage >= np.float32(EDGE) * dilate(coverage, 1))
    strokes, count = _components(ink, connectivity=8)
    kept = np.bincount(strokes.ravel(), minlength=count + 1) >= SPECK
    strong = np.zeros(count + 1, bool)
    strong[strokes[coverage >= 2 * weak]] = True
    kept &= strong
    kept[0] = False
    return kept[strokes]


def _otsu(pixels: np.ndarray) -> int:
    """The brightest value of paper in a histogram, (256,), that is split into paper and ink.

    Otsu, "A threshold selection method from gray-level histograms", 1979.
    """
    below, weight = np.cumsum(pixels.astype(np.float64)), np.cumsum(pixels * np.arange(256.0))
    apart = (weight[-1] * below - weight * below[-1]) ** 2
    return int(np.argmax(apart / np.maximum(below * (below[-1] - below), 1)))


def _without_specks(mask: np.ndarray, smallest: int, connectivity: Literal[4, 8]) -> np.ndarray:
    """`mask`, (H, W) bool, without its connected parts of fewer than `smallest` pixels."""
    parts, count = _components(mask, connectivity)
    kept = np.bincount(parts.ravel(), minlength=count + 1) >= smallest
    kept[0] = False
    return kept[parts]


def _components(mask: np.ndarray, connectivity: Literal[4, 8]) -> tuple[np.ndarray, int]:
    return cc3d.connected_components(
        mask, connectivity=connectivity, return_N=True, binary_image=True
    )


# Seeds --------------------------------------------------------------------------------------------


def _seeds(depth: np.ndarray, widest: float) -> tuple[np.ndarray, int]:
    """One seed, a connected part, for each region: (H, W) int32, 0 elsewhere; and their number.

    A seed is all of a closed area that no break parts from another, or else as much of it as was
    seen before it met another one.

    Args:
        depth: distance of the paper to the nearest line, (H, W) float32, 0 on lines.
        widest: the depth up to which a passage may be a break.
    """
    seeds = np.zeros(depth.shape, np.int32)
    count = 0
    heights = depth.ravel()
    peaks = np.flatnonzero(_is_peak(depth) & (depth > 0))
    peaks = peaks[np.argsort(-heights[peaks], kind="stable")]  # the deeper of two comes first
    alive = np.empty(0, np.intp)  # the deepest pixel of each area seen, the deepest first
    name = np.empty(0, np.int32)  # its seed, or 0 while it has met no other
    above, areas = np.inf, np.zeros(depth.shape, np.uint32)
    for level in _levels(widest):
        before, (areas, total) = areas, _components(depth > level, connectivity=4)
        area_of = areas.ravel()

        seen, peaks = np.split(peaks, [np.count_nonzero(heights[peaks] > level)])
        occupied = np.zeros(total + 1, bool)
        occupied[area_of[alive]] = True
        seen = seen[~occupied[area_of[seen]]]
        seen = seen[np.sort(np.unique(area_of[seen], return_index=True)[1])]
        alive, name = np.append(alive, seen), np.append(name, np.zeros(seen.size, np.int32))

        first = np.zeros(alive.size, bool)
        first[np.unique(area_of[alive], return_index=True)[1]] = True
        survives = first | (heights[alive] >= NARROW * above)
        alive, name = alive[survives], name[survives]

        shares = np.bincount(area_of[alive], minlength=total + 1)[area_of[alive]] > 1
        parted = shares & (name == 0)
        if parted.any():
            name[parted] = count + 1 + np.arange(np.count_nonzero(parted))
            count = _mark(seeds, before, alive[parted], name[parted])
        above = level
    alone = name == 0
    name[alone] = count + 1 + np.arange(np.count_nonzero(alone))
    if alone.any():
        count = _mark(seeds, areas, alive[alone], name[alone])
    return seeds, count


def _levels(widest: float) -> Iterator[float]:
    level, finest = widest, FINEST * min(2 * widest, GAP)
    while level > finest:
        yield level
        level *= FALL
    yield 0.0


def _mark(seeds: np.ndarray, areas: np.ndarray, pixel: np.ndarray, name: np.ndarray) -> int:
    """Write each name into `seeds`, all over the area that holds its pixel; gives the last name."""
    name_of = np.zeros(int(areas.max()) + 1, np.int32)
    name_of[areas.ravel()[pixel]] = name
    seeds += name_of[areas]
    return int(name[-1])


def _is_peak(depth: np.ndarray) -> np.ndarray:
    """Where no neighbour of (H, W), of four, is deeper: (H, W) bool."""
    peak = np.ones(depth.shape, bool)
    peak[1:] &= depth[1:] >= depth[:-1]
    peak[:-1] &= depth[:-1] >= depth[1:]
    peak[:, 1:] &= depth[:, 1:] >= depth[:, :-1]
    peak[:, :-1] &= depth[:, :-1] >= depth[:, 1:]
    return peak


def _deepest(depth: np.ndarray, pixels: np.ndarray, label: np.ndarray, count: int) -> np.ndarray:
    """Of `pixels`, flat indices, the deepest of each label, (count + 1,); -1 if there is none."""
    best = np.full(count + 1, -1)
    order = np.argsort(depth.ravel()[pixels], kind="stable")
    best[label.ravel()[pixels[order]]] = pixels[order]  # the last one written stays
    return best


# Flood --------------------------------------------------------------------------------------------


def _filled(label: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Flood 0 in `label`, (H, W) int32, from high to low. Negative labels neither take nor give."""
    top = height[label == 0].max(initial=0)
    order = np.rint((top - np.minimum(height, top)) * np.float32(_STEPS_PER_PIXEL))
    return _flood(label, np.pad(order.astype(np.uint16), 1))


def _flood(label: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Spread positive labels over 0, (H, W) int32, to neighbours of four, in a given order.

    Args:
        order: when the turn of each pixel to spread comes, an int, (H + 2, W + 2) with a frame.
    """
    framed = np.pad(label, 1, constant_values=-1)
    stride = framed.shape[1]
    steps = (-stride, -1, 1, stride)
    flat, order = framed.ravel(), order.ravel()

    beside = np.zeros(label.shape, bool)
    empty = framed == 0
    for rows, columns in ((0, 1), (1, 0), (1, 2), (2, 1)):
        beside |= empty[rows : rows + label.shape[0], columns : columns + label.shape[1]]
    y, x = np.nonzero(beside & (label > 0))
    front = (y + 1) * stride + x + 1

    waiting: dict[int, list[np.ndarray]] = {}
    turns: list[int] = []
    now = -1
    while True:
        while front.size:
            found = []
            for step in steps:
                near = front + step
                free = flat[near] == 0
                near = near[free]
                flat[near] = flat[front[free]]  # taken at once, so no other step finds it again
                found.append(near)
            front = np.concatenate(found)
            turn = order[front]
            later = turn > now
            for when, pixels in _groups(turn[later], front[later]):
                if when not in waiting:
                    heapq.heappush(turns, when)
                waiting.setdefault(when, []).append(pixels)
            front = front[~later]
        if not turns:
            return framed[1:-1, 1:-1]
        now = heapq.heappop(turns)
        front = np.concatenate(waiting.pop(now))


def _groups(key: np.ndarray, value: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """The values of each key."""
    order = np.argsort(key, kind="stable")
    key, value = key[order], value[order]
    ends = [*(np.flatnonzero(key[1:] != key[:-1]) + 1).tolist(), key.size]
    start = 0
    for end in ends if key.size else ():
        yield int(key[start]), value[start:end]
        start = end
