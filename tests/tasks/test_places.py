import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nurie.core.regions import Regions
from nurie.tasks import places


def divided(label) -> Regions:
    """Regions without any ink."""
    label = np.asarray(label, np.int32)
    return Regions(label, int(label.max()), np.zeros(label.shape, bool))


def test_a_drawing_within_the_edge_is_seen_as_it_is():
    coverage = np.random.default_rng(0).integers(0, 256, (3, 8), np.uint8)
    assert (places.seen(coverage, 8) == 255 - coverage).all()


def test_a_larger_drawing_is_seen_smaller():
    coverage = np.zeros((6, 16), np.uint8)
    coverage[:, 8:] = 255
    paper = places.seen(coverage, 8)
    assert paper.shape == (3, 8)
    assert paper[0].tolist() == [255] * 4 + [0] * 4
    assert places.step_of(coverage, paper, 1) == (2, 2)
    assert places.step_of(coverage, paper, 4) == (8, 8)
    assert places.seen(np.zeros((1, 99), np.uint8), 8).shape == (1, 8)


def test_the_last_place_reaches_to_the_border():
    assert places.index(np.array([0, 2, 3, 8, 9]), 3.0, 3).tolist() == [0, 0, 1, 2, 2]
    assert places.index(np.array([9]), 3.0, 3).tolist() == [2]


def test_a_place_has_the_region_in_its_middle():
    label = np.ones((6, 6), int)
    label[:, 4:] = 2
    label[5, 5] = 3
    assert places.labels(divided(label), 2, 2, (3, 3)).tolist() == [[1, 2], [1, 2]]


def test_a_region_has_the_mean_of_its_places_and_a_fine_one_what_lies_at_its_inner_point():
    label = np.ones((6, 6), int)
    label[:, 4:] = 2
    label[5, 5] = 3
    answer = np.array([[[1, 2], [5, 6]], [[0, 0], [0, 9]]], np.float32)
    said = places.of_regions(answer, divided(label), (3, 3))
    assert said.tolist() == [[3, 0], [4, 4.5], [6, 9]]
    assert said.dtype == np.float32


@given(
    hnp.arrays(
        np.int64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=20), elements=st.integers(0, 9)
    ),
    st.integers(1, 24),
    st.integers(1, 3),
)
def test_whatever_is_seen_every_region_is_spoken_of(label, edge, stride):
    label = np.unique(label, return_inverse=True)[1].reshape(label.shape) + 1
    paper = places.seen(np.zeros(label.shape, np.uint8), edge)
    assert max(paper.shape) <= edge
    rows, columns = (-(-length // stride) for length in paper.shape)
    answer = np.ones((2, rows, columns), np.float32)
    step = places.step_of(label, paper, stride)
    said = places.of_regions(answer, divided(label), step)
    assert (said == np.ones((label.max(), 2))).all()
