import os
import queue
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from commands import PATIENCE, one_line_error, start

httpx = pytest.importorskip("httpx")
for package in ("fastapi", "prometheus_client", "uvicorn"):
    pytest.importorskip(package)

LINES = Path(__file__).parents[2] / "examples" / "lines.png"


def test_it_explains_itself(nurie):
    ran = nurie("serve", "--help")
    said = ran.out.decode()
    assert (ran.status, ran.err) == (0, "")
    assert "nurie serve --host 0.0.0.0" in said
    for option in ("--port", "--no-browser", "--token", "--no-token", "--workers", "--queue",
                   "--session-memory", "--max-pixels", "--timeout", "--allow-origin"):  # fmt: skip
        assert option in said


@pytest.fixture
def serve(here) -> Iterator:
    """Start a server on a free port; the process, and the address that it printed."""
    processes: list[subprocess.Popen[bytes]] = []

    def call(*arguments: object) -> tuple[subprocess.Popen[bytes], str]:
        process = start("serve", "--no-browser", "--port", 0, *arguments)
        processes.append(process)
        assert process.stdout
        return process, process.stdout.readline().decode().strip()

    yield call
    for process in processes:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_it_prints_its_address_serves_and_stops_at_ctrl_c(serve):
    process, address = serve()
    assert address.startswith("http://127.0.0.1:")
    assert "#" not in address
    assert httpx.get(f"{address}api/v1/health", timeout=PATIENCE).json()["status"] == "ok"
    assert httpx.get(address).headers["content-type"].startswith("text/html")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert b"Traceback" not in err


def test_on_other_addresses_it_makes_up_a_token(serve):
    _, address = serve("--host", "0.0.0.0")
    url, _, token = address.partition("#token=")
    port = url.rstrip("/").rpartition(":")[2]
    models = f"http://127.0.0.1:{port}/api/v1/models"
    assert len(token) >= 32
    assert httpx.get(models, timeout=PATIENCE).status_code == 401
    assert httpx.get(models, headers={"Authorization": f"Bearer {token}"}).is_success


@pytest.mark.parametrize("browser", [True, False])
def test_it_opens_a_browser_unless_told_otherwise(nurie, monkeypatch, browser):
    opened: queue.Queue[str] = queue.Queue()
    monkeypatch.setattr("webbrowser.open", opened.put)

    def serve(settings, listener, started) -> None:
        listener.close()
        started()

    monkeypatch.setattr("nurie.server.run.serve", serve)
    monkeypatch.setattr("nurie.server.run.address", lambda settings, listener: "http://a/")
    ran = nurie("serve", "--port", 0, *([] if browser else ["--no-browser"]))
    assert ran.out == b"http://a/\n"
    if browser:
        assert opened.get(timeout=PATIENCE) == "http://a/"
    assert opened.empty()


def _children(pid: int) -> list[int]:
    """The processes that a process started and that are no mere bookkeeping."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize("signals", [[signal.SIGTERM], [signal.SIGINT, signal.SIGINT]])
def test_one_signal_finishes_what_was_begun_two_do_not(serve, signals):
    process, address = serve()
    files = {"file": ("a.png", LINES.read_bytes())}
    session = httpx.post(f"{address}api/v1/sessions", files=files, timeout=PATIENCE).json()["id"]
    (worker,) = _children(process.pid)
    os.kill(worker, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool, httpx.Client(timeout=PATIENCE) as client:
        painting = pool.submit(client.post, f"{address}api/v1/sessions/{session}/paint", json={})
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signals[0])
        with pytest.raises(subprocess.TimeoutExpired):  # it waits for the worker
            process.wait(0.5)
        if len(signals) == 1:
            os.kill(worker, signal.SIGCONT)
            assert painting.result().status_code == 200
        else:
            process.send_signal(signals[1])
            with pytest.raises((httpx.TransportError, AssertionError)):
                assert painting.result().is_success
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    assert not Path(f"/proc/{worker}").exists()


def test_a_port_in_use_is_one_line(nurie):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        error = one_line_error(nurie("serve", "--no-browser", "--port", port))
    assert f"port {port} is in use" in error
    assert "--port" in error


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("--host nowhere.invalid", "nowhere.invalid"),
        ("--host 192.0.2.7", "192.0.2.7"),
        ("--token a --no-token", "contradict"),
        ("--workers 0", "0"),
        ("--port 99999", "99999"),
        ("--timeout 0", "0"),
    ],
)
def test_what_makes_no_sense_is_one_line(nurie, arguments, says):
    assert says in one_line_error(nurie("serve", "--no-browser", *arguments.split()))


def test_an_empty_token_is_refused(nurie):
    assert "everybody" in one_line_error(nurie("serve", "--no-browser", "--token", ""))


def test_without_the_extra_it_says_what_to_install(nurie, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("nurie.server")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert "pip install 'nurie[serve]'" in one_line_error(nurie("serve", "--no-browser"))
