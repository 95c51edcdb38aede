import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurie.core.color import (
    as_color,
    ciede2000,
    lab_to_srgb,
    nearest,
    parse_color,
    srgb_to_lab,
    to_hex,
)
from nurie.core.errors import NurieError

# Some of the pairs that Sharma, Wu and Dalal give to test with: Lab, Lab, difference.
SHARMA = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.4900, -0.0010), (50, -2.4900, 0.0009), 7.1792),
    ((50, 2.4900, -0.0010), (50, -2.4900, 0.0011), 7.2195),
    ((50, -0.0010, 2.4900), (50, 0.0009, -2.4900), 4.8045),
    ((50, -0.0010, 2.4900), (50, 0.0011, -2.4900), 4.7461),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (56, -27, -3), 31.9030),
    ((50, 2.5, 0), (58, 24, 15), 19.4535),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]

anything = st.tuples(*[st.integers(0, 255)] * 3)


def every_colour(step: int = 15) -> np.ndarray:
    levels = np.arange(0, 256, step)
    return np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(-1, 3)


# Names


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("#f4c7a1", (244, 199, 161)),
        ("#F4C7A1", (244, 199, 161)),
        ("#fc9", (255, 204, 153)),
        (" tomato ", (255, 99, 71)),
        ("RebeccaPurple", (102, 51, 153)),
    ],
)
def test_a_colour_is_read(text, color):
    assert parse_color(text) == color
    assert as_color(text) == color


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#",
        "#12345",
        "#gggggg",
        "#ff00ff80",
        "#1234",
        "f4c7a1",
        "rgb(300,0,0)",
        "purpel",
        "a\nb",
    ],
)
def test_what_is_no_colour_is_named(text):
    with pytest.raises(NurieError, match="is no colour") as caught:
        parse_color(text)
    assert str(caught.value).isprintable()
    assert text[:1] in str(caught.value)


@pytest.mark.parametrize("value", [[1, 2, 3], (1, 2, 3), np.array([1, 2, 3], np.uint8), b"\1\2\3"])
def test_three_numbers_are_a_colour_of_plain_ints(value):
    color = as_color(value)
    assert color == (1, 2, 3)
    assert type(color) is tuple
    assert {type(channel) for channel in color} == {int}


@pytest.mark.parametrize(
    "value", [None, 3, (1, 2), (1, 2, 3, 4), (0.5, 0.5, 0.5), (0, 0, 256), (-1, 0, 0), ("a", 0, 0)]
)
def test_other_values_are_no_colour(value):
    with pytest.raises(NurieError, match="is no colour"):
        as_color(value)


@given(st.text())
def test_any_text_is_a_colour_or_no_colour(text):
    with contextlib.suppress(NurieError):
        assert len(parse_color(text)) == 3


@given(anything)
def test_a_written_colour_is_read_again(color):
    assert parse_color(to_hex(color)) == color


# Lab


def test_greys_have_no_hue_and_white_is_white():
    greys = np.linspace(0, 1, 17, dtype=np.float32)[:, None].repeat(3, axis=1)
    lab = srgb_to_lab(greys)
    assert lab.dtype == np.float32
    assert np.abs(lab[:, 1:]).max() < 1e-3
    np.testing.assert_allclose(lab[[0, -1], 0], [0, 100], atol=1e-4)
    assert (np.diff(lab[:, 0]) > 0).all()


def test_every_colour_returns_from_lab():
    rgb = every_colour()
    back = lab_to_srgb(srgb_to_lab(rgb / 255))
    assert back.dtype == np.float32
    assert (np.rint(back * 255) == rgb).all()


def test_lab_is_that_of_scikit_image():
    skimage = pytest.importorskip("skimage.color")
    rgb = every_colour() / 255
    np.testing.assert_allclose(srgb_to_lab(rgb), skimage.rgb2lab(rgb), atol=0.02)


def test_colours_that_a_screen_cannot_show_are_cut_off():
    rgb = lab_to_srgb(np.array([[50, 200, 0], [150, 0, 0], [-5, 0, 0]]))
    assert rgb.min() >= 0
    assert rgb.max() <= 1


@pytest.mark.parametrize(
    ("lab", "rgb"),
    [  # the primaries of sRGB, as Photoshop shows them
        ((100, 0, 0), (255, 255, 255)),
        ((54.29, 80.81, 69.89), (255, 0, 0)),
        ((87.82, -79.29, 80.99), (0, 255, 0)),
        ((29.57, 68.30, -112.03), (0, 0, 255)),
    ],
)
def test_lab_under_d50_is_adapted(lab, rgb):
    np.testing.assert_allclose(lab_to_srgb(np.array(lab), white="D50") * 255, rgb, atol=2)


# Difference


@pytest.mark.parametrize(("first", "second", "difference"), SHARMA)
def test_ciede2000_is_that_of_the_paper(first, second, difference):
    assert ciede2000(np.array(first), np.array(second)) == pytest.approx(difference, abs=1e-4)
    assert ciede2000(np.array(second), np.array(first)) == pytest.approx(difference, abs=1e-4)


def test_ciede2000_is_that_of_scikit_image():
    skimage = pytest.importorskip("skimage.color")
    lab = np.random.default_rng(0).uniform((0, -100, -100), (100, 100, 100), (2, 2000, 3))
    np.testing.assert_allclose(ciede2000(*lab), skimage.deltaE_ciede2000(*lab), atol=1e-6)


def test_differences_broadcast():
    lab = srgb_to_lab(np.random.default_rng(0).random((4, 5, 3)))
    table = ciede2000(lab[:, :, None, None], lab)
    assert table.shape == (4, 5, 4, 5)
    assert table[1, 2, 3, 4] == ciede2000(lab[1, 2], lab[3, 4])


# Nearest


def test_the_nearest_colour_is_the_one_that_looks_alike():
    palette = [(255, 0, 0), (0, 0, 0), (255, 255, 255), (0, 0, 255)]
    colors = np.array([[[250, 20, 30], [10, 10, 10]], [[30, 40, 230], [240, 240, 250]]], np.uint8)
    assert nearest(palette, colors).tolist() == [[0, 1], [3, 2]]


def test_of_equal_colours_the_first_is_nearest():
    assert nearest([(9, 9, 9), (1, 2, 3), (1, 2, 3)], np.array([1, 2, 3])) == 1


@given(st.lists(anything, min_size=1, max_size=8, unique=True), st.data())
def test_a_colour_of_the_palette_is_nearest_to_itself(palette, data):
    index = data.draw(st.integers(0, len(palette) - 1))
    assert nearest(palette, np.array([palette[index]])).tolist() == [index]
