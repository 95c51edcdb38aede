"""Line maps: their skeleton, their styles, and how they are laid on paper.

A line map is a coverage, (H, W) float32 in [0, 1]: 0 is paper, 1 is ink. Ink covers a small part
of most drawings, so whatever is not a plain pass over the picture works on the coordinates of the
ink: time and memory then follow the amount of ink.
"""

import itertools
from collections.abc import Callable

import numpy as np

PAPER = 0.12
"""Coverage up to which `soft` leaves paper white: above the network's haze on flat paper."""

SOLID = 0.88
"""Coverage from which `soft` is full ink: a network seldom says 1, even in the middle of a line."""

WEAK = 0.2
"""Coverage that continues a line for `ink` and `thinned`."""

STRONG = 0.4
"""Coverage that a line must reach somewhere to be kept by `ink` and `thinned`."""

SPECK = 8
"""Pixels below which a mark is a speck, not a stroke: less than a dot of 3x3."""

CRISPNESS = 1.5
"""How much steeper `ink` makes an edge; at 2, thin slanted lines begin to look like a staircase."""

HAIRLINE = 1.5
"""Width in pixels of a line of `thinned`: the least at which slanted lines look even."""

SMOOTHING = 6
"""Rounds in which a hairline's points move towards their neighbours: evens out the pixel steps."""

STROKE_REACH = 2
"""Pixels from the edge of a stroke at which `ink` looks for its middle: past a blurred edge."""

COLOUR_REACH = 2
"""Pixels around a pixel in which its ink colour is looked for: past a blurred edge, not further."""


def thin(mask: np.ndarray) -> np.ndarray:
    """Reduce ink, (H, W) bool, to a skeleton one pixel wide, (H, W) bool.

    Connectivity is kept: no stroke is parted, no two are joined, no loop is opened or filled.

    Guo and Hall, "Parallel thinning with two-subiteration algorithms", 1989. (The older algorithm
    of Zhang and Suen, 1984, erases squares of 2x2 and leaves slanted lines two pixels wide.)
    """
    height, width = mask.shape
    state = np.pad(mask, 2).astype(np.uint8).ravel()
    ring = [dy * (width + 4) + dx for dy, dx in _RING]

    # A pixel's verdict changes only when its surroundings do, so a step looks only at ink beside
    # pixels removed since the same table was last used. To begin with, that is the paper around.
    last, before = _outline(state, width + 4), np.empty(0, np.intp)
    table, other = _GUO_HALL
    while last.size or before.size:
        border = _ink_beside(np.concatenate([last, before]), state, ring)
        around = np.zeros(border.size, np.uint8)
        for bit, step in enumerate(ring):
            around |= state[border + step] << np.uint8(bit)
        last, before = border[table[around]], last
        state[last] = 0
        table, other = other, table
    return state.reshape(height + 4, width + 4)[2:-2, 2:-2].astype(bool)


def soft(coverage: np.ndarray) -> np.ndarray:
    """Grey, antialiased lines as the network drew them, (H, W), on paper that is exactly 0."""
    return np.clip((coverage - np.float32(PAPER)) / np.float32(SOLID - PAPER), 0, 1)


def ink(coverage: np.ndarray) -> np.ndarray:
    """Solid ink, (H, W): strokes full black with an antialiased edge, specks left out.

    A stroke's edge lies where coverage falls to half of what it is in the stroke's middle. No
    stroke is thinner than a hairline: a finer one would look like a staircase, and one that the
    network was unsure of would end short of a surer one that it meets.
    """
    strokes = _strokes(coverage)
    return np.maximum(_filled(coverage, strokes), _hairline(coverage, thin(strokes)))


def thinned(coverage: np.ndarray) -> np.ndarray:
    """Hairlines of one even, antialiased width, (H, W), along the middle of the ink."""
    return _hairline(coverage, thin(_strokes(coverage)))


STYLES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "soft": soft,
    "ink": ink,
    "thin": thinned,
}


def over_white(coverage: np.ndarray) -> np.ndarray:
    """Lay black ink over white paper: (H, W) uint8, 255 is paper."""
    return 255 - _to_byte(coverage)


def recolour(coverage: np.ndarray, rgb: np.ndarray) -> np.ndarray:
    """Lay ink in the colours that it has in the picture `rgb` over white: (H, W, 3) uint8."""
    place = np.flatnonzero(coverage)
    alpha = coverage.ravel()[place, None]
    paper = np.full((coverage.size, 3), 255, np.uint8)
    paper[place] = np.rint(255 * (1 - alpha) + _ink_colour(coverage, rgb, place) * alpha)
    return paper.reshape(*coverage.shape, 3)


def as_transparent(coverage: np.ndarray, rgb: np.ndarray | None = None) -> np.ndarray:
    """Ink on nothing, (H, W, 4) uint8 with straight alpha: black, or in its colours in `rgb`."""
    layer = np.zeros((coverage.size, 4), np.uint8)
    layer[:, 3] = _to_byte(coverage).ravel()
    if rgb is not None:
        place = np.flatnonzero(layer[:, 3])
        layer[place, :3] = _ink_colour(coverage, rgb, place)
    return layer.reshape(*coverage.shape, 4)


def dilate(image: np.ndarray, radius: int) -> np.ndarray:
    """Maximum of (H, W) over the square of 2 x `radius` + 1 pixels around each, border included."""
    for axis in (0, 1):
        image = np.moveaxis(image, axis, 0)
        spread = image.copy(order="K")
        for shift in range(1, min(radius, len(image) - 1) + 1):
            np.maximum(spread[shift:], image[:-shift], out=spread[shift:])
            np.maximum(spread[:-shift], image[shift:], out=spread[:-shift])
        image = np.moveaxis(spread, 0, axis)
    return image


def _to_byte(coverage: np.ndarray) -> np.ndarray:
    return np.rint(coverage * np.float32(255)).astype(np.uint8)


# Thinning -----------------------------------------------------------------------------------------

# The neighbours P2 to P9 of the paper, clockwise from the north; bit 0 of a neighbourhood is P2.
_RING = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))


def _guo_hall() -> tuple[np.ndarray, np.ndarray]:
    """For each sub-iteration, which of the 256 neighbourhoods let their centre be removed."""
    bits = (np.arange(256) >> np.arange(8)[:, None] & 1).astype(bool)
    p2, p3, p4, p5, p6, p7, p8, p9 = bits
    crossings = np.sum([~p2 & (p3 | p4), ~p4 & (p5 | p6), ~p6 & (p7 | p8), ~p8 & (p9 | p2)], axis=0)
    near = np.minimum(
        np.sum([p9 | p2, p3 | p4, p5 | p6, p7 | p8], axis=0),
        np.sum([p2 | p3, p4 | p5, p6 | p7, p8 | p9], axis=0),
    )
    removable = (crossings == 1) & (near >= 2) & (near <= 3)
    return removable & ~((p6 | p7 | ~p9) & p8), removable & ~((p2 | p3 | ~p5) & p4)


_GUO_HALL = _guo_hall()


def _outline(state: np.ndarray, stride: int) -> np.ndarray:
    """Flat indices of the paper pixels that share an edge with ink."""
    inner = state[stride:-stride]
    beside = state[: -2 * stride] | state[2 * stride :]
    beside |= state[stride - 1 : -stride - 1]
    beside |= state[stride + 1 : state.size - stride + 1]
    return np.flatnonzero(beside > inner) + stride


def _ink_beside(pixels: np.ndarray, state: np.ndarray, ring: list[int]) -> np.ndarray:
    """Flat indices of the ink (1 in `state`) around `pixels`, which are distinct; each once."""
    found = []
    for step in ring:
        near = pixels + step
        near = near[state[near] == 1]
        state[near] = 2  # so that the next direction does not find it again
        found.append(near)
    beside = np.concatenate(found)
    state[beside] = 1
    return beside


# Strokes ------------------------------------------------------------------------------------------


def _strokes(coverage: np.ndarray) -> np.ndarray:
    """The ink worth keeping, (H, W) bool: all weak ink that is connected to strong ink, no specks.

    Hysteresis as in Canny, "A computational approach to edge detection", 1986. The connected
    components (of eight neighbours) are those of the runs of weak ink along the rows.
    """
    height, width = coverage.shape
    stride = width + 1  # a column of paper between the rows, and a row of it at the end
    weak = np.pad(coverage >= WEAK, ((0, 1), (1, 0))).ravel()
    strong = np.pad(coverage >= STRONG, ((0, 1), (1, 0))).ravel()
    bounds = np.flatnonzero(weak[1:] != weak[:-1]) + 1
    if not bounds.size:
        return np.zeros(coverage.shape, bool)

    starts, stops = bounds[::2], bounds[1::2]
    first = np.searchsorted(stops, starts + stride)
    touching = np.searchsorted(starts, stops + stride, side="right") - first
    above = np.repeat(np.arange(starts.size), touching)
    below = np.arange(above.size) + np.repeat(first - np.cumsum(touching) + touching, touching)
    stroke = _connect(starts.size, above, below)

    pixels = np.bincount(stroke, weights=stops - starts, minlength=starts.size)
    seeds = np.bincount(stroke, weights=np.logical_or.reduceat(strong, bounds)[::2])
    runs = np.zeros(bounds.size + 1, bool)
    runs[1::2] = (pixels >= SPECK)[stroke] & (seeds > 0)[stroke]
    kept = np.repeat(runs, np.diff(bounds, prepend=0, append=weak.size))
    return kept.reshape(height + 1, stride)[:height, 1:]


def _connect(count: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Name of the component of each of `count` items, given pairs: its smallest member, (count,).

    Hooking and pointer jumping: Shiloach and Vishkin, "An O(log n) parallel connectivity
    algorithm", 1982.
    """
    root = np.arange(count)
    while left.size:
        a, b = root[left], root[right]
        apart = a != b
        left, right, a, b = left[apart], right[apart], a[apart], b[apart]
        np.minimum.at(root, np.maximum(a, b), np.minimum(a, b))
        while not np.array_equal(root, upper := root[root]):
            root = upper
    return root


def _filled(coverage: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """The kept strokes as solid ink, (H, W) float32: relative to the coverage of their middle."""
    share = soft(coverage)  # relative to a faint middle, haze would show beside it
    share *= np.float32(255)
    share /= np.maximum(dilate(np.rint(share).astype(np.uint8), STROKE_REACH), 1)
    share -= np.float32(0.5)
    share *= np.float32(CRISPNESS)
    share += np.float32(0.5)
    return np.clip(share, 0, dilate(kept, 1), out=share)  # the edge lies just outside what is kept


# Hairlines ----------------------------------------------------------------------------------------


def _hairline(coverage: np.ndarray, skeleton: np.ndarray) -> np.ndarray:
    """Draw a skeleton, (H, W) bool, as lines of an even width, (H, W) float32."""
    y, x = np.nonzero(skeleton)
    start, stop = _links(skeleton.shape[1], y, x)
    dots = np.flatnonzero(np.bincount(np.concatenate([start, stop]), minlength=y.size) == 0)

    points = _centred(coverage, y, x)
    for _ in range(SMOOTHING):
        points = _relaxed(points, start, stop)
    start, stop = np.concatenate([start, dots]), np.concatenate([stop, dots])
    canvas = np.zeros(skeleton.shape, np.float32)
    for block in range(0, start.size, 1 << 15):  # what the processor's cache holds
        part = slice(block, block + (1 << 15))
        _draw_segments(canvas, points[:, start[part]], points[:, stop[part]])
    return canvas


def _links(width: int, y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of touching pixels among (y, x), given in reading order, as indices into them."""
    place = y * width + x
    pairs = [np.empty((2, 0), np.intp)]
    for dy, dx in ((0, 1), (1, -1), (1, 0), (1, 1)) if place.size else ():
        start = np.flatnonzero((x + dx >= 0) & (x + dx < width))
        there = place[start] + dy * width + dx
        stop = np.minimum(np.searchsorted(place, there), place.size - 1)
        pairs.append(np.stack([start, stop])[:, place[stop] == there])
    start, stop = np.concatenate(pairs, axis=1)
    return start, stop


def _centred(coverage: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The pixels (y, x) moved to the centre of the ink in the 3x3 pixels around each, (2, N)."""
    height, width = coverage.shape
    total = np.full(y.size, 1e-6)
    moment = np.zeros((2, y.size))
    for dy, dx in (*_RING, (0, 0)):
        there_y, there_x = y + dy, x + dx
        inside = (there_y >= 0) & (there_y < height) & (there_x >= 0) & (there_x < width)
        weight = coverage[there_y * inside, there_x * inside] * inside
        total += weight
        moment += weight * np.array([[dy], [dx]])
    return moment / total + (y, x)


def _relaxed(points: np.ndarray, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """Move all points, (2, N), to the mean of themselves and those linked; ends of lines stay."""
    count = points.shape[1]
    links = np.bincount(start, minlength=count) + np.bincount(stop, minlength=count)
    linked = [
        np.bincount(start, at[stop], count) + np.bincount(stop, at[start], count) for at in points
    ]
    return np.where(links > 1, (points + linked) / (1 + links), points)


def _draw_segments(canvas: np.ndarray, start: np.ndarray, stop: np.ndarray) -> None:
    """Draw segments of at most 2.5 pixels, (2, N) y and x, onto (H, W) float32, antialiased."""
    height, width = canvas.shape
    middle = np.rint((start + stop) / 2)
    from_y, from_x = (start - middle).astype(np.float32)  # float32 will do near the middle
    along_y, along_x = (stop - start).astype(np.float32)
    length2 = np.maximum(along_y**2 + along_x**2, np.float32(1e-12))
    middle_y, middle_x = middle.astype(np.intp)
    for dy, dx in itertools.product(range(-2, 3), repeat=2):
        to_y, to_x = np.float32(dy) - from_y, np.float32(dx) - from_x
        share = np.clip((to_y * along_y + to_x * along_x) / length2, 0, 1)
        distance = np.sqrt((to_y - share * along_y) ** 2 + (to_x - share * along_x) ** 2)
        drawn = np.clip(np.float32(HAIRLINE / 2 + 0.5) - distance, 0, 1)
        y, x = middle_y + dy, middle_x + dx
        on = (drawn > 0) & (y >= 0) & (y < height) & (x >= 0) & (x < width)
        np.maximum.at(canvas, (y[on], x[on]), drawn[on])


# Colour -------------------------------------------------------------------------------------------


def _ink_colour(coverage: np.ndarray, rgb: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The colour of the ink at flat indices, (N, 3) uint8: that of the most line-like pixel nearby.

    An antialiased edge is a mixture of ink and paint. The pixel of most coverage close to it is
    in the middle of the stroke, and has the ink's colour alone; where coverage can't tell, the
    darker one is taken.
    """
    light = rgb[..., 0] * np.float32(0.299)
    light += rgb[..., 1] * np.float32(0.587)
    light += rgb[..., 2] * np.float32(0.114)
    likeness = np.pad(_to_byte(coverage * (1 - light / np.float32(256))), COLOUR_REACH)

    width, stride = coverage.shape[1], likeness.shape[1]
    reach = range(-COLOUR_REACH, COLOUR_REACH + 1)
    padded = (place // width + COLOUR_REACH) * stride + place % width + COLOUR_REACH
    likeness = likeness.ravel()
    best = np.zeros(place.size, np.uint8)
    source = place.copy()
    # From near to far, so that of equals the nearest wins and a solid stroke keeps its colours.
    for dy, dx in sorted(itertools.product(reach, reach), key=lambda d: d[0] ** 2 + d[1] ** 2):
        there = likeness[padded + (dy * stride + dx)]
        better = there > best
        np.copyto(best, there, where=better)
        np.copyto(source, place + (dy * width + dx), where=better)
    return rgb.reshape(-1, 3)[source]
