"""A profile as a file in Chrome's trace event format, for chrome://tracing and ui.perfetto.dev."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nurie.core.files import whole_file
from nurie.profiling.events import HOST, Event, Row, Rows
from nurie.profiling.profiler import Profile

Numbers = Mapping[Row, tuple[int, int]]  # of a row: its process, its thread


def write(profile: Profile, path: Path, **about: object) -> None:
    """Write the JSON object form of the format.

    Times are microseconds from the first event on; the events are in their order.

    Args:
        about: what the file says of itself besides what was recorded.

    Raises:
        NurieError: the file can't be written.
    """
    rows = {row: profile.rows[row] for row in sorted(profile.rows, key=_place(profile.thread))}
    numbers = _numbers(rows)
    trace = {
        "traceEvents": [*_names(numbers), *_events(rows, numbers)],
        "displayTimeUnit": "ms",
        "otherData": {"recorded": profile.recorded, **about},
    }
    with whole_file(path) as file:
        file.write(json.dumps(trace, separators=(",", ":"), default=str).encode())


def _place(thread: str):
    """Where a row is shown: the command's thread first, then the others, then GPUs."""
    return lambda row: (row.process != HOST, row.process, row.thread != thread, row)


def _numbers(rows: Rows) -> Numbers:
    """A process has the number of its first thread, by which viewers know the main one."""
    processes: dict[str, int] = {}
    return {
        row: (processes.setdefault(row.process, number), number)
        for number, row in enumerate(rows, 1)
    }


def _names(numbers: Numbers) -> Iterator[dict[str, Any]]:
    """Metadata: what the viewer calls a process and a thread, and in which order it shows them."""
    named = set()
    for row, (pid, tid) in numbers.items():
        titles = {"thread": f"{row.thread}: {row.teller}" if row.teller else row.thread}
        if pid not in named:
            named.add(pid)
            titles["process"] = row.process
        for kind, title in titles.items():
            number = pid if kind == "process" else tid
            common = {"ph": "M", "pid": pid, "tid": tid, "ts": 0}
            yield {**common, "name": f"{kind}_name", "args": {"name": title}}
            yield {**common, "name": f"{kind}_sort_index", "args": {"sort_index": number}}


def _events(rows: Rows, numbers: Numbers) -> list[dict[str, Any]]:
    first = min(event.start for events in rows.values() for event in events)
    told = [_event(event, *numbers[row], first) for row, events in rows.items() for event in events]
    return sorted(told, key=lambda event: event["ts"])  # of equal ones, the outer one stays first


def _event(event: Event, pid: int, tid: int, first: int) -> dict[str, Any]:
    return {
        "ph": "X",
        "name": event.name,
        "cat": event.kind,
        "pid": pid,
        "tid": tid,
        "ts": (event.start - first) / 1000,
        "dur": event.time / 1000,
        "args": dict(event.notes),
    }
