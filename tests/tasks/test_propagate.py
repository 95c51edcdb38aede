import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_color import BLACK, BLUE, GREEN, GREY, RED, WHITE, attention, traits
from nurie.core.color import Color
from nurie.tasks.propagate import Keys, paint
from nurie.tasks.themes import THEMES
from nurie.tasks.traits import Traits

ONE, OTHER = (1.0, 0.0), (0.0, 1.0)  # embeddings that have nothing to do with each other
BETWEEN = (1.0, 1.0)  # as like the one as the other
UNLIKE = (-1.0, -1.0)


def keys(*pairs: tuple[tuple[float, float], Color], centre=None) -> Keys:
    embedding = np.array([vector for vector, _ in pairs], np.float32).reshape(-1, 2)
    return Keys(
        embedding / np.linalg.norm(embedding, axis=1, keepdims=True),
        np.array([color for _, color in pairs], np.uint8).reshape(-1, 3),
        np.array(np.zeros((len(pairs), 2)) if centre is None else centre, np.float32),
    )


NONE = keys()


def painted(said: Traits, hints: Keys, **options) -> list[Color]:
    colors = paint(said, hints, **options)
    assert colors.dtype == np.uint8
    assert colors.shape == (len(said.embedding), 3)
    return [tuple(color) for color in colors.tolist()]


# Hints


def test_a_region_takes_the_colour_of_the_hint_that_it_is_like():
    said = traits([ONE, OTHER, (1, 0.1)], learned=attention(palette=[BLACK, WHITE]))
    assert painted(said, keys((ONE, RED), (OTHER, GREEN))) == [RED, GREEN, RED]


def test_where_no_hint_is_like_the_region_the_prior_speaks():
    said = traits([ONE, UNLIKE], [[1, 0], [0, 1]], learned=attention(palette=[GREEN, WHITE]))
    assert painted(said, keys((ONE, RED))) == [RED, WHITE]


def test_of_hints_as_like_the_nearer_speaks_louder():
    said = traits([ONE], centre=[[0.5, 0.5]], learned=attention(nearness=20.0, silence=-20.0))
    near, far = (0.4, 0.5), (0.5, 0.9)
    pairs = (ONE, GREEN), (ONE, RED)
    assert painted(said, keys(*pairs, centre=[near, far])) == [GREEN]
    assert painted(said, keys(*pairs, centre=[far, near])) == [RED]


def test_hints_of_one_colour_speak_together():
    said, half = traits([ONE]), (1.0, 3**0.5)  # a likeness of a half, as loud as the prior
    assert painted(said, keys((half, GREEN))) != [GREEN]
    assert painted(said, keys(*[(half, GREEN)] * 100)) == [GREEN]


def test_of_two_hints_that_may_be_meant_the_likelier_is_not_mixed_with_the_other():
    said = traits([ONE])  # twice as loud as the other hint, and both much louder than the prior
    assert painted(said, keys((ONE, RED), ((1, 0.42), GREEN)), spread=100) == [RED]


def test_between_two_likely_colours_the_middle_is_least_wrong():
    learned = attention(palette=[BLACK, WHITE], silence=-20.0)
    said = traits([UNLIKE, BETWEEN], [[0.5, 0.5], [0, 1]], learned=learned)
    assert painted(said, keys((ONE, BLACK), (OTHER, WHITE)))[1] == GREY
    learned = attention(palette=[BLACK, WHITE])
    said = traits([UNLIKE], [[0.5, 0.5]], learned=learned)
    assert painted(said, keys((ONE, RED))) == [GREY]


def test_near_a_hints_colour_it_is_that_colour_exactly():
    said = traits([UNLIKE], [[0.5, 0.5]], learned=attention(palette=[BLACK, WHITE]))
    greyish, green = (130, 119, 115), (100, 140, 100)
    assert painted(said, keys((ONE, greyish))) == [greyish]
    assert painted(said, keys((ONE, green))) == [GREY]
    assert painted(said, keys((ONE, greyish)), spread=0) == [GREY]


def test_what_belongs_together_shares_what_is_to_be_expected():
    learned = attention(palette=[BLACK, WHITE])
    said = traits(
        [UNLIKE, UNLIKE, (-1, 1)], [[0, 1], [1, 0], [0, 1]], area=[0.5, 0.2, 0.3], learned=learned
    )
    # Lightness 100 x 5 / 7
    assert painted(said, keys((ONE, RED))) == [(175, 175, 175)] * 2 + [WHITE]
    # What has a hint's colour has no share in it.
    learned = attention(palette=[BLACK, WHITE], nearness=20.0)
    said = traits([ONE, ONE], [[1, 0], [0, 1]], centre=[[0, 0], [1, 0]], learned=learned)
    assert painted(said, keys((ONE, RED))) == [RED, WHITE]


# Spread

FAR = traits([UNLIKE, ONE], [[0, 1], [0, 1]])


def test_without_spread_the_prior_speaks_alone():
    assert painted(FAR, keys((ONE, GREEN), (UNLIKE, GREEN)), spread=0) == [BLUE, BLUE]
    hints = keys((ONE, GREEN))
    assert painted(FAR, hints, spread=0, seed=3) == painted(FAR, NONE, seed=3)


@pytest.mark.parametrize(
    ("spread", "reached"),
    [
        (0, [False, False]),
        (5e-324, [False, False]),
        (1e-300, [False, False]),
        (1e-3, [False, False]),
        (1.0, [False, True]),
        (1e9, [True, True]),
        (1e300, [True, True]),
        (float("inf"), [True, True]),
    ],
)
def test_the_more_spread_the_further_a_hint_reaches(spread, reached):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = painted(FAR, keys((ONE, GREEN)), spread=spread)
    assert [color == GREEN for color in found] == reached


@pytest.mark.parametrize(
    ("spread", "silence", "expected"),
    [(0, -1e6, BLUE), (1, -1e6, GREEN), (1e300, -1e6, GREEN), (0, 2e6, BLUE), (1e300, 2e6, BLUE)],
)
def test_whatever_a_network_learned_there_is_an_answer(spread, silence, expected):
    learned = attention(sharpness=5e5, silence=silence / 2, nearness=1e6)
    said = traits([ONE], [[0, 1]], learned=learned)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert painted(said, keys((ONE, GREEN)), spread=spread) == [expected]


# Reference


def test_what_is_like_a_region_of_the_reference_has_its_colour():
    shown = keys((ONE, RED), ((1, 0.4), GREEN))
    said = traits([ONE, (1, 0.5), OTHER], [[0, 1]] * 3)
    for hints in (NONE, keys((UNLIKE, WHITE))):
        found = painted(said, hints, reference=shown, palette=[BLACK])
        assert found == [RED, GREEN, BLACK]


def test_of_twins_in_the_reference_the_one_in_the_same_place_is_meant():
    shown = keys((ONE, RED), (ONE, GREEN), centre=[[0.2, 0.3], [0.7, 0.3]])
    said = traits([ONE, ONE], centre=[[0.3, 0.3], [0.6, 0.3]])
    assert painted(said, NONE, reference=shown) == [RED, GREEN]
    # But what is more like it is meant wherever it is.
    shown = keys((ONE, RED), ((1, 0.8), GREEN), centre=[[0.2, 0.3], [0.6, 0.3]])
    assert painted(said, NONE, reference=shown) == [RED, RED]


def test_a_hint_speaks_before_the_reference():
    said = traits([ONE, OTHER])
    shown = keys((ONE, RED), (OTHER, RED))
    assert painted(said, keys((ONE, GREEN)), reference=shown) == [GREEN, RED]


def test_what_the_reference_shows_is_not_made_up():
    shown = keys((ONE, RED))
    found = [painted(EIGHT, NONE, reference=shown, seed=seed) for seed in range(5)]
    assert {colors[0] for colors in found} == {RED}
    assert len({tuple(colors[2:]) for colors in found}) == len(found)


# Palette


def test_a_palette_is_chosen_from_where_no_hint_speaks():
    said = traits([ONE, UNLIKE, UNLIKE], [[1, 0], [1, 0], [0, 1]])
    orange, navy = (255, 128, 0), (0, 0, 128)
    assert painted(said, keys((ONE, GREEN)), palette=[navy, orange]) == [GREEN, orange, navy]


vectors = st.tuples(*[st.sampled_from([-1.0, 0.3, 1.0])] * 2)
colors = st.tuples(*[st.integers(0, 255)] * 3)
many_keys = st.lists(st.tuples(vectors, colors), max_size=4)


@given(
    said=st.lists(vectors, min_size=1, max_size=8).map(traits),
    hints=many_keys,
    shown=many_keys.filter(len) | st.none(),
    palette=st.none() | st.lists(colors, min_size=1, max_size=4),
    spread=st.sampled_from([0.0, 0.5, 1.0, 1e300, float("inf")]),
    seed=st.integers(0, 9),
)
def test_nothing_is_painted_but_what_may_be_chosen(said, hints, shown, palette, spread, seed):
    options = {"palette": palette, "spread": spread, "seed": seed}
    options["reference"] = keys(*shown) if shown else None
    found = painted(said, keys(*hints), **options)
    assert found == painted(said, keys(*hints), **options)
    allowed = {color for _, color in [*(hints if spread else []), *(shown or [])]}
    if palette:
        assert set(found) <= allowed | set(palette)
    elif seed or not hints:
        assert set(found) <= allowed | set(THEMES[seed % len(THEMES)].colors)


# Seeds

EIGHT = traits([(np.cos(angle), np.sin(angle)) for angle in np.arange(8) * np.pi / 4])


@pytest.mark.parametrize("palette", [None, THEMES[0].colors])
def test_every_seed_colours_in_its_own_way(palette):
    found = {tuple(painted(EIGHT, NONE, seed=seed, palette=palette)) for seed in range(12)}
    assert len(found) == 12


def test_without_hints_and_seed_colours_are_made_up_of_the_first_theme():
    assert set(painted(EIGHT, NONE)) <= set(THEMES[0].colors)
    assert len(set(painted(EIGHT, NONE))) > 3


def test_with_hints_a_seed_changes_only_what_none_speaks_for():
    hints = keys((ONE, RED), (OTHER, GREEN))
    found = [painted(EIGHT, hints, seed=seed) for seed in range(1, 8)]
    for result in found:
        assert (result[0], result[2]) == (RED, GREEN)
    assert len({tuple(result[3:]) for result in found}) == len(found)


@pytest.mark.parametrize("seed", range(1, 5))
def test_a_hint_shuffles_nothing_of_what_it_does_not_speak_for(seed):
    before = painted(EIGHT, NONE, seed=seed)
    after = painted(EIGHT, keys((ONE, RED)), seed=seed)
    assert after[0] == RED
    kept = [number for number in range(8) if after[number] != RED]
    assert len(kept) > 3
    assert [after[number] for number in kept] == [before[number] for number in kept]


@pytest.mark.parametrize("seed", range(4))
def test_regions_of_one_group_get_one_colour(seed):
    # The same eight regions twice, of which the prior thinks otherwise.
    said = traits(
        np.concatenate([EIGHT.embedding, EIGHT.embedding]),
        np.concatenate([np.eye(2)[[0] * 8], np.eye(2)[[1] * 8]]),
    )
    result = painted(said, NONE, seed=seed)
    assert result[:8] == result[8:]
