"""nurie colorize"""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.types import NonNegativeFloat, PositiveInt

from nurie.cli.screen import say
from nurie.core import images
from nurie.core.errors import NurieError
from nurie.core.files import quoted
from nurie.tasks import batch
from nurie.tasks.colorize import ColorizeOptions, is_layered
from nurie.tasks.colorize import colorize as colorize_lines


def colorize(
    lines: Annotated[str, Parameter(name="LINES", allow_leading_hyphen=True)],
    /,
    *,
    output: Annotated[str, Parameter(name=["--output", "-o"], allow_leading_hyphen=True)],
    hints: str | None = None,
    gap: NonNegativeFloat | None = None,
    spread: Annotated[bool, Parameter(negative="")] = False,
    by_color: Annotated[bool, Parameter(negative="")] = False,
    flats_only: Annotated[bool, Parameter(negative="")] = False,
    max_pixels: PositiveInt = images.MAX_PIXELS,
) -> None:
    """Colour line art by dots and strokes of colour.

    Examples:

        nurie colorize lines.png --hints dots.png -o art.psd
        nurie colorize lines.png --hints dots.json -o art.png
        nurie colorize lines.png --hints dots.png -o flats.png --flats-only
        nurie colorize lines.png --hints dots.png -o art.ora --by-color

    Parameters
    ----------
    lines
        A file, a URL, or - for standard input.
    output
        A file, whose ending names the format: .psd and .ora hold layers, .png .webp .jpg ... the
        picture as it looks. - writes a PNG to standard output.
    hints
        A picture of the same size, transparent but for the dots and strokes, or JSON such as
        {"hints": [{"x": 120, "y": 80, "radius": 3, "color": "#f4c7a1"}]}.
    gap
        The widest break in a line, in pixels, that no colour leaks through; 0 closes none.
    spread
        Give regions without a dot the colour of the nearest one.
    by_color
        In .psd and .ora, a layer for every colour.
    flats_only
        Leave the line out.
    max_pixels
        Refuse larger line art.
    """
    for place in (lines, output):
        # The parser lets a hyphen lead, for the sake of - itself.
        if place.startswith("-") and place != "-" and not Path(place).exists():
            raise NurieError(f"{place} is neither an option nor a file (see nurie colorize --help)")
    ending = ".png" if output == "-" else Path(output).suffix
    if by_color and not is_layered(output):
        raise NurieError("--by-color makes layers: name a .psd or .ora file")
    if output != "-" and not is_layered(output):
        images.output_format(output)  # a wrong ending fails before any work
    for place in (lines, hints):
        if place not in (None, "-"):
            batch.plan([place], output, "", single=True)  # neither is written over
    source = sys.stdin.buffer if lines == "-" else batch.fetch(lines)
    options = ColorizeOptions(gap=gap, spread=spread, max_pixels=max_pixels)
    art = colorize_lines(source, hints, options)
    for note in art.notes:
        say(f"{quoted(source if isinstance(source, str) else source.name)}: {note}", style="dim")
    content = art.encode(ending, by_color=by_color, flats_only=flats_only)
    if output == "-":
        sys.stdout.buffer.write(content)
    else:
        batch.store(output, content)
