"""A finding, and how it is worded."""

import re
import signal
from dataclasses import dataclass
from typing import Literal

from nurie.core.files import one_line
from nurie.runtime.system import PATIENCE, Output
from nurie.runtime.trials import told


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        found: how it is.
        mend: what to do; "" where nothing is to be done.
    """

    topic: str
    verdict: Literal["ok", "warning", "fault"]
    found: str
    mend: str = ""


def ok(topic: str, found: str) -> Finding:
    return Finding(topic, "ok", one_line(found))


def warning(topic: str, found: str, mend: str) -> Finding:
    """Something that works, but not as well as it could."""
    return Finding(topic, "warning", one_line(found), one_line(mend))


def fault(topic: str, found: str, mend: str) -> Finding:
    return Finding(topic, "fault", one_line(found), one_line(mend))


def trouble(output: Output) -> str:
    """Why a trial failed: what it raised, or how it ended."""
    if output.status is None:
        return f"it did not end within {PATIENCE:.0f} s"
    if "error" in (said := told(output)):
        return clipped(str(said["error"]))
    if output.status < 0:
        names = {number.value: number.name for number in signal.Signals}
        return f"it crashed ({names.get(-output.status, f'signal {-output.status}')})"
    lines = output.err.strip().splitlines()
    return clipped(lines[-1]) if lines else f"it ended with status {output.status}"


def clipped(text: str, length: int = 200) -> str:
    """What somebody else wrote, without its colours and not at any length."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)  # ONNX Runtime's
    return text if len(text) <= length else f"{text[:length]} ..."


def size(number: int) -> str:
    """A number of bytes."""
    return f"{number / 2**30:.1f} GiB" if number >= 2**30 else f"{number / 2**20:.0f} MiB"


def duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"
