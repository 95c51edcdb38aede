"""A command under a profiler: its spans, and for a while the operators of its networks."""

import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nurie.core.spans import Notes, Recorder, Span, span
from nurie.profiling import from_onnx
from nurie.profiling.events import HOST, Event, Row, Rows, nested

if TYPE_CHECKING:
    from nurie.profiling.from_torch import TorchRecording

WARM_UP = 5
"""Steps of a training that pass before its operators are recorded: the first ones are slower."""

MOST_RUNS = 200
"""Runs of networks whose operators are recorded; a folder of pictures has no end of them."""

MOST_SPANS = 100_000
"""Spans that are kept, of a long training the first ones."""


@dataclass(frozen=True, eq=False)
class Profile:
    """What a command did when.

    Attributes:
        rows: its events, sorted and nested.
        thread: the one that the command ran on.
        window: from when to when operators were recorded.
        training: whether they are a training's.
        recorded: what was, in words.
    """

    rows: Rows
    thread: str
    window: tuple[int, int]
    training: bool
    recorded: str


class Profiler(Recorder):
    """Records what happens from when it is made until it is told to `finish`.

    It counts the spans "input", with which each step of a training begins, and "network run", to
    record some of them alone, so that a long command needs no more memory than a short one.

    Args:
        steps: of a training whose operators are recorded.
    """

    def __init__(self, steps: int):
        super().__init__()
        self._steps = range(WARM_UP + 1, WARM_UP + 1 + steps)
        self._count: Counter[str] = Counter()
        self._lost = 0
        self._onnx: list[Notes] = []
        self._torch: TorchRecording | None = None
        self._main = threading.get_native_id()
        self.threads[self._main] = threading.current_thread().name
        self._start = time.perf_counter_ns()
        self._last_run: int | None = None

    def began(self, name: str) -> None:
        self._count[name] += 1
        if name == "input" and self._count[name] == self._steps.start:
            self._begin_torch()
        elif name == "input" and self._count[name] == self._steps.stop:
            self._end_torch(time.perf_counter_ns())
        elif name == "network run" and self._count[name] > MOST_RUNS:
            self._end_onnx(time.perf_counter_ns())

    def ended(self, span: Span) -> None:
        if len(self.spans) < MOST_SPANS:
            super().ended(span)
        else:
            self._lost += 1

    def finish(self) -> Profile:
        """Gather what was recorded."""
        end = time.perf_counter_ns()
        self._end_torch(end)
        self._end_onnx(end)
        names = self._names()
        main = Row(HOST, names[self._main])
        rows: dict[Row, list[Event]] = defaultdict(list)
        rows[main].append(Event("command", self._start, end, "span"))
        for ours in self.spans:
            event = Event(ours.name, ours.start, ours.end, "span", notes=ours.notes)
            rows[Row(HOST, names[ours.thread])].append(event)
        told = [from_onnx.rows(notes, names) for notes in self._onnx]
        if self._torch:
            told.append(self._torch.rows(names))
        for theirs in told:
            for row, events in theirs.items():
                rows[row].extend(events)
        return Profile(
            {row: nested(events) for row, events in rows.items()},
            main.thread,
            self._torch.window if self._torch else (self._start, self._last_run or end),
            self._torch is not None,
            self._recorded(),
        )

    def _begin_torch(self) -> None:
        # Torch takes seconds to load; who takes the steps of a training has loaded it.
        from nurie.profiling.from_torch import TorchRecording

        self._torch = TorchRecording()

    def _end_torch(self, now: int) -> None:
        if self._torch:
            self._torch.stop(now)

    def _end_onnx(self, now: int) -> None:
        if self.sources:
            self._last_run = self._last_run or now
            ended, self.sources = self.sources, []
            with span("profiler"):
                self._onnx += [source() for source in ended]

    def _names(self) -> dict[int, str]:
        """Names of threads of which no two are alike."""
        count = Counter(self.threads.values())
        return {
            number: name if count[name] == 1 else f"{name} ({number})"
            for number, name in self.threads.items()
        }

    def _recorded(self) -> str:
        steps, runs = self._count["input"], self._count["network run"]
        if self._torch:
            last = min(steps, self._steps[-1])
            parts = [f"operators of steps {self._steps.start} to {last} of {steps}"]
        elif steps:
            parts = [f"no operators: the training ended within its first {WARM_UP} steps"]
        elif runs:
            parts = [f"operators of {min(runs, MOST_RUNS)} of {runs} runs of networks"]
        else:
            parts = ["no operators: no network ran"]
        if self._lost:
            parts.append(f"{MOST_SPANS:,} of {MOST_SPANS + self._lost:,} spans")
        return ", ".join(parts)
