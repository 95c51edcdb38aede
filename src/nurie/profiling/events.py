"""What a timeline is made of: events in rows, all on one clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

Kind = Literal["span", "operator", "kernel", "frame"]
"""A span of ours, an operator, what a GPU did for one, or anything else that encloses these."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that took time.

    Attributes:
        name: of an operator or a span, its kind: all convolutions are called alike.
        start, end: as `time.perf_counter_ns` counts.
        sequence: torch's number of a step forward, and of the same step on the way back.
        launch: the number of a kernel, and of what launched it.
        notes: what a reader of the timeline may want to know besides.
    """

    name: str
    start: int
    end: int
    kind: Kind
    sequence: int | None = None
    launch: int | None = None
    notes: Mapping[str, object] = field(default_factory=dict)

    @property
    def time(self) -> int:
        return self.end - self.start


class Row(NamedTuple):
    """Where events follow or enclose each other, but never overlap otherwise.

    Attributes:
        process: `HOST`, or a GPU.
        thread: of that process, or a stream of that GPU.
        teller: who told of the events, where it was not nurie itself.
    """

    process: str
    thread: str
    teller: str = ""


HOST = "nurie"
"""The process that is no GPU."""

Rows = Mapping[Row, Sequence[Event]]


def nested(events: Iterable[Event]) -> list[Event]:
    """The events of a row, sorted; each ends no later than the one that it begins in.

    Clocks are read at different moments and some are rounded, so that an event may seem to outlast
    what it is a part of.
    """
    tidy: list[Event] = []
    around: list[Event] = []
    for event in sorted(events, key=_outer_first):
        while around and around[-1].end <= event.start:
            around.pop()
        if around and event.end > around[-1].end:
            event = replace(event, end=around[-1].end)
        around.append(event)
        tidy.append(event)
    return tidy


def _outer_first(event: Event) -> tuple[int, int, bool]:
    return event.start, -event.end, event.kind == "operator"
