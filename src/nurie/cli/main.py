"""The command `nurie`: finds the subcommand, and turns errors into one line and an exit status."""

import os
import sys
import warnings

from cyclopts import App, CycloptsError

from nurie import __version__
from nurie.cli import (
    colorize,
    data,
    doctor,
    evaluate,
    export,
    extract,
    models,
    profile,
    serve,
    train,
)
from nurie.cli.screen import complain
from nurie.cli.status import DONE, INTERRUPTED, WRONG
from nurie.core.errors import NurieError
from nurie.core.files import quoted, reason

app = App(
    name="nurie",
    help="Line art out of pictures, colour into line art.",
    version=__version__,
    help_format="markdown",
    suppress_keyboard_interrupt=False,
)
# Commands import what is heavy when they run, so that this costs little.
app.command(extract.extract)
app.command(colorize.colorize)
app.command(models.app)
app.command(data.app)
app.command(train.train)
app.command(export.export)
app.command(evaluate.app)
app.command(doctor.doctor)
app.command(profile.profile)
app.command(serve.serve)


def main(arguments: list[str] | None = None) -> None:
    """Run a command line and exit: 0 done, 1 some inputs failed, 2 wrong usage or bad input."""
    status = run(arguments)
    try:
        sys.stdout.flush()
    except OSError:
        # What could not be written is dropped, or Python would try once more as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)


def run(arguments: list[str] | None = None) -> int:
    """Run a command line and return its exit status."""
    # Pillow warns about odd metadata; what matters of it is in a picture's notes.
    warnings.simplefilter("ignore")
    arguments = profile.set_apart(sys.argv[1:] if arguments is None else arguments)
    try:
        status = app(
            arguments, exit_on_error=False, print_error=False, result_action="return_value"
        )
        sys.stdout.flush()
        return status if isinstance(status, int) else DONE
    except CycloptsError as error:
        complain(f"{' '.join(str(error).split())} (see nurie --help)")
    except NurieError as error:
        complain(str(error))
    except KeyboardInterrupt:
        complain("stopped")
        return INTERRUPTED
    except BrokenPipeError:
        return DONE  # whoever read our output has gone; nothing more can be said to them
    except OSError as error:
        # What no command foresaw: a full disk, a folder that may not be read.
        place = f"{quoted(str(error.filename))}: " if error.filename else ""
        complain(f"{place}{reason(error)}")
    return WRONG
