"""How much comes in: requests that wait, bytes of each, and the time that they take to arrive.

All of it is checked before a request is read, or while it is.
"""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nurie.server.problems import Problem, response, unavailable
from nurie.server.security import API

JSON_BYTES = 4_000_000
"""Of a request that is no form: it is parsed at once, and nobody else is answered meanwhile."""


class Admission:
    """Lets in as many requests for work as may be done or wait, and no request that is too large.

    Args:
        places: for requests that are done or wait.
        max_bytes: of a request.
        timeout: seconds for a request to arrive.
    """

    def __init__(self, app: ASGIApp, *, places: int, max_bytes: int, timeout: float):
        self._app = app
        self._places = places
        self._max_bytes = max_bytes
        self._timeout = timeout
        self._taken = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_work(scope):
            await self._app(scope, receive, send)
        elif self._taken >= self._places:
            busy = unavailable("too many requests are waiting: try again in a moment")
            await response(busy)(scope, receive, send)
        else:
            self._taken += 1
            try:
                await self._measured(scope, receive, send)
            finally:
                self._taken -= 1

    async def _measured(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        form = headers.get("content-type", "").startswith("multipart/")
        most = self._max_bytes if form else min(JSON_BYTES, self._max_bytes)
        too_large = Problem(413, f"the request has more than {most:,} bytes: send a smaller file")
        declared = headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > most:
            await response(too_large)(scope, receive, send)
            return
        came, complete = 0, False
        until = asyncio.get_running_loop().time() + self._timeout

        async def receive_some() -> Message:
            nonlocal came, complete
            if complete:  # what follows is the client going away, whenever that is
                return await receive()
            left = until - asyncio.get_running_loop().time()
            try:
                message = await asyncio.wait_for(receive(), max(left, 0))
            except asyncio.TimeoutError:
                late = f"the request took more than {self._timeout:g} s to arrive"
                raise Problem(408, late) from None
            came += len(message.get("body", b""))
            if came > most:
                raise too_large
            complete = not message.get("more_body", False)
            return message

        await self._app(scope, receive_some, send)


def _is_work(scope: Scope) -> bool:
    """Whether a request is read or answered by work; all others are answered at once."""
    path = scope["path"]
    takes = scope["method"] in ("POST", "PUT", "PATCH") or path.endswith(".png")
    return takes and path.startswith(API)
