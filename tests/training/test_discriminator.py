import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from nurie.training.discriminator import Adversaries, Discriminator


def kinds(net: nn.Module) -> list[str]:
    return [type(part).__name__.removeprefix("Parametrized") for part in net.children()]


@pytest.mark.parametrize("spectral", [False, True])
def test_every_level_halves_what_it_judges(spectral):
    net = Discriminator(4, (6, 8, 10), spectral=spectral)
    assert net(torch.randn(2, 4, 32, 48)).shape == (2, 1, 4, 6)


def test_it_is_built_as_that_of_dcgan():
    convolved, level = ["Conv2d", "LeakyReLU"], ["Conv2d", "BatchNorm2d", "LeakyReLU"]
    assert kinds(Discriminator(4, (6, 8, 10))) == [*convolved, *level, *level, "Conv2d"]
    assert kinds(Discriminator(4, (6, 8, 10), spectral=True)) == [*3 * convolved, "Conv2d"]


def test_with_spectral_norm_no_convolution_stretches_anything():
    torch.manual_seed(0)
    net = Discriminator(4, (6, 8), spectral=True)
    nn.init.constant_(net[2].parametrizations.weight.original, 3.0)
    for _ in range(20):  # the norm is found step by step, one in each pass
        net(torch.randn(1, 4, 16, 16))
    for part in net:
        if isinstance(part, nn.Conv2d):
            largest = torch.linalg.svdvals(part.weight.flatten(1)).max()
            assert largest.item() == pytest.approx(1, abs=0.02)


def test_a_patch_is_judged_by_itself():
    torch.manual_seed(0)
    net = Discriminator(4, (6, 8)).eval()
    picture = torch.randn(1, 4, 64, 64)
    before = net(picture)
    picture[..., :8, :8] += 1
    changed = (net(picture) != before)[0, 0]
    assert changed[:2, :2].any()
    assert not changed[8:, 8:].any()


def test_the_two_answer_by_painting():
    generator, discriminator = nn.Conv2d(5, 3, 1), Discriminator(4, (6,))
    net, picture = Adversaries(generator, discriminator), torch.randn(1, 5, 4, 4)
    assert net(picture).equal(generator(picture))
    assert {name.split(".")[0] for name, _ in net.named_parameters()} == {
        "generator",
        "discriminator",
    }
