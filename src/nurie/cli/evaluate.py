"""nurie evaluate"""

from pathlib import Path
from typing import Annotated

import numpy as np
from cyclopts import App, Parameter
from cyclopts.types import PositiveInt
from PIL import Image

from nurie.cli.screen import progress_bar, show
from nurie.core import images, lines
from nurie.core.errors import MissingExtra, NurieError
from nurie.core.files import whole_file
from nurie.tasks import batch, classical
from nurie.tasks.extract import MODEL, ExtractOptions, method_for

app = App(name="evaluate", help="Score the networks on drawings that they were not trained on.")


_DRAWINGS = 8
_ON_SHEET = 8


@app.command
def extract(
    *,
    model: Annotated[list[str], Parameter(negative="", json_list=False)] | None = None,
    data: Path = Path("sets/all"),
    scenes: PositiveInt = 200,
    size: PositiveInt = 384,
    seed: int = 0,
    json_file: Annotated[Path | None, Parameter(name="--json")] = None,
    sheet: Path | None = None,
    pictures: Annotated[list[str], Parameter(negative="", json_list=False)] | None = None,
) -> None:
    """Score line extraction on scenes of held-out drawings, beside the classical methods.

    Examples:

        nurie evaluate extract --data sets/all
        nurie evaluate extract --model mine.onnx --json scores.json
        nurie evaluate extract --sheet sheet.png --pictures examples/

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
    pictures
        Files or folders that the sheet shows instead of scenes.
    """
    try:
        from nurie.data import held_out, shards
        from nurie.evaluation import extraction, report
    except ModuleNotFoundError as error:
        raise MissingExtra("train", "nurie evaluate") from error

    if size % 16:
        raise NurieError("--size must be a multiple of 16")
    if sheet:
        images.output_format(sheet)  # a wrong ending fails before any work
    found = [file for place in pictures or () for file in batch.find(place)]
    names = [*(model or [MODEL]), *classical.METHODS]
    methods = {name: method_for(ExtractOptions(model=name)) for name in names}
    extractors = {
        name: lambda rgb, method=method: method(rgb, None) for name, method in methods.items()
    }
    shard = shards.load(data)
    drawings = list(held_out.line_art(shard, _DRAWINGS))
    if not drawings:
        raise NurieError(f"{data} holds too few drawings that are held out: build a larger set")
    with progress_bar() as bar:
        task = bar.add_task("scoring", total=scenes + len(drawings))
        results = extraction.evaluate(
            extractors,
            held_out.scenes(shard, scenes, size, seed),
            drawings,
            advance=lambda: bar.advance(task),
        )
    rows = report.line_rows({name: result.lines for name, result in results.items()})
    for row, result in zip(rows, results.values(), strict=True):
        row["line art kept"] = result.kept
        row["ink on paper"] = f"{result.paper:.2%}"
        row["ms"] = round(1000 * result.seconds)
    show(report.table(rows, f"{scenes} scenes of {size} x {size} pixels, held-out drawings"))
    if json_file:
        settings = {"scenes": scenes, "size": size, "seed": seed}
        with whole_file(json_file) as file:
            file.write(report.as_json({**settings, "methods": results}).encode())
    if sheet:
        if pictures:
            shown = [(name, images.read(batch.fetch(file)).rgb, {}) for file, name in found]
        else:
            first = held_out.scenes(shard, _ON_SHEET, size, seed)
            shown = [("", picture, {"true lines": truth}) for picture, truth in first]
        images.write(report.contact_sheet([_row(*row, extractors) for row in shown]), sheet)


def _row(title: str, picture: np.ndarray, known: dict[str, np.ndarray], extractors):
    found = known | {name: extractor(picture) for name, extractor in extractors.items()}
    drawn = {
        name: Image.fromarray(lines.over_white(lines.soft(coverage)))
        for name, coverage in found.items()
    }
    return title, Image.fromarray(picture), drawn
