"""The parts that networks are put together from."""

import math
from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn

Norm = Callable[[int], nn.Module]
"""Features to a norm of so many."""

Block = Callable[[int, int], nn.Module]
"""Features in and features out, to a part that keeps height and width or doubles them."""


class ConvBlock(nn.Sequential):
    """Convolution, norm, rectifier.

    Args:
        norm: None for none. Batch norm (Ioffe and Szegedy 2015) cancels a bias, so that the
            convolution before it has none.
    """

    def __init__(
        self,
        inside: int,
        outside: int,
        kernel: int = 3,
        stride: int = 1,
        *,
        norm: Norm | None = nn.BatchNorm2d,
    ):
        bias = norm is not nn.BatchNorm2d
        super().__init__(
            nn.Conv2d(inside, outside, kernel, stride, (kernel - 1) // 2, bias=bias),
            *([norm(outside)] if norm else []),
            nn.ReLU(inplace=True),
        )


def group_norm(features: int) -> nn.Module:
    """Group norm (Wu and He 2018), eight groups where they come out even.

    Each picture is normed by itself, so a small batch does it no harm; but what is far away has a
    say everywhere, so that a picture can't be run in tiles.
    """
    return nn.GroupNorm(math.gcd(features, 8), features)


NORMS: dict[str, Norm | None] = {"batch": nn.BatchNorm2d, "group": group_norm, "none": None}


class FoldStem(ConvBlock):
    """The first layer: 2 x 2 pixels become one place with `outside` features, in one convolution.

    A 6 x 6 kernel with stride 2 sees just what a 3 x 3 kernel sees after every 2 x 2 pixels were
    folded into channels, without moving the data. Half the resolution is a quarter of the work in
    the layers that cost most.
    """

    def __init__(self, inside: int, outside: int, *, norm: Norm | None = nn.BatchNorm2d):
        super().__init__(inside, outside, kernel=6, stride=2, norm=norm)


def shuffled(inside: int, outside: int) -> nn.Module:
    """Twice the height and width by four times the features, dealt out to 2 x 2 places.

    Shi et al. 2016. It is the last layer as well, where a `FoldStem` was the first.
    """
    return nn.Sequential(nn.Conv2d(inside, 4 * outside, 1), nn.PixelShuffle(2))


def stack(inside: int, outside: int, depth: int, block: Block = ConvBlock) -> nn.Sequential:
    """`depth` blocks one after another."""
    blocks = [block(inside if n == 0 else outside, outside) for n in range(depth)]
    return nn.Sequential(*blocks)


class Grow(nn.Module):
    """Twice the height and width: a 1 x 1 convolution to fewer features, then each place doubled.

    The convolution comes first, where there are a quarter as many places to compute. With the
    convolutions that follow, it is what Odena, Dumoulin and Olah 2016 call resize-convolution.
    """

    def __init__(self, inside: int, outside: int):
        super().__init__()
        self.narrow = nn.Conv2d(inside, outside, 1)

    def forward(self, features: Tensor) -> Tensor:
        return F.interpolate(self.narrow(features), scale_factor=2.0, mode="nearest")


def transposed(inside: int, outside: int) -> nn.Module:
    """Twice the height and width by a transposed convolution (Zeiler et al. 2010).

    The kernel is twice the stride, so that it covers every place equally often: with 3 x 3, the
    covering itself draws a chequerboard (Odena, Dumoulin and Olah 2016).
    """
    return nn.ConvTranspose2d(inside, outside, 4, stride=2, padding=1)


GROWERS: dict[str, Block] = {
    "transposed": transposed,
    "resize": Grow,
    "shuffle": shuffled,
}
