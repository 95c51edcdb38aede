"""Hints for pages whose colours are known: dots of colour by chance, as an artist's might lie."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from nurie.data.coloring import Pages
from nurie.data.random import Dice

_BARE = 0.15
"""Share of pages without any hint."""


@torch.no_grad()
def dots(pages: Pages, dice: Dice, *, most: float, radius: int) -> Tensor:
    """A dot in some regions of each page, within them.

    The share of a page's regions that have one is drawn by chance, few more often than many.

    Args:
        most: the largest share, in [0, 1].
        radius: of a dot in pixels; in a fine region, what is left of it there.

    Returns:
        (N, 4, S, S): the true colour in [0, 1] and 1 where a dot is, else 0.
    """
    part = pages.part.flatten(1)
    count, parts = len(part), int(pages.part.max()) + 1
    none = torch.zeros(count, parts, device=part.device)
    area = none.scatter_add(1, part, torch.ones_like(part, dtype=none.dtype))
    share = most * dice.uniform(count, 1) ** 2 * ~dice.chance(count, _BARE)[:, None]
    # Weighted sampling without replacement: Efraimidis and Spirakis 2006. Of no area, the last.
    order = (dice.uniform(count, parts).log() / area.sqrt()).argsort(1, descending=True)
    chosen = order.argsort(1) < share * (area > 0).sum(1, keepdim=True)
    # The pixel of the highest number of each region is the middle of its dot; one that touches no
    # other region is higher than all that do.
    number = dice.uniform(*part.shape) + _inner(pages.part).flatten(1)
    highest = none.scatter_reduce(1, part, number, "amax")
    middle = chosen.gather(1, part) & (number == highest.gather(1, part))
    return around(middle.view_as(pages.part), pages, radius)


def around(middle: Tensor, pages: Pages, radius: int) -> Tensor:
    """Dots around some pixels, (N, S, S) bool, as `dots` gives them."""
    mask = _grown(middle, pages.part, radius)[:, None]
    return torch.cat([pages.flat * mask, mask.to(pages.flat.dtype)], 1)


def _inner(part: Tensor) -> Tensor:
    """Where all eight neighbours are of the same region, (N, S, S) bool."""
    number = part[:, None].float()
    same = F.max_pool2d(number, 3, 1, 1) == -F.max_pool2d(-number, 3, 1, 1)
    return same[:, 0]


def _grown(middle: Tensor, part: Tensor, radius: int) -> Tensor:
    """The discs around some pixels, each within the region of its middle, (N, S, S) bool."""
    size = part.shape[-1]
    # A region's number where a disc's middle is, and -1 elsewhere and around the page.
    center = F.pad(torch.where(middle, part, -1), (radius,) * 4, value=-1)
    mask = torch.zeros_like(middle)
    for down in range(-radius, radius + 1):
        reach = math.isqrt(radius**2 - down**2)
        for right in range(-reach, reach + 1):
            row, column = radius + down, radius + right
            mask |= center[:, row : row + size, column : column + size] == part
    return mask
