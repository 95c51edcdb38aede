import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nurie.core import mesh

few = settings(max_examples=40, deadline=None)
mazes = arrays(
    np.int32, array_shapes(min_dims=2, max_dims=2, max_side=40), elements=st.sampled_from([0, 1, 2])
)
sides = st.integers(1, 5)


def nearest(areas: np.ndarray, side: int, *places: tuple[int, int]) -> np.ndarray:
    """The wave of each pixel, (H, W); -1 in walls and where none comes."""
    cell, cells = mesh.cut(areas, side)
    place = np.array(places)
    waves = mesh.run(cells, place, cell[place[:, 1], place[:, 0]])
    wave = np.where(cell > 0, waves.first[cell], -1)
    y, x = np.nonzero(waves.meeting(np.arange(len(places)))[cell])
    wave[y, x] = waves.at(x, y, cell[y, x])
    return wave


@few
@given(mazes, sides)
def test_cells_are_the_connected_parts_of_squares(areas, side):
    measure = pytest.importorskip("skimage.measure")
    cell, cells = mesh.cut(areas, side)
    assert ((cell > 0) == (areas > 0)).all()
    for top in range(0, areas.shape[0], side):
        for left in range(0, areas.shape[1], side):
            square = np.s_[top : top + side, left : left + side]
            parts = measure.label(areas[square], connectivity=1)
            pairs = np.unique(np.stack([cell[square], parts]).reshape(2, -1), axis=1)
            assert len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == pairs.shape[1]
    for number in np.unique(cell[cell > 0]):
        y, x = np.nonzero(cell == number)
        assert max(np.ptp(y), np.ptp(x)) < side
        assert np.abs(np.stack([x, y], axis=1) - cells.middle[number]).max() < side / 2


@few
@given(mazes, sides)
def test_ways_lead_to_all_cells_of_the_area_that_touch(areas, side):
    cell, cells = mesh.cut(areas, side)
    touch = set()
    for one, other in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        ways = (areas[one] == areas[other]) & (areas[one] > 0) & (cell[one] != cell[other])
        touch |= set(zip(cell[one][ways].tolist(), cell[other][ways].tolist(), strict=True))
    numbers = np.arange(len(cells.middle))
    which, beside = cells.beside(numbers)
    assert (np.diff(which) >= 0).all()
    assert set(zip(which.tolist(), beside.tolist(), strict=True)) == touch | {
        (other, one) for one, other in touch
    }


@few
@given(mazes, sides, st.integers(0, 99))
def test_waves_come_to_all_that_can_be_reached_and_to_nothing_else(areas, side, seed):
    measure = pytest.importorskip("skimage.measure")
    y, x = np.nonzero(areas)
    if not x.size:
        return
    chosen = np.random.default_rng(seed).choice(x.size, min(4, x.size), replace=False)
    places = [(int(x[at]), int(y[at])) for at in chosen]
    wave = nearest(areas, side, *places)
    parts = measure.label(areas, connectivity=1)
    for part in range(1, parts.max() + 1):
        inside = {number for number, (x, y) in enumerate(places) if parts[y, x] == part}
        assert set(wave[parts == part].tolist()) <= (inside or {-1})
    assert (wave[areas == 0] == -1).all()


@pytest.mark.parametrize("side", [1, 2, 4])
@pytest.mark.parametrize("count", [2, 9, 40])
def test_in_the_open_each_pixel_belongs_to_the_nearest_place(side, count):
    places = np.random.default_rng(count).choice(200 * 180, count, replace=False)
    x, y = places % 200, places // 200
    wave = nearest(np.ones((180, 200), np.int32), side, *zip(x.tolist(), y.tolist(), strict=True))
    to_y, to_x, _ = np.ogrid[:180, :200, :1]
    away = np.hypot(to_x - x, to_y - y)
    own = np.take_along_axis(away, wave[..., None], axis=2)[..., 0]
    too_far = own - away.min(2)
    assert too_far.max() < side
    assert (too_far > 0.01).mean() < 0.005


@pytest.mark.parametrize("side", [1, 2, 4])
def test_behind_a_wall_the_nearer_place_by_the_way_comes_first(side):
    areas = np.ones((120, 240), np.int32)
    areas[:80, 100:102] = 0
    wave = nearest(areas, side, (95, 20), (190, 20))
    assert (wave[:, :100] == 0).all()
    y, x = np.nonzero(areas)
    behind = (x > 101) & (y < 70)
    # The first wave has run some 61 pixels when it comes around the end of the wall.
    sooner = np.hypot(x - 190, y - 20) < 60
    assert (wave[y, x] == 1)[behind & sooner].all()
    later = (np.hypot(x - 190, y - 20) > 61 + side) & (np.hypot(x - 95, y - 20) < 60)
    assert (wave[y, x] == 0)[behind & later].all()
    border = (wave[20:60, 102:] == 0).sum(1)
    assert np.abs(np.diff(border)).max() < 3  # a curve, not the corners of squares


def test_of_two_places_in_one_cell_each_gets_its_side():
    wave = nearest(np.ones((40, 40), np.int32), 8, (18, 20), (20, 20))
    assert (wave[:, :19] == 0).mean() > 0.95
    assert (wave[:, 20:] == 1).mean() > 0.95


def test_an_area_is_not_entered_from_another():
    areas = np.ones((20, 40), np.int32)
    areas[:, 20:] = 2
    wave = nearest(areas, 4, (19, 10), (39, 10))
    assert (wave == areas - 1).all()


def test_a_maze_may_be_all_wall():
    cell, cells = mesh.cut(np.zeros((5, 7), np.int32), 3)
    assert (cell == 0).all()
    waves = mesh.run(cells, np.empty((0, 2)), np.empty(0, np.int32))
    assert (waves.first == -1).all()
    assert not waves.meeting(np.empty(0)).any()
