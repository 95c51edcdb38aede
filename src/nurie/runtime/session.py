"""Networks at work. The only module that imports ONNX Runtime."""

import contextlib
import functools
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import onnxruntime as ort

from nurie.core import spans
from nurie.core.errors import DamagedModel, NurieError, UnknownModel
from nurie.core.files import reason
from nurie.core.spans import span, spanned
from nurie.core.tiling import run_tiled
from nurie.runtime.registry import ModelCard, Needs, needs_from_metadata
from nurie.runtime.store import locate

Device = Literal["auto", "cpu", "cuda"]

CUDA = "CUDAExecutionProvider"


class Session:
    """One network, ready for pictures of any size.

    The file is loaded by the first run, so a session costs nothing until it is used. A session
    may be shared between threads.

    Args:
        model: a card of the registry, or an .onnx file of the user's own, which must have one
            float32 input (1, inputs, H, W) of free height and width, and give
            (1, channels, H / stride, W / stride); its metadata say what it `needs`.
        threads: for one picture; None takes every physical core that the process may use.
        device: "auto" takes CUDA where ONNX Runtime offers it.

    Raises:
        DamagedModel: a card's file is missing or not the registered one.
        UnknownModel: there is no such file.
    """

    def __init__(
        self, model: ModelCard | Path, *, threads: int | None = None, device: Device = "auto"
    ):
        self._card = model if isinstance(model, ModelCard) else None
        self._path = locate(model) if isinstance(model, ModelCard) else model
        self._threads = physical_cores() if threads is None else threads
        self._device: Device = device
        if not self._path.is_file():
            raise UnknownModel(f"{self._path}: no such model file")

    @functools.cached_property
    def needs(self) -> Needs:
        """The card, or what the metadata of a bare file says; loads the latter.

        Raises:
            DamagedModel: the metadata make no sense.
        """
        if self._card:
            return self._card
        try:
            return needs_from_metadata(self.metadata)
        except ValueError as error:
            raise self._damaged(f"its nurie metadata make no sense ({error})") from error

    @property
    def metadata(self) -> Mapping[str, str]:
        """What else the file says of itself: its ONNX metadata; loads it."""
        return self._network.get_modelmeta().custom_metadata_map

    def run(
        self, batch: np.ndarray, *, progress: Callable[[int, int], None] | None = None
    ) -> np.ndarray:
        """Run one picture, (1, C, H, W) float32, in tiles when it is large.

        The same input gives the same bytes on the same machine.

        Args:
            batch: what `nurie.core.codec.encode` makes.
            progress: called with (done, total) after each tile.

        Returns:
            (1, channels, ceil(H / stride), ceil(W / stride)) float32.

        Raises:
            DamagedModel: ONNX Runtime refuses the file, or it is no network from pictures to
                pictures.
            NurieError: device "cuda" is not to be had.
        """
        needs = self.needs
        return run_tiled(
            self._infer,
            batch,
            tile=needs.tile,
            halo=needs.halo,
            multiple=needs.multiple,
            stride=needs.stride,
            channels=needs.channels,
            progress=progress,
        )

    def _infer(self, tile: np.ndarray) -> np.ndarray:
        (source,) = self._network.get_inputs()
        if not _admits(source.shape, tile.shape):
            raise self._damaged(f"it takes {source.shape}, not a picture of {tile.shape}")
        answer = self._network.get_outputs()[0].name
        height, width = tile.shape[2:]
        try:
            with span("network run", height=height, width=width):
                result = self._network.run([answer], {source.name: tile})[0]
        except Exception as error:  # ONNX Runtime's own have no common base
            raise NurieError(
                f"{self._path}: ONNX Runtime failed on {width} x {height} pixels: {reason(error)}"
            ) from error
        places = (length // self.needs.stride for length in tile.shape[2:])
        expected = (1, self.needs.channels, *places)
        if not isinstance(result, np.ndarray) or result.shape != expected:
            raise self._damaged(f"it does not turn a picture of {tile.shape} into {expected}")
        return result

    @functools.cached_property
    @spanned("load network")
    def _network(self) -> ort.InferenceSession:
        options = ort.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.use_deterministic_compute = True
        # A plan for each new picture size would be kept for good. The arena stays: tiles bound what
        # it grows to, and without it every layer pays for fresh pages, 20 to 70 % more time.
        options.enable_mem_pattern = False
        # Threads that spin for their next task hold the cores against whatever runs next: with two
        # networks in turn, both took twice as long, and one alone is hardly faster for it.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3  # errors alone; they come as exceptions too
        recorder = spans.recorder()
        notes = _take_notes(options) if recorder else None
        try:
            network = _start(self._path, options, self._providers())
        except Exception as error:  # ONNX Runtime's own have no common base
            raise self._damaged(f"ONNX Runtime refuses it: {reason(error)}") from error
        if self._device == "cuda" and CUDA not in network.get_providers():
            raise NurieError("CUDA does not start: run nurie doctor, or choose device cpu")
        if len(network.get_inputs()) != 1 or network.get_inputs()[0].type != "tensor(float)":
            raise self._damaged("it does not take one float32 picture")
        if recorder and notes:
            start = _as_perf_counter(network.get_profiling_start_time_ns())
            recorder.sources.append(functools.partial(_notes_of, network, start, notes))
        return network

    def _providers(self) -> list:
        if self._device == "cpu" or CUDA not in ort.get_available_providers():
            return ["CPUExecutionProvider"]
        # The default search tries every algorithm anew for every picture size.
        return [(CUDA, {"cudnn_conv_algo_search": "HEURISTIC"}), "CPUExecutionProvider"]

    def _damaged(self, reason: str) -> DamagedModel:
        remedy = "reinstall nurie" if self._card else "export it again with nurie export"
        return DamagedModel(f"{self._path}: {reason}; {remedy}")


def session_for(
    model: ModelCard | Path, *, threads: int | None = None, device: Device = "auto"
) -> Session:
    """Return a `Session`, the same one for the same arguments, so that many pictures load it once.

    The last four are kept. A bare file that has been written anew since is loaded anew. Raises what
    `Session` raises.
    """
    written = model.stat().st_mtime_ns if isinstance(model, Path) and model.is_file() else None
    return _session_for(model, threads, device, written)


@functools.lru_cache(maxsize=4)
def _session_for(
    model: ModelCard | Path, threads: int | None, device: Device, written: int | None
) -> Session:
    return Session(model, threads=threads, device=device)


_STARTING = threading.Lock()
"""Standard output is the process's, so only one thread at a time may lead it elsewhere."""


def _start(path: Path, options: ort.SessionOptions, providers: list) -> ort.InferenceSession:
    if len(providers) == 1:
        return ort.InferenceSession(path, options, providers=providers)
    # ONNX Runtime prints why CUDA fails, and standard output may be a picture.
    with _STARTING, contextlib.redirect_stdout(sys.stderr):
        load_cuda_libraries()
        return ort.InferenceSession(path, options, providers=providers)


def load_cuda_libraries() -> None:
    """Load CUDA and cuDNN from pip's packages, where the loader does not look; print what fails."""
    if hasattr(ort, "preload_dlls"):  # since ONNX Runtime 1.21
        ort.preload_dlls()


def _take_notes(options: ort.SessionOptions) -> tempfile.TemporaryDirectory:
    """Have ONNX Runtime write down when every operator runs, in a file in this folder."""
    folder = tempfile.TemporaryDirectory(prefix="nurie-", ignore_cleanup_errors=True)
    options.enable_profiling = True
    options.profile_file_prefix = str(Path(folder.name, "operators"))
    return folder


def _notes_of(
    network: ort.InferenceSession, start: int, folder: tempfile.TemporaryDirectory
) -> spans.Notes:
    with folder:
        return spans.Notes(start, json.loads(Path(network.end_profiling()).read_bytes()))


def _as_perf_counter(nanoseconds: int) -> int:
    """A time of ONNX Runtime's clock; which that is depends on the system: the one that is near."""
    clocks = (time.perf_counter_ns, time.monotonic_ns, time.time_ns)
    clock = min(clocks, key=lambda clock: abs(clock() - nanoseconds))
    return nanoseconds - clock() + time.perf_counter_ns()


def physical_cores() -> int:
    """Count the physical cores that this process may use; 0, "you choose", where nobody tells.

    ONNX Runtime counts those of the whole machine, which in a container or under taskset starts
    more threads than may run. Two threads on one core only wait for each other's multipliers.
    """
    if not hasattr(os, "sched_getaffinity"):
        return 0
    return len({_siblings(cpu) for cpu in os.sched_getaffinity(0)})


def _siblings(cpu: int) -> str:
    path = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
    try:
        return path.read_text()
    except OSError:
        return str(cpu)


def _admits(declared: list, shape: tuple[int, ...]) -> bool:
    """Whether a declared shape, in which free lengths are names or None, admits this one."""
    return len(declared) == len(shape) and all(
        not isinstance(length, int) or length == given
        for length, given in zip(declared, shape, strict=True)
    )
