import numpy as np
import pytest

from nurie.core.spans import Notes, Recorder, recording
from nurie.profiling import from_onnx
from nurie.profiling.events import HOST, Row
from nurie.runtime.session import Session
from tiny_onnx import model_bytes


@pytest.fixture
def recorded(tmp_path) -> tuple[Recorder, Notes]:
    """A network that ran three times while somebody recorded."""
    path = tmp_path / "tiny.onnx"
    path.write_bytes(model_bytes())
    recorder = Recorder()
    with recording(recorder):
        session = Session(path, threads=1)
        for side in (32, 64, 256):
            session.run(np.zeros((1, 3, side, side), np.float32))
    (source,) = recorder.sources
    return recorder, source()


def test_operators_run_within_the_run_of_their_network(recorded):
    recorder, notes = recorded
    (row,) = rows = from_onnx.rows(notes, recorder.threads)
    assert row == Row(HOST, "MainThread", "ONNX Runtime")
    operators = [event for event in rows[row] if event.kind == "operator"]
    runs = [span for span in recorder.spans if span.name == "network run"]
    assert [span.notes["height"] for span in runs] == [32, 64, 256]
    assert "Conv" in {event.name for event in operators}
    for event in operators:
        # ONNX Runtime counts whole microseconds, and the clocks are read one after the other.
        slack = 50_000
        assert any(run.start - slack <= event.start <= run.end + slack for run in runs)
        assert any(run.start - slack <= event.end <= run.end + slack for run in runs)
    largest = [event for event in operators if event.start >= runs[-1].start]
    assert sum(event.time for event in largest) > (runs[-1].end - runs[-1].start) / 4


def test_an_operator_says_of_which_node_it_is(recorded):
    _, notes = recorded
    (events,) = from_onnx.rows(notes, {}).values()
    operators = [event for event in events if event.kind == "operator"]
    for event in operators:
        assert {"node", "provider"} <= set(event.notes)
        assert not str(event.notes["node"]).endswith("_time")
    assert {"model_run", "session_initialization"} <= {
        event.name for event in events if event.kind == "frame"
    }


def test_a_session_that_nobody_records_takes_no_notes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.onnx").write_bytes(model_bytes())
    Session(tmp_path / "tiny.onnx").run(np.zeros((1, 3, 8, 8), np.float32))
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.onnx"]


def test_what_a_gpu_did_has_a_row_of_its_own():
    def noted(cat: str, name: str, start: int, time: int, **told: object) -> dict:
        place = {"ph": "X", "pid": 1, "tid": 5}
        return {**place, "cat": cat, "name": name, "ts": start, "dur": time, "args": told}

    events = [
        noted("Node", "a_kernel_time", 2, 3, op_name="Conv"),
        noted("Node", "a_fence_before", 1, 1, op_name="Conv"),
        noted("Kernel", "implicit_gemm", 4, 9, stream=7),
    ]
    found = from_onnx.rows(Notes(1000, events), {5: "MainThread"})
    assert {row: [(e.name, e.start, e.end) for e in told] for row, told in found.items()} == {
        Row(HOST, "MainThread", "ONNX Runtime"): [("Conv", 3000, 6000)],
        Row("GPU", "stream 7", "ONNX Runtime"): [("implicit_gemm", 5000, 14000)],
    }
