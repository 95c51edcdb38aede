"""Drawings and sets small enough to know every pixel of; for the tests of data and training."""

import functools
from dataclasses import replace

import numpy as np
from scipy import ndimage

from nurie.data.render import SIZE, Layers
from nurie.data.shards import SCALES, Entry, Shard, _shrink
from nurie.data.sources import Drawing

SQUARE = '<rect x="20" y="20" width="60" height="60"'


def drawing(body: str, *, ink: str = "groups", name: str = "one", box: str = "0 0 100 100"):
    """A drawing of 100 x 100 units, so that a unit is 2.56 pixels of the largest scale."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{body}</svg>'
    return Drawing(name, "hand-made", name, "CC0 1.0", "the tests", svg=svg, ink=ink)


def inked_square(color: str = "#f00", name: str = "square") -> Drawing:
    """A square from 20 to 80 with an outline 4 wide, half of it outside."""
    return drawing(
        f'<g id="color">{SQUARE} fill="{color}"/></g>'
        f'<g id="line">{SQUARE} fill="none" stroke="#000" stroke-width="4"/></g>',
        name=name,
    )


def inked_ring(radius: float, name: str) -> Drawing:
    """A disc about the middle with an outline 4 wide: radii 6 apart share no pixel of ink."""
    ring = f'<circle cx="50" cy="50" r="{radius}"'
    return drawing(
        f'<g id="color">{ring} fill="#37c"/></g>'
        f'<g id="line">{ring} fill="none" stroke="#000" stroke-width="4"/></g>',
        name=name,
    )


def layers(*, paint: tuple[slice, ...] | None = None, ink: tuple[slice, ...] | None = None):
    """Grey paint and black ink in boxes of pixels, (SIZE, SIZE); the edge is the paint's rim."""
    fill = np.zeros((SIZE, SIZE, 4), np.uint8)
    line = np.zeros((SIZE, SIZE), np.uint8)
    if paint:
        fill[paint] = (200, 200, 200, 255)
    if ink:
        line[ink] = 255
    painted = fill[..., 3] > 0
    rim = painted & np.logical_not(ndimage.binary_erosion(painted, iterations=2))
    return Layers(fill, line, line, rim.astype(np.uint8) * 255, painted.astype(np.uint8))


def frame(*box: slice, width: int = 2) -> np.ndarray:
    """Ink along the inside of a box, (SIZE, SIZE) uint8."""
    line = np.zeros((SIZE, SIZE), np.uint8)
    line[box] = 255
    inner = (slice((side.start or 0) + width, (side.stop or SIZE) - width) for side in box)
    line[tuple(inner)] = 0
    return line


def framed(*box: slice, width: int = 2) -> Layers:
    """Grey paint in a box, outlined all around."""
    line = frame(*box, width=width)
    return replace(layers(paint=box), line=line, hairline=line)


@functools.cache
def _pyramid(drawn: Layers) -> dict[int, dict[str, np.ndarray]]:
    return {scale: _shrink(drawn, SIZE // scale) for scale in SCALES}


def shard(*drawn: Layers, held_out: int = 0) -> Shard:
    """A set in memory; its last `held_out` drawings are held out."""
    pyramids = [_pyramid(one) for one in drawn]
    arrays = {
        (kind, scale): np.stack([pyramid[scale][kind] for pyramid in pyramids])
        for scale in SCALES
        for kind in pyramids[0][scale]
    }
    entry = Entry("one", "hand-made", "one", "CC0 1.0", "the tests", "train", "")
    unseen = range(len(drawn) - held_out, len(drawn))
    entries = [replace(entry, name=str(n)) for n in range(len(drawn))]
    return Shard(
        tuple(replace(e, split="held-out") if n in unseen else e for n, e in enumerate(entries)),
        arrays,
    )
