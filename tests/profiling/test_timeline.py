import copy
import json

import pytest

from nurie.core.errors import NurieError
from nurie.profiling import timeline
from nurie.profiling.events import HOST, Event, Row
from nurie.profiling.profiler import Profile
from trace_rules import check_trace, read_trace

ROWS = {
    Row("GPU 0", "stream 7", "torch"): [Event("relu", 7_500, 8_000, "kernel")],
    Row(HOST, "worker"): [Event("compose", 6_000, 9_000, "span")],
    Row(HOST, "MainThread", "torch"): [
        Event("conv2d", 6_000, 7_000, "operator"),
        Event("relu", 7_000, 7_001, "operator", notes={"shape": (1, 2)}),
    ],
    Row(HOST, "MainThread"): [
        Event("command", 5_000, 10_000, "span"),
        Event("decode", 5_000, 5_750, "span", notes={"file": b"no text"}),
    ],
}
PROFILE = Profile(ROWS, "MainThread", (5_000, 10_000), True, "all of it")


@pytest.fixture
def trace(tmp_path) -> dict:
    timeline.write(PROFILE, tmp_path / "timeline.json", command=["nurie", "extract"])
    return read_trace(tmp_path / "timeline.json")


def test_events_are_in_microseconds_from_the_first_one_on(trace):
    found = {(e["name"], e["cat"]): (e["ts"], e["dur"]) for e in trace["traceEvents"] if "cat" in e}
    assert found == {
        ("command", "span"): (0, 5),
        ("decode", "span"): (0, 0.75),
        ("conv2d", "operator"): (1, 1),
        ("relu", "operator"): (2, 0.001),
        ("compose", "span"): (1, 3),
        ("relu", "kernel"): (2.5, 0.5),
    }


def test_rows_are_named_and_the_command_s_own_come_first(trace):
    names = [e["args"]["name"] for e in trace["traceEvents"] if e["name"] == "thread_name"]
    assert names == ["MainThread", "MainThread: torch", "worker", "stream 7: torch"]
    processes = {
        e["args"]["name"]: e["pid"] for e in trace["traceEvents"] if e["name"] == "process_name"
    }
    assert processes == {HOST: 1, "GPU 0": 4}
    for name in ("process_sort_index", "thread_sort_index"):
        places = [e["args"]["sort_index"] for e in trace["traceEvents"] if e["name"] == name]
        assert places == sorted(places)


def test_it_says_what_it_is_of(trace):
    assert trace["otherData"] == {"recorded": "all of it", "command": ["nurie", "extract"]}
    notes = [event["args"] for event in trace["traceEvents"] if event["name"] == "decode"]
    assert notes == [{"file": "b'no text'"}]


def test_a_timeline_that_can_not_be_written_is_one_line(tmp_path):
    with pytest.raises(NurieError, match="can't be written"):
        timeline.write(PROFILE, tmp_path / "missing" / "timeline.json")


def overlap(events):
    events[-1]["dur"] = 2.7
    events.append({**events[-1], "ts": 5, "dur": 1.0})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda events: events[-1].pop("tid"),
        lambda events: events[-1].pop("dur"),
        lambda events: events[-1].update(dur=-1),
        lambda events: events[-1].update(dur=float("nan")),
        lambda events: events[-1].update(ts="0"),
        lambda events: events[-1].update(pid=True),
        lambda events: events[-1].update(ts=0),
        lambda events: events[-1].update(tid=99),
        lambda events: events[-1].update(name=""),
        lambda events: events[-1].update(ph="B"),
        lambda events: events.insert(0, events.pop()),
        lambda events: events.pop(0),
        lambda events: events.insert(0, copy.deepcopy(events[2])),
        lambda events: events[0]["args"].update(name=7),
        lambda events: events[4]["args"].update(name="MainThread"),
        overlap,
    ],
)
def test_the_rules_find_every_fault(trace, spoil):
    broken = copy.deepcopy(trace)
    spoil(broken["traceEvents"])
    with pytest.raises((AssertionError, KeyError)):
        check_trace(broken)
    check_trace(json.loads(json.dumps(trace)))
