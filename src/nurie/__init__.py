"""nurie: line art out of pictures, colour into line art.

    import nurie
    lines = nurie.extract("picture.png")
    lines.save("lines.png")
    art = nurie.colorize("lines.png", hints=[nurie.Hint(120, 80, "#f4c7a1")])
    art.save("art.psd")

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
    from nurie.core.types import Hint, Palette, Stroke
    from nurie.tasks.colorize import Artwork, ColorizeOptions, Colorizer, colorize
    from nurie.tasks.extract import ExtractOptions, Lines, extract
    from nurie.tasks.reference import Reference

__version__ = "0.1.0"

__all__ = [
    "Artwork",
    "ColorizeOptions",
    "Colorizer",
    "DamagedModel",
    "ExtractOptions",
    "Hint",
    "ImageTooLarge",
    "Lines",
    "MissingExtra",
    "NurieError",
    "Palette",
    "Reference",
    "Stroke",
    "UnknownModel",
    "UnreadableImage",
    "colorize",
    "extract",
]

_ERRORS = "nurie.core.errors"
_HOMES = {
    **dict.fromkeys(__all__, _ERRORS),
    **dict.fromkeys(("Hint", "Palette", "Stroke"), "nurie.core.types"),
    **dict.fromkeys(
        ("Artwork", "ColorizeOptions", "Colorizer", "colorize"), "nurie.tasks.colorize"
    ),
    **dict.fromkeys(("ExtractOptions", "Lines", "extract"), "nurie.tasks.extract"),
    "Reference": "nurie.tasks.reference",
}


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'nurie' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
