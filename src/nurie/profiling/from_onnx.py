"""What ONNX Runtime writes down of a network at work, as events."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from nurie.core.spans import Notes
from nurie.profiling.events import HOST, Event, Kind, Row, Rows

_NODE = "_kernel_time"  # ends the name of a node while its operator runs
_KINDS: Mapping[str, Kind] = {"Session": "frame", "Node": "operator", "Kernel": "kernel"}
_TOLD = ("provider", "input_type_shape", "output_type_shape", "stream")


def rows(notes: Notes, threads: Mapping[int, str]) -> Rows:
    """The operators by the threads that they ran on, and by the streams of a GPU.

    Args:
        threads: names of the operating system's numbers.
    """
    found = defaultdict(list)
    for noted in notes.events:
        kind = _kind(noted)
        if kind is None:
            continue
        told = noted.get("args", {})
        row = Row(HOST, threads.get(noted["tid"], f"thread {noted['tid']}"), "ONNX Runtime")
        name, more = noted["name"], {}
        if kind == "operator":
            name, more = told["op_name"], {"node": name.removesuffix(_NODE)}
        elif kind == "kernel":
            row = Row("GPU", f"stream {told.get('stream', 0)}", "ONNX Runtime")
        start = notes.start + 1000 * noted["ts"]
        more |= {key: told[key] for key in _TOLD if key in told}
        found[row].append(Event(name, start, start + 1000 * noted["dur"], kind, notes=more))
    return found


def _kind(noted: Mapping[str, Any]) -> Kind | None:
    if noted["cat"] == "Node" and not noted["name"].endswith(_NODE):
        return None  # older versions note when a node waits, too
    return _KINDS.get(noted["cat"])
