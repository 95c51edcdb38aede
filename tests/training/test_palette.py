import warnings

import pytest

pytest.importorskip("torch")
pytest.importorskip("scipy")

import torch

from nurie.training.lab import lab_to_rgb, rgb_to_lab
from nurie.training.palette import common_colors

FOUR = torch.tensor([[0.9, 0.2, 0.2], [0.1, 0.6, 0.2], [0.2, 0.3, 0.9], [0.95, 0.95, 0.9]])


def by_red(colors: torch.Tensor) -> torch.Tensor:
    return colors[colors[:, 0].argsort()]


def test_the_colours_of_four_heaps_are_found():
    generator = torch.Generator().manual_seed(1)
    heaps = FOUR.repeat_interleave(torch.tensor([400, 100, 50, 200]), 0)
    heaps = heaps + torch.randn(heaps.shape, generator=generator) * 0.01
    found = common_colors(heaps.clamp(0, 1), 4)
    assert torch.allclose(by_red(found), by_red(FOUR), atol=0.01)


def test_a_heap_is_averaged_as_the_eye_sees_it():
    blue, yellow = torch.tensor([0.0, 0.0, 1.0]), torch.tensor([1.0, 1.0, 0.0])
    expected = lab_to_rgb((rgb_to_lab(blue) + rgb_to_lab(yellow)) / 2)
    assert torch.allclose(common_colors(torch.stack([blue, yellow]), 1)[0], expected, atol=1e-4)


def test_the_same_colours_give_the_same_palette():
    # More than are looked at, so that the sample counts as well.
    colors = torch.rand(60_000, 3, generator=torch.Generator().manual_seed(0))
    torch.manual_seed(1)
    first = common_colors(colors, 5)
    torch.manual_seed(2)
    assert common_colors(colors, 5).equal(first)
    assert first.shape == (5, 3)
    assert first.min() >= 0
    assert first.max() <= 1


def test_few_colours_come_more_than_once_and_nobody_is_warned():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = common_colors(FOUR[:2], 6)
    assert found.shape == (6, 3)
    assert torch.cdist(found, FOUR[:2]).amin(1).max() < 1e-3
    assert torch.cdist(FOUR[:2], found).amin(1).max() < 1e-3
