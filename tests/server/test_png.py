import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from nurie.server.png import encode

SHAPES = st.tuples(
    st.integers(1, 9), st.integers(1, 9), st.sampled_from([None, 3, 4])
).map(lambda shape: tuple(length for length in shape if length))  # fmt: skip


@given(SHAPES.flatmap(lambda shape: arrays(np.uint8, shape)))
def test_what_is_written_is_read_back(image):
    read = Image.open(io.BytesIO(encode(image)))
    assert read.format == "PNG"
    assert np.array_equal(np.asarray(read), image)


def test_flats_are_as_small_as_pillow_writes_them():
    flats = np.full((200, 300, 3), 90, np.uint8)
    flats[40:90, 20:280] = (255, 0, 30)
    file = io.BytesIO()
    Image.fromarray(flats).save(file, "PNG", compress_level=1)
    assert len(encode(flats)) < 1.2 * len(file.getvalue())


def test_an_array_that_is_not_in_one_piece_is_written_as_it_looks():
    image = np.arange(4 * 6 * 4, dtype=np.uint8).reshape(4, 6, 4)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode(image[::-1, :, :3])))),
                          image[::-1, :, :3])  # fmt: skip


def test_other_channels_are_refused():
    with pytest.raises(KeyError):
        encode(np.zeros((2, 2, 2), np.uint8))
