"""The example pictures and the toolkit that draws them."""

import importlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

EXAMPLES = Path(__file__).parent.parent / "examples"
PICTURES = {
    "anime": ("RGB", (768, 1024)),
    "cartoon": ("RGB", (800, 800)),
    "portrait": ("RGB", (768, 960)),
    "night": ("RGB", (960, 640)),
    "pencil": ("L", (900, 700)),
    "manga": ("L", (700, 1000)),
    "sticker": ("RGBA", (600, 600)),
    "lines": ("L", (768, 1024)),
}


@pytest.fixture
def draw(monkeypatch):
    """Imports a module of examples/ by name."""
    pytest.importorskip("resvg_py")
    pytest.importorskip("scipy")
    monkeypatch.syspath_prepend(EXAMPLES)
    return importlib.import_module


@pytest.fixture
def toolkit(draw):
    return draw("toolkit")


@pytest.mark.parametrize("name", PICTURES)
def test_picture_has_the_expected_mode_and_size(name):
    with Image.open(EXAMPLES / f"{name}.png") as image:
        image.load()
        assert (image.mode, image.size) == PICTURES[name]


def test_pictures_are_small_enough_for_the_repository():
    assert sum((EXAMPLES / f"{name}.png").stat().st_size for name in PICTURES) < 6_000_000


def test_every_listed_picture_can_be_drawn(draw):
    assert set(draw("draw").PICTURES) == set(PICTURES)


def test_curve_meets_its_knots_and_keeps_corners(toolkit):
    line = toolkit.curve("0,0 40,30 90,10 120,80")
    for knot in toolkit.points("0,0 40,30 90,10 120,80"):
        assert np.hypot(*(line - knot).T).min() < 1e-9
    square = toolkit.outline("0,0 / 60,0 / 60,60 / 0,60")
    on_an_edge = np.isclose(square % 60, 0).any(axis=1)
    assert on_an_edge.all()


def test_tapered_stroke_has_no_width_at_its_ends_and_all_of_it_between(toolkit):
    line = toolkit.curve("0,0 50,20 120,0 200,40")
    left, right = np.split(toolkit.taper(line, 6.0), 2)
    width = np.hypot(*(left - right[::-1]).T)
    assert width[0] == pytest.approx(0)
    assert width[-1] == pytest.approx(0)
    assert width.max() == pytest.approx(6, abs=0.1)


def test_lock_of_hair_runs_to_a_point(toolkit):
    hair = toolkit.lock("0,0 10,60 0,120", (10, 30, 0))
    assert np.allclose(hair.strand(-1)[-1], hair.strand(1)[-1])
    assert np.allclose(hair.strand(0), hair.spine, atol=0.5)


def test_line_layer_keeps_ink_and_leaves_paint_out(toolkit):
    sheet = toolkit.Sheet(60, 20)
    sheet.stroke(toolkit.points("0,10 60,10"), 4, "#802020", closed=False)
    sheet.fill(toolkit.points("20,0 40,0 40,20 20,20"), "#204080")
    sheet.shade(toolkit.points("44,0 60,0 60,20 44,20"), "#000000")
    lines = np.asarray(sheet.render(lines=True))
    assert lines[10, 10] == 0, "ink is black"
    assert lines[10, 30] == 255, "a fill hides the ink under it"
    assert lines[2, 50] == 255, "shading is no line"
    assert np.asarray(sheet.render())[10, 30, :3].tolist() == [0x20, 0x40, 0x80]


def test_screentone_prints_the_grey_it_is_given(toolkit):
    for grey in (0.25, 0.5, 0.8):
        assert toolkit.screentone(np.full((200, 200), grey), 5).mean() == pytest.approx(
            grey, abs=0.03
        )


def test_drawing_twice_gives_the_same_bytes_and_the_committed_picture(draw):
    first, second = draw("sticker").draw(), draw("sticker").draw()
    assert first.tobytes() == second.tobytes()
    with Image.open(EXAMPLES / "sticker.png") as committed:
        # Another machine's arithmetic may round a few pixels the other way.
        difference = np.abs(np.asarray(first, dtype=int) - np.asarray(committed))
    assert difference.mean() < 0.5
