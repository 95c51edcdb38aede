"""Where the time went: each moment counts once, to the innermost thing that was going on."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from nurie.profiling.events import HOST, Event, nested
from nurie.profiling.profiler import Profile

NETWORK = "network: "
"""Begins the names of shares that ONNX Runtime's networks took."""

_WHOLE = ("input", "compose", "optimizer", "validate", "checkpoint", "profiler")
"""Spans that count as one, whatever runs inside."""

_KINDS = {
    "aten::conv2d": "convolution",
    "aten::convolution": "convolution",
    "aten::conv_transpose2d": "transposed convolution",
    "aten::batch_norm": "batch norm",
}
"""Torch's operators on the way forward. On the way back, one serves both kinds of convolution; it
has the number of the step forward that it belongs to."""

_OTHER = "other operators"
_BACK = ", backward"
_ENGINE = "autograd::engine::evaluate_function: "  # begins the name of a step back
_FORWARD = (*dict.fromkeys(_KINDS.values()), _OTHER)

_IDLE = "idle"
_SHOWN_AS: Mapping[str, str] = {
    "command": "elsewhere",
    "network run": f"{NETWORK}between operators",
}
_AROUND = ("", "command", "forward", "backward")  # where, without an operator, nothing is at work
_SHOWN_AS_OF_TRAINING: Mapping[str, str] = {"compose": "input", **dict.fromkeys(_AROUND, _IDLE)}
_OF_TRAINING = (
    *(kind + way for kind in _FORWARD for way in ("", _BACK)),
    "optimizer",
    "input",
    _IDLE,
)
"""What is told of a training even where it took no time."""


@dataclass(frozen=True)
class Share:
    """What a part of the time was spent on.

    Attributes:
        time: in nanoseconds.
        share: of all the time, in [0, 1].
    """

    name: str
    time: int
    share: float


@dataclass(frozen=True)
class Operator(Share):
    """An operator's time without that of other operators inside it, and how often it ran."""

    calls: int


@dataclass(frozen=True)
class Breakdown:
    """Where the time went.

    Attributes:
        device: whose time it is: "GPU" where torch ran kernels on one, or else "CPU": that of the
            thread which the command ran on.
        time: in nanoseconds, while operators were recorded.
        shares: they add up to all of it; of a training in a fixed order, else the largest first.
        operators: the largest first.
        beside: what other threads of the CPU did meanwhile, such as composing batches.
    """

    device: str
    time: int
    shares: list[Share]
    operators: list[Operator]
    beside: list[Share]


@dataclass(slots=True)
class _Piece:
    """An event without those inside it.

    Attributes:
        name: its operator's, where there is one.
        time: how long it was, in nanoseconds.
        label: what that counts to.
    """

    event: Event
    name: str
    time: int
    label: str


def break_down(profile: Profile) -> Breakdown:
    """Find out where a command's time went while operators were recorded."""
    time = profile.window[1] - profile.window[0]
    threads = _threads(profile)
    kernels = list(_kernels(profile, threads))
    pieces = kernels or threads[profile.thread]
    spent = Counter(dict.fromkeys(_OF_TRAINING if profile.training else (), 0))
    shown_as = _SHOWN_AS_OF_TRAINING if profile.training else _SHOWN_AS
    for piece in pieces:
        spent[shown_as.get(piece.label, piece.label)] += piece.time
    if kernels:
        spent[_IDLE] = time - spent.total()
    beside: Counter[str] = Counter()
    for thread, done in threads.items():
        for piece in done:
            if thread != profile.thread and piece.label not in _AROUND:
                beside[f"{piece.label} on {thread}"] += piece.time
    return Breakdown(
        "GPU" if kernels else "CPU",
        time,
        _shares(spent if profile.training else dict(spent.most_common()), time),
        list(_operators(pieces, time)),
        _shares(beside, time),
    )


def _shares(spent: Mapping[str, int], time: int) -> list[Share]:
    return [Share(name, took, took / time) for name, took in spent.items()]


def _threads(profile: Profile) -> dict[str, list[_Piece]]:
    """The pieces of each thread of the host."""
    events: dict[str, list[Event]] = {profile.thread: []}  # first, as it takes the steps forward
    for row, told in profile.rows.items():
        if row.process == HOST:
            events.setdefault(row.thread, []).extend(_within(told, profile.window))
    forward: dict[int | None, str] = {}
    return {thread: _pieces(nested(told), forward) for thread, told in events.items()}


def _within(events: Iterable[Event], window: tuple[int, int]) -> Iterator[Event]:
    """The parts of the events that lie in the window."""
    for event in events:
        start, end = max(event.start, window[0]), min(event.end, window[1])
        if (start, end) == (event.start, event.end):
            yield event
        elif start < end:
            yield replace(event, start=start, end=end)


def _pieces(events: Iterable[Event], forward: dict[int | None, str]) -> list[_Piece]:
    """Cut nested events out of those around them.

    Args:
        forward: the labels of steps forward by torch's numbers; it is added to.
    """
    pieces: list[_Piece] = []
    around: list[_Piece] = []
    for event in events:
        while around and around[-1].event.end <= event.start:
            around.pop()
        outer = around[-1] if around else None
        label = _label(event, outer.label if outer else "", forward)
        if event.sequence is not None and label.removesuffix(_BACK) in _FORWARD:
            forward[event.sequence] = label
        if outer:
            outer.time -= event.time
        name = outer.name if outer and event.kind == "frame" else event.name
        around.append(_Piece(event, name, event.time, label))
        pieces.append(around[-1])
    return pieces


def _label(event: Event, outer: str, forward: Mapping[int | None, str]) -> str:
    """What an event counts to, inside one that counts to `outer`."""
    if outer in _WHOLE:
        return outer
    if event.kind == "span":
        return event.name
    if event.kind == "operator":
        if event.name.startswith(_ENGINE):
            return forward.get(event.sequence, _OTHER).removesuffix(_BACK) + _BACK
        if outer == "network run":
            return NETWORK + event.name
        if outer == "backward":
            return _OTHER + _BACK
        if outer in ("", "forward", _OTHER):
            return _KINDS.get(event.name, _OTHER)
    return outer


def _kernels(profile: Profile, threads: Mapping[str, list[_Piece]]) -> Iterator[_Piece]:
    """What torch had a GPU do, by who launched it; where streams overlap, time counts once."""
    launches = {piece.event.launch: piece for pieces in threads.values() for piece in pieces}
    launches.pop(None, None)
    kernels = [
        event
        for row, events in profile.rows.items()
        if row.process != HOST and row.teller == "torch"
        for event in _within(events, profile.window)
    ]
    covered = 0
    for event in sorted(kernels, key=lambda event: event.start):
        time = max(0, event.end - max(event.start, covered))
        covered = max(covered, event.end)
        by = launches.get(event.launch, _Piece(event, event.name, time, _OTHER))
        yield _Piece(event, by.name, time, _OTHER if by.label in _AROUND else by.label)


def _operators(pieces: Iterable[_Piece], time: int) -> Iterator[Operator]:
    took, calls = Counter[str](), Counter[str]()
    for piece in pieces:
        if piece.event.kind in ("operator", "kernel"):
            took[piece.name] += piece.time
            calls[piece.name] += 1
    for name, spent in took.most_common():
        yield Operator(name, spent, spent / time, calls[name])
