"""How much memory and time the control groups of Linux leave to this process."""

from collections.abc import Iterator
from pathlib import Path

from nurie.runtime.system import text_of


def memory_limits() -> Iterator[str]:
    """The limits of every group that this process is in, as their files say: bytes or "max"."""
    for folder in control_groups(text_of("/proc/self/cgroup"), "memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            if text := text_of(folder / name):
                yield text.strip()


def cpu_limits() -> Iterator[str]:
    """Likewise, as in cpu.max: microseconds of work in how many microseconds."""
    for folder in control_groups(text_of("/proc/self/cgroup"), "cpu"):
        if text := text_of(folder / "cpu.max"):
            yield text.strip()
        if text := text_of(folder / "cpu.cfs_quota_us"):
            yield f"{text.strip()} {text_of(folder / 'cpu.cfs_period_us').strip()}"


def control_groups(text: str, controller: str) -> list[Path]:
    """The folders whose limits hold for a process, inner ones first, after its /proc/PID/cgroup.

    A limit of any of them holds. In a container the inner ones may be those of the host, which
    can't be seen; its own is then the outermost.
    """
    folders = []
    for line in text.splitlines():
        _, _, names_and_path = line.partition(":")
        names, _, path = names_and_path.partition(":")
        if names and controller not in names.split(","):
            continue
        root = Path("/sys/fs/cgroup", controller if names else "")
        parts = [part for part in path.split("/") if part not in ("", "..")]
        folders += [root.joinpath(*parts[:count]) for count in range(len(parts), -1, -1)]
    return folders
