"""The one queue before the workers, and what becomes of a job when its worker fails."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from nurie.server.orders import Failure, Material, Message, Order, Result
from nurie.server.problems import Problem, unavailable
from nurie.server.workers import Worker, WorkerDied

T = TypeVar("T")


@dataclass(eq=False)
class _Job:
    """An order that somebody waits for.

    Attributes:
        materials: what the order names.
        home: the number of the worker that shall do it; None for any.
        done: its result, and the number of the worker that did it.
    """

    order: Order
    materials: Sequence[Material]
    home: int | None
    done: asyncio.Future[tuple[Result | None, int]]

    def fail(self, problem: Problem) -> None:
        if not self.done.done():  # else nobody waits any more
            self.done.set_exception(problem)


class Jobs:
    """The queue and its workers.

    How many jobs may wait is bounded where requests come in, before they are read
    (`nurie.server.limits`).

    Args:
        workers: started.
        timeout: seconds that a job may wait, and again that it may take.
    """

    def __init__(self, workers: Sequence[Worker], timeout: float):
        self._workers = workers
        self._timeout = timeout
        self._waiting: deque[_Job] = deque()
        self._closed = False
        self._threads = ThreadPoolExecutor(len(workers), "nurie-worker")
        self._bells = [asyncio.Event() for _ in workers]
        self._serving = [asyncio.create_task(self._serve(number)) for number in range(len(workers))]

    @property
    def waiting(self) -> int:
        """Jobs that are not begun."""
        return len(self._waiting)

    @property
    def restarts(self) -> int:
        """How often a worker was replaced."""
        return sum(worker.starts - 1 for worker in self._workers)

    async def do(
        self, order: Order, materials: Sequence[Material] = (), *, home: int | None = None
    ) -> tuple[Result, int]:
        """Have an order done, in turn; a caller that is cancelled leaves the queue.

        Args:
            materials: what the order names, and how to make it.
            home: the number of the worker that shall do it, as it has made them before.

        Returns:
            The result, and the number of the worker.

        Raises:
            Problem: it can't be done, took too long, or was the end of the worker.
        """
        if self._closed:
            raise unavailable("the server is stopping")
        loop = asyncio.get_running_loop()
        job = _Job(order, materials, home, loop.create_future())
        self._waiting.append(job)
        self._ring()
        late = unavailable(f"no worker was free within {self._timeout:g} s: try again later")
        overdue = loop.call_later(self._timeout, self._refuse, job, late)
        try:
            result, number = await job.done
        finally:
            overdue.cancel()
            if job in self._waiting:
                self._waiting.remove(job)
        assert result is not None  # which is what is answered to no order
        return result, number

    def forget(self, keys: Iterable[str]) -> None:
        """Have the workers forget materials, after what they are doing."""
        keys = tuple(keys)
        for worker in self._workers:
            worker.forget.update(keys)
        self._ring()

    def close(self) -> None:
        """Begin nothing more: what waits is refused."""
        self._closed = True
        for job in tuple(self._waiting):
            self._refuse(job, unavailable("the server is stopping"))
        self._ring()

    async def end(self) -> None:
        """End the workers when they have done what they are doing."""
        self.close()
        await asyncio.gather(*self._serving)
        self._threads.shutdown()
        for worker in self._workers:
            worker.close()

    def kill(self) -> None:
        """End the workers at once, whatever they are doing."""
        self.close()
        for worker in self._workers:
            worker.kill()

    def _refuse(self, job: _Job, problem: Problem) -> None:
        """Fail a job, unless it has been begun."""
        if job in self._waiting:
            self._waiting.remove(job)
            job.fail(problem)

    def _ring(self) -> None:
        for bell in self._bells:
            bell.set()

    async def _serve(self, number: int) -> None:
        """Give a worker one job after another, until the queue is closed."""
        worker, bell = self._workers[number], self._bells[number]
        while not self._closed:
            bell.clear()
            job = self._next(number)
            if job:
                await self._have_done(job, number)
            elif worker.forget and worker.alive:
                await self._ask(worker, Message(None, forget=_taken(worker.forget)))
            else:
                await bell.wait()

    def _next(self, number: int) -> _Job | None:
        for job in self._waiting:
            if job.home in (None, number):
                self._waiting.remove(job)
                return job
        return None

    async def _have_done(self, job: _Job, number: int) -> None:
        worker = self._workers[number]
        if not worker.alive:  # it died between two jobs, of which this one is innocent
            await self._in_thread(worker.start)
        forget = _taken(worker.forget)
        held = worker.holds - forget
        missing = [material for material in job.materials if material.key not in held]
        result = await self._ask(worker, Message(job.order, missing, forget))
        if isinstance(result, Problem):
            job.fail(result)
        elif isinstance(result, Failure):
            job.fail(Problem(result.status, result.detail))
        elif not job.done.done():
            job.done.set_result((result, number))

    async def _ask(self, worker: Worker, message: Message) -> Result | Failure | Problem | None:
        """Ask a worker, and replace it when it dies of that or takes too long."""
        asking = self._in_thread(worker.ask, message)
        try:
            # Shielded, as a thread can't be cancelled: it ends when its worker does.
            return (await asyncio.wait_for(asyncio.shield(asking), self._timeout)).result
        except WorkerDied:
            problem = Problem(500, "the worker that did this was ended: try again")
        except asyncio.TimeoutError:
            worker.kill()
            await asyncio.wait([asking])
            problem = unavailable(f"this took more than {self._timeout:g} s and was stopped")
        if not self._closed:
            await self._in_thread(worker.start)
        return problem

    def _in_thread(self, function: Callable[..., T], *arguments: object) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)


def _taken(keys: set[str]) -> frozenset[str]:
    """The keys, which are removed from the set."""
    taken = frozenset(keys)
    keys.clear()
    return taken
