"""Losses, as pure functions of tensors."""

import torch.nn.functional as F
from torch import Tensor


def line_logloss(logits: Tensor, line: Tensor, weight: float) -> Tensor:
    """Logloss (binary cross-entropy) of line coverage, inked places weighted 1 + `weight`.

    Args:
        logits: (N, 1, H, W), before the sigmoid.
        line: (N, 1, H, W) in [0, 1].
    """
    return F.binary_cross_entropy_with_logits(logits, line, weight=1 + weight * line)


def line_dice(logits: Tensor, line: Tensor) -> Tensor:
    """One minus the overlap of coverage and truth, a picture at a time, then the mean.

    Logloss is content with a broad grey line where the place is uncertain; overlap is not.
    Milletari, Navab and Ahmadi, "V-Net", 2016; for lines Deng et al., "Learning to predict crisp
    boundaries", 2018.

    Args:
        logits: (N, 1, H, W), before the sigmoid.
        line: (N, 1, H, W) in [0, 1].
    """
    coverage, sides = logits.sigmoid(), (1, 2, 3)
    both = (coverage * line).sum(sides)
    each = (coverage**2).sum(sides) + (line**2).sum(sides)
    # One pixel more on either side, so that a blank page is no 0 / 0.
    return 1 - ((2 * both + 1) / (each + 1)).mean()


def soft_f1(coverage: Tensor, line: Tensor) -> Tensor:
    """F1 of coverage against truth, both in [0, 1], pixel by pixel and without tolerance."""
    hit = (coverage * line).sum()
    return 2 * hit / (coverage.sum() + line.sum()).clamp_min(1e-6)
