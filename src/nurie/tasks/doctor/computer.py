"""The computer itself: Python, the processor, memory, disks."""

import re
from collections.abc import Iterator

from nurie.runtime.facts import Facts
from nurie.runtime.trials import told
from nurie.tasks.doctor.findings import Finding, fault, ok, size, warning
from nurie.tasks.doctor.versions import dotted

OLDEST_PYTHON = (3, 10)

SCARCE = 1 << 30
"""Bytes of memory, or of a disk, below which there is a warning. A picture of 4096 x 4096 pixels
takes about as many."""

_FEATURES = {
    "avx2": "AVX2",
    "avx2_0": "AVX2",
    "avx512f": "AVX-512",
    "avx_vnni": "VNNI",
    "avx512_vnni": "VNNI",
    "avx512_bf16": "bf16",
    "bf16": "bf16",
    "feat_bf16": "bf16",
    "amx_tile": "AMX",
    "neon": "NEON",
    "asimd": "NEON",
    "advsimd": "NEON",
    "sve": "SVE",
}
"""What makes networks faster, by the names that Linux and macOS have for it."""


def python(facts: Facts) -> Iterator[Finding]:
    found = f"{dotted(facts.python)} on {facts.system}, {facts.machine}"
    if facts.python >= OLDEST_PYTHON:
        yield ok("Python", found)
    else:
        yield fault("Python", found, f"use Python {dotted(OLDEST_PYTHON)} or newer")


def cpu(facts: Facts) -> Iterator[Finding]:
    name, features = read_cpu(facts.cpu)
    name = name or facts.machine
    if features is None:
        yield ok("CPU", f"{name}; this system does not tell what it can do")
    elif "AVX2" not in features and facts.machine.lower() in ("x86_64", "amd64"):
        yield warning(
            "CPU",
            f"{name}, without AVX2: networks run much slower",
            "let a virtual machine see the processor as it is, or use a newer computer",
        )
    else:
        yield ok("CPU", ", ".join([name, *features]))


def read_cpu(text: str) -> tuple[str, tuple[str, ...] | None]:
    """The processor's name, and those of its features that matter, None where nothing tells."""
    name, words = "", set()
    for line in text.splitlines():
        key, colon, value = (part.strip() for part in line.partition(":"))
        if key in ("model name", "machdep.cpu.brand_string") or not colon:
            name = value or key
        elif key.startswith("hw.optional.") and value == "1":
            words.add(key.rpartition(".")[2].lower())
        elif key.endswith(("flags", "Features", "features")):
            words.update(value.lower().split())
    features = dict.fromkeys(feature for word, feature in _FEATURES.items() if word in words)
    return name, tuple(features) if words else None


def cores(facts: Facts) -> Iterator[Finding]:
    # Nobody tells the cores on some systems; ONNX Runtime then counts for itself.
    count = told(facts.network).get("cores")
    threads = f"{facts.threads or 'an unknown number of'} threads"
    found = f"{count} for this process, with {threads}" if count else f"{threads} for this process"
    share = min((share for text in facts.cpu_limits if (share := read_share(text))), default=None)
    if share is None:
        yield ok("cores", found)
    elif count and share < count:
        yield warning(
            "cores",
            f"{found}, but its control group is given the time of {share:.3g} only",
            f"pass --threads {max(1, int(share))} to nurie extract and nurie colorize",
        )
    else:
        yield ok("cores", f"{found}; its control group is given the time of {share:.3g}")


def read_share(text: str) -> float | None:
    """How many processors' time a cpu.max grants, None for all of it."""
    quota, _, period = text.partition(" ")
    if quota.isdecimal() and period.strip().isdecimal() and int(period):
        return int(quota) / int(period) or None
    return None


def memory(facts: Facts) -> Iterator[Finding]:
    total, free = (read_memory(facts.memory, key) for key in ("MemTotal", "MemAvailable"))
    if total is None:
        yield ok("memory", "this system does not tell")
        return
    found = size(total) + (f", {size(free)} of it free" if free is not None else "")
    mend = "use a machine with more memory"
    limit = min((int(text) for text in facts.memory_limits if text.isdecimal()), default=total)
    if limit < total:
        found = f"{size(limit)} for this process's control group, of the machine's {found}"
        mend = "allow the container or service at least 1 GiB of memory"
    if min(limit, total) < SCARCE:
        yield warning("memory", f"{found}: too little for large pictures", mend)
    elif free is not None and free < SCARCE:
        yield warning("memory", f"{found}: too little for large pictures", "end other programs")
    else:
        yield ok("memory", found)


def read_memory(text: str, key: str) -> int | None:
    """An entry of /proc/meminfo in bytes, None where there is none."""
    found = re.search(rf"^{key}:\s*([0-9]+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def disk(facts: Facts) -> Iterator[Finding]:
    for space in facts.spaces:
        place = f"in the {space.what} {space.folder}"
        temporary = "temporary" in space.what
        if space.free is None:
            mend = f"{'set TMPDIR' if temporary else 'go'} to a folder that exists"
            yield warning("disk", f"nothing can be stored {place}", mend)
        elif space.free < SCARCE:
            mend = "free some space" + (", or set TMPDIR elsewhere" if temporary else "")
            yield warning("disk", f"only {size(space.free)} free {place}", mend)
        else:
            yield ok("disk", f"{size(space.free)} free {place}")
