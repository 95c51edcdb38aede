"""Networks that paint: line art and hints in, colours out, of which each region takes the mean.

They are what `nurie train autoencoder`, `unet` and `gan` make. A network that paints is run anew
for every change of the hints, and knows no more of a hint than its place and its colour.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from nurie.core import codec
from nurie.core.color import Color, nearest
from nurie.core.errors import NurieError
from nurie.core.regions import Regions
from nurie.tasks import places

if TYPE_CHECKING:
    from nurie.runtime.session import Session

INPUTS, CHANNELS = 5, 3
"""Of the network: `nurie.core.codec.encode_hinted` makes its input, and it answers with colours."""

RADIUS = 3
"""Of a dot in pixels, as the network sees it, whatever its size in the drawing."""

_KEY = "nurie.painting"
_LARGEST = 1 << 14


@dataclass(frozen=True)
class Painting:
    """What a network that paints says of itself in its file.

    Attributes:
        edge: long edge in pixels at which it sees a drawing that is larger.

    Raises:
        ValueError: a value that no network can have.
    """

    edge: int

    def __post_init__(self) -> None:
        if type(self.edge) is not int or not 1 <= self.edge <= _LARGEST:
            raise ValueError(f"edge can't be {self.edge!r:.40}")

    def to_metadata(self) -> dict[str, str]:
        """What an exporter writes to the ONNX metadata: {"nurie.painting": JSON}."""
        return {_KEY: json.dumps(asdict(self))}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> "Painting":
        """Read it back.

        Raises:
            ValueError: it is missing, as in a network of another kind, or makes no sense.
        """
        if _KEY not in metadata:
            raise ValueError(f"it has no {_KEY}, so it does not paint")
        try:
            return cls(**json.loads(metadata[_KEY]))
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"its {_KEY} makes no sense: {error}") from error


def is_painter(session: "Session") -> bool:
    """Whether a network says of itself that it paints."""
    return _KEY in session.metadata


def paint(
    session: "Session",
    coverage: np.ndarray,
    regions: Regions,
    x: np.ndarray,
    y: np.ndarray,
    colors: np.ndarray,
    palette: Sequence[Color] | None = None,
) -> np.ndarray:
    """A colour for every region, (R, 3) uint8: the mean of what the network paints there.

    Args:
        session: of a network whose metadata hold a `Painting`.
        coverage: how much ink covers each pixel, (H, W) uint8.
        regions: of that line art.
        x, y, colors: pixels of hints, (P,) int, and their colours, (P, 3) uint8.
        palette: what is chosen from instead, by what looks most like it.

    Raises:
        NurieError: the network's file makes no sense.
    """
    try:
        painting = Painting.from_metadata(session.metadata)
        if (session.needs.inputs, session.needs.channels) != (INPUTS, CHANNELS):
            raise ValueError("it does not turn line art and hints into colours")
    except ValueError as error:
        raise NurieError(f"the model can't colour: {error}") from error
    paper = places.seen(coverage, painting.edge)
    hints = _hints(paper.shape, regions, places.step_of(coverage, paper, 1), x, y, colors)
    answer = session.run(codec.encode_hinted(paper, hints))[0]
    step = places.step_of(coverage, paper, session.needs.stride)
    means = places.of_regions(answer, regions, step)
    means = np.rint(255 * means.clip(0, 1)).astype(np.uint8)
    return means if palette is None else np.array(palette, np.uint8)[nearest(palette, means)]


def _hints(
    shape: tuple[int, int],
    regions: Regions,
    step: places.Step,
    x: np.ndarray,
    y: np.ndarray,
    colors: np.ndarray,
) -> np.ndarray:
    """Hints as the network learned to see them: dots that don't leave their region, (h, w, 4)."""
    rows, columns = shape
    label = places.labels(regions, rows, columns, step)
    row, column = places.index(y, step[1], rows), places.index(x, step[0], columns)
    # Of a stroke, many pixels come to lie in one place.
    dots = np.unique(np.column_stack([row, column, regions.label[y, x], colors]), axis=0)
    row, column, region, colors = dots[:, 0], dots[:, 1], dots[:, 2], dots[:, 3:]
    hints = np.zeros((rows, columns, 4), np.uint8)
    for down in range(-RADIUS, RADIUS + 1):
        reach = math.isqrt(RADIUS**2 - down**2)
        for right in range(-reach, reach + 1):
            to_row, to_column = row + down, column + right
            inside = (to_row >= 0) & (to_row < rows) & (to_column >= 0) & (to_column < columns)
            inside[inside] = label[to_row[inside], to_column[inside]] == region[inside]
            hints[to_row[inside], to_column[inside], :3] = colors[inside]
            hints[to_row[inside], to_column[inside], 3] = 255
    return hints
