"""Losses and scores, as pure functions of tensors."""

from collections.abc import Callable

import torch
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


def color_logloss(logits: Tensor, flat: Tensor) -> Tensor:
    """Logloss (binary cross-entropy) of each channel of a colour, taken as a probability.

    Where the colour is uncertain, it is content with the mean, as the squared error is; but its
    gradient does not vanish where the sigmoid is sure and wrong.

    Args:
        logits: (N, 3, H, W), before the sigmoid.
        flat: (N, 3, H, W) sRGB in [0, 1].
    """
    return F.binary_cross_entropy_with_logits(logits, flat)


def color_squared(logits: Tensor, flat: Tensor) -> Tensor:
    """Mean squared error of colours; the shapes are those of `color_logloss`."""
    return F.mse_loss(logits.sigmoid(), flat)


def color_l1(logits: Tensor, flat: Tensor) -> Tensor:
    """Mean absolute error of colours: where uncertain it is content with the median, not the mean.

    The shapes are those of `color_logloss`.
    """
    return F.l1_loss(logits.sigmoid(), flat)


COLOR_LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "logloss": color_logloss,
    "squared": color_squared,
    "l1": color_l1,
}


def judged(logits: Tensor, *, true: bool) -> Tensor:
    """Logloss of a discriminator's judgement, where all that it saw is true, or nothing is.

    With `true` for what was painted it is the generator's own loss, the one that does not saturate
    (Goodfellow et al. 2014).
    """
    return F.softplus(-logits if true else logits).mean()


def r1_penalty(logits: Tensor, seen: Tensor) -> Tensor:
    """How steep a discriminator is at true pictures: half the squared norm of the slope there.

    Mescheder, Geiger and Nowozin, "Which training methods for GANs do actually converge?", 2018.

    Args:
        logits: its judgement of `seen`, one or more for each picture.
        seen: (N, C, H, W) that requires a gradient.
    """
    each = logits.flatten(1).mean(1).sum()
    (slope,) = torch.autograd.grad(each, seen, create_graph=True)
    return slope.square().flatten(1).sum(1).mean() / 2


def psnr(painted: Tensor, flat: Tensor, counts: Tensor) -> Tensor:
    """Peak signal-to-noise ratio in dB of each picture, (N,), over the places that count.

    Args:
        painted, flat: (N, 3, H, W) in [0, 1].
        counts: (N, 1, H, W) bool.
    """
    off = ((painted - flat) ** 2).mean(1, keepdim=True)
    squared = (off * counts).sum((1, 2, 3)) / counts.sum((1, 2, 3)).clamp_min(1)
    return -10 * squared.clamp_min(1e-6).log10()
