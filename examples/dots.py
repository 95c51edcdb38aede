"""Make cartoon-dots.json: a dot of colour for each region of the cartoon's extracted lines.

The colours are those of the picture, so that what comes out can be held against it.

    python examples/dots.py
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image

import nurie

HERE = Path(__file__).parent
SMALLEST = 40  # pixels; what is smaller keeps the paper's white


def main() -> None:
    picture = Image.open(HERE / "cartoon.png").convert("RGB")
    lines = nurie.extract(picture, nurie.ExtractOptions(style="ink")).image
    regions = nurie.Colorizer(lines).regions
    pixels = np.asarray(picture)
    dots = []
    for number in np.argsort(-regions.area, kind="stable"):
        if regions.area[number] < SMALLEST:
            break
        inside = (regions.label == number + 1) & ~regions.ink
        red, green, blue = np.median(pixels[inside], axis=0).astype(int)
        x, y = regions.inner[number].tolist()
        dots.append({"x": x, "y": y, "radius": 1, "color": f"#{red:02x}{green:02x}{blue:02x}"})
    text = ",\n".join(f"  {json.dumps(dot)}" for dot in dots)
    (HERE / "cartoon-dots.json").write_text(f'{{"hints": [\n{text}\n]}}\n', "utf-8")


if __name__ == "__main__":
    main()
