import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fake_color import BLUE, RED, FakeSession, attention, traits
from nurie.core import codec
from nurie.core.errors import NurieError
from nurie.core.regions import Regions
from nurie.runtime.registry import Needs
from nurie.tasks.traits import LOOK, Traits, look


def divided(label: np.ndarray) -> Regions:
    """Regions without any ink."""
    label = np.asarray(label, np.int32)
    return Regions(label, int(label.max()), np.zeros(label.shape, bool))


def columns(place: np.ndarray) -> np.ndarray:
    """Embedding (column, 1), and prior logits (column, 0)."""
    column = np.broadcast_to(np.arange(place.shape[1], dtype=np.float32), place.shape)
    return np.stack([column, np.ones_like(column), column, np.zeros_like(column)])


def seen_by_column(label: np.ndarray) -> Traits:
    label = np.asarray(label)
    return look(FakeSession(columns, attention()), np.zeros(label.shape, np.uint8), divided(label))


def unit(*vector: float) -> np.ndarray:
    return np.array(vector) / np.linalg.norm(vector)


def test_a_region_is_the_mean_of_its_places():
    label = np.ones((8, 12), int)
    label[:, 6:] = 2
    label[:2, 10:] = 3  # the place in the corner
    found = seen_by_column(label)
    # Of the columns 3, 4 and 5, the last is one place short.
    right = (3 * 4 + 4 * 4 + 5 * 3) / 11
    np.testing.assert_allclose(found.embedding, [unit(1, 1), unit(right, 1), unit(5, 1)], rtol=1e-6)
    logits = np.array([[1, 0], [right, 0], [5, 0]])
    expected = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    np.testing.assert_allclose(found.prior, expected, rtol=1e-5)
    np.testing.assert_allclose(found.area, [48 / 96, 44 / 96, 4 / 96])
    np.testing.assert_allclose(found.centre[0], [2.5 / 12, 3.5 / 12], rtol=1e-6)
    np.testing.assert_allclose(found.centre[2], [10.5 / 12, 0.5 / 12], rtol=1e-6)
    assert found.attention == attention()


def test_the_embedding_of_every_place_is_of_unit_length():
    found = seen_by_column(np.ones((4, 6), int))
    assert found.places.shape == (2, 2, 3)
    np.testing.assert_allclose(found.places[:, 1, 2], unit(2, 1), rtol=1e-6)


def test_the_region_in_the_middle_of_a_place_has_it():
    label = np.ones((8, 12), int)
    label[:, 5:] = 2  # the columns 2 to 5, though the first of them lies half in the other
    found = seen_by_column(label)
    np.testing.assert_allclose(found.embedding, [unit(0.5, 1), unit(3.5, 1)], rtol=1e-6)


def test_a_region_too_fine_to_be_seen_is_what_lies_at_its_inner_point():
    # A place is seen at its lower right pixel: (1, 1), (3, 1) and so on.
    label = np.ones((8, 12), int)
    label[2, 4] = 2
    label[6, 10] = 3
    found = seen_by_column(label)
    np.testing.assert_allclose(found.embedding[1:], [unit(2, 1), unit(5, 1)], rtol=1e-6)
    np.testing.assert_allclose(np.exp(found.prior[2, 0]), 1 / (1 + np.exp(-5)), rtol=1e-5)
    by_row = FakeSession(lambda place: columns(place.T).transpose(0, 2, 1), attention())
    found = look(by_row, np.zeros(label.shape, np.uint8), divided(label))
    np.testing.assert_allclose(found.embedding[1:], [unit(1, 1), unit(3, 1)], rtol=1e-6)


def test_in_odd_sizes_the_last_place_reaches_to_the_border():
    label = np.ones((5, 7), int)
    label[:, 6] = 2
    label[4, :2] = 3
    found = seen_by_column(label)
    assert found.places.shape == (2, 3, 4)
    assert found.step == (2, 2)
    np.testing.assert_allclose(found.embedding[1:], [unit(3, 1), unit(0, 1)], rtol=1e-6)
    np.testing.assert_allclose(found.centre[1], [6 / 7, 2 / 7], rtol=1e-6)


def test_up_to_the_limit_the_network_sees_the_paper_as_it_is():
    coverage = np.random.default_rng(0).integers(0, 256, (3, LOOK), np.uint8)
    session = FakeSession(columns, attention())
    look(session, coverage, divided(np.ones_like(coverage)))
    (seen,) = session.seen
    assert (seen == codec.encode(np.repeat(255 - coverage[..., None], 3, axis=2))).all()


def test_a_larger_drawing_is_seen_smaller():
    coverage = np.zeros((8, 2 * LOOK), np.uint8)
    coverage[:, ::2] = 255  # half of each pixel that is seen
    coverage[:, LOOK:] = 255
    label = np.ones((8, 2 * LOOK), int)
    label[:, 400:] = 2
    session = FakeSession(columns, attention())
    found = look(session, coverage, divided(label))
    (seen,) = session.seen
    assert seen.shape == (1, 3, 4, LOOK)
    assert np.abs(seen[..., : LOOK // 2]).max() < 0.01
    assert (seen[..., LOOK // 2 :] == -1).all()
    assert found.step == (4, 4)
    assert found.places.shape == (2, 2, LOOK // 2)
    np.testing.assert_allclose(found.embedding[0], unit(np.arange(100).mean(), 1), rtol=1e-5)


def test_the_steps_of_a_drawing_that_does_not_shrink_evenly():
    found = seen_by_column(np.ones((11, LOOK * 5 // 4), int))  # 9 rows are seen, not 8.8
    assert found.places.shape == (2, 5, LOOK // 2)
    assert found.step == (2.5, 22 / 9)
    last = found.at(np.array([LOOK * 5 // 4 - 1]), np.array([10]))
    np.testing.assert_allclose(last, unit(LOOK // 2 - 1, 1), rtol=1e-5)


def test_however_thin_a_drawing_is_something_is_left_to_see():
    found = seen_by_column(np.ones((4 * LOOK, 1), int))
    assert found.places.shape == (2, LOOK // 2, 1)
    assert found.step == (2, 8)
    assert found.centre[0, 0] == 0


def test_a_spot_is_the_mean_of_what_its_pixels_lie_on():
    found = seen_by_column(np.ones((8, 12), int))
    at = found.at(np.array([0, 1, 7]), np.array([0, 3, 5]))  # in the columns 0, 0 and 3
    mean = (2 * unit(0, 1) + unit(3, 1)) / 3
    np.testing.assert_allclose(at, unit(*mean), rtol=1e-6)


@given(
    label=hnp.arrays(
        np.int64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=20), elements=st.integers(0, 9)
    ),
    seed=st.integers(0, 99),
)
def test_whatever_the_regions_each_has_traits(label, seed):
    label = np.unique(label, return_inverse=True)[1].reshape(label.shape) + 1
    random = np.random.default_rng(seed)
    session = FakeSession(lambda place: random.normal(size=(5, *place.shape)), attention(3))
    found = look(session, np.zeros(label.shape, np.uint8), divided(label))
    assert found.embedding.shape == (label.max(), 3)
    np.testing.assert_allclose(np.linalg.norm(found.embedding, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.exp(found.prior).sum(1), 1, rtol=1e-5)
    np.testing.assert_allclose(found.area.sum(), 1)
    assert (found.centre >= 0).all()
    assert (found.centre < 1).all()
    y, x = np.indices(label.shape)
    assert np.isfinite(found.at(x.ravel(), y.ravel())).all()


def test_where_the_network_says_nothing_there_are_numbers_all_the_same():
    session = FakeSession(lambda place: np.zeros((4, *place.shape)), attention())
    found = look(session, np.zeros((4, 4), np.uint8), divided(np.ones((4, 4))))
    assert np.isfinite(found.embedding).all()
    np.testing.assert_allclose(found.prior, np.log(0.5), rtol=1e-6)


def test_a_network_of_another_kind_is_an_error_of_one_line():
    session = FakeSession(columns, attention())
    session.metadata = {"nurie.halo": "144"}
    with pytest.raises(NurieError, match=r"^the model can't colour: .* no colour network$"):
        look(session, np.zeros((4, 4), np.uint8), divided(np.ones((4, 4))))
    assert not session.seen


def test_a_network_whose_palette_is_not_that_of_its_answer_is_an_error_of_one_line():
    session = FakeSession(columns, attention(2, [RED, BLUE, RED]))
    session.needs = Needs(multiple=2, stride=2, channels=4)
    with pytest.raises(NurieError, match=r"^the model can't colour: .* channels"):
        look(session, np.zeros((4, 4), np.uint8), divided(np.ones((4, 4))))


# Groups


def kin(families: int, members: int, likeness: float) -> np.ndarray:
    """Families that have nothing in common; their members are as like each other."""
    vectors = np.zeros((families, members, families * (1 + members)), np.float32)
    for family in range(families):
        for member in range(members):
            own = families + family * members + member
            vectors[family, member, [family, own]] = np.sqrt([likeness, 1 - likeness])
    return vectors.reshape(families * members, -1)


def test_what_is_like_a_larger_one_joins_it_and_groups_count_from_the_largest():
    said = traits([(1, 0), (0, 1), (1, 0.1), (0.1, 1)], area=[0.1, 0.2, 0.3, 0.4])
    assert said.groups.tolist() == [1, 0, 1, 0]


def test_one_region_is_a_group():
    assert traits([(1, 0)]).groups.tolist() == [0]


def test_how_like_it_must_be_depends_on_the_variety():
    # Six kinds are enough variety; one is not, so that what is hardly like it is no kin.
    assert traits(kin(6, 2, 0.75)).groups.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert traits(kin(1, 6, 0.75)).groups.tolist() == [0, 1, 2, 3, 4, 5]
    # Those that are nearly the same stay together whatever is left.
    assert traits(kin(1, 6, 0.98)).groups.tolist() == [0] * 6


def test_specks_are_no_variety():
    specks = [0.48, 0.48] + [0.004] * 10
    assert len(set(traits(kin(6, 2, 0.75), area=specks).groups.tolist())) == 12
