"""A girl in a street at night: low-key colour, ink that is darker still, windows, a moon, a cat."""

from itertools import pairwise

import numpy as np

from toolkit import Points, Sheet, curve, ellipse, lock, outline, points, rng, taper

INK = "#04050c"
WALL_DARK = "#11152c"
WARM, AMBER = "#ffd98c", "#ff9b4a"
VANISH = np.array([440.0, 450.0])


def draw() -> Sheet:
    sheet = Sheet(960, 640)
    sky(sheet)
    far_end(sheet)
    right_side(sheet)
    ground(sheet)
    left_side(sheet)
    pole(sheet)
    cat(sheet, 826, 434)
    girl(sheet)
    return sheet


def left(depth: float, height: float) -> tuple[float, float]:
    """A place on the wall along the left of the street, in perspective."""
    return wall(-80, depth, height)


def right(depth: float, height: float) -> tuple[float, float]:
    return wall(1000, depth, height)


def wall(x: float, depth: float, height: float) -> tuple[float, float]:
    shrink = 1 / (1 + 0.55 * depth)
    return (VANISH[0] + (x - VANISH[0]) * shrink, VANISH[1] + height * shrink)


def panel(side, near: float, far: float, top: float, bottom: float) -> Points:
    return np.array([side(near, top), side(far, top), side(far, bottom), side(near, bottom)])


def area(sheet: Sheet, shape: Points, paint: str, width: float = 1.8) -> None:
    sheet.fill(shape, paint)
    sheet.stroke(shape, width, INK)


def rule(sheet: Sheet, a: tuple[float, float], b: tuple[float, float], width: float = 1.6) -> None:
    sheet.stroke(np.array([a, b]), width, INK, closed=False)


def glow(sheet: Sheet, x: float, y: float, radius: float, colour: str, strength: float) -> None:
    paint = sheet.radial(
        (x, y), radius, (0, colour, strength), (0.35, colour, strength * 0.4), (1, colour, 0)
    )
    sheet.shade(ellipse(x, y, radius, radius), paint, blend="screen")


def sky(sheet: Sheet) -> None:
    frame = points("0,0 960,0 960,640 0,640")
    sheet.fill(
        frame,
        sheet.linear(
            (0, 0), (0, 480), (0, "#080b22"), (0.5, "#1a1f4c"), (0.85, "#3f3768"), (1, "#6a4a70")
        ),
    )
    random = rng("stars")
    for _ in range(110):
        x, y = random.uniform(0, 960), random.uniform(0, 330)
        r = random.uniform(0.5, 1.5)
        sheet.shade(ellipse(x, y, r, r), "#e8ecff", opacity=random.uniform(0.3, 0.95))
    glow(sheet, 470, 130, 300, "#8f97d8", 0.5)
    moon = ellipse(470, 130, 56, 56)
    area(sheet, moon, "#fff3cf", 1.6)
    with sheet.group(clip=moon):
        for x, y, r in ((452, 112, 14), (488, 140, 18), (462, 158, 9), (494, 104, 8)):
            sheet.shade(ellipse(x, y, r, r * 0.85), "#e6d3a4", blur=3, opacity=0.8)
        sheet.shade(ellipse(444, 140, 62, 62), "#fff9e6", blur=14, opacity=0.35)
    for y, x0, x1, thick in (
        (170, 330, 640, 16),
        (190, 420, 760, 12),
        (96, 520, 690, 9),
        (232, 250, 520, 12),
        (262, 520, 720, 10),
    ):
        line = curve([(x0, y), ((2 * x0 + x1) / 3, y - 6), ((x0 + 2 * x1) / 3, y + 4), (x1, y - 3)])
        sheet.shade(taper(line, thick), "#2a2f63", blur=3, opacity=0.9)
        sheet.shade(taper(line - (0, thick * 0.35), thick * 0.25), "#9aa0d8", blur=1.5, opacity=0.6)


def far_end(sheet: Sheet) -> None:
    glow(sheet, 440, 440, 170, "#d9805a", 0.5)
    for x0, x1, top in (
        (330, 392, 352),
        (384, 424, 384),
        (420, 470, 366),
        (462, 520, 392),
        (510, 566, 348),
    ):
        area(sheet, np.array([(x0, top), (x1, top), (x1, 470), (x0, 470)]), "#181b3c", 1.4)
        area(
            sheet,
            np.array([(x0 - 5, top), ((x0 + x1) / 2, top - 16), (x1 + 5, top)]),
            "#101329",
            1.4,
        )
    for x, y in (
        (350, 376),
        (372, 400),
        (398, 402),
        (436, 388),
        (452, 410),
        (480, 410),
        (530, 372),
        (544, 402),
    ):
        sheet.shade(ellipse(x, y + 4, 12, 12), AMBER, blur=5, opacity=0.5)
        area(sheet, np.array([(x - 5, y), (x + 5, y), (x + 5, y + 10), (x - 5, y + 10)]), WARM, 1.2)


def right_side(sheet: Sheet) -> None:
    house = points("592,470 592,330 770,300 770,470")
    area(sheet, house, WALL_DARK)
    roof = outline("572,336 620,270 / 770,226 / 812,296 / 690,318 572,336")
    area(sheet, roof, "#0d1022", 2)
    for t in np.linspace(0.08, 0.92, 11):
        a = (620 + 150 * t, 270 - 44 * t)
        b = (572 + 240 * t, 336 - 40 * t)
        rule(sheet, a, b, 1.2)
    window = points("712,340 756,333 756,396 712,400")
    glow(sheet, 734, 366, 90, AMBER, 0.55)
    area(sheet, window, WARM)
    sheet.shade(points("712,372 756,366 756,396 712,400"), AMBER, opacity=0.4)
    rule(sheet, (734, 337), (734, 398))
    rule(sheet, (712, 370), (756, 364))
    random = rng("tree")
    crown = []
    for angle in np.linspace(0, 2 * np.pi, 44, endpoint=False):
        r = 1 + random.uniform(-0.10, 0.10)
        crown.append((902 + 118 * r * np.cos(angle), 272 + 152 * r * np.sin(angle)))
    area(sheet, curve(crown, closed=True), "#070912", 2)
    for _ in range(46):
        angle, far = random.uniform(0, 2 * np.pi), random.uniform(0.2, 0.92)
        x, y = 902 + 108 * far * np.cos(angle), 272 + 140 * far * np.sin(angle)
        leaf = curve([(x - 9, y + 3), (x - 3, y - 4), (x + 3, y + 1), (x + 9, y - 5)])
        sheet.shade(taper(leaf + (0, -2), 3), "#1c2747", opacity=0.8)
        sheet.line(leaf, 1.6, "#020308")
    fence = panel(right, 0, 7, -30, 165)
    area(
        sheet,
        fence,
        sheet.linear((980, 0), (560, 0), (0, "#0c0f20"), (0.55, "#1d2140"), (1, "#33304f")),
        2,
    )
    area(sheet, panel(right, 0, 7, -46, -30), "#262b4e", 2)
    for height in (20, 70, 120):
        rule(sheet, right(0, height), right(7, height), 1.3)
    for row, (top, bottom) in enumerate(((-30, 20), (20, 70), (70, 120), (120, 165))):
        for depth in np.arange(0.1 + 0.22 * (row % 2), 5, 0.44):
            rule(sheet, right(depth, top), right(depth, bottom), 1.1)


def ground(sheet: Sheet) -> None:
    street = np.array(
        [left(12, 165), right(12, 165), right(0, 165), (1000, 660), (-80, 660), left(0, 165)]
    )
    sheet.fill(
        street, sheet.linear((0, 470), (0, 640), (0, "#4a3c5c"), (0.25, "#25264a"), (1, "#0c0e20"))
    )
    with sheet.group(clip=street):
        for x, y, rx, ry, colour, strength in (
            (230, 560, 210, 54, AMBER, 0.42),
            (200, 520, 90, 26, WARM, 0.45),
            (440, 480, 90, 14, "#ffb070", 0.5),
            (470, 600, 46, 70, "#aab2f0", 0.35),
            (740, 600, 90, 30, "#5a6090", 0.3),
        ):
            sheet.shade(ellipse(x, y, rx, ry), colour, blur=26, opacity=strength, blend="screen")
        random = rng("wet street")
        for _ in range(120):
            y = random.uniform(478, 640)
            x = random.uniform(0, 960)
            length = (y - 440) * random.uniform(0.1, 0.5)
            warm = np.exp(-(((x - 260) / 170) ** 2))
            colour = "#ffbf7a" if random.uniform() < warm else "#6f78b8"
            sheet.shade(
                ellipse(x, y, length, (y - 440) * 0.006 + 0.5),
                colour,
                opacity=random.uniform(0.1, 0.4),
            )
    for side in (left, right):
        kerb = panel(side, 0, 12, 152, 165)
        area(sheet, kerb, "#1a1d38", 1.5)
    for near, far in ((0.9, 1.5), (2.2, 3.2), (4.4, 6)):
        a, b = 1 / (1 + 0.55 * near), 1 / (1 + 0.55 * far)
        x, y = VANISH
        stripe = np.array(
            [
                (x - 14 * b, y + 165 * b),
                (x + 14 * b, y + 165 * b),
                (x + 14 * a, y + 165 * a),
                (x - 14 * a, y + 165 * a),
            ]
        )
        area(sheet, stripe, "#5d5a7c", 1.3)
    manhole = ellipse(360, 590, 52, 13)
    area(sheet, manhole, "#14162c", 1.6)
    sheet.stroke(ellipse(360, 590, 38, 9), 1.3, INK)


def left_side(sheet: Sheet) -> None:
    area(sheet, panel(left, 3.6, 7, -470, 165), "#0c0e1e")
    for near, far, top in ((3.9, 4.4, -300), (4.8, 5.4, -300), (3.9, 4.4, -130), (4.9, 5.6, -130)):
        area(sheet, panel(left, near, far, top, top + 80), AMBER if top < -200 else "#c9693c", 1.3)
    area(
        sheet,
        panel(left, 2.05, 3.6, -400, 165),
        sheet.linear((190, 0), (280, 0), (0, "#2b2446"), (1, "#171a36")),
    )
    area(sheet, panel(left, 2.35, 3.2, -300, -170), WARM)
    for depth in (2.62, 2.9):
        rule(sheet, left(depth, -300), left(depth, -170))
    rule(sheet, left(2.35, -235), left(3.2, -235))
    area(sheet, panel(left, 2.4, 3.3, -90, 165), "#e88a4e")
    for depth in (2.6, 2.82, 3.05):
        rule(sheet, left(depth, -90), left(depth, 165))
    area(sheet, panel(left, 1.95, 3.7, -430, -396), "#0a0c1a")
    area(sheet, panel(left, 2.2, 3.45, -130, -96), "#0e1022")
    shop(sheet)
    sign(sheet)


def shop(sheet: Sheet) -> None:
    front = panel(left, 0, 2.05, -640, 165)
    area(
        sheet,
        front,
        sheet.linear((0, 100), (0, 560), (0, "#0d0f20"), (0.5, "#231b36"), (1, "#3a2436")),
        2,
    )
    for height in np.arange(-560, -180, 34):
        rule(sheet, left(0, height), left(2.05, height), 1.1)
    window = panel(left, 0.62, 1.5, -430, -260)
    glow(sheet, 105, 235, 150, AMBER, 0.6)
    area(sheet, window, sheet.linear((0, 150), (0, 330), (0, "#ffe9b0"), (1, "#ffb45e")), 2.2)
    for depth in (0.82, 1.04, 1.27):
        rule(sheet, left(depth, -430), left(depth, -260), 2)
    rule(sheet, left(0.62, -345), left(1.5, -345), 2)
    area(sheet, panel(left, 0.55, 1.6, -258, -240), "#0c0d1c")
    # Shop front behind the curtain.
    glow(sheet, 130, 470, 210, AMBER, 0.75)
    area(
        sheet,
        panel(left, 0.42, 1.85, -120, 160),
        sheet.linear((0, 380), (0, 560), (0, "#fff0c4"), (0.6, "#ffc873"), (1, "#d9783f")),
        2.2,
    )
    for depth in np.linspace(0.42, 1.85, 9)[1:-1]:
        rule(sheet, left(depth, -120), left(depth, 160), 2.4 if abs(depth - 1.135) < 0.05 else 1.4)
    rule(sheet, left(0.42, 60), left(1.85, 60), 1.8)
    area(sheet, panel(left, 0.42, 1.85, 100, 160), "#3a2030", 1.8)
    for depth in np.linspace(0.42, 1.85, 5)[1:-1]:
        rule(sheet, left(depth, 100), left(depth, 160), 1.8)
    awning = np.array(
        [
            left(0, -190),
            left(2.1, -190),
            np.add(left(2.1, -150), (26, 6)),
            np.add(left(0, -150), (70, 10)),
        ]
    )
    area(sheet, awning, "#0b0d1b", 2.2)
    for t in np.linspace(0.1, 0.95, 14):
        a = awning[0] + (awning[1] - awning[0]) * t
        b = awning[3] + (awning[2] - awning[3]) * t
        sheet.shade(taper(np.linspace(a, b, 8), 1.6, start=1, end=1), "#242947")
        rule(sheet, tuple(a + (1.5, 0)), tuple(b + (1.5, 0)), 1.1)
    edges = np.linspace(0.5, 1.8, 6)
    for near, far in pairwise(edges):
        gap = 0.012
        flap = outline(
            [left(near + gap, -128), left(far - gap, -128)],
            [left(far - gap, -128), left(far - gap, -80), left(far - 0.03, -34)],
            [left(far - 0.03, -34), left((near + far) / 2, -26), left(near + 0.02, -36)],
            [left(near + 0.02, -36), left(near + gap, -80), left(near + gap, -128)],
        )
        area(sheet, flap, "#4b1830", 1.8)
        x, y = left((near + far) / 2, -80)
        sheet.shade(ellipse(x, y, 8, 14), "#c98a8a", opacity=0.55)
    rule(sheet, left(0.44, -130), left(1.9, -130), 3.4)


def sign(sheet: Sheet) -> None:
    """A paper lantern and a hanging sign."""
    glow(sheet, 236, 372, 110, "#ff6a3c", 0.75)
    rule(sheet, (236, 320), (236, 336), 2)
    body = curve("218,344 208,372 218,402 236,406 254,402 264,372 254,344 236,340", closed=True)
    area(
        sheet,
        body,
        sheet.radial((236, 376), 40, (0, "#ffe2a0"), (0.6, "#ff8a4a"), (1, "#d9432c")),
        2,
    )
    for y in (352, 363, 374, 385, 396):
        bend = curve([(210, y), (236, y + 5), (262, y)])
        with sheet.group(clip=body):
            sheet.stroke(bend, 1.2, "#7a1d1a", closed=False)
    for y in (340, 406):
        area(
            sheet,
            np.array([(222, y - 4), (250, y - 4), (250, y + 4), (222, y + 4)]),
            "#120d14",
            1.6,
        )
    board = points("286,250 318,254 318,350 286,352")
    glow(sheet, 302, 300, 80, "#62d0d8", 0.5)
    area(sheet, board, "#9fe6e2", 2)
    for y in (270, 300, 328):
        sheet.stroke(ellipse(302, y, 7, 9), 3, "#16506a")
    rule(sheet, (270, 262), (286, 262), 2.4)
    rule(sheet, (270, 340), (286, 340), 2.4)


def pole(sheet: Sheet) -> None:
    for y, dip in ((6, 40), (30, 46), (58, 52)):
        sheet.line(
            curve([(862, y + 10), (700, y + dip + 60), (520, y + 190), (500, 262)]),
            1.7,
            INK,
            start=1,
            end=0.4,
        )
        sheet.line(
            curve([(862, y + 10), (560, y + dip), (200, y + dip - 30), (-20, y - 20)]),
            2.1,
            INK,
            start=1,
            end=1,
        )
    area(
        sheet,
        points("856,-10 878,-10 884,640 850,640"),
        sheet.linear((850, 0), (884, 0), (0, "#31345c"), (0.3, "#151830"), (1, "#05060d")),
        2,
    )
    for y in (12, 40):
        area(
            sheet,
            np.array([(800, y - 5), (930, y - 5), (930, y + 5), (800, y + 5)]),
            "#0b0d1a",
            1.6,
        )
        for x in (812, 836, 898, 920):
            area(sheet, ellipse(x, y - 10, 4, 6), "#2d3156", 1.4)
    area(sheet, outline("886,70 930,72 / 930,140 / 908,146 886,140 / 886,70"), "#090b16", 2)
    area(sheet, points("500,256 505,256 507,470 498,470"), "#0c0e1e", 1.2)
    rule(sheet, (486, 268), (520, 268), 2.6)


def cat(sheet: Sheet, x: float, y: float) -> None:
    body = outline(
        [(x - 22, y), (x - 27, y - 24), (x - 14, y - 48), (x - 12, y - 56)],
        [(x - 12, y - 56), (x - 22, y - 66), (x - 20, y - 88)],
        [(x - 20, y - 88), (x - 8, y - 80)],
        [(x - 8, y - 80), (x + 4, y - 80)],
        [(x + 4, y - 80), (x + 14, y - 89)],
        [(x + 14, y - 89), (x + 18, y - 68), (x + 8, y - 55)],
        [(x + 8, y - 55), (x + 22, y - 36), (x + 27, y - 12), (x + 22, y)],
        [(x + 22, y), (x - 22, y)],
    )
    tail = lock(
        [(x + 18, y - 6), (x + 44, y - 4), (x + 52, y + 22), (x + 44, y + 48), (x + 52, y + 58)],
        (11, 11, 11, 10, 3),
    ).outline
    area(sheet, tail, "#06070e", 1.8)
    area(sheet, body, "#06070e", 1.8)
    rim = curve(
        [
            (x - 23, y - 2),
            (x - 27, y - 24),
            (x - 14, y - 48),
            (x - 12, y - 56),
            (x - 20, y - 66),
            (x - 20, y - 84),
        ]
    )
    sheet.shade(taper(rim + (2, 0), 2.4), "#7f86c8", opacity=0.9)
    for dx in (-11, 5):
        sheet.shade(ellipse(x + dx, y - 68, 4.2, 3.4), "#ffe36a")
        sheet.shade(ellipse(x + dx - 0.5, y - 68, 1.2, 3.2), "#101010")


def girl(sheet: Sheet) -> None:
    back = outline(
        "648,262 706,280 724,350 716,420 736,470 / 690,462 640,470 600,452 / 590,360 "
        "600,290 648,262"
    )
    area(sheet, back, "#090a14", 2)
    coat = outline(
        "612,446 560,462 532,500 516,570 506,660 / 806,660 / 796,570 774,500 742,462 "
        "690,444 / 652,470 612,446"
    )
    area(
        sheet,
        coat,
        sheet.linear((510, 0), (800, 0), (0, "#3b3050"), (0.22, "#1c1c34"), (1, "#0a0b16")),
        2.2,
    )
    with sheet.group(clip=coat):
        sheet.shade(
            taper(curve("560,462 533,500 517,570 507,660") + (5, 4), 8),
            "#ffb273",
            blur=2,
            opacity=0.9,
        )
        sheet.shade(
            taper(curve("640,490 628,560 632,650") - (5, 0), 6), "#6d5370", blur=2, opacity=0.6
        )
    for knots in (
        "576,540 566,600 570,660",
        "640,486 628,560 632,660",
        "668,486 664,560 668,660",
        "742,530 752,590 748,660",
        "560,500 584,526 604,536",
        "756,506 730,536 708,548",
        "730,590 716,606 698,612",
    ):
        sheet.line(curve(knots), 2.2, INK)
    for y in (536, 588):
        area(sheet, ellipse(650, y, 5, 5.5), "#c78a4a", 1.5)
    face(sheet)
    scarf = outline("598,420 646,438 694,420 / 722,444 714,472 / 650,496 586,474 / 580,446 598,420")
    tail = outline("676,476 690,530 700,590 / 728,594 744,584 / 730,520 708,464")
    for shape in (tail, scarf):
        area(
            sheet,
            shape,
            sheet.linear((580, 0), (720, 0), (0, "#c2453f"), (0.4, "#7d2236"), (1, "#3d1228")),
            2,
        )
    for knots in (
        "596,436 640,462 690,456",
        "588,458 630,480 676,478",
        "704,436 690,456 700,472",
        "694,500 704,540 716,582",
    ):
        sheet.line(curve(knots), 1.9, INK)
    hair(sheet)


def face(sheet: Sheet) -> None:
    neck = points("632,400 630,450 672,450 672,390")
    area(sheet, neck, "#6a3d4a", 1.6)
    shape = outline(
        "606,318 600,344 602,358 599,374 606,396 624,416 634,419 / 660,408 680,384 "
        "686,350 680,310 / 650,290 606,318"
    )
    sheet.fill(
        shape, sheet.linear((600, 0), (686, 0), (0, "#ffd0a0"), (0.35, "#c98a7a"), (1, "#5c3a52"))
    )
    with sheet.group(clip=shape):
        sheet.shade(
            outline("600,300 612,338 630,330 640,346 690,350 / 690,290"), "#55334c", opacity=0.75
        )
        sheet.shade(ellipse(614, 388, 12, 6), "#ff7f66", blur=4, opacity=0.5)
    sheet.line(shape[:80], 2, INK, start=0.4, end=0.4)
    for x, span in ((614, 9), (650, 12)):
        white = outline(
            [(x - span, 364), (x, 353), (x + span, 362)],
            [(x + span, 362), (x + span * 0.4, 373), (x - span * 0.5, 373), (x - span, 364)],
        )
        sheet.fill(white, "#f3d9c8" if x < 630 else "#b99aa2")
        with sheet.group(clip=white):
            sheet.solid(ellipse(x - 1, 364, span * 0.6, 9), "#2a1c30", 1.4)
            sheet.shade(ellipse(x - 1, 369, span * 0.45, 4), "#8a5a6a")
        sheet.shade(ellipse(x - 3, 360, 2.2, 2.6), "#fff6e0")
        sheet.line(
            curve(
                [
                    (x - span - 1, 366),
                    (x - span * 0.3, 353),
                    (x + span * 0.6, 354),
                    (x + span + 4, 364),
                ]
            ),
            3.6,
            INK,
            start=0.3,
        )
        sheet.line(curve([(x - span * 0.5, 374), (x + span * 0.4, 374), (x + span, 369)]), 1.2, INK)
        sheet.line(curve([(x - span, 343), (x, 338), (x + span + 2, 343)]), 2, INK)
    sheet.line(curve("622,374 616,386 622,388"), 1.6, INK)
    sheet.line(curve("616,402 624,404 634,401"), 1.8, INK)


def hair(sheet: Sheet) -> None:
    cap = outline(
        "596,356 586,316 602,276 648,256 698,272 722,324 722,372 / 690,330 650,300 616,310 596,356"
    )
    area(sheet, cap, "#0b0c17", 2)
    falls = (
        ("650,270 610,290 596,330 600,368", (10, 26, 24, 0)),
        ("654,268 624,292 618,326 624,350", (10, 24, 24, 0)),
        ("658,268 644,296 642,326 640,352", (10, 24, 24, 0)),
        ("664,268 670,300 672,330 660,356", (10, 26, 26, 0)),
        ("668,268 694,300 698,340 684,374", (10, 28, 28, 0)),
        ("672,270 708,306 712,370 698,420 706,446", (10, 34, 34, 26, 0)),
        ("644,272 596,306 588,360 594,408 586,436", (10, 24, 24, 18, 0)),
    )
    for knots, widths in falls:
        strand = lock(knots, widths)
        sheet.fill(strand.outline, "#0b0c17")
        for edge in (-1, 1):
            sheet.line(strand.strand(edge, 0.2, 1), 1.8, "#020207")
        for across, start, stop in (
            (0.6, 0.3, 0.52),
            (0.35, 0.26, 0.6),
            (0.1, 0.32, 0.54),
            (-0.2, 0.28, 0.48),
        ):
            sheet.shade(taper(strand.strand(across, start, stop), 2.4), "#5a63a8", opacity=0.9)
        sheet.line(strand.strand(-0.2, 0.35, 0.9), 1.2, "#020207")
    rim = curve("588,350 585,316 602,277 646,257")
    sheet.shade(taper(rim + (2.5, 1.5), 4), "#ffb273", blur=0.6, opacity=0.9)
    rim = curve("660,258 698,273 721,324 722,372")
    sheet.shade(taper(rim + (-3, 2), 3.4), "#8f97e0", blur=0.6, opacity=0.8)
