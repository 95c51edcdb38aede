import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("resvg_py")
pytest.importorskip("skimage")

from skimage import measure

import hand_made
from nurie.core.errors import NurieError
from nurie.data.held_out import _connected, break_lines, line_art, pages, scenes

STROKE = hand_made.layers(ink=(slice(100, 110), slice(40, 200)))
INKED = hand_made.framed(slice(64, 192), slice(64, 192), width=8)
SURFACE = hand_made.layers(ink=(slice(60, 200), slice(60, 200)))


def test_scenes_are_pictures_with_their_lines_and_a_seed_gives_the_same():
    shard = hand_made.shard(STROKE, SURFACE, held_out=1)
    first, again, other = (list(scenes(shard, 9, 64, seed)) for seed in (0, 0, 1))
    assert len(first) == 9
    for picture, line in first:
        assert (picture.shape, picture.dtype) == ((64, 64, 3), np.uint8)
        assert (line.shape, line.dtype) == ((64, 64), np.float32)
        assert line.min() >= 0
        assert line.max() <= 1
    pairs = zip(first, again, strict=True)
    assert all((p == q).all() and (a == b).all() for (p, a), (q, b) in pairs)
    assert any((p != q).any() for (p, _), (q, _) in zip(first, other, strict=True))


def test_line_art_is_sheets_of_held_out_ink_without_black_surfaces():
    shard = hand_made.shard(SURFACE, *[STROKE] * 18, *[SURFACE] * 2, held_out=20)
    (sheet,) = line_art(shard, 5)  # the strokes are enough for one of 16
    assert sheet.shape == (1024, 1024)
    tile = STROKE.line / np.float32(255)
    assert (sheet == np.tile(tile, (4, 4))).all()


def test_pages_are_clean_line_art_with_its_flats_and_a_seed_gives_the_same():
    shard = hand_made.shard(STROKE, INKED, INKED, held_out=2)
    first, again, other = (list(pages(shard, 9, 64, seed)) for seed in (0, 0, 1))
    assert len(first) == 9
    for line, flat, part in first:
        assert (line.shape, line.dtype) == ((64, 64), np.uint8)
        assert (flat.shape, flat.dtype) == ((64, 64, 3), np.uint8)
        assert (part.shape, part.dtype) == ((64, 64), np.int32)
        assert line.max() == 255
    assert any(line.min() == 0 for line, _, _ in first)
    for part, name in enumerate(("line", "flat", "regions")):
        made, same, another = (
            np.stack([page[part] for page in of]) for of in (first, again, other)
        )
        assert (made == same).all(), name
        assert (made != another).any(), name


def test_regions_of_pages_are_connected_and_none_is_a_sliver():
    for _, flat, part in pages(hand_made.shard(INKED, held_out=1), 8, 96, 0):
        numbers, areas = np.unique(part, return_counts=True)
        assert numbers.tolist() == list(range(1, len(numbers) + 1))
        assert areas.min() >= 20
        for number in numbers:
            assert measure.label(part == number, connectivity=1).max() == 1
            # One colour, but for what slivers brought in.
            _, counts = np.unique(flat[part == number], axis=0, return_counts=True)
            assert counts.max() > 0.8 * counts.sum()


def test_a_region_that_is_cut_in_two_is_two_and_a_sliver_joins_its_neighbour():
    part = np.zeros((16, 16), np.int64)
    part[:, 7:9] = 300  # between two halves of the paper
    part[0, 0] = 5
    label = _connected(part)
    assert (label.dtype, label.max()) == (np.int32, 3)
    assert len({label[0, 5], label[0, 8], label[0, 12]}) == 3
    assert label[0, 0] == label[0, 1] == label[15, 6]


def test_a_set_with_nothing_to_colour_is_a_one_line_error():
    with pytest.raises(NurieError, match=r"^the set holds no held-out drawing with ink and paint"):
        next(pages(hand_made.shard(INKED, STROKE, held_out=1), 1, 64, 0))


def test_breaks_go_all_across_the_line_and_are_short():
    line = np.full((200, 400), 255, np.uint8)
    line[50:57, 20:380] = 0
    line[100:102, 20:380] = 0
    broken = break_lines(line, np.random.default_rng(0))
    gone = (line < 128) & (broken >= 128)
    assert (broken[line == 255] == 255).all()
    assert 0.03 <= gone.sum() / (line < 128).sum() < 0.06
    for rows in (slice(50, 57), slice(100, 102)):
        across = gone[rows].all(0)
        assert (gone[rows].any(0) == across).mean() > 0.95
        runs, count = measure.label(across, return_num=True)
        lengths = np.bincount(runs.ravel())[1:]
        assert count >= 1
        assert lengths.min() >= 3
        assert np.median(lengths) <= 9  # two may touch


def test_broken_pages_are_the_same_pages():
    shard = hand_made.shard(INKED, held_out=1)
    for clean, broken in zip(
        pages(shard, 3, 128, 0), pages(shard, 3, 128, 0, broken=True), strict=True
    ):
        assert (clean[1] == broken[1]).all()
        assert (clean[2] == broken[2]).all()
        assert (broken[0] >= clean[0]).all()
    assert (broken[0] > clean[0]).any()
