"""What an evaluation shows: a table for the terminal, JSON for programs, a sheet for the eye."""

import dataclasses
import io
import json
from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFont
from rich import box
from rich.table import Table

from nurie.core.errors import MissingExtra
from nurie.core.types import Hint
from nurie.evaluation.metrics import LineScores

if TYPE_CHECKING:
    # Reports on lines do without scikit-image.
    from nurie.evaluation.color_metrics import Agreement
    from nurie.evaluation.coloring import ColorScores

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


@dataclass(frozen=True)
class Curve:
    """A figure that hint curves show, and the decimals of it that mean something."""

    title: str
    figure: "Callable[[Agreement], float]"
    digits: int


CURVES = (
    Curve("PSNR in dB", lambda agreement: agreement.psnr, 2),
    Curve("SSIM", lambda agreement: agreement.ssim, 3),
    Curve("CIEDE2000, less is better", lambda agreement: agreement.ciede2000, 2),
)


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


def color_tables(scores: "Mapping[str, ColorScores]") -> list[Table]:
    """A table for each of `CURVES`, with the area under the curve, and one for everything else."""
    curves = [
        table(
            [
                {"model": model}
                | {f"{point.hinted}%": curve.figure(point.agreement) for point in result.curve}
                | {"area": curve.figure(result.area)}
                for model, result in scores.items()
            ],
            f"{curve.title}, by share of regions with a hint",
            digits=curve.digits,
        )
        for curve in CURVES
    ]
    rest = [
        {
            "model": model,
            "bleeding %": 100 * result.bleeding,
            "hints kept %": 100 * result.hints_kept,
            "prepare ms": round(1000 * result.prepare_seconds),
            "paint ms": round(1000 * result.paint_seconds),
        }
        for model, result in scores.items()
    ]
    return [*curves, table(rest, "Colours in their place, and time")]


def table(
    rows: Sequence[Mapping[str, object]], title: str | None = None, *, digits: int = 3
) -> Table:
    """A table that rich prints; the keys of the first row name the columns.

    Floats get as many decimals as `digits` says.
    """
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
            *(
                f"{value:.{digits}f}" if isinstance(value, float) else str(value)
                for value in row.values()
            )
        )
    return result


def as_json(result: object) -> str:
    """A result made of dataclasses, mappings, sequences and numbers, as one line of JSON."""
    return json.dumps(result, default=dataclasses.asdict, ensure_ascii=False)


def hint_curves(scores: "Mapping[str, ColorScores]") -> Image.Image:
    """Plot each of `CURVES` beside the others, an RGB image.

    Raises:
        MissingExtra: Matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtra("data", "plotting hint curves") from None

    figure = Figure(figsize=(4.2 * len(CURVES), 3.9), dpi=150, layout="constrained")
    for axes, curve in zip(figure.subplots(1, len(CURVES)), CURVES, strict=True):
        for model, result in scores.items():
            hinted = [point.hinted for point in result.curve]
            values = [curve.figure(point.agreement) for point in result.curve]
            axes.plot(hinted, values, marker="o", markersize=3.5, label=model, clip_on=False)
            # Few hints are the usual case: they get more room than a linear axis would give.
            axes.set_xscale("function", functions=(np.sqrt, np.square))
            axes.set_xticks(hinted)
        axes.set_title(curve.title, loc="left", fontsize=11)
        axes.set_xlabel("% of regions with a hint")
        axes.set_xlim(0, 100)
        axes.grid(color=FRAME, linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(
        *figure.axes[0].get_legend_handles_labels(),
        loc="outside lower center",
        ncols=len(scores),
        frameon=False,
    )
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return Image.open(picture).convert("RGB")


def coloring_row(
    title: str, line: np.ndarray, hints: Sequence[Hint], flats: Mapping[str, np.ndarray]
) -> tuple[str, Image.Image, dict[str, Image.Image]]:
    """A row for `contact_sheet`: line art with its hints, and the line over each method's flats.

    Args:
        line: grey line art, (H, W) uint8.
        flats: by method, (H, W, 3) uint8.
    """
    ink = Image.fromarray(line).convert("RGB")
    dotted = ink.copy()
    draw = ImageDraw.Draw(dotted)
    radius = max(line.shape) / 80  # a dot in its own size would be lost on the sheet
    for hint in hints:
        around = (hint.x - radius, hint.y - radius, hint.x + radius, hint.y + radius)
        draw.ellipse(around, hint.color, FAINT_TEXT)
    colored = {
        name: ImageChops.multiply(Image.fromarray(flat), ink) for name, flat in flats.items()
    }
    return title, dotted, colored


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
