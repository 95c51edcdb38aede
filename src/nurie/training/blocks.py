"""The parts that networks are put together from."""

import torch.nn.functional as F
from torch import Tensor, nn


class ConvBlock(nn.Sequential):
    """Convolution, batch norm (Ioffe and Szegedy 2015), rectifier.

    The convolution has no bias: the norm that follows would cancel it.
    """

    def __init__(self, inside: int, outside: int, kernel: int = 3, stride: int = 1):
        super().__init__(
            nn.Conv2d(inside, outside, kernel, stride, (kernel - 1) // 2, bias=False),
            nn.BatchNorm2d(outside),
            nn.ReLU(inplace=True),
        )


class FoldStem(ConvBlock):
    """The first layer: 2 x 2 pixels become one place with `outside` features, in one convolution.

    A 6 x 6 kernel with stride 2 sees just what a 3 x 3 kernel sees after every 2 x 2 pixels were
    folded into channels, without moving the data. Half the resolution is a quarter of the work in
    the layers that cost most.
    """

    def __init__(self, inside: int, outside: int):
        super().__init__(inside, outside, kernel=6, stride=2)


def stack(inside: int, outside: int, depth: int) -> nn.Sequential:
    """`depth` blocks one after another."""
    blocks = [ConvBlock(inside if n == 0 else outside, outside) for n in range(depth)]
    return nn.Sequential(*blocks)


class Grow(nn.Module):
    """Twice the height and width: a 1 x 1 convolution to fewer features, then each place doubled.

    The convolution comes first, where there are a quarter as many places to compute.
    """

    def __init__(self, inside: int, outside: int):
        super().__init__()
        self.narrow = nn.Conv2d(inside, outside, 1)

    def forward(self, features: Tensor) -> Tensor:
        return F.interpolate(self.narrow(features), scale_factor=2.0, mode="nearest")
