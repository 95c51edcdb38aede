"""The illustrator's tools: curves, pen strokes, locks of hair, a sheet, textures.

Points are (N, 2) float arrays of x and y in pixels, the origin at the top left. Every random
number comes from `rng(name)`, so that a picture is the same bytes each time it is drawn.
"""

import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import resvg_py
from PIL import Image
from scipy import ndimage

Points = np.ndarray
Knots = str | Sequence[tuple[float, float]] | Points
Shape = str | Points


def rng(name: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(name.encode()))


def points(knots: Knots) -> Points:
    """Read points, written as text "x,y x,y ..." or as a sequence of pairs."""
    if isinstance(knots, str):
        knots = [(float(x), float(y)) for x, y in (pair.split(",") for pair in knots.split())]
    return np.asarray(knots, dtype=float)


# --- Curves ---------------------------------------------------------------------------------------


def curve(knots: Knots, *, closed: bool = False, step: float = 2.5) -> Points:
    """Sample the centripetal Catmull-Rom spline through `knots` about every `step` pixels.

    Centripetal knots keep the curve free of loops and overshoot where knots are unevenly spaced.
    """
    p = points(knots)
    if len(p) < 3 and not closed:
        return resample(p, step=step)
    if closed:
        p = np.concatenate([p[-1:], p, p[:2]])
    else:
        p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    pieces = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
        t1, t2, t3 = np.cumsum(
            [max(np.hypot(*(q - r)), 1e-9) ** 0.5 for q, r in ((b, a), (c, b), (d, c))]
        )
        count = max(2, int(np.hypot(*(c - b)) / step) + 1)
        t = np.linspace(t1, t2, count, endpoint=False)[:, None]
        ab = a + (b - a) * t / t1
        bc = b + (c - b) * (t - t1) / (t2 - t1)
        cd = c + (d - c) * (t - t2) / (t3 - t2)
        abc = ab + (bc - ab) * t / t2
        bcd = bc + (cd - bc) * (t - t1) / (t3 - t1)
        pieces.append(abc + (bcd - abc) * (t - t1) / (t2 - t1))
    if not closed:
        pieces.append(p[-2:-1])
    return np.concatenate(pieces)


def outline(*pieces: Knots) -> Points:
    """Join smooth pieces into one outline with a corner wherever two pieces meet.

    In text a slash after a point makes it a corner: "0,0 9,4 / 20,0 / 9,30".
    """
    joined: list[Points] = []
    for piece in pieces:
        if not isinstance(piece, str):
            joined.append(curve(piece))
            continue
        start: list[str] = []
        for text in piece.split("/"):
            joined.append(curve(" ".join(start + text.split())))
            start = text.split()[-1:]
    return np.concatenate(joined)


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> Points:
    """An ellipse about (x, y), turned clockwise by `turn` degrees."""
    angle = np.linspace(0, 2 * np.pi, max(24, int(rx + ry)), endpoint=False)
    upright = np.stack([rx * np.cos(angle), ry * np.sin(angle)], axis=1)
    return rotate(upright, turn) + (x, y)


def rotate(knots: Knots, degrees: float) -> Points:
    """Turn clockwise about the origin."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return points(knots) @ np.array([[c, s], [-s, c]])


def arc_length(line: Points) -> np.ndarray:
    """The way from the first point to each point, in [0, 1]."""
    length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    return length / max(length[-1], 1e-9)


def resample(line: Points, count: int = 0, *, step: float = 2.5) -> Points:
    """Points at equal distances along a polyline: `count` of them, or one about every `step`."""
    t = arc_length(line)
    count = count or max(2, int(np.hypot(*np.diff(line, axis=0).T).sum() / step) + 1)
    u = np.linspace(0, 1, count)
    return np.stack([np.interp(u, t, line[:, 0]), np.interp(u, t, line[:, 1])], axis=1)


def part(line: Points, start: float, stop: float) -> Points:
    """The stretch of a polyline between two fractions of its length."""
    p = resample(line, max(len(line), 64))
    return p[int(start * (len(p) - 1)) : int(stop * (len(p) - 1)) + 1]


def normals(line: Points) -> Points:
    """Unit vectors across a polyline, to the right of its way as seen on screen."""
    tangent = np.gradient(line, axis=0)
    tangent /= np.maximum(np.hypot(*tangent.T), 1e-9)[:, None]
    return np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)


def path(shape: Shape, *, closed: bool = True) -> str:
    """The SVG path data of a polyline."""
    if isinstance(shape, str):
        return shape
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in np.asarray(shape).tolist())
    return f"M{places}{'Z' if closed else ''}"


# --- Strokes and locks of hair --------------------------------------------------------------------


def pressure(
    t: np.ndarray, *, start: float = 0.0, end: float = 0.0, rise: float = 0.4, fall: float = 0.5
) -> np.ndarray:
    """The width of a pen stroke at `t` in [0, 1]: `start` and `end` at its ends, 1 between."""

    def ease(x):
        return np.sin(np.pi / 2 * np.clip(x, 0, 1))

    return (start + (1 - start) * ease(t / rise)) * (end + (1 - end) * ease((1 - t) / fall))


def taper(line: Points, width: float, **ends: float) -> Points:
    """The outline of a pen stroke along `line`; `ends` as in `pressure`."""
    half = normals(line) * (width / 2 * pressure(arc_length(line), **ends))[:, None]
    return np.concatenate([line + half, (line - half)[::-1]])


@dataclass(frozen=True, eq=False)
class Lock:
    """A lock of hair: a spine with a half width at each of its points."""

    spine: Points
    half: np.ndarray

    def at(self, across: float | np.ndarray, along: np.ndarray) -> Points:
        """Points on the lock: `across` from one edge, -1, to the other, 1; `along` in [0, 1].

        Seen from the root, edge 1 lies to the right: of a lock that hangs down, to the left.
        """
        edge = normals(self.spine) * self.half[:, None]
        index = along * (len(self.spine) - 1)
        x, y, dx, dy = (
            np.interp(index, np.arange(len(self.spine)), column)
            for column in np.concatenate([self.spine, edge], axis=1).T
        )
        return np.stack([x + dx * across, y + dy * across], axis=1)

    def strand(self, across: float, start: float = 0.0, stop: float = 1.0) -> Points:
        """A line along the lock."""
        return self.at(across, np.linspace(start, stop, len(self.spine)))

    @property
    def outline(self) -> Points:
        return np.concatenate([self.strand(-1), self.strand(1)[::-1]])

    def crescent(self, edge: float, depth: float, start: float = 0, stop: float = 1) -> Points:
        """A cel shadow from `edge`, -1 or 1, inwards by up to `depth` half widths."""
        along = np.linspace(start, stop, len(self.spine))
        inner = edge * (1 - depth * np.sin(np.linspace(0, np.pi, len(along))) ** 0.7)
        return np.concatenate([self.at(edge, along), self.at(inner, along)[::-1]])


def lock(knots: Knots, widths: Sequence[float]) -> Lock:
    """A lock along the curve through `knots`; `widths` are spread evenly over its length."""
    spine = resample(curve(knots), step=3)
    t = arc_length(spine)
    level = curve(np.stack([np.linspace(0, 1, len(widths)) * 1000, widths], axis=1), step=10)
    half = np.interp(t * 1000, level[:, 0], level[:, 1]) / 2
    return Lock(spine, np.maximum(half, 0))


def limb(knots: Knots, *widths: float) -> Points:
    """An arm or a tail: open at its root, round at its end; stroke it with `closed=False`."""
    body = lock(knots, widths)
    length = np.hypot(*np.diff(body.spine, axis=0).T).sum()
    radius = widths[-1] / 2
    # Half circle: the width falls to zero over the last `radius` pixels.
    rest = np.clip((1 - arc_length(body.spine)) * length / max(radius, 1e-9), 0, 1)
    body = Lock(body.spine, body.half * np.sqrt(1 - (1 - rest) ** 2))
    return body.outline


# --- The sheet ------------------------------------------------------------------------------------


class Sheet:
    """A drawing in painting order that renders twice: in colour, and as its true line layer.

    In the line layer a fill is white paper that hides what lies under it, ink is black, and
    shading is left out.
    """

    def __init__(self, width: int, height: int):
        self.width, self.height = width, height
        self._defs: list[str] = []
        self._colour: list[str] = []
        self._lines: list[str] = []

    def fill(self, shape: Shape, paint: str, *, blur: float = 0, opacity: float = 1) -> None:
        self.shade(shape, paint, blur=blur, opacity=opacity)
        self._lines.append(f'<path d="{path(shape)}" fill="#fff"/>')

    def shade(
        self,
        shape: Shape,
        paint: str,
        *,
        blur: float = 0,
        opacity: float = 1,
        blend: str = "normal",
    ) -> None:
        """Paint without lines: shadow, light, texture."""
        look = f'fill="{paint}"'
        if blur:
            look += f' filter="{self._blur(blur)}"'
        if opacity < 1:
            look += f' opacity="{opacity:g}"'
        if blend != "normal":
            look += f' style="mix-blend-mode:{blend}"'
        self._colour.append(f'<path d="{path(shape)}" {look}/>')

    def ink(self, shape: Shape, colour: str = "#000", *, opacity: float = 1) -> None:
        """A shape of solid ink, such as a lash or a tapered stroke."""
        self._colour.append(f'<path d="{path(shape)}" fill="{colour}" opacity="{opacity:g}"/>')
        self._lines.append(f'<path d="{path(shape)}"/>')

    def line(self, line: Points, width: float, colour: str = "#000", **ends: float) -> None:
        """A pen stroke of varying width; `ends` as in `pressure`."""
        self.ink(taper(line, width, **ends), colour)

    def stroke(
        self, shape: Shape, width: float, colour: str = "#000", *, closed: bool = True
    ) -> None:
        """A line of even width with round joins."""
        look = (
            f'fill="none" stroke-width="{width:g}" stroke-linecap="round" stroke-linejoin="round"'
        )
        d = path(shape, closed=closed)
        self._colour.append(f'<path d="{d}" {look} stroke="{colour}"/>')
        self._lines.append(f'<path d="{d}" {look} stroke="#000"/>')

    def solid(self, shape: Shape, paint: str, width: float = 2) -> None:
        """A dark area that is paint, not line: the line layer keeps its outline alone."""
        self.shade(shape, paint)
        self._lines.append(
            f'<path d="{path(shape)}" fill="#fff" stroke="#000" stroke-width="{width:g}"/>'
        )

    @contextmanager
    def group(self, *, clip: Shape | None = None, transform: str = "") -> Iterator[None]:
        look = f' transform="{transform}"' if transform else ""
        if clip is not None:
            name = self._define("clipPath", f'<path d="{path(clip)}"/>', "")
            look += f' clip-path="url(#{name})"'
        for layer in (self._colour, self._lines):
            layer.append(f"<g{look}>")
        yield
        for layer in (self._colour, self._lines):
            layer.append("</g>")

    def linear(self, start: tuple, stop: tuple, *stops: tuple) -> str:
        """A gradient paint between two points; a stop is (offset, colour[, opacity])."""
        (x1, y1), (x2, y2) = start, stop
        where = f'x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"'
        return f"url(#{self._define('linearGradient', _stops(stops), where)})"

    def radial(self, centre: tuple, radius: float, *stops: tuple) -> str:
        where = f'cx="{centre[0]}" cy="{centre[1]}" r="{radius}"'
        return f"url(#{self._define('radialGradient', _stops(stops), where)})"

    def render(self, *, lines: bool = False) -> Image.Image:
        """The drawing as RGBA, or its line layer as black on white in greyscale."""
        body = "".join(self._lines if lines else self._colour)
        image = rasterise(self.width, self.height, f"<defs>{''.join(self._defs)}</defs>{body}")
        if not lines:
            return image
        return flatten(image).convert("L")

    def _define(self, tag: str, content: str, attributes: str) -> str:
        name = f"d{len(self._defs)}"
        units = 'gradientUnits="userSpaceOnUse"' if tag.endswith("Gradient") else ""
        self._defs.append(f'<{tag} id="{name}" {units} {attributes}>{content}</{tag}>')
        return name

    def _blur(self, sigma: float) -> str:
        where = 'x="-50%" y="-50%" width="200%" height="200%"'
        blur = f'<feGaussianBlur stdDeviation="{sigma:g}"/>'
        return f"url(#{self._define('filter', blur, where)})"


def _stops(stops: Sequence[tuple]) -> str:
    return "".join(
        f'<stop offset="{s[0]}" stop-color="{s[1]}" stop-opacity="{s[2] if len(s) > 2 else 1}"/>'
        for s in stops
    )


def rasterise(width: int, height: int, body: str, *, oversample: int = 2) -> Image.Image:
    """Render SVG markup as RGBA, larger by `oversample` and averaged for finer edges."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">{body}</svg>'
    )
    png = resvg_py.svg_to_bytes(svg_string=svg, width=oversample * width)
    return Image.open(io.BytesIO(png)).convert("RGBA").reduce(oversample)


def flatten(image: Image.Image, paper: str = "#fff") -> Image.Image:
    """Lay a transparent picture over paper."""
    ground = Image.new("RGBA", image.size, paper)
    return Image.alpha_composite(ground, image).convert("RGB")


# --- Colour and texture ---------------------------------------------------------------------------


def noise(shape: tuple[int, int], scale: float, random: np.random.Generator) -> np.ndarray:
    """Smooth noise with blobs of about `scale` pixels, mean 0 and deviation 1."""
    # Noise of broad blobs is made small and enlarged: filtering it at full size would be slow.
    zoom = max(1, int(scale // 4))
    small = random.standard_normal((shape[0] // zoom + 3, shape[1] // zoom + 3))
    field = ndimage.gaussian_filter(small, scale / zoom / 2, mode="wrap")
    if zoom > 1:
        field = ndimage.zoom(field, zoom, order=1)
    field = field[: shape[0], : shape[1]]
    return (field - field.mean()) / field.std()


def to_array(image: Image.Image) -> np.ndarray:
    """A picture as floats in [0, 1]."""
    return np.asarray(image, dtype=np.float32) / 255


def to_image(array: np.ndarray) -> Image.Image:
    return Image.fromarray(np.round(np.clip(array, 0, 1) * 255).astype(np.uint8))


def screentone(grey: np.ndarray, pitch: float, angle: float = 45) -> np.ndarray:
    """Black dots on white that print `grey` (H, W) in [0, 1]; `pitch` is the dots' distance."""
    y, x = np.mgrid[: grey.shape[0], : grey.shape[1]]
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    u, v = (x * c + y * s) * 2 * np.pi / pitch, (y * c - x * s) * 2 * np.pi / pitch
    # The sum of two cosines is spread over [-2, 2]; its quantiles make the area match the grey.
    wave = np.cos(u) + np.cos(v)
    levels = np.sort(wave[::3, ::3].ravel())
    threshold = levels[np.clip((grey * (len(levels) - 1)).astype(int), 0, len(levels) - 1)]
    dots = np.clip((threshold - wave) * pitch / 6 + 0.5, 0, 1)
    return np.where(grey > 0.98, 1.0, dots)
