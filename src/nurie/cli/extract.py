"""nurie extract"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from cyclopts import Parameter
from cyclopts.types import PositiveInt

from nurie.cli.screen import complain, progress_bar, say, tile_bar
from nurie.cli.status import DONE, SOME_FAILED
from nurie.core import images
from nurie.core.errors import NurieError
from nurie.core.files import quoted
from nurie.tasks import batch
from nurie.tasks.extract import MODEL, ExtractOptions, Style, method_for
from nurie.tasks.extract import extract as extract_lines

Work = Callable[[str | BinaryIO], bytes]


def extract(
    inputs: Annotated[
        list[str],
        # A picture may be called "-", or "[1].png", which is no JSON.
        Parameter(name="IN", negative="", allow_leading_hyphen=True, json_list=False),
    ],
    /,
    *,
    output: Annotated[str, Parameter(name=["--output", "-o"], allow_leading_hyphen=True)],
    style: Style = "soft",
    color: Annotated[bool, Parameter(negative="")] = False,
    transparent: Annotated[bool, Parameter(negative="")] = False,
    svg: Annotated[bool, Parameter(negative="")] = False,
    model: str = MODEL,
    again: Annotated[bool, Parameter(negative="")] = False,
    threads: PositiveInt | None = None,
    device: Literal["auto", "cpu", "cuda"] = "auto",
    max_pixels: PositiveInt = images.MAX_PIXELS,
) -> int:
    """Extract line art from pictures.

    Examples:

        nurie extract photo.png -o lines.png
        nurie extract page.jpg -o page.svg --style ink
        nurie extract scans/ -o lines/ --style thin
        nurie extract 'art/**/*.webp' -o lines/ --transparent --color
        cat in.png | nurie extract - -o - > out.png

    Parameters
    ----------
    inputs
        Files, folders, globs, URLs such as s3://bucket/folder/, or - for standard input.
    output
        A file, whose ending names the format (.png .webp .jpg .svg ...), a folder, or - for
        standard output.
    style
        soft keeps the grey of the lines, ink is solid black, thin an even hairline.
    color
        Let the ink keep the colour that it has in the picture.
    transparent
        Leave the paper out.
    svg
        Write vector paths.
    model
        A network of 'nurie models', dilate-diff, xdog, or the path of an .onnx file.
    again
        Do also what is done already; without it a folder's finished results are skipped.
    threads
        Threads for one picture.
    device
        Where the network runs.
    max_pixels
        Refuse larger pictures.
    """
    options = ExtractOptions(
        style=style,
        color=color,
        transparent=transparent,
        model=model,
        threads=threads,
        device=device,
        max_pixels=max_pixels,
    )
    for place in (*inputs, output):
        # The parser lets a hyphen lead, for the sake of - itself.
        if place.startswith("-") and place != "-" and not Path(place).exists():
            raise NurieError(f"{place} is neither an option nor a file (see nurie extract --help)")
    named = _names_file(output)
    ending = Path(output).suffix.lower() if named else ".svg" if svg else ".png"
    if svg and ending != ".svg":
        raise NurieError(f"--svg writes vector paths, and {ending} holds pixels: name a .svg file")
    if ending == ".svg" and color:
        raise NurieError("vector paths are black: leave out --color, or write pixels")
    if transparent and ending in {".jpg", ".jpeg", ".bmp"}:
        raise NurieError(f"{ending} has no transparency: name a .png or .webp file")
    if named and ending != ".svg":
        images.output_format(output)  # a wrong ending fails before any work
    method_for(options)  # and so does a wrong model

    def work(source: str | BinaryIO) -> bytes:
        with tile_bar(shown=named) as progress:
            lines = extract_lines(source, options, progress=progress)
        for note in lines.notes:
            say(
                f"{quoted(source if isinstance(source, str) else source.name)}: {note}", style="dim"
            )
        return lines.encode(ending)

    if "-" in (*inputs, output):
        _pipe(inputs, output, work, named)
        return DONE
    jobs = batch.plan(inputs, output, ending, single=named)
    if named:
        # A file that was named is made anew, and its error is the command's.
        outcome = batch.run(jobs, work, again=True)
        if outcome.failed:
            raise NurieError(outcome.failed[0][1])
        return DONE
    return _run_many(jobs, work, again)


def _names_file(output: str) -> bool:
    """A name with an ending is a file, unless a folder has that name already."""
    return Path(output).suffix != "" and not output.endswith("/") and not Path(output).is_dir()


def _pipe(inputs: list[str], output: str, work: Work, named: bool) -> None:
    """One picture, of which standard input or standard output is an end."""
    if len(inputs) > 1:
        raise NurieError("- can be an input or the output of one picture alone")
    if output != "-" and not named:
        raise NurieError("standard input has no name that a result could take: name a file with -o")
    result = work(sys.stdin.buffer if inputs == ["-"] else batch.fetch(inputs[0]))
    if output == "-":
        sys.stdout.buffer.write(result)
    else:
        batch.store(output, result)


def _run_many(jobs: list[batch.Job], work: Work, again: bool) -> int:
    with progress_bar() as bar:
        task = bar.add_task("extracting", total=len(jobs))
        outcome = batch.run(jobs, work, again=again, after=lambda job, error: bar.advance(task))
    parts = [f"{len(outcome.done)} done"]
    if outcome.skipped:
        parts.append(f"{len(outcome.skipped)} were done already (--again does them anew)")
    if outcome.failed:
        parts.append(f"{len(outcome.failed)} failed")
    say(", ".join(parts))
    for _, error in outcome.failed:
        complain(error)
    return SOME_FAILED if outcome.failed else DONE
