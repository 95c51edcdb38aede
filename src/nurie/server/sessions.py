"""Sessions: what clients are working on, within a bound of memory and time.

The server keeps how to make what a session's worker holds, so that it outlives the worker.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from nurie.server.orders import Drawing, Facts, Material, Reference


@dataclass
class Session:
    """Line art that somebody colours.

    Attributes:
        facts: what the line art is like.
        home: the number of the worker that holds it.
        used: when it was used last, as the clock of the store counts.
        made: the keys of what its worker was asked to make and not yet to forget.
    """

    drawing: Drawing
    facts: Facts
    home: int
    reference: Reference | None = None
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    used: float = 0

    def __post_init__(self) -> None:
        self.made = self.keys

    @property
    def keys(self) -> frozenset[str]:
        """Of its materials."""
        return frozenset(material.key for material in self.materials)

    @property
    def materials(self) -> tuple[Material, ...]:
        return (self.drawing, self.reference) if self.reference else (self.drawing,)

    @property
    def bytes(self) -> int:
        """Memory that it takes, in the server and its worker."""
        uploads = sum(len(each.upload.content) for each in self.materials)
        return self.facts.bytes + uploads


class Sessions:
    """All sessions; the one that is unused longest goes first.

    Args:
        memory: bytes that they may take; one alone may take more.
        seconds: after which an unused one is dropped.
        forget: called with the keys of materials that nobody needs any more.
        clock: in seconds.
    """

    def __init__(
        self,
        memory: int,
        seconds: float,
        forget: Callable[[Iterable[str]], None],
        clock: Callable[[], float] = time.monotonic,
    ):
        self._memory = memory
        self._seconds = seconds
        self._forget = forget
        self._clock = clock
        self._sessions: OrderedDict[str, Session] = OrderedDict()  # the longest unused one first

    def __len__(self) -> int:
        return len(self._sessions)

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._sessions.values()))

    @property
    def bytes(self) -> int:
        """Memory that all of them take."""
        return sum(session.bytes for session in self)

    def add(self, session: Session) -> None:
        """Take in a new session, or one that takes more memory now; others may have to go."""
        session.used = self._clock()
        self._sessions[session.id] = session
        self._sessions.move_to_end(session.id)
        while self.bytes > self._memory and len(self) > 1:
            self.drop(next(iter(self._sessions)))

    def __contains__(self, session: Session) -> bool:
        return session.id in self._sessions

    def use(self, id: str) -> Session | None:
        """The session of that id, if there is one still."""
        self.sweep()
        if session := self._sessions.get(id):
            session.used = self._clock()
            self._sessions.move_to_end(id)
        return session

    def seconds_left(self, session: Session) -> float:
        """Seconds until a session is dropped, unless it is used."""
        return max(0.0, session.used + self._seconds - self._clock())

    def drop(self, id: str) -> None:
        """End a session, if there is one."""
        if session := self._sessions.pop(id, None):
            self._forget(session.keys)

    def sweep(self) -> None:
        """Drop the sessions that nobody has used for too long."""
        for session in self:
            if self._clock() - session.used <= self._seconds:
                return
            self.drop(session.id)
