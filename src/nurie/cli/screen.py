"""What commands show while they work: all of it on standard error, so that pipes stay clean."""

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

console = Console(stderr=True)


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
