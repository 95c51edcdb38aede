import numpy as np
import pytest

from fake_color import BLUE, WHITE, traits
from nurie.core.color import Color, lab_to_srgb, srgb_to_lab
from nurie.tasks.themes import THEMES, made_up


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_a_theme_has_light_and_dark_warm_and_cold(theme):
    lightness, a, b = srgb_to_lab(np.array(theme.colors) / 255).T
    assert len(theme.colors) == 12
    assert lightness.max() > 94
    assert lightness.min() < 35
    assert (a > 15).any()
    assert ((b < -5) | (a < -15)).any()
    skin = (lightness > 80) & (a > 2) & (b > 8)
    assert skin.any()


def test_themes_have_names_of_their_own():
    assert len({theme.name for theme in THEMES}) == len(THEMES)


# Who gets which


def grey(lightness: float) -> Color:
    level = round(255 * float(lab_to_srgb(np.array([lightness, 0, 0]))[0]))
    return level, level, level


A, B = grey(40), grey(70)


def chosen(embedding, lightness, colors, *, area=None, seed=0) -> list[Color]:
    """What regions get of which greys of some lightness are expected."""
    count = len(embedding)
    expected = np.stack([lightness, np.zeros(count), np.zeros(count)], axis=1)
    found = made_up(
        traits(embedding, area=area),
        expected,
        np.array(colors, np.uint8),
        seed,
    )
    assert found.dtype == np.uint8
    return [tuple(color) for color in found.tolist()]


APART, ALIKE = [(1, 0), (0, 1)], [(1, 0), (1, 0)]


def test_the_least_wrong_is_taken():
    assert chosen([(1, 0)], [68], [A, B, WHITE]) == [B]


def test_what_is_used_already_is_taken_again_only_if_others_are_much_more_wrong():
    # A, used on one half, is 4 x 0.71 x 10 = 28 worse, and B, which is a little like it, 3.
    assert chosen(APART, [40, 44], [A, B]) == [A, B]
    assert chosen(APART, [40, 40.5], [A, B]) == [A, A]


def test_a_colour_like_a_used_one_is_used_too():
    like_it, less_like_it = grey(44), grey(60)
    assert chosen(APART, [40, 52], [A, like_it, B]) == [A, B]
    assert chosen(APART, [40, 52], [A, less_like_it, B]) == [A, less_like_it]


def test_the_largest_chooses_first():
    assert chosen(APART, [44, 44], [A, B], area=[0.2, 0.8]) == [B, A]
    assert chosen(APART, [44, 44], [A, B], area=[0.8, 0.2]) == [A, B]


def test_in_a_group_the_large_regions_decide():
    assert chosen(ALIKE, [40, 70], [A, B], area=[0.7, 0.3]) == [A, A]
    assert chosen(ALIKE, [40, 70], [A, B], area=[0.3, 0.7]) == [B, B]


def test_luck_is_that_of_the_seed_and_never_takes_what_is_far_off():
    colors = [grey(50), grey(55), grey(60), BLUE]
    found = [chosen([(1, 0)], [50], colors, seed=seed) for seed in range(60)]
    assert found == [chosen([(1, 0)], [50], colors, seed=seed) for seed in range(60)]
    assert {color for (color,) in found} == set(colors[:3])
    assert found[0] == [grey(50)]
