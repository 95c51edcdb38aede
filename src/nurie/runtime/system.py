"""What programs and files of the system say. Nothing raises: what fails is an answer too."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nurie.core.files import reason

PATIENCE = 60.0
"""Seconds that a program is given: a cold disk takes long to load torch, a crowded server's driver
to list its GPUs."""


@dataclass(frozen=True)
class Output:
    """What a program wrote, and how it ended.

    Attributes:
        status: its exit status; if negative, the signal that ended it; None when it took too long.
    """

    out: str = ""
    err: str = ""
    status: int | None = 0


def run(command: Sequence[str], patience: float = PATIENCE) -> Output:
    """Run a program and return what it wrote, also when it crashes or never ends."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        return Output(err=reason(error), status=127)
    try:
        out, err = process.communicate(timeout=patience)
        return Output(out, err, process.returncode)
    except subprocess.TimeoutExpired:
        process.kill()
    try:
        # A process that waits for a hung driver stays when it is killed, so it is not waited for.
        out, err = process.communicate(timeout=1)
    except subprocess.TimeoutExpired:
        return Output(status=None)
    return Output(out, err, status=None)


def text_of(path: str | Path) -> str:
    """What a file holds, "" where it can't be read."""
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
