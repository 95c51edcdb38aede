"""nurie serve"""

import os
import secrets
import threading
import webbrowser
from typing import Annotated

from cyclopts import Parameter
from cyclopts.types import PositiveFloat, PositiveInt, UInt16

from nurie.cli.screen import say
from nurie.core.errors import MissingExtra, NurieError

MEGABYTE = 1_000_000


def serve(
    *,
    host: str = "127.0.0.1",
    port: UInt16 = 7860,
    browser: Annotated[bool, Parameter(negative="--no-browser")] = True,
    token: str | None = None,
    no_token: Annotated[bool, Parameter(negative="")] = False,
    allow_origin: Annotated[list[str] | None, Parameter(negative="")] = None,
    workers: PositiveInt | None = None,
    queue: PositiveInt = 32,
    session_memory: PositiveInt = 1000,
    session_expiry: PositiveFloat = 60,
    max_pixels: PositiveInt = 40_000_000,
    max_upload: PositiveInt = 64,
    timeout: PositiveFloat = 120,
) -> None:
    """Open the studio in the browser, and answer the REST API.

    Everything stays on this machine. Ctrl-C finishes what was begun and stops; a second one stops
    at once.

    Examples:

        nurie serve
        nurie serve --port 8080 --no-browser
        nurie serve --host 0.0.0.0
        nurie serve --host 0.0.0.0 --token "$TOKEN" --workers 4 --session-memory 4000

    Parameters
    ----------
    host
        The address to listen on. On any that other machines reach, a token is asked for.
    port
        0 takes a free one.
    browser
        Open the studio; --no-browser prints its address alone.
    token
        What clients must know; one is made up where one is needed.
    no_token
        Let in everybody who reaches the address.
    allow_origin
        A page of another site, such as https://example.org, that may use the API.
    workers
        Processes that do the work; one for two cores if not given.
    queue
        Requests that may wait; more are refused at once.
    session_memory
        Megabytes that open sessions may take; those that are unused longest go first.
    session_expiry
        Minutes after which an unused session is dropped.
    max_pixels
        Refuse larger pictures.
    max_upload
        Megabytes of a request; larger ones are refused.
    timeout
        Seconds that a request may wait, and again that its work may take.
    """
    try:
        from nurie.server.run import address, listen
        from nurie.server.run import serve as run
        from nurie.server.security import is_loopback
        from nurie.server.settings import Settings
    except ModuleNotFoundError as error:
        raise MissingExtra("serve", "nurie serve") from error

    if token is not None and no_token:
        raise NurieError("--token and --no-token contradict each other: leave one out")
    if token == "":
        raise NurieError("an empty token lets everybody in: leave --token out, or say --no-token")
    if token is None and not no_token and not is_loopback(host):
        token = secrets.token_urlsafe(24)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cores = cores or 1
    workers = workers or max(1, cores // 2)
    settings = Settings(
        host=host,
        port=port,
        token=token,
        allow_origins=tuple(allow_origin or ()),
        workers=workers,
        threads=max(1, cores // workers),
        queue=queue,
        session_memory=session_memory * MEGABYTE,
        session_seconds=session_expiry * 60,
        max_pixels=max_pixels,
        max_upload=max_upload * MEGABYTE,
        timeout=timeout,
    )
    listener = listen(settings)
    url = address(settings, listener)

    def started() -> None:
        print(url, flush=True)
        say("Ctrl-C stops the studio", style="dim")
        if browser:
            # Some browsers run in the terminal, and return when they are closed.
            threading.Thread(target=webbrowser.open, args=[url], daemon=True).start()

    run(settings, listener, started)
