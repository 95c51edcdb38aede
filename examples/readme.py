"""Make readme.png: sample pictures beside the lines that nurie finds in them, one coloured again.

python examples/readme.py
"""

from pathlib import Path

from PIL import Image

import nurie

HERE = Path(__file__).parent
WIDTH, GAP = 1600, 12


def main() -> None:
    strips = [_strip([*_extracted("anime"), *_extracted("night")]), _strip(_colored())]
    height = sum(strip.height + GAP for strip in strips) - GAP
    sheet = Image.new("RGB", (WIDTH, height), "white")
    top = 0
    for strip in strips:
        sheet.paste(strip, (0, top))
        top += strip.height + GAP
    sheet.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(HERE / "readme.png", optimize=True)


def _extracted(name: str) -> list[Image.Image]:
    """A picture and its lines."""
    picture = Image.open(HERE / f"{name}.png").convert("RGB")
    return [picture, nurie.extract(picture).image.convert("RGB")]


def _colored() -> list[Image.Image]:
    """A picture, its lines, and the lines coloured by dots and shaded."""
    picture = Image.open(HERE / "cartoon.png").convert("RGB")
    lines = nurie.extract(picture, nurie.ExtractOptions(style="ink")).image.convert("RGB")
    soft = nurie.ColorizeOptions(fill="soft")
    return [picture, lines, nurie.colorize(lines, HERE / "cartoon-dots.json", soft).image]


def _strip(images: list[Image.Image]) -> Image.Image:
    """Images beside each other, of one height and WIDTH wide in all."""
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
