"""What becomes of requests when workers crash, hang, or have too much to do."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from serving import serving, standing_still, until

HINTS = {"hints": [{"x": 30, "y": 45, "color": "#f4c7a1"}]}


@pytest.fixture(scope="module")
def weak():
    """A server that lets one request wait, and has room for three sessions."""
    with serving(queue=1, session_memory=36_000_000, max_upload=300_000) as server:
        yield server


@pytest.fixture
def threads():
    with ThreadPoolExecutor(8) as pool:
        yield pool


def busy(server) -> bool:
    """Whether the worker was given all that there is to do."""
    return server.jobs.waiting == 0 and not all(bell.is_set() for bell in server.jobs._bells)


def test_a_worker_that_is_killed_costs_one_request_and_no_session(served, threads, line_art):
    path = f"sessions/{served.open(line_art).json()['id']}/paint"
    before = served.client.post(path, json=HINTS).content
    restarts = served.jobs.restarts
    with standing_still(served.worker) as pid:
        painting = threads.submit(served.client.post, path, json=HINTS)
        time.sleep(0.3)
        os.kill(pid, signal.SIGKILL)
        answer = painting.result()
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "try again" in answer.json()["detail"]
    again = served.client.post(path, json=HINTS)
    assert (again.status_code, again.content) == (200, before)
    assert served.jobs.restarts == restarts + 1


def test_a_worker_that_is_killed_while_idle_costs_nothing(served, picture, line_art):
    path = f"sessions/{served.open(line_art).json()['id']}"
    served.client.put(f"{path}/reference", files={"file": ("b.png", picture)})
    before = served.client.post(f"{path}/paint", json=HINTS).content
    os.kill(served.worker.pid, signal.SIGKILL)
    until(lambda: not served.worker.alive)
    after = served.client.post(f"{path}/paint", json=HINTS)
    assert (after.status_code, after.content) == (200, before)
    served.client.delete(path)


def test_a_hang_is_ended(weak, line_art, monkeypatch):
    path = f"sessions/{weak.open(line_art).json()['id']}/paint"
    with standing_still(weak.worker), monkeypatch.context() as patch:
        patch.setattr(weak.jobs, "_timeout", 0.5)
        answer = weak.client.post(path, json=HINTS)
    assert answer.status_code == 503
    assert "0.5 s" in answer.json()["detail"]
    assert weak.client.post(path, json=HINTS).status_code == 200


def test_beyond_the_queue_requests_are_refused_at_once(weak, threads, line_art):
    path = f"sessions/{weak.open(line_art).json()['id']}/paint"
    with standing_still(weak.worker):
        admitted = [threads.submit(weak.client.post, path, json=HINTS) for _ in range(2)]
        until(lambda: weak.jobs.waiting == 1)
        refused = weak.client.post(path, json=HINTS)
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "1"
        assert "try again" in refused.json()["detail"]
        assert weak.client.get("health").json()["waiting"] == 1
        assert weak.client.get(weak.client.base_url.copy_with(path="/")).status_code == 200
    assert [each.result().status_code for each in admitted] == [200, 200]


def test_a_client_that_goes_away_leaves_the_queue(weak, threads, line_art):
    path = f"sessions/{weak.open(line_art).json()['id']}/paint"
    with standing_still(weak.worker):
        first = threads.submit(weak.client.post, path, json=HINTS)
        until(lambda: busy(weak))
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(weak.client.base_url.join(path), json=HINTS, timeout=0.5)
        until(lambda: weak.jobs.waiting == 0)
        second = threads.submit(weak.client.post, path, json=HINTS)
        until(lambda: weak.jobs.waiting == 1)
    assert [first.result().status_code, second.result().status_code] == [200, 200]


def test_the_oldest_session_goes_when_memory_is_full(weak, line_art):
    names = [weak.open(line_art).json()["id"] for _ in range(3)]
    weak.client.get(f"sessions/{names[0]}")
    names.append(weak.open(line_art).json()["id"])
    found = [weak.client.get(f"sessions/{name}").status_code for name in names]
    assert found == [200, 404, 200, 200]
    until(lambda: len(weak.worker.holds) == 3)  # the worker has forgotten it, too


def test_a_session_expires(weak, line_art):
    path = f"sessions/{weak.open(line_art).json()['id']}"
    weak.sessions._clock = lambda: time.monotonic() + 3601
    try:
        assert weak.client.get(path).status_code == 404
        assert len(weak.sessions) == 0
    finally:
        weak.sessions._clock = time.monotonic
    until(lambda: not weak.worker.holds)


def test_an_upload_that_is_too_large_is_refused(weak):
    answer = weak.open(bytes(300_001))
    assert answer.status_code == 413
    assert "300,000 bytes" in answer.json()["detail"]

    def chunks():
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(10):
            yield bytes(100_000)

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = weak.client.post("extract", content=chunks(), headers=headers)
    assert answer.status_code == 413


def test_a_failed_change_leaves_the_session_as_it_was(weak, threads, line_art):
    facts = weak.open(line_art).json()
    path = f"sessions/{facts['id']}"
    before = weak.client.post(f"{path}/paint", json=HINTS).content
    with standing_still(weak.worker) as pid:
        change = threads.submit(weak.client.patch, path, json={"gap": 50})
        time.sleep(0.3)
        os.kill(pid, signal.SIGKILL)
        assert change.result().status_code == 500
    assert weak.client.get(path).json()["gap"] is None
    assert weak.client.post(f"{path}/paint", json=HINTS).content == before
    assert len(weak.worker.holds) == 1


def test_changes_while_others_wait_leave_nothing_behind(served, threads, line_art):
    held = len(served.worker.holds)
    path = f"sessions/{served.open(line_art).json()['id']}"
    with standing_still(served.worker):
        jobs = []
        for number, ask in enumerate(
            [
                lambda: served.client.post(f"{path}/paint", json=HINTS),
                lambda: served.client.patch(path, json={"gap": 5}),
                lambda: served.client.patch(path, json={"gap": 6}),
                lambda: served.client.post(f"{path}/paint", json=HINTS),
            ]
        ):
            jobs.append(threads.submit(ask))
            until(lambda number=number: served.jobs.waiting == number and (number or busy(served)))
    assert [job.result().status_code for job in jobs] == [200] * 4
    assert served.client.get(path).json()["gap"] == 6
    until(lambda: len(served.worker.holds) == held + 1)
    served.client.delete(path)
    until(lambda: len(served.worker.holds) == held)


def test_a_session_that_ends_while_its_jobs_wait_leaves_nothing_behind(served, threads, line_art):
    held = len(served.worker.holds)
    path = f"sessions/{served.open(line_art).json()['id']}"
    with standing_still(served.worker):
        first = threads.submit(served.client.post, f"{path}/paint", json=HINTS)
        until(lambda: busy(served))
        second = threads.submit(served.client.post, f"{path}/paint", json=HINTS)
        until(lambda: served.jobs.waiting == 1)
        assert served.client.delete(path).status_code == 204
    assert [first.result().status_code, second.result().status_code] == [404, 404]
    until(lambda: len(served.worker.holds) == held)


def test_stopping_finishes_what_was_begun(line_art):
    with serving() as server:
        path = f"sessions/{server.open(line_art).json()['id']}/paint"
        with ThreadPoolExecutor(2) as pool:
            with standing_still(server.worker):
                first = pool.submit(server.client.post, path, json=HINTS)
                until(lambda: busy(server))
                second = pool.submit(httpx.post, server.client.base_url.join(path), json=HINTS)
                until(lambda: server.jobs.waiting == 1)
                server.call(server.jobs.close)
                assert second.result().status_code == 503
            assert first.result().status_code == 200
    assert not server.worker.alive


def test_no_thread_is_left(served):
    names = [thread.name for thread in threading.enumerate()]
    assert sum(name.startswith("nurie-worker") for name in names) <= 2
