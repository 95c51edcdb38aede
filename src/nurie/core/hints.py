"""Hints: the colours that a user put down, as one picture of the line art's size."""

import json
import math
import os
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from nurie.core import images
from nurie.core.color import Color
from nurie.core.errors import ImageTooLarge, NurieError
from nurie.core.files import content_of, reason
from nurie.core.types import Hint, Stroke

HintLayer = np.ndarray
"""(H, W, 4) uint8 RGBA: hints are opaque and of exactly their colour, everything else is 0."""

Hints = str | os.PathLike[str] | bytes | np.ndarray | Image.Image | Sequence[Hint | Stroke] | None
"""What `as_layer` takes."""

_Mark = TypeVar("_Mark", Hint, Stroke)

OPAQUE = 128
"""Alpha from which a pixel is a hint: the outer half of a brush's soft edge is none."""


def as_layer(hints: Hints, height: int, width: int) -> HintLayer:
    """Bring hints of any kind to the form in which they are used.

    Args:
        hints: None for none, what `read` or `paint` takes, a Pillow image, or an array
            (H, W, 4) uint8 RGBA; in pictures, pixels of an alpha of at least `OPAQUE` are hints.
        height, width: of the line art.

    Raises:
        NurieError: they are of another size, damaged, lie outside, or are no hints.
    """
    if hints is None:
        return paint([], height, width)
    if isinstance(hints, (str, os.PathLike, bytes)):
        return read(hints, height, width)
    if isinstance(hints, Image.Image):
        return _of_picture("the picture of hints", hints, height, width)
    if isinstance(hints, np.ndarray):
        if hints.dtype != np.uint8 or hints.shape != (height, width, 4):
            raise NurieError(
                f"the array of hints is {hints.shape} {hints.dtype}: "
                f"it must be ({height}, {width}, 4) uint8, as the line art is {width} x {height}"
            )
        return _layer(hints[..., :3], hints[..., 3])
    return paint(hints, height, width)


def read(source: str | os.PathLike[str] | bytes, height: int, width: int) -> HintLayer:
    """Read hints for line art of that size from a file; its content decides what it is.

    - A picture with transparency, of the size of the line art: opaque pixels are hints.
    - JSON: {"hints": [{"x": 120, "y": 80, "radius": 3, "color": "#f4c7a1"}]} and, as well or
      instead, "strokes": [{"points": [[10, 20], [30, 40]], "radius": 3, "color": "tomato"}], with
      the values of `Hint` and `Stroke`. Strokes are painted first, so that no dot is lost.

    Args:
        source: a path, or the bytes of a file.

    Raises:
        NurieError: there is no such file, it is damaged, or it does not fit the line art.
    """
    name, content = content_of(source, "the hints")
    text = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith((b"{", b"[")):
        return _of_picture(name, source, height, width)
    try:
        return paint(_parse(text), height, width)
    except NurieError as error:
        raise NurieError(f"{name}: {error}") from error


def paint(hints: Sequence[Hint | Stroke], height: int, width: int) -> HintLayer:
    """Paint dots and strokes without antialiasing; later ones cover earlier ones.

    A dot is the disc around the middle of the pixel that it lies in, which is always covered. A
    stroke may run over the border, but one of its points must lie inside.

    Raises:
        NurieError: a hint lies outside, or is neither a `Hint` nor a `Stroke`.
    """
    layer = np.zeros((height, width, 4), np.uint8)
    for hint in hints:
        if isinstance(hint, Hint):
            points = [(hint.x, hint.y)]
        elif isinstance(hint, Stroke):
            points = list(hint.points)
        else:
            raise NurieError(f"a hint is a Hint or a Stroke, not a {type(hint).__name__}")
        if not any(0 <= x < width and 0 <= y < height for x, y in points):
            x, y = points[0]
            raise NurieError(
                f"the hint at ({x:g}, {y:g}) lies outside: the line art is {width} x {height}"
            )
        pixels = [(math.floor(x), math.floor(y)) for x, y in points]
        for start, stop in zip(pixels, pixels[1:] or pixels, strict=False):
            _draw(layer, start, stop, hint.radius, hint.color)
    return layer


def colors(layer: HintLayer) -> tuple[Color, ...]:
    """The colours of a layer's hints, each once, in ascending order."""
    values = layer[layer[..., 3] > 0].astype(np.uint32)
    packed = np.unique(values[:, 0] << 16 | values[:, 1] << 8 | values[:, 2])
    return tuple((int(c) >> 16, int(c) >> 8 & 255, int(c) & 255) for c in packed)


def _draw(
    layer: HintLayer, start: tuple[int, int], stop: tuple[int, int], radius: float, color: Color
) -> None:
    """Draw all pixels whose middle is at most `radius` from the segment between two pixels."""
    radius = max(radius, 0.5)  # a thinner line would have gaps
    rows = _span(start[1], stop[1], radius, layer.shape[0])
    columns = _span(start[0], stop[0], radius, layer.shape[1])
    y, x = np.ogrid[rows, columns]
    x, y = x - start[0], y - start[1]
    along_x, along_y = stop[0] - start[0], stop[1] - start[1]
    share = np.clip((x * along_x + y * along_y) / max(along_x**2 + along_y**2, 1), 0, 1)
    near = (x - share * along_x) ** 2 + (y - share * along_y) ** 2 <= radius**2
    layer[rows, columns][near] = (*color, 255)


def _span(start: int, stop: int, radius: float, length: int) -> slice:
    """The positions along an axis of the picture that a segment can reach."""
    first, last = min(start, stop) - math.floor(radius), max(start, stop) + math.floor(radius)
    return slice(max(first, 0), max(min(last + 1, length), 0))


def _parse(text: bytes) -> list[Hint | Stroke]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NurieError(f"it is no JSON: {reason(error)}") from error
    if not isinstance(content, dict) or not content.keys() & {"hints", "strokes"}:
        raise NurieError('it holds no hints: write {"hints": [{"x": 1, "y": 2, "color": "#fc9"}]}')
    return [
        *_marks(content.get("strokes", []), "stroke", Stroke, "points and a color"),
        *_marks(content.get("hints", []), "hint", Hint, "x, y and a color"),
    ]


def _marks(entries: Any, name: str, kind: type[_Mark], needs: str) -> Iterator[_Mark]:
    if not isinstance(entries, list):
        raise NurieError(f"its {name}s are no list")
    for number, entry in enumerate(entries, start=1):
        try:
            yield kind(**entry)
        except TypeError as error:  # it is no object, or one with other keys
            raise NurieError(f"{name} {number} has to have {needs}, may have a radius") from error
        except NurieError as error:
            raise NurieError(f"{name} {number}: {error}") from error


def _of_picture(
    name: str, source: str | os.PathLike[str] | bytes | Image.Image, height: int, width: int
) -> HintLayer:
    try:
        # Nothing larger than the line art is ever decoded.
        picture = images.read(source, max_pixels=height * width, over_white=False)
    except ImageTooLarge as error:
        raise NurieError(f"{name} is larger than the line art, {width} x {height}") from error
    if (picture.height, picture.width) != (height, width):
        raise NurieError(
            f"{name} is {picture.width} x {picture.height}, but the line art is {width} x {height}"
        )
    if picture.alpha is None:
        raise NurieError(f"{name} has no transparent pixel: erase all that is no hint")
    return _layer(picture.rgb, picture.alpha)


def _layer(rgb: np.ndarray, alpha: np.ndarray) -> HintLayer:
    layer = np.zeros((*alpha.shape, 4), np.uint8)
    hinted = alpha >= OPAQUE
    layer[hinted, :3] = rgb[hinted]
    layer[hinted, 3] = 255
    return layer
