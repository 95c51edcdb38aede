"""The colours that drawings have most often: what the prior chooses between."""

import torch
from scipy.cluster import vq
from torch import Tensor

from nurie.training.lab import lab_to_rgb, rgb_to_lab

_SAMPLE = 50_000


def common_colors(colors: Tensor, count: int) -> Tensor:
    """`count` colours that stand for all, (count, 3) sRGB in [0, 1], by k-means in Lab.

    Args:
        colors: those of regions, (R, 3) sRGB in [0, 1].
    """
    chosen = torch.randperm(len(colors), generator=torch.Generator().manual_seed(0))[:_SAMPLE]
    lab = rgb_to_lab(colors[chosen.to(colors.device)]).cpu().double().numpy()
    centres, _ = vq.kmeans2(lab, count, minit="++", seed=0)
    return lab_to_rgb(torch.from_numpy(centres).float())
