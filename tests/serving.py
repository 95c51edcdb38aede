"""What the tests of the server look at; it needs what nurie[serve] brings."""

import asyncio
import contextlib
import io
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI
from PIL import Image

from nurie.server.app import STATIC, create_api, protected
from nurie.server.jobs import Jobs
from nurie.server.sessions import Sessions
from nurie.server.settings import Settings
from nurie.server.workers import Worker

PATIENCE = 60
"""Seconds until a test gives up: the machine may be busy with other things."""


@dataclass(frozen=True)
class Served:
    """A server that listens on a free port, in a thread of this process."""

    client: httpx.Client
    api: FastAPI
    loop: asyncio.AbstractEventLoop

    static = STATIC

    @property
    def jobs(self) -> Jobs:
        return self.api.state.studio.jobs

    @property
    def sessions(self) -> Sessions:
        return self.api.state.studio.sessions

    @property
    def worker(self) -> Worker:
        return self.jobs._workers[0]

    def call(self, function: Callable[[], object]) -> None:
        """Call what belongs to the server's thread."""
        self.loop.call_soon_threadsafe(function)

    def open(self, picture: bytes, **fields: object) -> httpx.Response:
        return self.client.post("sessions", files={"file": ("a.png", picture)}, data=fields)


@contextlib.contextmanager
def serving(**settings) -> Iterator[Served]:
    api = create_api(Settings(port=0, **settings))
    config = uvicorn.Config(protected(api), port=0, lifespan="on", log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1/", timeout=PATIENCE) as client:
            yield Served(client, api, server.servers[0].get_loop())
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        api.state.studio.jobs.kill()


def until(true: Callable[[], object]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


@contextlib.contextmanager
def standing_still(worker: Worker) -> Iterator[int]:
    """Have a worker stand still, so that its job takes as long as the test wants; its process."""
    if not hasattr(signal, "SIGSTOP"):
        pytest.skip("no process can be stopped here")
    pid = worker.pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield pid
    finally:
        if worker.pid == pid and worker.alive:
            os.kill(pid, signal.SIGCONT)


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def opened(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))
