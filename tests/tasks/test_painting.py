import json

import numpy as np
import pytest

from nurie.core import codec
from nurie.core.errors import NurieError
from nurie.core.regions import Regions
from nurie.runtime.registry import Needs
from nurie.tasks.painting import RADIUS, Painting, is_painter, paint

RED, BLUE, GREEN = (255, 0, 0), (0, 0, 255), (0, 160, 0)
NONE = np.zeros(0, int)


class FakeSession:
    """A network that paints what it is told; by default, hints in their colours and grey around."""

    def __init__(self, edge: int = 64, says=None, **needs):
        self.needs = Needs(**{"inputs": 5, "multiple": 1, "channels": 3, **needs})
        self.metadata = Painting(edge).to_metadata()
        self.seen: list[np.ndarray] = []
        self._says = says or (lambda given: (given[1:4] + 1) / 2)

    def run(self, batch: np.ndarray) -> np.ndarray:
        self.seen.append(batch[0])
        return np.asarray(self._says(batch[0]), np.float32)[None]

    @property
    def hints(self) -> np.ndarray:
        """The mask that it saw last, (h, w) bool."""
        return self.seen[-1][4] > 0


def halves(height: int = 40, width: int = 60) -> Regions:
    label = np.ones((height, width), np.int32)
    label[:, width // 2 :] = 2
    return Regions(label, 2, np.zeros(label.shape, bool))


def painted(session: FakeSession, regions: Regions, x=NONE, y=NONE, colors=(), **options):
    coverage = np.zeros(regions.label.shape, np.uint8)
    rgb = np.array(colors, np.uint8).reshape(-1, 3)
    return paint(session, coverage, regions, np.array(x), np.array(y), rgb, **options).tolist()


# What a network says of itself


def test_what_it_says_of_itself_survives_the_metadata():
    metadata = Painting(192).to_metadata()
    assert Painting.from_metadata({"nurie.halo": "3", **metadata}) == Painting(192)


@pytest.mark.parametrize(
    "text",
    ["", "3", "[]", "{}", '{"edge": 0}', '{"edge": 1.5}', '{"edge": 9, "more": 1}', "[" * 9999],
)
def test_metadata_that_make_no_sense_are_an_error_of_one_line(text):
    session = FakeSession()
    session.metadata = {"nurie.painting": text}
    assert is_painter(session)
    with pytest.raises(NurieError, match=r"^the model can't colour: its nurie\.painting makes no"):
        painted(session, halves())
    assert not session.seen


def test_a_network_of_another_kind_is_an_error_of_one_line():
    session = FakeSession()
    session.metadata = {}
    assert not is_painter(session)
    with pytest.raises(NurieError, match=r"^the model can't colour: .*does not paint$"):
        painted(session, halves())
    for needs in ({"inputs": 3}, {"channels": 1}):
        with pytest.raises(NurieError, match=r"^the model can't colour: .*hints into colours$"):
            painted(FakeSession(**needs), halves())


# What it sees


def test_it_sees_line_art_and_hints_as_it_was_trained_to():
    session, regions = FakeSession(), halves()
    coverage = np.random.default_rng(0).integers(0, 256, regions.label.shape, np.uint8)
    paint(session, coverage, regions, np.array([10]), np.array([20]), np.array([RED], np.uint8))
    y, x = np.indices(coverage.shape)
    layer = np.zeros((*coverage.shape, 4), np.uint8)
    layer[(y - 20) ** 2 + (x - 10) ** 2 <= RADIUS**2] = (*RED, 255)
    assert (session.seen[0] == codec.encode_hinted(255 - coverage, layer)[0]).all()


def test_however_large_the_drawing_a_dot_is_seen_as_large_as_in_training():
    small, large = FakeSession(edge=60), FakeSession(edge=60)
    painted(small, halves(), [10], [20], [RED])
    painted(large, halves(400, 600), [100], [200], [RED])
    assert small.hints.sum() == large.hints.sum() > 20
    assert large.seen[0].shape == (5, 40, 60)


def test_a_dot_does_not_leave_its_region():
    session = FakeSession()
    painted(session, halves(), [29, 0], [20, 0], [RED, BLUE])
    assert session.hints[:, 26:30].any()
    assert not session.hints[:, 30:].any()
    assert session.hints[0, 0]


def test_a_hint_on_what_is_too_fine_to_be_seen_misleads_nobody():
    regions = halves(400, 600)
    regions.label[200, 100] = 3
    regions = Regions(regions.label, 3, regions.ink)
    session = FakeSession(edge=60)
    painted(session, regions, [100], [200], [RED])
    assert not session.hints.any()


# What it paints


def test_a_region_has_the_mean_of_what_is_painted_there():
    def says(given):
        column = np.broadcast_to(np.arange(60) / 59, (40, 60))
        return np.stack([column, np.zeros_like(column), 1.5 + column])

    left, right = (round(255 * middle / 59) for middle in (14.5, 44.5))
    assert painted(FakeSession(says=says), halves()) == [[left, 0, 255], [right, 0, 255]]


def test_an_answer_for_every_2_x_2_pixels_will_do():
    session = FakeSession(says=lambda given: (given[1:4, ::2, ::2] + 1) / 2, stride=2, multiple=2)
    marks = ([30 + 2 * n for n in range(15)], [20] * 15, [GREEN] * 15)
    grey, green = painted(session, halves(), *marks)
    assert grey == [128] * 3
    assert green[1] > green[0]


def test_a_palette_is_chosen_from():
    palette = [(120, 130, 125), (250, 0, 0)]
    assert painted(FakeSession(), halves(), palette=palette) == [[120, 130, 125]] * 2


def test_without_hints_it_paints_all_the_same():
    assert painted(FakeSession(), halves()) == [[128] * 3] * 2


def test_the_metadata_are_json():
    assert json.loads(Painting(64).to_metadata()["nurie.painting"]) == {"edge": 64}
