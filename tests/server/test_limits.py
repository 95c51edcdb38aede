import asyncio
import socket
import threading
import time

import pytest
import uvicorn

from nurie.server import limits
from nurie.server.limits import Admission
from nurie.server.problems import Problem, response
from serving import until


async def _count(scope, receive, send) -> None:
    """Answer how many bytes came."""
    count = 0
    try:
        while True:
            message = await receive()
            count += len(message.get("body", b""))
            if not message.get("more_body"):
                break
    except Problem as problem:
        await response(problem)(scope, receive, send)
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(count).encode()})


async def _ask(
    app, *chunks: bytes, method="POST", path="/api/v1/extract", **headers: str
) -> list[dict]:
    parts = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    parts.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[dict] = []

    async def receive() -> dict:
        return parts.pop(0) if parts else {"type": "http.disconnect"}

    async def send(message) -> None:
        sent.append(message)

    named = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": named}
    await app(scope, receive, send)
    return sent


def status(app, *chunks: bytes, **headers: str) -> int:
    return asyncio.run(_ask(app, *chunks, **headers))[0]["status"]


FORM = {"content_type": "multipart/form-data; boundary=x"}


def admission(app=_count, *, places=1, max_bytes=100, timeout=20.0) -> Admission:
    return Admission(app, places=places, max_bytes=max_bytes, timeout=timeout)


def test_what_is_small_enough_passes():
    assert status(admission(), b"a" * 60, b"b" * 40, **FORM) == 200


def test_too_much_is_refused_while_it_comes_in():
    came = []

    async def keep(scope, receive, send) -> None:
        async def counted():
            message = await receive()
            came.append(message)
            return message

        await _count(scope, counted, send)

    chunks = [b"a" * 60, b"b" * 60, b"c" * 60]
    assert status(admission(keep), *chunks, **FORM) == 413
    assert len(came) == 1


@pytest.mark.parametrize("length", ["101", "99999999999999999999", "-1", "ten"])
def test_a_length_that_is_too_much_is_refused_before_anything_is_read(length):
    async def unreached(scope, receive, send) -> None:
        raise AssertionError

    assert status(admission(unreached), content_length=length, **FORM) == 413


def test_json_is_held_to_a_tighter_limit(monkeypatch):
    monkeypatch.setattr(limits, "JSON_BYTES", 50)
    assert status(admission(), b"a" * 51, content_type="application/json") == 413
    assert status(admission(), b"a" * 51, **FORM) == 200


def test_a_request_that_does_not_arrive_is_given_up():
    async def run() -> int:
        sent: list[dict] = []

        async def never() -> dict:
            await asyncio.sleep(60)
            raise AssertionError

        async def send(message) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/api/v1/extract", "headers": []}
        await admission(timeout=0.05)(scope, never, send)
        return sent[0]["status"]

    assert asyncio.run(run()) == 408


def test_more_than_there_are_places_for_is_refused_at_once():
    async def run() -> None:
        go = asyncio.Event()
        inside = 0

        async def wait(scope, receive, send) -> None:
            nonlocal inside
            inside += 1
            await go.wait()
            await _count(scope, receive, send)

        app = admission(wait, places=2)
        first = [asyncio.create_task(_ask(app)) for _ in range(2)]
        await asyncio.sleep(0)
        assert inside == 2
        refused = await _ask(app)
        assert refused[0]["status"] == 503
        assert (b"retry-after", b"1") in refused[0]["headers"]
        at_once = [
            asyncio.create_task(_ask(app, method="GET", path=path))
            for path in ("/api/v1/health", "/", "/samples/a.png")
        ]
        await asyncio.sleep(0)
        assert inside == 5
        go.set()
        assert [sent[0]["status"] for sent in await asyncio.gather(*first, *at_once)] == [200] * 5
        assert (await _ask(app))[0]["status"] == 200

    asyncio.run(run())


def test_a_place_is_free_again_after_an_error():
    async def fail(scope, receive, send) -> None:
        raise ValueError

    async def run() -> None:
        app = admission(fail)
        for _ in range(2):
            with pytest.raises(ValueError):  # noqa: PT011
                await _ask(app)

    asyncio.run(run())


def test_a_client_that_is_refused_while_it_sends_sees_why():
    """The answer is there before all was sent, and what comes after it does no harm."""
    config = uvicorn.Config(admission(places=0), port=0, lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        size = 5_000_000
        with socket.create_connection(server.servers[0].sockets[0].getsockname()) as client:
            head = f"POST /api/v1/extract HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n"
            client.sendall(head.encode())
            for _ in range(50):
                client.sendall(bytes(size // 50))
                time.sleep(0.002)
            answer = client.recv(10_000)
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"try again" in answer
    finally:
        server.should_exit = True
        thread.join()
