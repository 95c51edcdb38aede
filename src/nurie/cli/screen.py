"""What commands show: tables on standard output, all else on standard error for pipes to be clean.

Rich is kept from reading names as its markup: a picture may be called "[red].png".
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from nurie.core.files import one_line

console = Console(stderr=True)


def say(text: str, *, style: str | None = None) -> None:
    """Print a line while a bar may be shown."""
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def complain(message: str) -> None:
    """Print an error, which is one line whatever is in it."""
    print(f"nurie: {one_line(message)}", file=sys.stderr)


def show(table: Table) -> None:
    """Print a table, as wide as the terminal; in a pipe, wide enough for any."""
    Console(markup=False, width=None if sys.stdout.isatty() else 160).print(table)


def progress_bar(*columns: str) -> Progress:
    """A bar with a count and the time left; `columns` are further texts from task fields."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        *(TextColumn(column) for column in columns),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


@contextmanager
def tile_bar(*, shown: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A bar over the tiles of one large picture, as a callback (done, total)."""
    if not shown:
        yield None
        return
    with progress_bar() as bar:
        task = bar.add_task("extracting", visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=total > 1)
