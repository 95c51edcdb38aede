"""What the tests of commands look at."""

import os
from dataclasses import dataclass
from pathlib import Path


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
