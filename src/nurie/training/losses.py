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


def soft_f1(coverage: Tensor, line: Tensor) -> Tensor:
    """F1 of coverage against truth, both in [0, 1], pixel by pixel and without tolerance."""
    hit = (coverage * line).sum()
    return 2 * hit / (coverage.sum() + line.sum()).clamp_min(1e-6)
