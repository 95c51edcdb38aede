"""A colour network that says what it is told, and what one might have said of some regions."""

from collections.abc import Callable, Sequence

import numpy as np

from nurie.core.color import Color
from nurie.runtime.registry import Needs
from nurie.tasks.attention import Attention
from nurie.tasks.traits import Traits

BLACK, GREY, WHITE = (0, 0, 0), (119, 119, 119), (255, 255, 255)
RED, GREEN, BLUE = (255, 0, 0), (0, 160, 0), (0, 0, 255)


def attention(
    embedding: int = 2,
    palette: Sequence[Color] = (RED, BLUE),
    *,
    sharpness: float = 8.0,
    nearness: float = 2.0,
    silence: float = 4.0,
) -> Attention:
    return Attention(embedding, sharpness, nearness, silence, tuple(palette))


class FakeSession:
    """A network of stride 2 in place of a `Session`.

    Args:
        says: brightness of every place, (h, w) float32 in [0, 1], to an answer, (E + K, h, w).
        attention: E and K, and how to choose.

    Attributes:
        seen: the pictures that it was shown, (1, 3, H, W) each.
    """

    def __init__(self, says: Callable[[np.ndarray], np.ndarray], attention: Attention):
        self.needs = Needs(
            multiple=2, stride=2, channels=attention.embedding + len(attention.palette)
        )
        self.metadata = attention.to_metadata()
        self.seen: list[np.ndarray] = []
        self._says = says

    def run(self, batch: np.ndarray) -> np.ndarray:
        self.seen.append(batch)
        return self._says((batch[0, 0, ::2, ::2] + 1) / 2)[None].astype(np.float32)


def traits(
    embedding: Sequence[Sequence[float]],
    chances: Sequence[Sequence[float]] | None = None,
    *,
    area: Sequence[float] | None = None,
    centre: Sequence[Sequence[float]] | None = None,
    learned: Attention | None = None,
) -> Traits:
    """Regions with these embeddings, made unit, and chances of the palette's colours.

    They are of one size and in one place, and all colours are as likely, unless told otherwise.
    """
    vectors = np.array(embedding, np.float32)
    count = len(vectors)
    learned = learned or attention(vectors.shape[1])
    even = np.ones((count, len(learned.palette)))
    chance = np.array(even if chances is None else chances, np.float32) + np.float32(1e-9)
    return Traits(
        learned,
        vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
        np.log(chance / chance.sum(1, keepdims=True)),
        np.array(np.zeros((count, 2)) if centre is None else centre, np.float32),
        np.full(count, 1 / count) if area is None else np.array(area),
        np.zeros((learned.embedding, 1, 1), np.float32),
        (2.0, 2.0),
    )
