"""A cat in a space suit: a sticker with a white rim, a soft shadow and nothing behind it."""

import numpy as np
from PIL import Image
from scipy import ndimage

from toolkit import (
    Knots,
    Points,
    Sheet,
    curve,
    ellipse,
    limb,
    outline,
    points,
    rotate,
    taper,
    to_array,
)

INK = "#2a1f3d"
FUR, FUR_DARK, CREAM = "#f6a04d", "#d9742c", "#fff1dc"
SUIT, SUIT_SHADE, TEAL, TEAL_DARK = "#f5f4fb", "#c3c4e0", "#3bb6b0", "#23807f"


def draw() -> Image.Image:
    sheet = Sheet(600, 600)
    pack(sheet)
    tail(sheet)
    legs(sheet)
    torso(sheet)
    helmet(sheet)
    arms(sheet)
    return die_cut(sheet.render())


def die_cut(image: Image.Image, rim: float = 11) -> Image.Image:
    """Put a white rim and a soft shadow under the drawing; both end in soft alpha."""
    paint = to_array(image)
    alpha = paint[..., 3]
    distance = ndimage.distance_transform_edt(alpha < 0.5)
    paper = np.clip(rim + 0.5 - distance, 0, 1)
    paper = np.maximum(ndimage.gaussian_filter(paper, 0.8), alpha)
    shadow = 0.38 * ndimage.gaussian_filter(ndimage.shift(paper, (9, 4)), 7)
    whole = paper + shadow * (1 - paper)
    white = paint[..., :3] * alpha[..., None] + (1 - alpha[..., None])
    dark = np.array([0.13, 0.10, 0.22])
    weight = (paper / np.maximum(whole, 1e-6))[..., None]
    rgba = np.dstack([white * weight + dark * (1 - weight), whole])
    rgba[whole < 1 / 512] = 0
    return Image.fromarray(np.round(rgba * 255).astype(np.uint8), "RGBA")


def area(sheet: Sheet, shape: Points, paint: str, width: float = 5) -> None:
    sheet.fill(shape, paint)
    sheet.stroke(shape, width, INK)


def shaded(
    sheet: Sheet,
    shape: Points,
    paint: str,
    shade: str,
    by: tuple[float, float] = (-14, -12),
    *,
    closed: bool = True,
) -> None:
    """A form with a cel shadow along the side that `by` leaves."""
    sheet.fill(shape, shade)
    with sheet.group(clip=shape):
        sheet.shade(shape + by, paint)
    sheet.stroke(shape, 5, INK, closed=closed)


def mark(sheet: Sheet, knots: Knots, width: float = 4.5) -> None:
    sheet.stroke(curve(knots), width, INK, closed=False)


def pack(sheet: Sheet) -> None:
    shaded(
        sheet,
        curve("196,380 184,440 200,498 300,512 400,498 416,440 404,380 300,366", closed=True),
        TEAL,
        TEAL_DARK,
    )
    for x in (206, 394):
        area(
            sheet,
            outline(
                [(x - 16, 492), (x - 22, 518)],
                [(x - 22, 518), (x + 22, 518)],
                [(x + 22, 518), (x + 16, 492)],
            ),
            "#8d8fb5",
        )


def tail(sheet: Sheet) -> None:
    shape = limb("366,480 430,506 476,480 488,420 520,392", 30, 32, 32, 32, 30)
    shaded(sheet, shape, FUR, FUR_DARK, (-6, -6), closed=False)
    with sheet.group(clip=shape):
        for knots in (
            "452,522 446,490 436,470",
            "502,478 484,456 462,446",
            "514,430 492,414 474,410",
        ):
            sheet.shade(taper(curve(knots), 15, start=1, end=1), FUR_DARK)
    sheet.stroke(shape, 5, INK, closed=False)


def legs(sheet: Sheet) -> None:
    for side in (-1, 1):
        leg = curve("8,452 70,460 84,500 72,538 34,540 10,510", closed=True)
        shaded(sheet, leg * (side, 1) + (300, 0), SUIT, SUIT_SHADE)
        boot = curve("14,522 44,514 80,520 96,546 84,566 40,568 14,556", closed=True)
        shaded(sheet, boot * (side, 1) + (300, 0), TEAL, TEAL_DARK, (-8, -8))
        mark(sheet, points("16,548 50,553 90,548") * (side, 1) + (300, 0))


def torso(sheet: Sheet) -> None:
    body = curve("300,366 226,384 208,440 226,492 300,506 374,492 392,440 374,384", closed=True)
    shaded(sheet, body, SUIT, SUIT_SHADE)
    panel = curve("262,432 300,426 338,432 342,462 300,470 258,462", closed=True)
    area(sheet, panel, "#6d74b8", 4.5)
    for x, colour in ((277, "#ff6b6b"), (300, "#ffd94a"), (323, "#7be495")):
        area(sheet, ellipse(x, 448, 8, 8), colour, 3.5)
    mark(sheet, "228,488 260,482 300,480 340,482 372,488")


def helmet(sheet: Sheet) -> None:
    area(sheet, ellipse(300, 374, 112, 26), TEAL)
    glass = ellipse(300, 226, 176, 164)
    area(
        sheet,
        glass,
        sheet.radial((270, 180), 250, (0, "#3c3f78"), (0.7, "#26264f"), (1, "#1a1838")),
        6,
    )
    with sheet.group(clip=glass):
        for x, y, r in (
            (176, 170, 2.4),
            (214, 112, 3),
            (420, 150, 2.6),
            (392, 104, 2),
            (446, 236, 2.6),
            (150, 250, 2.4),
            (300, 84, 2.2),
        ):
            sheet.shade(ellipse(x, y, r, r), "#fff9d6")
        cat(sheet)
    sheet.stroke(glass, 6, INK)
    with sheet.group(clip=glass):
        sheet.shade(taper(curve("146,268 140,206 170,130 232,86"), 20), "#ffffff", opacity=0.75)
        sheet.shade(ellipse(262, 78, 11, 7, -22), "#ffffff", opacity=0.75)
        sheet.shade(taper(curve("452,190 458,250 424,328"), 12), "#9fb4ff", opacity=0.5)
    for side in (-1, 1):
        cap = curve("166,196 186,190 196,226 186,262 166,256", closed=True)
        shaded(sheet, cap * (side, 1) + (300, 0), TEAL, TEAL_DARK, (-5, -6))
    mark(sheet, "488,196 498,150 496,118", 6)
    area(sheet, ellipse(496, 108, 13, 13), "#ff6b6b")


def cat(sheet: Sheet) -> None:
    for side in (-1, 1):
        ear = outline("36,168 76,112 106,92 / 124,138 122,214")
        shaded(sheet, ear * (side, 1) + (300, 0), FUR, FUR_DARK, (-side * 6, 4), closed=False)
        inner = outline("60,170 80,136 98,120 / 108,150 106,190")
        area(sheet, inner * (side, 1) + (300, 0), "#ff9aa2", 4)
    head = curve(
        ("300,150 222,166 176,228 180,286 232,342 300,354 368,342 420,286 424,228 378,166"),
        closed=True,
    )
    shaded(sheet, head, FUR, FUR_DARK, (-8, -10))
    with sheet.group(clip=head):
        for dx, long in ((-30, 36), (0, 46), (30, 36)):
            sheet.shade(
                taper(
                    curve([(300 + dx, 140), (300 + dx * 0.9, 160), (300 + dx * 0.7, 150 + long)]),
                    15,
                    start=1,
                ),
                FUR_DARK,
            )
        for side in (-1, 1):
            for y in (262, 288):
                sheet.shade(
                    taper(
                        curve(
                            np.array([(134, y - 6), (108, y), (86, y + 4)]) * (side, 1) + (300, 0)
                        ),
                        11,
                        start=1,
                    ),
                    FUR_DARK,
                )
        sheet.shade(
            curve("300,268 252,282 240,318 262,352 338,352 360,318 348,282", closed=True), CREAM
        )
    sheet.stroke(head, 5, INK)
    for side in (-1, 1):
        x = 300 + side * 56
        eye = ellipse(x, 244, 29, 36)
        area(sheet, eye, "#ffffff")
        with sheet.group(clip=eye):
            iris = ellipse(x - side * 3, 248, 24, 31)
            sheet.fill(
                iris,
                sheet.linear((0, 216), (0, 280), (0, "#155e4c"), (0.6, "#2fae7a"), (1, "#a9f0b6")),
            )
            sheet.stroke(iris, 3, INK)
            sheet.solid(ellipse(x - side * 4, 248, 11, 21), "#17102a", 3)
        sheet.shade(ellipse(x - 9, 232, 8, 10), "#ffffff")
        sheet.shade(ellipse(x + 9, 264, 4.5, 5), "#ffffff")
        sheet.stroke(eye, 5, INK)
        sheet.shade(ellipse(300 + side * 84, 298, 17, 10), "#ff8a80", opacity=0.75)
        for dy in (-6, 8):
            mark(
                sheet,
                np.array([(60, 306 + dy * 0.4), (92, 306 + dy), (120, 306 + dy * 1.7)]) * (side, 1)
                + (300, 0),
                3,
            )
    area(
        sheet, outline("286,286 300,282 314,286 / 308,297 300,301 / 292,297 286,286"), "#ff7d86", 4
    )
    mouth = outline("272,310 286,318 300,308 / 314,318 328,310 / 320,336 300,344 280,336 272,310")
    area(sheet, mouth, "#8e2c3f", 4)
    with sheet.group(clip=mouth):
        sheet.shade(ellipse(300, 344, 16, 13), "#ff8a92")
    mark(sheet, "300,300 300,308", 4)


def arms(sheet: Sheet) -> None:
    wave = limb("232,410 178,424 134,396 106,360", 54, 56, 50, 46)
    shaded(sheet, wave, SUIT, SUIT_SHADE, (4, -10), closed=False)
    glove(sheet, 96, 340, -24)
    star = np.array(
        [
            (r * np.sin(a), -r * np.cos(a))
            for a, r in zip(np.arange(10) * np.pi / 5, [52, 25] * 5, strict=True)
        ]
    )
    shaded(sheet, rotate(star, 14) + (462, 386), "#ffd94a", "#f0a92c", (-8, -6))
    hold = limb("368,410 410,444 446,436", 54, 54, 48)
    shaded(sheet, hold, SUIT, SUIT_SHADE, (-2, -10), closed=False)
    paw = curve("434,412 462,404 486,418 486,444 460,456 436,446", closed=True)
    shaded(sheet, paw, TEAL, TEAL_DARK, (-6, -6))
    for y in (418, 434):
        mark(sheet, [(470, y - 6), (480, y), (470, y + 6)], 3.5)


def glove(sheet: Sheet, x: float, y: float, turn: float) -> None:
    hand = outline(
        "-24,24 -30,0 -44,-16 -34,-30 -20,-18 / -20,-44 -2,-50 4,-26 / 14,-46 30,-38 "
        "26,-16 / 42,-20 44,-2 30,12 22,26 / 0,32 -24,24"
    )
    shaded(sheet, rotate(hand, turn) + (x, y), TEAL, TEAL_DARK, (-5, -5))
    cuff = curve("-30,22 0,30 28,22 30,36 0,45 -30,36", closed=True)
    area(sheet, rotate(cuff, turn) + (x, y), "#ffffff")
