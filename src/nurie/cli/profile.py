"""nurie profile"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.types import PositiveInt
from rich.console import Console
from rich.table import Table

from nurie.cli.screen import say
from nurie.core.errors import NurieError
from nurie.core.files import quoted
from nurie.core.spans import recording

if TYPE_CHECKING:
    from nurie.profiling.shares import Breakdown, Share

_MOST_OPERATORS = 15  # that the table has rows for


def profile(
    command: Annotated[list[str], Parameter(name="COMMAND", negative="", json_list=False)],
    /,
    *,
    out: Path = Path("timeline.json"),
    record_steps: PositiveInt = 10,
) -> int:
    """Run another command, and see where its time goes.

    The timeline opens in chrome://tracing and at ui.perfetto.dev. Tables of the operators and of
    what the time was spent on go to standard error. Standard output and the exit status are the
    command's.

    Options of this command come before the other, and what follows is the other's, but for one: an
    --out that ends with .json is the timeline wherever it stands, if none came before.

    Examples:

        nurie profile extract picture.png -o lines.png --out timeline.json
        nurie profile colorize lines.png -o art.psd
        nurie profile --out steps.json train recipes/lines.toml --out runs/lines
        nurie profile --record-steps 50 train color --steps 100

    Parameters
    ----------
    command
        A command line of nurie, without the word nurie.
    out
        The timeline to write, also when the command fails or is stopped.
    record_steps
        Steps of a training whose operators are recorded, after 5 that are not. Of other commands,
        those of the first 200 runs of networks are.
    """
    from nurie.cli.main import run
    from nurie.profiling import timeline
    from nurie.profiling.profiler import Profiler
    from nurie.profiling.shares import break_down

    if not out.parent.is_dir():
        raise NurieError(f"there is no folder {quoted(out.parent)}: make it first")
    if out.is_dir():
        raise NurieError(f"{quoted(out)} is a folder: name a file with --out")
    profiler = Profiler(record_steps)
    try:
        with recording(profiler):
            return run(command)
    finally:
        found = profiler.finish()
        timeline.write(found, out, command=["nurie", *command])
        say(f"{quoted(out)}: {found.recorded}")
        _tell(break_down(found))


def set_apart(arguments: list[str]) -> list[str]:
    """The arguments of nurie with `--` before the command that 'nurie profile' runs.

    The parser would take the options of that command for ours, wherever they stand.
    """
    if arguments[:1] != ["profile"]:
        return arguments
    end = 1
    while end < len(arguments) and arguments[end].startswith("-") and arguments[end] != "--":
        end += 1 if "=" in arguments[end] or arguments[end] in ("--help", "-h") else 2
    options, command = arguments[:end], arguments[end:]
    if command[:1] == ["--"]:
        del command[0]
    if not any(option.partition("=")[0] == "--out" for option in options):
        for at, word in enumerate(command):
            words = slice(at, at + 1 if "=" in word else at + 2)
            if word.partition("=")[0] == "--out" and command[words][-1].endswith(".json"):
                options += command[words]
                del command[words]
                break
    return [*options, "--", *command]


def _tell(spent: "Breakdown") -> None:
    """Show where the time went."""
    from nurie.profiling.shares import NETWORK

    if spent.operators:
        rows = [
            (each.name, str(each.calls), *_figures(each))
            for each in spent.operators[:_MOST_OPERATORS]
        ]
        _show(["operator", "calls", "ms", "share"], rows)
    rows = [(each.name, *_figures(each)) for each in spent.shares]
    total = sum(each.share for each in spent.shares)
    rows.append(("all", f"{spent.time / 1e6:.1f}", f"{total:.1%}"))
    _show([f"time of the {spent.device}", "ms", "share"], rows)
    if spent.beside:
        _show(["beside it", "ms", "share"], [(each.name, *_figures(each)) for each in spent.beside])
    in_networks = sum(each.share for each in spent.shares if each.name.startswith(NETWORK))
    if in_networks:
        say(f"outside networks: {1 - in_networks:.1%}")


def _figures(spent: "Share") -> tuple[str, str]:
    return f"{spent.time / 1e6:.1f}", f"{spent.share:.1%}"


def _show(headings: list[str], rows: Iterable[tuple[str, ...]]) -> None:
    """Print a table where the command's own output is not in the way."""
    table = Table(box=None, pad_edge=False)
    table.add_column(headings[0])
    for heading in headings[1:]:
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(*row)
    # The names of kernels are long and may look like markup.
    console = Console(stderr=True, markup=False, width=None if sys.stderr.isatty() else 160)
    console.print(table, "")
