"""The laboratory: what every idea on the way brings, each trained in turn and measured.

python bench/lab.py --docs                               an hour on 2 cores: `make lab`
python bench/lab.py --runs runs/lab-small --steps 10     a few minutes: `make lab-small`

Each variation changes one thing of a small U-Net and is trained for the same number of steps on the
same pages. What is done is kept in the folder of runs, and not done again. The tables of
docs/LEARN.md and docs/LEARN.ja.md, and their pictures, come from here.
"""

import json
import re
import statistics
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import cyclopts
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from rich.console import Console
from torch import Tensor

from nurie.core.files import whole_file
from nurie.evaluation.report import table
from nurie.training.devices import launch
from nurie.training.loop import LoopOptions, train
from nurie.training.recipes.table import build_recipe

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
PICTURES = DOCS / "learn"

# All of it is written down here, so that better defaults leave these measurements as they are.
_BASE = {
    "widths": (16, 32, 64, 96, 128),
    "depth": 2,
    "skips": "added",
    "grow": "resize",
    "norm": "batch",
    "loss": "logloss",
    "size": 128,
    "drawings": 3,
    "smallest": 0.35,
    "largest": 1.0,
    "invented": 0.5,
    "hinted": 1.0,
}
_LOOP = LoopOptions(batch=16, rate=2e-3, optimizer="adam", decay=0.0, average=0.99, warmup=50)


@dataclass(frozen=True)
class Variation:
    """One thing done otherwise: the recipe, its options and the loop's."""

    recipe: str = "unet"
    options: dict[str, Any] = field(default_factory=dict)
    loop: dict[str, Any] = field(default_factory=dict)

    @property
    def all_options(self) -> dict[str, Any]:
        """Those of the base, and what is done otherwise."""
        return {**_BASE, **self.options}

    @property
    def key(self) -> str:
        """The name of its run: the same for the same thing in two experiments."""
        said = {**self.options, **self.loop}
        return "-".join([self.recipe, *(f"{key}-{_plain(said[key])}" for key in sorted(said))])


def _plain(value: object) -> str:
    return re.sub(r"[^\w.]+", "-", str(value)).strip("-")


UNET = Variation()
_CHAIN = {"skips": "none", "grow": "transposed"}  # what makes an autoencoder of it


def _copier(levels: int) -> Variation:
    widths = (16, 32, 48, 64, 96, 128)[:levels]
    options = {"copies": True, "widths": widths, "size": 256}
    return Variation("autoencoder", {**_CHAIN, **options}, {"batch": 4})


def _wide(width: int) -> Variation:
    return Variation(options={"widths": (width, 32, 64, 96, 128)}) if width != 16 else UNET


EXPERIMENTS: dict[str, dict[str, Variation]] = {
    "networks": {
        "autoencoder": Variation("autoencoder", _CHAIN),
        "U-Net": UNET,
        "GAN": Variation("gan", {"loss": "l1"}, {"beta1": 0.5}),
    },
    "skips": {
        "added": UNET,
        "concatenated": Variation(options={"skips": "concatenated"}),
        "none": Variation(options={"skips": "none"}),
    },
    "smallest map": {
        "64 x 64": _copier(3),
        "32 x 32": _copier(4),
        "16 x 16": _copier(5),
        "8 x 8": _copier(6),
    },
    "norm": {
        "batch": UNET,
        "group": Variation(options={"norm": "group"}),
        "none": Variation(options={"norm": "none"}),
    },
    "loss": {
        "logloss": UNET,
        "squared error": Variation(options={"loss": "squared"}),
        "L1": Variation(options={"loss": "l1"}),
    },
    "optimizer": {
        "Adam": UNET,
        "SGD, rate 0.002": Variation(loop={"optimizer": "sgd"}),
        "SGD, rate 0.1": Variation(loop={"optimizer": "sgd", "rate": 0.1}),
    },
    "growing": {
        "narrow, then double": UNET,
        "transposed convolution": Variation(options={"grow": "transposed"}),
        "pixel shuffle": Variation(options={"grow": "shuffle"}),
    },
    "shallow width": {f"{width} features": _wide(width) for width in (8, 16, 32, 64)},
}
"""What is compared, by heading; in each the first but one thing is the same."""


def main(
    *,
    data: Path = Path("sets/all"),
    runs: Path = Path("runs/lab"),
    steps: int = 600,
    docs: bool = False,
) -> None:
    """Train what is not trained yet, time all of it in turn, and write tables and pictures.

    Parameters
    ----------
    data
        A set that 'nurie data build' made.
    runs
        Folder of the runs; another number of steps needs another folder.
    steps
        Of every variation.
    docs
        Put tables and pictures into docs/LEARN.md and docs/LEARN.ja.md too; the pictures are in the
        folder of runs in any case.
    """
    console = Console()
    fabric = launch("auto", "auto")
    variations = {v.key: v for variations in EXPERIMENTS.values() for v in variations.values()}
    for number, (key, variation) in enumerate(variations.items(), 1):
        if (runs / key / "scores.json").exists():
            continue
        console.print(f"{number} of {len(variations)}: {key}")
        _train(variation, data, runs / key, steps, fabric)
    results = {key: json.loads((runs / key / "scores.json").read_text()) for key in variations}
    for key, seconds in _step_seconds(variations, data, fabric).items():
        results[key]["step_ms"] = 1000 * seconds
    base = results[UNET.key]["step_ms"]
    tables = {}
    for heading, compared in EXPERIMENTS.items():
        rows = [_row(name, results[v.key], base) for name, v in compared.items()]
        tables[heading] = rows
        console.print(table(rows, heading, digits=2))
        columns = 3 if heading == "smallest map" else 7  # what copies takes no hints
        sheet = _sheet({name: runs / v.key for name, v in compared.items()}, columns)
        for folder in (runs, *([PICTURES] if docs else [])):
            folder.mkdir(exist_ok=True)
            name = f"{heading.replace(' ', '-')}.webp"
            sheet.save(folder / name, quality=88, method=6)
    for document in (DOCS / "LEARN.md", DOCS / "LEARN.ja.md"):
        if docs:
            _fill(document, tables)
    print(json.dumps({"steps": steps, "device": str(fabric.device), "results": results}))


def _train(variation: Variation, data: Path, run: Path, steps: int, fabric) -> None:
    recipe = build_recipe(variation.recipe, variation.all_options)
    options = replace(_LOOP, steps=steps, look_every=steps, save_every=steps, **variation.loop)
    torch.manual_seed(options.seed)
    recipe.open(data, fabric.device)
    net = recipe.build()
    identity = {"recipe": recipe.name, "options": asdict(recipe.options)}
    looks: list[tuple[dict[str, float], Tensor]] = []

    def watch(report) -> None:
        if report.scores:
            looks.append((report.scores, report.picture))

    began = time.perf_counter()
    train(recipe, net, options, run, fabric=fabric, identity=identity, watch=watch)
    scores, picture = looks[-1]
    grid = picture.clamp(0, 1).mul(255).round().byte().movedim(0, -1).cpu().numpy()
    Image.fromarray(grid).save(run / "held-out.png")
    scores["parameters"] = sum(parameter.numel() for parameter in net.parameters())
    scores["minutes"] = (time.perf_counter() - began) / 60
    with whole_file(run / "scores.json") as file:
        file.write(json.dumps(scores).encode())


def _step_seconds(
    variations: dict[str, Variation], data: Path, fabric, rounds: int = 5
) -> dict[str, float]:
    """Median seconds of forward, backward and step on a batch that is there, all in turn."""
    opened: Any = build_recipe(UNET.recipe, UNET.all_options)
    opened.open(data, fabric.device)
    ready = {}
    for key, variation in variations.items():
        recipe: Any = build_recipe(variation.recipe, variation.all_options)
        recipe.cutouts = opened.cutouts  # one copy of the drawings is enough
        options = replace(_LOOP, **variation.loop)
        net = recipe.build().to(fabric.device)
        net = net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        players = recipe.players(net)
        optimizers = [torch.optim.Adam(player.parameters(), 0.0) for player in players]
        ready[key] = (recipe, net, players, optimizers, recipe.batch(options.batch, 0))

    def step(recipe, net, players, optimizers, batch) -> float:
        net.train()
        began = time.perf_counter()
        losses = recipe.losses(net, batch)
        for _, optimizer in zip(players, optimizers, strict=True):
            with fabric.autocast():
                loss = next(losses)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        if fabric.device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - began

    taken: dict[str, list[float]] = {key: [] for key in ready}
    for turn in range(rounds + 1):
        for key, parts in ready.items():
            seconds = step(*parts)
            if turn:  # the first warms up
                taken[key].append(seconds)
    return {key: statistics.median(seconds) for key, seconds in taken.items()}


def _row(name: str, result: dict[str, float], base: float) -> dict[str, object]:
    row: dict[str, object] = {"": name}
    row |= {f"PSNR, {share} % hinted": result[f"psnr_{share}"] for share in (0, 10, 30)}
    row["mean colour"] = result["psnr_mean"]
    row["step"] = result["step_ms"] / base
    row["parameters"] = f"{result['parameters'] / 1e6:.2f} M"
    return row


def _sheet(runs: dict[str, Path], columns: int) -> Image.Image:
    """Two held-out pages as every variation sees them, with more hints from left to right."""
    strips = []
    for name, run in runs.items():
        grid = np.asarray(Image.open(run / "held-out.png"))
        size = grid.shape[0] // 4
        strips.append((name, grid[: 2 * size, : columns * size]))
    width = max(strip.shape[1] for _, strip in strips)
    bar, font = 28, ImageFont.load_default(16)
    height = sum(strip.shape[0] + bar for _, strip in strips)
    sheet = Image.new("RGB", (width, height), "white")
    draw, y = ImageDraw.Draw(sheet), 0
    for name, strip in strips:
        draw.text((6, y + 5), name, "#222222", font)
        sheet.paste(Image.fromarray(strip), (0, y + bar))
        y += bar + strip.shape[0]
    return sheet


def _fill(document: Path, tables: dict[str, list[dict[str, object]]]) -> None:
    """Put each table between its two marks."""
    text = document.read_text("utf-8")
    for heading, rows in tables.items():
        marks = rf"(<!-- lab: {heading} -->\n).*?(<!-- end -->)"
        made = _markdown(rows)
        text = re.sub(marks, lambda m, made=made: m[1] + made + m[2], text, flags=re.S)
    document.write_text(text, "utf-8")


def _markdown(rows: list[dict[str, object]]) -> str:
    lines = ["| " + " | ".join(rows[0]) + " |", "|" + " --- |" * len(rows[0])]
    for row in rows:
        cells = [f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row.values()]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    cyclopts.run(main)
