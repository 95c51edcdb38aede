"""What a colour network says of the regions of a drawing: it looks at the line art once."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from nurie.core import codec
from nurie.core.errors import NurieError
from nurie.core.regions import Regions
from nurie.core.spans import spanned
from nurie.tasks import places
from nurie.tasks.attention import Attention, log_sum

if TYPE_CHECKING:
    from nurie.runtime.session import Session

LOOK = 512
"""Long edge in pixels at which the network sees a drawing that is larger."""


_TOGETHER = (0.7, 0.8, 0.87, 0.92, 0.95, 0.97)
"""Likeness, a cosine, from which two regions that no hint reaches get one colour: the first of
these that leaves `_VARIETY` kinds of regions of more than `_SEEN` of the picture."""

_VARIETY, _SEEN = 6, 0.01


@dataclass(frozen=True, eq=False)
class Traits:
    """What the network says of the regions of a drawing.

    Attributes:
        attention: how an answer is chosen.
        embedding: what each belongs with, (R, E) float32 of unit length; region 1 comes first.
        prior: log-probability of each colour of the attention's palette, (R, K) float32.
        centre: mean x and y as shares of the long edge, (R, 2) float32.
        area: of each as a share of the picture, (R,).
        places: the embedding of every place as it was seen, (E, h, w) float32 of unit length.
        step: pixels of the drawing from one place to the next, x and y.
    """

    attention: Attention
    embedding: np.ndarray
    prior: np.ndarray
    centre: np.ndarray
    area: np.ndarray
    places: np.ndarray
    step: tuple[float, float]

    @cached_property
    def groups(self) -> np.ndarray:
        """Which regions get one colour where no hint reaches, (R,) int from 0.

        A region joins the largest that it is like. How like it must be depends on the drawing, so
        that there is some variety.
        """
        order = np.argsort(-self.area, kind="stable")
        embedding = self.embedding[order]
        group = np.zeros(len(order), np.int64)
        for together in _TOGETHER:
            group[:] = -1
            found = 0
            for place, region in enumerate(order):
                if group[region] < 0:
                    members = order[place:][embedding[place:] @ embedding[place] >= together]
                    group[members[group[members] < 0]] = found
                    group[region] = found
                    found += 1
            if np.count_nonzero(np.bincount(group, self.area) > _SEEN) >= _VARIETY:
                break
        return group

    def at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The embedding of a spot: the mean over its pixels, (E,) of unit length."""
        rows, columns = self.places.shape[1:]
        row = places.index(y, self.step[1], rows)
        column = places.index(x, self.step[0], columns)
        return _unit(self.places[:, row, column].mean(1))


@spanned("look")
def look(session: "Session", coverage: np.ndarray, regions: Regions) -> Traits:
    """Run the network on line art.

    Args:
        session: of a network that `nurie train recipes/color.toml` makes.
        coverage: how much ink covers each pixel, (H, W) uint8.
        regions: of that line art.

    Raises:
        NurieError: the network is of another kind.
    """
    try:
        attention = Attention.from_metadata(session.metadata)
        if session.needs.channels != attention.embedding + len(attention.palette):
            raise ValueError("its answer has other channels than an embedding and a palette")
    except ValueError as error:
        raise NurieError(f"the model can't colour: {error}") from error
    paper = places.seen(coverage, LOOK)
    answer = session.run(codec.encode(np.repeat(paper[..., None], 3, axis=2)))[0]
    step = places.step_of(coverage, paper, session.needs.stride)
    said = places.of_regions(answer, regions, step)
    embedding, prior = said[:, : attention.embedding], said[:, attention.embedding :]
    return Traits(
        attention,
        _unit(embedding),
        prior - log_sum(prior),
        (regions.centre / max(coverage.shape)).astype(np.float32),
        regions.area / regions.label.size,
        _unit(answer[: attention.embedding], axis=0),
        step,
    )


def _unit(vectors: np.ndarray, axis: int = -1) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=axis, keepdims=True)
    return vectors / np.maximum(length, 1e-12)
