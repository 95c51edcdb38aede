"""`make demo`: extract lines from sample pictures and colour them with the installed command."""

import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NURIE = Path(sysconfig.get_path("scripts")) / "nurie"

PICTURES, RESULTS = "examples", "out/demo"
CARTOON, DOTS = f"{RESULTS}/cartoon-ink.png", f"{PICTURES}/cartoon-dots.json"
RUNS = [
    f"extract {PICTURES}/anime.png -o {RESULTS}/anime-soft.png",
    f"extract {PICTURES}/anime.png -o {RESULTS}/anime-ink.svg --style ink",
    f"extract {PICTURES}/night.png -o {RESULTS}/night-soft.png",
    f"extract {PICTURES}/sticker.png -o {RESULTS}/sticker-transparent.png --transparent --color",
    f"extract {PICTURES}/cartoon.png -o {CARTOON} --style ink",
    f"colorize {CARTOON} --hints {DOTS} -o {RESULTS}/cartoon-colored.png",
    f"colorize {CARTOON} --hints {DOTS} -o {RESULTS}/cartoon-layers.psd --fill soft",
    f"colorize {CARTOON} -o {RESULTS}/cartoon-automatic.png --seed 3",
]


def main() -> int:
    (ROOT / RESULTS).mkdir(parents=True, exist_ok=True)
    for run in RUNS:
        print("nurie", run)
        if subprocess.run([NURIE, *run.split()], cwd=ROOT, check=False).returncode:
            return 1
    print(f"\nThe results are in {ROOT / RESULTS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
