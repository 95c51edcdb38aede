"""A worker as the server sees it: a process at the other end of a pipe, replaced when it dies."""

import multiprocessing

from nurie.server.orders import Limits, Message, Reply
from nurie.server.work import main

# Not "fork": the server has threads, whose locks a fork would copy as they are.
_context = multiprocessing.get_context("spawn")


class WorkerDied(Exception):
    """The process ended before it answered."""


class Worker:
    """One process; what it is asked is answered by it alone.

    Attributes:
        holds: keys of the materials that it has made.
        forget: keys of what it may forget, at the next message.
        starts: how often a process was started.
    """

    def __init__(self, limits: Limits):
        self._limits = limits
        self.forget: set[str] = set()
        self.starts = 0
        self.start()

    def start(self) -> None:
        """Start the process, in place of the last one."""
        self.starts += 1
        self.holds: frozenset[str] = frozenset()
        self._pipe, theirs = _context.Pipe()
        self._process = _context.Process(target=main, args=(theirs, self._limits), daemon=True)
        self._process.start()
        theirs.close()  # so that the pipe ends with the process

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def ask(self, message: Message) -> Reply:
        """Have an order done, and wait for it.

        Raises:
            WorkerDied: the process ended meanwhile, by itself or by `kill` from another thread.
        """
        try:
            self._pipe.send(message)
            reply: Reply = self._pipe.recv()
        except Exception as error:  # the pipe broke, or memory ran out: who knows what it holds
            self.kill()
            raise WorkerDied from error
        self.holds = reply.holds
        return reply

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.join()

    def close(self) -> None:
        """Let the process end, which it does when it has nothing to do."""
        self._pipe.close()
        self._process.join(timeout=2)
        self.kill()
