"""The colours that drawings have most often: what the prior chooses between."""

import warnings

import torch
from scipy.cluster import vq
from torch import Tensor

from nurie.training.lab import lab_to_rgb, rgb_to_lab

_SAMPLE = 50_000


def common_colors(colors: Tensor, count: int) -> Tensor:
    """`count` colours that stand for all, (count, 3) sRGB in [0, 1], by k-means in Lab.

    The same colours give the same. Fewer different ones than `count` come more than once.

    Args:
        colors: those of regions, (R, 3) sRGB in [0, 1].
    """
    chosen = torch.randperm(len(colors), generator=torch.Generator().manual_seed(0))[:_SAMPLE]
    lab = rgb_to_lab(colors[chosen.to(colors.device)]).cpu().double().numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of centres that no colour is left for
        # SciPy 1.15 called the seed rng, and takes the old name still.
        centres, _ = vq.kmeans2(lab, count, minit="++", seed=0)  # pyright: ignore[reportCallIssue]
    return lab_to_rgb(torch.from_numpy(centres).float())
