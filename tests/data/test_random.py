import math

import pytest

pytest.importorskip("torch")

import torch

from nurie.data.random import Dice

MANY = 20_000
SPREAD = 4 / math.sqrt(MANY)  # four standard errors of a mean of unit variance


def test_uniform_numbers_fill_their_range_evenly():
    drawn = Dice(0).uniform(MANY, low=-2, high=4)
    assert drawn.min() >= -2
    assert drawn.max() < 4
    assert drawn.mean().item() == pytest.approx(1, abs=6 / math.sqrt(12) * SPREAD)
    assert drawn.std().item() == pytest.approx(6 / math.sqrt(12), rel=0.02)


def test_normal_numbers_have_mean_0_and_deviation_1():
    drawn = Dice(0).normal(MANY)
    assert drawn.mean().item() == pytest.approx(0, abs=SPREAD)
    assert drawn.std().item() == pytest.approx(1, abs=SPREAD)


def test_integers_are_all_below_and_equally_likely():
    counts = torch.bincount(Dice(0).integers(5, MANY), minlength=5) / MANY
    assert len(counts) == 5
    assert counts.tolist() == pytest.approx([0.2] * 5, abs=0.4 * SPREAD)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.75, 1.0])
def test_a_chance_comes_true_as_often_as_it_says(share):
    drawn = Dice(0).chance(MANY, share)
    assert drawn.dtype == torch.bool
    deviation = math.sqrt(share * (1 - share))
    assert drawn.float().mean().item() == pytest.approx(share, abs=deviation * SPREAD)


def test_host_numbers_are_plain_and_in_range():
    dice = Dice(0)
    scalars = [dice.scalar(2, 5) for _ in range(2000)]
    assert all(isinstance(value, float) and 2 <= value < 5 for value in scalars)
    assert sum(scalars) / 2000 == pytest.approx(3.5, abs=0.1)
    assert sum(dice.flip(0.3) for _ in range(2000)) / 2000 == pytest.approx(0.3, abs=0.05)
    assert dice.host(3, 4).shape == (3, 4)


def draws(dice: Dice) -> list:
    return [dice.uniform(5), dice.normal(5), dice.integers(10**6, 5), dice.host(5)]


def test_a_seed_is_a_sequence():
    first, again, other = (draws(Dice(seed)) for seed in (7, 7, 8))
    assert all(a.equal(b) for a, b in zip(first, again, strict=True))
    assert not any(a.equal(b) for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("other", [(1 << 32) + 5, (2 << 32) + 5, (-1 << 32) + 5, 6])
def test_every_bit_of_a_seed_counts(other):
    # torch's own generator on the CPU ignores the upper half.
    pairs = zip(draws(Dice(5)), draws(Dice(other)), strict=True)
    assert not any(a.equal(b) for a, b in pairs)


def test_numbers_on_the_host_leave_those_of_the_device_alone():
    plain, mixed = Dice(1), Dice(1)
    mixed.host(3)
    mixed.scalar(0, 1)
    mixed.flip(0.5)
    assert plain.uniform(4).equal(mixed.uniform(4))


@pytest.mark.parametrize("cell", [2.0, 20.0, 64.0, (18.0, 3.0)])
@pytest.mark.parametrize("size", [16, 96])
def test_smooth_noise_has_the_shape_asked_for_and_stays_between_0_and_1(size, cell):
    noise = Dice(0).smooth(2, 3, size, cell)
    assert noise.shape == (2, 3, size, size)
    assert noise.min() >= 0
    assert noise.max() <= 1


def roughness(noise, axis: int) -> float:
    return noise.diff(dim=axis).abs().mean().item()


def test_smooth_noise_changes_over_about_a_cell():
    rough, fine, coarse = (Dice(0).smooth(8, 1, 96, cell) for cell in (1.0, 4.0, 16.0))
    assert roughness(fine, 2) < 0.5 * roughness(rough, 2)
    assert roughness(coarse, 2) < 0.5 * roughness(fine, 2)
    streaks = Dice(0).smooth(8, 1, 96, (24.0, 3.0))  # 24 tall, 3 wide
    assert roughness(streaks, 2) < 0.3 * roughness(streaks, 3)


def test_smooth_noise_has_no_fixed_lattice():
    corners = torch.stack([Dice(seed).smooth(1, 1, 32, 8.0)[0, 0] for seed in range(400)])
    deviation = corners.std(0)
    assert deviation.max() < 1.25 * deviation.min()
