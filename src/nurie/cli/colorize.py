"""nurie colorize"""

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.types import NonNegativeFloat, NonNegativeInt, PositiveInt

from nurie.cli.screen import say
from nurie.core import images, palettes
from nurie.core.errors import NurieError
from nurie.core.files import quoted
from nurie.tasks import batch
from nurie.tasks.colorize import MODEL, NEAREST, ColorizeOptions, is_layered
from nurie.tasks.colorize import colorize as colorize_lines
from nurie.tasks.reference import Reference


def colorize(
    lines: Annotated[str, Parameter(name="LINES", allow_leading_hyphen=True)],
    /,
    *,
    output: Annotated[str, Parameter(name=["--output", "-o"], allow_leading_hyphen=True)],
    hints: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    palette: str | None = None,
    reference: str | None = None,
    fill: Literal["flat", "soft"] = "flat",
    seed: NonNegativeInt = 0,
    spread: NonNegativeFloat = 1.0,
    only_hints: Annotated[bool, Parameter(negative="")] = False,
    gap: NonNegativeFloat | None = None,
    model: str = MODEL,
    by_color: Annotated[bool, Parameter(negative="")] = False,
    flats_only: Annotated[bool, Parameter(negative="")] = False,
    threads: PositiveInt | None = None,
    device: Literal["auto", "cpu", "cuda"] = "auto",
    max_pixels: PositiveInt = images.MAX_PIXELS,
) -> None:
    """Colour line art, by dots and strokes of colour or without.

    A dot's colour is that of its region, exactly, and goes to what belongs with it as well. What no
    dot speaks for gets what is to be expected; without any dot, colours are made up.

    Examples:

        nurie colorize lines.png -o art.png --seed 3
        nurie colorize lines.png --hints dots.png -o art.psd --fill soft
        nurie colorize lines.png --hints dots.json -o art.ora --by-color
        nurie colorize lines.png --hints dots.png -o flats.png --flats-only --only-hints
        nurie colorize lines.png -o art.png --palette forest.gpl
        nurie colorize lines.png -o art.png --reference portrait.png
        nurie colorize lines.png --hints dots.png -o art.png --model runs/unet

    Parameters
    ----------
    lines
        A file, a URL, or - for standard input.
    output
        A file, whose ending names the format: .psd and .ora hold layers, .png .webp .jpg ... the
        picture as it looks. - writes a PNG to standard output.
    hints
        A picture of the same size, transparent but for the dots and strokes, or JSON such as
        {"hints": [{"x": 120, "y": 80, "radius": 3, "color": "#f4c7a1"}]}; - for standard input.
    palette
        Choose from these colours where neither a dot nor the reference speaks: .gpl, .ase, .json
        or a picture.
    reference
        A coloured picture to take colours from: of the same character, part by part.
    fill
        soft adds a layer of shade.
    seed
        Another number makes up other colours where no dot speaks; the same one always the same.
    spread
        How readily a dot's colour goes to what belongs with it: 0 not at all, 1 as learned.
    only_hints
        Leave regions without a dot bare.
    gap
        The widest break in a line, in pixels, that no colour leaks through; 0 closes none.
    model
        A network of 'nurie models', nearest (the nearest dot's colour), an .onnx file, or a run
        that was exported to the model.onnx in it. Those of the recipes autoencoder, unet and gan
        know neither --spread nor --seed nor --reference.
    by_color
        In .psd and .ora, a layer for every colour.
    flats_only
        The flats alone, without line and shade.
    threads
        Threads for the network.
    device
        Where the network runs.
    max_pixels
        Refuse larger pictures.
    """
    for place in filter(None, (lines, output, hints)):
        # The parser lets a hyphen lead, for the sake of - itself.
        if place.startswith("-") and place != "-" and not Path(place).exists():
            raise NurieError(f"{place} is neither an option nor a file (see nurie colorize --help)")
    if (only_hints or model == NEAREST) and (palette or reference or seed or spread != 1):
        raise NurieError(
            "--palette, --reference, --seed and --spread choose colours for what has no dot: "
            "they don't go with --only-hints or --model nearest"
        )
    if lines == hints == "-":
        raise NurieError("the line art and the hints can't both come from standard input")
    ending = ".png" if output == "-" else Path(output).suffix
    if by_color and not is_layered(output):
        raise NurieError("--by-color makes layers: name a .psd or .ora file")
    if output != "-" and not is_layered(output):
        _check_picture(output)
    for place in (lines, hints, palette, reference):
        if place not in (None, "-"):
            batch.plan([place], output, "", single=True)  # none is written over
    options = ColorizeOptions(
        model=model,
        only_hints=only_hints,
        spread=spread,
        palette=palettes.read(_content(palette)) if palette else None,
        reference=Reference(_content(reference), max_pixels=max_pixels) if reference else None,
        seed=seed,
        fill=fill,
        gap=gap,
        threads=threads,
        device=device,
        max_pixels=max_pixels,
    )
    source = sys.stdin.buffer if lines == "-" else batch.fetch(lines)
    art = colorize_lines(source, _content(hints) if hints else None, options)
    for note in art.notes:
        say(f"{quoted(source if isinstance(source, str) else source.name)}: {note}", style="dim")
    content = art.encode(ending, by_color=by_color, flats_only=flats_only)
    if output == "-":
        sys.stdout.buffer.write(content)
    else:
        batch.store(output, content)


def _content(place: str) -> str | bytes:
    """A path as it is; of standard input and URLs, what they hold."""
    if place == "-":
        return sys.stdin.buffer.read()
    fetched = batch.fetch(place)
    return fetched if isinstance(fetched, str) else fetched.read()


def _check_picture(output: str) -> None:
    """A wrong ending fails before any work."""
    try:
        images.output_format(output)
    except NurieError as error:
        raise NurieError(f"{error}; layers go to .psd or .ora") from error
