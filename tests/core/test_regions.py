import itertools
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image, ImageDraw

from nurie.core import mesh, regions

few = settings(max_examples=40, deadline=None)
drawings = arrays(
    np.uint8,
    array_shapes(min_dims=2, max_dims=2, max_side=32),
    elements=st.sampled_from([0, 0, 0, 60, 255]),
)


def drawn(*strokes: list[tuple[float, float]], size: int = 200, width: int = 3) -> np.ndarray:
    """Coverage with polylines through points (x, y), with no antialiasing, (size, size) uint8."""
    canvas = Image.new("L", (size, size))
    for stroke in strokes:
        ImageDraw.Draw(canvas).line(stroke, fill=255, width=width)
    return np.array(canvas)


def box(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


def smooth(*ellipses: tuple[float, float, float, float], size: int, width: float) -> np.ndarray:
    """Coverage with antialiased outlines of ellipses, (size, size) uint8."""
    canvas = Image.new("L", (size * 8, size * 8))
    for ellipse in ellipses:
        scaled = tuple(8 * side for side in ellipse)
        ImageDraw.Draw(canvas).ellipse(scaled, outline=255, width=round(8 * width))
    return np.asarray(canvas.resize((size, size), Image.Resampling.BOX))


def two_rooms(opening: int) -> np.ndarray:
    """A box of 180 pixels, a wall at x = 99 to 101, and an opening of some pixels in the wall."""
    coverage = drawn(box(10, 10, 190, 190))
    coverage[10:190, 99:102] = 255
    coverage[60 : 60 + opening, 99:102] = 0
    return coverage


@few
@given(drawings, st.sampled_from([0.0, 1.0, 4.0, 30.0]))
def test_every_pixel_has_a_region_and_every_region_a_pixel(coverage, gap):
    found = regions.find(coverage, gap=gap)
    assert found.label.dtype == np.int32
    assert found.label.shape == coverage.shape
    assert np.unique(found.label).tolist() == list(range(1, found.count + 1))
    assert found.area.tolist() == np.bincount(found.label.ravel())[1:].tolist()
    x, y = found.inner.T
    assert found.label[y, x].tolist() == list(range(1, found.count + 1))


@few
@given(drawings, st.sampled_from([0.0, 4.0]))
def test_no_region_crosses_a_line(coverage, gap):
    measure = pytest.importorskip("skimage.measure")
    found = regions.find(coverage, gap=gap)
    areas = measure.label(~found.ink, connectivity=1)
    counted = (np.bincount(areas.ravel()) >= regions.SMALLEST)[areas] & ~found.ink
    pairs = np.unique(np.stack([found.label[counted], areas[counted]]), axis=1)
    assert len(np.unique(pairs[0])) == pairs.shape[1]


@pytest.mark.parametrize("opening", range(1, 11))
def test_a_break_as_wide_as_the_gap_does_not_join_two_areas(opening):
    label = regions.find(two_rooms(opening), gap=10).label
    assert label[100, 50] != label[100, 150]
    assert len(np.unique(label[12:189, 12:99])) == 1  # into the corners
    assert len(np.unique(label[12:189, 102:189])) == 1
    assert (label[60 : 60 + opening, 98] == label[100, 50]).all()  # straight across the break
    assert (label[60 : 60 + opening, 102] == label[100, 150]).all()


@pytest.mark.parametrize("opening", [11, 40])
def test_a_wider_break_joins_them(opening):
    label = regions.find(two_rooms(opening), gap=10).label
    assert label[100, 50] == label[100, 150]


def test_without_a_gap_the_smallest_break_joins():
    label = regions.find(two_rooms(1), gap=0).label
    assert label[100, 50] == label[100, 150]


def test_the_gap_grows_with_large_pictures():
    assert regions.default_gap(300, 500) == regions.default_gap(1000, 1000) == regions.GAP
    assert regions.default_gap(2000, 3000) == 3 * regions.GAP


def test_a_line_may_end_short_of_the_border():
    coverage = drawn([(100, 8), (100, 199)])
    label = regions.find(coverage, gap=8).label
    assert label[100, 50] != label[100, 150]


def test_a_line_that_ends_in_an_area_parts_nothing():
    coverage = drawn(box(10, 10, 190, 190), [(10, 100), (186, 100), (186, 60)])
    coverage[98:103, 40:80] = 0
    found = regions.find(coverage, gap=10)
    assert found.count == 2


@pytest.mark.parametrize("angle", np.linspace(0, np.pi, 13))
def test_a_line_of_one_pixel_holds_at_every_angle(angle):
    reach = 150 * np.array([np.cos(angle), np.sin(angle)])
    line = [tuple(100 - reach), tuple(100 + reach)]
    label = regions.find(drawn(line, width=1), gap=0).label
    y, x = np.rint(100 + 20 * np.array([np.cos(angle), -np.sin(angle)])).astype(int)
    assert label[y, x] != label[200 - y, 200 - x]


@pytest.mark.parametrize("strength", [1.0, 0.5, 0.15])
@pytest.mark.parametrize("width", [0.8, 1, 2, 5])
def test_antialiased_and_faint_lines_hold(width, strength):
    rings = smooth((10, 14, 188, 181), (60, 60, 120, 90), size=200, width=width)
    found = regions.find(np.rint(rings * strength).astype(np.uint8), gap=0)
    assert found.count == 3


def test_faint_pencil_on_grey_grainy_paper():
    rings = smooth((10, 14, 188, 181), (60, 60, 120, 90), size=200, width=2)
    grain = np.random.default_rng(0).normal(30, 4, rings.shape)
    found = regions.find(np.clip(rings * 0.3 + grain, 0, 255).astype(np.uint8))
    assert found.count == 3


def test_fine_areas_are_kept_with_a_gap_wider_than_they_are():
    finger, eye = box(20, 20, 28, 100), box(60, 60, 66, 66)
    found = regions.find(drawn(finger, eye, width=1), gap=20)
    assert found.count == 3


def test_a_small_area_with_a_small_break_is_kept():
    coverage = drawn(box(60, 60, 72, 72), width=1)
    coverage[60, 64:67] = 0
    label = regions.find(coverage, gap=10).label
    assert (label[61:72, 61:72] == label[66, 66]).all()
    assert label[66, 66] != label[20, 20]


def test_a_finger_stays_with_its_hand():
    hand = [(100, 190), (20, 190), (20, 100), (60, 100), (60, 20), (67, 20), (67, 100)]
    found = regions.find(drawn([*hand, (180, 100), (180, 190), (100, 190)], width=1), gap=12)
    assert found.count == 2


def test_an_uneven_corridor_is_not_shredded():
    y = np.arange(200)
    half_width = np.rint(5 + np.sin(y / 6)).astype(int)  # in and out of the gap
    coverage = np.zeros((200, 200), np.uint8)
    for side in (-1, 1):
        coverage[y, 100 + side * half_width] = coverage[y, 101 + side * half_width] = 255
    assert regions.find(coverage, gap=10).count == 3


def test_ink_goes_to_the_nearest_region():
    ndimage = pytest.importorskip("scipy.ndimage")
    coverage = smooth((10, 14, 188, 181), (60, 60, 120, 90), size=200, width=7)
    found = regions.find(coverage)
    y, x = np.nonzero(found.ink)
    away = [
        ndimage.distance_transform_edt((found.label != region) | found.ink)[y, x]
        for region in range(1, found.count + 1)
    ]
    own = np.choose(found.label[y, x] - 1, away)
    assert (own - np.min(away, axis=0)).max() < 1.5


def test_dust_is_neither_line_nor_region():
    coverage = drawn(box(10, 10, 190, 190), box(100, 100, 103, 103), width=1)  # paper of 2x2
    coverage[50:52, 50:53] = 255
    found = regions.find(coverage)
    assert found.count == 2
    assert not found.ink[50:52, 50:53].any()


@pytest.mark.parametrize("share", [0.02, 0.2, 0.8])
def test_noise_does_not_become_thousands_of_regions(share):
    noise = np.random.default_rng(0).random((300, 300)) < share
    assert regions.find(np.where(noise, 255, 0).astype(np.uint8)).count < 300


@pytest.mark.parametrize("value", [0, 30, 255])
def test_an_even_picture_is_one_region(value):
    found = regions.find(np.full((20, 30), value, np.uint8))
    assert found.count == 1
    assert found.area.tolist() == [600]


def test_coverage_may_be_float():
    coverage = smooth((10, 14, 188, 181), size=200, width=2)
    found = regions.find(coverage.astype(np.float32) / 255)
    assert (found.label == regions.find(coverage).label).all()


def test_breaks_in_every_wall_leave_the_areas_apart():
    coverage = np.zeros((400, 400), np.uint8)
    for side in range(0, 400, 50):
        coverage[side : side + 2] = coverage[:, side : side + 2] = 255
    for middle in range(25, 400, 50):
        coverage[middle - 4 : middle + 4] = coverage[:, middle - 4 : middle + 4] = 0
    middles = regions.find(coverage).label[25::50, 25::50]
    assert len(np.unique(middles)) == 64


def test_the_most_inner_point_is_furthest_from_lines_and_borders():
    ndimage = pytest.importorskip("scipy.ndimage")
    found = regions.find(two_rooms(6))
    for region in range(1, found.count + 1):
        open_ = np.pad((found.label == region) & ~found.ink, 1)
        depth = ndimage.distance_transform_edt(open_)[1:-1, 1:-1]
        x, y = found.inner[region - 1]
        assert depth[y, x] == pytest.approx(depth.max())


def split(coverage: np.ndarray, *seeds: tuple[int, int, int]) -> np.ndarray:
    """The ids of the region of the first seed, (H, W)."""
    found = regions.find(coverage)
    window, ids = regions.divide(found, found.label[seeds[0][1], seeds[0][0]], np.array(seeds))
    everywhere = np.zeros(coverage.shape, np.int32)
    everywhere[window] = ids
    return everywhere


def test_a_region_is_divided_at_a_narrowing():
    ids = split(two_rooms(30), (85, 100, 1), (180, 180, 2))
    assert (ids[12:189, 12:98] == 1).all()
    assert (ids[12:189, 103:189] == 2).all()
    assert (ids[70, 96:99] == 1).all()
    assert (ids[70, 102:105] == 2).all()


def test_a_room_without_a_seed_joins_the_next():
    ids = split(two_rooms(30), (40, 20, 1), (40, 180, 2))
    assert (ids[12:98, 12:98] == 1).all()
    assert (ids[103:189, 12:98] == 2).all()
    assert (ids[12:189, 103:189] > 0).all()


def test_a_room_without_a_seed_joins_what_is_beyond_its_widest_passage():
    coverage = drawn(box(10, 10, 190, 190), [(70, 10), (70, 190)], [(130, 10), (130, 190)])
    coverage[90:110, 69:72] = 0  # from the room at the left
    coverage[80:120, 129:132] = 0  # from the room at the right
    left, right = (40, 50, 1), (160, 50, 2)
    ids = split(coverage, left, right)
    assert (ids[12:189, 73:128] == 2).all()
    ids = split(coverage, left, right, (160, 170, 3), (160, 30, 4))  # nearest to the passage: 2
    assert (ids[12:189, 73:128] == 2).all()


def test_rooms_without_a_seed_join_along_the_widest_passages():
    coverage = drawn(box(10, 10, 190, 190))
    for wall, opening in ((55, 14), (100, 26), (145, 20)):
        coverage[10:190, wall - 1 : wall + 2] = 255
        coverage[100 : 100 + opening, wall - 1 : wall + 2] = 0
    ids = split(coverage, (30, 50, 1), (170, 50, 2))
    assert (ids[12:189, 12:53] == 1).all()
    assert (ids[12:189, 58:189] == 2).all()


@pytest.mark.parametrize(("x", "name"), [(89, 1), (110, 2)])
def test_a_speck_of_paper_in_ink_goes_to_the_nearer_side(x, name):
    coverage = two_rooms(30)
    coverage[10:190, 85:116] = 255
    coverage[60:90, 85:116] = 0
    coverage[150:152, x : x + 2] = 0
    ids = split(coverage, (50, 100, 1), (150, 100, 2))
    assert (ids[150:152, x : x + 2] == name).all()


def test_one_more_seed_in_a_room_changes_nothing_in_the_others():
    first, second, third = (85, 100, 1), (180, 180, 2), (180, 20, 3)
    before = split(two_rooms(30), first, second)
    after = split(two_rooms(30), first, second, third)
    assert (after == 3).any()
    assert (before[after != 3] == after[after != 3]).all()


@pytest.mark.parametrize("size", [200, 1000])
def test_without_a_narrowing_a_region_is_divided_halfway(size):
    one, other = (3 * size // 20, size // 5), (3 * size // 4, 4 * size // 5)
    ids = split(drawn(box(10, 10, size - 10, size - 10), size=size), (*one, 7), (*other, 9))
    y, x = np.nonzero(ids)
    nearer = np.hypot(x - one[0], y - one[1]) - np.hypot(x - other[0], y - other[1])
    assert (ids[y, x] == 7)[nearer < -2].all()
    assert (ids[y, x] == 9)[nearer > 2].all()


@pytest.mark.parametrize("size", [200, 1000])
def test_the_ink_in_a_divided_region_goes_with_the_paper_beside_it(size):
    middle = size // 2
    coverage = drawn(
        box(10, 10, size - 10, size - 10), [(30, middle), (size - 30, middle)], size=size, width=9
    )
    ids = split(coverage, (middle, middle - 40, 1), (middle, middle + 40, 2))
    columns = np.s_[50 : size - 50]
    assert (ids[middle - 4 : middle - 1, columns] == 1).all()
    assert (ids[middle + 2 : middle + 5, columns] == 2).all()


def test_dividing_goes_round_a_line_not_through_it():
    coverage = drawn(box(10, 10, 190, 190), [(100, 10), (100, 120)])
    ids = split(coverage, (94, 20, 1), (106, 20, 2))
    assert (ids[12:115, 12:98] == 1).all()
    assert (ids[12:115, 103:189] == 2).all()


@pytest.mark.parametrize("size", [200, 1000])
def test_behind_a_line_that_ends_the_nearer_seed_by_the_way_comes_first(size):
    half, end, top = size // 2, 3 * size // 4, size // 10
    coverage = drawn(box(10, 10, size - 10, size - 10), [(half, 10), (half, end)], size=size)
    left, right = (half - 8, top), (half + size // 4, top)
    ids = split(coverage, (*left, 1), (*right, 2))
    y, x = np.indices(ids.shape)
    assert (ids[12:end, 12 : half - 2] == 1).all()
    # As the crow flies, the left one is nearer to some of these.
    sooner = (x > half + 2) & (np.hypot(x - right[0], y - right[1]) < end - top - 8)
    assert (ids[sooner & (ids > 0)] == 2).all()


def test_seeds_that_lie_close_both_get_something():
    ids = split(drawn(box(10, 10, 990, 990), size=1000), (501, 500, 1), (503, 500, 2))
    assert 0.9 < (ids == 1).sum() / (ids == 2).sum() < 1.1


@few
@given(
    drawings,
    st.lists(st.tuples(st.integers(-2, 33), st.integers(-2, 33), st.integers(1, 4)), max_size=6),
)
def test_a_divided_region_is_given_away_whole_and_seeds_keep_their_pixels(coverage, seeds):
    found = regions.find(coverage)
    seeds = np.array([*{(x, y): (x, y, name) for x, y, name in seeds}.values()], int)
    seeds = seeds.reshape(-1, 3)
    for region in range(1, found.count + 1):
        window, ids = regions.divide(found, region, seeds)
        everywhere = np.zeros(coverage.shape, np.int32)
        everywhere[window] = ids
        height, width = coverage.shape
        here = [
            (x, y, name)
            for x, y, name in seeds
            if 0 <= x < width and 0 <= y < height and found.label[y, x] == region
        ]
        assert ((everywhere > 0) == ((found.label == region) & bool(here))).all()
        assert all(everywhere[y, x] == name for x, y, name in here)


def afresh(found: regions.Regions) -> regions.Regions:
    """The same regions, of which none was divided yet."""
    return regions.Regions(found.label, found.count, found.ink)


seed_lists = st.lists(
    st.tuples(st.integers(0, 31), st.integers(0, 31), st.integers(1, 4)), min_size=2, max_size=6
)


@few
@given(drawings, st.lists(seed_lists, min_size=2, max_size=4))
def test_a_division_is_the_same_whatever_was_divided_before(coverage, askings):
    found = regions.find(coverage)
    for seeds in [*askings, *askings[::-1]]:
        seeds = np.array(seeds)
        for region in range(1, found.count + 1):
            window, ids = regions.divide(found, region, seeds)
            same_window, same_ids = regions.divide(afresh(found), region, seeds)
            assert window == same_window
            assert ids.dtype == same_ids.dtype == np.int32
            assert ids.tobytes() == same_ids.tobytes()
            ids[:] = 99  # it is the caller's own


def test_threads_may_divide_at_once():
    found = regions.find(two_rooms(30))
    random = np.random.default_rng(0)
    askings = [
        (region, np.column_stack([random.integers(12, 189, (8, 2)), random.integers(1, 6, 8)]))
        for _, region in itertools.product(range(12), range(1, found.count + 1))
    ]
    alone = [regions.divide(afresh(found), *asking)[1].tobytes() for asking in askings]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as threads:
            for _ in range(3):
                together = list(threads.map(lambda it: regions.divide(found, *it)[1], askings))
                assert [ids.tobytes() for ids in together] == alone
    finally:
        sys.setswitchinterval(interval)


def test_a_division_is_kept_and_so_is_what_another_one_takes(monkeypatch):
    found = regions.find(two_rooms(30))
    region = found.label[100, 50]
    seeds = np.array([(30, 30, 1), (80, 160, 2), (150, 100, 3)])
    before = regions.divide(found, region, seeds)[1]
    monkeypatch.delattr(mesh, "cut")
    regions.divide(found, region, seeds[:2])
    regions.divide(found, region, seeds)
    monkeypatch.delattr(mesh, "run")
    assert (regions.divide(found, region, seeds)[1] == before).all()


def test_what_is_kept_does_not_grow_with_the_windows_of_regions():
    size = 600
    rings = [box(at, at, size - at, size - at) for at in range(10, 290, 20)]
    found = regions.find(drawn(*rings, size=size), gap=0)
    before = len(pickle.dumps(found))
    random = np.random.default_rng(0)
    for _ in range(2):
        seeds = np.column_stack([random.integers(0, size, (200, 2)), np.arange(1, 201)])
        for region in range(1, found.count + 1):
            regions.divide(found, region, seeds)
    assert len(found._divided) > 10
    assert len(pickle.dumps(found)) - before < 20 * size**2
