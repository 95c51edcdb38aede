import subprocess
import sys
import threading

import pytest

from nurie.core.spans import Notes, recording, span
from nurie.profiling import profiler as module
from nurie.profiling.events import HOST, Row
from nurie.profiling.profiler import MOST_RUNS, WARM_UP, Profile, Profiler
from nurie.profiling.shares import break_down
from nurie.profiling.timeline import write
from trace_rules import inside, read_trace


def profiled(work, steps: int = 3) -> Profile:
    profiler = Profiler(steps)
    with recording(profiler):
        work()
    return profiler.finish()


# Spans


def test_spans_are_in_the_rows_of_their_threads_and_the_command_around_them():
    def work() -> None:
        with span("decode", file="a.png"):
            pass
        threads = [threading.Thread(target=nap, name="worker") for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    together = threading.Barrier(2)  # a thread that has ended leaves its number to another

    def nap() -> None:
        together.wait()
        with span("nap"):
            together.wait()
        together.wait()

    found = profiled(work)
    command, decode = found.rows[Row(HOST, found.thread)]
    assert (command.name, decode.name, decode.notes) == ("command", "decode", {"file": "a.png"})
    assert command.start <= decode.start <= decode.end <= command.end
    assert found.window == (command.start, command.end)
    others = [row.thread for row in found.rows if row.thread != found.thread]
    assert len(set(others)) == 2  # though both have one name
    assert all(name.startswith("worker (") for name in others)
    assert found.recorded == "no operators: no network ran"
    assert [share.name for share in break_down(found).beside] == [f"nap on {n}" for n in others]


def test_of_very_many_spans_the_first_are_kept(monkeypatch):
    monkeypatch.setattr(module, "MOST_SPANS", 10)

    def work() -> None:
        for number in range(15):
            with span("work", number=number):
                pass

    found = profiled(work)
    command, *spans = found.rows[Row(HOST, found.thread)]
    assert command.end >= spans[-1].end
    assert [each.notes["number"] for each in spans] == list(range(10))
    assert found.recorded.endswith(", 10 of 15 spans")


# Networks


def test_the_first_runs_of_networks_are_recorded():
    collected = []

    def work() -> None:
        profiler.sources.append(lambda: collected.append(profiler._count["network run"]) or notes)
        for _ in range(MOST_RUNS + 3):
            with span("network run"):
                pass

    notes = Notes(0, [])
    profiler = Profiler(1)
    with recording(profiler):
        work()
    found = profiler.finish()
    assert collected == [MOST_RUNS + 1]  # at the beginning of the first that is not recorded
    assert found.recorded == f"operators of {MOST_RUNS} of {MOST_RUNS + 3} runs of networks"
    assert not found.training
    spans = found.rows[Row(HOST, found.thread)]
    last, beyond = [each for each in spans if each.name == "network run"][MOST_RUNS - 1 :][:2]
    assert found.window[0] == spans[0].start
    assert last.end <= found.window[1] <= beyond.start


def test_what_a_source_wrote_down_is_gathered_in_the_end():
    told = {"ph": "X", "pid": 1, "tid": 1, "cat": "Node", "name": "a_kernel_time"}
    told |= {"ts": 1, "dur": 1, "args": {"op_name": "Conv"}}

    def work() -> None:
        profiler.sources.append(lambda: Notes(profiler._start, [told]))
        with span("network run"):
            pass

    profiler = Profiler(1)
    with recording(profiler):
        work()
    found = profiler.finish()
    assert found.recorded == "operators of 1 of 1 runs of networks"
    assert [e.name for e in found.rows[Row(HOST, "thread 1", "ONNX Runtime")]] == ["Conv"]


# Training


def test_only_a_training_loads_torch():
    code = (
        "import sys; from nurie.profiling import profiler, shares, timeline;"
        "found = profiler.Profiler(1).finish(); shares.break_down(found);"
        "print(*{'torch', 'onnxruntime'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def train(steps: int):
    """A training as the loop's spans tell of it."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3, padding=1, bias=False),
        torch.nn.BatchNorm2d(8),
        torch.nn.ReLU(),
        torch.nn.ConvTranspose2d(8, 4, 2, 2),
    )
    optimizer = torch.optim.SGD(net.parameters(), 0.1)

    def work() -> None:
        for _ in range(steps):
            with span("input"):
                batch = torch.rand(2, 3, 64, 64)
            with span("forward"):
                loss = net(batch).square().mean()
            with span("backward"):
                loss.backward()
            with span("optimizer"):
                optimizer.step()

    return work


def test_a_few_steps_of_a_training_are_recorded(tmp_path):
    found = profiled(train(WARM_UP + 6), steps=3)
    assert found.training
    assert found.recorded == f"operators of steps {WARM_UP + 1} to {WARM_UP + 3} of {WARM_UP + 6}"
    operators = found.rows[Row(HOST, found.thread, "torch")]
    assert [event.name for event in operators].count("aten::conv2d") == 3
    write(found, tmp_path / "timeline.json")
    events = read_trace(tmp_path / "timeline.json")["traceEvents"]
    places = {
        "aten::rand": "input",
        "aten::conv2d": "forward",
        "aten::convolution_backward": "backward",
        "Optimizer.step#SGD.step": "optimizer",
    }
    for name, place in places.items():
        spans = [event for event in events if event["name"] == place]
        told = [event for event in events if event["name"] == name]
        assert len(spans) == WARM_UP + 6
        assert len(told) in (3, 6)
        assert all(inside(event, spans, slack=50_000) for event in told)  # of comparing clocks


def test_a_training_s_shares_are_those_of_its_spans():
    found = profiled(train(WARM_UP + 4), steps=4)
    shares = break_down(found).shares
    assert sum(share.share for share in shares) == pytest.approx(1)
    took = {share.name: share.time for share in shares}
    assert set(took) == {
        "convolution",
        "convolution, backward",
        "transposed convolution",
        "transposed convolution, backward",
        "batch norm",
        "batch norm, backward",
        "other operators",
        "other operators, backward",
        "optimizer",
        "input",
        "idle",
    }
    assert all(took.values())
    spans = {
        name: sum(
            event.time
            for event in found.rows[Row(HOST, found.thread)]
            if event.name == name and event.start >= found.window[0]
        )
        for name in ("input", "optimizer")
    }
    assert {name: took[name] for name in spans} == spans


def test_a_training_that_is_too_short_is_told():
    found = profiled(train(WARM_UP))
    assert not found.training
    assert found.recorded == f"no operators: the training ended within its first {WARM_UP} steps"


def test_a_training_that_stops_within_the_window_is_recorded_up_to_there():
    def work() -> None:
        train(WARM_UP + 2)()
        with span("input"):
            raise KeyboardInterrupt

    profiler = Profiler(10)
    with pytest.raises(KeyboardInterrupt), recording(profiler):
        work()
    found = profiler.finish()
    assert found.recorded == f"operators of steps {WARM_UP + 1} to {WARM_UP + 3} of {WARM_UP + 3}"
    assert sum(share.share for share in break_down(found).shares) == pytest.approx(1)
