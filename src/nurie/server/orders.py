"""What the server asks of its workers, and what they answer: plain values that pass a pipe.

An order that needs line art or a reference names it by key. The server sends along how to make
what the worker does not hold, so a worker that was replaced makes it anew.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

FoundKind = Literal["picture", "lines"]
Kind = Literal["auto", "picture", "lines"]
Style = Literal["soft", "ink", "thin"]


@dataclass(frozen=True)
class Limits:
    """What a worker keeps to.

    Attributes:
        threads: of a network.
        max_pixels: a larger picture is refused before it is decoded.
    """

    threads: int
    max_pixels: int


@dataclass(frozen=True)
class Upload:
    """A file as a client sent it; the name is for messages alone."""

    name: str
    content: bytes


def _new_key() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True)
class Drawing:
    """How line art is made: from a picture, or it is one.

    Attributes:
        kind: "auto" lets the picture decide.
        style: of the lines that are extracted.
        gap: the widest break in a line that is closed, in pixels; None goes by the size.
    """

    upload: Upload
    kind: Kind = "auto"
    style: Style = "soft"
    gap: float | None = None
    key: str = field(default_factory=_new_key)

    def anew(self) -> "Drawing":
        """The same under another key."""
        return replace(self, key=_new_key())


@dataclass(frozen=True)
class Reference:
    """A coloured picture whose colours are taken."""

    upload: Upload
    key: str = field(default_factory=_new_key)


Material = Drawing | Reference


@dataclass(frozen=True)
class Extract:
    """The lines of a picture, as a file."""

    upload: Upload
    style: Style
    color: bool
    transparent: bool
    format: str


@dataclass(frozen=True)
class Coloring:
    """What to paint with: the hints and options of the API, as JSON has them."""

    hints: Sequence[dict[str, Any]]
    options: dict[str, Any]


@dataclass(frozen=True)
class Colorize:
    """Line art, coloured, as a file."""

    upload: Upload
    coloring: Coloring
    format: str


@dataclass(frozen=True)
class ReadPalette:
    """The colours of a palette's file, or of a picture: `Colors`."""

    upload: Upload


@dataclass(frozen=True)
class ShowSource:
    """A picture as it was understood, as a PNG."""

    upload: Upload


@dataclass(frozen=True)
class Describe:
    """What line art is like: `Facts`."""

    drawing: str


@dataclass(frozen=True)
class ShowLines:
    """The line layer, opaque, as a PNG."""

    drawing: str


@dataclass(frozen=True)
class ShowRegions:
    """The region number of every pixel, as a PNG."""

    drawing: str


@dataclass(frozen=True)
class Paint:
    """One layer of a coloured drawing, as a PNG."""

    drawing: str
    reference: str | None
    coloring: Coloring
    layer: Literal["flats", "shade"]


@dataclass(frozen=True)
class Export:
    """A coloured drawing, as a file."""

    drawing: str
    reference: str | None
    coloring: Coloring
    format: str
    layers: Literal["all", "flats", "lines"]
    by_color: bool


Order = (
    Extract
    | Colorize
    | ReadPalette
    | ShowSource
    | Describe
    | ShowLines
    | ShowRegions
    | Paint
    | Export
)


@dataclass(frozen=True)
class Facts:
    """What line art is like.

    Attributes:
        regions: how many.
        bytes: that the worker holds for it, about.
    """

    width: int
    height: int
    kind: FoundKind
    regions: int
    bytes: int


@dataclass(frozen=True)
class Colors:
    """A palette: colours as "#rrggbb"."""

    name: str
    colors: tuple[str, ...]


@dataclass(frozen=True)
class Failure:
    """Why an order could not be done.

    Attributes:
        status: of HTTP.
        detail: a sentence for the client.
    """

    status: int
    detail: str


Result = bytes | Facts | Colors


@dataclass(frozen=True)
class Message:
    """What a worker is sent.

    Attributes:
        order: None where there is only something to forget.
        materials: to be made first.
        forget: keys of what nobody needs any more, before that.
    """

    order: Order | None
    materials: Sequence[Material] = ()
    forget: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Reply:
    """What a worker answers.

    Attributes:
        holds: the keys of all that it has now.
    """

    result: Result | Failure | None
    holds: frozenset[str]
