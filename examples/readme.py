"""Make readme.png: sample pictures beside the lines that nurie finds in them.

python examples/readme.py
"""

from pathlib import Path

from PIL import Image

import nurie

HERE = Path(__file__).parent
WIDTH, GAP = 1600, 12
ROWS = (("anime", "cartoon"), ("night",))


def main() -> None:
    strips = [_strip(row) for row in ROWS]
    height = sum(strip.height + GAP for strip in strips) - GAP
    sheet = Image.new("RGB", (WIDTH, height), "white")
    top = 0
    for strip in strips:
        sheet.paste(strip, (0, top))
        top += strip.height + GAP
    sheet.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(HERE / "readme.png", optimize=True)


def _strip(names: tuple[str, ...]) -> Image.Image:
    """Pictures, each beside its lines, of one height and WIDTH wide in all."""
    images = []
    for name in names:
        picture = Image.open(HERE / f"{name}.png").convert("RGB")
        images += [picture, nurie.extract(picture).image.convert("RGB")]
    free = WIDTH - GAP * (len(images) - 1)
    height = round(free / sum(image.width / image.height for image in images))
    strip = Image.new("RGB", (WIDTH, height), "white")
    left = 0
    for image in images:
        width = round(image.width * height / image.height)
        strip.paste(image.resize((width, height), Image.Resampling.LANCZOS), (left, 0))
        left += width + GAP
    return strip


if __name__ == "__main__":
    main()
