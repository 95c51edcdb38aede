"""A fully convolutional network over a picture of any size, in overlapping tiles when it is large.

Two tiles that meet see the same picture around their common edge, so they agree there as far as
the network can tell; a short linear ramp from one to the other hides what rounding is left.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

RAMP = 32
"""Pixels over which one tile gives way to the next, half of them on either side of the edge."""


def run_tiled(
    function: Callable[[np.ndarray], np.ndarray],
    batch: np.ndarray,
    *,
    tile: int,
    halo: int,
    multiple: int,
    channels: int,
    stride: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> np.ndarray:
    """Apply `function` to a picture in as few and as even pieces as `tile` allows.

    The result equals that of one piece if `halo` is at least the radius of the receptive field.

    Args:
        function: maps (1, C, h, w) float32 to (1, channels, h / stride, w / stride), h and w
            multiples of `multiple`.
        batch: one picture, (1, C, H, W) float32; H and W at least 1.
        tile: a piece covers about `tile` x `tile` pixels, in any shape, its margins not counted;
            at least `multiple`.
        halo: pixels of true surroundings behind every pixel that is used, on the inner sides.
        multiple: the phase of the network's pooling; every piece starts at a multiple of it.
        channels: the number of output channels.
        stride: the answer has one value for stride x stride pixels; divides `multiple`.
        progress: called with (done, total) after each piece.

    Returns:
        (1, channels, ceil(H / stride), ceil(W / stride)) float32.
    """
    height, width = batch.shape[2:]
    margin = _round_up(halo + RAMP // 2, multiple)
    rows, columns = _grid(height, width, tile=tile, margin=margin, multiple=multiple)
    pieces = list(
        product(
            _spans(height, rows, margin=margin, multiple=multiple, stride=stride),
            _spans(width, columns, margin=margin, multiple=multiple, stride=stride),
        )
    )
    places = (math.ceil(height / stride), math.ceil(width / stride))
    output = np.zeros((1, channels, *places), np.float32)
    for done, (y, x) in enumerate(pieces, start=1):
        result = function(_pad(batch[..., y.window, x.window], multiple))
        result = result[..., : len(y.weight), : len(x.weight)]
        output[..., y.places, x.places] += result * (y.weight[:, None] * x.weight)
        if progress:
            progress(done, len(pieces))
    return output


@dataclass(frozen=True, eq=False)
class _Span:
    """One axis of a piece: the pixels it reads, the places of the answer that it has a share in."""

    window: slice
    places: slice
    weight: np.ndarray


def _spans(size: int, count: int, *, margin: int, multiple: int, stride: int) -> list[_Span]:
    """Cut `size` pixels into `count` overlapping spans whose weights add up to 1 everywhere."""
    blocks = math.ceil(size / multiple)
    cuts = [blocks * i // count * multiple for i in range(1, count)]
    spans = []
    for start, stop in pairwise([-math.inf, *cuts, math.inf]):
        first, last = int(max(start - margin, 0)), int(min(stop + margin, size))
        places = slice(first // stride, math.ceil(last / stride))
        centres = (np.arange(places.start, places.stop) + 0.5) * stride
        # Each cut's rise is added by the span behind it and taken away by the span before it, so
        # the sum is exactly 1 even where spans are shorter than the ramp.
        weight = _rise(centres - start) - _rise(centres - stop)
        spans.append(_Span(slice(first, last), places, weight.astype(np.float32)))
    return spans


def _rise(distance: np.ndarray) -> np.ndarray:
    return np.clip(distance / RAMP + 0.5, 0.0, 1.0)


def _grid(height: int, width: int, *, tile: int, margin: int, multiple: int) -> tuple[int, int]:
    """Return the (rows, columns) that compute the fewest pixels, margins included."""
    blocks_y, blocks_x = math.ceil(height / multiple), math.ceil(width / multiple)
    pieces = math.ceil(blocks_y * blocks_x * multiple**2 / tile**2)
    grids = [(rows, math.ceil(pieces / rows)) for rows in range(1, min(pieces, blocks_y) + 1)]

    def computed(grid: tuple[int, int]) -> int:
        rows, columns = grid
        return (height + 2 * margin * (rows - 1)) * (width + 2 * margin * (columns - 1))

    return min((grid for grid in grids if grid[1] <= blocks_x), key=computed)


def _pad(piece: np.ndarray, multiple: int) -> np.ndarray:
    """Fill up the right and the bottom to the multiple.

    By reflection about the last pixel: repeating it would turn a line along the border into a
    broad black bar, and a line that runs out of the picture would bend. (NumPy reflects as often
    as it takes, and repeats the pixel where there is only one.)
    """
    height, width = piece.shape[2:]
    bottom, right = -height % multiple, -width % multiple
    return np.pad(piece, ((0, 0), (0, 0), (0, bottom), (0, right)), mode="reflect")


def _round_up(value: int, multiple: int) -> int:
    return math.ceil(value / multiple) * multiple
