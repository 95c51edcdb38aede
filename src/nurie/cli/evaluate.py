"""nurie evaluate"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
from cyclopts import App, Parameter
from cyclopts.types import PositiveInt
from PIL import Image

from nurie.cli.screen import progress_bar, show
from nurie.core import images, lines
from nurie.core.errors import MissingExtra, NurieError
from nurie.core.files import quoted, whole_file
from nurie.core.types import Hint
from nurie.tasks import batch, classical
from nurie.tasks.colorize import MODEL as COLOR
from nurie.tasks.colorize import NEAREST, ColorizeOptions, Colorizer
from nurie.tasks.extract import MODEL, ExtractOptions, method_for

app = App(name="evaluate", help="Score the networks on drawings that they were not trained on.")


_DRAWINGS = 8  # sheets of line art that extraction must keep as they are
_ON_SHEET = 8  # scenes that --sheet shows
_ON_COLOR_SHEET = 4  # pages that it shows, each with few and with more hints


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
    _need_folders(json_file, sheet)
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


@app.command
def colorize(
    *,
    model: Annotated[list[str], Parameter(negative="", json_list=False)] | None = None,
    data: Path = Path("sets/all"),
    drawings: PositiveInt = 200,
    size: PositiveInt = 512,
    seed: int = 0,
    broken: Annotated[bool, Parameter(negative="")] = False,
    alone: Annotated[bool, Parameter(negative="")] = False,
    json_file: Annotated[Path | None, Parameter(name="--json")] = None,
    plot: Path | None = None,
    sheet: Path | None = None,
) -> None:
    """Score colouring by the hint curve: how near to the true colours so many hints bring.

    Examples:

        nurie evaluate colorize --data sets/all
        nurie evaluate colorize --model mine.onnx --json scores.json
        nurie evaluate colorize --model runs/autoencoder --model runs/unet --model runs/gan
        nurie evaluate colorize --alone --broken
        nurie evaluate colorize --drawings 20 --plot curves.png --sheet sheet.png

    Parameters
    ----------
    model
        Networks to score, by name, .onnx file or run; the shipped one without it.
    data
        A set that 'nurie data build' made.
    drawings
        How many pages of held-out drawings; the same seed gives the same ones.
    size
        Height and width of the pages in pixels, a multiple of 16.
    broken
        Erase 3 % of the ink, in breaks of up to 8 pixels.
    alone
        Leave out the methods to compare with.
    json_file
        Write the scores there as well.
    plot
        Write a picture of the curves.
    sheet
        Write a picture of some pages as each method colours them, with 0, 3, 10 and 30 hints.
    """
    try:
        from nurie.data import held_out, shards
        from nurie.evaluation import coloring, report
    except ModuleNotFoundError as error:
        raise MissingExtra("train", "nurie evaluate") from error

    if size % 16:
        raise NurieError("--size must be a multiple of 16")
    for file in (plot, sheet):
        if file:
            images.output_format(file)
    _need_folders(json_file, plot, sheet)
    colorers = {name: _by_model(name) for name in model or [COLOR]}
    others = {"regions": _by_model(NEAREST), **coloring.baselines()}
    if twice := colorers.keys() & others:
        raise NurieError(f"--model is for networks: {twice.pop()} is scored beside them anyway")
    if not alone:
        colorers |= others
    shard = shards.load(data)
    with progress_bar() as bar:
        task = bar.add_task("scoring", total=drawings)
        scores = coloring.evaluate(
            colorers,
            (
                coloring.Drawn(*page)
                for page in held_out.pages(shard, drawings, size, seed, broken=broken)
            ),
            advance=lambda: bar.advance(task),
        )
    for table in report.color_tables(scores):
        show(table)
    if json_file:
        settings = {"drawings": drawings, "size": size, "seed": seed, "broken": broken}
        with whole_file(json_file) as file:
            file.write(report.as_json({**settings, "methods": scores}).encode())
    if plot:
        images.write(report.hint_curves(scores), plot)
    if sheet:
        rows = []
        for page in held_out.pages(shard, _ON_COLOR_SHEET, size, seed, broken=broken):
            drawn = coloring.Drawn(*page)
            for hints, flats in coloring.examples(colorers, drawn):
                shown = {"true colours": drawn.flat} | flats
                rows.append(report.coloring_row(f"{len(hints)} hints", drawn.line, hints, shown))
        images.write(report.contact_sheet(rows), sheet)


def _by_model(model: str) -> Callable[[np.ndarray], Callable[[tuple[Hint, ...]], np.ndarray]]:
    """Regions of the line art, each with its own hint's colour or the model's, on white."""

    def colorer(line: np.ndarray) -> Callable[[tuple[Hint, ...]], np.ndarray]:
        colorizer = Colorizer(line, ColorizeOptions(model=model))

        def paint(hints: tuple[Hint, ...]) -> np.ndarray:
            flats = colorizer.paint(hints).flats
            return np.where(flats[..., 3:] > 0, flats[..., :3], np.uint8(255))

        return paint

    return colorer


def _need_folders(*files: Path | None) -> None:
    """What can't be written fails before any work."""
    for file in files:
        if file and not file.parent.is_dir():
            raise NurieError(f"there is no folder {quoted(file.parent)}: make it first")


def _row(title: str, picture: np.ndarray, known: dict[str, np.ndarray], extractors):
    found = known | {name: extractor(picture) for name, extractor in extractors.items()}
    drawn = {
        name: Image.fromarray(lines.over_white(lines.soft(coverage)))
        for name, coverage in found.items()
    }
    return title, Image.fromarray(picture), drawn
