import numpy as np
import pytest

pytest.importorskip("skimage")

from hypothesis import given
from hypothesis import strategies as st
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import peak_signal_noise_ratio

from nurie.evaluation.color_metrics import MOST_PSNR, Agreement, agreement, bleeding, visible

SIZE = 24
EVERYWHERE = np.ones((SIZE, SIZE), bool)


def plain(*color: int) -> np.ndarray:
    return np.full((SIZE, SIZE, 3), color, np.uint8)


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (SIZE, SIZE, 3), np.uint8)


@given(st.integers(0, 9))
def test_a_colouring_agrees_with_itself(seed):
    result = agreement(noise(seed), noise(seed), EVERYWHERE)
    assert result == Agreement(psnr=MOST_PSNR, ssim=pytest.approx(1), ciede2000=0)


@pytest.mark.parametrize("first", [plain(100, 100, 100), plain(140, 140, 140)])
def test_psnr_of_a_constant_offset(first):
    # 20 levels off in every channel: 20 log10(255 / 20).
    result = agreement(first, plain(120, 120, 120), EVERYWHERE)
    assert result.psnr == pytest.approx(22.1102, abs=1e-4)


def test_psnr_of_black_on_white():
    result = agreement(plain(0, 0, 0), plain(255, 255, 255), EVERYWHERE)
    assert result.psnr == pytest.approx(0)
    assert result.ciede2000 == pytest.approx(100, abs=1e-3)
    assert result.ssim < 0.01


def test_one_stray_pixel_is_as_good_as_none():
    stray = plain(9, 9, 9)
    stray[5, 5, 0] += 1
    # 10 log10(255² x 24² x 3) is 80.5 dB.
    assert agreement(stray, plain(9, 9, 9), EVERYWHERE).psnr == MOST_PSNR


def test_figures_are_those_of_scikit_image():
    first, second = noise(1), noise(2)
    result = agreement(first, second, EVERYWHERE)
    assert result.psnr == pytest.approx(peak_signal_noise_ratio(second, first), rel=1e-5)
    expected = deltaE_ciede2000(rgb2lab(first), rgb2lab(second)).mean()
    assert result.ciede2000 == pytest.approx(expected, rel=1e-3)


def test_only_pixels_that_count_are_compared():
    half = EVERYWHERE.copy()
    half[:, SIZE // 2 :] = False
    wrong = noise(1)
    wrong[:, SIZE // 2 :] = noise(2)[:, SIZE // 2 :]
    assert agreement(wrong, noise(1), half) == agreement(noise(1), noise(1), EVERYWHERE)
    result = agreement(wrong, noise(1), ~half)
    assert result.psnr < 10
    assert result.ssim < 0.3


def test_ink_hides_what_it_covers_by_more_than_half():
    line = np.array([[0, 127, 128, 255]], np.uint8)
    assert visible(np.array([[1, 2, 3, 4]], np.int32), line).tolist() == [[0, 0, 3, 4]]


def halves() -> np.ndarray:
    label = np.ones((SIZE, SIZE), np.int32)
    label[:, SIZE // 2 :] = 2
    return label


def test_flat_regions_do_not_bleed_whatever_their_color():
    flats = np.where((halves() == 1)[..., None], (255, 0, 0), (0, 0, 255)).astype(np.uint8)
    assert bleeding(flats, halves()) == 0
    assert bleeding(plain(1, 2, 3), halves()) == 0


def test_bleeding_is_the_share_of_pixels_off_their_regions_color():
    flats = np.where((halves() == 1)[..., None], (255, 0, 0), (0, 0, 255)).astype(np.uint8)
    flats[:, 12:15] = (255, 0, 0)  # red has run three columns into the right half
    assert bleeding(flats, halves()) == pytest.approx(3 / SIZE)


def test_a_shade_of_the_color_is_no_bleeding():
    flats = plain(120, 120, 120)
    flats[:4] = (130, 130, 130)
    assert bleeding(flats, halves()) == 0
    flats[:4] = (170, 170, 170)
    assert bleeding(flats, halves()) == pytest.approx(4 / SIZE)


def test_nothing_bleeds_where_nothing_can_be_seen():
    flats = plain(255, 0, 0)
    flats[:3] = (0, 0, 255)
    label = halves()
    label[:3] = 0
    assert bleeding(flats, label) == 0


def test_misuse_is_refused():
    with pytest.raises(ValueError, match="differ in size"):
        agreement(plain(0, 0, 0), plain(0, 0, 0)[:12], EVERYWHERE)
    with pytest.raises(ValueError, match="no pixel counts"):
        agreement(plain(0, 0, 0), plain(0, 0, 0), ~EVERYWHERE)
