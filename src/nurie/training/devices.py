"""Where a run computes: its device, its precision and its processes, by Lightning Fabric."""

import logging
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from nurie.core.errors import NurieError

PRECISIONS: dict[str, Any] = {"fp32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}
"""Our names of them, and Fabric's."""


def pick_device(name: str) -> torch.device:
    """The device of a name; "auto" is the GPU where there is one.

    Raises:
        NurieError: nothing can be trained on such a device here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise NurieError(f"the device {name!r} can't be used here: {reason}") from None
    if device.type not in ("cpu", "cuda", "mps"):
        raise NurieError(f"the device {name!r} can't be used here: choose cpu, cuda or mps")
    return device


def launch(device: str, precision: str, count: int = 1) -> Fabric:
    """Start computing on `count` GPUs, one process each, or in as many processes on the CPU.

    The other processes run the same command line until they come here, and then all go on together.
    Only the one that `is_global_zero` may write and talk.

    Args:
        device: as `pick_device` takes it.
        precision: one of PRECISIONS, or "auto": bf16 where the device computes in it.

    Raises:
        NurieError: there is no such device, there are fewer, or it lacks the precision.
    """
    place = pick_device(device)
    if precision == "auto":
        precision = "bf16" if _computes_bf16(place) else "fp32"
    if precision == "fp16" and place.type == "cpu":
        raise NurieError("fp16 needs a GPU: choose bf16 or fp32")
    if count > 1 and (place.type == "mps" or place.index is not None):
        raise NurieError(f"the device {device!r} is a single one, not {count}")
    if place.type == "cuda" and count > torch.cuda.device_count():
        raise NurieError(f"there are not {count} GPUs here, but {torch.cuda.device_count()}")
    # It tells of every choice that it makes.
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    fabric = Fabric(
        accelerator=place.type,
        devices=count if place.index is None or place.type != "cuda" else [place.index],
        strategy="ddp" if count > 1 else "auto",
        precision=PRECISIONS[precision],
    )
    fabric.launch()
    return fabric


def _computes_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    probe = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return device.type == "cpu" and probe is not None and probe()


def average_gradient(fabric: Fabric, player: nn.Module, loss: Tensor) -> Tensor:
    """Give every process the mean of all their gradients, in place; returns the mean of the losses.

    DistributedDataParallel would do it during the backward pass, but it must be told of every
    forward pass, and a loss may use any part of a network in any way. Networks of a few million
    parameters are sent in one message, in a few milliseconds.
    """
    loss = loss.detach()
    if fabric.world_size == 1:
        return loss
    gradients = []
    for parameter in player.parameters():
        if parameter.requires_grad:
            if parameter.grad is None:  # the messages of all must be of one length
                parameter.grad = torch.zeros_like(parameter)
            gradients.append(parameter.grad)
    message = torch.cat([loss.view(1), *(gradient.flatten() for gradient in gradients)])
    mean = fabric.all_reduce(message)
    assert isinstance(mean, Tensor)
    loss, *means = mean.split([1, *(gradient.numel() for gradient in gradients)])
    for gradient, part in zip(gradients, means, strict=True):
        gradient.copy_(part.view_as(gradient))
    return loss[0]


def any_process(fabric: Fabric, says: bool) -> bool:
    """Whether one process at least says so."""
    if fabric.world_size == 1:
        return says
    count = fabric.all_reduce(torch.tensor(float(says), device=fabric.device), reduce_op="sum")
    return bool(count)
