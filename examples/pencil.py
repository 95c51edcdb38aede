"""A page of a sketchbook, scanned: graphite, searching lines, construction lines, uneven light."""

import numpy as np
from PIL import Image
from scipy import ndimage

from toolkit import (
    Knots,
    Points,
    arc_length,
    curve,
    ellipse,
    lock,
    noise,
    normals,
    outline,
    part,
    path,
    points,
    rasterise,
    rng,
    taper,
    to_array,
    to_image,
)

WIDTH, HEIGHT = 900, 700


class Pencil:
    """Collects strokes of graphite; its hand is never quite steady."""

    def __init__(self, name: str):
        self.random = rng(name)
        self.marks: list[str] = []

    def mark(self, line: Points, width: float, tone: float) -> None:
        d = path(taper(line, width, start=0.25, end=0.1, rise=0.25, fall=0.4))
        self.marks.append(f'<path d="{d}" fill-opacity="{tone:.2f}"/>')

    def sketch(
        self,
        knots: Knots,
        *,
        width: float = 1.7,
        tone: float = 0.45,
        passes: int = 4,
        wobble: float = 2.5,
    ) -> None:
        """Search for a line with several strokes, each of which runs a little astray."""
        line = curve(knots)
        line = np.concatenate([2 * line[:1] - line[3:4], line, 2 * line[-1:] - line[-4:-3]])
        for _ in range(passes):
            start, stop = self.random.uniform(0, 0.16), self.random.uniform(0.88, 1)
            stretch = part(line, start, stop)
            t = arc_length(stretch)[:, None] * np.pi
            sway = self.random.normal(0, wobble, (1, 3)) * np.array([[0.9, 0.5, 0.25]])
            drift = (sway * np.sin(t * [[0.8, 2.3, 4.1]] + self.random.uniform(0, 6, (1, 3)))).sum(
                1
            )
            self.mark(
                stretch + normals(stretch) * drift[:, None],
                width * self.random.uniform(0.7, 1.2),
                tone * self.random.uniform(0.4, 0.95),
            )

    def faint(self, knots: Knots, passes: int = 3) -> None:
        self.sketch(knots, width=1.3, tone=0.3, passes=passes, wobble=3)

    def hatch(self, shape: Points, angle: float, *, gap=5.0, tone=0.4, width=1.6) -> None:
        """Parallel strokes over an area, each with its own length and weight."""
        low, high = shape.min(0), shape.max(0)
        middle, reach = (low + high) / 2, np.hypot(*(high - low)) / 2
        c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        strokes = Pencil("")
        strokes.random = self.random
        for offset in np.arange(-reach, reach, gap):
            offset = offset + self.random.normal(0, gap / 4)
            a, b = -reach * self.random.uniform(0.8, 1), reach * self.random.uniform(0.8, 1)
            bow = self.random.normal(0, 3)
            knots = [(a, offset), (0, offset + bow), (b, offset + self.random.normal(0, 2))]
            line = curve(np.array(knots) @ np.array([[c, s], [-s, c]]) + middle)
            strokes.mark(line, width, tone * self.random.uniform(0.6, 1))
        name = f"c{len(self.marks)}"
        self.marks.append(
            f'<clipPath id="{name}"><path d="{path(shape)}"/></clipPath>'
            f'<g clip-path="url(#{name})">{"".join(strokes.marks)}</g>'
        )

    def graphite(self) -> np.ndarray:
        """How much graphite was pressed on, (H, W) in [0, 1]."""
        return to_array(rasterise(WIDTH, HEIGHT, "".join(self.marks)))[..., 3]


def draw() -> Image.Image:
    pencil = Pencil("pencil")
    boy(pencil)
    eye_study(pencil)
    cat(pencil)
    cup(pencil)
    return scan(pencil.graphite())


def boy(pencil: Pencil) -> None:
    construction(pencil)
    features(pencil)
    hair(pencil)
    hoodie(pencil)


def construction(pencil: Pencil) -> None:
    pencil.faint(
        np.append(ellipse(352, 262, 142, 146), ellipse(352, 262, 142, 146)[:40], axis=0)[::6], 4
    )
    pencil.faint("404,110 430,220 428,340 396,480", 3)
    pencil.faint("214,330 340,336 500,318", 3)
    pencil.faint("230,386 350,394 490,376", 2)
    pencil.faint("300,424 390,428 452,412", 2)
    pencil.faint("70,566 320,540 610,560", 2)
    pencil.faint("330,430 340,560 330,690", 2)


def features(pencil: Pencil) -> None:
    pencil.sketch(
        "486,250 490,300 478,330 486,362 472,408 434,452 402,470 380,470", tone=0.7, width=1.9
    )
    pencil.sketch("408,470 384,472 340,457 292,424 264,376", tone=0.65, width=1.9)
    # Ear.
    pencil.sketch("262,372 236,366 222,330 232,300 254,302", tone=0.6)
    pencil.sketch("252,352 238,338 240,316 252,318", tone=0.4, passes=2)
    for x, y, span in ((344, 334, 1.0), (440, 326, 0.78)):
        lid = [
            (x - 34 * span, y + 8),
            (x - 22 * span, y - 14),
            (x + 4 * span, y - 22),
            (x + 28 * span, y - 10),
            (x + 34 * span, y + 4),
        ]
        pencil.sketch(lid, width=4, tone=0.8, passes=4, wobble=1)
        pencil.sketch(
            [(x - 26 * span, y + 18), (x, y + 26), (x + 26 * span, y + 16)], tone=0.4, passes=2
        )
        pencil.sketch(
            [(x - 32 * span, y - 20), (x, y - 34), (x + 32 * span, y - 20)],
            tone=0.35,
            passes=2,
            width=1.6,
        )
        iris = ellipse(x + 3, y + 2, 17 * span, 22)
        pencil.sketch(iris[::5], tone=0.6, passes=3, wobble=0.8)
        pencil.hatch(ellipse(x + 3, y - 6, 17 * span, 15), 70, gap=2.6, tone=0.6)
        pencil.hatch(ellipse(x + 3, y, 7 * span, 10), 20, gap=1.6, tone=0.85)
        pencil.sketch(
            [(x - 38 * span, y - 46), (x - 6 * span, y - 60), (x + 36 * span, y - 48)],
            width=3.6,
            tone=0.6,
            passes=5,
            wobble=2,
        )
    pencil.sketch("410,342 420,366 430,384 414,392", tone=0.55, passes=3, wobble=1)
    pencil.sketch("398,388 404,393 412,391", tone=0.5, passes=2)
    pencil.sketch("368,424 392,430 412,428 440,418", width=2, tone=0.7, passes=3, wobble=1)
    pencil.sketch("390,446 406,448 420,443", tone=0.35, passes=2)
    pencil.hatch(curve("398,392 414,394 420,404 402,404", closed=True), 40, gap=3.5, tone=0.3)
    pencil.hatch(
        curve("270,370 300,380 330,430 380,464 340,454 290,422", closed=True), 62, gap=5, tone=0.3
    )
    pencil.hatch(curve("300,384 336,376 350,396 316,408", closed=True), 58, gap=6, tone=0.22)


def hair(pencil: Pencil) -> None:
    locks = (
        ("330,120 280,190 262,260 270,330", (30, 66, 54, 0)),
        ("340,116 320,180 312,240 330,300", (30, 62, 54, 0)),
        ("356,114 364,180 376,230 366,286", (30, 60, 52, 0)),
        ("370,114 410,170 428,220 416,282", (30, 60, 52, 0)),
        ("384,116 456,170 478,226 462,290", (30, 58, 50, 0)),
        ("396,120 486,176 512,240 500,310", (30, 50, 44, 0)),
        ("310,130 240,180 216,260 222,340", (30, 70, 60, 0)),
        ("250,220 214,290 226,370 252,420", (20, 50, 44, 0)),
        ("230,250 194,300 190,360 212,410", (20, 44, 36, 0)),
    )
    for knots, widths in locks:
        strand = lock(knots, widths)
        for edge in (-1, 1):
            pencil.sketch(
                strand.strand(edge, 0.15, 1)[::8], width=2, tone=0.65, passes=3, wobble=1.4
            )
        for across in pencil.random.uniform(-0.8, 0.8, 5):
            start = pencil.random.uniform(0.15, 0.5)
            pencil.mark(
                strand.strand(across, start, start + pencil.random.uniform(0.25, 0.48)), 1.5, 0.45
            )
        pencil.hatch(strand.crescent(-1, 0.7, 0.3, 1), 75, gap=4, tone=0.38)
    pencil.sketch(
        "186,300 196,220 240,146 320,100 392,96 462,126 508,186 522,250",
        tone=0.6,
        passes=4,
        wobble=2.6,
    )
    for knots, widths in (
        ("340,112 318,84 284,72", (30, 18, 0)),
        ("384,108 410,78 446,66", (28, 16, 0)),
        ("360,106 352,80 366,58", (22, 14, 0)),
    ):
        tuft = lock(knots, widths)
        for edge in (-1, 1):
            pencil.sketch(tuft.strand(edge)[::5], tone=0.6, passes=3, wobble=1)
        pencil.mark(tuft.strand(0.2, 0, 0.8), 1.4, 0.4)


def hoodie(pencil: Pencil) -> None:
    pencil.sketch("286,424 290,470 276,512", tone=0.6)
    pencil.sketch("396,472 396,500 410,530", tone=0.6)
    pencil.hatch(
        curve("290,428 340,458 392,474 394,500 350,500 296,480", closed=True), 30, gap=4, tone=0.42
    )
    pencil.hatch(
        curve("290,440 340,462 380,474 360,486 300,470", closed=True), 62, gap=4.5, tone=0.38
    )
    for knots in (
        "262,480 200,490 180,530 230,580 330,622",
        "420,500 470,506 480,540 430,590 330,622",
        "268,500 256,530 290,570 334,596",
        "414,520 420,544 384,576 334,596",
        "186,520 126,552 84,612 60,696",
        "474,530 530,552 580,610 600,696",
        "150,620 172,660 168,696",
        "522,620 500,660 506,696",
    ):
        pencil.sketch(knots, width=2, tone=0.68, passes=4, wobble=2)
    for knots in ("300,606 292,640 298,672", "366,608 372,644 364,680"):
        pencil.sketch(knots, width=3.2, tone=0.6, passes=3, wobble=1.2)
        x, y = points(knots)[-1]
        pencil.sketch(ellipse(x, y + 4, 4, 7)[::4], tone=0.7, passes=2, wobble=0.5)
    for knots in (
        "210,560 230,600 226,650",
        "450,572 436,610 444,660",
        "110,600 136,620 150,650",
        "556,600 534,620 520,648",
        "240,610 270,650 274,690",
        "420,620 404,660 410,692",
    ):
        pencil.sketch(knots, tone=0.45, passes=2)
    pencil.hatch(
        curve("190,534 232,582 330,624 300,640 220,610 170,560", closed=True), 118, gap=5, tone=0.34
    )
    pencil.hatch(
        curve("472,542 430,592 334,624 380,640 450,606 492,560", closed=True), 62, gap=5, tone=0.34
    )
    pencil.hatch(
        curve("270,504 262,532 292,566 332,590 300,560 284,520", closed=True),
        100,
        gap=3.6,
        tone=0.5,
    )
    pencil.hatch(
        curve("506,640 540,600 590,640 600,700 508,700", closed=True), 100, gap=7, tone=0.28
    )
    pencil.hatch(curve("62,690 90,620 130,640 160,700", closed=True), 70, gap=8, tone=0.2)


def eye_study(pencil: Pencil) -> None:
    x, y = 728, 130
    pencil.faint(ellipse(x, y + 6, 78, 66)[::6], 3)
    pencil.sketch(
        [(x - 92, y + 26), (x - 60, y - 20), (x - 8, y - 42), (x + 50, y - 26), (x + 84, y + 10)],
        width=5,
        tone=0.8,
        passes=5,
        wobble=1.6,
    )
    pencil.sketch(
        [(x - 86, y + 30), (x - 40, y + 54), (x + 10, y + 56), (x + 56, y + 38), (x + 82, y + 12)],
        tone=0.5,
    )
    pencil.sketch(
        [(x - 88, y - 18), (x - 50, y - 54), (x - 2, y - 68), (x + 58, y - 48)], tone=0.4, passes=3
    )
    pencil.sketch(ellipse(x - 4, y + 6, 40, 46)[::6], tone=0.65, passes=4, wobble=1.2)
    pencil.hatch(ellipse(x - 4, y - 10, 39, 28), 78, gap=3, tone=0.55)
    pencil.hatch(ellipse(x - 4, y + 14, 38, 32), 96, gap=5, tone=0.35)
    pencil.hatch(ellipse(x - 4, y + 4, 16, 19), 30, gap=2, tone=0.9)
    pencil.hatch(ellipse(x - 4, y + 4, 15, 18), 100, gap=2.4, tone=0.9)
    pencil.sketch(ellipse(x - 20, y - 14, 10, 12)[::4], tone=0.5, passes=2, wobble=0.6)
    for t, reach in ((0.1, 16), (0.25, 22), (0.42, 24), (0.6, 26), (0.76, 26), (0.9, 24)):
        a = np.array([x - 92 + 176 * t, y + 24 - 66 * np.sin(np.pi * t) ** 0.8 - 12 * t])
        pencil.sketch(
            [a, a + (reach * (t - 0.4), -reach * 0.7), a + (reach * (t * 1.6 - 0.5), -reach)],
            width=2.2,
            tone=0.7,
            passes=2,
            wobble=0.6,
        )
    pencil.sketch(
        [(x - 100, y - 62), (x - 50, y - 98), (x + 20, y - 102), (x + 84, y - 74)],
        width=5,
        tone=0.5,
        passes=7,
        wobble=4,
    )


def cat(pencil: Pencil) -> None:
    x, y = 722, 396
    pencil.faint(ellipse(x - 4, y - 62, 52, 46)[::5])
    pencil.faint(ellipse(x + 14, y + 40, 66, 78)[::5])
    for knots in (
        [(x - 50, y - 68), (x - 58, y - 118), (x - 30, y - 104)],
        [(x - 30, y - 104), (x - 4, y - 108), (x + 18, y - 102)],
        [(x + 18, y - 102), (x + 46, y - 120), (x + 44, y - 66)],
        [(x - 52, y - 72), (x - 58, y - 44), (x - 34, y - 22), (x - 4, y - 16)],
        [(x + 45, y - 70), (x + 52, y - 44), (x + 30, y - 22), (x - 4, y - 16)],
        [(x - 34, y - 20), (x - 48, y + 30), (x - 46, y + 100)],
        [(x + 30, y - 22), (x + 66, y + 16), (x + 84, y + 72), (x + 66, y + 112)],
        [(x - 14, y + 30), (x - 16, y + 76), (x - 14, y + 104)],
        [(x + 14, y + 34), (x + 12, y + 76), (x + 16, y + 104)],
        [(x - 48, y + 100), (x - 46, y + 114), (x - 18, y + 114), (x - 14, y + 104)],
        [(x - 14, y + 104), (x - 8, y + 116), (x + 18, y + 116), (x + 20, y + 104)],
        [(x + 20, y + 110), (x + 60, y + 118), (x + 84, y + 106)],
        [(x + 40, y + 64), (x + 26, y + 90), (x + 40, y + 112)],
        [
            (x + 72, y + 112),
            (x + 112, y + 108),
            (x + 124, y + 70),
            (x + 108, y + 48),
            (x + 100, y + 64),
        ],
    ):
        pencil.sketch(knots, tone=0.65, passes=3, wobble=1.5)
    for dx in (-28, 18):
        pencil.sketch(ellipse(x + dx, y - 62, 10, 12)[::4], tone=0.6, passes=2, wobble=0.6)
        pencil.hatch(ellipse(x + dx + 1, y - 62, 4, 10), 88, gap=1.4, tone=0.9)
    pencil.sketch(
        [(x - 10, y - 44), (x - 4, y - 38), (x + 2, y - 44), (x - 10, y - 44)],
        tone=0.7,
        passes=3,
        wobble=0.6,
    )
    pencil.sketch(
        [(x - 16, y - 30), (x - 10, y - 27), (x - 4, y - 36), (x + 2, y - 27), (x + 9, y - 31)],
        tone=0.6,
        passes=2,
        wobble=0.6,
    )
    for dy in (-6, 0, 7):
        pencil.sketch(
            [(x - 30, y - 40 + dy / 2), (x - 76, y - 46 + dy * 2)], width=1.4, tone=0.45, passes=1
        )
        pencil.sketch(
            [(x + 24, y - 40 + dy / 2), (x + 70, y - 46 + dy * 2)], width=1.4, tone=0.45, passes=1
        )
    for dx, dy in ((-16, -98), (-4, -102), (8, -98)):
        pencil.sketch(
            [(x + dx, y + dy), (x + dx * 0.8 - 1, y + dy + 20)],
            width=3,
            tone=0.6,
            passes=3,
            wobble=0.8,
        )
    for dy in (20, 40, 60):
        pencil.sketch(
            [(x + 52 + dy / 3, y + dy - 10), (x + 36 + dy / 4, y + dy + 2)],
            width=3,
            tone=0.5,
            passes=3,
            wobble=1,
        )
    pencil.hatch(
        curve(
            [(x + 50, y + 10), (x + 82, y + 70), (x + 66, y + 110), (x + 50, y + 60)], closed=True
        ),
        66,
        gap=5,
        tone=0.35,
    )
    pencil.hatch(
        curve(
            [(x - 60, y + 112), (x + 90, y + 110), (x + 150, y + 128), (x - 20, y + 134)],
            closed=True,
        ),
        4,
        gap=4,
        tone=0.3,
    )


def cup(pencil: Pencil) -> None:
    x, y = 764, 600
    for rim in (ellipse(x, y - 46, 52, 15), ellipse(x, y - 45, 45, 11)):
        pencil.sketch(np.append(rim, rim[:12], axis=0)[::5], tone=0.6, passes=3, wobble=1)
    pencil.sketch(
        [
            (x - 52, y - 44),
            (x - 48, y + 14),
            (x - 34, y + 40),
            (x, y + 48),
            (x + 34, y + 40),
            (x + 48, y + 14),
            (x + 52, y - 44),
        ],
        tone=0.65,
        passes=4,
    )
    pencil.sketch([(x + 50, y - 30), (x + 84, y - 32), (x + 86, y + 6), (x + 46, y + 18)], tone=0.6)
    pencil.sketch([(x + 50, y - 18), (x + 72, y - 20), (x + 72, y), (x + 48, y + 6)], tone=0.5)
    pencil.faint([(x, y - 90), (x, y), (x, y + 70)], 2)
    pencil.hatch(
        outline(
            [(x + 8, y - 30), (x + 52, y - 38)], [(x + 48, y + 14), (x + 34, y + 40), (x, y + 48)]
        ),
        84,
        gap=4.5,
        tone=0.4,
    )
    pencil.hatch(ellipse(x, y - 44, 42, 9), 10, gap=3, tone=0.45)
    pencil.hatch(
        curve(
            [(x - 30, y + 46), (x + 30, y + 48), (x + 110, y + 60), (x + 20, y + 68)], closed=True
        ),
        6,
        gap=3.6,
        tone=0.4,
    )
    for dx in (-14, 8):
        pencil.sketch(
            [(x + dx, y - 66), (x + dx + 10, y - 84), (x + dx - 4, y - 100), (x + dx + 6, y - 118)],
            tone=0.25,
            passes=2,
        )


def scan(graphite: np.ndarray) -> Image.Image:
    """Graphite catches on the tooth of the paper; the page lies askew under uneven light."""
    random = rng("scan")
    shape = graphite.shape
    tooth = 0.6 * noise(shape, 1.6, random) + 0.5 * noise(shape, 3.5, random)
    smudge = (
        ndimage.gaussian_filter(graphite, 7) * 0.10 + ndimage.gaussian_filter(graphite, 25) * 0.06
    )
    caught = graphite * np.clip(0.74 + 0.7 * graphite - 0.42 * tooth, 0, 1.1)
    ink = np.clip(caught + smudge * (1 + 0.25 * tooth), 0, 1)
    page = 0.90 + 0.012 * tooth + 0.006 * noise(shape, 60, random)
    picture = page * (1 - ink) + 0.2 * ink
    picture = ndimage.rotate(picture, 1.3, reshape=False, order=3, mode="nearest")
    y, x = np.mgrid[0 : 1 : shape[0] * 1j, 0 : 1 : shape[1] * 1j]
    light = 1.02 - 0.06 * y - 0.75 * np.clip(x + y - 1.3, 0, 1) ** 1.6 - 0.14 * np.exp(-(x / 0.04))
    picture = ndimage.gaussian_filter(picture, 0.55) * light + random.normal(0, 0.006, shape)
    return to_image(picture)
