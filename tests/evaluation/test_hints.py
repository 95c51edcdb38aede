import numpy as np
import pytest

pytest.importorskip("scipy")

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nurie.core.hints import paint
from nurie.core.types import Hint
from nurie.evaluation.hints import RADIUS, dots, first

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def colored(label: np.ndarray) -> np.ndarray:
    """Another colour for every region, (H, W, 3) uint8."""
    return np.stack([label * 37 % 256, label * 91 % 256, label * 151 % 256], axis=2).astype(
        np.uint8
    )


def test_dots_lie_in_the_middle_and_the_largest_region_comes_first():
    label = np.ones((15, 36), np.int32)
    label[:, 15:] = 2
    flat = np.where((label == 1)[..., None], RED, BLUE).astype(np.uint8)
    large, small = dots(flat, label)
    assert small == Hint(7.5, 7.5, RED)
    assert (large.y, large.color, large.radius) == (7.5, BLUE, 3)
    assert 22 < large.x < 29


def test_regions_of_one_size_come_in_the_order_of_their_numbers():
    label = np.repeat([[3, 1, 7]], 4, axis=0).repeat(4, axis=1).astype(np.int32)
    assert [hint.x // 4 for hint in dots(colored(label), label)] == [1, 0, 2]


def test_the_color_is_the_mean():
    flat = np.zeros((4, 4, 3), np.uint8)
    flat[:2] = (10, 20, 203)
    (hint,) = dots(flat, np.ones((4, 4), np.int32))
    assert hint.color == (5, 10, 102)


@pytest.mark.parametrize(("width", "radius"), [(1, 0), (2, 0), (3, 1), (5, 2), (7, 3), (15, 3)])
def test_dots_shrink_in_fine_regions(width, radius):
    label = np.zeros((31, 31), np.int32)
    label[:, 8 : 8 + width] = 1
    (hint,) = dots(colored(label), label)
    assert hint.radius == radius


def test_the_border_of_the_picture_is_a_border():
    (hint,) = dots(np.zeros((9, 9, 3), np.uint8), np.ones((9, 9), np.int32))
    assert (hint.x, hint.y) == (4.5, 4.5)


def test_what_is_no_region_has_no_dot():
    assert dots(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.int32)) == ()


@given(arrays(np.int32, (12, 17), elements=st.integers(0, 9)), st.integers(1, 4))
@settings(max_examples=60)
def test_no_dot_leaves_its_region(blocks, zoom):
    label = blocks.repeat(zoom, axis=0).repeat(zoom, axis=1)
    found = dots(colored(label), label)
    regions = [label[int(hint.y), int(hint.x)] for hint in found]
    assert sorted(regions) == [number for number in np.unique(label) if number]
    areas = [(label == number).sum() for number in regions]
    assert areas == sorted(areas, reverse=True)
    for number, hint in zip(regions, found, strict=True):
        under = paint([hint], *label.shape)[..., 3] > 0
        assert under.any()
        assert (label[under] == number).all()
        assert hint.radius <= RADIUS


@pytest.mark.parametrize(
    ("count", "percent", "given"),
    [(20, 0, 0), (20, 1, 1), (20, 10, 2), (21, 10, 3), (700, 1, 7), (7, 100, 7), (0, 50, 0)],
)
def test_shares_are_rounded_up(count, percent, given):
    hints = [Hint(number, 0, RED) for number in range(count)]
    assert first(hints, percent) == tuple(hints[:given])
