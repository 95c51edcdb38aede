"""What a worker holds of a session; what comes of it, test_api shows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nurie
from nurie.server.drawing import Drawing
from nurie.server.orders import Coloring, Limits, Upload
from nurie.server.orders import Drawing as Recipe

PLAIN = {"only_hints": True}

coordinates = st.tuples(st.integers(-20, 140), st.integers(-20, 110)).map(list)
colors = st.sampled_from(["#f00", "#0f0", "#00f"])
dots = st.builds(
    lambda x, y, color: {"x": x, "y": y, "color": color, "radius": 6},
    st.integers(0, 119),
    st.integers(0, 89),
    colors,
)
strokes = st.builds(
    lambda start, points, color: {"points": [start, *points], "color": color, "radius": 5},
    st.tuples(st.integers(0, 119), st.integers(0, 89)).map(list),
    st.lists(coordinates, max_size=3),
    colors,
)


@pytest.fixture(scope="module")
def drawing(line_art) -> Drawing:
    return Drawing(Recipe(Upload("a.png", line_art)), Limits(1, 1_000_000))


@given(data=st.data())
def test_hints_that_come_one_by_one_are_as_if_they_came_at_once(drawing, line_art, data):
    marks = data.draw(st.lists(dots | strokes, max_size=5))
    for count in data.draw(st.lists(st.integers(0, len(marks)), max_size=4)):
        drawing.flats(Coloring(marks[:count], PLAIN), None)
    flats = drawing.flats(Coloring(marks, PLAIN), None)
    hints = [nurie.Stroke(**mark) if "points" in mark else nurie.Hint(**mark) for mark in marks]
    art = nurie.colorize(line_art, hints, nurie.ColorizeOptions(only_hints=True))
    expected = np.where(art.flats[..., 3:] > 0, art.flats[..., :3], 255)
    assert np.array_equal(flats, expected)


def test_after_a_hint_that_is_none_those_before_still_count(drawing):
    good = {"x": 30, "y": 45, "color": "#123456"}
    before = drawing.flats(Coloring([good], PLAIN), None)
    for bad in ({"x": 900, "y": 1, "color": "#fff"}, {"x": 1, "y": 1, "color": "nocolour"}):
        with pytest.raises(nurie.NurieError):
            drawing.flats(Coloring([good, bad], PLAIN), None)
    assert np.array_equal(drawing.flats(Coloring([good], PLAIN), None), before)


def test_the_shade_of_what_was_just_painted_costs_no_second_painting(drawing, monkeypatch):
    coloring = Coloring([{"x": 30, "y": 45, "color": "#123456"}], {"fill": "soft"})
    drawing.flats(coloring, None)
    monkeypatch.setattr(nurie.Colorizer, "paint", None)
    assert drawing.shade(coloring, None).shape == (90, 120, 4)


def test_what_it_says_of_its_memory_is_not_far_off(line_art):
    """For a large drawing, whose arrays are what counts."""
    side = 800
    pixels = np.full((side, side), 255, np.uint8)
    pixels[::40] = pixels[:, ::40] = 0
    from PIL import Image

    from serving import png

    recipe = Recipe(Upload("a.png", png(Image.fromarray(pixels))))
    large = Drawing(recipe, Limits(1, 1_000_000))
    large.shade(Coloring([{"x": 30, "y": 45, "color": "#123456"}], {}), None)
    held = sum(array.nbytes for array in _arrays(large, set()))
    assert 0.6 * large.facts.bytes < held < 1.2 * large.facts.bytes


def _arrays(value: object, seen: set[int]):
    """All arrays that an object leads to, each once."""
    if id(value) in seen or isinstance(value, (str, bytes, int, float, type)):
        return
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        if value.base is None or not isinstance(value.base, np.ndarray):
            yield value
        else:
            yield from _arrays(value.base, seen)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _arrays(each, seen)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _arrays(each, seen)
    elif type(value).__module__.startswith("nurie"):
        yield from _arrays(vars(value), seen)
