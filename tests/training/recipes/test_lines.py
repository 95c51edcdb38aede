from dataclasses import replace

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("resvg_py")
pytest.importorskip("skimage")

import torch

import hand_made
from contract_net import CONTRACT
from nurie.core.errors import NurieError
from nurie.data import shards
from nurie.data.scene import Scenes
from nurie.training.losses import line_dice, line_logloss
from nurie.training.recipes.lines import LinesOptions, LinesRecipe


@pytest.mark.parametrize("fold", [True, False])
@pytest.mark.parametrize("clause", CONTRACT)
def test_the_net_keeps_the_contract(clause, fold, tmp_path):
    clause(LinesRecipe(LinesOptions((4, 6, 8), (1, 2, 1), fold=fold, size=32)), tmp_path)


def tiny(**options) -> LinesRecipe:
    return LinesRecipe(LinesOptions(**{"widths": (4, 6), "depths": (1, 1), "size": 32, **options}))


@pytest.mark.parametrize(("fold", "multiple"), [(True, 4), (False, 2)])
def test_a_picture_is_a_multiple_of_all_strides(fold, multiple):
    assert tiny(fold=fold).multiple == multiple
    with pytest.raises(NurieError, match=rf"size must be a multiple of {multiple}"):
        tiny(fold=fold, size=33)


def test_widths_and_depths_belong_together():
    for widths in ((4,), ()):
        with pytest.raises(NurieError, match="lists of one length"):
            tiny(widths=widths)


def test_the_loss_is_the_logloss_of_pictures_from_minus_1_to_1():
    scenes = Scenes(torch.rand(2, 3, 8, 8), torch.rand(2, 1, 8, 8))
    seen = []

    def net(picture):
        seen.append(picture)
        return torch.full((2, 1, 8, 8), 0.5, dtype=torch.bfloat16)

    loss = tiny(ink_weight=2.0).loss(net, scenes)
    assert seen[0].equal(scenes.image * 2 - 1)
    assert loss.item() == line_logloss(torch.full((2, 1, 8, 8), 0.5), scenes.line, 2.0).item()
    assert loss.dtype == torch.float32
    overlap = line_dice(torch.full((2, 1, 8, 8), 0.5), scenes.line)
    both = tiny(ink_weight=2.0, dice=0.5).loss(net, scenes)
    assert both.item() == pytest.approx((loss + 0.5 * overlap).item())


def test_exported_it_answers_coverage():
    net = tiny().build().eval()
    picture = torch.randn(1, 3, 8, 8)
    assert tiny().exported(net)(picture).equal(net(picture).sigmoid())


@pytest.fixture(scope="module")
def opened(tmp_path_factory) -> LinesRecipe:
    """A recipe with a set of rings, no two of one family, of which some are held out."""
    folder = tmp_path_factory.mktemp("sets") / "rings"
    names = [str(number) for number in range(40)]
    names.sort(key=lambda name: shards.split_of("hand-made", name))
    chosen = [names[0], *names[-3:]]
    rings = zip((12, 21, 30, 39), chosen, strict=True)
    shards.build([hand_made.inked_ring(radius, name) for radius, name in rings], folder)
    recipe = tiny()
    recipe.open(folder, torch.device("cpu"))
    return recipe


def test_a_batch_depends_on_its_seed_alone(opened):
    first, _, again, other = (opened.batch(3, seed) for seed in (5, 6, 5, (1 << 32) + 5))
    assert first.image.shape == (3, 3, 32, 32)
    assert first.image.equal(again.image)
    assert first.line.equal(again.line)
    assert not first.image.equal(other.image)


def test_it_learns_from_some_drawings_and_looks_at_others(opened):
    assert (len(opened.bank), len(opened.unseen)) == (3, 1)


def test_a_look_is_the_same_every_time(opened):
    torch.manual_seed(0)
    net = opened.build().eval()
    (scores, grid), (again, grid_again) = opened.validate(net), opened.validate(net)
    assert scores == again
    assert grid.equal(grid_again)
    assert set(scores) == {"loss", "f1"}
    assert 0 < scores["f1"] < 1
    assert grid.shape == (3, 8 * 32, 3 * 32)  # eight scenes: picture, true lines, found lines


def test_a_look_scores_against_the_true_lines(opened):
    blank, _ = opened.validate(lambda picture: torch.full_like(picture[:, :1], -40.0))
    full, grid = opened.validate(lambda picture: torch.full_like(picture[:, :1], 40.0))
    assert blank["f1"] == pytest.approx(0, abs=1e-6)
    truth = 1 - grid[:, :, 32:64]  # two scenes of each batch
    assert 0 < full["f1"] < 1
    assert full["f1"] == pytest.approx(2 * truth.mean().item() / (1 + truth.mean().item()), abs=0.2)
    assert blank["loss"] > 0


def test_scenes_used_twice_fill_an_even_batch_and_no_other(opened, monkeypatch):
    monkeypatch.setattr(opened, "options", replace(opened.options, twice=True))
    made = opened.batch(4, seed=0)
    assert made.image.shape[0] == made.line.shape[0] == 4
    assert made.line[2:].equal(made.line[:2].mT)
    with pytest.raises(NurieError, match="even batch, not 3"):
        opened.batch(3, seed=0)
