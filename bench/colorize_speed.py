"""Speed and memory of colouring: reading line art, painting again and again, a large file to PSD.

python bench/colorize_speed.py
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

import nurie

HERE = Path(__file__).parent
DRAWING = HERE.parent / "examples" / "lines.png"
SIZES = (512, 1024, 2048)
LARGE = 4096
PAGES, ROUNDS = 3, 15


def main() -> None:
    random = np.random.default_rng(0)
    rows = [_row(size, random) for size in SIZES]
    large = _large()
    table = Table(box=None, title="milliseconds")
    for heading in ("size", "regions", "read the lines", "first 10 hints", "one more hint"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(str(row["size"]), str(row["regions"]), *(f"{row[key]:.0f}" for key in _TIMES))
    console = Console()
    console.print(table)
    console.print(
        f"{LARGE} x {LARGE}: file to PSD {large['seconds']:.1f} s, peak memory "
        f"{large['peak_gb']:.2f} GB"
    )
    print(json.dumps({"sizes": rows, "large": large}))


_TIMES = ("read", "paint", "again")


def _row(size: int, random: np.random.Generator) -> dict[str, float]:
    lines = _lines(size)
    pages: list[nurie.Colorizer] = []
    read = [_time(lambda: pages.append(nurie.Colorizer(lines))) for _ in range(PAGES)]
    places = random.integers(0, size, (10, 2))
    hints = [nurie.Hint(x, y, tuple(random.integers(0, 256, 3))) for x, y in places]
    paint = [_time(partial(page.paint, hints)) for page in pages]
    again = []
    for x, y in random.integers(0, size, (ROUNDS, 2)):
        hints.append(nurie.Hint(x, y, tuple(random.integers(0, 256, 3))))
        again.append(_time(partial(pages[0].paint, hints)))
    times = map(statistics.median, (read, paint, again))
    return {
        "size": size,
        "regions": pages[0].regions.count,
        **dict(zip(_TIMES, times, strict=True)),
    }


def _time(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - began)


def _lines(size: int) -> Image.Image:
    return Image.open(DRAWING).convert("RGB").resize((size, size), Image.Resampling.LANCZOS)


def _large() -> dict[str, float]:
    """Seconds and peak memory of the command, with 30 hints."""
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        lines, hints = Path(folder) / "lines.png", Path(folder) / "hints.json"
        _lines(LARGE).save(lines)
        dots = [
            {"x": int(x), "y": int(y), "radius": 12, "color": f"#{color:06x}"}
            for x, y, color in random.integers(0, (LARGE, LARGE, 1 << 24), (30, 3))
        ]
        hints.write_text(json.dumps({"hints": dots}))
        command = [sys.executable, "-m", "nurie", "colorize", str(lines)]
        began = time.perf_counter()
        subprocess.run(
            [*command, "--hints", str(hints), "-o", str(Path(folder) / "art.psd")], check=True
        )
        seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9
    return {"seconds": seconds, "peak_gb": peak}


if __name__ == "__main__":
    main()
