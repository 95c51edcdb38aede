import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image, ImageDraw

from nurie.core import lines

few = settings(max_examples=25, deadline=None)
masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=24))
coverages = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, max_side=24),
    elements=st.floats(0, 1, width=32),
)


def drawing(size: int = 200, shrink: int = 4) -> np.ndarray:
    """Antialiased strokes from 1 to 9 pixels wide, as coverage."""
    canvas = Image.new("L", (size * shrink, size * shrink))
    draw = ImageDraw.Draw(canvas)
    for place, width in enumerate((4, 6, 12, 20, 36)):
        inset = 20 + 70 * place
        draw.ellipse((inset, inset, 790 - inset, 790 - inset), outline=255, width=width)
    draw.line((30, 60, 770, 240), fill=255, width=6)
    draw.line((90, 760, 150, 40), fill=255, width=10)
    return np.asarray(canvas.resize((size, size), Image.Resampling.BOX), np.float32) / 255


def stroke(angle: float, width: float, size: int = 120) -> np.ndarray:
    """Coverage of a stroke of 80 pixels through the middle, its edge antialiased."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    along = x * np.cos(angle) + y * np.sin(angle)
    across = np.abs(x * np.sin(angle) - y * np.cos(angle))
    return (np.clip(width / 2 + 0.5 - across, 0, 1) * (np.abs(along) < 40)).astype(np.float32)


def parts(mask: np.ndarray, cell: int, neighbours: int) -> np.ndarray:
    """How many connected components of `mask` lie in each square cell of a grid."""
    ndimage = pytest.importorskip("scipy.ndimage")
    names, _ = ndimage.label(mask, np.ones((3, 3)) if neighbours == 8 else None)
    cells = names.reshape(len(mask) // cell, cell, -1, cell).swapaxes(1, 2).reshape(-1, cell**2)
    cells = np.sort(cells, axis=1)
    return ((np.diff(cells, axis=1, prepend=0) > 0) & (cells > 0)).sum(axis=1)


def test_thinning_keeps_the_topology_of_every_4x4_pattern():
    bits = np.arange(2**16)[:, None] >> np.arange(16) & 1
    cells = np.pad(bits.reshape(-1, 4, 4).astype(bool), ((0, 0), (1, 1), (1, 1)))
    page = cells.reshape(256, 256, 6, 6).swapaxes(1, 2).reshape(256 * 6, 256 * 6)
    skeleton = lines.thin(page)
    assert (parts(skeleton, 6, 8) == parts(page, 6, 8)).all()
    assert (parts(~skeleton, 6, 4) == parts(~page, 6, 4)).all()


@few
@given(masks)
def test_a_skeleton_is_ink_and_thinning_it_again_changes_nothing(mask):
    skeleton = lines.thin(mask)
    assert skeleton.shape == mask.shape
    assert not (skeleton & ~mask).any()
    assert (lines.thin(skeleton) == skeleton).all()


def test_strokes_are_thinned_to_one_pixel():
    skeleton = lines.thin(drawing() > 0.5)
    squares = skeleton[1:, 1:] & skeleton[1:, :-1] & skeleton[:-1, 1:] & skeleton[:-1, :-1]
    assert not squares.any()
    bar = np.zeros((9, 40), bool)
    bar[2:7] = True
    assert (lines.thin(bar)[:, 3:-3].sum(axis=0) == 1).all()


def test_a_skeleton_lies_where_scikit_image_sees_it():
    morphology = pytest.importorskip("skimage.morphology")
    ndimage = pytest.importorskip("scipy.ndimage")
    mask = drawing() > 0.5
    ours, theirs = lines.thin(mask), morphology.skeletonize(mask)
    assert parts(ours, 200, 8) == parts(theirs, 200, 8)
    for one, other in ((ours, theirs), (theirs, ours)):
        apart = ndimage.distance_transform_edt(~other)[one]
        assert np.mean(apart <= 1.5) > 0.97


def test_soft_leaves_no_haze():
    haze = np.linspace(0, lines.PAPER, 50, dtype=np.float32)[None]
    assert not lines.soft(haze).any()
    assert (lines.soft(np.full((2, 2), 0.95, np.float32)) == 1).all()


def test_ink_keeps_a_faint_end_and_drops_a_faint_line_and_a_speck():
    coverage = np.zeros((40, 60), np.float32)
    coverage[10:13, 5:30] = 0.9
    coverage[10:13, 30:50] = 0.25
    coverage[20:23, 5:50] = 0.3
    coverage[30:32, 30:32] = 1
    inked = lines.ink(coverage)
    assert (inked[11, 6:49] > 0.9).all()
    assert not inked[16:].any()


@pytest.mark.parametrize("sureness", [1.0, 0.6, 0.42])
def test_ink_is_solid_however_unsure_the_network_was(sureness):
    unsure = drawing() * np.float32(sureness)
    inked = lines.ink(unsure)
    assert inked[drawing() == 1].min() > 0.95
    assert inked[lines.dilate(drawing(), 2) == 0].max() == 0


def test_ink_has_smooth_edges_and_the_strokes_their_width():
    line = stroke(0.3, width=6)
    inked = lines.ink(line)
    assert inked.sum() == pytest.approx(line.sum(), rel=0.03)
    edge = (line > 0) & (line < 1)
    assert np.mean((inked[edge] > 0.02) & (inked[edge] < 0.98)) > 0.4


@pytest.mark.parametrize("angle", np.linspace(0, np.pi / 2, 7))
@pytest.mark.parametrize("width", [1, 3, 7])
def test_hairlines_are_equally_wide_at_every_angle(angle, width):
    drawn = lines.thinned(stroke(angle, width))
    y, x = np.mgrid[:120, :120] - 59.5
    middle = np.abs(x * np.cos(angle) + y * np.sin(angle)) < 25
    assert drawn[middle].sum() / 50 == pytest.approx(lines.HAIRLINE, rel=0.06)
    across = np.abs(x * np.sin(angle) - y * np.cos(angle))
    assert not drawn[middle & (across > 2.5)].any()


def test_a_hairline_runs_between_the_pixels_if_the_ink_does():
    coverage = np.zeros((20, 40), np.float32)
    coverage[10:12, 4:36] = 0.5
    drawn = lines.thinned(coverage)[:, 10:30]
    assert drawn[10] == pytest.approx(drawn[11], abs=0.01)


@few
@given(coverages)
def test_strokes_are_those_of_a_plain_labelling(coverage):
    ndimage = pytest.importorskip("scipy.ndimage")
    names, count = ndimage.label(coverage >= lines.WEAK, np.ones((3, 3)))
    kept = np.zeros(coverage.shape, bool)
    for name in range(1, count + 1):
        part = names == name
        kept |= part & (part.sum() >= lines.SPECK and coverage[part].max() >= lines.STRONG)
    assert (lines._strokes(coverage) == kept).all()


def test_a_spiral_is_one_stroke():
    # Its runs are joined one after the other, the longest way for pointer jumping.
    turn = np.linspace(0, 40 * np.pi, 60_000)
    spiral = np.zeros((300, 300), np.float32)
    y, x = 150 + turn * np.sin(turn), 150 + turn * np.cos(turn)
    spiral[np.rint(y).astype(int), np.rint(x).astype(int)] = 0.3
    assert not lines.ink(spiral).any()
    spiral[150, 150] = 1
    assert (lines.ink(spiral) > 0.5).sum() >= (spiral > 0).sum()


@pytest.mark.parametrize("style", lines.STYLES)
@few
@given(coverage=coverages)
def test_every_style_gives_a_line_map(style, coverage):
    styled = lines.STYLES[style](coverage)
    assert styled.shape == coverage.shape
    assert styled.dtype == np.float32
    assert styled.min() >= 0
    assert styled.max() <= 1


@few
@given(coverages, st.integers(0, 5))
def test_dilation_is_the_maximum_around(coverage, radius):
    padded = np.pad(coverage, radius)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2 * radius + 1,) * 2)
    assert (lines.dilate(coverage, radius) == windows.max(axis=(2, 3))).all()


def test_black_ink_on_white_paper():
    assert lines.over_white(np.array([[0, 0.5, 1]], np.float32)).tolist() == [[255, 127, 0]]


def painted_ring(ink: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """A ring in coloured ink around yellow paint on green ground; coverage and picture."""
    y, x = np.mgrid[:60, :60] - 29.5
    radius = np.hypot(y, x)
    coverage = np.clip(2.5 - np.abs(radius - 20), 0, 1).astype(np.float32)
    paint = np.where(radius[..., None] < 20, (255, 224, 96), (176, 208, 160))
    alpha = coverage[..., None]
    return coverage, np.rint(paint * (1 - alpha) + np.array(ink) * alpha).astype(np.uint8)


def test_recoloured_ink_brings_no_paint_along():
    ink = (160, 16, 32)
    coverage, rgb = painted_ring(ink)
    expected = 255 * (1 - coverage[..., None]) + np.array(ink) * coverage[..., None]
    assert np.abs(lines.recolour(coverage, rgb) - expected).max() <= 1


def test_ink_keeps_a_change_of_colour_along_the_stroke():
    coverage = np.zeros((9, 20), np.float32)
    coverage[3:6] = 1
    rgb = np.full((9, 20, 3), 255, np.uint8)
    rgb[3:6, :10], rgb[3:6, 10:] = (100, 0, 0), (0, 51, 0)  # as dark as each other
    assert (lines.recolour(coverage, rgb) == rgb).all()


def test_a_transparent_layer_over_white_is_the_opaque_picture():
    coverage, rgb = painted_ring((40, 60, 150))
    for layer, opaque in (
        (lines.as_transparent(coverage), np.stack([lines.over_white(coverage)] * 3, axis=2)),
        (lines.as_transparent(coverage, rgb), lines.recolour(coverage, rgb)),
    ):
        over = Image.new("RGBA", (60, 60), "white")
        over.alpha_composite(Image.fromarray(layer))
        assert np.abs(np.asarray(over)[..., :3].astype(int) - opaque).max() <= 1
