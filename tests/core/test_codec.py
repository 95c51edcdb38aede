import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nurie.core import codec


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))))
def test_encode_loses_nothing(rgb):
    batch = codec.encode(rgb)
    assert batch.shape == (1, 3, *rgb.shape[:2])
    assert batch.dtype == np.float32
    assert batch.flags.c_contiguous
    back = np.rint((batch[0].transpose(1, 2, 0) + 1) * 127.5)
    np.testing.assert_array_equal(back, rgb)


def test_encode_maps_black_and_white_to_the_ends_of_the_range():
    rgb = np.array([[[0, 255, 0]]], np.uint8)
    assert codec.encode(rgb)[0, :, 0, 0].tolist() == [-1.0, 1.0, -1.0]


def test_decode_clips_and_drops_the_batch():
    lines = codec.decode(np.array([[[[-0.5, 0.25, 1.5]]]], np.float32))
    assert lines.dtype == np.float32
    assert lines.tolist() == [[0.0, 0.25, 1.0]]


def test_line_art_and_its_hints_are_five_planes():
    paper = np.array([[0, 255, 51]], np.uint8)
    hints = np.array([[[255, 0, 51, 255], [0, 0, 0, 0], [0, 0, 0, 255]]], np.uint8)
    batch = codec.encode_hinted(paper, hints)
    assert batch.shape == (1, 5, 1, 3)
    assert batch.dtype == np.float32
    expected = [[-1, 1, -0.6], [1, 0, -1], [-1, 0, -1], [-0.6, 0, -1], [1, 0, 1]]
    np.testing.assert_allclose(batch[0, :, 0], expected, atol=1e-6)


def test_training_and_inference_normalise_alike():
    torch = pytest.importorskip("torch")
    unit = np.linspace(0, 1, 256, dtype=np.float32)
    np.testing.assert_array_equal(
        codec.normalise(torch.from_numpy(unit)).numpy(), codec.normalise(unit)
    )
