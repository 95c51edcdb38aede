"""A manga page in black and white: panels, solid blacks, screentone, speed lines, lettering."""

import numpy as np
from PIL import Image

from toolkit import (
    Knots,
    Points,
    Sheet,
    curve,
    ellipse,
    flatten,
    limb,
    lock,
    outline,
    points,
    rng,
    rotate,
    screentone,
    taper,
    to_array,
    to_image,
)

WHITE, BLACK = "#ffffff", "#000000"


def tone(grey: float) -> str:
    """A paint that becomes screentone: red stays full, so that only ink darkens it; see `draw`."""
    level = round(255 * grey)
    return f"#ff{level:02x}{level:02x}"


LIGHT, MIDDLE, DARK = tone(0.85), tone(0.7), tone(0.5)

EYES = points("30,30 670,30 670,270 30,300")
CITY = points("30,318 300,305 276,610 30,610")
RUNNER = points("318,304 670,288 670,610 294,610")
SHOUT = points("30,628 670,628 670,970 30,970")


def draw() -> Image.Image:
    sheet = Sheet(700, 1000)
    sheet.fill(points("0,0 700,0 700,1000 0,1000"), WHITE)
    for frame, scene in ((EYES, eyes), (CITY, city), (RUNNER, runner), (SHOUT, shout)):
        with sheet.group(clip=frame):
            scene(sheet)
        sheet.stroke(frame, 4)
    balloons(sheet)
    red, green, _ = np.moveaxis(to_array(flatten(sheet.render())), 2, 0)
    grey = np.where(red > 0.02, green / np.maximum(red, 0.02), 1)
    return to_image(red * screentone(grey, pitch=5))


def area(sheet: Sheet, shape: Points, paint: str = WHITE, width: float = 2.2) -> None:
    sheet.fill(shape, paint)
    sheet.stroke(shape, width)


def pen(sheet: Sheet, knots: Knots, width: float = 2.6, **ends: float) -> None:
    sheet.line(curve(knots), width, **ends)


def focus_lines(
    sheet: Sheet, centre: tuple[float, float], inner: tuple[float, float], count: int, name: str
) -> None:
    """Wedges that run from outside the panel towards an ellipse about `centre`."""
    random = rng(name)
    for angle in np.sort(random.uniform(0, 2 * np.pi, count)):
        direction = np.array([np.cos(angle), np.sin(angle)])
        stop = np.asarray(inner) * direction * random.uniform(1, 1.35)
        line = np.linspace(direction * 640, stop, 12) + centre
        sheet.ink(taper(line, random.uniform(2, 9), start=1, rise=0.01, fall=1))


def speed_lines(sheet: Sheet, frame: Points, count: int, name: str) -> None:
    random = rng(name)
    (x0, y0), (x1, y1) = frame.min(0), frame.max(0)
    for y in random.uniform(y0, y1, count):
        start, length = random.uniform(x0 - 60, x1), random.uniform(60, 320)
        line = np.linspace((start, y), (start + length, y - length * 0.05), 8)
        sheet.ink(taper(line, random.uniform(1, 4)))


# --- Panels ---------------------------------------------------------------------------------------


def eyes(sheet: Sheet) -> None:
    """Close up: two eyes under black bangs."""
    sheet.shade(
        outline("30,30 670,30 / 660,120 540,100 430,140 350,96 240,142 150,100 30,130"), MIDDLE
    )
    for x in (30, 670):
        sheet.shade(
            curve(
                [(x, 60), (x + (350 - x) * 0.24, 140), (x + (350 - x) * 0.2, 240), (x, 320)],
                closed=True,
            ),
            LIGHT,
        )
    eye(sheet, 206, 182, -1.0)
    eye(sheet, 488, 178, 1.0)
    pen(sheet, "352,200 344,240 336,262 350,270", 3)
    pen(sheet, "330,150 336,176", 2)
    pen(sheet, "372,148 366,174", 2)
    for x in (96, 118, 140, 560, 582, 604):
        pen(sheet, [(x + 10, 246), (x - 4, 268)], 2.2)
    bangs = (
        ("120,10 70,70 64,150 90,250", (80, 96, 70, 0)),
        ("190,0 168,60 150,110 120,150", (70, 76, 56, 0)),
        ("262,0 270,56 256,104 226,134", (70, 78, 56, 0)),
        ("340,0 346,60 336,110 350,156", (70, 70, 48, 0)),
        ("420,0 424,56 440,100 474,132", (70, 74, 52, 0)),
        ("500,0 520,50 548,100 584,136", (70, 76, 56, 0)),
        ("590,0 632,70 644,150 618,244", (80, 90, 70, 0)),
        ("40,20 34,120 44,220 26,320", (90, 70, 50, 10)),
        ("664,20 668,120 656,220 680,300", (90, 60, 40, 10)),
    )
    for knots, widths in bangs:
        black_lock(sheet, knots, widths, shine=0.42)
    drop = outline("612,168 598,196 606,210 / 618,212 626,202 / 624,188 612,168")
    area(sheet, drop, WHITE, 2)
    sheet.shade(curve("618,192 622,202 614,208", closed=True), MIDDLE)


def eye(sheet: Sheet, x: float, y: float, side: float, size: float = 1.0) -> None:
    def place(points: Points) -> Points:
        return np.asarray(points) * (side * size, size) + (x, y)

    white = place(outline("-76,22 -54,-18 -8,-42 46,-36 84,-4 / 70,40 20,62 -34,56 -76,22"))
    sheet.fill(white, WHITE)
    with sheet.group(clip=white):
        iris = ellipse(x, y + 8 * size, 44 * size, 56 * size)
        sheet.fill(iris, DARK)
        sheet.shade(ellipse(x, y + 36 * size, 30 * size, 22 * size), LIGHT)
        sheet.stroke(iris, 4 * size)
        sheet.solid(ellipse(x, y + 4 * size, 20 * size, 27 * size), BLACK)
        sheet.shade(place(outline("-80,-60 90,-60 / 90,-10 / 40,-22 -10,-26 -60,-4 -80,20")), BLACK)
        for angle in np.linspace(25, 155, 14):
            ray = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
            line = np.linspace(ray * (26, 34), ray * (42, 53), 5) * size + (x, y + 8 * size)
            sheet.line(line, 2 * size, start=0.2, end=1)
    sheet.shade(ellipse(x - 15 * size, y - 16 * size, 14 * size, 17 * size), WHITE)
    sheet.shade(ellipse(x + 17 * size, y + 34 * size, 7 * size, 8 * size), WHITE)
    lash = outline(
        "-84,32 -58,-22 -10,-50 48,-46 88,-14 108,-10 / 94,2 80,10 / 44,-30 -8,-36 -50,-12 -84,32"
    )
    sheet.ink(place(lash))
    for a, b in (((66, -34), (92, -52)), ((84, -20), (112, -32)), ((-40, -34), (-52, -50))):
        sheet.line(place(np.linspace(a, b, 6)), 6 * size, start=1)
    sheet.line(place(curve("72,38 34,62 -6,66 -40,58")), 4 * size)
    sheet.line(place(curve("-66,-44 -14,-70 44,-66 92,-38")), 2.4 * size)
    brow = taper(place(curve("-86,-68 -30,-100 40,-104 100,-84")), 13 * size, start=0.5)
    sheet.ink(brow)


def black_lock(
    sheet: Sheet, knots: Knots, widths: tuple[float, ...], shine: float | None = None
) -> None:
    """A lock of solid black with a rim of light along its edge and a ragged band of light."""
    hair = lock(knots, widths)
    sheet.fill(hair.outline, WHITE)
    sheet.stroke(hair.outline, 2.2)
    inner = lock(knots, [max(w - 3, 0) for w in widths])
    sheet.solid(inner.outline, BLACK, 1.5)
    if shine is None:
        return
    random = rng(f"shine {knots[0]}")
    for across in np.linspace(-0.6, 0.6, 6):
        start = shine + random.uniform(-0.06, 0.02)
        strand = hair.strand(across, start, start + random.uniform(0.1, 0.22))
        sheet.shade(taper(strand, random.uniform(2, 5)), WHITE)


def city(sheet: Sheet) -> None:
    """Dusk over roofs: a gradient of tone, clouds, a sound effect."""
    frame = points("20,290 310,290 310,620 20,620")
    sheet.fill(
        frame, sheet.linear((0, 300), (0, 540), (0, tone(0.42)), (0.55, tone(0.8)), (1, tone(0.97)))
    )
    for x, y, size in ((90, 392, 1.0), (232, 440, 0.8)):
        puffs = [
            ellipse(x + dx * size, y + dy * size, r * size, r * 0.7 * size)
            for dx, dy, r in ((-44, 6, 26), (-14, -12, 34), (24, -4, 30), (54, 8, 20))
        ]
        for puff in puffs:
            sheet.stroke(puff, 4)
        for puff in puffs:
            sheet.fill(puff, WHITE)
    for x0, x1, top, paint in (
        (24, 80, 470, LIGHT),
        (150, 214, 450, LIGHT),
        (240, 300, 482, LIGHT),
        (70, 124, 500, WHITE),
        (196, 262, 512, WHITE),
    ):
        area(sheet, np.array([(x0, top), (x1, top), (x1, 620), (x0, 620)]), paint)
        for y in range(int(top) + 12, 610, 20):
            for x in range(int(x0) + 9, int(x1) - 8, 15):
                sheet.shade(np.array([(x, y), (x + 8, y), (x + 8, y + 11), (x, y + 11)]), DARK)
                sheet.stroke(np.array([(x, y), (x + 8, y), (x + 8, y + 11), (x, y + 11)]), 1.2)
    tower = outline("128,560 140,440 144,372 / 152,372 / 156,440 168,560")
    area(sheet, tower, WHITE)
    area(sheet, outline("124,428 172,428 / 164,450 / 132,450 / 124,428"), BLACK)
    pen(sheet, "148,372 148,334", 3, start=1)
    for y in (480, 510, 540):
        pen(sheet, [(135, y), (161, y)], 2, start=1, end=1)
    sheet.ink(points("20,574 70,566 130,580 200,568 310,578 310,620 20,620"))


def runner(sheet: Sheet) -> None:
    """A boy who runs, coat flying, between speed lines."""
    sheet.shade(points("290,540 680,520 680,620 290,620"), LIGHT)
    speed_lines(sheet, RUNNER, 90, "runner")
    with sheet.group(transform="translate(474 466) rotate(-8) scale(0.86)"):
        back_leg = limb("24,40 74,62 98,30 132,4", 44, 40, 32, 22)
        shoe = outline("124,-14 146,-20 158,2 / 164,26 152,32 / 140,20 120,14 / 124,-14")
        for shape, paint in ((back_leg, BLACK), (shoe, WHITE)):
            area(sheet, shape, paint)
        arm = limb("20,-64 64,-44 92,-70 100,-100", 30, 28, 24, 22)
        area(sheet, arm, MIDDLE)
        area(sheet, ellipse(103, -110, 15, 14), WHITE)
        coat = outline(
            "-34,-86 -44,-30 -36,30 / 10,50 52,40 / 110,54 150,24 / 90,16 60,-20 40,-76 / "
            "6,-96 -34,-86"
        )
        area(sheet, coat, MIDDLE)
        sheet.shade(outline("10,46 40,-10 40,-76 / 60,-20 90,16 150,24 / 110,54 52,40 10,46"), DARK)
        for knots in (
            "-34,-86 -44,-30 -36,30",
            "52,40 110,54 150,24",
            "150,24 90,16 60,-20",
            "52,40 46,10 52,-16",
            "-10,-60 -16,-10 -8,38",
        ):
            pen(sheet, knots)
        front_leg = limb("-8,34 -62,40 -84,78 -104,116", 48, 44, 34, 24)
        area(sheet, front_leg, BLACK)
        pen_white(sheet, "-20,26 -58,30 -74,50")
        shoe = outline("-118,100 -100,124 -92,132 / -118,146 -150,140 / -148,124 -118,100")
        area(sheet, shoe, WHITE)
        pen(sheet, "-146,136 -116,138 -96,130", 2, start=1, end=1)
        head(sheet)
        arm = limb("-14,-70 -50,-44 -74,-20 -104,-36", 34, 32, 28, 24)
        area(sheet, arm, WHITE)
        sheet.shade(limb("-12,-62 -48,-36 -74,-12", 12, 12, 8), MIDDLE)
        area(sheet, ellipse(-112, -42, 16, 15), WHITE)
        for dx in (-4, 2):
            pen(sheet, [(-122, -44 + dx * 1.5), (-112, -42 + dx * 1.5)], 1.8)
    for x, y, r in ((610, 588, 20), (640, 576, 14), (582, 598, 12)):
        area(sheet, ellipse(x, y, r, r * 0.7), WHITE, 2)


def pen_white(sheet: Sheet, knots: Knots) -> None:
    sheet.shade(taper(curve(knots), 3), WHITE)


def head(sheet: Sheet) -> None:
    face = outline(
        "-66,-142 -72,-120 -74,-106 -66,-90 -48,-80 / -20,-86 0,-112 / -10,-160 -66,-142"
    )
    area(sheet, face, WHITE)
    sheet.shade(outline("-30,-84 -10,-96 0,-112 -6,-140 / -18,-110 -30,-84"), MIDDLE)
    sheet.ink(taper(curve("-66,-126 -56,-130 -44,-122"), 5, start=0.6))
    sheet.solid(ellipse(-56, -120, 5, 8), BLACK, 1)
    sheet.ink(taper(curve("-70,-138 -56,-140 -42,-132"), 5, start=0.8))
    area(sheet, outline("-66,-98 -54,-100 / -54,-90 -62,-89 -66,-98"), BLACK, 1.4)
    pen(sheet, "-72,-118 -79,-110 -72,-106", 2, start=1, end=1)
    area(sheet, curve("-14,-124 -4,-130 2,-118 -8,-108", closed=True), WHITE, 2)
    for knots, widths in (
        ("-30,-158 20,-178 60,-170 84,-184", (40, 44, 26, 0)),
        ("-20,-146 30,-150 58,-136 84,-140", (40, 44, 26, 0)),
        ("-16,-136 14,-124 30,-104 52,-98", (30, 34, 20, 0)),
        ("-40,-162 -30,-186 0,-204 34,-206", (36, 40, 26, 0)),
        ("-30,-160 -64,-166 -76,-150 -82,-134", (30, 34, 22, 0)),
        ("-30,-158 -48,-150 -50,-138 -58,-128", (26, 28, 16, 0)),
        ("-24,-156 -30,-140 -26,-130 -34,-122", (24, 26, 14, 0)),
    ):
        black_lock(sheet, knots, widths, shine=0.4)


def shout(sheet: Sheet) -> None:
    """A girl who shouts with her fist up, in the middle of focus lines."""
    focus_lines(sheet, (350, 800), (215, 130), 170, "shout")
    for knots, widths in (
        ("320,720 230,760 190,850 110,880", (80, 96, 70, 0)),
        ("320,720 240,790 230,900 170,960", (80, 100, 80, 0)),
        ("380,720 460,770 480,860 560,900", (80, 96, 70, 0)),
        ("380,720 440,800 450,900 500,980", (80, 100, 80, 20)),
        ("330,720 220,720 170,770 96,776", (60, 60, 40, 0)),
        ("380,720 480,726 550,790 650,800", (60, 66, 44, 0)),
    ):
        black_lock(sheet, knots, widths, shine=0.5)
    body = outline("318,880 258,900 216,936 200,990 / 520,990 / 490,936 446,900 388,880")
    area(sheet, points("326,850 322,910 386,910 384,850"), WHITE)
    sheet.shade(outline("326,852 352,888 384,876 / 384,840 / 326,840"), MIDDLE)
    area(sheet, body, WHITE)
    for side in (-1, 1):
        collar = outline("40,874 88,896 118,930 / 60,960 2,986 / 20,930 40,874")
        area(sheet, collar * (side, 1) + (354, 0), DARK)
        pen_white(sheet, curve("104,930 58,950 14,970") * (side, 1) + (354, 0))
    face = outline(
        "280,770 284,818 312,858 350,882 / 358,882 / 398,856 424,814 428,766 / 400,700 "
        "310,700 280,770"
    )
    area(sheet, face, WHITE)
    with sheet.group(clip=face):
        sheet.shade(
            outline("270,700 440,700 / 432,790 400,770 370,786 340,768 310,786 276,800"), MIDDLE
        )
    eye(sheet, 318, 794, -1, 0.36)
    eye(sheet, 392, 792, 1, 0.36)
    pen(sheet, "354,812 350,822 356,824", 2)
    mouth = outline("326,838 352,832 382,836 / 376,862 354,872 334,862 326,838")
    area(sheet, mouth, BLACK)
    with sheet.group(clip=mouth):
        sheet.shade(ellipse(356, 872, 18, 12), MIDDLE)
        sheet.shade(outline("326,834 382,832 / 378,844 / 354,842 332,846"), WHITE)
    for knots, widths in (
        ("346,672 296,700 270,750 268,830", (20, 44, 44, 0)),
        ("350,672 318,700 300,740 306,784", (20, 42, 40, 0)),
        ("354,672 346,704 336,740 344,778", (20, 40, 36, 0)),
        ("358,672 374,704 378,740 368,782", (20, 40, 38, 0)),
        ("362,672 404,700 412,740 402,786", (20, 42, 40, 0)),
        ("366,672 424,704 442,760 440,836", (20, 44, 44, 0)),
    ):
        black_lock(sheet, knots, widths, shine=0.44)
    crown = curve("272,760 280,710 318,674 356,664 396,674 432,710 440,760")
    sheet.shade(taper(crown[40:-40] + (0, 7), 18), BLACK)
    pen(sheet, "338,668 322,646 298,644", 5, start=1)
    pen(sheet, "366,668 388,640 424,648", 5, start=1)
    fist(sheet)


def fist(sheet: Sheet) -> None:
    sleeve = outline("470,980 500,900 512,842 / 566,850 / 570,920 560,990")
    area(sheet, sleeve, WHITE)
    sheet.shade(outline("540,990 548,920 548,848 / 566,850 570,920 560,990"), MIDDLE)
    area(sheet, outline("506,836 570,844 / 568,864 / 504,856 / 506,836"), DARK)
    hand = curve("514,838 500,806 508,772 540,760 574,768 586,800 574,844", closed=True)
    area(sheet, hand, WHITE)
    for x, y in ((508, 766), (528, 758), (549, 758), (569, 766)):
        area(
            sheet,
            curve(
                [
                    (x - 11, y + 6),
                    (x - 7, y - 8),
                    (x + 7, y - 8),
                    (x + 12, y + 6),
                    (x + 10, y + 28),
                    (x - 9, y + 28),
                ],
                closed=True,
            ),
            WHITE,
        )
    area(
        sheet,
        rotate(curve("-26,-10 0,-14 26,-8 30,4 20,13 -10,12 -28,6", closed=True), -10) + (536, 804),
        WHITE,
    )
    sheet.shade(curve("570,800 584,806 572,842 562,838", closed=True), MIDDLE)


# --- Lettering ------------------------------------------------------------------------------------

# Strokes of a few kana in a square of one by one.
GLYPHS = {
    "do": (
        "0.3,0.02 0.3,0.98",
        "0.3,0.36 0.55,0.46 0.74,0.6",
        "0.62,0.06 0.7,0.24",
        "0.82,0 0.92,0.18",
    ),
    "n": ("0.1,0.16 0.24,0.24 0.36,0.36", "0.14,0.92 0.5,0.78 0.78,0.5 0.94,0.2"),
    "i": ("0.86,0.04 0.56,0.34 0.1,0.58", "0.56,0.36 0.56,0.98"),
    "ku": ("0.42,0.02 0.3,0.26 0.08,0.5", "0.36,0.2 0.86,0.2 0.74,0.6 0.3,0.98"),
    "zo": (
        "0.1,0.2 0.18,0.34 0.24,0.5",
        "0.7,0.14 0.62,0.56 0.26,0.96",
        "0.74,0 0.8,0.14",
        "0.9,-0.04 0.97,0.1",
    ),
    "!": ("0.62,0 0.52,0.62", "0.48,0.84 0.47,0.9"),
    ".": ("0.5,0.46 0.5,0.5",),
}


def letter(
    sheet: Sheet,
    glyph: str,
    x: float,
    y: float,
    size: float,
    weight: float,
    edge: str | None = None,
    turn: float = 0,
) -> None:
    strokes = [rotate(curve(points(knots) * size), turn) + (x, y) for knots in GLYPHS[glyph]]
    if edge:
        for stroke in strokes:
            sheet.stroke(stroke, weight + 7, edge, closed=False)
    for stroke in strokes:
        sheet.stroke(stroke, weight, closed=False)


def balloons(sheet: Sheet) -> None:
    """Lettering over the panels: a burst, a quiet balloon, a sound effect."""
    random = rng("burst")
    count = 26
    angle = np.linspace(0, 2 * np.pi, 2 * count, endpoint=False)
    radius = np.where(np.arange(2 * count) % 2, 1, random.uniform(1.25, 1.5, 2 * count))
    burst = np.stack([62 * radius * np.cos(angle), 84 * radius * np.sin(angle)], 1) + (124, 742)
    area(sheet, burst, WHITE, 3)
    for index, glyph in enumerate(("i", "ku", "zo", "!")):
        letter(sheet, glyph, 106, 672 + 36 * index, 32, 5.5)
    oval = ellipse(626, 322, 34, 50)
    area(sheet, oval, WHITE, 2.6)
    tip = outline("606,358 592,384 / 620,368")
    sheet.fill(tip, WHITE)
    sheet.stroke(tip, 2.6, closed=False)
    for index in range(3):
        letter(sheet, ".", 614, 296 + 18 * index, 22, 6)
    for glyph, x, y, size in (("do", 196, 322, 74), ("n", 216, 400, 62)):
        letter(sheet, glyph, x, y, size, 15, WHITE, turn=-8)
