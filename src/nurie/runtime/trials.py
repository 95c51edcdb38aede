"""What may crash or hang, such as a driver, is tried in a process of its own.

That process tells what it finds as it goes, one JSON object a line, so that what it found before a
crash is kept.
"""

import ctypes
import importlib
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from nurie.core.files import reason
from nurie.runtime.registry import card
from nurie.runtime.system import Output, run, text_of

NETWORK = "lines"
SIDE = 512
"""The network that is tried, and the height and width of the picture that it is given."""

# The same paths as here, without the working folder that -c would put before them.
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from nurie.runtime.trials import main; main(*sys.argv[2:])"
)


def attempt(trial: str, *arguments: str) -> Output:
    """Try "driver", "libraries", "torch", or "network" with "cpu" or "cuda"."""
    return run([sys.executable, "-c", _START, json.dumps(sys.path), trial, *arguments])


def told(output: Output | None) -> dict[str, Any]:
    """What a trial told before it ended; of what it told twice, the later."""
    facts = {}
    for line in output.out.splitlines() if output else ():
        with suppress(ValueError, RecursionError):
            said = json.loads(line)
            facts |= said if isinstance(said, dict) else {}
    return facts


def main(trial: str, *arguments: str) -> None:
    """Run one trial; what it raises is its last word, under "error"."""
    trials: dict[str, Callable[..., None]] = {
        "driver": _try_driver,
        "network": _try_network,
        "libraries": _try_libraries,
        "torch": _try_torch,
    }
    try:
        trials[trial](*arguments)
    except Exception as error:
        _tell(error=f"{type(error).__name__}: {reason(error)}")


def _tell(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


# The network


def _try_network(device: Any) -> None:
    import numpy as np

    from nurie.runtime.session import Session, ort, physical_cores

    _tell(
        version=ort.__version__,
        providers=ort.get_available_providers(),
        cuda=getattr(ort, "cuda_version", ""),
        cores=physical_cores(),
    )
    session = Session(card(NETWORK), device=device)
    shape = (1, 3, SIDE, SIDE)
    picture = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
    seconds = min(_seconds(lambda: session.run(picture)) for _ in range(4))
    _tell(seconds=seconds, memory=_peak_memory())


def _seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def _peak_memory() -> int | None:
    """The most bytes that this process ever held."""
    # Not getrusage on Linux: it counts what the parent held when it started this process.
    if found := re.search(r"VmHWM:\s*(\d+) kB", text_of("/proc/self/status")):
        return int(found[1]) * 1024
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return None


# The driver


def _try_driver() -> None:
    try:
        library = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError as error:
        _tell(missing=reason(error))
        return
    maps = re.search(r"/.*/libcuda\.so.*", text_of("/proc/self/maps"))
    _tell(path=maps[0] if maps else "")
    for facts in ask_driver(library):
        _tell(**facts)


_CAPABILITY = (75, 76)
"""The driver's numbers for the major and the minor of a device's compute capability."""


def ask_driver(library: Any) -> Iterator[dict[str, Any]]:
    """Ask the CUDA driver's library, loaded by ctypes, what it can do.

    Yields:
        version, as 12040 for CUDA 12.4; init, the status of starting it, 0 when it is ready; gpus,
        each with name, memory in bytes and capability.
    """
    number = ctypes.c_int()
    if library.cuDriverGetVersion(ctypes.byref(number)) == 0:
        yield {"version": number.value}
    init = library.cuInit(0)
    yield {"init": init}
    if init or library.cuDeviceGetCount(ctypes.byref(number)):
        return
    gpus = []
    for index in range(number.value):
        device, memory, name = ctypes.c_int(), ctypes.c_size_t(), ctypes.create_string_buffer(256)
        library.cuDeviceGet(ctypes.byref(device), index)
        library.cuDeviceGetName(name, len(name), device)
        library.cuDeviceTotalMem_v2(ctypes.byref(memory), device)
        capability = []
        for attribute in _CAPABILITY:
            library.cuDeviceGetAttribute(ctypes.byref(number), attribute, device)
            capability.append(str(number.value))
        gpus.append(
            {
                "name": name.value.decode(errors="replace"),
                "memory": memory.value,
                "capability": ".".join(capability),
            }
        )
    yield {"gpus": gpus}


# CUDA's libraries


def _try_libraries() -> None:
    from nurie.runtime.session import load_cuda_libraries, ort

    load_cuda_libraries()
    missing = {}
    for name in cuda_libraries(int(ort.cuda_version.split(".")[0])):
        try:
            ctypes.CDLL(name)
        except OSError:
            missing[name] = find_library(name)
    _tell(missing=missing)


def cuda_libraries(major: int) -> tuple[str, ...]:
    """What ONNX Runtime loads on Linux to run networks on CUDA of that major version."""
    # The runtime's file had the minor version in its name, once.
    runtime = "libcudart.so.11.0" if major == 11 else f"libcudart.so.{major}"
    return (
        f"libcublasLt.so.{major}",
        f"libcublas.so.{major}",
        "libcurand.so.10",
        f"libcufft.so.{major - 1}",
        runtime,
        f"libcudnn.so.{8 if major == 11 else 9}",
    )


def find_library(name: str) -> str:
    """The folder, off the search path, in which that library lies: of pip, a toolkit or conda."""
    folders = [folder for place in sys.path for folder in sorted(Path(place).glob("nvidia/*/lib"))]
    for pattern in ("cuda*/lib64", "cuda*/lib", "cuda*/targets/*/lib"):
        folders += sorted(Path("/usr/local").glob(pattern), reverse=True)
    folders += [Path("/opt/cuda/lib64"), Path(sys.prefix, "lib")]
    return next((str(folder) for folder in folders if (folder / name).exists()), "")


# torch


def _try_torch() -> None:
    # By its name only: what artists run never loads torch, and this process is none of theirs.
    torch = importlib.import_module("torch")
    _tell(version=torch.__version__, cuda=torch.version.cuda, hip=torch.version.hip)
    try:
        _tell(cudnn=torch.backends.cudnn.version())
    except RuntimeError as error:  # another version than it was built with
        _tell(cudnn_error=reason(error))
    devices = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if torch.version.cuda and not devices:
        try:
            torch.cuda.init()
        except Exception as error:
            _tell(cuda_error=reason(error))
    elif devices:
        _tell(architectures=torch.cuda.get_arch_list())
    elif torch.backends.mps.is_available():
        devices = ["mps"]
    kernels = []
    for device in devices or ["cpu"]:
        _tell(trying=device)
        try:
            kernels.append({"device": device, **try_kernels(torch, device)})
        except Exception as error:
            kernels.append({"device": device, "error": reason(error)})
        _tell(kernels=kernels, trying=None)


def try_kernels(torch: ModuleType, device: str) -> dict[str, Any]:
    """A convolution, which is checked, and a matrix product, which is timed.

    Returns:
        side of the square matrices, kind of their numbers, seconds of one product; on the CPU
        threads, on CUDA memory, the most bytes that were held.

    Raises:
        RuntimeError: the device computes nothing, or something wrong.
    """
    ones = torch.ones(1, 1, 8, 8, device=device)
    if not bool((torch.nn.functional.conv2d(ones, ones[..., :3, :3]) == 9).all()):
        raise RuntimeError("a convolution came out wrong")
    side, kind = _matrices(torch, device)
    matrix = torch.randn(side, side, device=device, dtype=getattr(torch, kind))
    turns = 10

    def multiply() -> None:
        product = matrix
        for _ in range(turns):
            product = matrix @ matrix
        product[0, 0].item()  # reading a number waits for all that the device was told to do

    multiply()  # what is used for the first time is loaded first
    facts = {"side": side, "kind": kind, "seconds": _seconds(multiply) / turns}
    if device == "cpu":
        facts["threads"] = torch.get_num_threads()
    elif device.startswith("cuda"):
        facts["memory"] = torch.cuda.max_memory_allocated(device)
    return facts


def _matrices(torch: ModuleType, device: str) -> tuple[int, str]:
    """A size that takes milliseconds, and the type of numbers that the device is fastest with."""
    if not device.startswith("cuda"):
        return 1024, "float32"
    major, _ = torch.cuda.get_device_capability(device)
    return 4096, "bfloat16" if major >= 8 else "float16" if major == 7 else "float32"
