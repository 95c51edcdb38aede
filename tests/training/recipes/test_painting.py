import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("resvg_py")
pytest.importorskip("skimage")

import torch

from contract_net import CONTRACT
from nurie.core import codec
from nurie.core.errors import NurieError
from nurie.data.coloring import Pages
from nurie.runtime.registry import Needs
from nurie.tasks.painting import RADIUS, Painting
from nurie.training.losses import COLOR_LOSSES
from nurie.training.recipes.painting import HintedPages, PaintingOptions, hinted
from nurie.training.recipes.unet import UNetRecipe

CPU = torch.device("cpu")


def tiny(**options) -> UNetRecipe:
    return UNetRecipe(PaintingOptions(**{"widths": (4, 6, 8), "depth": 1, "size": 32, **options}))


@pytest.mark.parametrize("clause", CONTRACT)
@pytest.mark.parametrize(
    "options",
    [
        {"grow": "transposed", "skips": "none"},
        {"grow": "shuffle", "norm": "group"},
        {"norm": "none", "skips": "concatenated", "depth": 2},
        {"fold": True, "norm": "group"},
    ],
    ids=lambda options: "-".join(map(str, options.values())),
)
def test_whatever_it_is_built_of_the_net_keeps_the_contract(options, clause, tmp_path):
    # A group of one feature has nothing to norm where one place is left of a picture.
    clause(tiny(widths=(4, 6, 16), **options), tmp_path)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"widths": ()}, "unet: widths must name a level, and depth a convolution"),
        ({"depth": 0}, "unet: widths must name a level, and depth a convolution"),
        ({"size": 34}, "unet: size must be a multiple of 4"),
        ({"size": 36, "fold": True}, "unet: size must be a multiple of 8"),
        ({"hinted": 1.5}, "unet: hinted is a share, from 0 to 1"),
    ],
)
def test_what_can_not_be_built_is_a_one_line_error(options, says):
    with pytest.raises(NurieError, match=f"^{says}$"):
        tiny(**options)


@pytest.mark.parametrize(("widths", "smallest"), [(3, 64), (4, 32), (5, 16), (6, 8)])
def test_a_level_halves_the_smallest_map_of_256_pixels(widths, smallest):
    net = tiny(widths=(2,) * widths, size=256).build()
    seen = []
    net.get_submodule(f"encoders.{widths - 1}").register_forward_hook(
        lambda module, given, answer: seen.append(answer.shape)
    )
    net(torch.zeros(1, 5, 256, 256))
    assert seen == [(1, 2, smallest, smallest)]


def test_what_the_exported_network_needs_and_says():
    recipe = tiny()
    assert recipe.needs == Needs(inputs=5, multiple=4, channels=3)
    assert Painting.from_metadata(recipe.described(recipe.build())) == Painting(edge=64)


def pages() -> Pages:
    """A page of 32 pixels: red on the left, on the right blue with a green square of 4 in it."""
    part = torch.zeros(1, 32, 32, dtype=torch.int64)
    part[:, :, 20:] = 5
    part[:, 8:12, 24:28] = 9
    flat = torch.zeros(1, 3, 32, 32)
    flat[:, 0][part == 0] = flat[:, 2][part == 5] = flat[:, 1][part == 9] = 1
    drawing = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    return Pages(drawing, flat, part, torch.ones_like(part).bool())


def test_the_net_is_given_what_colouring_gives_it():
    page, recipe = pages(), tiny()
    page.drawing.mul_(255).round_().div_(255)
    hints = hinted(page, 100)
    grey = page.drawing[0, 0].mul(255).round().byte().numpy()
    layer = hints[0].permute(1, 2, 0).mul(255).byte().numpy()
    expected = torch.from_numpy(codec.encode_hinted(grey, layer))
    assert torch.allclose(recipe.given(page, hints), expected, atol=1e-6)


def test_the_largest_regions_are_hinted_first_by_dots_of_the_size_that_is_learned():
    page = pages()
    counts = []
    for percent in (0, 10, 40, 100):
        hints = hinted(page, percent)
        colors = hints[0, :3, hints[0, 3] > 0].T.unique(dim=0).tolist()
        counts.append([color.index(1) for color in colors])
    assert counts == [[], [0], [2, 0], [2, 1, 0]]
    dot = hinted(page, 10)[0, 3]
    y, x = dot.nonzero().T
    assert (y.max() - y.min(), x.max() - x.min()) == (2 * RADIUS, 2 * RADIUS)


@pytest.mark.parametrize("name", COLOR_LOSSES)
def test_the_loss_is_that_of_the_options_in_full_precision(name):
    page, answer = pages(), torch.full((1, 3, 32, 32), 0.5, dtype=torch.bfloat16)
    (loss,) = tiny(loss=name).losses(lambda given: answer, HintedPages(page, hinted(page, 0)))
    assert loss.item() == COLOR_LOSSES[name](answer.float(), page.flat).item()


# On a set


@pytest.fixture(scope="module")
def opened(tiny_set) -> UNetRecipe:
    recipe = tiny(size=64)
    recipe.open(tiny_set, CPU)
    return recipe


def test_no_more_regions_have_a_hint_than_it_says(tiny_set):
    recipe = tiny(size=64, hinted=0.0)
    recipe.open(tiny_set, CPU)
    assert not recipe.batch(8, 0).hints.any()


def test_it_is_scored_beside_the_mean_colour(opened):
    scores, picture = opened.validate(lambda given: torch.logit(opened.mean.expand(24, 3, 64, 64)))
    assert set(scores) == {"psnr_mean", "psnr_0", "psnr_10", "psnr_30"}
    for score in scores.values():
        assert score == pytest.approx(scores["psnr_mean"], abs=1e-3)
    # Four pages, each with the drawing, the truth, three answers and two pictures of hints.
    assert picture.shape == (3, 4 * 64, 7 * 64)


def test_who_sees_the_colours_is_better_than_the_mean(opened):
    truth = opened.exam.flat.clamp(0.01, 0.99)
    scores, picture = opened.validate(lambda given: torch.logit(truth))
    assert scores["psnr_30"] > 30 > scores["psnr_mean"]
    assert torch.allclose(picture[:, :64, 128:192], truth[0], atol=1e-5)


def test_the_mean_colour_is_that_of_what_it_learns_from(opened):
    assert opened.mean.shape == (1, 3, 1, 1)
    # Blue discs on pages that are mostly light.
    red, _, blue = opened.mean.flatten().tolist()
    assert 0.3 < red < blue < 1


def test_a_few_steps_lower_the_loss(opened):
    torch.manual_seed(0)
    net, batch, losses = opened.build(), opened.batch(4, 0), []
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    for _ in range(10):
        (loss,) = opened.losses(net.train(), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.9 * losses[0]
