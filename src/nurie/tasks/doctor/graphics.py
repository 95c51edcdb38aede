"""The GPU and its driver: whether CUDA gives the one to this process, and why not."""

from collections.abc import Iterator, Mapping
from typing import Any

from nurie.runtime.facts import Facts
from nurie.runtime.system import Output
from nurie.runtime.trials import told
from nurie.tasks.doctor.findings import Finding, clipped, fault, ok, size, trouble, warning
from nurie.tasks.doctor.nvidia import Nvidia, read_nvidia
from nurie.tasks.doctor.versions import dotted

_SMI_MENDS = {
    "communicate with the NVIDIA driver": "load it with sudo modprobe nvidia; if that fails, "
    "install the driver anew, for the kernel that runs",
    "version mismatch": "restart the computer: the driver was updated, its old part still runs",
    "Insufficient Permissions": "let your user open /dev/nvidia*, often by the group video",
    "No devices were found": "see whether lspci lists the card; if so, restart the computer",
}
_SMI_MEND = "restart the computer or the container; if that does not help, install the driver anew"

_START_MENDS = {
    34: "take the folder 'stubs' of the CUDA toolkit out of LD_LIBRARY_PATH",
    802: "start NVIDIA's fabric manager: sudo systemctl start nvidia-fabricmanager",
    803: "restart the computer; in a container, take 'compat' out of LD_LIBRARY_PATH",
    804: "take the folder 'compat' out of LD_LIBRARY_PATH, or update the driver",
    999: "sudo modprobe -r nvidia_uvm, then sudo modprobe nvidia_uvm; or restart the computer",
}
"""By the status of cuInit: stub, system not ready, driver mismatch, compatibility not supported on
the device, unknown (cuda.h)."""
_START_MEND = "in a container, start it with the GPU; else restart the computer"
_NO_DEVICE = (0, 100, 101)


def gpu(facts: Facts) -> Iterator[Finding]:
    nvidia = read_nvidia(facts)
    if nvidia.usable:
        for index, device in enumerate(nvidia.usable):
            yield _usable(index, device, nvidia)
    elif nvidia.cards:
        yield _unusable(", ".join(card.name for card in nvidia.cards), facts)
    elif facts.nvidia_smi:
        yield _unlisted(facts.nvidia_smi, facts)
    elif facts.cards and "init" in told(facts.driver):
        yield _unusable("an NVIDIA card", facts)
    elif facts.cards:
        yield warning(
            "GPU",
            "an NVIDIA card, but no driver for it: everything runs on the CPU",
            "install NVIDIA's driver; start a container with the GPU (docker run --gpus all)",
        )
    else:
        kernels = told(facts.torch).get("kernels", ())
        others = any(kernel["device"] != "cpu" for kernel in kernels)  # Apple's, or AMD's
        what = "everything but torch" if others else "everything"
        yield ok("GPU", f"no NVIDIA GPU: {what} runs on the CPU")


def _usable(index: int, device: Mapping[str, Any], nvidia: Nvidia) -> Finding:
    found = f"{device['name']}, {size(device['memory'])}"
    found += f", compute capability {device['capability']}"
    # CUDA may count otherwise than nvidia-smi, or see some only; a name that is there once tells.
    same = [card for card in nvidia.cards if card.name == device["name"]]
    if len(same) == 1 and same[0].free is not None:
        found += f", {size(same[0].free << 20)} free"
    return ok(f"GPU {index}", found)


def _unusable(names: str, facts: Facts) -> Finding:
    """GPUs that the driver shows, and that CUDA does not give to this process."""
    said = told(facts.driver)
    status, hidden = said.get("init"), facts.environment.get("CUDA_VISIBLE_DEVICES")
    if "missing" in said:
        return fault(
            "GPU",
            f"{names}, but the driver's library can't be loaded: {said['missing']}",
            "install the whole driver; give a container NVIDIA_DRIVER_CAPABILITIES=compute,utility",
        )
    if status is None:
        found = f"{names}, but the driver fails: {trouble(facts.driver)}"
        return fault("GPU", found, _START_MEND)
    if hidden is not None and status in _NO_DEVICE:
        found = f"{names}, hidden from this process by CUDA_VISIBLE_DEVICES={hidden!r}"
        return warning("GPU", found, "unset CUDA_VISIBLE_DEVICES")
    found = f"{names}, but CUDA does not start (status {status} of cuInit)"
    return fault("GPU", found, _START_MENDS.get(status, _START_MEND))


def _unlisted(smi: Output, facts: Facts) -> Finding:
    """No GPU, as nvidia-smi says, or as it can't say."""
    found = f"nvidia-smi fails: {_smi_trouble(smi, facts.gpu_list)}"
    if facts.cards == 0:
        return warning(
            "GPU",
            f"the PCI bus has none, and {found}",
            "nothing, if there is no card: the CPU does everything; else see whether it sits well",
        )
    said = smi.out + smi.err
    mend = next((mend for text, mend in _SMI_MENDS.items() if text in said), _SMI_MEND)
    return fault("GPU", found, mend)


def _smi_trouble(smi: Output, gpu_list: Output | None) -> str:
    failed = gpu_list if gpu_list and smi.status == 0 else smi
    lines = (failed.out.strip() or failed.err.strip()).splitlines()
    return clipped(lines[0]) if lines and failed.status is not None else trouble(failed)


def driver(facts: Facts) -> Iterator[Finding]:
    nvidia = read_nvidia(facts)
    if nvidia.driver or nvidia.cuda:
        version = nvidia.driver or "version unknown"
        cuda = f", for CUDA {dotted(nvidia.cuda)} and older" if nvidia.cuda else ""
        path = told(facts.driver).get("path")
        yield ok("driver", f"{version}{cuda}{f', {path}' if path else ''}")
