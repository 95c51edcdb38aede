"""What every network must keep to, as clauses that take a recipe and a folder.

The test of a new network, with widths as small as they go:

    @pytest.mark.parametrize("clause", CONTRACT)
    def test_the_net_keeps_the_contract(clause, tmp_path):
        clause(NewRecipe(NewOptions(widths=(4, 6), depths=(1, 1))), tmp_path)
"""

import copy
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from nurie.runtime.session import Session
from nurie.training.export import LARGEST_DIFFERENCE, export
from nurie.training.recipes.table import Recipe


def _pictures(recipe: Recipe, count: int, height: int, width: int) -> Tensor:
    generator = torch.Generator().manual_seed(height * width)
    shape = (count, recipe.needs.inputs, height, width)
    return torch.rand(shape, generator=generator) * 2 - 1


def _built(recipe: Recipe) -> nn.Module:
    """The network with norms that are no identity, as after training."""
    torch.manual_seed(0)
    net = recipe.build()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.3)
            nn.init.normal_(module.running_mean, std=0.3)
            nn.init.uniform_(module.running_var, 0.5, 2)
    return net.eval()


@torch.no_grad()
def answers_at_its_stride_whatever_the_size(recipe: Recipe, _: Path) -> None:
    net, unit, stride = _built(recipe), recipe.needs.multiple, recipe.needs.stride
    channels = net(_pictures(recipe, 1, unit, unit)).shape[1]
    for count, height, width in ((1, unit, unit), (2, 3 * unit, unit), (3, 2 * unit, 5 * unit)):
        answer = net(_pictures(recipe, count, height, width))
        assert answer.shape == (count, channels, height // stride, width // stride)
        assert answer.isfinite().all()


@torch.no_grad()
def is_deterministic_in_evaluation(recipe: Recipe, _: Path) -> None:
    net = _built(recipe)
    before = copy.deepcopy(net.state_dict())
    pictures = _pictures(recipe, 3, 2 * recipe.needs.multiple, 2 * recipe.needs.multiple)
    first, again = net(pictures), net(pictures)
    assert first.equal(again)
    # Neither what else is in the batch nor what came before has a say.
    assert torch.allclose(net(pictures[1:2]), first[1:2], atol=1e-5)
    assert all(value.equal(before[key]) for key, value in net.state_dict().items())


def is_built_by_the_seed(recipe: Recipe, _: Path) -> None:
    built = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        built.append(nn.utils.parameters_to_vector(recipe.build().parameters()))
    assert built[0].equal(built[1])
    assert not built[0].equal(built[2])


def gradients_reach_every_parameter(recipe: Recipe, _: Path) -> None:
    net, side = _built(recipe).train(), 4 * recipe.needs.multiple
    net(_pictures(recipe, 4, side, side)).square().mean().backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().max() > 0, name


def exported_it_agrees_with_torch(recipe: Recipe, folder: Path) -> None:
    net, unit = _built(recipe), recipe.needs.multiple
    path = folder / "net.onnx"
    reported = export(recipe, net, path).difference
    assert reported <= LARGEST_DIFFERENCE
    expected = recipe.exported(net).eval()
    session = Session(path)
    for height, width in ((1, 1), (3, 2), (2, 5)):
        picture = _pictures(recipe, 1, height * unit, width * unit)
        with torch.no_grad():
            answer = expected(picture).numpy()
        assert np.abs(session.run(picture.numpy()) - answer).max() <= 1e-4
    assert session.needs == recipe.needs
    assert recipe.described(net).items() <= session.metadata.items()


CONTRACT = (
    answers_at_its_stride_whatever_the_size,
    is_deterministic_in_evaluation,
    is_built_by_the_seed,
    gradients_reach_every_parameter,
    exported_it_agrees_with_torch,
)
