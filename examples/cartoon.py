"""A bear and a fox at a campfire: even black lines, flat colours."""

import numpy as np

from toolkit import Knots, Points, Sheet, curve, ellipse, limb, outline, points, rotate

INK = "#16110f"
WIDTH = 5.0
BEAR, CREAM = "#a9713f", "#f2d3a2"
FOX, WHITE = "#f07f2e", "#fff6e6"


def draw() -> Sheet:
    sheet = Sheet(800, 800)
    landscape(sheet)
    tent(sheet)
    fox(sheet)
    bear(sheet)
    campfire(sheet)
    foreground(sheet)
    return sheet


def area(sheet: Sheet, shape: Points, paint: str, width: float = WIDTH) -> None:
    sheet.fill(shape, paint)
    sheet.stroke(shape, width, INK)


def mark(sheet: Sheet, knots: Knots, width: float = WIDTH) -> None:
    sheet.stroke(curve(knots), width, INK, closed=False)


def reach(sheet: Sheet, shape: Points, paint: str) -> None:
    """A limb: its root stays open, so that it grows out of the body."""
    sheet.fill(shape, paint)
    sheet.stroke(shape, WIDTH, INK, closed=False)


def box(x0: float, y0: float, x1: float, y1: float) -> Points:
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], dtype=float)


def landscape(sheet: Sheet) -> None:
    sheet.fill(box(0, 0, 800, 800), "#a5e1f2")
    area(sheet, ellipse(664, 108, 54, 54), "#ffd94a")
    for turn in range(0, 360, 30):
        ray = rotate("0,-70 0,-90", turn) + (664, 108)
        sheet.stroke(ray, WIDTH, INK, closed=False)
    for x, y, size in ((170, 112, 1.0), (440, 72, 0.7), (752, 236, 0.75)):
        cloud(sheet, x, y, size)
    area(
        sheet,
        curve("-20,460 60,360 150,300 250,340 380,440 420,520 -20,560", closed=True),
        "#8ec6c0",
    )
    area(
        sheet,
        curve("300,520 420,400 540,320 640,330 760,420 840,540 600,580", closed=True),
        "#79b7b2",
    )
    area(
        sheet,
        curve("-40,520 120,450 300,470 500,450 700,440 860,500 860,640 -40,640", closed=True),
        "#7cc46a",
    )
    for x, y, size in (
        (60, 500, 1.2),
        (120, 492, 0.85),
        (470, 478, 0.7),
        (520, 474, 0.9),
        (735, 500, 1.35),
        (660, 478, 0.8),
    ):
        pine(sheet, x, y, size)
    sheet.fill(box(0, 560, 800, 800), "#94d468")
    area(
        sheet,
        curve("-60,560 200,530 420,545 640,525 880,550 900,900 -100,900", closed=True),
        "#94d468",
    )
    sheet.shade(curve("120,700 300,650 560,660 720,700 640,770 300,790", closed=True), "#e4cf8b")


def cloud(sheet: Sheet, x: float, y: float, size: float) -> None:
    puffs = [
        ellipse(x + dx * size, y + dy * size, rx * size, ry * size)
        for dx, dy, rx, ry in (
            (-62, 0, 34, 28),
            (-20, -24, 40, 38),
            (28, -16, 36, 32),
            (66, 4, 30, 24),
            (0, 10, 70, 22),
        )
    ]
    # All outlines first: the fills then hide their inner halves, and one outline is left.
    for puff in puffs:
        sheet.stroke(puff, 2 * WIDTH, INK)
    for puff in puffs:
        sheet.fill(puff, "#ffffff")


def pine(sheet: Sheet, x: float, y: float, size: float) -> None:
    area(sheet, box(-9, -10, 9, 34) * size + (x, y), "#8a5a34")
    for level, (top, half) in enumerate(((-40, 58), (-82, 47), (-120, 34))):
        tier = outline(
            [(0, top - 62), (half * 0.45, top - 14), (half, top + 36)],
            [(half, top + 36), (half * 0.4, top + 26), (0, top + 38)],
            [(0, top + 38), (-half * 0.4, top + 26), (-half, top + 36)],
            [(-half, top + 36), (-half * 0.45, top - 14), (0, top - 62)],
        )
        area(sheet, tier * size + (x, y), ("#2f8a5b", "#38995f", "#43a866")[level])


def tent(sheet: Sheet) -> None:
    area(sheet, outline("470,366 352,372 / 300,470 250,560 / 366,566 / 420,470 470,366"), "#e2574c")
    area(sheet, outline("470,366 514,470 574,566 / 366,566 / 420,470 470,366"), "#f4776a")
    area(sheet, outline("470,400 492,490 508,566 / 426,566 / 450,490 470,400"), "#5b2f4a")
    area(sheet, outline("470,400 440,480 398,566 / 426,566 / 450,490 470,400"), "#ffd9b8")
    mark(sheet, "470,366 472,348 470,326")
    area(sheet, outline("470,326 500,330 / 490,340 499,350 / 471,346"), "#ffd94a")


def bear(sheet: Sheet) -> None:
    wood = outline("70,632 240,622 400,632 / 404,664 400,696 / 240,704 70,696 / 60,664 70,632")
    area(sheet, wood, "#9a6a41")
    area(sheet, ellipse(72, 664, 22, 33), "#e0b782")
    sheet.stroke(ellipse(72, 664, 11, 17), 3.5, INK)
    for x, y in ((120, 650), (340, 682), (160, 684), (372, 648)):
        mark(sheet, [(x, y), (x + 18, y + 2), (x + 32, y)], 3.5)
    body = curve("226,440 150,500 126,590 150,668 230,690 310,668 336,590 314,500", closed=True)
    area(sheet, body, BEAR)
    for x, turn in ((162, -14), (302, 14)):
        reach(
            sheet,
            limb([(232 + (x - 232) * 0.5, 640), (x, 668), (x + turn * 0.8, 706)], 70, 80, 76),
            BEAR,
        )
        sole = ellipse(x + turn, 720, 46, 40)
        area(sheet, sole, BEAR)
        area(sheet, ellipse(x + turn, 730, 24, 18), CREAM, 4)
        for dx in (-25, 0, 25):
            area(sheet, ellipse(x + turn + dx, 701 - (dx == 0) * 5, 8, 8), CREAM, 4)
    area(
        sheet,
        curve("232,500 184,540 172,600 194,650 232,662 270,650 292,600 280,540", closed=True),
        CREAM,
    )
    head = curve("226,282 150,304 118,372 150,440 226,466 304,440 336,372 304,304", closed=True)
    for x in (142, 312):
        area(sheet, ellipse(x, 302, 37, 36), BEAR)
        area(sheet, ellipse(x, 304, 18, 18), CREAM)
    area(sheet, head, BEAR)
    scarf = outline("150,440 226,474 306,440 / 322,464 312,480 / 226,512 144,478 / 136,460 150,440")
    tail = outline("172,484 164,530 150,566 / 176,580 204,578 / 212,540 216,494")
    area(sheet, tail, "#3f7fd0")
    for t in (0, 13, 26):
        mark(sheet, [(160 + t, 570 + t / 4), (157 + t, 584 + t / 4)], 4)
    mark(sheet, "167,528 190,534 210,532", 4)
    area(sheet, scarf, "#3f7fd0")
    mark(sheet, "186,462 182,476 186,494", 4)
    mark(sheet, "268,462 272,478 266,496", 4)
    area(
        sheet,
        curve("228,372 180,384 166,414 190,442 228,448 268,442 290,414 276,384", closed=True),
        CREAM,
    )
    sheet.solid(curve("228,380 206,384 208,398 228,410 248,398 250,384", closed=True), INK, 4)
    sheet.shade(ellipse(220, 388, 6, 3.5), "#ffffff")
    mark(sheet, "228,410 228,422", 4)
    smile = outline("204,420 228,428 254,420 / 246,440 228,444 212,440 204,420")
    area(sheet, smile, "#a8363d", 4)
    for x in (180, 276):
        sheet.solid(ellipse(x, 366, 9, 12), INK, 4)
        sheet.shade(ellipse(x - 3, 361, 3, 4), "#ffffff")
        mark(sheet, [(x - 14, 342), (x, 336), (x + 14, 341)], 4.5)
    for x in (152, 304):
        sheet.shade(ellipse(x, 402, 17, 11), "#e88a5e")
    mug(sheet, 232, 574)
    arm = curve("70,492 136,530 138,600 84,638 40,620 24,590 42,566 70,570 86,558 62,532")
    for side in (-1, 1):
        reach(sheet, arm * (side, 1) + (232, 0), BEAR)
        for y in (588, 602):
            mark(sheet, [(232 + side * 27, y), (232 + side * 40, y)], 4)
    bird(sheet, 246, 268)


def bird(sheet: Sheet, x: float, y: float) -> None:
    for dx in (-8, 6):
        mark(sheet, [(x + dx, y + 2), (x + dx, y + 16)], 4)
    area(
        sheet,
        curve(
            [
                (x - 34, y - 26),
                (x - 22, y - 2),
                (x + 6, y + 4),
                (x + 28, y - 14),
                (x + 26, y - 42),
                (x + 6, y - 50),
                (x - 8, y - 36),
            ],
            closed=True,
        ),
        "#ffd94a",
    )
    area(
        sheet,
        curve([(x - 22, y - 20), (x + 4, y - 26), (x + 4, y - 10), (x - 10, y - 6)], closed=True),
        "#f2b42c",
        4,
    )
    area(
        sheet,
        outline([(x + 26, y - 36), (x + 42, y - 29)], [(x + 42, y - 29), (x + 27, y - 24)]),
        "#f0562f",
        4,
    )
    sheet.solid(ellipse(x + 13, y - 36, 4, 5), INK, 3)


def mug(sheet: Sheet, x: float, y: float) -> None:
    cup = outline(
        [(x - 30, y - 34), (x - 28, y + 38)],
        [(x - 28, y + 38), (x, y + 44), (x + 28, y + 38)],
        [(x + 28, y + 38), (x + 30, y - 34)],
    )
    area(sheet, cup, "#f6c945")
    area(sheet, ellipse(x, y - 34, 30, 10), "#6b3a24")


def fox(sheet: Sheet) -> None:
    stump = outline("548,640 536,700 / 610,716 690,700 / 678,640")
    area(sheet, stump, "#9a6a41")
    area(sheet, ellipse(613, 640, 66, 17), "#e0b782")
    brush = curve(
        "640,640 700,660 764,620 782,530 752,450 734,470 726,530 690,570 640,580", closed=True
    )
    area(sheet, brush, FOX)
    tip = outline("752,450 784,500 785,552 / 768,540 758,552 / 744,536 727,542 / 730,490 752,450")
    with sheet.group(clip=brush):
        area(sheet, tip, WHITE)
    sheet.stroke(brush, WIDTH, INK)
    body = curve("606,470 556,520 540,590 552,650 612,666 670,650 684,590 660,520", closed=True)
    area(sheet, body, FOX)
    chest = outline("580,500 606,488 634,500 / 646,560 612,610 / 572,560 580,500")
    area(sheet, chest, WHITE)
    for x in (572, 652):
        reach(sheet, limb([(612 + (x - 612) * 0.8, 630), (x, 664), (x - 8, 694)], 58, 52, 40), FOX)
        area(
            sheet,
            curve(
                [
                    (x - 40, 712),
                    (x - 34, 690),
                    (x - 6, 684),
                    (x + 18, 694),
                    (x + 18, 712),
                    (x - 10, 718),
                ],
                closed=True,
            ),
            "#4a2c22",
        )
    for side in (-1, 1):
        ear = outline("0,0 -12,-52 -2,-86 / 44,-60 66,-14")
        inner = outline("8,-14 2,-48 6,-64 / 32,-46 44,-20")
        place = np.array([-side, 1])
        area(sheet, ear * place + (604 + side * 78, 372), FOX)
        area(sheet, inner * place + (604 + side * 78, 372), "#4a2c22", 4)
    head = outline(
        "516,384 548,346 604,334 660,346 692,384 / 700,420 726,446 / 680,462 640,486 "
        "604,498 / 568,486 528,462 482,446 / 508,420 516,384"
    )
    area(sheet, head, FOX)
    for side in (-1, 1):
        cheek = outline("0,420 24,404 58,408 98,430 / 122,446 / 76,462 36,486 0,498")
        cheek = (cheek - (0, 0)) * (side, 1) + (604, 0)
        sheet.fill(cheek, WHITE)
    with sheet.group(clip=head):
        for side in (-1, 1):
            mark(
                sheet,
                [
                    (604, 420),
                    (604 + side * 24, 404),
                    (604 + side * 58, 408),
                    (604 + side * 98, 430),
                    (604 + side * 124, 448),
                ],
                4,
            )
    sheet.stroke(head, WIDTH, INK)
    sheet.solid(curve("604,450 588,444 590,434 604,430 618,434 620,444", closed=True), INK, 4)
    sheet.shade(ellipse(598, 438, 4, 2.5), "#ffffff")
    mark(sheet, "604,452 604,460", 4)
    mark(sheet, "582,460 592,468 604,460 616,468 626,460", 4)
    for x in (560, 648):
        mark(sheet, [(x - 14, 394), (x - 4, 382), (x + 8, 382), (x + 16, 394)], 6)
    for x in (534, 674):
        sheet.shade(ellipse(x, 424, 15, 9), "#f6a58a")
    area(sheet, points("566,592 452,552 450,558 564,600"), "#c18a52", 4)
    treat = rotate(
        outline("-22,-15 0,-18 22,-15 / 25,0 22,15 / 0,18 -22,15 / -25,0 -22,-15"), 19
    ) + (446, 554)
    area(sheet, treat, "#fffaf0")
    reach(
        sheet, curve("657,514 678,572 646,620 596,618 574,606 580,584 616,582 640,560 650,534"), FOX
    )
    glove = curve("584,590 566,578 546,582 544,604 560,616 584,612", closed=True)
    area(sheet, glove, "#4a2c22")


def campfire(sheet: Sheet) -> None:
    flames = (
        (
            "#f0562f",
            "440,704 398,690 390,650 408,618",
            "408,618 416,640 428,634",
            "428,634 424,600 448,570",
            "448,570 458,606 476,620",
            "476,620 486,612 484,598",
            "484,598 506,640 500,684 440,704",
        ),
        (
            "#ff9c2f",
            "446,704 414,690 412,660",
            "412,660 424,664 432,654",
            "432,654 434,630 448,612",
            "448,612 456,640 476,652",
            "476,652 490,672 480,696 446,704",
        ),
        ("#ffe066", "446,704 430,692 436,666 448,646", "448,646 458,668 468,690 446,704"),
    )
    for paint, *pieces in flames:
        area(sheet, outline(*pieces), paint)
    for turn, dx in ((16, -2), (-16, 4)):
        wood = rotate(outline("-72,-14 72,-14 / 78,0 72,14 / -72,14 / -78,0 -72,-14"), turn) + (
            446 + dx,
            712,
        )
        area(sheet, wood, "#8a5730")
        end = rotate(np.array([(72.0, 0.0)]) * (-1 if turn > 0 else 1), turn)[0] + (446 + dx, 712)
        area(sheet, ellipse(end[0], end[1], 9, 14, turn), "#e0b782", 4)
        mark(sheet, rotate(points("-30,-3 0,-1 34,-3"), turn) + (446 + dx, 712), 3.5)
    for x, y, rx, ry in (
        (366, 730, 24, 18),
        (404, 752, 26, 18),
        (452, 760, 28, 18),
        (502, 752, 26, 19),
        (534, 728, 22, 17),
    ):
        area(
            sheet,
            curve(
                [
                    (x - rx, y + ry * 0.6),
                    (x - rx * 0.8, y - ry * 0.6),
                    (x, y - ry),
                    (x + rx * 0.9, y - ry * 0.5),
                    (x + rx, y + ry * 0.7),
                    (x, y + ry),
                ],
                closed=True,
            ),
            "#a9b1bd",
        )
        mark(
            sheet,
            [(x - rx * 0.4, y - ry * 0.3), (x, y - ry * 0.45), (x + rx * 0.3, y - ry * 0.3)],
            3,
        )


def foreground(sheet: Sheet) -> None:
    lantern(sheet, 52, 766)
    for x, y in ((108, 786), (226, 782), (610, 776), (774, 716), (24, 612), (340, 784)):
        tuft = outline(
            "-20,0 -22,-16 -28,-26 / -12,-18 -7,-8 / -5,-26 2,-38 / 8,-24 8,-8 / 16,-20 "
            "27,-26 / 20,-12 20,0"
        )
        area(sheet, tuft + (x, y), "#5fb34d", 4)
    for x, y, size in ((700, 768, 1.1), (744, 780, 0.75)):
        stem = outline("-13,0 -10,-34 / 10,-34 / 13,0 / 0,4 -13,0")
        cap = outline("-42,-30 -34,-62 0,-78 34,-62 42,-30 / 0,-22 -42,-30")
        area(sheet, stem * size + (x, y), "#fff3dc")
        area(sheet, cap * size + (x, y), "#e2484b")
        for dx, dy, r in ((-16, -50, 8), (10, -60, 7), (22, -40, 6)):
            area(
                sheet,
                ellipse(x + dx * size, y + dy * size, r * size, r * size * 0.9),
                "#fff3dc",
                3.5,
            )
    for x, y, size in ((410, 190, 1.0), (350, 230, 0.7)):
        mark(sheet, [(x - 30 * size, y - 10 * size), (x - 14 * size, y - 20 * size), (x, y)], 4.5)
        mark(sheet, [(x, y), (x + 14 * size, y - 20 * size), (x + 30 * size, y - 10 * size)], 4.5)


def lantern(sheet: Sheet, x: float, y: float) -> None:
    sheet.stroke(
        curve(
            [(x - 22, y - 78), (x - 20, y - 112), (x, y - 124), (x + 20, y - 112), (x + 22, y - 78)]
        ),
        4,
        INK,
        closed=False,
    )
    area(
        sheet,
        outline(
            [(x - 22, y - 66), (x - 28, y - 36), (x - 22, y - 12)],
            [(x - 22, y - 12), (x + 22, y - 12)],
            [(x + 22, y - 12), (x + 28, y - 36), (x + 22, y - 66)],
        ),
        "#fff3b0",
    )
    area(
        sheet,
        curve([(x, y - 54), (x + 11, y - 32), (x, y - 20), (x - 11, y - 32)], closed=True),
        "#ff9c2f",
        4,
    )
    area(
        sheet,
        outline(
            [(x - 30, y - 64), (x - 16, y - 88)],
            [(x - 16, y - 88), (x + 16, y - 88)],
            [(x + 16, y - 88), (x + 30, y - 64)],
        ),
        "#3b9a8d",
    )
    area(
        sheet,
        outline(
            [(x - 30, y - 14), (x + 30, y - 14)],
            [(x + 30, y - 14), (x + 34, y + 8)],
            [(x + 34, y + 8), (x - 34, y + 8)],
        ),
        "#3b9a8d",
    )
