"""A woman in a headscarf, painted: soft planes of colour, laid on again in brush strokes."""

import numpy as np
from PIL import Image
from scipy import ndimage

from toolkit import (
    Knots,
    Points,
    Sheet,
    curve,
    ellipse,
    flatten,
    noise,
    outline,
    path,
    points,
    rasterise,
    rng,
    taper,
    to_array,
    to_image,
)

WIDTH, HEIGHT = 768, 960
SKIN, LIGHT, DARK = "#d39a78", "#f6d3ae", "#7d4a3e"
SCARF, SCARF_LIGHT, SCARF_DARK = "#b5533a", "#e08a5c", "#5a2228"
SHAWL, SHAWL_LIGHT, SHAWL_DARK = "#46606a", "#7f9a9a", "#1f2d3a"

FACE = outline(
    "300,228 266,290 256,344 264,384 252,430 262,478 280,536 306,586 348,606 "
    "410,590 470,536 500,450 506,350 460,240 380,210 300,228"
)
NECK = outline("352,560 358,660 290,750 / 420,860 570,780 / 506,640 500,480")
HOOD = outline(
    "276,306 252,262 262,196 318,136 400,110 490,126 562,200 594,310 590,430 "
    "566,540 548,640 556,700 / 510,694 474,640 / 500,540 508,430 486,326 430,266 "
    "360,244 304,258 276,306"
)
BEHIND = outline("460,300 560,300 560,640 500,680 / 440,640 470,540 496,430 460,300")
TAIL = outline("486,640 524,648 566,720 590,810 572,870 / 530,846 496,780 470,700 486,640")
SHOULDERS = outline(
    "322,694 250,724 150,776 76,862 40,970 / 740,970 / 716,856 650,766 580,704 "
    "530,668 / 500,760 420,812 352,778 322,694"
)
CHEMISE = outline(
    "336,706 362,762 424,788 490,742 522,664 / 536,690 520,780 424,836 338,800 324,712 336,706"
)


def draw() -> Image.Image:
    planes = ndimage.gaussian_filter(to_array(flatten(underpainting().render())), (0.8, 0.8, 0))
    return paint(planes)


def underpainting() -> Sheet:
    sheet = Sheet(WIDTH, HEIGHT)
    everything = outline(
        [(0, 0), (WIDTH, 0)], [(WIDTH, 0), (WIDTH, HEIGHT)], [(WIDTH, HEIGHT), (0, HEIGHT)]
    )
    sheet.fill(
        everything, sheet.radial((230, 300), 760, (0, "#a59a7c"), (0.45, "#7d7663"), (1, "#3b3835"))
    )
    for x, y, rx, ry, colour in (
        (90, 200, 120, 240, "#b5a98a"),
        (660, 180, 160, 200, "#55544c"),
        (120, 640, 160, 160, "#6f6f62"),
        (690, 560, 120, 220, "#423d3c"),
        (420, 60, 260, 70, "#847a62"),
    ):
        sheet.shade(ellipse(x, y, rx, ry), colour, blur=40, opacity=0.8)
    sheet.fill(BEHIND, "#3d1a1d")
    neck(sheet)
    shawl(sheet)
    face(sheet)
    hood(sheet)
    return sheet


def shawl(sheet: Sheet) -> None:
    sheet.fill(CHEMISE, "#d8cdb8")
    with sheet.group(clip=CHEMISE):
        soft(sheet, "420,790 500,740 540,660 540,800 430,850", "#7d7468", 8, 0.9)
    sheet.fill(SHOULDERS, SHAWL)
    with sheet.group(clip=SHOULDERS):
        soft(sheet, "60,970 110,820 250,730 330,700 220,800 170,970", SHAWL_LIGHT, 16, 0.9)
        soft(sheet, "520,970 600,760 700,800 760,970", SHAWL_DARK, 20, 0.9)
        for knots in (
            "322,730 286,810 300,970 340,970 312,830",
            "370,800 380,870 420,970 470,970 404,870",
            "510,760 484,850 520,970 570,970 520,840",
            "180,800 190,880 230,970 260,970 214,880",
            "600,740 620,840 600,970 650,970 650,840",
        ):
            soft(sheet, knots, SHAWL_DARK, 5, 0.85)
            soft(sheet, points(knots) - (24, 0), SHAWL_LIGHT, 7, 0.55)
        for knots in ("322,694 350,780 420,816 500,764 530,668",):
            sheet.shade(
                taper(curve(knots) + (0, 10), 16, start=0.6, end=0.6),
                SHAWL_DARK,
                blur=5,
                opacity=0.7,
            )


def soft(sheet: Sheet, knots: Knots, colour: str, blur: float, opacity: float = 1) -> None:
    sheet.shade(curve(knots, closed=True), colour, blur=blur, opacity=opacity)


def neck(sheet: Sheet) -> None:
    sheet.fill(NECK, "#b87a5f")
    with sheet.group(clip=NECK):
        soft(sheet, "350,560 500,500 520,640 470,660 400,650 352,630", "#5e332f", 12, 0.95)
        soft(sheet, "340,660 370,640 392,700 350,750 300,740", "#dba883", 12, 0.9)
        soft(sheet, "440,560 520,560 560,760 480,740", "#6a3b34", 16, 0.9)
        soft(sheet, "400,640 418,700 410,760 396,700", "#8d5746", 6, 0.7)


def face(sheet: Sheet) -> None:
    sheet.fill(FACE, SKIN)
    with sheet.group(clip=FACE):
        # Big planes: the lit front, the turning side, the shadow side.
        soft(
            sheet,
            "256,300 300,240 380,240 400,330 380,420 390,500 340,600 280,560 250,430",
            "#e6b58f",
            26,
        )
        soft(
            sheet,
            "430,240 520,240 520,480 440,600 370,610 420,540 440,440 436,340",
            "#a3684f",
            26,
            0.95,
        )
        soft(sheet, "470,280 530,280 530,520 440,612 400,612 462,520 482,420", DARK, 16, 0.9)
        soft(sheet, "290,250 340,236 380,262 376,320 320,336 276,320", LIGHT, 18, 0.95)
        soft(sheet, "262,420 292,428 300,456 276,480 260,460", LIGHT, 10, 0.8)
        soft(sheet, "380,430 424,426 420,470 380,490 360,466", "#f0bf98", 14, 0.9)
        soft(sheet, "380,456 440,450 430,500 380,510", "#cf7b62", 18, 0.6)
        soft(sheet, "258,470 290,476 286,510 266,506", "#d58568", 12, 0.6)
        soft(sheet, "304,566 330,556 356,570 348,596 316,594", "#f0c09a", 8, 0.9)
        # Sockets.
        soft(sheet, "262,362 300,356 326,372 322,404 290,412 262,402", "#a96d54", 8, 0.8)
        soft(sheet, "352,368 390,352 440,362 446,396 410,416 364,408", "#9c5f4a", 9, 0.85)
        soft(sheet, "330,356 344,360 342,410 332,420", "#96594a", 6, 0.6)
    brows_and_eyes(sheet)
    nose(sheet)
    mouth(sheet)


def brows_and_eyes(sheet: Sheet) -> None:
    soft(sheet, "262,352 284,342 316,352 318,360 284,352 264,358", "#4a2a22", 3, 0.9)
    soft(sheet, "354,354 390,334 440,346 456,360 436,356 392,346 358,364", "#43251f", 3.5, 0.95)
    for x, y, w, h in ((292, 388, 25, 11), (396, 387, 33, 13)):
        lid = outline(
            [(x - w, y + 3), (x - w * 0.3, y - h), (x + w * 0.5, y - h * 0.8), (x + w, y + 2)],
            [
                (x + w, y + 2),
                (x + w * 0.3, y + h * 0.8),
                (x - w * 0.4, y + h * 0.8),
                (x - w, y + 3),
            ],
        )
        soft(
            sheet,
            [
                (x - w * 1.1, y),
                (x - w * 0.2, y - h * 2.1),
                (x + w * 0.6, y - h * 1.8),
                (x + w * 1.15, y),
                (x, y - h * 0.6),
            ],
            "#d9a480",
            3,
            0.85,
        )
        sheet.shade(lid, "#d8c6b4", blur=0.8)
        with sheet.group(clip=lid):
            sheet.shade(ellipse(x + w * 0.7, y, w * 0.5, h), "#a08476", blur=4, opacity=0.8)
            sheet.shade(ellipse(x - w * 0.16, y - 1, h * 1.05, h * 1.1), "#4b3a2a", blur=0.8)
            sheet.shade(ellipse(x - w * 0.16, y + 3, h * 0.7, h * 0.5), "#8a6a44", blur=1.5)
            sheet.shade(ellipse(x - w * 0.16, y - 1, h * 0.5, h * 0.5), "#120c0c", blur=0.6)
            sheet.shade(ellipse(x, y - h - 1, w * 1.1, h * 0.7), "#3a221e", blur=2.5, opacity=0.8)
        sheet.shade(ellipse(x - w * 0.16 - 4, y - 5, 2.6, 2.6), "#fff8ea", blur=0.4)
        sheet.shade(
            taper(
                curve(
                    [
                        (x - w, y + 3),
                        (x - w * 0.3, y - h),
                        (x + w * 0.5, y - h * 0.8),
                        (x + w * 1.1, y + 3),
                    ]
                ),
                4.5,
                start=0.3,
                end=0.2,
            ),
            "#2c1816",
            blur=0.8,
        )
        sheet.shade(
            taper(curve([(x - w * 0.8, y + h * 0.6), (x, y + h * 0.95), (x + w, y + 3)]), 2.5),
            "#7a4636",
            blur=1,
            opacity=0.8,
        )
        sheet.shade(
            taper(
                curve([(x - w, y - h * 0.9), (x, y - h * 1.9), (x + w * 1.05, y - h * 0.7)]), 2.5
            ),
            "#74412f",
            blur=1.2,
            opacity=0.8,
        )
        soft(
            sheet,
            [(x - w * 0.9, y + h), (x, y + h * 1.6), (x + w, y + h * 1.1), (x, y + h * 2.1)],
            "#e8b992",
            3,
            0.6,
        )


def nose(sheet: Sheet) -> None:
    soft(sheet, "326,372 342,376 346,440 360,466 350,484 322,486 326,440", "#a3644e", 7, 0.85)
    soft(sheet, "314,366 328,366 324,430 318,462 300,466 304,440", "#f5cfa8", 5, 0.95)
    soft(sheet, "292,452 308,444 322,456 318,474 300,478 290,466", "#e0a37e", 4, 0.9)
    sheet.shade(ellipse(304, 457, 6, 5), "#fbe3c4", blur=3, opacity=0.8)
    soft(sheet, "322,446 334,452 338,472 326,482 314,480 322,466", "#b9745a", 4, 0.85)
    soft(sheet, "346,452 360,464 356,480 344,482 338,468", "#b06f56", 3, 0.9)
    soft(sheet, "290,476 312,482 346,484 352,492 320,496 294,488", "#8a4c3f", 5, 0.8)
    soft(sheet, "326,478 340,474 346,481 332,485", "#4a2420", 1.8, 0.95)
    soft(sheet, "296,477 304,476 306,481 298,482", "#5c2f28", 1.8, 0.9)


def mouth(sheet: Sheet) -> None:
    soft(sheet, "300,496 312,494 310,510 300,510", "#b97860", 4, 0.7)
    upper = "284,524 296,514 306,511 314,515 326,511 352,517 378,523 346,527 312,528"
    lower = "288,526 312,529 346,528 374,524 356,542 326,550 300,544"
    soft(sheet, upper, "#9a4a44", 1.6)
    soft(sheet, lower, "#c26f5f", 1.8)
    soft(sheet, "304,534 320,533 334,535 320,541", "#f0b49c", 2.5, 0.85)
    sheet.shade(
        taper(curve("282,524 304,526 314,529 340,527 382,522"), 4, start=0.3), "#4b1f20", blur=0.9
    )
    soft(sheet, "300,552 326,556 356,550 344,562 312,564", "#9a5c48", 4, 0.8)
    soft(sheet, "380,512 392,520 384,534 376,526", "#8f5443", 4, 0.7)


def hood(sheet: Sheet) -> None:
    hair = outline(
        "296,244 300,226 360,222 436,254 486,320 506,400 / 480,340 440,290 380,262 "
        "318,262 280,290 / 284,262 296,244"
    )
    sheet.shade(hair, "#3a221c", blur=3)
    sheet.shade(taper(curve("300,250 360,240 430,280 470,330"), 5), "#7d5138", blur=2, opacity=0.8)
    for shape in (TAIL, HOOD):
        sheet.fill(shape, SCARF)
    with sheet.group(clip=path(HOOD) + path(TAIL)):
        soft(
            sheet,
            "262,280 262,200 320,146 400,120 460,128 420,180 350,200 300,250",
            SCARF_LIGHT,
            14,
            0.95,
        )
        soft(sheet, "500,130 600,220 610,460 560,700 530,620 566,440 556,280", SCARF_DARK, 18, 0.95)
        for knots in (
            ("270,290 300,226 380,184 470,194 530,280 546,420 530,310 466,212 384,200 312,240"),
            "300,250 350,226 420,224 490,280 524,380 534,500 512,390 478,296 416,242",
            "262,240 300,180 370,148 440,150 372,160 310,200",
            "400,116 500,160 566,270 574,420 556,290 490,176",
            "520,480 530,580 500,650 516,580 508,500",
            "550,470 556,580 530,660 544,580 538,490",
            "500,670 540,730 564,830 548,740 516,680",
        ):
            soft(sheet, knots, SCARF_DARK, 4, 0.85)
            soft(sheet, points(knots) + (-10, 9), SCARF_LIGHT, 4, 0.45)
        sheet.shade(
            taper(curve("276,306 304,258 360,244 430,266 486,326 508,430") + (3, -6), 9),
            SCARF_LIGHT,
            blur=3,
            opacity=0.8,
        )
    soft(sheet, "468,634 500,628 530,650 526,688 496,700 468,676", SCARF, 2)
    soft(sheet, "474,640 496,634 508,650 492,664 476,660", SCARF_LIGHT, 5, 0.8)
    soft(sheet, "500,690 528,680 532,660 516,676", SCARF_DARK, 4)
    sheet.shade(taper(curve("500,400 506,460 486,560 474,620"), 14), "#3a1a1a", blur=5, opacity=0.7)


# --- Brush ----------------------------------------------------------------------------------------


def paint(planes: np.ndarray) -> Image.Image:
    """Lay `planes`, (H, W, 3) in [0, 1], on again with brushes from broad to fine.

    After Hertzmann, "Painterly rendering with curved brush strokes of multiple sizes" (1998): each
    brush paints only where the canvas still differs from the picture blurred to the brush's size.
    """
    random = rng("portrait")
    ground = np.array([0.42, 0.36, 0.29], dtype=np.float32)
    canvas = np.broadcast_to(ground, planes.shape)
    for radius, tolerance in ((22, -1.0), (12, 0.07), (6, 0.09), (2.8, 0.09)):
        target = ndimage.gaussian_filter(planes, (radius / 2.2, radius / 2.2, 0))
        error = ndimage.uniform_filter(np.abs(target - canvas).sum(2), int(radius * 1.5))
        spots = scatter(error > tolerance, radius * 0.9, random)
        spines = trace(target, spots, radius, random)
        marks = brush_marks(spines, at(target, spots), radius, random)
        layer = to_array(rasterise(WIDTH, HEIGHT, marks, oversample=1))
        alpha = layer[..., 3:]
        canvas = canvas * (1 - alpha) + layer[..., :3] * alpha
    return to_image(varnish(canvas, random))


def at(field: np.ndarray, points: Points) -> np.ndarray:
    """The values of a field, (H, W, ...), at points, (N, 2)."""
    x, y = np.clip(points, 0, (field.shape[1] - 1, field.shape[0] - 1)).astype(int).T
    return field[y, x]


def scatter(where: np.ndarray, step: float, random: np.random.Generator) -> Points:
    """Points about `step` apart, in random order, in the area `where`."""
    y, x = np.mgrid[0 : where.shape[0] : step, 0 : where.shape[1] : step]
    spots = np.stack([x.ravel(), y.ravel()], 1) + random.uniform(-step, step, (x.size, 2))
    random.shuffle(spots)
    return spots[at(where, spots)]


def trace(target: np.ndarray, spots: Points, radius: float, random: np.random.Generator) -> Points:
    """Spines of strokes, (N, 9, 2): both ways along the forms while the colour holds."""
    grey = ndimage.gaussian_filter(target.mean(2), radius / 3)
    dx, dy = ndimage.sobel(grey, 1), ndimage.sobel(grey, 0)
    # Where the picture is flat, strokes follow a slow swirl instead of noise.
    swirl = noise(grey.shape, 160, random) * 1.2 - 0.6
    rest = np.stack([np.cos(swirl), np.sin(swirl)], 2)
    strength = np.hypot(dx, dy)[..., None]
    along = np.stack([-dy, dx], 2) / np.maximum(strength, 1e-6)
    along *= np.where((along * rest).sum(2, keepdims=True) < 0, -1, 1)
    flow = rest + (along - rest) * np.clip(strength / 0.02, 0, 1)
    flow /= np.hypot(flow[..., 0], flow[..., 1])[..., None] + 1e-9
    colour = at(target, spots)

    def walk(sign: int) -> list[Points]:
        place, heading, way = spots, sign * at(flow, spots), []
        going = np.ones((len(spots), 1), dtype=bool)
        for _ in range(4):
            going &= np.abs(at(target, place) - colour).sum(1, keepdims=True) < 0.16
            direction = at(flow, place)
            heading = direction * np.where((direction * heading).sum(1, keepdims=True) < 0, -1, 1)
            place = place + heading * radius * going
            way.append(place)
        return way

    return np.stack([*walk(-1)[::-1], spots, *walk(1)], 1)


def brush_marks(
    spines: Points, colours: np.ndarray, radius: float, random: np.random.Generator
) -> str:
    """Strokes as SVG: each a body of paint, and bristles that carry a little more or less of it."""
    count = len(spines)
    tints = colours + random.normal(0, 0.018, (count, 1)) + random.normal(0, 0.01, (count, 3))
    widths = radius * random.uniform(1.4, 2.0, count)
    slope = np.gradient(spines, axis=1)
    normal = np.stack([-slope[..., 1], slope[..., 0]], 2)
    normal /= np.hypot(normal[..., 0], normal[..., 1])[..., None] + 1e-9
    across = np.linspace(-0.42, 0.42, max(2, int(radius / 1.8)))
    marks = []
    for spine, side, tint, width in zip(spines, normal, tints, widths, strict=True):
        marks.append(stroke(spine, width, tint, 0.95))
        for place in across:
            shade = tint + random.normal(0, 0.035)
            marks.append(stroke(spine + side * (place * width), width / 6, shade, 0.6))
    look = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
    return f"<g {look}>{''.join(marks)}</g>"


def stroke(line: Points, width: float, colour: np.ndarray, opacity: float) -> str:
    red, green, blue = (np.clip(colour, 0, 1) * 255).round().astype(int).tolist()
    paint = f'stroke="rgb({red},{green},{blue})" stroke-opacity="{opacity}"'
    return f'<path d="{path(line, closed=False)}" {paint} stroke-width="{width:.1f}"/>'


def varnish(canvas: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Light from the upper left on the ridges of the paint and the weave of the canvas."""
    detail = canvas.mean(2)
    ridges = detail - ndimage.gaussian_filter(detail, 3)
    y, x = np.mgrid[: canvas.shape[0], : canvas.shape[1]]
    weave = np.sin(x * 2.1 + noise(detail.shape, 30, random)) + np.sin(
        y * 2.1 + noise(detail.shape, 30, random)
    )
    height = ridges * 5 + weave * 0.012
    light = np.clip(ndimage.sobel(height, 1) + ndimage.sobel(height, 0), -1, 1)
    return canvas * (1 + 0.10 * light[..., None])
