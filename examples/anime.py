"""A girl in a sailor collar: thin tapered ink, cel shading over soft gradients."""

from dataclasses import dataclass

import numpy as np

from toolkit import (
    Knots,
    Lock,
    Points,
    Sheet,
    curve,
    ellipse,
    lock,
    normals,
    outline,
    points,
    rng,
    rotate,
    taper,
)

SKIN, SKIN_SHADE, SKIN_INK = "#fde8da", "#eeb0a1", "#8f4a40"
HAIR_INK, HAIR_SHADE, HAIR_LIGHT = "#4f1f3a", "#7a3f7c", "#ffeadc"
NAVY, NAVY_SHADE, NAVY_INK = "#44598f", "#2a3468", "#1c2144"
KNIT, KNIT_SHADE, KNIT_INK = "#f6dfae", "#d9a06c", "#7a4a33"
BLOUSE, BLOUSE_SHADE, BLOUSE_INK = "#fefcf9", "#c3c9e4", "#4d5275"
RIBBON, RIBBON_SHADE, RIBBON_INK = "#ea5560", "#b02c50", "#661b33"
LASH = "#33171f"

CONTOUR = outline(
    "272,350 264,420 267,454 264,492 278,538 311,577 346,601 362,605 / 380,600 "
    "430,576 476,540 502,490 512,430 514,350"
)
FACE = np.concatenate([CONTOUR, curve("514,350 480,260 390,230 300,262 272,350")])

NECK = outline(
    "352,560 354,636 344,668 300,690 / 336,780 384,850 / 436,780 482,690 / 438,668 430,636 436,540"
)
TORSO = outline(
    "346,668 270,706 204,738 172,784 152,880 134,1030 / 648,1030 / 630,880 610,786 "
    "574,738 508,704 436,668"
)
V_NECK = outline("300,770 326,850 384,968 / 446,850 474,770")
TRIM = outline(
    "278,770 304,866 366,1000 370,1030 / 398,1030 / 400,1000 468,862 496,770 / "
    "474,770 / 446,850 384,968 / 326,850 300,770"
)
COLLAR_LEFT = outline(
    "342,654 318,680 322,716 348,786 384,850 / 330,838 262,800 198,744 / 232,706 286,672 342,654"
)
COLLAR_RIGHT = outline(
    "438,654 462,680 458,716 426,788 384,850 / 444,838 516,800 582,744 / 546,706 494,672 438,654"
)


# Folds of the cardigan: a line, and how deep the shadow beside it is (to its left if negative).
FOLDS = (
    ("226,836 236,930 222,1034", -26),
    ("224,874 270,890 316,926", 14),
    ("234,912 286,952 336,1020", 22),
    ("254,978 286,1002 306,1034", 10),
    ("556,836 544,930 556,1034", -26),
    ("554,872 510,898 470,940", -14),
    ("546,914 498,966 456,1026", -24),
    ("166,812 180,868 212,896", 16),
    ("150,936 178,966 214,966", 14),
    ("222,984 196,1004 170,1034", -12),
    ("614,812 600,872 566,900", -18),
    ("640,946 612,978 572,974", -14),
    ("556,1000 584,1010 612,1034", 10),
)


def fold(knots: Knots, depth: float) -> Points:
    line = curve(knots)
    belly = np.sin(np.pi * np.linspace(0, 1, len(line)) ** 0.8)[:, None] * depth
    return np.concatenate([line, (line + normals(line) * belly)[::-1]])


@dataclass(frozen=True)
class Fall:
    """How a lock hangs: knots of its spine, its widths, and where its outline becomes visible."""

    knots: str
    widths: tuple[float, ...]
    root: float = 0.18
    strands: tuple[tuple[float, float, float], ...] = ((-0.35, 0.4, 0.92), (0.3, 0.55, 0.96))
    shine: float | None = None  # where along the lock the band of light crosses it

    @property
    def lock(self) -> Lock:
        return lock(self.knots, self.widths)


BACK = (
    Fall("520,330 612,480 640,600 700,680 772,690", (60, 84, 62, 40, 0)),
    Fall("500,330 600,520 610,660 672,790 764,820 800,800", (90, 110, 90, 66, 36, 0)),
    Fall("300,330 206,470 186,620 140,730 52,768", (60, 80, 72, 46, 0)),
    Fall("300,330 214,480 200,640 176,780 120,880 48,920", (90, 110, 92, 72, 40, 0)),
    Fall("300,360 226,500 216,640 206,740 160,830 104,856", (30, 50, 52, 44, 26, 0)),
    Fall("310,330 240,500 238,680 220,840 176,960 150,1060", (90, 120, 100, 90, 64, 20)),
    Fall("490,330 580,540 578,700 620,850 700,940 760,950", (90, 130, 110, 84, 44, 0)),
    Fall("500,360 598,500 602,640 622,760 680,880 738,896", (30, 50, 54, 48, 28, 0)),
    Fall("480,330 556,520 548,700 576,860 632,980 660,1080", (90, 130, 110, 96, 70, 20)),
)

SIDE = (
    Fall(
        "352,210 282,284 247,390 244,510 264,620 252,730 210,796 168,800",
        (20, 50, 62, 58, 50, 40, 20, 0),
        root=0.14,
        strands=((-0.4, 0.3, 0.9), (0.3, 0.4, 0.96), (0, 0.5, 0.85)),
        shine=0.21,
    ),
    Fall(
        "330,240 258,340 246,450 254,560 280,650 268,722",
        (20, 40, 40, 34, 22, 0),
        root=0.3,
        strands=((0.1, 0.4, 0.95),),
    ),
    Fall(
        "440,210 516,284 544,400 538,530 546,650 586,760 602,850 562,920",
        (20, 56, 70, 62, 56, 46, 30, 0),
        root=0.14,
        strands=((-0.4, 0.3, 0.9), (0.3, 0.4, 0.96), (0, 0.5, 0.85)),
        shine=0.2,
    ),
    Fall(
        "450,240 518,340 526,450 512,560 506,650 532,740",
        (20, 44, 44, 36, 26, 0),
        root=0.3,
        strands=((-0.1, 0.4, 0.95),),
    ),
)

BANGS = (
    Fall("380,172 304,224 268,296 262,370 272,446", (20, 64, 70, 46, 0), shine=0.47),
    Fall("430,174 508,234 538,320 536,410 514,488", (20, 70, 76, 50, 0), shine=0.42),
    Fall("386,170 330,228 300,304 288,360 294,408", (20, 60, 62, 40, 0), shine=0.5),
    Fall("422,172 484,236 512,310 514,370 496,424", (20, 62, 68, 44, 0), shine=0.48),
    Fall("412,170 456,234 478,306 476,358 454,396", (20, 58, 66, 42, 0), shine=0.52),
    Fall("390,170 354,232 334,304 328,356 340,392", (20, 52, 58, 38, 0), shine=0.53),
    Fall("406,168 424,232 434,300 430,356 398,402", (20, 56, 64, 46, 0), shine=0.51),
    Fall("398,168 384,232 376,306 366,366 338,414", (20, 50, 56, 38, 0), shine=0.5),
    Fall(
        "402,168 404,236 404,306 396,350 374,386",
        (10, 24, 32, 22, 0),
        strands=((0, 0.5, 0.95),),
        shine=0.54,
    ),
)

CURLS = (
    Fall("406,158 404,116 432,90 470,96 486,122", (8, 15, 14, 10, 0), root=0, strands=()),
    Fall("396,158 386,122 362,108 340,116", (6, 10, 8, 0), root=0, strands=()),
)
LOOSE = (
    Fall("530,330 588,420 594,520 640,590 676,592", (0, 8, 10, 7, 0), root=0, strands=()),
    Fall("258,360 212,440 210,540 184,616 150,626", (0, 8, 10, 7, 0), root=0, strands=()),
)


def draw() -> Sheet:
    sheet = Sheet(768, 1024)
    background(sheet)
    hair = sheet.linear(
        (0, 140), (0, 960), (0, "#a04f7c"), (0.3, "#c66d8b"), (0.6, "#ee9f9a"), (1, "#ffd8b4")
    )
    back = sheet.linear(
        (0, 200), (0, 1000), (0, "#642c5c"), (0.35, "#8d4473"), (0.7, "#cf7b8a"), (1, "#f8bfa4")
    )
    nape = outline("250,420 262,640 300,720 / 500,720 / 540,640 560,420")
    sheet.fill(nape, "#5a3054")
    for fall in BACK:
        draw_lock(sheet, fall, back)
    body(sheet)
    with sheet.group(transform="translate(0 14) rotate(3 390 640)"):
        head(sheet)
        front_hair(sheet, hair)
    petals(sheet)
    return sheet


def background(sheet: Sheet) -> None:
    frame = outline("0,0 768,0 / 768,1024 / 0,1024")
    sky = sheet.linear((0, 0), (300, 1024), (0, "#9fd2ec"), (0.55, "#dff0ee"), (1, "#fff1dc"))
    sheet.fill(frame, sky)
    random = rng("anime background")
    for _ in range(46):
        x, y, r = random.uniform(0, 768), random.uniform(0, 1024), random.uniform(14, 70)
        paint = str(random.choice(["#ffffff", "#fff6d8", "#c9eef0", "#ffd9dd"]))
        sheet.shade(ellipse(x, y, r, r), paint, blur=random.uniform(1, 9), opacity=0.4)


def body(sheet: Sheet) -> None:
    cardigan(sheet)
    neck(sheet)
    collar(sheet)
    bow(sheet)


def neck(sheet: Sheet) -> None:
    sheet.fill(NECK, SKIN)
    under_chin = outline("330,560 346,650 384,682 424,664 445,700 / 460,540")
    panel = outline("300,752 384,770 470,752 / 384,870 300,752")
    with sheet.group(clip=NECK):
        sheet.shade(under_chin, SKIN_SHADE)
        sheet.shade(COLLAR_RIGHT - (12, 4), SKIN_SHADE, opacity=0.8)
        sheet.line(curve("352,724 366,731 378,747"), 2, SKIN_INK)
        sheet.line(curve("424,720 408,729 400,744"), 2, SKIN_INK)
        sheet.fill(panel, BLOUSE)
        with sheet.group(clip=panel):
            sheet.shade(COLLAR_RIGHT - (14, 0), BLOUSE_SHADE)
        sheet.line(curve("300,752 384,770 470,752"), 2.2, BLOUSE_INK, start=1, end=1)
        sheet.shade(outline("300,766 384,784 470,766 / 470,772 / 384,790 300,772"), NAVY)
    sheet.line(curve("352,600 354,636 344,670 320,690"), 2.4, SKIN_INK)
    sheet.line(curve("436,580 430,636 438,670 460,690"), 2.4, SKIN_INK)


def cardigan(sheet: Sheet) -> None:
    sheet.fill(TORSO, KNIT)
    with sheet.group(clip=TORSO):
        glow = sheet.linear(
            (150, 0), (640, 0), (0, "#fff3d2", 0.9), (0.5, KNIT, 0), (1, "#c98a67", 0.55)
        )
        sheet.shade(TORSO, glow)
        sheet.shade(COLLAR_LEFT + (4, 26), KNIT_SHADE, opacity=0.8)
        sheet.shade(COLLAR_RIGHT + (10, 28), KNIT_SHADE, opacity=0.8)
        for knots, depth in FOLDS:
            sheet.shade(fold(knots, depth), KNIT_SHADE, opacity=0.75)
        blouse = outline("290,760 480,760 / 474,770 / 446,850 384,968 / 326,850 300,770")
        sheet.fill(blouse, BLOUSE)
        with sheet.group(clip=blouse):
            sheet.shade(COLLAR_LEFT + (4, 24), BLOUSE_SHADE)
            sheet.shade(COLLAR_RIGHT + (-2, 24), BLOUSE_SHADE)
        sheet.fill(TRIM, "#f0cf95")
        sheet.shade(TRIM + (7, 0), KNIT_SHADE, opacity=0.25)
    for t in np.linspace(0.08, 0.97, 30):
        for side in (-1, 1):
            x, y = np.array([384, 968]) + (1 - t) * np.array([side * 88, -200])
            sheet.shade(taper(curve([(x, y), (x + side * 20, y + 16)]), 1.6), KNIT_SHADE)
    sheet.line(V_NECK, 2.4, KNIT_INK, start=1, end=1)
    sheet.line(curve("278,770 304,866 366,1000 370,1030"), 2.4, KNIT_INK, start=1, end=1)
    sheet.line(curve("496,770 468,862 400,1000 398,1030"), 2.4, KNIT_INK, start=1, end=1)
    for line in (
        "270,706 204,738 172,784 152,880 134,1030",
        "648,1030 630,880 610,786 574,738 508,704",
    ):
        sheet.line(curve(line), 3, KNIT_INK, start=0.4, end=0.6)
    for knots, _ in FOLDS:
        sheet.line(curve(knots), 2.2, KNIT_INK)
    sheet.fill(ellipse(385, 1006, 8, 9), "#a5653f")
    sheet.stroke(ellipse(385, 1006, 8, 9), 1.8, KNIT_INK)


def collar(sheet: Sheet) -> None:
    for shape, side in ((COLLAR_LEFT, -1), (COLLAR_RIGHT, 1)):
        far = (384 + side * 180, 800)
        paint = sheet.linear((384, 660), far, (0, NAVY_SHADE), (0.4, NAVY), (1, "#5a73ab"))
        sheet.fill(shape, paint)
        knots = points("170,732 114,782 54,814 26,824")
        stripe = curve(knots * (side, 1) + (384 - 8 * (side < 0), 0))
        sheet.shade(taper(stripe, 5, start=1, end=1), "#f6f3ee")
        sheet.line(np.append(shape, shape[:1], axis=0), 2.8, NAVY_INK, start=1, end=1)
    with sheet.group(clip=COLLAR_RIGHT):
        sheet.shade(
            outline("470,640 500,700 480,780 400,850 / 380,840 420,640"),
            NAVY_SHADE,
            opacity=0.75,
        )


def bow(sheet: Sheet) -> None:
    tails = (
        outline("376,862 350,920 322,984 / 346,976 368,996 / 384,930 390,866"),
        outline("384,866 396,930 420,998 / 434,974 458,972 / 424,912 398,860"),
    )
    loops = (
        outline("374,840 330,806 286,808 270,838 / 280,872 318,890 374,862 / 370,850 374,840"),
        outline("394,838 438,802 484,800 502,828 / 494,866 452,886 394,862 / 398,850 394,838"),
    )
    knot = outline("370,834 384,829 399,833 / 404,852 399,870 / 384,874 370,868 / 365,850 370,834")
    for shape in tails:
        ribbon(sheet, shape)
    for shape, side in zip(loops, (-1, 1), strict=True):
        ribbon(sheet, shape)
        with sheet.group(clip=shape):
            x = 384 + side * 14
            sheet.shade(
                outline(
                    [(x, 846), (x + side * 40, 836), (x + side * 80, 852)],
                    [(x + side * 80, 852), (x + side * 44, 866), (x, 900)],
                ),
                RIBBON_SHADE,
            )
        for dy in (0, 12):
            sheet.line(
                curve(
                    [(x, 846 + dy / 2), (x + side * 28, 838 + dy), (x + side * 54, 838 + dy * 1.5)]
                ),
                2.2,
                RIBBON_INK,
                start=1,
            )
    ribbon(sheet, knot)
    sheet.line(curve("378,836 374,850 378,866"), 1.8, RIBBON_INK)


def ribbon(sheet: Sheet, shape: Points) -> None:
    sheet.fill(shape, RIBBON)
    with sheet.group(clip=shape):
        sheet.shade(shape + (10, 16), RIBBON_SHADE, opacity=0.35)
    sheet.line(np.append(shape, shape[:1], axis=0), 2.6, RIBBON_INK, start=1, end=1)


def head(sheet: Sheet) -> None:
    sheet.fill(FACE, SKIN)
    with sheet.group(clip=FACE):
        for fall in BANGS + SIDE:
            sheet.shade(fall.lock.outline + (7, 17), SKIN_SHADE)
        for x, y, r in ((298, 532, 28), (444, 536, 34)):
            sheet.shade(ellipse(x, y, r, 17), "#f7817b", blur=9, opacity=0.5)
            for dx in (-12, -2, 8):
                sheet.shade(ellipse(x + dx, y, 1.3, 8, 24), "#e0605c", opacity=0.55)
        sheet.shade(ellipse(362, 600, 60, 12), "#f6bfae", blur=7, opacity=0.7)
    sheet.line(CONTOUR, 2.8, SKIN_INK, rise=0.2, fall=0.3)
    eye(sheet, 317, 462, -0.82)
    eye(sheet, 430, 462, 1.0)
    sheet.shade(outline("352,512 346,530 356,530 / 352,512"), SKIN_SHADE, opacity=0.8)
    sheet.line(curve("350,520 346,530 353,533"), 2.2, SKIN_INK)
    sheet.shade(ellipse(352, 518, 2.2, 3), "#ffffff", opacity=0.9)
    mouth = outline("338,558 358,562 384,556 / 374,576 358,581 345,573 338,558")
    sheet.fill(mouth, "#a83f47")
    with sheet.group(clip=mouth):
        sheet.shade(ellipse(360, 581, 17, 10), "#f08c86")
        sheet.shade(outline("338,556 384,554 / 384,563 / 360,569 340,564"), "#fff6f2")
    sheet.line(curve("334,555 345,561 360,563 378,559 389,553"), 2.6, "#7a2f33")
    sheet.line(curve("339,560 345,573 358,582 374,577 383,558"), 2, "#7a2f33")
    sheet.line(curve("352,590 360,592 368,590"), 1.6, SKIN_INK)


def eye(sheet: Sheet, x: float, y: float, width: float) -> None:
    """An eye about (x, y); a negative `width` mirrors it. The lights stay on the same side."""

    def place(points: Points) -> Points:
        return np.asarray(points) * (width, 1) + (x, y)

    span = abs(width)
    white = place(
        outline("-43,14 -34,-16 -10,-38 20,-38 42,-16 48,10 / 38,34 14,47 -14,45 -34,33 -43,14")
    )
    sheet.fill(white, "#fffdfb")
    iris = ellipse(x, y + 5, 33 * span, 42)
    with sheet.group(clip=white):
        colours = sheet.linear(
            (x, y - 38),
            (x, y + 47),
            (0, "#12304a"),
            (0.4, "#1b6788"),
            (0.72, "#3fb2bd"),
            (1, "#c2f7e0"),
        )
        sheet.fill(iris, colours)
        random = rng("iris")
        for angle in np.linspace(20, 160, 17):
            direction = np.array(
                [33 * span * np.cos(np.radians(angle)), 42 * np.sin(np.radians(angle))]
            )
            ray = (x, y + 5) + np.outer([0.5, random.uniform(0.75, 0.92)], direction)
            sheet.shade(ellipse(*ray.mean(0), 1.2, 7, angle - 90), "#0f4a66", opacity=0.35)
        sheet.stroke(iris, 3.4, "#12304a")
        sheet.solid(ellipse(x, y + 3, 13 * span, 19), "#0b1e33")
        sheet.shade(ellipse(x + 2, y + 35, 18 * span, 8), "#e4fff2", blur=2.5, opacity=0.85)
        sheet.shade(place(ellipse(0, -46, 62, 31)), "#2b2f5c", blur=3, opacity=0.5)
    sheet.shade(ellipse(x - 12, y - 15, 10, 13, -15), "#ffffff")
    sheet.shade(ellipse(x + 14, y + 23, 5, 6), "#ffffff", opacity=0.95)
    sheet.shade(ellipse(x + 17, y - 6, 3, 4), "#bff4f0", opacity=0.9)
    lash = outline(
        "-47,20 -40,-10 -16,-40 14,-47 40,-32 54,-8 66,-6 / 54,6 48,14 / 40,-9 16,-33 "
        "-12,-31 -32,-11 -47,20"
    )
    sheet.ink(place(lash), LASH)
    sheet.line(place(curve("46,-22 58,-25 66,-32")), 5, LASH, start=1)
    sheet.line(place(curve("42,29 28,42 6,48 -14,46")), 3, "#6b3238")
    sheet.line(place(curve("44,26 50,30 56,29")), 2.4, LASH, start=1)
    sheet.line(place(curve("-36,-32 -10,-55 22,-57 48,-41")), 2, SKIN_INK)
    sheet.line(place(curve("-36,-74 -8,-88 22,-86 50,-68")), 6, "#7b4650", start=0.5)


def front_hair(sheet: Sheet, paint: str) -> None:
    crown = "236,440 226,340 246,244 306,168 398,140 490,160 552,230 578,330 570,460"
    cap = outline(crown, "570,460 500,300 400,250 300,290 236,440")
    for fall in CURLS:
        draw_lock(sheet, fall, paint)
    sheet.fill(cap, paint)
    sheet.line(curve(crown), 3.2, HAIR_INK)
    for fall in SIDE:
        draw_lock(sheet, fall, paint)
    warmth = sheet.linear((0, 330), (0, 450), (0, "#ffd9c4", 0), (1, "#ffd9c4", 0.6))
    for fall in BANGS:
        draw_lock(sheet, fall, paint, over=warmth)
    for fall in LOOSE:
        draw_lock(sheet, fall, paint)
    flower(sheet, 516, 318)


def draw_lock(sheet: Sheet, fall: Fall, paint: str, over: str = "none") -> None:
    hair = fall.lock
    sheet.fill(hair.outline, paint)
    sheet.shade(hair.outline, over)
    sheet.shade(hair.crescent(-1, 0.75, 0.1, 1), HAIR_SHADE, opacity=0.42, blend="multiply")
    sheet.shade(hair.crescent(-1, 0.35, 0.3, 1), HAIR_SHADE, opacity=0.4, blend="multiply")
    if fall.shine is not None:
        shine(sheet, hair, fall.shine)
    for edge in (-1, 1):
        sheet.line(hair.strand(edge, fall.root, 1), 2.8, HAIR_INK, end=0.5, fall=0.3)
    for across, start, stop in fall.strands:
        sheet.line(hair.strand(across, start, stop), 1.7, HAIR_INK)


def shine(sheet: Sheet, hair: Lock, along: float) -> None:
    """A band of light with ragged ends, as hair reflects a window."""
    random = rng(f"shine {hair.spine[0]}{along}")
    long = 90 / len(hair.spine) / 3
    count = 17
    across = np.linspace(-0.8, 0.9, count)
    spikes = np.where(np.arange(count) % 2, 0.1, random.uniform(0.3, 1, count))
    belly = np.sin(np.linspace(0.1, np.pi - 0.1, count)) * long
    top = hair.at(across, along - belly * spikes * 0.8)
    bottom = hair.at(across, along + belly * np.roll(spikes, 1) + 0.01)
    band = hair.strand(0, along - 0.09, along + 0.11)
    sheet.shade(taper(band, hair.half.max() * 1.5), "#ff9ab0", blur=6, opacity=0.45)
    sheet.shade(np.concatenate([top, bottom[::-1]]), HAIR_LIGHT, opacity=0.8)


def flower(sheet: Sheet, x: float, y: float) -> None:
    petal = outline("0,0 -15,-16 -14,-34 0,-38 / 14,-34 15,-16 0,0")
    blade = outline("0,-10 -13,-34 0,-66 / 13,-34 0,-10")
    for turn in (-74, -40, 158):
        leaf = rotate(blade, turn) + (x, y)
        sheet.fill(leaf, "#8cc79a")
        with sheet.group(clip=leaf):
            sheet.shade(rotate(blade + (10, 0), turn) + (x, y), "#4f9274", opacity=0.7)
        sheet.line(np.append(leaf, leaf[:1], axis=0), 2.2, "#2f5a44", start=1, end=1)
        sheet.line(rotate(curve("0,-20 1,-40 0,-58"), turn) + (x, y), 1.4, "#2f5a44")
    for turn in range(0, 360, 72):
        shape = rotate(petal, turn + 10) + (x, y)
        sheet.fill(shape, "#fffaf5")
        with sheet.group(clip=shape):
            sheet.shade(ellipse(x, y, 20, 20), "#ffc7c4", blur=5)
            sheet.shade(rotate(petal + (12, 4), turn + 10) + (x, y), "#d9d3ea", opacity=0.5)
        sheet.line(np.append(shape, shape[:1], axis=0), 2.2, "#80495a", start=1, end=1)
        sheet.line(rotate(curve("0,-10 1,-18 0,-26"), turn + 10) + (x, y), 1.4, "#c98791")
    sheet.fill(ellipse(x, y, 8, 8), "#ffd565")
    sheet.stroke(ellipse(x, y, 8, 8), 2, "#8a5a2c")


def petals(sheet: Sheet) -> None:
    """Cherry petals in the wind; the near ones are out of focus and have no ink."""
    random = rng("petals")
    shape = outline("0,0 -12,-12 -9,-28 -2,-34 / 0,-30 3,-35 / 10,-27 12,-12 0,0")
    for x, y, size, blur in (
        (92, 250, 1, 0),
        (170, 120, 0.7, 0),
        (660, 300, 0.9, 0),
        (700, 470, 0.7, 0),
        (60, 560, 0.8, 0),
        (610, 96, 0.8, 0),
        (110, 700, 1.9, 5),
        (690, 880, 2.1, 6),
        (40, 400, 1.6, 5),
        (720, 150, 1.6, 5),
    ):
        petal = rotate(shape * size, random.uniform(0, 360)) + (x, y)
        if blur:
            sheet.shade(petal, "#ffb9c4", blur=blur, opacity=0.85)
            continue
        sheet.fill(petal, "#ffd3da")
        sheet.line(np.append(petal, petal[:1], axis=0), 1.8, "#a8566b", start=1, end=1)
