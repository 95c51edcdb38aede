import threading
import time
import timeit

import pytest

from nurie.core import spans
from nurie.core.spans import Recorder, recording, span, spanned


@pytest.fixture
def recorder():
    """A recorder that is at work."""
    recorder = Recorder()
    with recording(recorder):
        yield recorder


def test_a_span_is_kept_with_its_time_its_thread_and_its_notes(recorder):
    before = time.perf_counter_ns()
    with span("decode", file="a.png"):
        inside = time.perf_counter_ns()
    after = time.perf_counter_ns()
    (kept,) = recorder.spans
    assert (kept.name, kept.notes) == ("decode", {"file": "a.png"})
    assert before <= kept.start <= inside <= kept.end <= after
    assert kept.thread == threading.get_native_id()
    assert recorder.threads == {kept.thread: threading.current_thread().name}


def test_spans_nest(recorder):
    with span("outer"), span("inner"), span("inner"):
        pass
    innermost, inner, outer = recorder.spans
    assert [innermost.name, inner.name, outer.name] == ["inner", "inner", "outer"]
    assert outer.start <= inner.start <= innermost.start
    assert innermost.end <= inner.end <= outer.end


def test_a_span_ends_where_an_error_is_raised(recorder):
    with pytest.raises(KeyboardInterrupt), span("outer"), span("inner"):
        raise KeyboardInterrupt
    assert [kept.name for kept in recorder.spans] == ["inner", "outer"]


def test_a_function_may_be_a_span(recorder):
    @spanned("doubling")
    def double(number: int, *, plus: int = 0) -> int:
        """Twice the number."""
        return 2 * number + plus

    assert double(3, plus=1) == 7
    assert (double.__name__, double.__doc__) == ("double", "Twice the number.")
    assert [kept.name for kept in recorder.spans] == ["doubling"]


def test_every_thread_is_recorded(recorder):
    together = threading.Barrier(4)  # a thread that has ended leaves its number to another

    def work() -> None:
        together.wait()
        for _ in range(500):
            with span("work"):
                pass
        together.wait()

    threads = [threading.Thread(target=work, name=f"worker {n}") for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(recorder.spans) == 4 * 500
    assert set(recorder.threads.values()) == {thread.name for thread in threads}
    assert {kept.thread for kept in recorder.spans} == set(recorder.threads)


def test_a_recorder_hears_of_a_span_before_it_begins():
    class Slow(Recorder):
        heard = 0

        def began(self, name: str) -> None:
            assert name == "work"
            time.sleep(0.001)
            self.heard = time.perf_counter_ns()

    slow = Slow()
    with recording(slow), span("work"):
        pass
    assert slow.spans[0].start >= slow.heard > 0


def test_nothing_is_recorded_but_inside_the_block():
    recorder, other = Recorder(), Recorder()
    with span("before"):
        pass
    with recording(recorder):
        assert spans.recorder() is recorder
        with recording(other), span("of another"):
            pass
        with span("inside"):
            pass
    with pytest.raises(KeyboardInterrupt), recording(other):
        raise KeyboardInterrupt
    with span("after"):
        pass
    assert spans.recorder() is None
    assert [kept.name for kept in recorder.spans] == ["inside"]
    assert [kept.name for kept in other.spans] == ["of another"]


def test_a_span_that_nobody_records_costs_next_to_nothing():
    def use() -> None:
        with span("decode", file="a.png"):
            pass

    # The quickest of many tries, as other programs slow down some.
    seconds = min(timeit.repeat(use, number=1000, repeat=50)) / 1000
    assert seconds < 5e-6
