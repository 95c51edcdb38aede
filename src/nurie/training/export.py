"""A trained network to an ONNX file that the runtime reads, checked against torch."""

import copy
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from nurie.core.errors import NurieError
from nurie.runtime.registry import Needs, needs_to_metadata
from nurie.runtime.session import Session
from nurie.training import checkpoint
from nurie.training.recipes.table import Recipe, build_recipe

LARGEST_DIFFERENCE = 1e-4
OPSET = 17


@dataclass(frozen=True)
class Exported:
    """What was written: the largest difference from torch, the file's size and the parameters."""

    difference: float
    bytes: int
    parameters: int


def restore(run: Path) -> tuple[Recipe, nn.Module, int]:
    """A run's recipe, the average of its weights as a network, and the step it reached.

    Raises:
        NurieError: there is no checkpoint, or it is damaged.
    """
    state = checkpoint.load(run)
    recipe = build_recipe(state["recipe"], state["options"])
    net = recipe.build()
    net.load_state_dict(checkpoint.averaged(state))
    return recipe, net, state["step"]


def export(recipe: Recipe, net: nn.Module, out: Path) -> Exported:
    """Write a network as ONNX that takes any height and width; it is left in evaluation mode.

    Batch norm is folded into the convolutions before it.

    Raises:
        NurieError: ONNX Runtime's answer differs from torch's by more than LARGEST_DIFFERENCE.
    """
    expected = recipe.exported(net).eval()
    shipped = recipe.exported(fold_batch_norm(copy.deepcopy(net).eval())).eval()
    part = out.with_name(f".{out.name}.part")
    try:
        _write(shipped, part, recipe.needs)
        _describe(part, {**needs_to_metadata(recipe.needs), **recipe.described(net)})
        difference = _difference(expected, part, recipe.needs)
        if difference > LARGEST_DIFFERENCE:
            raise NurieError(f"the export differs from torch by {difference:.1e}: not written")
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    parameters = sum(parameter.numel() for parameter in shipped.parameters())
    return Exported(difference, out.stat().st_size, parameters)


def fold_batch_norm(net: nn.Module) -> nn.Module:
    """The same function with every batch norm folded into the convolution that it follows."""
    for name, child in net.named_children():
        setattr(net, name, fold_batch_norm(child))
    if not isinstance(net, nn.Sequential):
        return net
    kept: list[nn.Module] = []
    for layer in net:
        if isinstance(layer, nn.BatchNorm2d) and kept and isinstance(kept[-1], nn.Conv2d):
            kept[-1] = nn.utils.fuse_conv_bn_eval(kept[-1], layer)
        else:
            kept.append(layer)
    return nn.Sequential(*kept)


def _write(net: nn.Module, path: Path, needs: Needs) -> None:
    axes = {"picture": {2: "height", 3: "width"}, "answer": {2: "rows", 3: "columns"}}
    example = torch.zeros(1, needs.inputs, 2 * needs.multiple, 2 * needs.multiple)
    with warnings.catch_warnings():
        # The exporter by tracing is called legacy, but the other one needs two packages more.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net,
            (example,),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=["picture"],
            output_names=["answer"],
            dynamic_axes=axes,
        )


def _describe(path: Path, metadata: dict[str, str]) -> None:
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, metadata)
    onnx.save(model, str(path))


def _difference(net: nn.Module, path: Path, needs: Needs) -> float:
    """The largest difference between torch and ONNX Runtime over pictures of several sizes."""
    session = Session(path)
    random = np.random.default_rng(0)
    worst = 0.0
    for height, width in ((2, 3), (5, 4), (8, 8)):
        shape = (1, needs.inputs, height * needs.multiple, width * needs.multiple)
        picture = random.uniform(-1, 1, shape).astype(np.float32)
        with torch.no_grad():
            expected = net(torch.from_numpy(picture)).numpy()
        worst = max(worst, float(np.abs(session.run(picture) - expected).max()))
    return worst
