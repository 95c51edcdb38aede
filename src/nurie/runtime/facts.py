"""Facts about this machine. Nothing is judged here: that is for `nurie.tasks.doctor`."""

import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from nurie.core.errors import DamagedModel
from nurie.core.files import reason
from nurie.runtime.control_groups import cpu_limits, memory_limits
from nurie.runtime.registry import ModelCard, cards
from nurie.runtime.store import FOLDER_VARIABLE, verify
from nurie.runtime.system import Output, run, text_of
from nurie.runtime.trials import attempt, told

_VARIABLES = ("CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH", FOLDER_VARIABLE)
_GPU_QUERY = "--query-gpu=index,name,driver_version,memory.total,memory.free"


@dataclass(frozen=True)
class Space:
    """Free bytes on the disk that holds a folder; None where that can't be told."""

    what: str
    folder: str
    free: int | None


@dataclass(frozen=True)
class Model:
    """A shipped network, and what is wrong with its file: "" when it is whole."""

    name: str
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What there is to know about a machine, as plain values and as texts nobody has read yet.

    Attributes:
        version: nurie's.
        system: "Linux", "Darwin", "Windows".
        machine: "x86_64", "arm64".
        cpu: the first processor of /proc/cpuinfo; what sysctl says on macOS; else a name, or "".
        threads: of the processor, that this process may use.
        memory: /proc/meminfo, or its line MemTotal alone; "" where that can't be told.
        memory_limits, cpu_limits: as `nurie.runtime.control_groups` gives them.
        requirements: what nurie's package says that it needs; None if pip did not install it.
        installed: the version of each installed package, by its normalised name.
        environment: those variables that are set and matter here.
        nvidia_smi: None where there is no such program.
        gpu_list: its list: index, name, driver, memory and free memory in MiB, a line for each GPU.
        kernel_module: /proc/driver/nvidia/version, or "".
        cards: NVIDIA's display cards on the PCI bus; None where that can't be told.
        driver, network, network_cuda, libraries, torch: what `nurie.runtime.trials` wrote, None
            where one made no sense.
    """

    version: str
    system: str
    machine: str
    python: tuple[int, int, int]
    cpu: str
    threads: int | None
    memory: str
    driver: Output
    network: Output
    memory_limits: tuple[str, ...] = ()
    cpu_limits: tuple[str, ...] = ()
    spaces: tuple[Space, ...] = ()
    requirements: tuple[str, ...] | None = None
    installed: Mapping[str, str] = field(default_factory=dict)
    models: tuple[Model, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    nvidia_smi: Output | None = None
    gpu_list: Output | None = None
    kernel_module: str = ""
    cards: int | None = None
    network_cuda: Output | None = None
    libraries: Output | None = None
    torch: Output | None = None


def gather(version: str) -> Facts:
    """Find out all of it. Takes some seconds, most of them torch's; changes nothing.

    Args:
        version: nurie's own.
    """
    smi = shutil.which("nvidia-smi") or shutil.which("nvidia-smi", path="/usr/lib/wsl/lib")
    nvidia_smi = run([smi]) if smi else None
    gpu_list = None
    if smi and nvidia_smi and nvidia_smi.status is not None:  # where it hung, it would hang again
        gpu_list = run([smi, _GPU_QUERY, "--format=csv,noheader,nounits"])
    driver = attempt("driver")
    network = attempt("network", "cpu")
    with_cuda = "CUDAExecutionProvider" in told(network).get("providers", ())
    return Facts(
        version=version,
        system=platform.system(),
        machine=platform.machine(),
        python=sys.version_info[:3],
        cpu=_cpu(),
        threads=_threads(),
        memory=_memory(),
        memory_limits=tuple(memory_limits()),
        cpu_limits=tuple(cpu_limits()),
        spaces=(
            _space("working folder", Path.cwd),
            _space("temporary folder", tempfile.gettempdir),
        ),
        requirements=_requirements(),
        installed=_installed(),
        models=_models(),
        environment={name: os.environ[name] for name in _VARIABLES if name in os.environ},
        nvidia_smi=nvidia_smi,
        gpu_list=gpu_list,
        kernel_module=text_of("/proc/driver/nvidia/version"),
        cards=_cards(),
        driver=driver,
        network=network,
        network_cuda=attempt("network", "cuda") if with_cuda and told(driver).get("gpus") else None,
        libraries=attempt("libraries") if with_cuda and sys.platform == "linux" else None,
        torch=attempt("torch") if importlib.util.find_spec("torch") else None,
    )


def _cpu() -> str:
    if sys.platform == "darwin":
        return run(["sysctl", "machdep.cpu", "hw.optional"]).out
    first, _, _ = text_of("/proc/cpuinfo").partition("\n\n")
    return first or platform.processor()


def _threads() -> int | None:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def _memory() -> str:
    if text := text_of("/proc/meminfo"):
        return text
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows has no such function
        return ""
    return f"MemTotal: {total // 1024} kB"


def _space(what: str, find: Callable[[], str | Path]) -> Space:
    folder = "?"
    try:
        folder = str(find())  # fails where the folder is gone, or none can be written to
        return Space(what, folder, shutil.disk_usage(folder).free)
    except OSError:
        return Space(what, folder, None)


def _requirements() -> tuple[str, ...] | None:
    try:
        return tuple(importlib.metadata.requires("nurie") or ())
    except importlib.metadata.PackageNotFoundError:
        return None


def _installed() -> dict[str, str]:
    versions = {}
    for distribution in importlib.metadata.distributions():
        # What is left of a package that was half removed has no metadata.
        with suppress(Exception):
            name = re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()
            versions.setdefault(name, distribution.version)
    return versions


def _models() -> tuple[Model, ...]:
    try:
        return tuple(_model(card) for card in cards())
    except (OSError, ValueError) as error:
        return (Model("models.toml", f"{reason(error)}; pip install --force-reinstall nurie"),)


def _model(card: ModelCard) -> Model:
    try:
        verify(card)
    except DamagedModel as error:
        return Model(card.name, str(error))
    return Model(card.name)


def _cards() -> int | None:
    folder = Path("/sys/bus/pci/devices")
    if not folder.is_dir():
        return None
    return sum(
        text_of(device / "vendor").strip() == "0x10de"
        and text_of(device / "class").startswith("0x03")  # display; such cards carry sound as well
        for device in folder.iterdir()
    )
