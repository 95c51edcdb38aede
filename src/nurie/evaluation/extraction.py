"""How well methods extract lines: scores on scenes whose true lines are known, and two promises.

The promises hold for every picture, not for scenes alone: blank paper stays blank, and clean line
art comes out as it went in.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from nurie.core import lines
from nurie.evaluation.metrics import LineScorer, LineScores, ink_on_paper

Extractor = Callable[[np.ndarray], np.ndarray]
"""A picture, (H, W, 3) uint8, to raw coverage, (H, W) float32 in [0, 1]."""


@dataclass(frozen=True)
class Extraction:
    """What one method reached.

    Attributes:
        lines: agreement with the true lines of the scenes.
        kept: F1 at d = 2 of clean line art against itself; 2 pixels on a sheet of 1,000.
        paper: the largest share of ink on a blank sheet, in the soft style.
        seconds: mean per scene.
    """

    lines: LineScores
    kept: float
    paper: float
    seconds: float


def evaluate(
    extractors: dict[str, Extractor],
    scenes: Iterable[tuple[np.ndarray, np.ndarray]],
    line_art: Iterable[np.ndarray],
    *,
    advance: Callable[[], None] = lambda: None,
) -> dict[str, Extraction]:
    """Score methods.

    Args:
        extractors: by name.
        scenes: each a picture, (H, W, 3) uint8, and its true coverage, (H, W) in [0, 1].
        line_art: coverage of clean drawings, (H, W) in [0, 1].
        advance: called after each scene and each drawing.

    Raises:
        ValueError: there is no scene, or no drawing.
    """
    found = {name: LineScorer() for name in extractors}
    kept = {name: LineScorer() for name in extractors}
    seconds = dict.fromkeys(extractors, 0.0)
    count = 0
    for picture, truth in scenes:
        for name, extractor in extractors.items():
            began = time.perf_counter()
            coverage = extractor(picture)
            seconds[name] += time.perf_counter() - began
            found[name].add(coverage, truth)
        count += 1
        advance()
    for truth in line_art:
        for name, extractor in extractors.items():
            kept[name].add(extractor(_as_drawing(truth)), truth)
        advance()
    return {
        name: Extraction(
            lines=found[name].scores(),
            kept=kept[name].scores().at(2.0).f1,
            paper=max(ink_on_paper(lines.soft(extractor(sheet))) for sheet in sheets()),
            seconds=seconds[name] / count,
        )
        for name, extractor in extractors.items()
    }


def _as_drawing(coverage: np.ndarray) -> np.ndarray:
    """Clean black line art on white paper."""
    return np.repeat(lines.over_white(coverage)[..., None], 3, axis=2)


TINTS: Sequence[tuple[int, int, int]] = (
    (255, 255, 255),
    (240, 240, 240),
    (200, 200, 200),
    (128, 128, 128),
    (64, 64, 64),
    (16, 16, 16),
    (0, 0, 0),
    (250, 243, 226),
    (226, 205, 170),
    (255, 214, 224),
    (196, 222, 250),
    (30, 40, 92),
    (120, 20, 24),
    (24, 96, 48),
    (255, 230, 0),
)
"""The blank sheets: greys from white to black, papers, and strong colours."""


def sheets() -> Iterable[np.ndarray]:
    """Blank paper of each tint, (256, 256, 3) uint8."""
    for tint in TINTS:
        yield np.full((256, 256, 3), tint, np.uint8)
