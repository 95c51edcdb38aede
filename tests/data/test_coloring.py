from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("resvg_py")
pytest.importorskip("skimage")

import torch
import torch.nn.functional as F

import hand_made
from hand_made import frame
from nurie.core.errors import NurieError
from nurie.data.coloring import PARTS, Cutouts, PageOptions, closed_parts, compose
from nurie.data.random import Dice
from nurie.data.render import Layers
from nurie.data.shards import SCALES

RED, BLUE, GREEN = (200, 40, 40), (30, 60, 220), (0, 200, 0)
WHOLE, RIGHT = slice(None), (slice(None), slice(128, None))
SEAM = (slice(None), slice(124, 132))  # where the ink of a sheet lies: 8 of 256 pixels


def halves(left=RED, right=BLUE):
    """A sheet in two colours, ink between them and around; the paint under the seam is green."""
    fill = np.full((256, 256, 4), 255, np.uint8)
    fill[..., :3] = left
    fill[(*RIGHT, slice(3))] = right
    fill[(*SEAM, slice(3))] = GREEN
    label = np.ones((256, 256), np.uint8)
    label[RIGHT] = 2
    line = np.maximum(hand_made.layers(ink=SEAM).line, frame(WHOLE, WHOLE))
    return replace(hand_made.layers(), line=line, hairline=line, fill=fill, label=label)


SHEET = halves()
MIDDLE = (slice(64, 192), slice(64, 192))
SQUARE = hand_made.framed(*MIDDLE)
STROKE = hand_made.layers(ink=(slice(60, 196), slice(124, 132)))
BACKDROP = hand_made.layers(paint=(WHOLE, WHOLE))


def cutouts(*drawn: Layers) -> Cutouts:
    return Cutouts(hand_made.shard(*drawn), "train")


def pages(of: Cutouts, count: int = 8, seed: int = 0, **options):
    return compose(of, count, PageOptions(**{"size": 64, **options}), Dice(seed))


def unit(*colors) -> torch.Tensor:
    return torch.tensor(colors) / 255


def test_a_region_has_the_colour_of_its_paint_and_not_of_what_lies_under_the_ink():
    assert torch.allclose(cutouts(SHEET).colors(), unit(RED, BLUE), atol=2e-3)


def label_of(*boxes: tuple[slice, slice]) -> np.ndarray:
    label = np.zeros((256, 256), np.uint8)
    for number, box in enumerate(boxes, 1):
        label[box] = number
    return label


TOP, BOTTOM = (slice(64, 128), slice(64, 192)), (slice(128, 192), slice(64, 192))


def test_a_shadow_is_a_part_of_what_it_lies_on():
    part = closed_parts(label_of(MIDDLE, BOTTOM), frame(*MIDDLE))
    assert part is not None
    assert part[:3].tolist() == [0, 1, 1]
    drawn = closed_parts(label_of(MIDDLE, BOTTOM), frame(*MIDDLE) | frame(*BOTTOM))
    assert drawn is not None
    assert drawn[:3].tolist() == [0, 1, 2]


def test_a_border_that_is_half_drawn_parts_two_regions():
    for share, parted in ((0.4, False), (0.6, True)):
        line = frame(*MIDDLE)
        line[126:130, 64 : 64 + int(128 * share)] = 255
        part = closed_parts(label_of(MIDDLE, BOTTOM), line)
        # The rest of a border that parts is open, and 51 of 384 pixels are too much of it.
        assert (part is None) == parted


def test_a_drawing_that_lies_open_is_left_out():
    line = frame(*MIDDLE)
    line[64:66, 64:108] = 0  # 44 of 512 pixels of outline
    assert closed_parts(label_of(MIDDLE), line) is not None
    line[64:66, 64:128] = 0  # 64
    assert closed_parts(label_of(MIDDLE), line) is None


def test_the_colour_of_a_part_is_that_of_its_largest_region():
    fill = SQUARE.fill.copy()
    fill[(*MIDDLE, slice(3))], fill[160:192, 64:192, :3] = RED, BLUE
    label = label_of(MIDDLE, (slice(160, 192), slice(64, 192)))
    shaded = cutouts(replace(SQUARE, fill=fill, label=label))
    assert torch.allclose(shaded.colors(), unit(RED), atol=2e-3)


def test_strokes_have_no_colours_to_learn():
    made = hand_made.shard(SQUARE, SHEET)
    strokes = replace(made.entries[0], source="strokes")
    assert len(Cutouts(replace(made, entries=(strokes, made.entries[1])), "train")) == 1


def test_a_region_that_is_all_ink_has_the_colour_under_it():
    inked = replace(SQUARE, line=np.full_like(SQUARE.line, 255))
    assert torch.allclose(cutouts(inked).colors(), unit((200, 200, 200)))


def test_ink_without_regions_and_backdrops_without_ink_are_left_out():
    assert len(cutouts(STROKE, SQUARE, BACKDROP, SHEET)) == 2
    with pytest.raises(NurieError, match=r"^the set holds no train drawing with ink and paint: .*"):
        cutouts(STROKE, BACKDROP)
    with pytest.raises(NurieError, match="held-out"):
        Cutouts(hand_made.shard(SQUARE), "held-out")


@pytest.mark.parametrize("scale", SCALES)
def test_sheets_are_the_layers_that_were_picked(scale):
    drawn = [replace(SQUARE, hairline=np.zeros_like(SQUARE.line)), SHEET]
    shard = hand_made.shard(*drawn)
    of = Cutouts(shard, "train")
    ink, label, colors = of.sheets(
        torch.tensor([1, 0, 0]), scale, torch.tensor([False, False, True])
    )
    for sheet, (row, kind) in enumerate(((1, "line"), (0, "line"), (0, "hairline"))):
        assert (ink[sheet, 0].numpy() == np.float32(1 / 255) * shard.arrays[kind, scale][row]).all()
        assert (label[sheet, 0].numpy() == shard.arrays["label", scale][row]).all()
    assert colors.shape == (3, PARTS, 3)
    assert torch.allclose(colors[0, 1:3], unit(RED, BLUE), atol=2e-3)


def test_a_seed_gives_the_same_pages_bit_for_bit():
    of = cutouts(SHEET, SQUARE)
    first, again, other = (pages(of, seed=seed) for seed in (3, 3, 4))
    for kind in ("drawing", "flat", "part"):
        assert getattr(first, kind).equal(getattr(again, kind))
        assert not getattr(first, kind).equal(getattr(other, kind))


@pytest.mark.parametrize("worn", [True, False])
@pytest.mark.parametrize("size", [16, 96])
def test_pages_are_drawings_with_their_flats_and_parts(worn, size):
    made = pages(cutouts(SHEET, SQUARE), 6, size=size, worn=worn)
    assert made.drawing.shape == (6, 1, size, size)
    assert made.flat.shape == (6, 3, size, size)
    assert made.part.shape == (6, size, size)
    assert made.part.dtype == torch.int64
    assert made.natural.shape == (6, size, size)
    assert made.natural.dtype == torch.bool
    for values in (made.drawing, made.flat):
        assert values.dtype == torch.float32
        assert values.isfinite().all()
        assert values.min() >= 0
        assert values.max() <= 1


def test_every_part_has_one_colour_of_its_own_drawing():
    made = pages(cutouts(SHEET, halves(GREEN, RED)), drawings=6)
    known = cutouts(SHEET, halves(GREEN, RED)).colors()
    seen = set()
    for page, part in zip(made.flat, made.part, strict=True):
        for number in part.unique():
            colors = page[:, part == number]
            assert (colors == colors[:, :1]).all()
            if number:
                assert (colors[:, 0] - known).abs().amax(1).min() < 1e-6
                seen.add(int(number))
    # Each of the six takes up numbers of its own.
    assert {number // PARTS for number in seen} == set(range(6))
    assert {number % PARTS for number in seen} == {1, 2}


def test_what_lies_on_top_hides_ink_and_parts_below():
    # Most of these cover the whole page; their ink is 16 pixels wide.
    made = pages(cutouts(SHEET), 24, drawings=3, smallest=8.0, largest=8.0, worn=False)
    covered = (made.part != 0).flatten(1).all(1)
    assert covered.sum() >= 8
    part, inked = made.part[covered], made.drawing[covered, 0] < 1
    assert (part > 2 * PARTS).all()
    border = F.pad(part[:, :, 1:] != part[:, :, :-1], (0, 1))
    whole = border.any(2).all(1)  # pages that the ink of the last one crosses from top to bottom
    assert whole.sum() >= 3
    beside = F.max_pool2d(border.float(), 33, 1, 16) > 0
    assert not (inked & ~beside)[whole].any()


def test_clean_ink_is_black_on_white_and_lies_between_regions():
    made = pages(cutouts(SHEET), drawings=1, smallest=2.0, largest=2.0, worn=False)
    border = torch.zeros_like(made.part, dtype=torch.bool)
    both = (made.part[:, :, 1:] > 0) & (made.part[:, :, :-1] > 0)
    border[:, :, 1:] = both & (made.part[:, :, 1:] != made.part[:, :, :-1])
    assert border.any()
    assert (made.drawing[:, 0][border] < 0.5).all()
    assert made.drawing.amax() == 1
    assert (made.drawing < 0.1).float().mean() < 0.2


def test_worn_pages_have_the_flats_of_clean_ones_but_not_their_ink():
    of = cutouts(SHEET, SQUARE)
    clean, worn = (pages(of, worn=worn) for worn in (False, True))
    assert worn.flat.equal(clean.flat)
    assert worn.part.equal(clean.part)
    assert not worn.drawing.equal(clean.drawing)


def test_colours_are_invented_for_drawings_and_not_for_paper():
    made = pages(cutouts(SHEET, SQUARE), drawings=2, largest=0.5, invented=1.0)
    assert (made.part == 0).any()
    assert made.natural.equal(made.part == 0)
    assert pages(cutouts(SHEET, SQUARE)).natural.all()


def test_invented_or_not_is_up_to_each_drawing():
    # Nothing lies under the one drawing of each page, and none is cut in two.
    made = pages(cutouts(SHEET), 32, drawings=1, invented=0.5)
    invented = (~made.natural).flatten(1).any(1)
    assert 4 < invented.sum() < 28
    assert made.natural[invented].equal(made.part[invented] == 0)


def test_regions_of_one_colour_share_an_invented_one_too():
    same, known = cutouts(halves(RED, RED)), unit(RED)
    made = pages(same, 16, drawings=1, smallest=0.8, invented=1.0)
    found = []
    for page, part in zip(made.flat, made.part, strict=True):
        if {1, 2} <= set(part.unique().tolist()):
            drawn = page[:, part > 0]
            assert (drawn - drawn[:, :1]).abs().max() < 1e-5
            found.append(drawn[:, 0])
    colors = torch.stack(found)
    assert len(colors) >= 8
    assert len(colors.unique(dim=0)) == len(colors)
    assert (colors - known).abs().amax(1).min() > 1e-3
    assert colors.min() >= 0
    assert colors.max() <= 1


def families(sizes: dict[str, int]) -> Cutouts:
    """As many drawings of each family, all of them alike."""
    groups = [family for family, size in sizes.items() for _ in range(size)]
    made = hand_made.shard(*[SQUARE] * len(groups))
    entries = [replace(e, group=group) for e, group in zip(made.entries, groups, strict=True)]
    return Cutouts(replace(made, entries=tuple(entries)), "train")


def test_drawings_of_large_families_are_picked_more_rarely():
    # The large family counts for 60, as the 60 others do together.
    of = families({"large": 240, **{str(number): 1 for number in range(60)}})
    picks = of.pick(20_000, Dice(0))
    assert picks.dtype == torch.int64
    assert (picks < 240).float().mean().item() == pytest.approx(0.5, abs=0.02)
    times = picks.bincount(minlength=300).float()
    assert times.min() > 0
    assert times[:240].mean() / times[240:].mean() == pytest.approx(60 / 240, rel=0.1)


def test_drawings_of_families_of_up_to_60_are_picked_alike():
    of = families({"sixty": 60, "one": 1})
    times = of.pick(20_000, Dice(0)).bincount(minlength=61).float()
    assert times[60] / times[:60].mean() == pytest.approx(1, abs=0.15)


def test_a_page_is_a_multiple_of_16():
    for size in (0, 8, 40):
        with pytest.raises(NurieError, match="choose a multiple of 16"):
            PageOptions(size=size)
