"""A server under load: many clients at once, each colouring a drawing of its own.

Every answer is compared with what the same request got from a server with nothing else to do. The
clients ask again when they are refused, as browsers do. Health is asked for all the while.

    python bench/serve_load.py --clients 64 --seconds 120
"""

import argparse
import asyncio
import contextlib
import hashlib
import io
import json
import random
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from PIL import Image
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
DRAWING = HERE.parent / "examples" / "lines.png"
PICTURES, HINTS = 4, 6
"""Different drawings, and sets of hints for each: what answers are known of."""

WARM_UP = 16
"""Sessions at once before memory is measured: as many as are never refused."""

QUIET = 5
"""Seconds until memory is measured: for what was forgotten to be gone."""


@dataclass
class Tally:
    """What the clients saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    wrong: int = 0
    lost: int = 0
    refused_rudely: int = 0

    def note(self, kind: str, began: float, answer: httpx.Response) -> None:
        self.statuses[answer.status_code] += 1
        if answer.status_code == 503:
            self.refused_rudely += "retry-after" not in answer.headers
            kind = "refused"
        self.seconds.setdefault(kind, []).append(time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--size", type=int, default=512, help="side of the drawings, in pixels")
    options = parser.parse_args()
    with _server() as (process, address):
        result = asyncio.run(_run(options, process, address))
    _print(result)
    print(json.dumps(result))


@contextlib.contextmanager
def _server() -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "nurie", "serve", "--no-browser", "--port", "0"]
    command += ["--session-memory", "4000"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield process, f"{process.stdout.readline().strip()}api/v1/"
    finally:
        process.terminate()
        process.wait()


async def _run(options: argparse.Namespace, process: subprocess.Popen, address: str) -> dict:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=300, limits=limits) as client:
        drawings = [_drawing(options.size, number) for number in range(PICTURES)]
        known = [await _known(client, drawing) for drawing in drawings]
        # What the server takes once for so many connections is not what a load leaves behind.
        await asyncio.gather(*(_known(client, drawings[0]) for _ in range(WARM_UP)))
        await asyncio.gather(*(client.get("models") for _ in range(options.clients)))
        await asyncio.sleep(QUIET)
        before = _memory(process.pid)
        tally, health = Tally(), []
        until = time.perf_counter() + options.seconds
        watching = asyncio.create_task(asyncio.to_thread(_watch, address, health, until))
        most = [before]
        weighing = asyncio.create_task(_weigh(process.pid, most))
        await asyncio.gather(
            *(
                _colour(client, drawings[number % PICTURES], known[number % PICTURES], tally, until)
                for number in range(options.clients)
            )
        )
        weighing.cancel()
        await watching
        await asyncio.sleep(QUIET)
        after = _memory(process.pid)
        metrics = (await client.get("metrics")).text
    return {
        "clients": options.clients,
        "seconds": options.seconds,
        "size": options.size,
        "requests": sum(tally.statuses.values()),
        "statuses": {str(status): count for status, count in sorted(tally.statuses.items())},
        "wrong": tally.wrong,
        "lost_sessions": tally.lost,
        "refused_without_retry_after": tally.refused_rudely,
        "worker_restarts": int(float(_metric(metrics, "nurie_worker_restarts"))),
        "latency_ms": {kind: _spread(seconds) for kind, seconds in tally.seconds.items()},
        "health_ms": _spread(health),
        "memory_mb": {"before": before, "most": max(most), "after": after},
    }


def _drawing(size: int, number: int) -> bytes:
    """Line art; the number makes it another one."""
    image = Image.open(DRAWING).convert("RGB").rotate(90 * number, expand=True)
    file = io.BytesIO()
    image.resize((size, size), Image.Resampling.LANCZOS).save(file, "PNG")
    return file.getvalue()


def _hints(number: int) -> dict:
    """What is asked for; each number asks for something else."""
    dice = random.Random(number)
    return {
        "hints": [
            {
                "x": dice.randrange(200),
                "y": dice.randrange(200),
                "color": f"#{dice.randrange(1 << 24):06x}",
            }
            for _ in range(5)
        ]
    }


async def _known(client: httpx.AsyncClient, drawing: bytes) -> list[str]:
    """The right answers for a drawing, by the number of the hints."""
    opened = await client.post("sessions", files={"file": ("a.png", drawing)})
    path = f"sessions/{opened.raise_for_status().json()['id']}"
    answers = [
        (await client.post(f"{path}/paint", json=_hints(number))).raise_for_status().content
        for number in range(HINTS)
    ]
    await client.delete(path)
    return [hashlib.sha256(answer).hexdigest() for answer in answers]


async def _colour(
    client: httpx.AsyncClient, drawing: bytes, known: list[str], tally: Tally, until: float
) -> None:
    """One client: a session that is painted again and again."""
    opened = await _ask(
        client, tally, "open", until, "POST", "sessions", files={"file": ("a.png", drawing)}
    )
    if opened is None:
        return
    path = f"sessions/{opened.json()['id']}"
    dice = random.Random(path)
    while time.perf_counter() < until:
        number = dice.randrange(HINTS)
        answer = await _ask(
            client, tally, "paint", until, "POST", f"{path}/paint", json=_hints(number)
        )
        if answer is None:
            break
        if answer.status_code == 404:
            tally.lost += 1
            break
        tally.wrong += hashlib.sha256(answer.content).hexdigest() != known[number]
    await client.delete(path)


async def _ask(
    client: httpx.AsyncClient, tally: Tally, kind: str, until: float, *request, **body
) -> httpx.Response | None:
    """Ask until there is an answer, or the time is over."""
    while True:
        began = time.perf_counter()
        answer = await client.request(*request, **body)
        tally.note(kind, began, answer)
        if answer.status_code != 503:
            return answer
        if time.perf_counter() > until:
            return None
        # A little more or less, as clients that were refused together would come back together.
        await asyncio.sleep(float(answer.headers.get("retry-after", 1)) * random.uniform(0.8, 1.2))


def _watch(address: str, seconds: list[float], until: float) -> None:
    """Ask for health, in a thread, where the clients' own work is not counted."""
    with httpx.Client(base_url=address) as client:
        while time.perf_counter() < until:
            began = time.perf_counter()
            client.get("health").raise_for_status()
            seconds.append(time.perf_counter() - began)
            time.sleep(0.05)


async def _weigh(pid: int, most: list[float]) -> None:
    while True:
        most.append(_memory(pid))
        await asyncio.sleep(0.5)


def _memory(pid: int) -> float:
    """Megabytes that a process and those that it started hold, shared ones counted once."""
    total = 0
    pids = [pid]
    for each in pids:
        pids += map(int, Path(f"/proc/{each}/task/{each}/children").read_text().split())
        for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return round(total / 1024, 1)


def _metric(text: str, name: str) -> str:
    return next(line.split()[1] for line in text.splitlines() if line.startswith(f"{name} "))


def _spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds) or [0.0]
    return {
        "count": len(seconds),
        "median": round(1000 * statistics.median(ordered), 1),
        "p95": round(1000 * ordered[round(0.95 * (len(ordered) - 1))], 1),
        "p99": round(1000 * ordered[round(0.99 * (len(ordered) - 1))], 1),
        "most": round(1000 * ordered[-1], 1),
    }


def _print(result: dict) -> None:
    console = Console()
    table = Table(box=None, title=f"{result['clients']} clients for {result['seconds']:g} s, in ms")
    for heading in ("request", "count", "median", "p95", "p99", "most"):
        table.add_column(heading, justify="left" if heading == "request" else "right")
    for kind, spread in {**result["latency_ms"], "health": result["health_ms"]}.items():
        table.add_row(kind, *(f"{value:g}" for value in spread.values()))
    console.print(table)
    memory = result["memory_mb"]
    console.print(
        f"statuses {result['statuses']}; wrong {result['wrong']}; "
        f"lost sessions {result['lost_sessions']}; restarts {result['worker_restarts']}\n"
        f"memory {memory['before']:.0f} MB before, {memory['most']:.0f} at most, "
        f"{memory['after']:.0f} after"
    )


if __name__ == "__main__":
    main()
