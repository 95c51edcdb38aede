"""What a client sent, as the tasks take it."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from nurie.core import images
from nurie.core.types import Hint, Palette, Stroke
from nurie.server.orders import Limits, Upload
from nurie.tasks.colorize import ColorizeOptions
from nurie.tasks.reference import Reference


class File(bytes):
    """The bytes of an upload; messages call it by its name."""

    def __new__(cls, upload: Upload) -> "File":
        file = super().__new__(cls, upload.content)
        file.name = upload.name
        return file

    name: str


def pixels(upload: Upload, max_pixels: int) -> np.ndarray:
    """A picture, upright, without metadata: (H, W, 3) uint8 sRGB, or (H, W, 4) with alpha.

    Raises:
        UnreadableImage, ImageTooLarge: it can't be read.
    """
    picture = images.read(File(upload), max_pixels=max_pixels, over_white=False)
    return picture.rgb if picture.alpha is None else np.dstack([picture.rgb, picture.alpha])


def hints(marks: Iterable[dict[str, Any]]) -> list[Hint | Stroke]:
    """Dots and strokes, in their order.

    Raises:
        NurieError: a number or a colour is none.
    """
    return [Stroke(**mark) if "points" in mark else Hint(**mark) for mark in marks]


def options(
    values: dict[str, Any], limits: Limits, reference: Reference | None = None
) -> ColorizeOptions:
    """Options as the API has them.

    Raises:
        NurieError: a value makes no sense.
    """
    palette = values.get("palette")
    return ColorizeOptions(
        **{**values, "palette": palette and Palette(palette)},
        reference=reference,
        threads=limits.threads,
        max_pixels=limits.max_pixels,
    )
