"""Figures for line art: how well an extracted line map agrees with the true one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nurie.core.errors import MissingExtra
from nurie.core.lines import over_white, thin

TOLERANCES = (1.0, 2.0, 4.0)
"""Distances at which a line still counts as found, in thousandths of the picture's long edge."""

THRESHOLDS = tuple(step / 20 for step in range(1, 20))
"""Coverages from which an extracted line map is tried as ink."""

TRUE_INK = 0.5
"""Coverage from which the truth is ink."""

NOT_PAPER = 250
"""Grey level of 0 to 255 below which a pixel of blank paper counts as ink."""


@dataclass(frozen=True)
class LineScore:
    """Agreement at one tolerance. All but the tolerance and the distance are in [0, 1]."""

    tolerance: float
    """In thousandths of the long edge."""
    threshold: float
    """The one threshold at which F1 over the whole set is best (optimal dataset scale, ODS)."""
    precision: float
    """At that threshold, the share of extracted lines that are near a true one."""
    recall: float
    """At that threshold, the share of true lines that are near an extracted one."""
    f1: float
    ois_f1: float
    """F1 where every picture has the threshold that suits it best (optimal image scale, OIS)."""
    chamfer: float
    """At that threshold, the mean distance from each side to the other, over the long edge."""


@dataclass(frozen=True)
class LineScores:
    """Agreement over a set of pictures, one score for each of `TOLERANCES`."""

    pictures: int
    by_tolerance: tuple[LineScore, ...]

    def at(self, tolerance: float) -> LineScore:
        """The score at a tolerance of `TOLERANCES`; raises KeyError at another."""
        return {score.tolerance: score for score in self.by_tolerance}[tolerance]


class LineScorer:
    """Scores pictures one after the other and keeps nothing of them but counts.

    Both sides are thinned to skeletons, and a pixel of one is matched where the other comes as
    near as the tolerance. The threshold over the set and the one per picture are those of Martin,
    Fowlkes and Malik, "Learning to detect natural image boundaries using local brightness, color,
    and texture cues", 2004; unlike there, several pixels may match the same one.

    Where nothing was extracted, precision is 1, and where nothing is to be found, recall is 1.
    Where only one side has lines, the distance between them is the long edge.

    Raises MissingExtra if SciPy is not installed.
    """

    def __init__(self) -> None:
        self._distance_to = _distance_transform()
        self._pictures = 0
        # The last axis: extracted pixels that are matched, extracted, true that are matched, true.
        self._counts = np.zeros((len(TOLERANCES), len(THRESHOLDS), 4))
        self._best_counts = np.zeros((len(TOLERANCES), 4))
        self._chamfer = np.zeros(len(THRESHOLDS))

    def add(self, predicted: np.ndarray, true: np.ndarray) -> None:
        """Score a line map against the true one, both (H, W) in [0, 1].

        Raises ValueError if their sizes differ.
        """
        if predicted.shape != true.shape:
            raise ValueError(f"the line maps differ in size: {predicted.shape} and {true.shape}")
        long_edge = max(true.shape)
        reach = np.array(TOLERANCES)[:, None] * long_edge / 1000
        truth = thin(true >= TRUE_INK)
        to_truth = self._distance_to(truth)
        counts = np.empty_like(self._counts)
        for step, threshold in enumerate(THRESHOLDS):
            lines = thin(predicted >= threshold)
            astray = to_truth[lines]
            missed = self._distance_to(lines)[truth]
            counts[:, step, 0] = (astray <= reach).sum(axis=1)
            counts[:, step, 1] = astray.size
            counts[:, step, 2] = (missed <= reach).sum(axis=1)
            counts[:, step, 3] = missed.size
            self._chamfer[step] += _chamfer(astray, missed) / long_edge
        best = _f1(counts).argmax(axis=1)
        self._counts += counts
        self._best_counts += counts[np.arange(len(TOLERANCES)), best]
        self._pictures += 1

    def scores(self) -> LineScores:
        """The scores of all pictures added so far; raises ValueError if there is none."""
        if not self._pictures:
            raise ValueError("no picture was added")
        best = _f1(self._counts).argmax(axis=1)
        return LineScores(
            self._pictures,
            tuple(
                LineScore(
                    tolerance=tolerance,
                    threshold=THRESHOLDS[step],
                    precision=float(_precision(counts[step])),
                    recall=float(_recall(counts[step])),
                    f1=float(_f1(counts[step])),
                    ois_f1=float(_f1(best_counts)),
                    chamfer=float(self._chamfer[step] / self._pictures),
                )
                for tolerance, step, counts, best_counts in zip(
                    TOLERANCES, best, self._counts, self._best_counts, strict=True
                )
            ),
        )


def ink_on_paper(coverage: np.ndarray) -> float:
    """Share of a line map of blank paper, (H, W), that a viewer sees as ink; 0 is perfect."""
    return float((over_white(coverage) < NOT_PAPER).mean())


def _precision(counts: np.ndarray) -> np.ndarray:
    return _share(counts[..., 0], counts[..., 1])


def _recall(counts: np.ndarray) -> np.ndarray:
    return _share(counts[..., 2], counts[..., 3])


def _f1(counts: np.ndarray) -> np.ndarray:
    precision, recall = _precision(counts), _recall(counts)
    return 2 * precision * recall / np.maximum(precision + recall, 1e-12)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.where(whole > 0, part / np.maximum(whole, 1), 1.0)


def _chamfer(astray: np.ndarray, missed: np.ndarray) -> float:
    """Mean of both directions; a side without lines is as far away as the other finds it to be."""
    both = [
        off.mean() if off.size else other.max(initial=0)
        for off, other in ((astray, missed), (missed, astray))
    ]
    return float(np.mean(both))


def _distance_transform() -> Callable[[np.ndarray], np.ndarray]:
    """A function that gives every pixel's distance to the nearest of a mask's, (H, W) float64."""
    try:
        from scipy.ndimage import distance_transform_edt
    except ImportError:
        raise MissingExtra("data", "scoring line art") from None

    def distance_to(mask: np.ndarray) -> np.ndarray:
        if not mask.any():
            return np.full(mask.shape, float(max(mask.shape)))
        return np.asarray(distance_transform_edt(~mask))

    return distance_to
