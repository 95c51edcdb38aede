import io

import numpy as np
import pytest
from PIL import Image

from fake_color import BLACK, BLUE, GREEN, RED, WHITE, FakeSession, attention
from nurie.core import regions
from nurie.core.errors import ImageTooLarge, NurieError, UnreadableImage
from nurie.tasks import reference
from nurie.tasks.propagate import Keys, paint
from nurie.tasks.reference import Reference
from nurie.tasks.traits import LOOK, look

SIZE = 64
QUARTERS = (np.s_[:31, :31], np.s_[:31, 33:], np.s_[33:, :31], np.s_[33:, 33:])
COLORS = (RED, GREEN, BLUE, WHITE)


def drawing(colors=COLORS) -> np.ndarray:
    """Four rooms that black walls part, (64, 64, 3) uint8."""
    rgb = np.zeros((SIZE, SIZE, 3), np.uint8)
    for quarter, color in zip(QUARTERS, colors, strict=True):
        rgb[quarter] = color
    return rgb


def by_quarter(place: np.ndarray) -> np.ndarray:
    """Embeddings of four, one for each quarter of the picture, and a prior that says nothing."""
    rows, columns = place.shape
    row, column = np.indices(place.shape)
    quarter = 2 * (row >= rows // 2) + (column >= columns // 2)
    return np.concatenate([np.eye(4)[quarter].transpose(2, 0, 1), np.zeros((2, *place.shape))])


def session() -> FakeSession:
    return FakeSession(by_quarter, attention(4, [(40, 50, 60), (200, 190, 180)]))


@pytest.fixture
def black_is_ink(monkeypatch):
    """The extractor in place of the network; the pictures that it was shown."""
    shown = []

    def method(rgb, progress):
        shown.append(rgb)
        return (rgb == 0).all(axis=-1).astype(np.float32)

    monkeypatch.setattr(reference, "method_for", lambda options: method)
    return shown


def colors_of(keys) -> list[tuple[int, ...]]:
    """The colours of the keys, by the quarter that each belongs to."""
    order = np.argsort(keys.embedding.argmax(1), kind="stable")
    return [tuple(color) for color in keys.color[order].tolist()]


def test_every_region_is_a_key_with_its_colour(black_is_ink):
    keys = Reference(drawing()).keys(session())
    assert keys.color.dtype == np.uint8
    assert colors_of(keys) == list(COLORS)
    np.testing.assert_allclose(keys.embedding.max(1), 1)
    # The lower right quarter is below and to the right of the upper left.
    first, *_, last = keys.centre[keys.embedding.argmax(1).argsort()]
    np.testing.assert_allclose(first, 0.25, atol=0.02)
    np.testing.assert_allclose(last, 0.75, atol=0.02)


def test_a_shaded_flat_has_its_median_colour(black_is_ink):
    rgb = drawing()
    flat, shade, light = (200, 90, 40), (120, 60, 90), (255, 240, 200)
    rgb[QUARTERS[0]] = flat
    rgb[:12, :31] = shade
    rgb[20:25, 10:20] = light
    assert colors_of(Reference(rgb).keys(session()))[0] == flat


def test_ink_has_no_share_in_a_colour(black_is_ink):
    rgb = drawing()
    rgb[:31, :31:2] = rgb[:31, 1:31:4] = 0  # most of the room is hatched with ink
    keys = Reference(rgb).keys(session())
    assert BLACK not in colors_of(keys)


def test_a_picture_that_is_all_ink_has_the_colour_of_it(black_is_ink):
    assert Reference(np.zeros((9, 9, 3), np.uint8)).keys(session()).color.tolist() == [[0, 0, 0]]


def test_a_reference_colours_the_drawing_that_it_was(black_is_ink):
    source = Reference(drawing())
    coverage = np.where((drawing() == 0).all(axis=-1), np.uint8(255), np.uint8(0))
    found = regions.find(coverage)
    network = session()
    said, keys = look(network, coverage, found), source.keys(network)
    hints = Keys(keys.embedding[:0], keys.color[:0], keys.centre[:0])
    painted = paint(said, hints, reference=keys)[found.label - 1]
    for quarter, color in zip(QUARTERS, COLORS, strict=True):
        assert (painted[quarter] == color).all()


def test_its_lines_are_found_by_the_network_for_extraction():
    skin, cloth = (244, 199, 161), (90, 140, 200)
    colors = [skin, cloth, (250, 250, 250), (120, 180, 90)]
    assert colors_of(Reference(drawing(colors)).keys(session())) == colors


def test_each_network_looks_at_it_once(black_is_ink):
    source, one, other = Reference(drawing()), session(), session()
    assert source.keys(one) is source.keys(one)
    assert source.keys(other) is not source.keys(one)
    assert len(one.seen) == len(other.seen) == 1


def test_a_large_one_is_looked_at_small_and_its_palette_is_its_own(black_is_ink):
    rgb = np.full((20, 2 * LOOK, 3), (200, 90, 40), np.uint8)
    rgb[:, LOOK - 4 : LOOK + 4] = 0
    rgb[:, LOOK + 4 :] = (90, 140, 200)
    keys = Reference(rgb).keys(session())
    assert [shown.shape for shown in black_is_ink] == [(10, LOOK, 3)]
    assert set(colors_of(keys)) == {(200, 90, 40), (90, 140, 200)}


def test_the_palette_is_that_of_the_picture():
    file = io.BytesIO()
    Image.fromarray(drawing()).save(file, "PNG")
    source = Reference(file.getvalue())
    assert set(source.palette.colors) == {*COLORS, BLACK}


def test_what_is_transparent_is_paper(black_is_ink):
    rgba = np.dstack([drawing(), np.full((SIZE, SIZE), 255, np.uint8)])
    rgba[QUARTERS[0]] = (1, 2, 3, 0)
    source = Reference(rgba)
    assert (1, 2, 3) not in source.palette.colors
    assert colors_of(source.keys(session())) == [WHITE, GREEN, BLUE, WHITE]


def test_what_is_no_reference_is_an_error_of_one_line(tmp_path):
    with pytest.raises(UnreadableImage, match="No such file"):
        Reference(tmp_path / "missing.png")
    with pytest.raises(UnreadableImage, match="is no picture"):
        Reference(b"nothing")
    with pytest.raises(ImageTooLarge, match="max_pixels=4096"):
        Reference(drawing(), max_pixels=4095)
    with pytest.raises(NurieError, match=r"^the reference: the picture is transparent throughout"):
        Reference(np.zeros((4, 4, 4), np.uint8))
