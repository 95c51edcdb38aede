import math

import pytest

pytest.importorskip("torch")

import torch

from nurie.training.losses import (
    COLOR_LOSSES,
    color_l1,
    color_logloss,
    color_squared,
    judged,
    line_dice,
    line_logloss,
    psnr,
    r1_penalty,
    soft_f1,
)


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


# Colours: a pixel of half grey, 1/2 by the sigmoid, where (0.7, 0.5, 0) is true.
LOGITS = torch.zeros(1, 3, 1, 1)
FLAT = torch.tensor([0.7, 0.5, 0.0]).view(1, 3, 1, 1)


def test_losses_of_colours_by_hand():
    assert color_logloss(LOGITS, FLAT).item() == pytest.approx(math.log(2))
    assert color_squared(LOGITS, FLAT).item() == pytest.approx((0.04 + 0 + 0.25) / 3)
    assert color_l1(LOGITS, FLAT).item() == pytest.approx((0.2 + 0 + 0.5) / 3)


@pytest.mark.parametrize("loss", COLOR_LOSSES.values(), ids=COLOR_LOSSES)
def test_what_is_right_loses_least(loss):
    right = torch.logit(torch.tensor([0.7, 0.5, 0.1]).view(1, 3, 1, 1))
    for off in (-1.0, 1.0):
        assert loss(right + off, right.sigmoid()) > loss(right, right.sigmoid()) + 0.01


def slope(loss, logit: float) -> float:
    logits = torch.full((1, 3, 1, 1), logit, requires_grad=True)
    loss(logits, torch.zeros(1, 3, 1, 1)).backward()
    assert logits.grad is not None
    return logits.grad.sum().item()


def test_the_slope_of_logloss_stays_where_the_net_is_sure_and_wrong():
    assert slope(color_logloss, 10.0) == pytest.approx(1, abs=1e-3)
    assert slope(color_squared, 10.0) < 1e-3
    assert slope(color_l1, 10.0) < 1e-3


def test_a_judgement_by_hand():
    logits = torch.tensor([[[[2.0, -1.0]]]])
    expected = (math.log(1 + math.exp(-2)) + math.log(1 + math.exp(1))) / 2
    assert judged(logits, true=True).item() == pytest.approx(expected)
    assert judged(-logits, true=False).item() == pytest.approx(expected)


def test_the_steepness_by_hand():
    # The judgement of a picture is 3 x its first value, and -1 x its second: 3 ** 2 + 1, halved.
    seen = torch.randn(5, 1, 1, 2, requires_grad=True)
    weight = torch.tensor([3.0, -1.0], requires_grad=True)
    penalty = r1_penalty((seen * weight).sum(3, keepdim=True), seen)
    assert penalty.item() == pytest.approx(5)
    penalty.backward()  # the discriminator learns from it
    assert weight.grad is not None
    assert weight.grad.tolist() == pytest.approx([3, -1])


def test_the_steepness_is_that_of_the_mean_over_the_patches():
    seen = torch.randn(2, 1, 2, 2, requires_grad=True)
    assert r1_penalty(4 * seen, seen).item() == pytest.approx(4 * 1 / 2)


def test_psnr_by_hand_over_what_counts():
    flat = torch.zeros(2, 3, 1, 4)
    painted = flat.clone()
    painted[0, :, 0, 0] = 0.1
    painted[1, 0] = 0.5  # one channel of three
    painted[:, :, 0, 3] = 1.0
    counts = torch.tensor([[[[True, True, True, False]]]]).expand(2, 1, 1, 4)
    expected = [-10 * math.log10(0.01 / 3), -10 * math.log10(0.25 / 3)]
    assert psnr(painted, flat, counts).tolist() == pytest.approx(expected)


def test_what_is_right_has_a_psnr_of_60():
    flat = torch.rand(1, 3, 2, 2)
    assert psnr(flat, flat, torch.ones(1, 1, 2, 2, dtype=torch.bool)).item() == pytest.approx(60)
