"""`make demo`: extract the lines of the sample pictures with the installed command."""

import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).parent
OUT = HERE.parent / "out" / "demo"
NURIE = Path(sysconfig.get_path("scripts")) / "nurie"

RUNS = [
    # (picture, result, further options)
    ("anime.png", "anime-soft.png", []),
    ("anime.png", "anime-ink.svg", ["--style", "ink"]),
    ("cartoon.png", "cartoon-ink.png", ["--style", "ink"]),
    ("night.png", "night-soft.png", []),
    ("sticker.png", "sticker-transparent.png", ["--transparent", "--color"]),
]


def main() -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    for picture, result, options in RUNS:
        command = ["extract", str(HERE / picture), "-o", str(OUT / result), *options]
        print("nurie", *command[:1], f"examples/{picture}", "-o", f"out/demo/{result}", *options)
        if subprocess.run([NURIE, *command], check=False).returncode:
            return 1
    print(f"\nThe results are in {OUT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
