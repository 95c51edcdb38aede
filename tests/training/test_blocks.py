import pytest

pytest.importorskip("torch")

import torch
import torch.nn.functional as F
from torch import nn

from nurie.training.blocks import GROWERS, NORMS, ConvBlock, FoldStem, Grow, shuffled, stack


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


def test_a_stack_is_made_of_the_blocks_that_it_is_given():
    made = stack(6, 4, 2, lambda inside, outside: nn.Conv2d(inside, outside, 1))
    assert [(part.in_channels, part.out_channels) for part in made] == [(6, 4), (4, 4)]


@pytest.mark.parametrize("stem", [False, True])
@pytest.mark.parametrize("name", NORMS)
def test_whatever_the_norm_a_block_keeps_its_order(name, stem):
    block = FoldStem(3, 6, norm=NORMS[name]) if stem else ConvBlock(3, 6, norm=NORMS[name])
    kinds = [type(part).__name__ for part in block]
    norm = {"batch": ["BatchNorm2d"], "group": ["GroupNorm"], "none": []}[name]
    assert kinds == ["Conv2d", *norm, "ReLU"]
    assert (block[0].bias is None) == (name == "batch")


def test_a_group_norm_by_hand():
    # Six features make two groups of three.
    norm = NORMS["group"]
    assert norm is not None
    features = torch.randn(2, 6, 4, 4)
    groups = features.reshape(2, 2, -1)
    mean, variance = groups.mean(2, keepdim=True), groups.var(2, unbiased=False, keepdim=True)
    expected = ((groups - mean) / (variance + 1e-5).sqrt()).reshape(2, 6, 4, 4)
    assert torch.allclose(norm(6)(features), expected, atol=1e-5)
    assert norm(64).num_groups == 8


@pytest.mark.parametrize("name", GROWERS)
def test_whatever_grows_doubles_height_and_width(name):
    assert GROWERS[name](6, 2)(torch.randn(1, 6, 3, 5)).shape == (1, 2, 6, 10)


def test_a_transposed_convolution_covers_every_place_equally_often():
    grow = GROWERS["transposed"](1, 1)
    for parameter in grow.parameters():
        nn.init.constant_(parameter, parameter.dim() > 1)  # weights of 1, a bias of 0
    covered = grow(torch.ones(1, 1, 5, 5))[0, 0, 2:-2, 2:-2]
    assert (covered == 4).all()


def test_shuffling_deals_the_features_out_to_2_x_2_places():
    deal, features = shuffled(6, 2), torch.randn(1, 6, 3, 5)
    dealt, wide = deal(features), deal[0](features)
    for row in (0, 1):
        for column in (0, 1):
            assert dealt[:, :, row::2, column::2].equal(wide[:, 2 * row + column :: 4])
