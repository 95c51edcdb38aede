"""What a server is started with."""

from dataclasses import dataclass

from nurie.core.errors import NurieError

MEGABYTE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a server listens, what it accepts, and what it spends.

    Attributes:
        host: the address that it listens on.
        port: 0 lets the system choose one.
        token: what a client must know; None asks for nothing.
        allow_origins: pages of other servers, such as "https://example.org", that may use this one.
        workers: processes that do the work, each with the state of its own sessions.
        threads: of a network in one worker.
        queue: requests that may wait for a worker; more are refused.
        session_memory: bytes that sessions may hold; the longest unused go first.
        session_seconds: after which an unused session is dropped.
        max_pixels: larger pictures are refused before they are decoded.
        max_upload: bytes of a request; more are refused while they come in.
        timeout: seconds that a request may wait, and again that it may take.

    Raises:
        NurieError: a number that makes no sense.
    """

    host: str = "127.0.0.1"
    port: int = 7860
    token: str | None = None
    allow_origins: tuple[str, ...] = ()
    workers: int = 1
    threads: int = 1
    queue: int = 32
    session_memory: int = 1000 * MEGABYTE
    session_seconds: float = 3600
    max_pixels: int = 40 * MEGABYTE
    max_upload: int = 64 * MEGABYTE
    timeout: float = 120

    def __post_init__(self) -> None:
        for name in ("workers", "threads", "queue", "max_pixels", "max_upload", "timeout"):
            if not getattr(self, name) > 0:
                raise NurieError(f"{name} can't be {getattr(self, name)}: give more than 0")
