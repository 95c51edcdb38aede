"""Line work that vector art sets lack: hair, folds, hatching, eyes, boxes, as small SVG drawings.

Each kind is a function of a random generator and draws in a square of 100 units, its paint in the
group "color" and its ink in the group "line", as OpenMoji's drawings do.
"""

from collections.abc import Callable

import numpy as np

Points = np.ndarray  # (n, 2), in units of the square


def _curve(rng: np.random.Generator, start, end, bend: float, samples: int = 24) -> Points:
    """A cubic Bezier curve from start to end, bent to the side by up to `bend` of its length."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    along = end - start
    side = np.array([-along[1], along[0]])
    first = start + along * rng.uniform(0.2, 0.45) + side * rng.uniform(-bend, bend)
    second = start + along * rng.uniform(0.55, 0.8) + side * rng.uniform(-bend, bend)
    return _bezier(start, first, second, end, samples)


def _bezier(a, b, c, d, samples: int = 24) -> Points:
    t = np.linspace(0, 1, samples)[:, None]
    return (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d


def _tapered(points: Points, width: float, ends: tuple[float, float] = (0.1, 0.1)) -> str:
    """A pen stroke along the points: `width` in the middle, `ends` of it at its two ends."""
    tangent = np.gradient(points, axis=0)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    t = np.linspace(0, 1, len(points))
    swell = np.sin(np.pi * t) ** 0.6
    edge = ends[0] * (1 - t) + ends[1] * t
    half = (width / 2 * np.maximum(swell, edge))[:, None]
    outline = np.concatenate([points + normal * half, (points - normal * half)[::-1]])
    return f'<path d="{_closed(outline)}" fill="#000"/>'


def _closed(points: Points) -> str:
    return "M" + "L".join(f"{x:.2f},{y:.2f}" for x, y in points) + "Z"


def _filled(points: Points, color: str) -> str:
    return f'<path d="{_closed(points)}" fill="{color}"/>'


def _color(rng: np.random.Generator) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rng.integers(40, 250, 3))


def _hair(rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """A few locks of hair: a painted shape each, its outline, and fine strands inside."""
    paint, ink = [], []
    color, pen = _color(rng), rng.uniform(0.5, 1.6)
    root = np.array([rng.uniform(30, 70), rng.uniform(3, 15)])
    for _ in range(rng.integers(2, 7)):
        tip = np.array([rng.uniform(5, 95), rng.uniform(60, 97)])
        width = rng.uniform(4, 16)
        left = _curve(rng, root - [width / 2, 0], tip, 0.25)
        right = left + np.linspace(width, 0, len(left))[:, None] * [1, 0]
        paint.append(_filled(np.concatenate([left, right[::-1]]), color))
        # A lock hides the ink of the locks behind it.
        ink.append(_filled(np.concatenate([left, right[::-1]]), "#fff"))
        ink += [_tapered(left, pen, (0.6, 0.1)), _tapered(right, pen, (0.6, 0.1))]
        for _ in range(rng.integers(0, 5)):
            share = rng.uniform(0.15, 0.85)
            strand = left * (1 - share) + right * share
            start, stop = sorted(rng.choice(len(strand), 2, replace=False))
            if stop - start > 5:
                ink.append(_tapered(strand[start:stop], pen * rng.uniform(0.4, 0.9)))
        root = root + [rng.uniform(-8, 8), rng.uniform(-1, 1)]
    return paint, ink


def _strands(rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """Loose, nearly parallel strands on no paint at all."""
    start, end = rng.uniform(5, 40, 2), rng.uniform(60, 95, 2)
    base = _curve(rng, start, end, 0.4)
    ink = []
    for _ in range(rng.integers(4, 16)):
        shift = rng.normal(0, 9, 2)
        wobble = np.linspace(0, 1, len(base))[:, None] * rng.normal(0, 6, 2)
        ink.append(_tapered(base + shift + wobble, rng.uniform(0.4, 1.4)))
    return [], ink


def _folds(rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """A piece of cloth with folds that run out into nothing."""
    angle = np.linspace(0, 2 * np.pi, 9)[:-1]
    radius = rng.uniform(28, 46, 8)
    knots = 50 + np.stack([np.cos(angle) * radius, np.sin(angle) * radius], 1)
    outline = np.concatenate([_curve(rng, a, b, 0.18, 10) for a, b in _pairs(knots)])
    pen = rng.uniform(0.6, 2.0)
    ink = [
        f'<path d="{_closed(outline)}" fill="#fff" stroke="#000" stroke-width="{pen:.2f}"'
        ' stroke-linejoin="round"/>'
    ]
    for _ in range(rng.integers(2, 8)):
        start = knots[rng.integers(8)]
        end = start + (50 - start) * rng.uniform(0.4, 1.2) + rng.normal(0, 6, 2)
        ink.append(_tapered(_curve(rng, start, end, 0.25), pen, (1.0, 0.0)))
    return [_filled(outline, _color(rng))], ink


def _pairs(knots: Points):
    return zip(knots, np.roll(knots, -1, axis=0), strict=True)


def _hatching(rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """Parallel pen strokes, now and then crossed."""
    ink = []
    angle = rng.uniform(0, np.pi)
    for turn in range(rng.integers(1, 3)):
        direction = np.array([np.cos(angle + turn * 1.2), np.sin(angle + turn * 1.2)])
        side = np.array([-direction[1], direction[0]])
        gap, length = rng.uniform(4, 9), rng.uniform(20, 40)
        for step in np.arange(-rng.uniform(15, 38), rng.uniform(15, 38), gap):
            middle = 50 + side * step + rng.normal(0, 1.5, 2)
            reach = direction * length * rng.uniform(0.7, 1)
            stroke = _curve(rng, middle - reach, middle + reach, 0.04)
            ink.append(_tapered(stroke, rng.uniform(0.6, 1.5)))
    return [], ink


def _eye(rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """A large drawn eye: heavy upper lid, iris in two tones, a light, brows and lashes."""
    wide, high = rng.uniform(28, 42), rng.uniform(16, 34)
    left, right = np.array([50 - wide, 52.0]), np.array([50 + wide, 50 + rng.uniform(-6, 6)])
    top = _bezier(left, left + [wide * 0.5, -high * 1.5], right - [wide * 0.4, high * 1.5], right)
    low = _bezier(right, right + [-wide * 0.3, high], left + [wide * 0.4, high], left)
    iris = rng.uniform(0.55, 0.8) * high
    y, x = 50 + rng.uniform(-3, 3), 50 + rng.uniform(-5, 5)
    ring = f'cx="{x:.1f}" cy="{y:.1f}" rx="{iris * 0.8:.1f}" ry="{iris:.1f}"'
    pupil = f'cx="{x:.1f}" cy="{y:.1f}" rx="{iris * 0.35:.1f}" ry="{iris * 0.5:.1f}"'
    light = f'cx="{x - iris * 0.3:.1f}" cy="{y - iris * 0.4:.1f}" r="{iris * 0.22:.1f}"'
    pen = rng.uniform(0.7, 1.8)
    color, deep = _color(rng), _color(rng)
    shape = np.concatenate([top, low])
    clip = f'<clipPath id="c"><path d="{_closed(shape)}"/></clipPath>'
    paint = [
        clip,
        _filled(shape, "#fafafa"),
        f'<g clip-path="url(#c)"><ellipse {ring} fill="{color}"/>'
        f'<ellipse {pupil} fill="{deep}"/><circle {light} fill="#fff"/></g>',
    ]
    ink = [
        clip,
        _filled(shape, "#fff"),
        f'<g clip-path="url(#c)" stroke="#000" stroke-width="{pen:.2f}" fill="#fff">'
        f"<ellipse {ring}/><ellipse {pupil}/><circle {light}/></g>",
        _tapered(top, pen * rng.uniform(1.5, 4), (0.3, 0.6)),
        _tapered(low, pen, (0.3, 0.5)),
        _tapered(top[4:-4] - [0, high * 0.3], pen * 0.7),
    ]
    for point in top[-7:][:: rng.integers(1, 4)]:
        lash = _curve(rng, point, point + [rng.uniform(2, 9), -rng.uniform(2, 9)], 0.2)
        ink.append(_tapered(lash, pen, (1.0, 0.0)))
    return paint, ink


def _box(rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """Straight-edged things: a block with panes, such as houses, shelves, screens and books."""
    paint, ink = [], []
    corner, size = rng.uniform(8, 35, 2), rng.uniform(35, 55, 2)
    skew = rng.uniform(-12, 12)
    pen = rng.uniform(0.6, 2.2)

    def quad(u0, v0, u1, v1):
        corners = np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1]])
        return corner + corners * size + [0, skew] * corners[:, :1]

    cells = [(0, 0, 1, 1)]
    columns, rows = rng.integers(1, 5, 2)
    inset = rng.uniform(0.05, 0.25)
    for i in range(columns):
        for j in range(rows):
            cell = np.array([i + inset, j + inset, i + 1 - inset, j + 1 - inset])
            cells.append(tuple(cell / [columns, rows, columns, rows]))
    color = _color(rng)
    for number, cell in enumerate(cells):
        shape = quad(*cell)
        paint.append(_filled(shape, _color(rng) if number == 0 else color))
        ink.append(
            f'<path d="{_closed(shape)}" fill="#fff" stroke="#000" stroke-width="{pen:.2f}"/>'
        )
    return paint, ink


def _blob(rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """A plain round shape with a bold or a hairline outline: leaves, clouds, pebbles, faces."""
    angle = np.linspace(0, 2 * np.pi, 97)[:-1]
    radius = np.full(96, rng.uniform(28, 38))
    for wave in range(2, 7):
        radius += rng.normal(0, 5 / wave) * np.cos(wave * angle + rng.uniform(0, 6.3))
    shape = 50 + np.stack([np.cos(angle) * radius, np.sin(angle) * radius * rng.uniform(0.5, 1)], 1)
    pen = rng.choice([0.5, 1.0, 2.0, 3.5]) * rng.uniform(0.8, 1.2)
    return (
        [_filled(shape, _color(rng))],
        [f'<path d="{_closed(shape)}" fill="#fff" stroke="#000" stroke-width="{pen:.2f}"/>'],
    )


KINDS: dict[str, Callable[[np.random.Generator], tuple[list[str], list[str]]]] = {
    "blob": _blob,
    "box": _box,
    "eye": _eye,
    "folds": _folds,
    "hair": _hair,
    "hatching": _hatching,
    "strands": _strands,
}


def draw_strokes(kind: str, rng: np.random.Generator) -> str:
    """One drawing of a kind as SVG text, 100 x 100 units."""
    paint, ink = KINDS[kind](rng)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
        f'<g id="color">{"".join(paint)}</g><g id="line">{"".join(ink)}</g></svg>'
    )
