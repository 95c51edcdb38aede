from hypothesis import given
from hypothesis import strategies as st

from nurie.profiling.events import Event, nested


def times(events) -> list[tuple[str, int, int]]:
    return [(event.name, event.start, event.end) for event in events]


def test_an_event_ends_with_the_one_that_it_begins_in():
    events = [
        Event("late", 30, 40, "operator"),
        Event("inner", 12, 21, "operator"),  # its clock was rounded
        Event("innermost", 13, 25, "operator"),
        Event("outer", 10, 20, "frame"),
        Event("next", 20, 30, "operator"),
    ]
    assert times(nested(events)) == [
        ("outer", 10, 20),
        ("inner", 12, 20),
        ("innermost", 13, 20),
        ("next", 20, 30),
        ("late", 30, 40),
    ]


def test_what_is_no_operator_is_around_one_of_the_same_time():
    events = [Event("conv", 10, 20, "operator"), Event("run", 10, 20, "frame")]
    assert times(nested(events)) == [("run", 10, 20), ("conv", 10, 20)]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30))))
def test_whatever_comes_is_nested_and_nothing_is_lost(pairs):
    events = nested(Event("x", start, start + time, "operator") for start, time in pairs)
    assert sorted(event.start for event in events) == sorted(start for start, _ in pairs)
    assert [event.start for event in events] == sorted(event.start for event in events)
    for number, event in enumerate(events):
        assert event.start <= event.end
        for later in events[number + 1 :]:
            assert later.start >= event.end or later.end <= event.end
