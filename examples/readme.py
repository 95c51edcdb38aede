"""Make readme.png: sample pictures beside the lines that nurie finds in them.

python examples/readme.py
"""

from pathlib import Path

from PIL import Image

import nurie

HERE = Path(__file__).parent
HEIGHT, GAP = 420, 12
PICTURES = ("anime", "night", "cartoon")


def main() -> None:
    cells = []
    for name in PICTURES:
        picture = Image.open(HERE / f"{name}.png").convert("RGB")
        lines = nurie.extract(picture).image.convert("RGB")
        for image in (picture, lines):
            width = round(image.width * HEIGHT / image.height)
            cells.append(image.resize((width, HEIGHT), Image.Resampling.LANCZOS))
    sheet = Image.new("RGB", (sum(cell.width + GAP for cell in cells) - GAP, HEIGHT), "white")
    left = 0
    for cell in cells:
        sheet.paste(cell, (left, 0))
        left += cell.width + GAP
    sheet.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(HERE / "readme.png", optimize=True)


if __name__ == "__main__":
    main()
