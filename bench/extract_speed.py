"""Speed and memory of line extraction: the shipped network beside that of the first trial.

Both run in ONNX Runtime with the same threads, one picture after the other and in turn, so that a
noisy machine is noisy to both. The trial network has random weights: they do not change its cost.

    python bench/extract_speed.py --threads 2
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from nurie.runtime.registry import card
from nurie.runtime.session import Session
from nurie.training.export import export
from nurie.training.recipes.table import read_recipe

HERE = Path(__file__).parent
SIZES = (512, 1024, 2048)
LARGE = 4096


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / "trial.onnx"
        recipe, _ = read_recipe(str(HERE.parent / "recipes" / "lines-trial.toml"))
        export(recipe, recipe.build(), trial)
        sessions = {
            "lines": Session(card("lines"), threads=options.threads, device="cpu"),
            "trial": Session(trial, threads=options.threads, device="cpu"),
        }
        rows = [_in_turn(sessions, size, options.rounds) for size in SIZES]
        large = _large(sessions["lines"], Path(folder), options.threads)
    _print(rows, large, options.threads)


def _in_turn(sessions: dict[str, Session], size: int, rounds: int) -> dict[str, float]:
    """Median milliseconds of each network, and the median of the ratio round by round."""
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 3, size, size)).astype(np.float32)
    for session in sessions.values():
        session.run(picture)
    times = [{name: _time(session, picture) for name, session in sessions.items()}
             for _ in range(max(3, rounds * SIZES[0] // size))]  # fmt: skip
    medians = {name: statistics.median(turn[name] for turn in times) for name in sessions}
    ratio = statistics.median(turn["trial"] / turn["lines"] for turn in times)
    return {"size": size, **medians, "ratio": ratio}


def _time(session: Session, picture: np.ndarray) -> float:
    began = time.perf_counter()
    session.run(picture)
    return 1000 * (time.perf_counter() - began)


def _large(session: Session, folder: Path, threads: int) -> dict[str, float]:
    """Cost per megapixel at 4096 against 1024, and the peak memory of the whole command."""
    random = np.random.default_rng(0)
    small, large = (
        random.uniform(-1, 1, (1, 3, size, size)).astype(np.float32) for size in (1024, LARGE)
    )
    session.run(small)
    session.run(large)
    turns = []
    for _ in range(3):
        few = [_time(session, small) for _ in range(5)]
        turns.append(_time(session, large) / 16 / statistics.median(few))
    picture, result = folder / "large.png", folder / "lines.png"
    tile = np.asarray(Image.open(HERE.parent / "examples" / "cartoon.png").convert("RGB"))
    repeats = -(-LARGE // min(tile.shape[:2]))
    Image.fromarray(np.tile(tile, (repeats, repeats, 1))[:LARGE, :LARGE]).save(picture)
    command = [sys.executable, "-m", "nurie", "extract", str(picture), "-o", str(result)]
    began = time.perf_counter()
    subprocess.run([*command, "--threads", str(threads)], check=True)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e9
    return {"cost_ratio": statistics.median(turns), "command_seconds": seconds, "peak_gb": peak}


def _print(rows: list[dict[str, float]], large: dict[str, float], threads: int) -> None:
    table = Table(box=None, title=f"milliseconds per picture, {threads} threads")
    for heading in ("size", "lines", "trial net", "times as fast"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            str(row["size"]), f"{row['lines']:.1f}", f"{row['trial']:.1f}", f"{row['ratio']:.2f}"
        )
    console = Console()
    console.print(table)
    console.print(
        f"{LARGE} x {LARGE}: {large['cost_ratio']:.2f} times the cost per megapixel of 1024; "
        f"the whole command {large['command_seconds']:.1f} s, peak memory {large['peak_gb']:.2f} GB"
    )
    print(json.dumps({"threads": threads, "sizes": rows, "large": large}))


if __name__ == "__main__":
    main()
