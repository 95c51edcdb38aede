import pytest

from nurie.server.orders import Describe, Drawing, Facts, Failure, Limits, Message, Upload
from nurie.server.work import Bench, answer
from nurie.server.workers import Worker, WorkerDied

LIMITS = Limits(threads=1, max_pixels=1_000_000)


def test_a_worker_s_life(line_art):
    worker = Worker(LIMITS)
    drawing = Drawing(Upload("a.png", line_art))
    reply = worker.ask(Message(Describe(drawing.key), [drawing]))
    assert isinstance(reply.result, Facts)
    assert worker.holds == {drawing.key}

    assert worker.ask(Message(None, forget=frozenset([drawing.key]))).result is None
    assert worker.holds == frozenset()

    worker.kill()
    assert not worker.alive
    with pytest.raises(WorkerDied):
        worker.ask(Message(None))

    worker.start()
    assert worker.ask(Message(None)).result is None
    assert worker.starts == 2
    worker.close()
    assert not worker.alive


def failure(order: object) -> Failure:
    result = answer(Message(order), Bench(LIMITS))  # type: ignore[arg-type]
    assert isinstance(result, Failure)
    return result


def test_a_defect_is_told_without_its_insides(capfd):
    found = failure(Describe("nobody has made this"))
    assert found == Failure(500, "the server failed at this, which is a defect of nurie")
    assert "Traceback" in capfd.readouterr().err


def test_an_order_that_nobody_knows_is_a_defect(capfd):
    assert failure("make tea").status == 500
    assert "make tea" in capfd.readouterr().err


def test_a_damaged_model_is_told_without_its_place(monkeypatch, capfd):
    from nurie.core.errors import DamagedModel
    from nurie.server import work

    def damaged(order, bench):
        raise DamagedModel("/somewhere/lines.onnx: damaged")

    monkeypatch.setattr(work, "do", damaged)
    found = failure(Describe("a"))
    assert found.status == 500
    assert "nurie models verify" in found.detail
    assert "somewhere" not in found.detail
    assert "/somewhere/lines.onnx" in capfd.readouterr().err


def test_too_little_memory_is_the_picture_s_fault(monkeypatch):
    from nurie.server import work

    def hungry(order, bench):
        raise MemoryError

    monkeypatch.setattr(work, "do", hungry)
    assert failure(Describe("a")).status == 413
