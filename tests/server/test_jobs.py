import asyncio
import threading
from collections.abc import Callable

import pytest

from nurie.server.jobs import Jobs
from nurie.server.orders import (
    Describe,
    Drawing,
    Facts,
    Failure,
    Message,
    ReadPalette,
    Reply,
    ShowSource,
    Upload,
)
from nurie.server.problems import Problem
from nurie.server.workers import WorkerDied

FACTS = Facts(1, 1, "lines", 1, 1)


class FakeWorker:
    """Answers at once, unless it is held up; keeps what it was sent."""

    def __init__(self, answer: Callable[[Message], object] = lambda message: FACTS):
        self.answer = answer
        self.sent: list[Message] = []
        self.forget: set[str] = set()
        self.holds: frozenset[str] = frozenset()
        self.starts = 1
        self.alive = True
        self.go = threading.Event()
        self.go.set()
        self.begun = threading.Event()

    def start(self) -> None:
        self.starts += 1
        self.alive = True
        self.holds = frozenset()
        self.go.set()

    def ask(self, message: Message) -> Reply:
        self.sent.append(message)
        self.begun.set()
        assert self.go.wait(20)
        if not self.alive:
            raise WorkerDied
        made = {each.key for each in message.materials}
        self.holds = (self.holds - message.forget) | made
        return Reply(self.answer(message), self.holds)  # type: ignore[arg-type]

    def kill(self) -> None:
        self.alive = False
        self.go.set()

    def close(self) -> None:
        self.kill()

    @property
    def done(self) -> list[str]:
        return [message.order.upload.name for message in self.sent]  # type: ignore[union-attr]


def order(name: str) -> ReadPalette:
    return ReadPalette(Upload(name, b""))


def with_jobs(scenario, *workers: FakeWorker, timeout: float = 20) -> None:
    async def run() -> None:
        jobs = Jobs(workers, timeout)  # type: ignore[arg-type]
        try:
            await scenario(jobs)
        finally:
            jobs.kill()
            await jobs.end()

    asyncio.run(run())


async def begun(worker: FakeWorker) -> None:
    assert await asyncio.to_thread(worker.begun.wait, 20)


def held_up() -> FakeWorker:
    worker = FakeWorker()
    worker.go.clear()
    return worker


def test_jobs_are_done_in_turn():
    worker = held_up()

    async def scenario(jobs: Jobs) -> None:
        doing = [asyncio.create_task(jobs.do(order(name))) for name in "abc"]
        await begun(worker)
        assert jobs.waiting == 2
        worker.go.set()
        assert [await each for each in doing] == [(FACTS, 0)] * 3
        assert worker.done == ["a", "b", "c"]
        assert jobs.waiting == 0

    with_jobs(scenario, worker)


def test_a_job_goes_home_and_others_to_whoever_is_free():
    busy, free = held_up(), FakeWorker()

    async def scenario(jobs: Jobs) -> None:
        first = asyncio.create_task(jobs.do(order("first"), home=0))
        await begun(busy)
        second = asyncio.create_task(jobs.do(order("second"), home=0))
        assert await jobs.do(order("third")) == (FACTS, 1)
        assert free.done == ["third"]
        busy.go.set()
        assert await second == await first == (FACTS, 0)

    with_jobs(scenario, busy, free)


def test_a_job_that_nobody_waits_for_is_never_begun():
    worker = held_up()

    async def scenario(jobs: Jobs) -> None:
        first = asyncio.create_task(jobs.do(order("first")))
        await begun(worker)
        second = asyncio.create_task(jobs.do(order("second")))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([second])
        assert jobs.waiting == 0
        worker.go.set()
        await first
        await jobs.do(order("third"))
        assert worker.done == ["first", "third"]

    with_jobs(scenario, worker)


def test_the_result_of_a_job_that_nobody_waits_for_any_more_is_dropped():
    worker = held_up()

    async def scenario(jobs: Jobs) -> None:
        first = asyncio.create_task(jobs.do(order("first")))
        await begun(worker)
        first.cancel()
        await asyncio.wait([first])
        worker.go.set()
        assert await jobs.do(order("second")) == (FACTS, 0)

    with_jobs(scenario, worker)


def test_a_failure_is_a_problem():
    async def scenario(jobs: Jobs) -> None:
        with pytest.raises(Problem) as caught:
            await jobs.do(order("a"))
        assert (caught.value.status_code, caught.value.detail) == (422, "no")

    with_jobs(scenario, FakeWorker(lambda message: Failure(422, "no")))


def test_a_worker_that_dies_is_replaced_and_the_next_job_is_done():
    worker = held_up()

    async def scenario(jobs: Jobs) -> None:
        first = asyncio.create_task(jobs.do(order("first")))
        await begun(worker)
        worker.kill()
        with pytest.raises(Problem) as caught:
            await first
        assert caught.value.status_code == 500
        assert await jobs.do(order("second")) == (FACTS, 0)
        assert jobs.restarts == 1

    with_jobs(scenario, worker)


def test_a_job_does_not_pay_for_a_worker_that_died_before():
    worker = FakeWorker()

    async def scenario(jobs: Jobs) -> None:
        worker.alive = False
        assert await jobs.do(order("a")) == (FACTS, 0)
        assert jobs.restarts == 1

    with_jobs(scenario, worker)


def test_a_job_that_takes_too_long_is_ended():
    worker = held_up()

    async def scenario(jobs: Jobs) -> None:
        with pytest.raises(Problem) as caught:
            await jobs.do(order("a"))
        assert caught.value.status_code == 503
        assert caught.value.headers == {"Retry-After": "1"}
        assert await jobs.do(order("b")) == (FACTS, 0)

    with_jobs(scenario, worker, timeout=0.1)


def test_a_job_that_waits_too_long_is_refused():
    worker = held_up()

    async def scenario(jobs: Jobs) -> None:
        jobs._timeout = 0.1  # the first has the time that it wants
        second = asyncio.create_task(jobs.do(order("second"), home=0))
        await asyncio.sleep(0)
        with pytest.raises(Problem) as caught:
            await second
        assert caught.value.status_code == 503
        assert jobs.waiting == 0

    async def behind_another(jobs: Jobs) -> None:
        first = asyncio.create_task(jobs.do(order("first")))
        await begun(worker)
        await scenario(jobs)
        worker.go.set()
        await first
        assert worker.done == ["first"]

    with_jobs(behind_another, worker)


def test_materials_are_sent_when_the_worker_has_none():
    worker = FakeWorker()
    drawing = Drawing(Upload("a", b""))

    async def scenario(jobs: Jobs) -> None:
        for _ in range(2):
            await jobs.do(Describe(drawing.key), [drawing])
        worker.start()
        await jobs.do(Describe(drawing.key), [drawing])
        assert [list(message.materials) for message in worker.sent] == [[drawing], [], [drawing]]

    with_jobs(scenario, worker)


def test_what_is_forgotten_is_told_at_once_and_made_anew_when_needed():
    worker = FakeWorker()
    drawing = Drawing(Upload("a", b""))

    async def scenario(jobs: Jobs) -> None:
        await jobs.do(Describe(drawing.key), [drawing])
        jobs.forget([drawing.key])
        while len(worker.sent) < 2:
            await asyncio.sleep(0.001)
        assert worker.sent[1] == Message(None, forget=frozenset([drawing.key]))
        await jobs.do(Describe(drawing.key), [drawing])
        assert list(worker.sent[2].materials) == [drawing]

    with_jobs(scenario, worker)


def test_what_is_forgotten_while_it_waits_is_made_anew():
    worker = FakeWorker()
    drawing = Drawing(Upload("a", b""))

    async def scenario(jobs: Jobs) -> None:
        await jobs.do(Describe(drawing.key), [drawing])
        worker.go.clear()
        worker.begun.clear()
        first = asyncio.create_task(jobs.do(ShowSource(drawing.upload)))
        await begun(worker)
        second = asyncio.create_task(jobs.do(Describe(drawing.key), [drawing]))
        jobs.forget([drawing.key])
        worker.go.set()
        await asyncio.gather(first, second)
        assert worker.sent[-1].forget == {drawing.key}
        assert list(worker.sent[-1].materials) == [drawing]

    with_jobs(scenario, worker)


def test_a_closed_queue_finishes_what_was_begun_and_refuses_the_rest():
    worker = held_up()

    async def scenario(jobs: Jobs) -> None:
        first, second = (asyncio.create_task(jobs.do(order(name))) for name in "ab")
        await begun(worker)
        jobs.close()
        for late in (second, jobs.do(order("c"))):
            with pytest.raises(Problem, match="stopping"):
                await late
        worker.go.set()
        assert await first == (FACTS, 0)

    with_jobs(scenario, worker)
