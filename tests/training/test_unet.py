import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from nurie.training.blocks import ConvBlock
from nurie.training.unet import UNet


def tiny(widths=(4, 6, 8), depths=(1, 1, 1)) -> UNet:
    torch.manual_seed(0)
    return UNet(ConvBlock(3, widths[0]), nn.Conv2d(widths[0], 1, 1), widths, depths).eval()


def test_depths_count_the_stem_and_both_ways():
    net = tiny(depths=(2, 1, 3))
    # Down: stem + 1, 1, 3. Up: 2 and 1; the lowest level is passed once.
    assert sum(isinstance(module, ConvBlock) for module in net.modules()) == 2 + 1 + 3 + 2 + 1


def test_one_level_is_the_stem_and_the_head():
    net = tiny((4,), (1,))
    picture = torch.randn(1, 3, 5, 7)
    assert net(picture).equal(net.head(net.encoders[0][0](picture)))


def test_skips_are_added():
    net = tiny()
    picture = torch.randn(1, 3, 16, 16)
    for grow in net.growers:  # nothing comes up from below: the skips alone are left
        nn.init.zeros_(grow.narrow.weight)
        nn.init.zeros_(grow.narrow.bias)
    assert net(picture).equal(net.head(net.decoders[0](net.encoders[0](picture))))


def test_what_lies_deepest_reaches_the_answer():
    net = tiny()
    picture = torch.randn(1, 3, 16, 16)
    before = net(picture)
    nn.init.zeros_(net.encoders[2][0][0].weight)
    assert not net(picture).equal(before)


def test_widths_and_depths_must_be_of_one_length():
    with pytest.raises(ValueError, match="3 widths but 2 depths"):
        tiny(depths=(1, 1))
