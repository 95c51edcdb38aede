from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("resvg_py")
pytest.importorskip("skimage")

import torch
import torch.nn.functional as F
from scipy import ndimage

import hand_made
from nurie.core.errors import NurieError
from nurie.data import scene
from nurie.data.random import Dice
from nurie.data.scene import Bank, SceneOptions, compose

ALL = slice(None)
MIDDLE = (slice(64, 192), slice(64, 192))
BAR = (ALL, slice(127, 129))
COVERING = {"smallest": 400.0, "largest": 400.0}  # a sheet of this size covers a scene of 64 pixels

SQUARE = hand_made.layers(paint=MIDDLE, ink=None)
INKED = hand_made.layers(paint=MIDDLE, ink=(slice(64, 72), slice(64, 192)))
STROKE = hand_made.layers(ink=(slice(60, 196), slice(124, 132)))
SHEET = hand_made.layers(paint=(ALL, ALL), ink=BAR)


def bank(*drawn) -> Bank:
    return Bank(hand_made.shard(*drawn), "train")


def scenes(of: Bank, count: int = 16, seed: int = 0, **options):
    return compose(of, count, SceneOptions(**{"size": 64, **options}), Dice(seed))


@pytest.fixture
def only(monkeypatch):
    """Let scenes be of one kind alone: "_PAPER", "_LINE_ART", "_MANGA", "_DARK" or "plain"."""

    def choose(kind: str) -> None:
        for name in ("_PAPER", "_LINE_ART", "_MANGA", "_DARK"):
            monkeypatch.setattr(scene, name, float(name == kind))

    return choose


@pytest.fixture
def clean(monkeypatch):
    """Leave out whatever is painted into the picture alone: degradations, shade, texture."""
    monkeypatch.setattr(scene, "degrade", lambda image, dice: image)
    monkeypatch.setattr(scene, "_shade", lambda paint, *_: paint)


def test_a_seed_gives_the_same_scenes_bit_for_bit():
    drawings = bank(INKED, STROKE, SHEET)
    first, again, other = (scenes(drawings, seed=seed) for seed in (3, 3, 4))
    assert first.image.equal(again.image)
    assert first.line.equal(again.line)
    assert not first.image.equal(other.image)
    assert not first.line.equal(other.line)


@pytest.mark.parametrize("kind", ["mixed", "_PAPER", "_LINE_ART", "_MANGA", "_DARK", "plain"])
@pytest.mark.parametrize("size", [16, 96])
def test_scenes_are_pictures_and_coverages(kind, size, only):
    if kind != "mixed":
        only(kind)
    made = scenes(bank(INKED, STROKE), 6, size=size)
    assert made.image.shape == (6, 3, size, size)
    assert made.line.shape == (6, 1, size, size)
    for values in (made.image, made.line):
        assert values.dtype == torch.float32
        assert values.isfinite().all()
        assert values.min() >= 0
        assert values.max() <= 1


def test_blank_paper_has_no_line(only):
    only("_PAPER")
    assert scenes(bank(INKED, SHEET)).line.max() == 0


def test_blank_paper_is_one_light_colour(only, clean):
    only("_PAPER")
    image = scenes(bank(INKED, SHEET)).image
    assert image.std((2, 3)).max() < 1e-6
    assert image.min() > 0.5


def near(mask: torch.Tensor, radius: int = 1) -> torch.Tensor:
    return F.max_pool2d(mask.float(), 2 * radius + 1, 1, radius) > 0


def test_a_line_is_where_ink_is(only, clean):
    only("_LINE_ART")
    made = scenes(bank(STROKE), 24, smallest=60.0, largest=120.0)
    paper = made.image.flatten(2).median(2).values[..., None, None]
    inked = (made.image - paper).abs().amax(1, keepdim=True)
    line = made.line > 0.5
    assert 0.01 < line.float().mean() < 0.5
    assert near(line)[inked > 0.5 * inked.amax((1, 2, 3), True)].float().mean() > 0.99
    assert near(inked > 0.01)[line].float().mean() > 0.99


def contrast(image: torch.Tensor, radius: int) -> torch.Tensor:
    """The largest difference between two places of a square window, (N, 1, H, W)."""
    width = 2 * radius + 1
    highest = F.max_pool2d(image, width, 1, radius)
    return (highest + F.max_pool2d(-image, width, 1, radius)).amax(1, keepdim=True)


def spread(image: torch.Tensor) -> torch.Tensor:
    """The largest difference between any two places of a picture, (N,)."""
    return (image.amax((2, 3)) - image.amin((2, 3))).amax(1)


def test_ink_that_cannot_be_seen_is_no_line(only, clean):
    only("plain")
    # Every layer is a sheet of one paint that covers the scene: all that shows is the ink of the
    # last, if it has any and that is not of the paint's colour.
    made = scenes(bank(SHEET), 48, **COVERING)
    seen = spread(made.image)
    drawn = made.line.amax((1, 2, 3))
    unseen = seen < 0.03
    assert 0 < unseen.sum() < 24
    assert drawn[unseen].max() == 0
    # Where the picture's edge cuts a bar, there is less of it to see and in the truth alike.
    assert (drawn >= seen)[seen > 0.1].all()
    assert drawn[seen > 0.1].median() > 0.99


def lines_apart(line: torch.Tensor) -> int:
    return ndimage.label((line[0] > 0.5).numpy(), np.ones((3, 3)))[1]


def test_a_drawing_hides_the_lines_beneath_it(only, clean):
    only("plain")
    stacked = scenes(bank(SHEET), 24, **COVERING)
    assert {lines_apart(line) for line in stacked.line} <= {0, 1}
    # Without paint nothing is hidden: the bars of several layers lie over each other.
    only("_LINE_ART")
    loose = scenes(bank(hand_made.layers(ink=BAR)), 24, **COVERING)
    assert loose.line.mean() > 1.3 * stacked.line.mean()


def test_the_edge_of_paint_has_no_dark_fringe(only, clean, monkeypatch):
    only("plain")
    white = hand_made.layers(paint=MIDDLE)
    white.fill[MIDDLE] = 255
    monkeypatch.setattr(scene, "recolour", lambda paint, dice: paint)
    monkeypatch.setattr(scene, "_ground", lambda *_, **__: torch.ones(16, 3, 64, 64))
    assert scenes(bank(white)).image.min() > 0.99


def test_manga_is_grey(only, clean):
    only("_MANGA")
    image = scenes(bank(INKED, SHEET)).image
    assert (image - image.mean(1, keepdim=True)).abs().max() < 1e-5


def test_dark_scenes_are_darker(only, clean):
    means = {}
    for kind in ("plain", "_DARK"):
        only(kind)
        means[kind] = scenes(bank(INKED, SHEET), 32).image.mean()
    assert means["_DARK"] < 0.6 * means["plain"]


def test_kinds_come_as_often_as_said():
    kinds = scene._kinds(20_000, Dice(0))
    shares = {"blank": scene._PAPER, "bare": scene._LINE_ART, "manga": scene._MANGA}
    for name, share in {**shares, "dark": scene._DARK}.items():
        assert getattr(kinds, name).float().mean().item() == pytest.approx(share, abs=0.012)
    assert not (kinds.blank & kinds.bare).any()
    assert kinds.toned.equal(kinds.manga.nonzero()[:, 0])


def inked(values: float | np.ndarray, columns: slice) -> np.ndarray:
    """Ink of this coverage along columns of a drawing, (SIZE, SIZE) uint8."""
    line = np.zeros((hand_made.SIZE, hand_made.SIZE), np.uint8)
    line[:, columns] = values
    return line


def test_ink_that_is_left_out_leaves_no_trace_in_picture_or_truth(only, clean, monkeypatch):
    monkeypatch.setattr(scene, "_LEFT_OUT", 1.0)
    only("plain")
    with_ink = scenes(bank(hand_made.layers(paint=MIDDLE, ink=BAR)))
    without = scenes(bank(hand_made.layers(paint=MIDDLE)))
    assert with_ink.image.equal(without.image)
    assert with_ink.line.equal(without.line)
    assert with_ink.line.max() > 0.5


@pytest.mark.parametrize(("kind", "left_out"), [("plain", 0.0), ("_LINE_ART", 1.0)])
def test_the_edge_counts_only_where_ink_is_left_out(only, clean, monkeypatch, kind, left_out):
    # Line art is nothing but ink: there it is never left out.
    monkeypatch.setattr(scene, "_LEFT_OUT", left_out)
    only(kind)
    drawn = hand_made.layers(paint=MIDDLE, ink=BAR)
    one, other = (scenes(bank(d)) for d in (drawn, replace(drawn, edge=inked(255, slice(9)))))
    assert one.image.equal(other.image)
    assert one.line.equal(other.line)
    assert one.line.max() > 0.5


def test_where_ink_is_left_out_the_line_is_the_visible_edge_of_paint(only, clean, monkeypatch):
    monkeypatch.setattr(scene, "_LEFT_OUT", 1.0)
    monkeypatch.setattr(scene, "_ground", lambda *_, **__: torch.full((24, 3, 96, 96), 0.5))
    only("plain")
    drawn = hand_made.layers(paint=MIDDLE, ink=BAR)
    made = scenes(bank(drawn), 24, size=96, smallest=160.0, largest=160.0)
    line = made.line > 0.5
    assert 0.005 < line.float().mean() < 0.3
    assert (contrast(made.image, 2)[line] > 0.03).all()
    border = contrast(made.image, 1) > 0.2
    assert near(line, 2)[border].float().mean() > 0.98


class Sure(Dice):
    """Whatever the batch may do, it does."""

    def flip(self, share: float) -> bool:
        return True


class Never(Dice):
    def flip(self, share: float) -> bool:
        return False


@pytest.fixture
def halves() -> Bank:
    """A dark and a light half that cover a scene, and the edge between them."""
    drawn = hand_made.layers(paint=(ALL, ALL))
    drawn.fill[:, :128, :3], drawn.fill[:, 128:, :3] = 40, 240
    return bank(replace(drawn, edge=inked(255, slice(126, 130))))


def test_a_printed_layer_has_one_tone_and_no_border_within(only, clean, monkeypatch, halves):
    only("_MANGA")
    monkeypatch.setattr(scene, "_LEFT_OUT", 1.0)
    monkeypatch.setattr(scene, "_screentone", lambda paint, dice: paint)
    options = SceneOptions(size=64, **COVERING)
    printed, painted = (compose(halves, 24, options, dice(0)) for dice in (Sure, Never))
    assert spread(printed.image).max() < 1e-5
    assert printed.line.max() == 0
    parted = spread(painted.image) > 0.15
    assert parted.sum() > 8
    assert (painted.line.amax((1, 2, 3))[parted] > 0.3).all()


def test_only_manga_is_printed(clean, monkeypatch, halves):
    manga = torch.arange(48) < 12
    no = torch.zeros(48, dtype=torch.bool)
    kinds = scene._Kinds(no, no, manga, no, manga.nonzero()[:, 0])
    monkeypatch.setattr(scene, "_kinds", lambda count, dice: kinds)
    monkeypatch.setattr(scene, "_screentone", lambda paint, dice: paint)
    made = compose(halves, 48, SceneOptions(size=64, **COVERING), Sure(0))
    assert spread(made.image)[manga].max() < 1e-5
    assert (spread(made.image)[~manga] > 0.15).float().mean() > 0.4


def widths(line: torch.Tensor, reach: int = 4) -> torch.Tensor:
    """The ink across each line, in pixels, at every place along its middle.

    In a square window lies at least its side's length of a line, however the line is turned.
    """
    side = 2 * reach + 1
    across = F.avg_pool2d(line, side, 1) * side
    middle = (line == F.max_pool2d(line, 3, 1, 1)) & (line > 0.1)
    return across[middle[:, :, reach:-reach, reach:-reach]]


@pytest.mark.parametrize("extent", [60.0, 75.0, 130.0, 160.0, 230.0, 400.0])
@pytest.mark.parametrize("kind", ["_LINE_ART", "plain"])
def test_no_line_that_can_be_seen_well_is_thinner_than_a_pixel(
    only, clean, monkeypatch, kind, extent
):
    only(kind)
    monkeypatch.setattr(scene, "_LEFT_OUT", 1.0)
    monkeypatch.setattr(scene, "_visibility", lambda canvas, light: torch.ones_like(canvas.line))
    # As wide as render's lines at 256 pixels: 2.8, 1.1 and 2.6.
    drawn = replace(
        hand_made.layers(),
        line=inked(242, slice(126, 129)),
        hairline=inked(145, slice(127, 129)),
        edge=inked(221, slice(126, 129)),
    )
    made = scenes(bank(drawn), 12, size=160, smallest=extent, largest=extent)
    found = widths(made.line)
    assert len(found) > 100
    assert found.quantile(0.1) > 0.9  # a tenth, for ends are thinner


def test_a_scene_is_given_twice_mirrored_and_worn_in_another_way(monkeypatch):
    made = compose(bank(INKED, SHEET), 4, SceneOptions(size=64), Dice(0), twice=True)
    assert made.image.shape == (8, 3, 64, 64)
    assert made.line[4:].equal(made.line[:4].mT)
    assert not made.image[4:].equal(made.image[:4].mT)
    monkeypatch.setattr(scene, "degrade", lambda image, dice: image)
    made = compose(bank(INKED, SHEET), 4, SceneOptions(size=64), Dice(0), twice=True)
    assert made.image[4:].equal(made.image[:4].mT)


@pytest.mark.parametrize("radius", [1, 2, 4, 15])
def test_dilation_is_the_largest_value_of_a_window_and_erosion_the_smallest(radius):
    values = torch.rand(2, 3, 20, 33, generator=torch.Generator().manual_seed(0))
    width = 2 * radius + 1
    highest = F.max_pool2d(values, width, 1, radius)
    lowest = -F.max_pool2d(-values, width, 1, radius)
    assert scene._dilate(values, radius).equal(highest)
    assert torch.allclose(scene._erode(values, radius), lowest, atol=1e-6)


def test_in_line_art_only_a_large_black_surface_becomes_its_outline():
    pupil, hair = torch.zeros(2, 1, 1, 64, 64)
    pupil[..., 20:32, 20:32] = 1
    hair[..., 10:50, 10:50] = 1
    assert scene._outline_solids(pupil, scene._SOLID_INK).equal(pupil)
    assert scene._outline_solids(hair, scene._SOLID_INK)[..., 30, 30] == 0
    assert scene._outline_solids(pupil, scene._SOLID)[..., 26, 26] == 0


def test_a_black_surface_becomes_its_outline():
    line = torch.zeros(1, 1, 64, 64)
    line[..., 10:50, 10:50] = 1
    outline = scene._outline_solids(line, scene._SOLID)[0, 0]
    assert (outline[12:48, 12:48] == 0).all()
    assert outline.sum() == 40**2 - 36**2  # a rim of two pixels is left
    assert outline[10, 30] == outline[11, 30] == outline[30, 49] == 1


def test_no_black_surface_is_a_line_of_a_scene(only):
    only("_LINE_ART")
    made = scenes(bank(hand_made.layers(ink=MIDDLE)), 8, smallest=100.0, largest=100.0)
    assert 0.02 < (made.line > 0.5).float().mean() < 0.4
    assert near(made.line < 0.5, scene._SOLID_INK).all()


@pytest.mark.parametrize("width", [1, 3, 6, 2 * scene._SOLID])
def test_a_line_stays_whole(width):
    line = torch.zeros(1, 1, 64, 64)
    line[..., 20 : 20 + width, 5:60] = 1
    assert scene._outline_solids(line, scene._SOLID).equal(line)


def test_a_line_that_runs_into_a_black_surface_keeps_its_length():
    line = torch.zeros(1, 1, 64, 64)
    line[..., 20:50, 20:50] = 1
    line[..., 34:37, 2:20] = 1
    assert (scene._outline_solids(line, scene._SOLID)[0, 0, 34:37, 2:20] == 1).all()


def test_a_bank_holds_one_split():
    shard = hand_made.shard(SQUARE, INKED, STROKE, held_out=1)
    assert len(Bank(shard, "train")) == 2
    unseen = Bank(shard, "held-out")
    assert len(unseen) == 1
    sheet = unseen.layers(torch.tensor([0]), 256, torch.tensor([False]), torch.tensor([True]))
    assert (sheet[0, 4].numpy() * 255 == STROKE.line).all()


def test_a_bank_gives_each_the_line_it_wants():
    shard = hand_made.shard(STROKE)
    for value, kind in enumerate(("line", "hairline", "edge")):
        shard.arrays[kind, 128][:] = value
    thin = torch.tensor([False, True, False, True])
    inked = torch.tensor([True, True, False, False])
    sheets = Bank(shard, "train").layers(torch.zeros(4, dtype=torch.long), 128, thin, inked)
    assert sheets.shape == (4, 5, 128, 128)
    for sheet, value in zip(sheets, (0, 1, 2, 2), strict=True):
        assert (sheet[4] * 255 == value).all()


def test_an_empty_split_is_a_one_line_error():
    with pytest.raises(NurieError, match=r"^the set holds no held-out drawing: .*$"):
        Bank(hand_made.shard(SQUARE), "held-out")


@pytest.mark.parametrize("size", [0, 8, 100])
def test_a_size_that_scenes_cannot_have_is_a_one_line_error(size):
    with pytest.raises(NurieError, match=rf"^scenes can't be {size} pixels wide: .* 16$"):
        SceneOptions(size=size)


def test_there_are_more_layers_in_a_larger_scene():
    assert SceneOptions(size=32).layers == 4
    assert SceneOptions(size=400, density=1.0).layers == 16
