import math

import edt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image, ImageDraw

from nurie.core import regions
from nurie.core.regions import Regions
from nurie.core.shade import shade

SKY, SKIN, RED, WHITE = (165, 225, 242), (255, 217, 184), (200, 40, 50), (255, 255, 255)
LIGHT = np.array([-0.6, -0.8])

few = settings(max_examples=60, deadline=None)
labels = arrays(
    np.int32, array_shapes(min_dims=2, max_dims=2, max_side=40), elements=st.integers(1, 4)
)
palettes = arrays(np.uint8, (5, 4), elements=st.sampled_from([0, 90, 255]))


def divided(label: np.ndarray) -> Regions:
    """Regions without ink between them."""
    return Regions(label, int(label.max()), np.zeros(label.shape, bool))


def painted(label: np.ndarray, *colors: tuple[int, int, int]) -> np.ndarray:
    """Flats with a colour for each region, the first for region 1."""
    return np.array([(0, 0, 0, 0), *((*color, 255) for color in colors)], np.uint8)[label]


def discs(size: int, *shapes: tuple[float, float, float]) -> np.ndarray:
    """Labels: 1 with discs of 2, 3... on it, by x, y and radius in shares of the picture."""
    canvas = Image.new("I", (size, size), 1)
    for number, (x, y, radius) in enumerate(shapes, 2):
        box = [size * side for side in (x - radius, y - radius, x + radius, y + radius)]
        ImageDraw.Draw(canvas).ellipse(box, fill=number)
    return np.asarray(canvas).astype(np.int32)


def multiplied(flats: np.ndarray, layer: np.ndarray) -> np.ndarray:
    """Colours, (H, W, 3), of the flats beneath the layer."""
    alpha = layer[..., 3:] / 255
    return flats[..., :3] * (1 - alpha + alpha * layer[..., :3] / 255)


@pytest.mark.parametrize("size", [100, 512, 1800])
def test_a_disc_is_darker_on_the_side_away_from_the_light(size):
    label = discs(size, (0.5, 0.5, 0.2))
    alpha = shade(divided(label), painted(label, SKY, SKIN), light=tuple(LIGHT))[..., 3]
    across = [0.5 + LIGHT * 0.2 * at for at in (0.9, 0, -0.5, -0.7, -0.9)]
    near, middle, halfway, far, rim = (alpha[round(y * size), round(x * size)] for x, y in across)
    assert near == middle == 0
    assert 0 < halfway < far < rim
    assert rim > 200


@pytest.mark.parametrize("light", [(1.0, 0.0), (0.0, 1.0), (0.3, -5.0), (-2.0, 2.0)])
def test_shade_lies_opposite_the_light_however_long(light):
    label = discs(200, (0.5, 0.5, 0.2))
    alpha = shade(divided(label), painted(label, SKY, SKIN), light=light)[..., 3].astype(float)
    y, x = np.indices(label.shape) - 99.5
    shaded = np.array([(x * alpha).sum(), (y * alpha).sum()]) / alpha.sum()
    along = np.array(light) / math.hypot(*light)
    assert shaded @ along < -20
    assert np.hypot(*(shaded - shaded @ along * along)) < 2


def test_light_from_the_front_casts_no_shade():
    label = discs(100, (0.5, 0.5, 0.3))
    assert not shade(divided(label), painted(label, SKY, SKIN), light=(0, 0)).any()


@pytest.mark.parametrize("background", [SKY, WHITE])
def test_the_background_stays_clean(background):
    label = discs(300, (0.5, 0.5, 0.2), (0.2, 0.3, 0.05), (0.55, 0.45, 0.02))
    label[:, 290:] = 5  # parted from the rest of the background, but of its colour
    layer = shade(divided(label), painted(label, background, SKIN, RED, background, background))
    assert not layer[(label == 1) | (label == 5)].any()
    assert layer[label == 2].any()
    assert layer[label == 3].any()


def test_a_portrait_cut_off_by_the_bottom_edge_is_no_background():
    label = np.ones((200, 200), np.int32)
    label[80:, 40:160] = 2
    alpha = shade(divided(label), painted(label, SKY, SKIN))[..., 3]
    assert alpha[150, 157] > 100
    assert alpha[150, 100] == 0
    assert alpha[199, 100] == 0  # nor is the picture's edge an outline


def test_what_lies_on_a_form_does_not_dent_it():
    bare_face = discs(300, (0.5, 0.5, 0.3))
    face = discs(300, (0.5, 0.5, 0.3), (0.52, 0.55, 0.05))
    without = shade(divided(bare_face), painted(bare_face, SKY, SKIN))[..., 3].astype(int)
    layer = shade(divided(face), painted(face, SKY, SKIN, RED))[..., 3].astype(int)
    assert np.abs(layer - without)[face == 2].max() < 12
    assert layer[face == 3].max() > 150  # it is a form too


def test_a_line_within_a_form_is_a_fold_not_an_outline():
    whole = np.ones((200, 200), np.int32)
    whole[50:150, 20:180] = 2
    parted = np.where((whole == 2) & (np.arange(200) >= 100), 3, whole).astype(np.int32)
    alpha = {
        name: shade(divided(label), painted(label, SKY, *colors), light=(-1, 0))[..., 3].astype(int)
        for name, label, colors in (
            ("none", whole, [SKIN]),
            ("fold", parted, [SKIN, SKIN]),
            ("outline", parted, [SKIN, RED]),
        )
    }
    before_the_line = {name: layer[100, 90:100].mean() for name, layer in alpha.items()}
    assert before_the_line["none"] == 0
    assert 20 < before_the_line["fold"] < before_the_line["outline"]


@pytest.mark.parametrize("size", [512, 1800])
def test_shade_ends_where_its_form_does_and_is_smooth_inside(size):
    label = discs(size, (0.5, 0.5, 0.3), (0.55, 0.6, 0.1))
    layer = shade(divided(label), painted(label, SKY, SKIN, RED))
    assert not layer[label == 1].any()
    alpha = layer[..., 3].astype(int)
    # Beside an outline, where ink lies, the grid may show.
    inside = edt.edt(label, black_border=False) > 2 + size / 200
    for axis in (0, 1):
        steps = np.abs(np.diff(alpha, axis=axis))[inside[1:] if axis == 0 else inside[:, 1:]]
        assert steps.max() <= 20 * 512 / size


def test_a_larger_picture_is_shaded_alike():
    shapes = (0.4, 0.5, 0.25), (0.7, 0.6, 0.15), (0.4, 0.4, 0.05)
    small, large = (
        Image.fromarray(shade(divided(label), painted(label, SKY, SKIN, RED, WHITE))[..., 3])
        for label in (discs(size, *shapes) for size in (400, 1600))
    )
    difference = np.asarray(small, int) - np.asarray(large.reduce(4), int)
    assert np.abs(difference).mean() < 2


def test_each_colour_has_one_tint_which_is_no_grey():
    label = discs(300, (0.25, 0.3, 0.2), (0.7, 0.3, 0.2), (0.5, 0.75, 0.2))
    flats = painted(label, SKY, SKIN, RED, WHITE)
    layer = shade(divided(label), flats)
    for number in (2, 3, 4):
        tints = layer[(label == number) & (layer[..., 3] > 0), :3]
        assert len(np.unique(tints, axis=0)) == 1
    darkest = [multiplied(flats, layer)[label == number].min(axis=0) for number in (2, 3, 4)]
    skin, red, white = darkest
    assert skin[0] > skin[1] > skin[2]
    assert skin[2] / skin[0] < SKIN[2] / SKIN[0]  # warmer: its own hue
    assert white[2] > white[0] > white[1]  # violet
    assert 0.4 * 255 < white.min() < 0.8 * 255
    assert red[0] > 0.5 * RED[0]


@few
@given(labels, labels, palettes, st.sampled_from([(-0.6, -0.8), (0.0, 0.0), (1e-9, 3.0)]))
def test_any_flats_on_any_regions(label, paint, palette, light):
    label = 1 + np.unique(label, return_inverse=True)[1].reshape(label.shape).astype(np.int32)
    flats = palette[np.resize(paint, label.shape)]
    before = flats.copy()
    layer = shade(divided(label), flats, light=light)
    assert layer.shape == flats.shape
    assert layer.dtype == np.uint8
    assert not layer[flats[..., 3] == 0].any()
    assert not layer[layer[..., 3] == 0].any()
    assert (layer[layer[..., 3] > 0, :3] >= 80).all()  # no tint is near black
    assert np.array_equal(layer, shade(divided(label), flats, light=light))
    assert np.array_equal(flats, before)


def test_flats_that_are_bare_have_no_shade():
    label = discs(200, (0.5, 0.5, 0.3), (0.6, 0.6, 0.1))
    flats = painted(label, SKY, SKIN, RED)
    flats[label == 1, 3] = flats[label == 3, 3] = 0  # colours under alpha 0 are nothing
    layer = shade(divided(label), flats)
    assert not layer[label != 2].any()
    assert layer[label == 2].any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2), (1, 3000), (40, 40)])
def test_pictures_of_ink_alone_and_tiny_ones(shape):
    found = regions.find(np.full(shape, 255, np.uint8))
    flats = np.full((*shape, 4), 255, np.uint8)
    assert not shade(found, flats).any()  # one form that fills the picture
    assert not shade(found, np.zeros_like(flats)).any()
