"""The command `nurie`: finds the subcommand, and turns errors into one line and an exit status."""

import os
import sys

from cyclopts import App, CycloptsError

from nurie import __version__
from nurie.core.errors import NurieError

DONE, SOME_FAILED, WRONG = 0, 1, 2
INTERRUPTED = 130

app = App(
    name="nurie",
    help="Line art out of pictures, colour into line art.",
    version=__version__,
    help_format="markdown",
    suppress_keyboard_interrupt=False,
)
app.command("nurie.cli.extract:extract", name="extract")
app.command("nurie.cli.models:app", name="models")
app.command("nurie.cli.data:app", name="data")
app.command("nurie.cli.train:train", name="train")
app.command("nurie.cli.export:export", name="export")
app.command("nurie.cli.evaluate:app", name="evaluate")


def main(arguments: list[str] | None = None) -> None:
    """Run a command line and exit: 0 done, 1 some inputs failed, 2 wrong usage or bad input."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run a command line and return its exit status."""
    try:
        status = app(
            arguments, exit_on_error=False, print_error=False, result_action="return_value"
        )
        return status if isinstance(status, int) else DONE
    except CycloptsError as error:
        return _complain(f"{' '.join(str(error).split())} (see nurie --help)", WRONG)
    except NurieError as error:
        return _complain(str(error), WRONG)
    except KeyboardInterrupt:
        return _complain("stopped", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone; nothing more can be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _complain(message: str, status: int) -> int:
    print(f"nurie: {message}", file=sys.stderr)
    return status
