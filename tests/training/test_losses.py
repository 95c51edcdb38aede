import math

import pytest

pytest.importorskip("torch")

import torch

from nurie.training.losses import line_dice, line_logloss, soft_f1


def test_an_inked_place_counts_1_plus_the_weight():
    # By hand: at logit 0 both answers are 1/2, and logloss is ln 2.
    logits = torch.zeros(1, 1, 1, 4)
    line = torch.tensor([[[[1.0, 0.0, 0.0, 0.0]]]])
    expected = math.log(2) * (4 + 1 + 1 + 1) / 4
    assert line_logloss(logits, line, 3.0).item() == pytest.approx(expected)
    assert line_logloss(logits, line, 0.0).item() == pytest.approx(math.log(2))


def test_half_an_inked_place_counts_half_the_weight():
    logits = torch.full((1, 1, 1, 1), 2.0)
    line = torch.full((1, 1, 1, 1), 0.5)
    inked, blank = math.log(1 + math.exp(-2)), math.log(1 + math.exp(2))
    expected = (1 + 3 * 0.5) * (0.5 * inked + 0.5 * blank)
    assert line_logloss(logits, line, 3.0).item() == pytest.approx(expected)


def test_logloss_stays_finite_where_the_net_is_sure_and_wrong():
    logits = torch.tensor([[[[1000.0, -1000.0]]]])
    line = torch.tensor([[[[0.0, 1.0]]]])
    assert line_logloss(logits, line, 3.0).item() == pytest.approx((1000 + 4 * 1000) / 2)


def test_overlap_by_hand():
    # The first picture: coverage 1/2 everywhere, one of four places inked. The second is blank, and
    # known to be.
    logits = torch.tensor([[[[0.0] * 4]], [[[-1000.0] * 4]]])
    line = torch.tensor([[[[1.0, 0.0, 0.0, 0.0]]], [[[0.0] * 4]]])
    first = 1 - (2 * 0.5 + 1) / (4 * 0.25 + 1 + 1)
    assert line_dice(logits, line).item() == pytest.approx((first + 0) / 2)


def test_what_is_right_overlaps_wholly():
    line = torch.tensor([[[[1.0, 0.0, 1.0]]]])
    assert line_dice(2000 * line - 1000, line).item() == pytest.approx(0)
    assert line_dice(1000 - 2000 * line, line).item() == pytest.approx(1 - 1 / 4)


def test_f1_by_hand():
    coverage = torch.tensor([1.0, 1.0, 0.0, 0.5])
    line = torch.tensor([1.0, 0.0, 1.0, 0.0])
    assert soft_f1(coverage, line).item() == pytest.approx(2 * 1 / (2.5 + 2))
    assert soft_f1(line, line).item() == 1
    assert soft_f1(line, 1 - line).item() == 0
    assert soft_f1(torch.zeros(3), torch.zeros(3)).item() == 0
