import sys

import numpy as np
import pytest

from nurie.core.errors import MissingExtra
from nurie.evaluation.metrics import (
    THRESHOLDS,
    TOLERANCES,
    LineScorer,
    LineScores,
    ink_on_paper,
)

pytest.importorskip("scipy")


def page(*rows: int, value: float = 1.0) -> np.ndarray:
    """Lines across a page with a long edge of 1000, so that tolerances are in pixels."""
    coverage = np.zeros((60, 1000), np.float32)
    coverage[list(rows)] = value
    return coverage


def score(*pairs: tuple[np.ndarray, np.ndarray]) -> LineScores:
    scorer = LineScorer()
    for predicted, true in pairs:
        scorer.add(predicted, true)
    return scorer.scores()


def test_a_line_map_agrees_with_itself():
    scores = score((page(10, 30), page(10, 30)))
    assert scores.pictures == 1
    for tolerance in TOLERANCES:
        at = scores.at(tolerance)
        assert (at.precision, at.recall, at.f1, at.ois_f1, at.chamfer) == (1, 1, 1, 1, 0)


@pytest.mark.parametrize(
    ("shift", "found"), [(1, (1, 1, 1)), (2, (0, 1, 1)), (3, (0, 0, 1)), (5, (0, 0, 0))]
)
def test_a_shifted_line_is_found_within_the_tolerance(shift, found):
    scores = score((page(20 + shift), page(20)))
    assert tuple(scores.at(tolerance).f1 for tolerance in TOLERANCES) == found
    assert scores.at(4).chamfer == pytest.approx(shift / 1000)


def test_tolerances_are_relative_to_the_long_edge():
    predicted, true = (np.zeros((500, 20), np.float32) for _ in range(2))
    predicted[:, 12], true[:, 10] = 1, 1
    scores = score((predicted, true))
    assert (scores.at(2).f1, scores.at(4).f1) == (0, 1)


def test_half_a_missing_line_halves_recall_alone():
    predicted = page(20)
    predicted[:, 500:] = 0
    at = score((predicted, page(20))).at(1)
    assert at.precision == 1
    assert at.recall == pytest.approx(0.5, abs=0.002)
    assert at.f1 == pytest.approx(2 / 3, abs=0.002)


def test_a_line_too_many_halves_precision_alone():
    at = score((page(20, 40), page(20))).at(4)
    assert (at.precision, at.recall) == (0.5, 1)
    assert at.chamfer == pytest.approx((0 + 20) / 2 / 2 / 1000)


def test_the_width_of_lines_does_not_count():
    assert score((page(19, 20, 21), page(20))).at(2).f1 == pytest.approx(1, abs=0.01)


def test_the_best_threshold_is_taken():
    unsure = page(20, value=0.6) + page(40, value=0.3)
    at = score((unsure, page(20))).at(1)
    assert 0.3 < at.threshold <= 0.6
    assert at.f1 == 1


def test_one_threshold_for_the_set_or_one_for_each_picture():
    bold = page(20, value=0.9) + page(40, value=0.6), page(20)
    faint = page(20, value=0.4), page(20)
    at = score(bold, faint).at(1)
    assert at.ois_f1 == 1
    # At 0.4 one line of three is wrong; at 0.9 one line of two is missed.
    assert (at.precision, at.recall) == (pytest.approx(2 / 3), 1)


def test_pictures_are_weighted_by_their_lines():
    scores = score((page(10, 30, 50), page(10, 30, 50)), (page(), page(20)))
    assert scores.at(4).recall == pytest.approx(3 / 4)


def test_nothing_found_where_nothing_is():
    at = score((page(), page())).at(1)
    assert (at.precision, at.recall, at.f1, at.chamfer) == (1, 1, 1, 0)


@pytest.mark.parametrize(("predicted", "true"), [(page(), page(20)), (page(20), page())])
def test_only_one_side_has_lines(predicted, true):
    at = score((predicted, true)).at(4)
    assert (at.f1, at.chamfer) == (0, 1)


def test_a_line_of_the_truth_counts_from_half_coverage():
    assert score((page(20), page(20, value=0.5))).at(1).f1 == 1
    assert score((page(20), page(20, value=0.4))).at(1).f1 == 0


def test_ink_on_blank_paper_is_what_a_viewer_sees():
    blank = np.zeros((10, 10), np.float32)
    assert ink_on_paper(blank) == 0
    blank[0] = 0.015
    assert ink_on_paper(blank) == 0
    blank[0, :3] = 0.05
    assert ink_on_paper(blank) == pytest.approx(0.03)


def test_thresholds_are_the_documented_ones():
    assert THRESHOLDS[0] == 0.05
    assert THRESHOLDS[-1] == 0.95
    assert len(THRESHOLDS) == 19


def test_misuse_is_refused():
    with pytest.raises(ValueError, match="no picture"):
        LineScorer().scores()
    with pytest.raises(ValueError, match="differ in size"):
        score((page(1), page(1)[:30]))


def test_scipy_is_asked_for_by_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.ndimage", None)
    with pytest.raises(MissingExtra, match=r"nurie\[data\]"):
        LineScorer()
