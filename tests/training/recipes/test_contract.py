"""What every recipe must keep to, whatever it trains; `contract_net` says what its network must."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("resvg_py")
pytest.importorskip("skimage")

import torch
from torch import Tensor, nn

from contract_net import CONTRACT, gradients_reach_every_parameter
from nurie.core.errors import NurieError
from nurie.training.recipes.table import RECIPES, Recipe, build_recipe, override

# As small as they go: a new recipe needs no more than a line here.
TINY: dict[str, dict[str, Any]] = {
    "lines": {"widths": [4, 6], "depths": [1, 1], "size": 32},
    "color": {"widths": [6, 8], "depths": [1, 1], "embedding": 4, "colors": 3, "size": 64},
    "autoencoder": {"widths": [4, 6], "depth": 1, "size": 32},
    "unet": {"widths": [4, 6], "depth": 1, "size": 32},
    "gan": {"widths": [4, 6], "depth": 1, "size": 32, "judge": [4, 6]},
}

CPU = torch.device("cpu")
every_recipe = pytest.mark.parametrize("name", RECIPES)


@pytest.fixture(scope="module")
def opened(tiny_set):
    """Tiny recipes with a set of drawings, by name."""
    recipes: dict[str, Recipe] = {name: build_recipe(name, TINY[name]) for name in RECIPES}
    for recipe in recipes.values():
        recipe.open(tiny_set, CPU)
    return recipes


def built(recipe: Recipe) -> nn.Module:
    torch.manual_seed(0)
    return recipe.build().train()


def values_of(batch: Any) -> list[Tensor]:
    """All that a batch holds."""
    if isinstance(batch, Tensor):
        return [batch]
    return [value for part in vars(batch).values() for value in values_of(part)]


# Not all that is learned has a say in the answer to a picture: what must be reached by a gradient
# is asked of the losses, below.
@pytest.mark.parametrize(
    "clause", [clause for clause in CONTRACT if clause is not gradients_reach_every_parameter]
)
@every_recipe
def test_the_net_keeps_the_contract(name: str, clause, tmp_path: Path):
    clause(build_recipe(name, TINY[name]), tmp_path)


@every_recipe
def test_it_is_told_by_its_name(name):
    recipe = build_recipe(name, TINY[name])
    assert recipe.name == name
    assert recipe.task in ("extract", "colorize")


@every_recipe
def test_an_option_may_be_overridden_and_an_unknown_one_is_an_error(name):
    recipe = override(build_recipe(name, TINY[name]), {"size": 128})
    assert recipe.options == build_recipe(name, {**TINY[name], "size": 128}).options
    with pytest.raises(NurieError, match=rf"^{name}: no option is called 'siez'; there are: "):
        override(recipe, {"siez": 128})


@every_recipe
def test_a_batch_depends_on_its_seed_alone(opened, name):
    first, _, again, other = (opened[name].batch(2, seed) for seed in (5, 6, 5, (1 << 32) + 5))
    pairs = zip(values_of(first), values_of(again), strict=True)
    assert all(one.equal(two) for one, two in pairs)
    pairs = zip(values_of(first), values_of(other), strict=True)
    assert not all(one.equal(two) for one, two in pairs)


@every_recipe
def test_the_players_share_out_all_that_is_learned(opened, name):
    net = built(opened[name])
    shares = [list(player.parameters()) for player in opened[name].players(net)]
    assert {id(one) for share in shares for one in share} == set(map(id, net.parameters()))
    assert sum(map(len, shares)) == len(list(net.parameters()))


@every_recipe
def test_every_player_has_a_loss_that_reaches_all_of_it(opened, name):
    recipe = opened[name]
    net = built(recipe)
    losses = recipe.losses(net, recipe.batch(4, 0))
    for player in recipe.players(net):
        loss = next(losses)
        assert loss.shape == ()
        assert loss.isfinite()
        net.zero_grad()
        loss.backward()
        for key, parameter in player.named_parameters():
            assert parameter.grad is not None, key
            assert parameter.grad.isfinite().all(), key
            assert parameter.grad.abs().max() > 0, key
    assert next(losses, None) is None


@every_recipe
def test_the_same_batch_has_the_same_losses(opened, name):
    recipe = opened[name]
    once, again = (
        [loss.item() for loss in recipe.losses(built(recipe), recipe.batch(2, 3))] for _ in range(2)
    )
    assert once == again


@every_recipe
def test_it_looks_at_the_same_held_out_scenes_every_time(opened, name):
    recipe = opened[name]
    net = built(recipe).eval()
    scores, picture = recipe.validate(net)
    again, same = recipe.validate(net)
    assert scores == again
    assert picture.equal(same)
    assert all(isinstance(score, float) for score in scores.values())
    assert picture.ndim == 3
    assert len(picture) == 3
