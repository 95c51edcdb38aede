"""A trained network to an ONNX file that the runtime reads, checked against torch."""

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
    step: int


def restore(run: Path) -> tuple[Recipe, nn.Module, int]:
    """A run's recipe, its averaged network in evaluation mode, and the step it reached.

    Raises:
        NurieError: there is no checkpoint, or it is damaged.
    """
    state = checkpoint.load(run)
    recipe = build_recipe(state["recipe"], state["options"])
    net = recipe.build()
    prefix = "module."
    weights = {
        key.removeprefix(prefix): value
        for key, value in state["average"].items()
        if key.startswith(prefix)
    }
    net.load_state_dict(weights)
    return recipe, net.eval(), state["step"]


def export(run: Path, out: Path) -> Exported:
    """Write a run's averaged network as ONNX with any height and width.

    Batch norm is folded into the convolutions before it.

    Raises:
        NurieError: ONNX Runtime's answer differs from torch's by more than LARGEST_DIFFERENCE.
    """
    recipe, net, step = restore(run)
    shipped = recipe.exported(fold_batch_norm(net)).eval()
    part = out.with_name(f".{out.name}.part")
    _write(shipped, part, recipe)
    difference = _difference(recipe.exported(net).eval(), part, recipe.multiple)
    if difference > LARGEST_DIFFERENCE:
        part.unlink()
        raise NurieError(f"the exported model differs from torch by {difference:.2e}: not written")
    part.replace(out)
    parameters = sum(parameter.numel() for parameter in shipped.parameters())
    return Exported(difference, out.stat().st_size, parameters, step)


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


def _write(net: nn.Module, path: Path, recipe: Recipe) -> None:
    axes = {"picture": {2: "height", 3: "width"}, "lines": {2: "height", 3: "width"}}
    example = torch.zeros(1, 3, 2 * recipe.multiple, 2 * recipe.multiple)
    with warnings.catch_warnings():
        # The exporter by tracing is called legacy; the other one needs a package more and
        # unrolls nothing that this network has.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net,
            (example,),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=["picture"],
            output_names=["lines"],
            dynamic_axes=axes,
        )
    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, needs_to_metadata(Needs(multiple=recipe.multiple)))
    onnx.save(model, str(path))


def _difference(net: nn.Module, path: Path, multiple: int) -> float:
    """The largest difference between torch and ONNX Runtime over pictures of several sizes."""
    session = Session(path)
    random = np.random.default_rng(0)
    worst = 0.0
    for height, width in ((2, 3), (5, 4), (8, 8)):
        shape = (1, 3, height * multiple, width * multiple)
        picture = random.uniform(-1, 1, shape).astype(np.float32)
        with torch.no_grad():
            expected = net(torch.from_numpy(picture)).numpy()
        worst = max(worst, float(np.abs(session.run(picture) - expected).max()))
    return worst
