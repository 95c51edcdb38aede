"""Draw the example pictures: `python examples/draw.py -o DIR [--truth] [NAME ...]`.

Everything is drawn by the modules beside this one and may be used under the project's licence.
Needs the optional part `data`: pip install 'nurie[data]'.
"""

import argparse
from pathlib import Path

from PIL import Image

import anime
import cartoon
import manga
import night
import pencil
import portrait
import sticker
from toolkit import Sheet, flatten

PICTURES = {
    "anime": anime.draw,
    "cartoon": cartoon.draw,
    "portrait": portrait.draw,
    "night": night.draw,
    "pencil": pencil.draw,
    "manga": manga.draw,
    "sticker": sticker.draw,
    "lines": lambda: anime.draw().render(lines=True),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the example pictures.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PICTURES)}")
    parser.add_argument("-o", "--out", type=Path, default=Path(__file__).parent)
    parser.add_argument(
        "--truth", action="store_true", help="write the true line layers too, as NAME.lines.png"
    )
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(PICTURES))
    if unknown:
        parser.error(f"no picture is called {', '.join(unknown)}")
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.names or PICTURES:
        picture = PICTURES[name]()
        if isinstance(picture, Sheet):
            if options.truth:
                save(picture.render(lines=True), options.out / f"{name}.lines.png")
            picture = flatten(picture.render())
        save(picture, options.out / f"{name}.png")


def save(image: Image.Image, path: Path) -> None:
    image.save(path, optimize=True)
    print(f"{path}: {image.width}x{image.height}, {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
