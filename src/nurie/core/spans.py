"""Spans: named stretches of a command's time, for `nurie profile` to see where it goes.

    with span("decode", file=name):
        ...

Unless somebody records them, a span costs a fraction of a microsecond.
"""

import contextlib
import functools
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class Notes:
    """What somebody else wrote down meanwhile, such as ONNX Runtime about its operators.

    Attributes:
        start: when its clock was at 0, as `time.perf_counter_ns` counts.
        events: in Chrome's trace event format, in microseconds from there.
    """

    start: int
    events: list[dict[str, Any]]


Source = Callable[[], Notes]
"""Ends somebody's writing down, and returns it."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time.

    Attributes:
        name: what was done.
        start, end: as `time.perf_counter_ns` counts.
        thread: the operating system's number of the thread that did it.
        notes: what it was done to.
    """

    name: str
    start: int
    end: int
    thread: int
    notes: Mapping[str, object]


class Recorder:
    """Keeps the spans that end while it records, on whatever thread.

    Attributes:
        spans: in the order of their ends.
        threads: the names of their threads.
        sources: who else writes down what happens.
    """

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.threads: dict[int, str] = {}
        self.sources: list[Source] = []

    def began(self, name: str) -> None:
        """Called before a span's time begins to count."""

    def ended(self, span: Span) -> None:
        self.spans.append(span)
        self.threads.setdefault(span.thread, threading.current_thread().name)


# A global, not a context variable: threads that a command starts are recorded too.
_recorder: Recorder | None = None
_NOTHING = contextlib.nullcontext()


def recorder() -> Recorder | None:
    """Who records at the moment."""
    return _recorder


@contextlib.contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Have the spans of every thread recorded inside the block."""
    global _recorder
    before, _recorder = _recorder, recorder
    try:
        yield
    finally:
        _recorder = before


def span(name: str, **notes: object) -> AbstractContextManager[None]:
    """The block is a span of that name; one in which an error is raised ends there."""
    return _NOTHING if _recorder is None else _Recorded(_recorder, name, notes)


def spanned(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Every call of the function is a span of that name."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            with span(name):
                return function(*args, **kwargs)

        return call

    return decorate


class _Recorded(AbstractContextManager[None]):
    __slots__ = ("_name", "_notes", "_recorder", "_start")

    def __init__(self, recorder: Recorder, name: str, notes: Mapping[str, object]):
        self._recorder, self._name, self._notes = recorder, name, notes

    def __enter__(self) -> None:
        self._recorder.began(self._name)
        self._start = time.perf_counter_ns()

    def __exit__(self, *raised: object) -> None:
        end = time.perf_counter_ns()
        thread = threading.get_native_id()
        self._recorder.ended(Span(self._name, self._start, end, thread, self._notes))
