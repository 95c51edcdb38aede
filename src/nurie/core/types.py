"""What colouring is asked with and answers with: hints, palettes, layers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nurie.core.color import Color, as_color
from nurie.core.errors import NurieError
from nurie.core.files import one_line

_FAR = 1e9
"""More pixels than any picture is wide; what is beyond, NaN included, is no place and no size."""


@dataclass(frozen=True)
class Hint:
    """A dot of colour: the region that it lies in shall have exactly this colour.

    Attributes:
        x: in pixels of the line art from its left edge: 0 <= x < 1 is the first column.
        y: in pixels from its top edge.
        color: sRGB; "#f4c7a1", "#fc9" and the names of CSS are taken too.
        radius: in pixels; 0 is a single pixel.

    Raises:
        NurieError: the colour is no colour, or a number is none that a picture can have.
    """

    x: float
    y: float
    color: Color
    radius: float = 3.0

    # Written out because it takes more kinds of colour than the attribute has.
    def __init__(self, x: float, y: float, color: str | Sequence[int], radius: float = 3.0):
        # By the dictionary, as a frozen dataclass refuses assignments.
        vars(self).update(
            x=_number("x", x),
            y=_number("y", y),
            color=as_color(color),
            radius=_number("radius", radius, least=0),
        )


@dataclass(frozen=True)
class Stroke:
    """A line of colour through points (x, y): a hint that was drawn, not dotted.

    The numbers and colours are those of `Hint`, the errors as well.
    """

    points: tuple[tuple[float, float], ...]
    color: Color
    radius: float = 3.0

    def __init__(
        self,
        points: Iterable[Sequence[float]],
        color: str | Sequence[int],
        radius: float = 3.0,
    ):
        try:
            pairs = [(x, y) for x, y in points]
        except (TypeError, ValueError) as error:
            raise NurieError("the points of a stroke are pairs: [[x, y], [x, y], ...]") from error
        if not pairs:
            raise NurieError("a stroke needs at least one point")
        vars(self).update(
            points=tuple((_number("x", x), _number("y", y)) for x, y in pairs),
            color=as_color(color),
            radius=_number("radius", radius, least=0),
        )


@dataclass(frozen=True)
class Palette:
    """The colours that a drawing may have, each once; written like those of `Hint`.

    Raises:
        NurieError: there is no colour, or one is no colour.
    """

    colors: tuple[Color, ...]
    name: str = ""

    def __init__(self, colors: Iterable[str | Sequence[int]], name: str = ""):
        distinct = tuple(dict.fromkeys(as_color(color) for color in colors))
        if not distinct:
            raise NurieError("a palette needs at least one colour")
        vars(self).update(colors=distinct, name=name)


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer of a picture.

    Attributes:
        name: as painting programs show it.
        image: (h, w, 4) uint8 sRGB with straight alpha; it lies within the picture.
        blend: "multiply" darkens what lies below, as ink does.
        opacity: in [0, 1].
        left, top: where in the picture the image begins, in pixels.
    """

    name: str
    image: np.ndarray
    blend: Literal["normal", "multiply"] = "normal"
    visible: bool = True
    opacity: float = 1.0
    left: int = 0
    top: int = 0


@dataclass(frozen=True, eq=False)
class Group:
    """Layers that are shown, hidden and moved together; the bottom one first."""

    name: str
    layers: "tuple[Layer | Group, ...]"
    visible: bool = True


def _number(name: str, value: object, *, least: float = -_FAR) -> float:
    if isinstance(value, (int, float, np.integer, np.floating)) and least <= value <= _FAR:
        return float(value)
    what = "a number" if least else "a number of at least 0"
    raise NurieError(f"{name} is {one_line(repr(value)):.60}, not {what} of pixels")
