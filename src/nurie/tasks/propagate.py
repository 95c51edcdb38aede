"""What regions without a hint are painted: the colours of what they belong with, or likely ones.

Hints are keys with a colour each, and a region attends to them. No network runs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nurie.core.color import Color, lab_to_srgb, srgb_to_lab
from nurie.tasks.attention import log_sum
from nurie.tasks.themes import THEMES, made_up
from nurie.tasks.traits import Traits

_NEAR = 15.0
"""Lab distance from what is expected of a region up to which it takes a key's colour."""

_RIVALRY = 4.0
"""How much more sharply hints compete with each other than with the prior: of two that may be
meant, a mixture is hardly ever right. What is expected is no more wrong for it (docs/LOG.md)."""

_MATCH = 0.8
"""Likeness, a cosine, from which a region of another drawing shows the same thing."""

_PLACE = 0.2
"""Likeness that a region of another drawing loses over the long edge: of twins the same one."""

_ALWAYS = 1e9
"""A spread that leaves nothing to the prior."""

_AT_ONCE = 1 << 22
"""Pairs of a region and a colour that are weighed at a time, so that memory stays bounded."""


@dataclass(frozen=True, eq=False)
class Keys:
    """What has a colour already.

    Attributes:
        embedding: (D, E) float32 of unit length.
        color: (D, 3) uint8.
        centre: x and y as shares of the long edge, (D, 2) float32.
    """

    embedding: np.ndarray
    color: np.ndarray
    centre: np.ndarray


def paint(
    traits: Traits,
    hints: Keys,
    *,
    reference: Keys | None = None,
    spread: float = 1.0,
    palette: Sequence[Color] | None = None,
    seed: int = 0,
) -> np.ndarray:
    """A colour for every region, (R, 3) uint8.

    Hints and the prior say how likely each colour is. The likeliest would be far off whenever it is
    wrong, so a region is painted what is to be expected: a hint's colour where that is near.

    Args:
        reference: the regions of another drawing; what is like one of them has its colour.
        spread: how readily a region takes a hint's colour: 0 never, 1 as was learned, more is more.
        palette: what may be chosen besides the colours of hints and reference.
        seed: any but 0 makes up the colours that no hint explains, each number in its own way. So
            does 0 where there is no hint at all.
    """
    expected = _expected_of_all(traits, hints, spread)
    colors, bare = _nearest(hints.color if spread > 0 else hints.color[:0], expected, _NEAR)
    if reference is not None:
        best, likeness = _matched(traits, reference)
        alike = bare & (likeness >= _MATCH)
        colors[alike] = reference.color[best[alike]]
        bare &= ~alike
    if seed or not len(hints.color):
        theme = THEMES[seed % len(THEMES)].colors if palette is None else palette
        # As before any hint: a new one must not shuffle what it says nothing about.
        nobody = Keys(hints.embedding[:0], hints.color[:0], hints.centre[:0])
        alone = _expected_of_all(traits, nobody, spread) if len(hints.color) else expected
        colors[bare] = made_up(traits, alone, np.array(theme, np.uint8), seed)[bare]
    elif palette is not None:
        colors[bare] = _nearest(np.array(palette, np.uint8), expected, np.inf)[0][bare]
    else:
        colors[bare] = _shared(traits, expected, bare)[bare]
    return colors


def _expected_of_all(traits: Traits, hints: Keys, spread: float) -> np.ndarray:
    """The mean of all colours that each region may have, (R, 3) Lab."""
    blocks = _blocks(traits, len(hints.color))
    return np.concatenate([_expected(traits, hints, spread, rows) for rows in blocks])


def _blocks(traits: Traits, keys: int) -> Iterator[slice]:
    """The regions, few enough at a time."""
    step = max(1, _AT_ONCE // (keys + traits.prior.shape[1]))
    return (slice(start, start + step) for start in range(0, len(traits.embedding), step))


def _expected(traits: Traits, hints: Keys, spread: float, rows: slice) -> np.ndarray:
    """The mean of all colours that some regions may have, (r, 3) Lab."""
    known = np.array(traits.attention.palette, np.uint8)
    attended = np.exp(_scores(traits, hints, spread, rows))
    prior = attended[:, -1:] * np.exp(traits.prior[rows])
    lab = srgb_to_lab(np.concatenate([hints.color, known]) / 255)
    return np.concatenate([attended[:, :-1], prior], axis=1) @ lab


def _matched(traits: Traits, reference: Keys) -> tuple[np.ndarray, np.ndarray]:
    """The region of another drawing that each is most like, and how like it is, (R,) both."""
    best, most = [], []
    for rows in _blocks(traits, len(reference.color)):
        likeness = traits.embedding[rows] @ reference.embedding.T
        likeness -= _PLACE * _distance(traits, reference, rows)
        best.append(likeness.argmax(1))
        most.append(likeness.max(1))
    return np.concatenate(best), np.concatenate(most)


def _nearest(
    colors: np.ndarray, expected: np.ndarray, limit: float
) -> tuple[np.ndarray, np.ndarray]:
    """The colour nearest to what is expected, (R, 3) uint8, and where none is near, (R,) bool."""
    if not len(colors):
        return np.zeros((len(expected), 3), np.uint8), np.ones(len(expected), bool)
    colors = np.unique(colors, axis=0)
    lab = srgb_to_lab(colors / 255)
    # Squares of distances, less what is the same for all colours of a region.
    nearest = ((lab**2).sum(1) - 2 * expected @ lab.T).argmin(1)
    return colors[nearest], np.linalg.norm(expected - lab[nearest], axis=1) > limit


def _shared(traits: Traits, expected: np.ndarray, bare: np.ndarray) -> np.ndarray:
    """The mean of what is expected of all bare regions that belong together, (R, 3) uint8."""
    group = traits.groups
    weight = traits.area * bare
    total = np.bincount(group, weight)
    mean = [
        np.bincount(group, weight * channel) / np.maximum(total, 1e-12) for channel in expected.T
    ]
    return np.rint(255 * lab_to_srgb(np.stack(mean, 1))).astype(np.uint8)[group]


def _scores(traits: Traits, hints: Keys, spread: float, rows: slice) -> np.ndarray:
    """Log-probability that a region takes each hint's colour, and last the prior's, (r, D + 1)."""
    likeness = traits.embedding[rows] @ hints.embedding.T
    score = traits.attention.scores(likeness, _distance(traits, hints, rows))
    if not len(hints.color):
        return score
    each, prior = score[:, :-1], score[:, -1:]
    with np.errstate(divide="ignore"):
        together = log_sum(each) + np.log(np.float32(min(spread, _ALWAYS)))
    score = np.concatenate([_RIVALRY * each - log_sum(_RIVALRY * each) + together, prior], 1)
    return score - log_sum(score)


def _distance(traits: Traits, keys: Keys, rows: slice) -> np.ndarray:
    """As shares of the long edge, (r, D)."""
    (x, y), (to_x, to_y) = traits.centre[rows].T, keys.centre.T
    return np.hypot(x[:, None] - to_x, y[:, None] - to_y)
