"""Checkpoints: all that a run needs to go on exactly where it was."""

import os
from pathlib import Path
from typing import Any

import torch

from nurie.core.errors import NurieError
from nurie.core.files import reason, whole_file

NAME = "checkpoint.pt"


def save(run: Path, state: dict[str, Any]) -> None:
    """Write the checkpoint whole or not at all: a kill at any moment leaves the old one.

    Raises:
        NurieError: it can't be written there.
    """
    with whole_file(run / NAME) as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())


def load(run: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Read a run's checkpoint.

    Raises:
        NurieError: there is none, or it is damaged.
    """
    path = run / NAME
    if not path.exists():
        raise NurieError(f"{run} holds no {NAME}: no run was saved there")
    try:
        return torch.load(path, map_location=device, weights_only=True)
    except Exception as error:  # torch raises many kinds here
        raise NurieError(f"{path} is damaged: {reason(error)}") from error


def averaged(state: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The moving average of the weights in a checkpoint, as a network's own state."""
    prefix = "module."
    return {
        key.removeprefix(prefix): value
        for key, value in state["average"].items()
        if key.startswith(prefix)
    }


def optimizers(state: dict[str, Any]) -> list[dict[str, Any]]:
    """The state of each player's optimizer; at first there was one alone, under another name."""
    return state["optimizers"] if "optimizers" in state else [state["optimizer"]]
