import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("resvg_py")
pytest.importorskip("skimage")

import hand_made
from nurie.data.held_out import line_art, scenes

STROKE = hand_made.layers(ink=(slice(100, 110), slice(40, 200)))
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
