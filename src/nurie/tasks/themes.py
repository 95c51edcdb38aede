"""Colours for what nobody said anything about: sets that go together, and who gets which."""

import numpy as np

from nurie.core.color import srgb_to_lab
from nurie.core.types import Palette
from nurie.tasks.traits import Traits

THEMES = (
    Palette(
        ["#fffaf2", "#f8d3b4", "#f2a48c", "#e36a5c", "#f6cf73", "#a9cf9a"]
        + ["#5fa68a", "#9ecbe3", "#4f7fa8", "#c7a7d8", "#8a5a44", "#3f3a45"],
        "picnic",
    ),
    Palette(
        ["#fdf6f8", "#fbdcc8", "#f7b9c4", "#e58aa5", "#c9b6e4", "#9fb4e8"]
        + ["#a8e0d8", "#fff0b3", "#e9c9a0", "#b58a7a", "#7c6a9c", "#4b4660"],
        "candy",
    ),
    Palette(
        ["#fbf3e4", "#efc9a3", "#dd9a63", "#c4603f", "#8c3b33", "#e8b44f"]
        + ["#a3a765", "#6b7f4e", "#7f9aa3", "#54697a", "#6e4a35", "#372f2e"],
        "autumn",
    ),
    Palette(
        ["#f4f9fb", "#f5d9c3", "#e9a98b", "#ffd27f", "#f08a6b", "#7fd0d4"]
        + ["#3fa3b5", "#2d6f93", "#a6d8a8", "#d9e6ef", "#8b6b5c", "#26394f"],
        "harbour",
    ),
    Palette(
        ["#eef0f7", "#e7c7b5", "#c898a0", "#8e6c99", "#5b5f9e", "#3d4a7a"]
        + ["#6fa0c8", "#a9cbd6", "#f0d9a0", "#d98f6a", "#5a4650", "#232842"],
        "dusk",
    ),
    Palette(
        ["#fbfbf0", "#f7d7b5", "#e8b07e", "#d9e29a", "#9cc46b", "#4f8f5b"]
        + ["#7fc4b8", "#f4d35e", "#ee7c5a", "#c45b7a", "#8a6244", "#2f4038"],
        "meadow",
    ),
)
"""Light skin and paper in each, something warm, something cold, and something dark."""

_BOLD = 10.0
"""Lab distance for which a made-up colour may be wrong as readily as for one of `_RARE`."""

_RARE = 4.0
"""How much a colour loses that is used all over."""

_ALIKE = 20.0
"""Lab distance over which using a colour is using its neighbours too."""


def made_up(traits: Traits, expected: np.ndarray, colors: np.ndarray, seed: int) -> np.ndarray:
    """Which of some colours each region gets, (R, 3) uint8, one for all that belong together.

    Largest first, each gets one that is not far from what is expected, and rare so far: a drawing
    in a single colour is never right.

    Args:
        expected: (R, 3) Lab.
        colors: (C, 3) uint8.
        seed: 0 for no luck in it.
    """
    lab = srgb_to_lab(colors / 255)
    alike = np.exp(-((np.linalg.norm(lab[:, None] - lab, axis=2) / _ALIKE) ** 2))
    luck = np.random.default_rng(seed).gumbel(size=(len(expected), len(colors))) * (seed > 0)
    wrong = np.linalg.norm(expected[:, None] - lab, axis=2)
    group = traits.groups
    share = np.bincount(group, traits.area)
    used = np.zeros(len(colors))
    chosen = np.zeros((len(expected), 3), np.uint8)
    for number in np.argsort(-share, kind="stable")[: np.count_nonzero(share)]:
        here = group == number
        weight = traits.area[here] / share[number]
        score = luck[number] - weight @ wrong[here] / _BOLD - _RARE * used
        best = int(score.argmax())
        chosen[here] = colors[best]
        # The root, or a backdrop would count alone.
        used += np.sqrt(share[number]) * alike[best]
    return chosen
