import numpy as np
import pytest

pytest.importorskip("scipy")

from nurie.data import families as module
from nurie.data.families import ALIKE, families

SIDE = 64


def bar(top: int, height: int = 12) -> np.ndarray:
    """A bar of ink across the middle; two of 12 that lie 2 apart share 10 of 12 rows."""
    ink = np.zeros((SIDE, SIDE), np.uint8)
    ink[top : top + height, 8:56] = 255
    return ink


BLANK = np.zeros((SIDE, SIDE), np.uint8)


def partition(groups: list[str], ink: list[np.ndarray]) -> set[frozenset[int]]:
    """The families as sets of the drawings' places in the list."""
    number = families(groups, np.stack(ink))
    assert number.shape == (len(groups),)
    return {frozenset(np.flatnonzero(number == one).tolist()) for one in set(number.tolist())}


def names(count: int) -> list[str]:
    return [str(number) for number in range(count)]


def test_twins_of_two_groups_are_one_family_and_unlike_drawings_are_apart():
    assert partition(names(3), [bar(4), bar(40), bar(4)]) == {frozenset({0, 2}), frozenset({1})}


def test_a_group_is_one_family_however_unlike_its_drawings():
    groups = ["face", "flag", "face"]
    assert partition(groups, [bar(4), bar(20), bar(40)]) == {frozenset({0, 2}), frozenset({1})}


def test_a_drawing_brings_its_whole_group_into_its_twin_s_family():
    groups = ["face", "face", "flag", "flag"]
    assert partition(groups, [bar(0), bar(20), bar(20), bar(40)]) == {frozenset({0, 1, 2, 3})}


def test_what_is_like_something_that_is_like_a_third_is_of_its_family():
    # Bars of 20 rows: 18 shared are alike (0.9), 16 are not (0.8).
    first, between, last = bar(10, 20), bar(12, 20), bar(14, 20)
    assert partition(names(2), [first, last]) == {frozenset({0}), frozenset({1})}
    assert partition(names(3), [first, last, between]) == {frozenset({0, 1, 2})}


@pytest.mark.parametrize(("shared", "alike"), [(16, False), (18, True)])
def test_likeness_is_the_correlation_of_the_ink(shared, alike):
    assert (shared / 20 > ALIKE) == alike
    found = partition(names(2), [bar(0, 20), bar(20 - shared, 20)])
    assert len(found) == (1 if alike else 2)


def test_paler_ink_is_no_other_drawing_and_more_ink_is():
    assert len(partition(names(2), [bar(10), bar(10) // 3])) == 1
    assert len(partition(names(2), [bar(10, 12), bar(10, 24)])) == 2


def test_blank_drawings_are_no_twins_of_each_other_nor_of_any():
    apart = {frozenset({number}) for number in range(3)}
    assert partition(names(3), [BLANK, bar(4), BLANK]) == apart
    assert partition(["sky", "bar", "sky"], [BLANK, bar(4), BLANK]) == {
        frozenset({0, 2}),
        frozenset({1}),
    }


def test_one_drawing_is_a_family():
    assert partition(["one"], [bar(4)]) == {frozenset({0})}


@pytest.fixture
def crowd():
    """40 drawings at random, each with a twin far behind it in the list."""
    dice = np.random.default_rng(0)
    first = dice.integers(0, 256, (40, SIDE, SIDE)) * (dice.random((40, SIDE, SIDE)) < 0.1)
    return np.concatenate([first, first[::-1]]).astype(np.uint8)


@pytest.mark.parametrize("block", [1, 7, 40, 79, 80, 81])
def test_the_families_do_not_depend_on_the_size_of_a_block(crowd, block, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK", block)
    twins = {frozenset({number, 79 - number}) for number in range(40)}
    assert partition(names(80), list(crowd)) == twins


def test_the_order_of_the_drawings_decides_nothing(crowd):
    order = np.random.default_rng(1).permutation(80)
    twins = {frozenset({number, 79 - number}) for number in range(40)}
    shuffled = partition([str(number) for number in order], [crowd[number] for number in order])
    assert {frozenset(order[list(family)].tolist()) for family in shuffled} == twins
