"""How a colour network's answer is read, and how a region chooses between dots and the prior.

The network says for every place what it belongs with and what colours it may have. What else it
takes to choose are a few numbers and the prior's colours, which its file carries in its metadata.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

import numpy as np

from nurie.core.color import Color

_KEY = "nurie.attention"
_LARGEST = 1e6  # no score is anywhere near; NaN and the infinite are beyond it as well


@dataclass(frozen=True)
class Attention:
    """What a colour network learned besides its answer to a picture.

    Attributes:
        embedding: numbers that say what a place belongs with; what follows them in an answer are
            the prior's logits, one for each colour of the palette.
        sharpness: the score of a dot on what is just like the region.
        nearness: what a dot's score loses over the picture's long edge.
        silence: the prior's score.
        palette: what the prior chooses between, sRGB 0 to 255.

    Raises:
        ValueError: a value that no network can have.
    """

    embedding: int
    sharpness: float
    nearness: float
    silence: float
    palette: tuple[Color, ...]

    def __post_init__(self) -> None:
        if type(self.embedding) is not int or not 1 <= self.embedding <= _LARGEST:
            raise ValueError(f"embedding can't be {self.embedding!r:.40}")
        for name in ("sharpness", "nearness", "silence"):
            value = getattr(self, name)
            if type(value) not in (int, float) or not abs(value) <= _LARGEST:
                raise ValueError(f"{name} can't be {value!r:.40}")
        if not self.palette:
            raise ValueError("the palette is empty")
        for color in self.palette:
            if len(color) != 3 or not all(type(c) is int and 0 <= c <= 255 for c in color):
                raise ValueError(f"{color!r:.40} is no colour")

    def to_metadata(self) -> dict[str, str]:
        """What an exporter writes to the ONNX metadata: {"nurie.attention": JSON}."""
        return {_KEY: json.dumps(asdict(self))}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> "Attention":
        """Read it back.

        Raises:
            ValueError: it is missing, as in what is no colour network, or makes no sense.
        """
        if _KEY not in metadata:
            raise ValueError(f"it has no {_KEY}, so it is no colour network")
        names = [field.name for field in fields(cls)]
        try:
            values = json.loads(metadata[_KEY])
            if not isinstance(values, dict) or set(values) != set(names):
                raise ValueError(f"not a table of {', '.join(names)}")
            palette = tuple(tuple(color) for color in values["palette"])
            return cls(**{**values, "palette": palette})
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"its {_KEY} makes no sense: {error}") from error

    def scores(self, likeness: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """Log-probability that a region takes the colour of each dot, and last, of the prior.

        The same as `ColorNet.attention`, from which the three scores were learned.

        Args:
            likeness: the scalar product of the unit embeddings of each region and of what each dot
                lies on, (R, D) float32.
            distance: between them, as a share of the picture's long edge, (R, D) float32.

        Returns:
            (R, D + 1) float32.
        """
        prior = np.full((len(likeness), 1), self.silence, np.float32)
        score = np.concatenate([self.sharpness * likeness - self.nearness * distance, prior], 1)
        return score - log_sum(score)


def log_sum(score: np.ndarray) -> np.ndarray:
    """Logarithm of the sum of exponentials along the last axis, kept."""
    top = score.max(-1, keepdims=True)
    return top + np.log(np.exp(score - top).sum(-1, keepdims=True))
