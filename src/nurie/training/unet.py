"""The U-Net (Ronneberger, Fischer and Brox 2015) with skips that are added, not concatenated."""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from nurie.training.blocks import Grow, stack


class UNet(nn.Module):
    """An encoder that halves its features level by level, and a decoder that adds them back.

    Args:
        stem: turns the picture into the first level's features, (N, C, H, W) to
            (N, widths[0], H / s, W / s).
        head: turns the first level's features into the answer.
        widths: features of each level.
        depths: convolutions of each level, on the way down and again on the way up. The stem counts
            as the first one of level 0.

    Height and width must be multiples of the stem's stride times 2 ** (levels - 1).
    """

    def __init__(
        self, stem: nn.Module, head: nn.Module, widths: Sequence[int], depths: Sequence[int]
    ):
        super().__init__()
        if len(widths) != len(depths):
            raise ValueError(f"{len(widths)} widths but {len(depths)} depths")
        self.encoders = nn.ModuleList(
            [nn.Sequential(stem, stack(widths[0], widths[0], depths[0] - 1))]
        )
        self.growers = nn.ModuleList()
        self.decoders = nn.ModuleList()
        for level in range(1, len(widths)):
            above, width = widths[level - 1], widths[level]
            self.encoders.append(stack(above, width, depths[level]))
            self.growers.append(Grow(width, above))
            self.decoders.append(stack(above, above, depths[level - 1]))
        self.head = head

    def forward(self, picture: Tensor) -> Tensor:
        features = self.encoders[0](picture)
        skips = []
        for encoder in list(self.encoders)[1:]:
            skips.append(features)
            features = encoder(F.max_pool2d(features, 2))
        for grow, decoder in zip(reversed(self.growers), reversed(self.decoders), strict=True):
            features = decoder(grow(features) + skips.pop())
        return self.head(features)
