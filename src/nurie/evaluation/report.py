"""What an evaluation shows: a table for the terminal, JSON for programs, a sheet for the eye."""

import dataclasses
import json
from bisect import bisect
from collections.abc import Mapping, Sequence

from PIL import Image, ImageDraw, ImageFont
from rich import box
from rich.table import Table

from nurie.evaluation.metrics import LineScores

MARGIN = 48
GAP = 28
"""Pixels around a contact sheet, and between its cells."""

HEADING, CAPTION = 26, 20
"""Sizes in pixels of a contact sheet's two kinds of text."""

CAPTION_HEIGHT = CAPTION + 12
"""From the top of a caption to the top of the pictures under it."""

TEXT, FAINT_TEXT, FRAME = "#222222", "#666666", "#d4d4d4"

TALLEST = 1.5
"""Height of a contact sheet's cell at most, as a multiple of its width."""


def line_rows(scores: Mapping[str, LineScores]) -> list[dict[str, object]]:
    """One row a model for `table`: F1 at each tolerance, the rest at the widest.

    Distances are in thousandths of the long edge, as the tolerances d are.
    """
    rows = []
    for model, result in scores.items():
        widest = result.by_tolerance[-1]
        rows.append(
            {"model": model}
            | {f"F1 d={score.tolerance:g}": score.f1 for score in result.by_tolerance}
            | {
                "precision": widest.precision,
                "recall": widest.recall,
                "OIS": widest.ois_f1,
                "chamfer": 1000 * widest.chamfer,
            }
        )
    return rows


def table(rows: Sequence[Mapping[str, object]], title: str | None = None) -> Table:
    """A table that rich prints; the keys of the first row name the columns."""
    result = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        collapse_padding=True,
        pad_edge=False,
    )
    for name, value in (rows[0] if rows else {}).items():
        result.add_column(name, justify="right" if isinstance(value, (int, float)) else "left")
    for row in rows:
        result.add_row(
            *(f"{value:.3f}" if isinstance(value, float) else str(value) for value in row.values())
        )
    return result


def as_json(result: object) -> str:
    """A result made of dataclasses, mappings, sequences and numbers, as one line of JSON."""
    return json.dumps(result, default=dataclasses.asdict, ensure_ascii=False)


def contact_sheet(
    rows: Sequence[tuple[str, Image.Image, Mapping[str, Image.Image]]], *, cell: int = 360
) -> Image.Image:
    """Lay pictures beside what each method made of them: an RGB image.

    Args:
        rows: at least one; each picture's title, the picture, and the results by method, of the
            same methods in every row.
        cell: width in pixels of every column.
    """
    methods = list(rows[0][2])
    pictures = [
        [_fitted(image, cell) for image in (source, *(results[name] for name in methods))]
        for _, source, results in rows
    ]
    heights = [max(picture.height for picture in line) for line in pictures]
    left = [MARGIN + column * (cell + GAP) for column in range(1 + len(methods))]
    width = left[-1] + cell + MARGIN
    top = MARGIN + HEADING + GAP
    height = top + sum(CAPTION_HEIGHT + tall + GAP for tall in heights) - GAP + MARGIN

    sheet = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(sheet)
    for x, name in zip(left, ("input", *methods), strict=True):
        _write(draw, (x, MARGIN), name, HEADING, TEXT, cell)
    for (title, _, _), line, tall in zip(rows, pictures, heights, strict=True):
        _write(draw, (MARGIN, top), title, CAPTION, FAINT_TEXT, width - 2 * MARGIN)
        top += CAPTION_HEIGHT
        for x, picture in zip(left, line, strict=True):
            x += (cell - picture.width) // 2
            draw.rectangle((x - 1, top - 1, x + picture.width, top + picture.height), FRAME)
            sheet.paste(picture, (x, top))
        top += tall + GAP
    return sheet


def _fitted(image: Image.Image, cell: int) -> Image.Image:
    """The image over white, RGB, as wide as a cell unless it were too tall then."""
    image = image.convert("RGBA")
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    scale = min(cell / image.width, cell * TALLEST / image.height)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _write(
    draw: ImageDraw.ImageDraw,
    place: tuple[int, int],
    text: str,
    size: int,
    colour: str,
    room: int,
) -> None:
    """Write a line of text, cut off with dots if it is wider than its room."""
    font = ImageFont.load_default(size)
    if font.getlength(text) > room:
        lengths = range(1, len(text))
        text = text[: bisect(lengths, room, key=lambda n: font.getlength(text[:n] + "…"))] + "…"
    draw.text(place, text, colour, font)
