"""What the tests of commands look at."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nurie

PATIENCE = 300
"""Seconds until a process is given up: the machine may be busy with other things."""


@dataclass(frozen=True)
class Ran:
    """What a command did: its exit status, and what it wrote."""

    status: int
    out: bytes
    err: str


def one_line_error(ran: Ran) -> str:
    """The error of a command that could not be done, which is one line and no traceback."""
    lines = ran.err.splitlines()
    assert ran.status == 2
    assert ran.out == b""
    assert len(lines) == 1
    assert lines[0].startswith("nurie: ")
    return lines[0]


def listing(folder: Path) -> list[str]:
    """Every file below a folder, hidden ones too."""
    return sorted(
        os.fsdecode(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()
    )


def start(*arguments: object, **options) -> subprocess.Popen[bytes]:
    """Start a command line in a process of its own, as a shell does."""
    package = str(Path(nurie.__file__).parents[1])
    paths = filter(None, [package, os.environ.get("PYTHONPATH")])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    environment.pop("PYTHONUNBUFFERED", None)  # users seldom have it set
    command = [sys.executable, "-m", "nurie", *map(str, arguments)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    # A test run in the background has Ctrl-C switched off, and its children inherit that.
    return subprocess.Popen(
        command,
        env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        **{**pipes, **options},
    )
