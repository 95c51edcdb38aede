"""ONNX Runtime, and a network that it really runs: on the CPU, and on CUDA where there is a GPU."""

import re
from collections.abc import Iterator, Mapping

from nurie.runtime.facts import Facts
from nurie.runtime.system import Output
from nurie.runtime.trials import NETWORK, SIDE, told
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
from nurie.tasks.doctor.installation import RUNTIMES
from nurie.tasks.doctor.nvidia import newer_driver, read_nvidia
from nurie.tasks.doctor.versions import major

PACKAGE = "onnxruntime-gpu[cuda,cudnn]"
PACKAGE_FOR_CUDA_12 = f"{PACKAGE}<1.27"
"""Later ones are built with CUDA 13."""

_PICTURE = f"{NETWORK}, {SIDE} x {SIDE} pixels"


def onnx_runtime(facts: Facts) -> Iterator[Finding]:
    said, nvidia = told(facts.network), read_nvidia(facts)
    packages = [name for name in RUNTIMES if name in facts.installed]
    if "version" not in said:
        yield fault(
            "ONNX Runtime",
            f"it can't be loaded: {trouble(facts.network)}",
            f"pip install --force-reinstall {' '.join(packages[-1:]) or 'onnxruntime'}",
        )
        return
    providers = [name.removesuffix("ExecutionProvider") for name in said.get("providers", ())]
    found = f"{said['version']}, providers {', '.join(providers)}"
    if nvidia.is_there and "CUDA" not in providers:
        remove = [f"pip uninstall -y {' '.join(packages)}"] if packages else []
        package = PACKAGE if nvidia.newest >= 13 else PACKAGE_FOR_CUDA_12
        yield warning(
            "ONNX Runtime",
            f"{found}: a build without CUDA, so pictures are drawn without the GPU",
            ", then ".join([*nvidia.first_steps, *remove, f"pip install '{package}'"]),
        )
    else:
        yield ok("ONNX Runtime", found)


def on_cpu(facts: Facts) -> Iterator[Finding]:
    said = told(facts.network)
    if "seconds" in said:
        memory = f", {size(said['memory'])} of memory" if said.get("memory") else ""
        yield ok("network on CPU", f"{_PICTURE} in {duration(said['seconds'])}{memory}")
    elif "version" in said:  # else it was ONNX Runtime that failed
        yield fault(
            "network on CPU",
            f"{NETWORK} does not run: {trouble(facts.network)}",
            "mend the models, if they are at fault; else pip install --force-reinstall nurie",
        )


def on_cuda(facts: Facts) -> Iterator[Finding]:
    nvidia, output = read_nvidia(facts), facts.network_cuda
    if output is None or not nvidia.is_there:
        return
    said, run, missing = told(facts.network), told(output), told(facts.libraries).get("missing")
    built_with = major(said.get("cuda"))
    if "seconds" in run:
        yield ok("network on CUDA", f"{_PICTURE} in {duration(run['seconds'])}")
        if missing == {}:
            yield ok("CUDA libraries", "all that ONNX Runtime loads are found")
    elif not nvidia.runs(built_with):
        found = f"ONNX Runtime is built with CUDA {said['cuda']}, {nvidia.too_new}"
        mend = newer_driver(built_with)
        if built_with == 13 and nvidia.runs(12):
            mend += f", or pip install '{PACKAGE_FOR_CUDA_12}'"
        yield fault("network on CUDA", found, mend)
    elif missing := missing or _named_by_the_loader(output):
        yield fault(
            "CUDA libraries",
            f"ONNX Runtime does not find {', '.join(missing)}, so it draws without the GPU",
            _libraries_mend(missing, said.get("version", ""), facts.environment),
        )
    else:
        yield fault(
            "network on CUDA",
            f"{NETWORK} does not run: {_complaint(output) or trouble(output)}",
            "pip install --force-reinstall onnxruntime-gpu, or pass --device cpu",
        )


def _named_by_the_loader(output: Output) -> dict[str, str]:
    """The library at which the loader stopped, which is the first that it lacks."""
    found = re.search(r"error: (lib\S+?): cannot open shared", output.err)
    return {found[1]: ""} if found else {}


def _complaint(output: Output) -> str:
    """Why ONNX Runtime went back to the CPU, "" where it does not say."""
    found = re.search(r"^EP Error (.+?)(?: when using \[.*)?$", output.err, re.MULTILINE)
    return clipped(found[1]) if found else ""


def _libraries_mend(missing: Mapping[str, str], version: str, environment: Mapping) -> str:
    steps = []
    if not all(missing.values()):
        steps.append(f"pip install '{PACKAGE}=={version}', then nurie doctor")
    folders = list(dict.fromkeys(folder for folder in missing.values() if folder))
    if folders:
        rest = ["$LD_LIBRARY_PATH"] if "LD_LIBRARY_PATH" in environment else []
        steps.append(f"export LD_LIBRARY_PATH={':'.join(folders + rest)}")
    return "; ".join(steps)
