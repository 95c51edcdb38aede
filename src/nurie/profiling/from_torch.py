"""What torch writes down of a training at work, as events."""

import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from torch._C._profiler import _ExperimentalConfig
from torch.profiler import profile, record_function

from nurie.core.spans import Notes, span
from nurie.profiling.events import HOST, Event, Kind, Row, Rows

_MARK = "nurie: the clock"
_KINDS: Mapping[str, Kind] = {
    "cpu_op": "operator",
    "user_annotation": "frame",
    "cuda_runtime": "frame",
    "cuda_driver": "frame",
    "kernel": "kernel",
    "gpu_memcpy": "kernel",
    "gpu_memset": "kernel",
}


class TorchRecording:
    """torch.profiler at work, from when it is made until it is stopped."""

    def __init__(self) -> None:
        os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # it would tell when it starts and stops
        with span("profiler"):
            # Of the CPU, and of a GPU where there is one.
            self._profile = profile(experimental_config=_every_thread())
            self._profile.start()
            self._marks = [_mark() for _ in range(5)]
        self._start = time.perf_counter_ns()
        self._end: int | None = None

    def stop(self, now: int) -> None:
        """End it, if that has not been done; from the thread that it was made on."""
        if self._end is None:
            self._end = now
            with span("profiler"):
                self._profile.stop()

    @property
    def window(self) -> tuple[int, int]:
        """From when to when operators were recorded, as `time.perf_counter_ns` counts."""
        return self._start, self._end or time.perf_counter_ns()

    def rows(self, threads: Mapping[int, str]) -> Rows:
        """What was recorded; `threads` names the operating system's numbers."""
        with tempfile.TemporaryDirectory(prefix="nurie-") as folder:
            path = Path(folder, "torch.json")
            self._profile.export_chrome_trace(str(path))
            events = json.loads(path.read_bytes())["traceEvents"]
        return rows(Notes(_start(events, self._marks), events), threads)


def _every_thread() -> _ExperimentalConfig | None:
    """Have threads recorded too that were at work before, such as one that composes batches."""
    try:
        return _ExperimentalConfig(profile_all_threads=True)
    except TypeError:
        return None  # before torch 2.7, only our thread and those that go back for it were


def _mark() -> tuple[int, int]:
    """Have torch note a moment that lies between two readings of our clock."""
    before = time.perf_counter_ns()
    with record_function(_MARK):
        pass
    return before, time.perf_counter_ns()


def _start(events: list[dict], marks: list[tuple[int, int]]) -> int:
    """When torch's clock was at 0, by the mark that is known best."""
    noted = sorted(
        _nanoseconds(event["ts"] + event["dur"] / 2)
        for event in events
        if event["name"] == _MARK and event.get("cat") == "user_annotation"
    )
    (before, after), moment = min(
        zip(marks, noted, strict=True), key=lambda pair: pair[0][1] - pair[0][0]
    )
    return (before + after) // 2 - moment


def _nanoseconds(microseconds: float) -> int:
    return round(1000 * microseconds)


def rows(notes: Notes, threads: Mapping[int, str]) -> Rows:
    """The operators by the threads that they ran on, and kernels by the streams of the GPUs.

    Args:
        threads: names of the operating system's numbers.
    """
    found = defaultdict(list)
    for noted in notes.events:
        kind = _KINDS.get(noted.get("cat", ""))
        if kind is None or noted["ph"] != "X" or noted["name"] == _MARK:
            continue
        told = noted.get("args", {})
        if kind == "kernel":
            row = Row(f"GPU {told.get('device', 0)}", f"stream {told.get('stream', 0)}", "torch")
        else:
            row = Row(HOST, threads.get(noted["tid"], f"thread {noted['tid']}"), "torch")
        start = notes.start + _nanoseconds(noted["ts"])
        found[row].append(
            Event(
                noted["name"],
                start,
                start + _nanoseconds(noted["dur"]),
                kind,
                sequence=told.get("Sequence number"),
                launch=told.get("correlation"),
            )
        )
    return found
