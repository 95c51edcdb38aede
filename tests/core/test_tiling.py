import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from nurie.core.tiling import RAMP, run_tiled


def box(radius):
    """A convolution with a known receptive field, zeros around the picture as networks have."""

    def function(batch):
        padded = np.pad(batch, ((0, 0), (0, 0), (radius, radius), (radius, radius)))
        side = 2 * radius + 1
        rows = sliding_window_view(padded, side, axis=2).mean(axis=-1)
        return sliding_window_view(rows, side, axis=3).mean(axis=-1)

    return function


def pooled(multiple):
    """Max-pooling, a 3 x 3 maximum and enlargement: what it sees hangs on where the tile starts."""

    def function(batch):
        height, width = batch.shape[2:]
        blocks = batch.reshape(1, -1, height // multiple, multiple, width // multiple, multiple)
        padded = np.pad(blocks.max(axis=(3, 5)), ((0, 0), (0, 0), (1, 1), (1, 1)))
        wide = sliding_window_view(padded, (3, 3), axis=(2, 3)).max(axis=(-1, -2))
        return wide.repeat(multiple, axis=2).repeat(multiple, axis=3)

    return function


def noise(height, width, channels=1):
    return np.random.default_rng(height * 1000 + width).random(
        (1, channels, height, width), dtype=np.float32
    )


def in_one_piece(function, batch, multiple):
    height, width = batch.shape[2:]
    fill = ((0, 0), (0, 0), (0, -height % multiple), (0, -width % multiple))
    return function(np.pad(batch, fill, mode="reflect"))[..., :height, :width]


def shapes_run(height, width, **needs):
    """Return the (h, w) that the network is asked for, without any pixels to speak of."""
    shapes = []

    def function(batch):
        shapes.append(batch.shape[2:])
        return batch

    empty = np.broadcast_to(np.float32(0), (1, 1, height, width))
    run_tiled(function, empty, channels=1, **needs)
    return shapes


@given(
    height=st.integers(1, 100),
    width=st.integers(1, 100),
    multiple=st.sampled_from([1, 3, 8]),
    radius=st.integers(0, 6),
    tile=st.integers(8, 60),
)
def test_tiled_equals_one_piece_when_halo_covers_the_field(height, width, multiple, radius, tile):
    batch = noise(height, width)
    tiled = run_tiled(box(radius), batch, tile=tile, halo=radius, multiple=multiple, channels=1)
    expected = in_one_piece(box(radius), batch, multiple)
    np.testing.assert_allclose(tiled, expected, atol=1e-6)


@given(height=st.integers(1, 120), width=st.integers(1, 120), tile=st.integers(8, 60))
def test_tiles_keep_the_phase_of_the_pooling(height, width, tile):
    batch = noise(height, width)
    tiled = run_tiled(pooled(8), batch, tile=tile, halo=15, multiple=8, channels=1)
    np.testing.assert_allclose(tiled, in_one_piece(pooled(8), batch, 8), atol=1e-6)


@given(
    height=st.integers(1, 100),
    width=st.integers(1, 100),
    stride=st.sampled_from([2, 4, 8]),
    radius=st.integers(0, 6),
    tile=st.integers(8, 60),
)
def test_tiles_of_one_value_for_several_pixels_equal_one_piece(height, width, stride, radius, tile):
    def function(batch):
        blocks = box(radius)(batch).reshape(1, 1, *block_counts(batch.shape, stride))
        return blocks.mean(axis=(3, 5))

    def block_counts(shape, side):
        return shape[2] // side, side, shape[3] // side, side

    batch = noise(height, width)
    tiled = run_tiled(
        function, batch, tile=tile, halo=radius, multiple=8, channels=1, stride=stride
    )
    fill = ((0, 0), (0, 0), (0, -height % 8), (0, -width % 8))
    expected = function(np.pad(batch, fill, mode="reflect"))
    expected = expected[..., : math.ceil(height / stride), : math.ceil(width / stride)]
    np.testing.assert_allclose(tiled, expected, atol=1e-6)


def test_a_halo_below_the_field_shows():
    batch = noise(128, 128)
    tiled = run_tiled(box(60), batch, tile=64, halo=8, multiple=8, channels=1)
    assert np.abs(tiled - in_one_piece(box(60), batch, 8)).max() > 2 / 255


@pytest.mark.parametrize("stride", [1, 2, 8])
def test_tiles_that_disagree_meet_in_a_ramp_not_in_a_seam(stride):
    values = iter([0.0, 1.0])
    tiled = run_tiled(
        lambda batch: np.full_like(batch[..., ::stride, ::stride], next(values)),
        noise(64, 128),
        tile=64,
        halo=16,
        multiple=32,
        channels=1,
        stride=stride,
    )
    row = tiled[0, 0, 0]
    assert row[0] == 0.0
    assert row[-1] == 1.0
    assert np.diff(row).min() >= 0.0
    assert np.diff(row).max() == pytest.approx(stride / RAMP)
    assert row[len(row) // 2 - 1] + row[len(row) // 2] == pytest.approx(1.0)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (7, 1), (33, 2), (1, 300)])
def test_any_size_comes_back_as_it_was(size):
    def function(batch):
        assert batch.shape[2] % 32 == batch.shape[3] % 32 == 0
        return batch

    batch = noise(*size)
    result = run_tiled(function, batch, tile=64, halo=16, multiple=32, channels=1)
    np.testing.assert_allclose(result, batch, atol=1e-6)


def test_a_line_along_the_border_is_not_thickened_by_the_padding():
    batch = np.zeros((1, 1, 32, 40), np.float32)
    batch[..., -1] = 1.0
    seen = []
    run_tiled(
        lambda piece: seen.append(piece) or piece, batch, tile=64, halo=0, multiple=32, channels=1
    )
    assert seen[0].shape == (1, 1, 32, 64)
    assert seen[0].sum() == batch.sum()


@pytest.mark.parametrize("size", [(2048, 2048), (1900, 2100), (1, 100_000)])
def test_what_has_no_more_area_than_a_tile_is_run_in_one_piece(size):
    assert len(shapes_run(*size, tile=2048, halo=112, multiple=32)) == 1


def test_tiles_are_even():
    shapes = shapes_run(4096, 4096, tile=2048, halo=112, multiple=32)
    assert shapes == [(2048 + 128, 2048 + 128)] * 4


@pytest.mark.parametrize("size", [(4096, 4096), (4097, 4097), (5000, 3000), (3000, 3000)])
def test_margins_cost_less_than_a_quarter(size):
    shapes = shapes_run(*size, tile=2048, halo=112, multiple=32)
    assert sum(height * width for height, width in shapes) < 1.25 * size[0] * size[1]


def test_a_long_picture_is_cut_across_only():
    shapes = shapes_run(100, 60_000, tile=1024, halo=16, multiple=32)
    assert {height for height, _ in shapes} == {128}
    inner = {width for _, width in shapes[1:-1]}
    assert max(inner) - min(inner) <= 32


def test_progress_counts_the_pieces():
    calls = []
    run_tiled(
        lambda batch: batch,
        noise(96, 96),
        tile=48,
        halo=0,
        multiple=16,
        channels=1,
        progress=lambda done, total: calls.append((done, total)),
    )
    assert calls == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_channels_may_differ_from_the_input():
    batch = noise(70, 50, channels=3)
    result = run_tiled(
        lambda piece: piece[:, :2] + 1, batch, tile=32, halo=4, multiple=8, channels=2
    )
    np.testing.assert_allclose(result, batch[:, :2] + 1, atol=1e-6)


def test_only_one_array_of_the_full_size_is_held():
    batch = noise(2048, 2048)
    tracemalloc.start()
    result = run_tiled(lambda piece: piece, batch, tile=256, halo=16, multiple=32, channels=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < result.nbytes + 8 * (256 + 64) ** 2 * 4
