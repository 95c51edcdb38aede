import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from nurie.training.blocks import ConvBlock
from nurie.training.unet import UNet


def tiny(widths=(4, 6, 8), depths=(1, 1, 1), **options) -> UNet:
    torch.manual_seed(0)
    stem, head = ConvBlock(3, widths[0]), nn.Conv2d(widths[0], 1, 1)
    return UNet(stem, head, widths, depths, **options).eval()


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


def silenced(net: UNet) -> UNet:
    """Nothing comes up from the deepest level."""
    nn.init.zeros_(net.encoders[-1][-1][0].weight)
    return net


def test_concatenated_skips_are_met_by_as_many_features_from_below():
    net, picture = tiny(skips="concatenated"), torch.randn(1, 3, 16, 16)
    # Two levels up, four features meet four; one level up, six meet six.
    assert [decoder[0][0].in_channels for decoder in net.decoders] == [8, 12]
    before = net(picture)
    nn.init.zeros_(net.growers[0].narrow.weight)
    nn.init.zeros_(net.growers[0].narrow.bias)
    met = torch.cat([torch.zeros(1, 4, 16, 16), net.encoders[0](picture)], 1)
    assert net(picture).equal(net.head(net.decoders[0](met)))
    assert not net(picture).equal(before)


def test_without_skips_all_passes_through_the_deepest_level():
    pictures = torch.randn(2, 3, 16, 16)
    for skips in ("added", "concatenated"):
        first, second = silenced(tiny(skips=skips))(pictures)
        assert not first.equal(second)
    first, second = silenced(tiny(skips="none"))(pictures)
    assert first.equal(second)


def test_it_is_made_of_the_parts_that_it_is_given():
    def block(inside, outside):
        return nn.Sequential(nn.Conv2d(inside, outside, 1), nn.Tanh())

    def grow(inside, outside):
        return nn.ConvTranspose2d(inside, outside, 2, stride=2)

    net = tiny(depths=(2, 1, 1), block=block, grow=grow)
    assert sum(isinstance(part, ConvBlock) for part in net.modules()) == 1  # the stem
    assert sum(isinstance(part, nn.Tanh) for part in net.modules()) == 1 + 1 + 1 + 2 + 1
    assert all(isinstance(part, nn.ConvTranspose2d) for part in net.growers)
    assert net(torch.randn(1, 3, 16, 16)).shape == (1, 1, 16, 16)


def test_the_names_of_its_weights_are_those_of_checkpoints_that_exist():
    names = {name.rsplit(".", 1)[0] for name, _ in tiny(depths=(2, 1, 1)).named_parameters()}
    assert names == {
        "encoders.0.0.0", "encoders.0.0.1", "encoders.0.1.0.0", "encoders.0.1.0.1",
        "encoders.1.0.0", "encoders.1.0.1", "encoders.2.0.0", "encoders.2.0.1",
        "growers.0.narrow", "growers.1.narrow",
        "decoders.0.0.0", "decoders.0.0.1", "decoders.0.1.0", "decoders.0.1.1",
        "decoders.1.0.0", "decoders.1.0.1", "head",
    }  # fmt: skip


def test_what_lies_deepest_reaches_the_answer():
    net = tiny()
    picture = torch.randn(1, 3, 16, 16)
    before = net(picture)
    nn.init.zeros_(net.encoders[2][0][0].weight)
    assert not net(picture).equal(before)


def test_widths_and_depths_must_be_of_one_length():
    with pytest.raises(ValueError, match="3 widths but 2 depths"):
        tiny(depths=(1, 1))
