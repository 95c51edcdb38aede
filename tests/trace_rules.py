"""The rules of Chrome's trace event format, as far as a timeline makes use of it."""

import json
import math
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

NAMES = {"process_name", "thread_name"}
PLACES = {"process_sort_index", "thread_sort_index"}
KEYS = {
    "M": {"ph", "name", "pid", "tid", "ts", "args"},
    "X": {"ph", "name", "cat", "pid", "tid", "ts", "dur", "args"},
}


def read_trace(path: Path) -> dict:
    """Read a timeline and hold it to every rule."""

    def no_number(text: str):
        raise AssertionError(f"{text} is no JSON")

    trace = json.loads(path.read_bytes(), parse_constant=no_number)
    check_trace(trace)
    return trace


def check_trace(trace: dict) -> None:
    assert set(trace) == {"traceEvents", "displayTimeUnit", "otherData"}
    assert trace["displayTimeUnit"] in {"ms", "ns"}
    assert isinstance(trace["otherData"], dict)
    events = trace["traceEvents"]
    for event in events:
        assert set(event) == KEYS[event["ph"]]
        assert isinstance(event["name"], str)
        assert event["name"]
        assert isinstance(event["args"], dict)
        assert type(event["pid"]) is type(event["tid"]) is int
        assert is_time(event["ts"])
        assert event["ph"] != "X" or is_time(event["dur"])
        assert event["ph"] != "X" or isinstance(event["cat"], str)
    metadata, complete = (list(with_phase(events, phase)) for phase in "MX")
    assert events == metadata + complete, "metadata come first"
    check_metadata(metadata, {(event["pid"], event["tid"]) for event in complete})
    assert [event["ts"] for event in complete] == sorted(event["ts"] for event in complete)
    rows = defaultdict(list)
    for event in complete:
        rows[event["pid"], event["tid"]].append(event)
    for row in rows.values():
        check_nesting(row)


def with_phase(events: Iterable[dict], phase: str) -> Iterable[dict]:
    return (event for event in events if event["ph"] == phase)


def is_time(value: object) -> bool:
    """Whether that is a number of microseconds."""
    return type(value) in (int, float) and math.isfinite(value) and value >= 0


def check_metadata(metadata: list[dict], rows: set[tuple[int, int]]) -> None:
    """Every process and thread has one name and one place, and no two threads are called alike."""
    threads, processes = defaultdict(dict), defaultdict(dict)
    for event in metadata:
        name, (key, value) = event["name"], *event["args"].items()
        assert name in NAMES | PLACES
        assert (key, type(value)) == (("name", str) if name in NAMES else ("sort_index", int))
        assert value != ""
        of_thread = name.startswith("thread")
        known = threads[event["pid"], event["tid"]] if of_thread else processes[event["pid"]]
        assert name not in known
        known[name] = value
    assert set(threads) == rows
    assert {pid for pid, _ in rows} == set(processes)
    for known in threads.values():
        assert set(known) == {"thread_name", "thread_sort_index"}
    for known in processes.values():
        assert set(known) == {"process_name", "process_sort_index"}
    titles = [(pid, known["thread_name"]) for (pid, _), known in threads.items()]
    assert len(titles) == len(set(titles))


def check_nesting(row: list[dict]) -> None:
    """Of two events one holds the other, or they are apart."""
    around = []
    for event in row:
        start, end = nanoseconds(event)
        while around and around[-1] <= start:
            around.pop()
        assert not around or end <= around[-1], event
        around.append(end)


def nanoseconds(event: dict) -> tuple[int, int]:
    """Start and end, without the last digit that a sum of fractions gets wrong."""
    start = round(1000 * event["ts"])
    return start, start + round(1000 * event["dur"])


def inside(event: dict, others: Iterable[dict], slack: int = 0) -> bool:
    """Whether one of the others holds the event, give or take some nanoseconds."""
    start, end = nanoseconds(event)
    return any(
        first - slack <= start and end <= last + slack for first, last in map(nanoseconds, others)
    )
