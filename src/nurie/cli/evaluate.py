"""nurie evaluate"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
from cyclopts import App, Parameter
from PIL import Image
from rich.console import Console

from nurie.cli.screen import progress_bar
from nurie.core import images, lines
from nurie.core.errors import MissingExtra
from nurie.core.files import whole_file
from nurie.tasks import classical
from nurie.tasks.extract import MODEL, ExtractOptions, method_for

app = App(name="evaluate", help="Score the networks on drawings that they were not trained on.")


@app.command
def extract(
    *,
    model: Annotated[list[str], Parameter(negative="")] | None = None,
    data: Path = Path("sets/all"),
    scenes: int = 200,
    size: int = 384,
    seed: int = 0,
    json_file: Annotated[Path | None, Parameter(name="--json")] = None,
    sheet: Path | None = None,
) -> None:
    """Score line extraction on scenes of held-out drawings, beside the classical methods.

    Examples:

        nurie evaluate extract --data sets/all
        nurie evaluate extract --model mine.onnx --json scores.json --sheet sheet.png

    Parameters
    ----------
    model
        Networks to score, by name or .onnx file; the shipped one without it.
    data
        A set that 'nurie data build' made.
    scenes
        How many; the same seed gives the same ones.
    size
        Height and width of the scenes in pixels, a multiple of 16.
    json_file
        Write the scores there as well.
    sheet
        Write a picture of some scenes with the lines that each method found.
    """
    from nurie.evaluation import extraction, report

    names = [*(model or [MODEL]), *classical.METHODS]
    methods = {name: method_for(ExtractOptions(model=name)) for name in names}
    extractors = {
        name: lambda rgb, method=method: method(rgb, None) for name, method in methods.items()
    }
    pairs = _held_out(data, scenes, size, seed)
    shown: list[tuple[np.ndarray, np.ndarray]] = []

    def kept() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for number, pair in enumerate(pairs):
            if number < _ON_SHEET:
                shown.append(pair)
            yield pair

    with progress_bar() as bar:
        task = bar.add_task("scoring", total=scenes)
        results = extraction.evaluate(extractors, kept(), advance=lambda: bar.advance(task))
    rows = report.line_rows({name: result.lines for name, result in results.items()})
    for row, result in zip(rows, results.values(), strict=True):
        row["line art kept"] = result.kept
        row["ink on paper"] = f"{result.paper:.2%}"
        row["ms"] = round(1000 * result.seconds)
    Console(width=None if Console().is_terminal else 160).print(
        report.table(rows, f"{scenes} scenes of {size} x {size} pixels, held-out drawings")
    )
    if json_file:
        settings = {"scenes": scenes, "size": size, "seed": seed}
        with whole_file(json_file) as file:
            file.write(report.as_json({**settings, "methods": results}).encode())
    if sheet:
        images.write(report.contact_sheet([_sheet_row(*pair, extractors) for pair in shown]), sheet)


def _sheet_row(picture: np.ndarray, truth: np.ndarray, extractors) -> tuple:
    results = {"true lines": truth} | {name: find(picture) for name, find in extractors.items()}
    drawn = {
        name: Image.fromarray(lines.over_white(lines.soft(coverage)))
        for name, coverage in results.items()
    }
    return "", Image.fromarray(picture), drawn


_ON_SHEET = 8
_AT_ONCE = 8


def _held_out(data: Path, count: int, size: int, seed: int) -> Iterator:
    """Scenes of held-out drawings as pairs of picture and true coverage."""
    try:
        from nurie.data import shards
        from nurie.data.random import Dice
        from nurie.data.scene import Bank, SceneOptions, compose
    except ModuleNotFoundError as error:
        raise MissingExtra("train", "nurie evaluate") from error

    bank = Bank(shards.load(data), "held-out")
    for start in range(0, count, _AT_ONCE):
        dice = Dice((seed << 32) + start)
        batch = compose(bank, min(_AT_ONCE, count - start), SceneOptions(size=size), dice)
        images = batch.image.permute(0, 2, 3, 1).mul(255).round().byte().numpy()
        yield from zip(images, batch.line[:, 0].numpy(), strict=True)
