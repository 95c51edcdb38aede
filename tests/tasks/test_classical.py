import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

from nurie.tasks import classical


def page(paper: int = 255, line: int = 0) -> np.ndarray:
    rgb = np.full((40, 40, 3), paper, np.uint8)
    rgb[20:22, 5:35] = line
    return rgb


@pytest.mark.parametrize("method", classical.METHODS)
def test_a_black_line_is_found_and_paper_stays_paper(method):
    coverage = classical.METHODS[method](page())
    assert coverage[20:22, 8:32].min() > 0.7
    assert coverage[:15].max() == 0


@pytest.mark.parametrize("method", classical.METHODS)
@settings(max_examples=25, deadline=None)
@given(rgb=arrays(np.uint8, (9, 13, 3)))
def test_any_picture_gives_a_line_map(method, rgb):
    coverage = classical.METHODS[method](rgb)
    assert coverage.shape == (9, 13)
    assert coverage.dtype == np.float32
    assert coverage.min() >= 0
    assert coverage.max() <= 1


@pytest.mark.parametrize("method", classical.METHODS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 2)])
def test_a_picture_may_be_smaller_than_the_filter(method, shape):
    white = np.full((*shape, 3), 255, np.uint8)
    assert not classical.METHODS[method](white).any()


def test_dilate_diff_is_the_difference_to_the_lightest_nearby():
    coverage = classical.dilate_diff(page(paper=200, line=98))
    assert coverage[20, 20] == pytest.approx(102 / 255)
    assert coverage[19, 20] == 0


def test_dilate_diff_finds_lines_of_four_pixels_whole():
    rgb = np.full((30, 30, 3), 255, np.uint8)
    rgb[10:14] = 0
    assert (classical.dilate_diff(rgb)[10:14] == 1).all()


def test_xdog_turns_dark_areas_black_but_mid_tones_white():
    dark, light = np.full((20, 20, 3), 10, np.uint8), np.full((20, 20, 3), 140, np.uint8)
    assert classical.xdog(dark).min() > 0.7
    assert classical.xdog(light).max() == 0


def test_the_blur_is_a_gaussian():
    ndimage = pytest.importorskip("scipy.ndimage")
    grey = np.random.default_rng(0).random((30, 40), dtype=np.float32)
    expected = ndimage.gaussian_filter(grey, 1.28, mode="reflect", radius=4)
    assert np.abs(classical._blur(grey, 1.28) - expected).max() < 1e-5
