"""Shade: painted forms rounded as if inflated, and darker where they turn away from the light.

A form is whatever touches in one colour. Its height is the root of a solution of the Poisson
equation inside its outline, which makes a disc a hemisphere and an arm a cylinder, without a ridge
in the middle. An outline belongs to the form in front; what lies behind goes on beneath it as it
was, so that a mouth doesn't dent a face, nor a house the sky. Both are the ways of Sýkora et al.,
"Ink-and-ray: bas-relief meshes for adding global illumination effects to hand-drawn characters",
2014. Here a screening term lets heights level off inside, so that a large form is round at its rim
alone, and two cues say what is in front: what is surrounded is in front of what surrounds it, and
what fills the edges of the picture is behind everything.
"""

import itertools
import math
from dataclasses import dataclass

import cc3d
import numpy as np

from nurie.core.regions import Regions

WIDTH = 0.08
"""How far into a form its rim rounds off, as a share of the picture's short edge."""

FOLD = 9.0
"""How deep a line presses in the form that it crosses; 0 leaves it as it is. The background has no
folds."""

TERMINATOR, DARKEST = 0.12, 0.85
"""Sines of the slopes away from the light at which shade begins and is full."""

SURROUNDED = 0.2, 0.5
"""What share of a form's outline a larger one must have, beyond the share of its own outline that
this makes, to begin to be behind it and to be so."""

BACKGROUND = 0.1, 0.2
"""What share of the picture's left, top and right edge a colour must have to begin to be background
and to be so. The bottom edge cuts off portraits."""

TINT = 0.62, 0.55, 0.78
"""What flats are multiplied by in full shade, but for the share `HUE` of their own colour: violet,
greyish."""

HUE = 0.4

CELLS = 600_000
"""Most cells of the grid on which heights are found. They are smooth; it is outlines that must not
lose a pixel, and those are taken from the picture itself."""

SWEEPS = 60
"""Rounds of the solver on each grid."""

SPECTRUM = 0.98
"""Eigenvalue up to which a sweep takes away errors; those beyond it are left to coarser grids."""

COARSEST = 8
"""Cells on the short edge of the coarsest grid, or up to twice as many."""

STRANGER = 1e-4
"""Weight of a cell of another part beside cells of the same part: what is too fine to have a cell
of its own takes its shade from those around."""

_STEPS = (np.s_[:-1, :], np.s_[1:, :]), (np.s_[:, :-1], np.s_[:, 1:])  # cells, and those after them
_TINTS = [np.rint(255 * (1 - HUE) * part + HUE * np.arange(256)).astype(np.uint8) for part in TINT]
_BAND = 1 << 17  # pixels that are shaded at a time: what the processor's cache holds


def shade(
    regions: Regions, flats: np.ndarray, *, light: tuple[float, float] = (-0.6, -0.8)
) -> np.ndarray:
    """Shade to be multiplied onto flats: one tint for each colour, and alpha that says how much.

    Args:
        regions: what the lines divide the drawing into.
        flats: (H, W, 4) uint8 sRGB with straight alpha.
        light: where the light comes from, x to the right and y down; only the direction counts.

    Returns:
        (H, W, 4) uint8 sRGB with straight alpha; 0 where there is no shade, or no paint.
    """
    height, width = flats.shape[:2]
    cell = math.ceil(math.sqrt(height * width / CELLS))
    paint = _packed(flats[::cell, ::cell])
    parts = _parts(regions.label[::cell, ::cell], paint)
    amount = _amount(parts, paint, light)

    parts, amount = _padded(parts), _padded(amount)
    layer = np.empty_like(flats)
    step = max(1, _BAND // (cell * width))
    for top in range(0, len(parts) - 1, step):
        cells = np.s_[top : top + step + 1]
        rows = np.s_[top * cell : (top + step) * cell]
        paint = _packed(flats[rows])
        own = _parts(regions.label[rows], paint)
        alpha = np.rint(255 * _interpolated(amount[cells], parts[cells], own, cell))
        alpha[paint == 0] = 0
        for channel, tint in enumerate(_TINTS):
            layer[rows, :, channel] = tint[flats[rows, :, channel]]
        layer[rows, :, 3] = alpha
        layer[rows][alpha == 0] = 0
    return layer


def _packed(flats: np.ndarray) -> np.ndarray:
    """Colours, (H, W, 4) uint8, as one number each, (H, W) uint32: 0 where nothing is painted."""
    packed = np.ascontiguousarray(flats).view(np.uint32)[..., 0]
    return np.where(flats[..., 3] > 0, packed, np.uint32(0))


def _parts(label: np.ndarray, paint: np.ndarray) -> np.ndarray:
    """Numbers, (H, W) uint32, that are equal where both the region and the paint are the same."""
    return label.astype(np.uint32) * np.uint32(0x9E3779B1) ^ paint


def _padded(cells: np.ndarray) -> np.ndarray:
    """Cells with the last ones once more, for what lies beyond them."""
    return np.pad(cells, ((0, 1), (0, 1)), "edge")


def _interpolated(values: np.ndarray, parts: np.ndarray, own: np.ndarray, cell: int) -> np.ndarray:
    """Values between cells, interpolated among those of the same part: outlines stay sharp.

    Args:
        values: of the cells, (h + 1, w + 1) float32.
        parts: of the cells.
        own: the parts of the pixels between them, at most (h * cell, w * cell).
        cell: pixels from one cell to the next.
    """
    height, width = own.shape
    down, right = (np.arange(size, dtype=np.float32) % cell / cell for size in own.shape)
    total, weights = np.zeros(own.shape, np.float32), np.zeros(own.shape, np.float32)
    for y, x in itertools.product((0, 1), repeat=2):
        part, value = (
            cells[y : len(cells) - 1 + y, x : cells.shape[1] - 1 + x]
            .repeat(cell, axis=0)[:height]
            .repeat(cell, axis=1)[:, :width]
            for cells in (parts, values)
        )
        weight = np.where(part == own, np.float32(1), np.float32(STRANGER))
        weight *= (down if y else 1 - down)[:, None]
        weight *= right if x else 1 - right
        weights += weight
        total += weight * value
    return total / weights


# Light --------------------------------------------------------------------------------------------


def _amount(parts: np.ndarray, paint: np.ndarray, light: tuple[float, float]) -> np.ndarray:
    """How much shade there is on each cell, (h, w) float32 in [0, 1]."""
    forms = cc3d.connected_components(paint, connectivity=4).astype(np.int64)
    bulk, edges = _inflated(parts, forms, _order(forms, paint), WIDTH * min(parts.shape))
    # The height z is the root of 2 bulk. The slope of bulk, z times that of z, is finite even at an
    # outline.
    turned, steepness = np.zeros_like(bulk), 2 * bulk
    length = math.hypot(*light) or 1
    for along, toward in zip(edges, reversed(light), strict=True):
        slope = along.slope(bulk)
        turned += slope * np.float32(toward / length)
        steepness += slope**2
    return _ramp(turned / np.sqrt(steepness), TERMINATOR, DARKEST)


def _ramp(values: np.ndarray, start: float, end: float) -> np.ndarray:
    """From 0 at `start` to 1 at `end`, with soft bends."""
    share = np.clip((values - start) / (end - start), 0, 1)
    return share * share * (3 - 2 * share)


# Front and back -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Order:
    """How far forms lie behind others.

    Attributes:
        background: how far each form is background, (count,) in [0, 1].
        pairs: of a form and one that it touches, `count` times the first plus the second, rising.
        depths: how far the first of each pair is behind the second, in [0, 1].
    """

    background: np.ndarray
    pairs: np.ndarray
    depths: np.ndarray

    def behind(self, forms: np.ndarray, others: np.ndarray) -> np.ndarray:
        """How far forms are behind others, (N,) in [0, 1]; 0 where they don't touch."""
        return _looked_up(forms * self.background.size + others, self.pairs, self.depths)


def _order(forms: np.ndarray, paint: np.ndarray) -> _Order:
    area = np.bincount(forms.ravel())
    color = np.zeros(area.size, np.uint32)
    color[forms] = paint
    frame = np.concatenate([paint[0], paint[:, 0], paint[:, -1]])
    colors, cells = np.unique(frame, return_counts=True)
    background = _ramp(_looked_up(color, colors, cells) / frame.size, *BACKGROUND)

    touching = []
    for low, high in _STEPS:
        differ = forms[low] != forms[high]
        here, there = forms[low][differ], forms[high][differ]
        touching += [here * area.size + there, there * area.size + here]
    pairs, shared = np.unique(np.concatenate(touching), return_counts=True)
    form, other = np.divmod(pairs, area.size)
    outline = np.bincount(form, shared)
    # What lies on a form is no part of the outline that it shows to larger ones.
    larger = area[form] > area[other]
    outer = np.bincount(other[larger], shared[larger], minlength=area.size)
    excess = shared / np.maximum(outer[other], 1) - shared / outline[form]
    depths = np.where(larger, _ramp(excess, *SURROUNDED), 0)
    depths = np.clip(depths + background[form] - background[other], 0, 1)
    return _Order(background, pairs, depths)


def _looked_up(sought: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The values of the keys sought, 0 for those that aren't among `keys`, which rise."""
    if not keys.size:
        return np.zeros(sought.shape)
    at = np.minimum(np.searchsorted(keys, sought), keys.size - 1)
    return np.where(keys[at] == sought, values[at], 0)


# Heights ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Edges:
    """The edges between cells along one axis of the grid.

    Attributes:
        low, high: the cells on the two sides, as slices of the grid.
        flow: how much of each other the two see: 1 within a part, 0 over an outline, and something
            between over a fold, where two parts of one form meet.
        beneath: how much of itself, instead, the cell on either side sees: 1 where its form goes on
            beneath the other. Of what it doesn't see, it sees nothing, a height of 0.
    """

    low: tuple[slice, slice]
    high: tuple[slice, slice]
    flow: np.ndarray
    beneath: tuple[np.ndarray, np.ndarray]

    def slope(self, bulk: np.ndarray) -> np.ndarray:
        """How steeply `bulk` rises along the axis, per cell."""
        rise, edges = np.zeros_like(bulk), np.zeros_like(bulk)
        low, high = bulk[self.low], bulk[self.high]
        rise[self.low] += self.flow * high + (self.beneath[0] - 1) * low
        rise[self.high] -= self.flow * low + (self.beneath[1] - 1) * high
        edges[self.low] += 1
        edges[self.high] += 1
        return rise / np.maximum(edges, 1)


def _inflated(
    parts: np.ndarray, forms: np.ndarray, order: _Order, width: float
) -> tuple[np.ndarray, list[_Edges]]:
    """The bulk of the forms, half their height squared, and the edges that it was found with.

    It solves `bulk / width**2 - laplacian(bulk) = 1`, from coarse grids to fine ones, by Jacobi's
    method sped up as in Golub and Varga, "Chebyshev semi-iterative methods, successive
    overrelaxation iterative methods, and second order Richardson iterative methods", 1961.

    Args:
        parts: what `_parts` gives, (h, w).
        forms: the forms that `order` tells of, (h, w).
        order: which form is behind which.
        width: how far from an outline heights level off, in cells.
    """
    edges = [_edges(parts, forms, order, width, low, high) for low, high in _STEPS]
    if min(parts.shape) < 2 * COARSEST:
        bulk = np.full(parts.shape, width**2, np.float32)
    else:
        coarse, _ = _inflated(parts[::2, ::2], forms[::2, ::2], order, width / 2)
        bulk = _interpolated(_padded(4 * coarse), _padded(parts[::2, ::2]), parts, 2)

    weight = np.full(parts.shape, 1 / width**2, np.float32)
    for along in edges:
        weight[along.low] += 1 - along.beneath[0]
        weight[along.high] += 1 - along.beneath[1]
    kept = (1 - SPECTRUM) / 2  # of a cell in a sweep; without it, a checkerboard would stay one
    source = np.float32(1 - kept) / weight
    flows = [(np.s_[:, :], np.s_[:, :], np.float32(kept))]
    for along in edges:
        flows.append((along.low, along.high, along.flow * source[along.low]))
        flows.append((along.high, along.low, along.flow * source[along.high]))
    before, pace = bulk, 1.0
    for sweep in range(SWEEPS):
        after = source.copy()
        for to, origin, flow in flows:
            after[to] += flow * bulk[origin]
        after -= before
        after *= np.float32(pace)
        after += before
        before, bulk = bulk, after
        pace = 1 / (1 - SPECTRUM**2 * pace / (4 if sweep else 2))
    return np.maximum(bulk, source), edges  # less is no solution, but can come of the speed


def _edges(
    parts: np.ndarray,
    forms: np.ndarray,
    order: _Order,
    width: float,
    low: tuple[slice, slice],
    high: tuple[slice, slice],
) -> _Edges:
    flow = np.ones_like(parts[low], np.float32)
    beneath = np.zeros_like(flow), np.zeros_like(flow)
    y, x = np.nonzero(parts[low] != parts[high])
    here, there = forms[low][y, x], forms[high][y, x]
    fold = np.maximum(1 - FOLD / width * (1 - order.background[here]), 0)
    flow[y, x] = np.where(here == there, fold, 0)
    beneath[0][y, x] = order.behind(here, there)
    beneath[1][y, x] = order.behind(there, here)
    return _Edges(low, high, flow, beneath)
