import contextlib
import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurie.core.errors import NurieError
from nurie.core.types import Hint, Palette, Stroke

NO_COORDINATES = [float("nan"), float("inf"), 1e300, 10**400, "12", None, 1j]


@pytest.mark.parametrize("color", ["#f4c7a1", "#F4C7A1", (244, 199, 161), [244, 199, 161]])
def test_however_it_is_written_a_hint_is_the_same(color):
    hint = Hint(120, 80, color)
    assert hint == Hint(x=120.0, y=80.0, color=(244, 199, 161), radius=3.0)
    assert hash(hint) == hash(Hint(120, 80, "#f4c7a1"))


def test_numbers_of_numpy_become_plain():
    hint = Hint(np.float32(1.5), np.int64(2), np.array([1, 2, 3], np.uint8), np.uint8(4))
    assert repr(hint) == "Hint(x=1.5, y=2.0, color=(1, 2, 3), radius=4.0)"


@pytest.mark.parametrize("value", NO_COORDINATES)
@pytest.mark.parametrize("name", ["x", "y", "radius"])
def test_what_is_no_number_of_pixels_is_named(name, value):
    with pytest.raises(NurieError, match=f"^{name} is ") as caught:
        Hint(**{"x": 1, "y": 2, "color": "red", name: value})
    assert str(caught.value).isprintable()


def test_a_radius_is_not_negative():
    assert Hint(-1, -1, "red", 0).radius == 0
    with pytest.raises(NurieError, match="at least 0"):
        Hint(1, 1, "red", -1)


@pytest.mark.parametrize("make", [lambda c: Hint(1, 2, c), lambda c: Stroke([(1, 2)], c)])
def test_what_is_no_colour_is_named(make):
    with pytest.raises(NurieError, match="'purpel' is no colour"):
        make("purpel")


def test_points_of_a_stroke_are_pairs_of_numbers():
    assert Stroke([[1, 2], (3, 4)], "#fc9").points == ((1.0, 2.0), (3.0, 4.0))
    assert Stroke(np.array([[1, 2]]), "#fc9") == Stroke([(1, 2)], "#ffcc99")


@pytest.mark.parametrize("points", [None, 5, [1, 2], [[1]], [[1, 2, 3]], [], ["ab"], [[1, None]]])
def test_what_is_no_stroke_is_refused(points):
    with pytest.raises(NurieError):
        Stroke(points, "red")


def test_a_palette_has_each_colour_once_in_order():
    palette = Palette(["#fff", (1, 2, 3), "white", [1, 2, 3], "red"], "mine")
    assert palette.colors == ((255, 255, 255), (1, 2, 3), (255, 0, 0))
    assert palette.name == "mine"


def test_a_palette_has_a_colour():
    with pytest.raises(NurieError, match="at least one"):
        Palette([])
    with pytest.raises(NurieError, match="'purpel'"):
        Palette(["red", "purpel"])


@pytest.mark.parametrize("value", [Hint(1, 2, "red"), Stroke([(1, 2)], "red"), Palette(["red"])])
def test_values_are_frozen_and_can_be_copied(value):
    with pytest.raises(FrozenInstanceError):
        value.color = (0, 0, 0)
    assert pickle.loads(pickle.dumps(value)) == value
    assert replace(value) == value


def test_a_replaced_value_is_checked_too():
    assert replace(Hint(1, 2, "red"), color="#00f").color == (0, 0, 255)
    with pytest.raises(NurieError):
        replace(Hint(1, 2, "red"), radius=-1)


@given(st.floats(), st.floats(), st.floats())
def test_any_floats_are_a_hint_or_none(x, y, radius):
    with contextlib.suppress(NurieError):
        hint = Hint(x, y, "red", radius)
        assert (hint.x, hint.y, hint.radius) == (x, y, radius)
