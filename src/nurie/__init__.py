"""nurie: line art out of pictures, colour into line art.

    import nurie
    lines = nurie.extract("picture.png")
    lines.save("lines.png")

The names below are loaded when they are first used, so that importing nurie costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurie.core.errors import (
        DamagedModel,
        ImageTooLarge,
        MissingExtra,
        NurieError,
        UnknownModel,
        UnreadableImage,
    )
    from nurie.tasks.extract import ExtractOptions, Lines, extract

__version__ = "0.1.0"

__all__ = [
    "DamagedModel",
    "ExtractOptions",
    "ImageTooLarge",
    "Lines",
    "MissingExtra",
    "NurieError",
    "UnknownModel",
    "UnreadableImage",
    "extract",
]

_ERRORS = "nurie.core.errors"
_HOMES = dict.fromkeys(__all__, _ERRORS) | {
    "ExtractOptions": "nurie.tasks.extract",
    "Lines": "nurie.tasks.extract",
    "extract": "nurie.tasks.extract",
}


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'nurie' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
