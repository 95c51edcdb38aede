"""Sessions at work: opened, changed and painted by jobs."""

import contextlib
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from nurie.server import orders
from nurie.server.jobs import Jobs
from nurie.server.orders import Coloring, Drawing, Facts, Material, Order, Reference, Result
from nurie.server.problems import Problem
from nurie.server.sessions import Session, Sessions
from nurie.server.settings import Settings


class Studio:
    """What the routes work with.

    Attributes:
        jobs: the queue and its workers.
        sessions: those that are open.
    """

    def __init__(self, settings: Settings, jobs: Jobs):
        self.jobs = jobs
        self.sessions = Sessions(settings.session_memory, settings.session_seconds, jobs.forget)

    def session(self, id: str) -> Session:
        """The session of that id, which counts as used now.

        Raises:
            Problem: there is none, or none any more.
        """
        if session := self.sessions.use(id):
            return session
        raise _lost()

    async def open(self, drawing: Drawing) -> Session:
        """Begin a session."""
        try:
            facts, home = await self.jobs.do(orders.Describe(drawing.key), [drawing])
        except BaseException:
            self.jobs.forget([drawing.key])
            raise
        assert isinstance(facts, Facts)
        session = Session(drawing, facts, home)
        self.sessions.add(session)
        return session

    async def change(self, session: Session, **values: Any) -> None:
        """Read the line art of a session anew, with other values of its `Drawing`."""
        drawing = replace(session.drawing, **values)
        if drawing == session.drawing:
            return
        drawing = drawing.anew()
        with self._tidied(session, [drawing]):
            facts = await self._done(session, orders.Describe(drawing.key), [drawing])
            assert isinstance(facts, Facts)
            session.drawing, session.facts = drawing, facts
            self.sessions.add(session)

    async def refer(self, session: Session, reference: Reference) -> None:
        """Take colours from another picture from now on."""
        # Painted by it once, the network has seen it, and the user's next stroke need not wait.
        order = orders.Paint(session.drawing.key, reference.key, Coloring((), {}), "flats")
        materials = session.drawing, reference
        with self._tidied(session, materials):
            await self._done(session, order, materials)
            session.reference = reference
            self.sessions.add(session)

    def refer_to_none(self, session: Session) -> None:
        """Take colours from no other picture any more."""
        with self._tidied(session):
            session.reference = None

    def work_on(self, session: Session, order: Order) -> Awaitable[Result]:
        """Have an order done that names what the session holds at the moment."""

        async def work(materials: Sequence[Material]) -> Result:
            with self._tidied(session, materials):
                return await self._done(session, order, materials)

        return work(session.materials)

    async def _done(self, session: Session, order: Order, materials: Sequence[Material]) -> Result:
        """Have an order done where the session is at home; it may have ended meanwhile."""
        result, _ = await self.jobs.do(order, materials, home=session.home)
        if session not in self.sessions:
            raise _lost()
        return result

    @contextlib.contextmanager
    def _tidied(self, session: Session, materials: Sequence[Material] = ()) -> Iterator[None]:
        """Afterwards, forget what was made for a session and what it does not need.

        Others may have changed or ended the session meanwhile, so that its worker has made once
        more what was forgotten already.
        """
        try:
            yield
        finally:
            needed = session.keys if session in self.sessions else frozenset()
            made = session.made.union(material.key for material in materials)
            session.made = needed
            if unneeded := made - needed:
                self.jobs.forget(unneeded)


def _lost() -> Problem:
    return Problem(404, "there is no such session any more: send the picture again")
