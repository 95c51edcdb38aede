"""The command `nurie`: finds the subcommand, and turns errors into one line and an exit status."""

import os
import sys
import warnings

from cyclopts import App, CycloptsError

from nurie import __version__
from nurie.cli import data, evaluate, export, extract, models, train
from nurie.cli.status import DONE, INTERRUPTED, WRONG
from nurie.core.errors import NurieError

app = App(
    name="nurie",
    help="Line art out of pictures, colour into line art.",
    version=__version__,
    help_format="markdown",
    suppress_keyboard_interrupt=False,
)
# Commands import what is heavy when they run, so that this costs little.
app.command(extract.extract)
app.command(models.app)
app.command(data.app)
app.command(train.train)
app.command(export.export)
app.command(evaluate.app)


def main(arguments: list[str] | None = None) -> None:
    """Run a command line and exit: 0 done, 1 some inputs failed, 2 wrong usage or bad input."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run a command line and return its exit status."""
    # Pillow warns about odd metadata; what matters of it is in a picture's notes.
    warnings.simplefilter("ignore")
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
