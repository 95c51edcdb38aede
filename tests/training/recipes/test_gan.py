import math

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("resvg_py")
pytest.importorskip("skimage")

import torch
from torch import Tensor, nn

from contract_net import exported_it_agrees_with_torch
from nurie.data.coloring import Pages
from nurie.training.discriminator import Adversaries
from nurie.training.losses import COLOR_LOSSES
from nurie.training.recipes.gan import GANOptions, GANRecipe
from nurie.training.recipes.painting import HintedPages


def tiny(**options) -> GANRecipe:
    small = {"widths": (4, 6), "depth": 1, "size": 32, "judge": (4, 6)}
    return GANRecipe(GANOptions(**{**small, **options}))


def batch(count: int = 2) -> HintedPages:
    generator = torch.Generator().manual_seed(0)
    drawing, flat = (torch.rand(count, c, 32, 32, generator=generator) for c in (1, 3))
    part = torch.zeros(count, 32, 32, dtype=torch.int64)
    pages = Pages(drawing, flat, part, torch.ones_like(part).bool())
    return HintedPages(pages, torch.zeros(count, 4, 32, 32))


class Judge(nn.Module):
    """A discriminator that says of every picture its first weight, and keeps what it saw."""

    def __init__(self):
        super().__init__()
        self.says = nn.Parameter(torch.tensor(0.5))
        self.seen: list[Tensor] = []

    def forward(self, picture: Tensor) -> Tensor:
        self.seen.append(picture)
        return self.says * picture.mean((1, 2, 3), keepdim=True)


class Painter(nn.Module):
    """A generator that paints everything in one colour."""

    def __init__(self):
        super().__init__()
        self.color = nn.Parameter(torch.tensor([1.0, 0.0, -1.0]).view(1, 3, 1, 1))

    def forward(self, given: Tensor) -> Tensor:
        return self.color.expand(len(given), 3, 32, 32)


def test_the_discriminator_learns_first_and_then_the_generator():
    recipe = tiny()
    net = recipe.build()
    assert isinstance(net, Adversaries)
    assert recipe.players(net) == (net.discriminator, net.generator)


def test_the_judge_sees_line_art_and_colours_true_and_painted():
    judge, made = Judge(), batch()
    net = Adversaries(Painter(), judge)
    for _ in tiny().losses(net, made):
        pass
    true, painted, fooled = judge.seen
    drawing = made.pages.drawing * 2 - 1
    assert true.equal(torch.cat([drawing, made.pages.flat * 2 - 1], 1))
    color = net.generator(drawing).sigmoid() * 2 - 1
    assert torch.allclose(painted, torch.cat([drawing, color], 1))
    assert fooled.equal(painted)
    assert fooled.requires_grad
    assert not painted.requires_grad  # the generator learns nothing from the other's loss


def test_the_losses_by_hand():
    judge, made, recipe = Judge(), batch(1), tiny(weight=3.0)
    net = Adversaries(Painter(), judge)
    for_judge, for_painter = (loss.item() for loss in recipe.losses(net, made))
    true, painted = (0.5 * seen.mean().item() for seen in judge.seen[:2])
    expected = math.log1p(math.exp(-true)) + math.log1p(math.exp(painted))
    assert for_judge == pytest.approx(expected, rel=1e-5)
    off = COLOR_LOSSES["l1"](net.generator(made.hints), made.pages.flat).item()
    assert for_painter == pytest.approx(math.log1p(math.exp(-painted)) + 3 * off, rel=1e-5)


def test_the_generator_is_judged_by_what_the_discriminator_has_become():
    judge, made = Judge(), batch()
    losses = tiny(weight=0.0).losses(Adversaries(Painter(), judge), made)
    next(losses)
    with torch.no_grad():
        judge.says.fill_(-4.0)
    expected = math.log1p(math.exp(4.0 * judge.seen[1][0].mean().item()))
    assert next(losses).item() == pytest.approx(expected, rel=0.05)


def test_the_generator_gives_the_discriminator_no_gradient():
    judge = Judge()
    losses = tiny().losses(Adversaries(Painter(), judge), batch())
    next(losses)
    next(losses).backward()
    assert judge.says.grad is None
    assert judge.says.requires_grad


@pytest.mark.parametrize("spectral", [False, True])
def test_steepness_counts_where_it_is_asked_for(spectral):
    made = batch()
    losses = []
    for r1 in (0.0, 0.0, 10.0):
        torch.manual_seed(0)
        recipe = tiny(r1=r1, spectral=spectral)
        net = recipe.build()
        loss = next(recipe.losses(net, made))
        loss.backward()  # through the slope as well
        losses.append(loss.item())
    assert losses[0] == losses[1] < losses[2]
    assert not made.pages.flat.requires_grad


@pytest.mark.parametrize("spectral", [False, True])
def test_the_generator_alone_is_exported(spectral, tmp_path):
    recipe = tiny(spectral=spectral)
    net = recipe.build().eval()
    picture = torch.randn(1, 5, 8, 8)
    assert recipe.exported(net)(picture).equal(net.get_submodule("generator")(picture).sigmoid())
    count = sum(part.numel() for part in recipe.exported(net).parameters())
    assert count == sum(part.numel() for part in net.get_submodule("generator").parameters())
    exported_it_agrees_with_torch(recipe, tmp_path)
