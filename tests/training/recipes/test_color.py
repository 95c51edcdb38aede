import copy
import math
from dataclasses import replace

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("resvg_py")
pytest.importorskip("skimage")

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

import hand_made
from contract_net import CONTRACT, gradients_reach_every_parameter
from nurie.core.errors import NurieError
from nurie.data import shards
from nurie.data.coloring import Pages
from nurie.runtime.registry import Needs
from nurie.tasks.attention import Attention
from nurie.training.colornet import ColorNet
from nurie.training.devices import launch
from nurie.training.lab import rgb_to_lab
from nurie.training.loop import LoopOptions, train
from nurie.training.recipes.color import (
    ColorOptions,
    ColorRecipe,
    Regions,
    choice_loss,
    largest,
    paint,
    paint_nearest,
    pair_loss,
    prior_loss,
)

CPU = torch.device("cpu")


def tiny(**options) -> ColorRecipe:
    small = {"widths": (6, 8), "depths": (1, 1), "embedding": 4, "colors": 3, "size": 32}
    return ColorRecipe(ColorOptions(**{**small, **options}))


# The three scores of attention have no say in the answer to a picture, only in the loss: see
# `test_gradients_reach_every_parameter`.
@pytest.mark.parametrize(
    "clause", [clause for clause in CONTRACT if clause is not gradients_reach_every_parameter]
)
def test_the_net_keeps_the_contract(clause, tmp_path):
    clause(tiny(), tmp_path)


def test_an_answer_for_every_2_x_2_pixels():
    assert tiny().build().eval()(torch.randn(2, 3, 8, 12)).shape == (2, 4 + 3, 4, 6)


def test_a_drawing_is_a_multiple_of_all_strides():
    assert tiny().multiple == 4
    with pytest.raises(NurieError, match="size must be a multiple of 4"):
        tiny(size=33)


def test_widths_and_depths_belong_together():
    for widths in ((4,), ()):
        with pytest.raises(NurieError, match="lists of one length"):
            tiny(widths=widths)


def test_what_the_exported_network_needs():
    needs = tiny().needs
    assert needs == Needs(multiple=4, stride=2, tile=needs.tile, halo=needs.halo, channels=4 + 3)
    assert needs.tile >= 1024


def test_exported_it_answers_the_same_and_says_how_to_choose():
    recipe = tiny()
    recipe.palette = torch.tensor([[1.0, 0.0, 0.0], [0.499, 0.501, 0.0], [1.0, 1.0, 1.0]])
    net = recipe.build().eval()
    assert isinstance(net, ColorNet)
    with torch.no_grad():
        net.nearness.fill_(2.3)
    picture = torch.randn(1, 3, 8, 8)
    assert recipe.exported(net)(picture).equal(net(picture))
    learned = Attention.from_metadata(recipe.described(net))
    palette = ((255, 0, 0), (127, 128, 0), (255, 255, 255))
    assert learned == Attention(4, 8.0, net.nearness.item(), 4.0, palette)


# Worked examples

RED, BLUE = rgb_to_lab(torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
HERE, THERE = (1.0, 0.0), (0.0, 1.0)  # embeddings that have nothing to do with each other


def painter() -> ColorNet:
    """Sharpness 8, nearness 2, silence 4; its palette is red and blue."""
    net = ColorNet(nn.Identity(), 3, 2, torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
    assert (net.sharpness, net.nearness, net.silence) == (8, 2, 4)
    return net


def regions(
    labs: list[Tensor],
    embeddings: list[tuple[float, float]],
    areas=None,
    pages=None,
    priors=None,
    natural=None,
) -> Regions:
    """Regions of natural colours with one middle and an area of 16, unless told otherwise."""
    count = len(labs)
    return Regions(
        page=torch.tensor(pages or [0] * count),
        area=torch.tensor([float(area) for area in areas or [16] * count]),
        centre=torch.zeros(count, 2),
        lab=torch.stack(labs),
        natural=torch.tensor(natural or [True] * count),
        embedding=torch.tensor(embeddings),
        prior=torch.tensor(priors or [[0.0, 0.0]] * count),
        number=torch.zeros(1, 1, 1, dtype=torch.int64),
    )


def wrong(logit: float) -> float:
    """Logloss of an answer that has this logit."""
    return math.log1p(math.exp(-logit))


def test_the_loss_of_pairs_by_hand():
    # One pair alike of likeness 1, two unlike of 0; what is right has the logit 8 x 0.5.
    right = regions([RED, RED, BLUE], [HERE, HERE, THERE])
    assert pair_loss(painter(), right).item() == pytest.approx(2 * wrong(4), rel=1e-5)
    # The second is taken for blue: its pair with red is wrong, and one of the unlike two.
    half = regions([RED, RED, BLUE], [HERE, THERE, THERE])
    expected = wrong(-4) + (wrong(4) + wrong(-4)) / 2
    assert pair_loss(painter(), half).item() == pytest.approx(expected, rel=1e-5)


def test_regions_of_two_pages_are_no_pair():
    apart = regions([RED, RED, BLUE], [HERE, THERE, HERE], pages=[0, 1, 2])
    assert pair_loss(painter(), apart).item() == 0


def test_large_regions_count_more_among_the_pairs():
    # A pair counts by the fourth root of its areas' product: 4 x 4 against 4 x 1.
    uneven = regions([RED, BLUE, BLUE + 50], [HERE, HERE, THERE], areas=[256, 256, 1])
    expected = (16 * wrong(-4) + 2 * 4 * wrong(4)) / 24
    assert pair_loss(painter(), uneven).item() == pytest.approx(expected, rel=1e-5)


def test_colours_that_hardly_differ_are_one_colour():
    for away, alike in ((7.9, True), (8.1, False)):
        two = regions([RED, RED + torch.tensor([away, 0, 0])], [HERE, HERE])
        assert pair_loss(painter(), two).item() == pytest.approx(
            wrong(4 if alike else -4), rel=1e-5
        )


def test_the_loss_of_the_choice_by_hand():
    # The first, the largest, has the one dot. The second is of its colour and says so, 8 to 4; the
    # third is of another colour, and says by 0 to 4 that the prior knows better. So it does.
    page = regions([RED, RED, BLUE], [HERE, HERE, THERE], areas=[100, 64, 16])
    second = wrong(4) * 1 / 1.05 + wrong(-4) * 0.05 / 1.05
    expected = (8 * second + 4 * wrong(4)) / (8 + 4)
    assert choice_loss(painter(), page).item() == pytest.approx(expected, rel=1e-4)


def test_dots_of_one_colour_share_the_answer():
    # Ten regions at 30 %: three dots. At 3 % and 10 % the largest alone is dotted.
    labs = [RED, RED, BLUE, *[RED] * 7]
    areas = [90, 80, 70, *[16] * 7]
    taught = regions(labs, [HERE, HERE, THERE, *[HERE] * 7], areas)
    misled = regions(labs, [HERE, THERE, HERE, *[HERE] * 7], areas)
    assert choice_loss(painter(), taught) < choice_loss(painter(), misled)


def test_a_page_of_one_region_leaves_no_choice():
    one = regions([RED], [HERE])
    embedding = one.embedding.requires_grad_()
    loss = choice_loss(painter(), replace(one, embedding=embedding))
    assert loss.item() == 0
    loss.backward()  # a batch of such pages must not stop the training
    assert pair_loss(painter(), one).item() == 0


def test_the_loss_of_the_prior_by_hand():
    sure = regions([RED, BLUE], [HERE, HERE], areas=[64, 16], priors=[[3.0, 0.0], [3.0, 0.0]])
    expected = (8 * wrong(3) + 4 * wrong(-3)) / 12
    assert prior_loss(painter(), sure).item() == pytest.approx(expected, rel=1e-4)
    between = regions([(RED + BLUE) / 2], [HERE], priors=[[3.0, 0.0]])
    expected = (wrong(3) + wrong(-3)) / 2
    assert prior_loss(painter(), between).item() == pytest.approx(expected, rel=1e-3)


def test_the_loss_of_the_prior_leaves_out_invented_colours():
    labs, priors = [RED, BLUE, BLUE], [[3.0, 0.0], [3.0, 0.0], [0.0, 3.0]]
    page = regions(labs, [HERE] * 3, [64, 400, 16], priors=priors, natural=[True, False, True])
    assert prior_loss(painter(), page).item() == pytest.approx(wrong(3), rel=1e-4)


def test_without_a_natural_colour_the_prior_has_nothing_to_learn():
    page = regions([RED, BLUE], [HERE] * 2, priors=[[3.0, 0.0]] * 2, natural=[False] * 2)
    prior = page.prior.requires_grad_()
    loss = prior_loss(painter(), replace(page, prior=prior))
    assert loss.item() == 0
    loss.backward()
    assert prior.grad is not None
    assert not prior.grad.any()


def test_the_largest_of_each_page_are_dotted():
    areas, pages = [20, 50, 40, 30, 90, 15], [0, 0, 0, 0, 1, 1]
    page = regions([RED] * 6, [HERE] * 6, areas, pages)
    assert largest(page, 0.5).tolist() == [False, True, True, False, True, False]
    assert largest(page, 0.0).tolist() == [False, True, False, False, True, False]
    assert largest(page, 1.0).all()


def test_a_region_is_painted_what_is_to_be_expected_of_it():
    other = RED + 30
    # Dots on the first two. The third belongs with the second: scores of 0, 8 and 4 for the prior,
    # which is sure of blue.
    page = regions(
        [RED, other, BLUE],
        [HERE, THERE, THERE],
        priors=[[0.0, 9.0], [0.0, 9.0], [-50.0, 50.0]],
    )
    painted = paint(painter(), page, torch.tensor([True, True, False]))
    scores = torch.tensor([0.0, 8.0, 4.0]).softmax(0)
    expected = scores @ torch.stack([RED, other, BLUE])
    assert torch.allclose(painted, torch.stack([RED, other, expected]), atol=1e-2)


def test_a_dot_of_another_page_colours_nothing():
    page = regions(
        [BLUE, RED, BLUE], [HERE, THERE, HERE], pages=[0, 1, 1], priors=[[50.0, -50.0]] * 3
    )
    painted = paint(painter(), page, torch.tensor([True, True, False]))
    assert torch.allclose(painted[2], RED, atol=1e-2)  # its page's dot and the prior are both red
    assert paint_nearest(page, torch.tensor([True, True, False]))[2].equal(RED)


def test_the_nearest_dot_whatever_belongs_together():
    page = regions([RED, BLUE, RED, BLUE], [HERE, THERE, HERE, THERE])
    centre = torch.tensor([[0.1, 0.1], [0.9, 0.9], [0.7, 0.8], [0.0, 0.4]])
    dotted = torch.tensor([True, True, False, False])
    painted = paint_nearest(replace(page, centre=centre), dotted)
    assert painted.equal(torch.stack([RED, BLUE, BLUE, RED]))


def quarters(pages: int) -> tuple[Tensor, Pages]:
    """What a net says of pages of 16 pixels: parts 1 and 7 side by side, and a speck of part 9."""
    part = torch.ones(pages, 16, 16, dtype=torch.int64)
    part[:, :, 8:] = 7
    part[:, :2, :2] = 9
    red = torch.tensor([1.0, 0.0, 0.0])[None, :, None, None]
    flat = torch.where(part[:, None] == 7, red, 0.5)
    places = torch.zeros(pages, 4 + 3, 8, 8)
    places[:, 0, :, :4] = 3.0
    places[:, 1, ::2, 4:] = 2.0  # half of these places say nothing
    places[:, 5, :, 4:] = torch.arange(pages)[:, None, None] + 1.0
    return places, Pages(torch.ones(pages, 1, 16, 16), flat, part, torch.ones_like(part).bool())


def test_a_region_is_the_mean_of_its_places():
    places, pages = quarters(2)
    found = tiny().regions(places, pages)
    assert found.page.tolist() == [0, 0, 1, 1]
    assert found.area.tolist() == [31, 32] * 2
    one, seven = rgb_to_lab(torch.tensor([[0.5, 0.5, 0.5], [1.0, 0.0, 0.0]]))
    assert torch.allclose(found.lab, torch.stack([one, seven] * 2), atol=1e-4)
    assert torch.allclose(found.embedding, torch.eye(4)[[0, 1] * 2])
    assert torch.allclose(found.prior[:, 1], torch.tensor([0.0, 1, 0, 2]))
    assert torch.allclose(found.centre[1], torch.tensor([0.5, 5.5 / 7]))
    assert found.natural.all()
    # The speck has no say, and the places of the others know their regions.
    assert found.number.shape == (2, 8, 8)
    assert found.number[:, 0, 0].tolist() == [-1, -1]
    assert found.number[:, 7, 0].tolist() == [0, 2]
    assert found.number[:, 7, 7].tolist() == [1, 3]


def test_a_region_knows_whether_its_colour_is_an_invented_one():
    places, pages = quarters(2)
    natural = pages.part != 7
    natural[1] = True
    found = tiny().regions(places, replace(pages, natural=natural))
    assert found.natural.tolist() == [True, False, True, True]


# On a set

COLORS = ("#c33", "#37c", "#3a4", "#ec5")


def disc(radius: float, color: str, name: str):
    """A disc with another within, in the same ink: no two are alike in their lines."""
    circle = '<circle cx="50" cy="50" r="{}" {}/>'
    outline = 'fill="none" stroke="#000" stroke-width="4"'
    shapes = ((radius, f'fill="{color}"'), (radius / 2, 'fill="#fff"'))
    paint = "".join(circle.format(*shape) for shape in shapes)
    ink = "".join(circle.format(shape, outline) for shape, _ in shapes)
    return hand_made.drawing(f'<g id="color">{paint}</g><g id="line">{ink}</g>', name=name)


@pytest.fixture(scope="module")
def opened(tmp_path_factory) -> ColorRecipe:
    """A recipe with a set of four drawings, of which one is held out."""
    folder = tmp_path_factory.mktemp("sets") / "discs"
    names = [str(number) for number in range(40)]
    names.sort(key=lambda name: shards.split_of("hand-made", name))
    chosen = zip((12, 21, 30, 39), COLORS, [names[0], *names[-3:]], strict=True)
    shards.build([disc(*each) for each in chosen], folder)
    recipe = tiny(colors=4, size=64)
    recipe.open(folder, CPU)
    return recipe


@pytest.fixture
def net(opened) -> ColorNet:
    torch.manual_seed(0)
    return opened.build()


def test_it_learns_from_some_drawings_and_looks_at_others(opened):
    assert (len(opened.cutouts), len(opened.unseen)) == (3, 1)


def test_the_palette_is_that_of_what_it_learns_from(opened, net):
    assert net.palette.equal(opened.palette)
    away = torch.cdist(rgb_to_lab(opened.cutouts.colors()), rgb_to_lab(net.palette))
    assert away.amin(1).max() < 3


def test_a_batch_and_its_loss_depend_on_the_seed_alone(opened, net):
    first, _, again, other = (opened.batch(3, seed) for seed in (5, 6, 5, (1 << 32) + 5))
    assert first.drawing.shape == (3, 1, 64, 64)
    for kind in ("drawing", "flat", "part", "natural"):
        assert getattr(first, kind).equal(getattr(again, kind))
    assert not first.drawing.equal(other.drawing)
    assert opened.loss(net, first).equal(opened.loss(net, again))
    assert not opened.loss(net, first).equal(opened.loss(net, other))


def test_gradients_reach_every_parameter(opened, net):
    opened.loss(net, opened.batch(4, 0)).backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().max() > 0, name


class Prompter(ColorNet):
    """A net that says what it is told, in full precision."""

    def forward(self, drawing: Tensor) -> Tensor:
        return self.told


def test_half_precision_is_for_the_net_alone():
    recipe = tiny()
    net = Prompter(
        nn.Identity(), 3, 4, torch.rand(3, 3, generator=torch.Generator().manual_seed(0))
    )
    places, pages = quarters(2)
    net.told = places + torch.linspace(0, 1, places.numel()).view_as(places)
    loss = recipe.loss(net, pages)
    with torch.autocast("cpu", torch.bfloat16):
        assert recipe.loss(net, pages).equal(loss)


def test_a_few_steps_lower_the_loss(opened, net):
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    batch, losses = opened.batch(4, 0), []
    for _ in range(6):
        loss = opened.loss(net.train(), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]


def test_a_resumed_run_goes_on_exactly(opened, net, tmp_path):
    def run(folder: str, net: nn.Module, watch=lambda report: None, *, resume=False) -> nn.Module:
        return train(
            opened, net, LoopOptions(steps=3, batch=2, warmup=1), tmp_path / folder,
            fabric=launch("cpu", "fp32"), identity={}, resume=resume, watch=watch,
        )  # fmt: skip

    def stop(report) -> None:
        raise KeyboardInterrupt

    whole = run("whole", copy.deepcopy(net)).state_dict()
    with pytest.raises(KeyboardInterrupt):
        run("parts", net, stop)
    resumed = run("parts", opened.build(), resume=True).state_dict()
    assert all(value.equal(resumed[key]) for key, value in whole.items())


def test_a_look_is_the_same_every_time(opened, net):
    looking = AveragedModel(net.eval())
    (scores, grid), (again, grid_again) = opened.validate(looking), opened.validate(net)
    assert scores == again
    assert grid.equal(grid_again)
    assert set(scores) == {"pairs", "off", "off_nearest"}
    assert all(math.isfinite(score) and score > 0 for score in scores.values())
    # Six pages: drawing, true flats, painted flats.
    assert grid.shape == (3, 6 * 64, 3 * 64)
    assert grid.min() >= 0
    assert grid.max() <= 1


def test_a_look_compares_with_the_true_colours(opened, net):
    with torch.no_grad():
        net.sharpness.fill_(0)
        net.nearness.fill_(1000)
        net.silence.fill_(-10000)
    # Nothing but the distance counts now.
    scores, _ = opened.validate(net.eval())
    assert scores["off"] == pytest.approx(scores["off_nearest"], rel=1e-4)
