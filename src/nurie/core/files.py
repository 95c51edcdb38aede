"""Files as the user meets them: named on one line, and written whole or not at all."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from nurie.core.errors import NurieError


def one_line(text: object) -> str:
    """The text with line breaks and other characters that can't be shown written as escapes."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in str(text)
    )


def quoted(path: str | os.PathLike[str]) -> str:
    """The name of a file as messages show it: in quotes, on one line."""
    return f"'{one_line(os.fspath(path))}'"


def reason(error: BaseException) -> str:
    """What an error says, on one line; its kind when it says nothing."""
    text = error.strerror if isinstance(error, OSError) else None
    return one_line(" ".join(str(text or error).split())) or type(error).__name__


def content_of(source: str | os.PathLike[str] | bytes, otherwise: str) -> tuple[str, bytes]:
    """What messages call a source, `otherwise` where it is bytes, and all that it holds.

    Raises:
        NurieError: it can't be read.
    """
    if isinstance(source, bytes):
        return otherwise, source
    name = quoted(source)
    try:
        return name, Path(source).read_bytes()
    except (OSError, ValueError) as error:
        raise NurieError(f"{name} can't be read: {reason(error)}") from error


@contextlib.contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a binary file for writing that appears under its name once it is complete.

    Until then it has another name in the same folder, and whatever ends the `with` block early,
    Ctrl-C included, removes it and leaves a file that had the name before as it was. A symbolic
    link stays: the file that it points to is the one replaced.

    Raises:
        NurieError: the file can't be written there.
    """
    try:
        target = Path(os.path.realpath(path))
        # Renaming onto a device or a pipe would put a file in its place.
        if target.exists() and not target.is_file():
            raise NurieError(f"{quoted(path)} can't be written: it is no ordinary file")
        partial = target.with_name(f".nurie-{secrets.token_hex(8)}.part")
        try:
            with partial.open("xb") as file:
                yield file
            partial.replace(target)
        finally:
            with contextlib.suppress(OSError):
                partial.unlink()
    except OSError as error:
        raise NurieError(f"{quoted(path)} can't be written: {reason(error)}") from error
