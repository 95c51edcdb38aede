"""Listening: the socket, the address that users open, and the signals that end it."""

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn
from fastapi import FastAPI

from nurie.core.errors import NurieError
from nurie.core.files import reason
from nurie.server.app import create_api, protected
from nurie.server.settings import Settings

SLOW_CLIENTS = 10
"""Seconds beyond a job's own limit until a stopping server gives up answers nobody fetches."""

_WILDCARDS = ("0.0.0.0", "::", "")


def listen(settings: Settings) -> socket.socket:
    """Take the address, so that a port in use is known before anything is started.

    Raises:
        NurieError: it is in use, or can't be had.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Without the protocol's number, asyncio does not switch Nagle's algorithm off, and every answer
    # would wait 40 ms for the client's acknowledgement of its headers.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # on Windows it would share a port that is in use
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise NurieError(
                f"port {settings.port} is in use: is nurie running already? If not, choose "
                f"another with --port {settings.port + 1}"
            ) from error
        raise NurieError(
            f"{settings.host}:{settings.port} can't be listened on: {reason(error)}"
        ) from error
    return listener


def address(settings: Settings, listener: socket.socket) -> str:
    """What to open in a browser; the token stands where no server gets to see it."""
    port = listener.getsockname()[1]
    host = _reachable_name() if settings.host in _WILDCARDS else settings.host
    host = f"[{host}]" if ":" in host else host
    fragment = f"#token={settings.token}" if settings.token else ""
    return f"http://{host}:{port}/{fragment}"


def serve(settings: Settings, listener: socket.socket, started: Callable[[], None]) -> None:
    """Serve until the process is told to stop: by Ctrl-C or SIGTERM, a second one stops at once.

    Args:
        started: called when requests are answered.
    """
    # It warns of every malformed form, which clients are told of anyway.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
    api = create_api(settings)
    config = uvicorn.Config(
        protected(api),
        lifespan="on",
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=round(settings.timeout) + SLOW_CLIENTS,
    )
    try:
        _Server(config, api, started).run(sockets=[listener])
    finally:
        if studio := getattr(api.state, "studio", None):
            studio.jobs.kill()


class _Server(uvicorn.Server):
    """Finishes what it began at the first signal, and nothing at the second."""

    def __init__(self, config: uvicorn.Config, api: FastAPI, started: Callable[[], None]):
        super().__init__(config)
        self._api = api
        self._on_start = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Unlike uvicorn's own, it doesn't send the signals to itself once more when all is done.
        loop = asyncio.get_running_loop()

        def stop(number: int, frame: FrameType | None) -> None:
            if studio := getattr(self._api.state, "studio", None):
                jobs = studio.jobs
                loop.call_soon_threadsafe(jobs.kill if self.should_exit else jobs.close)
            self.force_exit = self.should_exit
            self.should_exit = True

        numbers = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(number, stop) for number in numbers]
        try:
            yield
        finally:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)


def _reachable_name() -> str:
    """The address by which other machines reach this one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # of nobody, and nothing is sent
            return probe.getsockname()[0]
        except OSError:
            return socket.gethostname()
