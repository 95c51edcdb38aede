import pytest

pytest.importorskip("torch")

import torch
import torch.nn.functional as F
from torch import nn

from nurie.training.blocks import ConvBlock, FoldStem, Grow, stack


def test_a_block_is_a_convolution_a_norm_and_a_rectifier():
    block = ConvBlock(3, 5).eval()
    picture = torch.randn(2, 3, 8, 12)
    # A fresh norm divides by sqrt(1 + eps) alone.
    expected = F.relu(F.conv2d(picture, block[0].weight, padding=1) / (1 + block[1].eps) ** 0.5)
    assert torch.allclose(block(picture), expected, atol=1e-6)
    assert block[0].bias is None


@pytest.mark.parametrize(("kernel", "stride", "size"), [(1, 1, 8), (3, 1, 8), (5, 1, 8), (3, 2, 4)])
def test_a_block_keeps_the_size_but_for_its_stride(kernel, stride, size):
    assert ConvBlock(3, 4, kernel, stride)(torch.zeros(1, 3, 8, 8)).shape == (1, 4, size, size)


def test_a_folding_stem_is_3_x_3_on_pixels_folded_2_x_2():
    stem = FoldStem(3, 4)
    # One kernel position per pixel of a fold, as PixelUnshuffle numbers its channels.
    folded = nn.functional.pixel_unshuffle(stem[0].weight, 2)
    picture = torch.randn(2, 3, 16, 24)
    expected = F.conv2d(F.pixel_unshuffle(picture, 2), folded, padding=1)
    assert stem[0](picture).shape == (2, 4, 8, 12)
    assert torch.allclose(stem[0](picture), expected, atol=1e-5)


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_a_stack_is_that_deep(depth):
    blocks = stack(6, 6 if depth == 0 else 4, depth)
    assert len(blocks) == depth
    assert blocks(torch.zeros(1, 6, 4, 4)).shape == (1, 6 if depth == 0 else 4, 4, 4)


def test_growing_doubles_every_place():
    grow = Grow(6, 2)
    features = torch.randn(1, 6, 3, 5)
    grown, narrow = grow(features), grow.narrow(features)
    assert grown.shape == (1, 2, 6, 10)
    for row in (0, 1):
        for column in (0, 1):
            assert grown[:, :, row::2, column::2].equal(narrow)
