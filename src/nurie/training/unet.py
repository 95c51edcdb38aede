"""The U-Net (Ronneberger, Fischer and Brox 2015); without skips, an autoencoder."""

from collections.abc import Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nurie.training.blocks import Block, ConvBlock, Grow, stack

Skips = Literal["added", "concatenated", "none"]


class UNet(nn.Module):
    """An encoder that halves its features level by level, and a decoder that adds them back.

    Args:
        stem: turns the picture into the first level's features, (N, C, H, W) to
            (N, widths[0], H / s, W / s).
        head: turns the first level's features into the answer.
        widths: features of each level.
        depths: convolutions of each level, on the way down and again on the way up. The stem counts
            as the first one of level 0.
        skips: how the encoder's features come back into the decoder: "concatenated" as in the
            paper, "added" at half the work, or, with "none", not at all: an autoencoder
            (Hinton and Salakhutdinov 2006), in which all must pass through the smallest level.
        block: a convolution of a level.
        grow: what doubles the height and width on the way up.

    Height and width must be multiples of the stem's stride times 2 ** (levels - 1).
    """

    def __init__(
        self,
        stem: nn.Module,
        head: nn.Module,
        widths: Sequence[int],
        depths: Sequence[int],
        *,
        skips: Skips = "added",
        block: Block = ConvBlock,
        grow: Block = Grow,
    ):
        super().__init__()
        if len(widths) != len(depths):
            raise ValueError(f"{len(widths)} widths but {len(depths)} depths")
        self.skips = skips
        self.encoders = nn.ModuleList(
            [nn.Sequential(stem, stack(widths[0], widths[0], depths[0] - 1, block))]
        )
        self.growers = nn.ModuleList()
        self.decoders = nn.ModuleList()
        for level in range(1, len(widths)):
            above, width = widths[level - 1], widths[level]
            met = 2 * above if skips == "concatenated" else above
            self.encoders.append(stack(above, width, depths[level], block))
            self.growers.append(grow(width, above))
            self.decoders.append(stack(met, above, depths[level - 1], block))
        self.head = head

    def forward(self, picture: Tensor) -> Tensor:
        features = self.encoders[0](picture)
        skips = []
        for encoder in list(self.encoders)[1:]:
            skips.append(features)
            features = encoder(F.max_pool2d(features, 2))
        for grow, decoder in zip(reversed(self.growers), reversed(self.decoders), strict=True):
            features = decoder(self._joined(grow(features), skips.pop()))
        return self.head(features)

    def _joined(self, features: Tensor, skip: Tensor) -> Tensor:
        if self.skips == "added":
            return features + skip
        return torch.cat([features, skip], 1) if self.skips == "concatenated" else features
