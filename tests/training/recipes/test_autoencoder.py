import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("resvg_py")
pytest.importorskip("skimage")

import torch
from torch import nn

from contract_net import CONTRACT
from nurie.data.coloring import Pages
from nurie.runtime.registry import Needs
from nurie.tasks.painting import Painting
from nurie.training.recipes.autoencoder import AutoencoderOptions, AutoencoderRecipe


def tiny(**options) -> AutoencoderRecipe:
    small = {"widths": (4, 6), "depth": 1, "size": 32}
    return AutoencoderRecipe(AutoencoderOptions(**{**small, **options}))


@pytest.mark.parametrize("clause", CONTRACT)
def test_a_net_that_copies_keeps_the_contract(clause, tmp_path):
    clause(tiny(copies=True), tmp_path)


def test_it_has_no_skips_and_grows_by_transposed_convolutions():
    kinds = [type(part) for part in tiny().build().modules()]
    assert kinds.count(nn.ConvTranspose2d) == 1
    assert tiny().options.skips == "none"


def pages() -> Pages:
    generator = torch.Generator().manual_seed(0)
    drawing, flat = (torch.rand(2, c, 32, 32, generator=generator) for c in (1, 3))
    part = torch.zeros(2, 32, 32, dtype=torch.int64)
    return Pages(drawing, flat, part, torch.ones_like(part).bool())


def test_it_colours_line_art():
    page, hints = pages(), torch.zeros(2, 4, 32, 32)
    assert tiny().given(page, hints)[:, :1].equal(page.drawing * 2 - 1)
    assert tiny().wanted(page).equal(page.flat)
    assert tiny().needs == Needs(inputs=5, multiple=2, channels=3)


def test_when_it_copies_what_it_is_given_is_what_is_wanted():
    page, hints, recipe = pages(), torch.zeros(2, 4, 32, 32), tiny(copies=True)
    assert recipe.wanted(page).equal(page.flat * page.drawing)
    assert recipe.given(page, hints).equal(recipe.wanted(page) * 2 - 1)
    assert recipe.needs == Needs(inputs=3, multiple=2, channels=3)


def test_a_net_that_copies_does_not_say_that_it_colours():
    assert recipe_says(copies=False) == Painting(64).to_metadata()
    assert recipe_says(copies=True) == {}


def recipe_says(**options) -> dict[str, str]:
    recipe = tiny(**options)
    return recipe.described(recipe.build())
