"""What torch tells, of this machine's CPU and, by hand, of a GPU."""

import threading

import pytest

pytest.importorskip("torch")

import time

import torch

from nurie.core.spans import Notes
from nurie.profiling import from_torch
from nurie.profiling.events import HOST, Row
from nurie.profiling.from_torch import TorchRecording


def record(work) -> tuple[TorchRecording, int, int]:
    """A recording of some work, and when that began and ended."""
    recording = TorchRecording()
    start = time.perf_counter_ns()
    work()
    end = time.perf_counter_ns()
    recording.stop(end)
    return recording, start, end


def test_operators_are_on_our_clock():
    picture = torch.rand(1, 3, 64, 64)
    weight = torch.rand(8, 3, 3, 3)
    recording, start, end = record(lambda: torch.conv2d(picture, weight))
    (row, events), *others = recording.rows({threading.get_native_id(): "me"}).items()
    assert (row, others) == (Row(HOST, "me", "torch"), [])
    (convolution,) = [event for event in events if event.name == "aten::conv2d"]
    slack = 50_000  # of the mark by which the clocks are compared
    assert start - slack <= convolution.start < convolution.end <= end + slack
    assert {event.kind for event in events} == {"operator"}
    first, last = recording.window
    assert first <= start
    assert last == end


def test_a_recording_ends_once():
    recording, _, end = record(lambda: None)
    recording.stop(end + 1000)
    assert recording.window[1] == end


def test_nothing_is_written_where_the_command_writes(capfd):
    recording, _, _ = record(lambda: torch.rand(3))
    recording.rows({})
    assert capfd.readouterr() == ("", "")


def test_a_thread_that_was_at_work_before_is_recorded_too():
    if from_torch._every_thread() is None:
        pytest.skip("this torch records its own threads alone")
    go, done = threading.Event(), threading.Event()
    numbers = []

    def work() -> None:
        numbers.append(threading.get_native_id())
        go.wait()
        torch.rand(5)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    recording, _, _ = record(lambda: go.set() or done.wait())
    thread.join()
    (events,) = recording.rows({numbers[0]: "worker"}).values()
    assert "aten::rand" in {event.name for event in events}


def test_kernels_have_rows_of_their_own_and_know_what_launched_them():
    def noted(cat: str, name: str, thread: int, start: float, **told: object) -> dict:
        place = {"ph": "X", "pid": 1, "tid": thread, "cat": cat, "name": name}
        return {**place, "ts": start, "dur": 2.5, "args": told}

    events = [
        {"ph": "M", "name": "process_name", "pid": 1, "tid": 0, "ts": 0, "args": {"name": "x"}},
        {"ph": "s", "cat": "ac2g", "name": "ac2g", "id": 3, "pid": 1, "tid": 5, "ts": 1.5},
        noted("Trace", "PyTorch Profiler (0)", 0, 0.0),
        noted("cpu_op", "aten::conv2d", 5, 1.0, **{"External id": 9, "Sequence number": 4}),
        noted("cuda_runtime", "cudaLaunchKernel", 5, 1.5, correlation=3),
        noted("kernel", "gemm", 7, 10.125, device=1, stream=7, correlation=3),
        noted("gpu_memcpy", "Memcpy HtoD", 9, 11.0, device=1, stream=9, correlation=4),
        noted("gpu_user_annotation", "Optimizer.step", 7, 10.0, device=1, stream=7),
    ]
    rows = from_torch.rows(Notes(1_000_000, events), {5: "MainThread"})
    found = {
        row: [(e.name, e.kind, e.start, e.time, e.sequence, e.launch) for e in told]
        for row, told in rows.items()
    }
    assert found == {
        Row(HOST, "MainThread", "torch"): [
            ("aten::conv2d", "operator", 1_001_000, 2500, 4, None),
            ("cudaLaunchKernel", "frame", 1_001_500, 2500, None, 3),
        ],
        Row("GPU 1", "stream 7", "torch"): [("gemm", "kernel", 1_010_125, 2500, None, 3)],
        Row("GPU 1", "stream 9", "torch"): [("Memcpy HtoD", "kernel", 1_011_000, 2500, None, 4)],
    }
