"""Who may talk to the server, and what a browser may do with its pages.

On this machine alone, the danger is other web pages: they can send requests here from the user's
own browser. On other addresses it is everybody, so a token is asked for.
"""

import ipaddress
import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nurie.server.problems import Problem, response

API = "/api/"
OPEN_TO_ALL = ("/api/v1/health",)

_HEADERS = {
    "Content-Security-Policy": "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob: data:",
            "connect-src 'self'",
            "font-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class SafeHeaders:
    """Tells browsers to run and load nothing but what comes from this server."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                # Results are somebody's pictures; the page is asked for anew after an update.
                kept = "no-store" if scope["path"].startswith(API) else "no-cache"
                headers.setdefault("Cache-Control", kept)
            await send(message)

        await self._app(scope, receive, send_safely)


class Gatekeeper:
    """Refuses requests that come from elsewhere, and those without the token.

    Args:
        host: the address that the server listens on.
        token: what the API asks for; None for nothing.
        allow_origins: pages of other servers that may use the API.
    """

    def __init__(
        self, app: ASGIApp, *, host: str, token: str | None, allow_origins: tuple[str, ...]
    ):
        self._app = app
        self._hosts = {*_LOOPBACK, host} if is_loopback(host) else None
        self._token = token
        self._allow_origins = allow_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (problem := self._problem(scope)):
            await response(problem)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _problem(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        if self._hosts and _name(headers.get("host", "")) not in self._hosts:
            # A name of somebody else's that leads here: DNS rebinding.
            return Problem(403, "this server is for its own machine: open it as localhost")
        if scope["method"] not in _SAFE_METHODS and not self._is_ours(headers):
            return Problem(403, "another site's page sent this request: open the studio itself")
        if self._token and scope["path"].startswith(API) and scope["path"] not in OPEN_TO_ALL:
            scheme, _, token = headers.get("authorization", "").partition(" ")
            known = secrets.compare_digest(token.strip().encode(), self._token.encode())
            if scheme.lower() != "bearer" or not known:
                return Problem(
                    401,
                    "the token is missing or wrong: open the address that the server printed, or "
                    "send the header 'Authorization: Bearer TOKEN'",
                    {"WWW-Authenticate": "Bearer"},
                )
        return None

    def _is_ours(self, headers: Headers) -> bool:
        """Whether a request comes from our own page, one that is allowed, or no browser."""
        origin = headers.get("origin")
        if origin in self._allow_origins:
            return True
        if origin is not None and origin.partition("://")[2] != headers.get("host"):
            return False
        return headers.get("sec-fetch-site", "none") in ("same-origin", "none")


def _name(host: str) -> str | None:
    """The name in a Host header, without the port; None if there is none."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
