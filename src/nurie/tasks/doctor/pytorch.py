"""torch, where it is installed: how it was built, and what it really computes on every device."""

import re
import signal
from collections.abc import Iterator, Mapping
from typing import Any

from nurie.runtime.facts import Facts
from nurie.runtime.system import Output
from nurie.runtime.trials import told
from nurie.tasks.doctor.findings import (
    Finding,
    clipped,
    duration,
    fault,
    ok,
    size,
    trouble,
    warning,
)
from nurie.tasks.doctor.nvidia import Nvidia, newer_driver, read_nvidia
from nurie.tasks.doctor.versions import dotted, major


def torch(facts: Facts) -> Iterator[Finding]:
    output = facts.torch
    if output is None:
        yield ok("torch", "not installed: only training and scoring need it, 'nurie[train]'")
        return
    said, mend = told(output), _mend(output, facts.environment)
    if "version" not in said:
        yield fault("torch", f"it can't be loaded: {trouble(output)}", mend)
        return
    nvidia, cuda, build = read_nvidia(facts), said.get("cuda"), _build(said)
    if cuda and nvidia.is_there and not nvidia.runs(major(cuda)):
        other = f", or install torch built with CUDA {nvidia.newest}" if nvidia.newest else ""
        yield fault("torch", f"{build}, {nvidia.too_new}", newer_driver(major(cuda)) + other)
        return
    if nvidia.is_there and not cuda:
        steps = _to_another_build(nvidia, facts.system)
        yield warning("torch", f"{build}: training runs without the GPU", steps)
    elif "cudnn_error" in said:
        yield fault("torch", f"{build}: {said['cudnn_error']}", mend)
    elif cuda and not nvidia.is_there:
        yield ok("torch", f"{build}, which nothing here can run")
    else:
        yield ok("torch", build)
    yield from _kernels(output, nvidia, mend)


def _build(said: Mapping[str, Any]) -> str:
    if not (cuda := said.get("cuda")):
        return f"{said['version']}, built {'with ROCm' if said.get('hip') else 'without CUDA'}"
    number = said.get("cudnn")
    cudnn = f" and cuDNN {_dotted_cudnn(number)}" if number else ""
    return f"{said['version']}, built with CUDA {cuda}{cudnn}"


def _dotted_cudnn(number: int) -> str:
    first, rest = divmod(number, 10_000 if number >= 90_000 else 1_000)
    return dotted((first, rest // 100, rest % 100))


def _to_another_build(nvidia: Nvidia, system: str) -> str:
    # What pip installs unasked is for the newest CUDA, and on Windows for none.
    if nvidia.newest >= 13 and system == "Linux":
        install = "pip install torch"
    else:
        install = f"install torch built with CUDA {max(nvidia.newest, 12)}"
    return ", then ".join([*nvidia.first_steps, "pip uninstall -y torch", install])


def _kernels(output: Output, nvidia: Nvidia, mend: str) -> Iterator[Finding]:
    said = told(output)
    if nvidia.usable and "cuda_error" in said:
        yield fault("torch on CUDA", f"it does not start: {said['cuda_error']}", mend)
    for kernel in said.get("kernels", ()):
        topic = f"torch on {kernel['device']}"
        if "error" in kernel:
            error = kernel["error"]
            yield fault(topic, clipped(error), _kernel_mend(error, said, nvidia) or mend)
        else:
            yield ok(topic, _product(kernel))
    if said.get("trying"):
        yield fault(f"torch on {said['trying']}", trouble(output), mend)
    elif "kernels" not in said:
        yield fault("torch", f"it stops as it starts: {trouble(output)}", mend)


def _kernel_mend(error: str, said: Mapping[str, Any], nvidia: Nvidia) -> str:
    """What helps against this error alone, "" where nothing special does."""
    if "no kernel image" in error:
        needs = ", ".join(dict.fromkeys(gpu["capability"] for gpu in nvidia.usable))
        has = ", ".join(said.get("architectures", ()))
        return f"install a torch built for compute capability {needs}; this one has {has}"
    if "out of memory" in error:
        return "end what holds the GPU's memory; nvidia-smi lists it"
    return ""


def _product(kernel: Mapping[str, Any]) -> str:
    side, seconds = kernel["side"], kernel["seconds"]
    rate = 2 * side**3 / seconds
    shown = f"{rate / 1e12:.3g} TFLOP/s" if rate >= 1e12 else f"{rate / 1e9:.3g} GFLOP/s"
    memory = f", {size(kernel['memory'])} of memory" if kernel.get("memory") else ""
    threads = f", threads {kernel['threads']}" if kernel.get("threads") else ""
    product = f"a product of {side} x {side} {kernel['kind']} in {duration(seconds)}"
    return f"{product}: {shown}{memory}{threads}"


def _mend(output: Output, environment: Mapping[str, str]) -> str:
    """What helps against whatever torch complains of, or ended by."""
    complaints = " ".join(str(text) for text in told(output).values()) + output.err
    if output.status is None:
        return "try again, a cold disk is slow; if it hangs again, restart the computer"
    if output.status == -signal.SIGILL:
        return "install another version of torch: this one uses instructions that the CPU lacks"
    if "LD_LIBRARY_PATH" in environment and re.search("undefined symbol|cuDNN", complaints):
        return "take folders with another CUDA or cuDNN out of LD_LIBRARY_PATH"
    return "pip install --force-reinstall torch"
