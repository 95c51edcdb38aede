"""What docs/LEARN.md computes by hand is so."""

import numpy as np
import pytest


def logloss(truth: list[float], said: list[float]) -> float:
    return float(-(np.array(truth) * np.log(said)).mean())


@pytest.mark.parametrize(
    ("said", "loss"), [([0.4, 0.6], 0.397), ([0.69, 0.31], 0.306), ([0.7, 0.3], 0.305)]
)
def test_the_worked_example_of_logloss(said, loss):
    assert logloss([0.7, 0.3], said) == pytest.approx(loss, abs=5e-4)


def test_nothing_is_lower_than_the_truth_itself():
    shares = np.linspace(0.01, 0.99, 99)
    losses = [logloss([0.7, 0.3], [share, 1 - share]) for share in shares]
    assert shares[int(np.argmin(losses))] == pytest.approx(0.7)
