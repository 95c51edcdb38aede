import numpy as np
import pytest
from PIL import Image

pytest.importorskip("resvg_py")
pytest.importorskip("skimage")

from skimage import color

from hand_made import SQUARE, drawing, inked_square
from nurie.core.errors import NurieError
from nurie.data import render as module
from nurie.data.render import SIZE, THIN, render
from nurie.data.sources import Drawing

UNIT = SIZE / 100


def at(layer: np.ndarray, x: float, y: float):
    """The pixel at a place in units of the drawing."""
    return layer[int(y * UNIT), int(x * UNIT)]


def strip(fill: str, x: float, width: float = 50) -> str:
    return f'<rect x="{x}" width="{width}" height="100" fill="{fill}"/>'


def flat(left: str, right: str) -> Drawing:
    """Two halves of paint that meet in the middle and reach every edge, and no ink."""
    return drawing(f'<g id="color">{strip(left, 0)}{strip(right, 50)}</g><g id="line"/>')


def test_groups_ink_is_rendered_apart_from_paint():
    layers = render(inked_square())
    assert at(layers.line, 50, 20) == 255
    assert at(layers.line, 50, 50) == 0
    assert at(layers.line, 50, 10) == 0
    # Under the ink lies the paint that the ink would hide, and outside it nothing.
    assert at(layers.fill, 50, 21).tolist() == [255, 0, 0, 255]
    assert at(layers.fill, 50, 19)[3] == 0
    # The outline covers 64 x 64 less 56 x 56 units.
    assert layers.line.sum() / 255 == pytest.approx((64**2 - 56**2) * UNIT**2, rel=0.01)


def test_groups_white_shapes_in_the_ink_hide_the_ink_behind_them():
    body = (
        f'<g id="color">{SQUARE} fill="#0f0"/></g>'
        f'<g id="line"><path d="M10 50H90" stroke="#000" stroke-width="4"/>'
        '<circle cx="50" cy="50" r="20" fill="#fff"/></g>'
    )
    layers = render(drawing(body))
    assert at(layers.line, 25, 50) == 255
    assert at(layers.line, 50, 50) == 0


def test_dark_ink_is_lifted_from_the_paint():
    body = f'{SQUARE} fill="#ffcc88"/><path d="M20 50H80" stroke="#111" stroke-width="4"/>'
    layers = render(drawing(body, ink="dark"))
    assert at(layers.line, 50, 50) == 255
    assert at(layers.line, 50, 40) == 0
    inside = layers.fill[int(25 * UNIT) : int(75 * UNIT), int(25 * UNIT) : int(75 * UNIT)]
    assert (inside == (0xFF, 0xCC, 0x88, 255)).all()
    assert layers.label.max() == 2  # the ink divides what it was lifted from


def test_dark_surfaces_stay_paint():
    layers = render(drawing(f'{SQUARE} fill="#111"/>', ink="dark"))
    assert at(layers.fill, 50, 50).tolist() == [0x11, 0x11, 0x11, 255]


def test_outlines_are_hidden_by_the_shapes_painted_later():
    body = (
        '<rect x="10" y="10" width="50" height="50" fill="#fa0"/>'
        '<rect x="40" y="40" width="50" height="50" fill="#0af"/>'
    )
    line = render(drawing(body, ink="outline")).line
    assert at(line, 25, 10) == 255
    assert at(line, 40, 75) == 255
    assert at(line, 40, 50) == 255  # the upper square's edge on the lower one
    assert at(line, 60, 50) == 0  # the lower square's edge under the upper one
    assert at(line, 50, 60) == 0
    assert at(line, 25, 25) == at(line, 75, 75) == 0


@pytest.mark.parametrize("veil", ['opacity="0.3"', 'fill-opacity="0.3"', 'style="opacity:0.3"'])
def test_outlines_leave_shading_out(veil):
    shade = f'<rect x="30" y="30" width="20" height="20" fill="#432" {veil}/>'
    line = render(drawing(f'{SQUARE} fill="#cba"/>{shade}', ink="outline")).line
    assert at(line, 50, 20) == 255
    assert at(line, 30, 40) == at(line, 40, 40) == 0


@pytest.mark.parametrize("black", ["#000", "#0a0a0a", "black", "rgb(9, 9, 9)", "midnightblue"])
def test_dark_paint_is_told_in_every_spelling(black):
    body = f'{SQUARE} fill="#fff"/><circle cx="50" cy="50" r="9" fill="{black}"/>'
    assert at(render(drawing(body, ink="dark")).line, 50, 50) == 255


@pytest.mark.parametrize("light", ["#fff", "gold", "url(#gradient)", "no-such-colour"])
def test_paint_that_is_light_or_unknown_is_no_ink(light):
    assert module._luma(light) > module._DARK


def test_a_seam_is_drawn_where_two_hues_meet():
    line = render(flat("#e02020", "#2040e0")).line
    assert line[20:236, 127].min() > 200
    assert at(line, 25, 50) == at(line, 75, 50) == 0
    columns = np.flatnonzero(line[128, 20:236] > 64) + 20
    assert columns.min() >= 125
    assert columns.max() <= 130


def test_no_seam_is_drawn_between_light_and_shade_of_one_colour():
    line = render(flat("#d0a080", "#a88468")).line
    assert line[20:236, 20:236].max() == 0


def shaded(rgb: tuple[int, int, int], share: float) -> np.ndarray:
    """A colour under a share of the light: light is linear, sRGB is not."""
    light = np.array(rgb) / 255
    light = np.where(light > 0.04045, ((light + 0.055) / 1.055) ** 2.4, light / 12.92) * share
    return np.where(light > 0.0031308, 1.055 * light ** (1 / 2.4) - 0.055, light * 12.92)


def differ(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two sRGB colours in [0, 1] are of two paints, whichever comes first."""
    lab = color.rgb2lab(np.stack([one, other]))
    (there,), (back,) = module._differ(lab[:1], lab[1:]), module._differ(lab[1:], lab[:1])
    assert there == back
    return bool(there)


BLUE, RED, GREEN = (20, 50, 230), (230, 30, 30), (30, 200, 60)


@pytest.mark.parametrize("rgb", [BLUE, RED, GREEN, (208, 160, 128), (255, 0, 255), (128, 128, 128)])
def test_a_colour_under_less_light_is_the_same_paint(rgb):
    lab = color.rgb2lab(np.stack([shaded(rgb, 1.0), shaded(rgb, 0.4)]))
    assert not differ(shaded(rgb, 1.0), shaded(rgb, 0.4))
    if rgb in (BLUE, RED, GREEN):  # though in Lab their chroma is far apart
        assert np.hypot(*(lab[0] - lab[1])[1:]) > module._HUE


@pytest.mark.parametrize("share", [1.0, 0.4])
@pytest.mark.parametrize(("one", "other"), [(RED, BLUE), (RED, GREEN), (GREEN, BLUE)])
def test_two_hues_are_two_paints_even_if_one_lies_in_shade(one, other, share):
    assert differ(shaded(one, 1.0), shaded(other, share))


def test_a_hue_and_the_grey_of_its_lightness_are_two_paints():
    lightness = color.rgb2lab(shaded(RED, 1.0))[0]
    grey = color.lab2rgb(np.array([lightness, 0.0, 0.0]))
    assert differ(shaded(RED, 1.0), grey)


def test_white_and_black_are_two_paints_though_they_have_no_hue():
    white, grey, black = (shaded((tone, tone, tone), 1.0) for tone in (255, 170, 0))
    assert differ(white, black)
    assert differ(grey, black)
    assert not differ(white, grey)
    assert not differ(black, black)


def test_no_seam_is_drawn_along_the_shadow_of_a_saturated_colour():
    dark = [round(float(value) * 255) for value in shaded(RED, 0.4)]
    layers = render(flat("rgb({},{},{})".format(*RED), "rgb({},{},{})".format(*dark)))
    assert layers.label.max() == 2
    assert layers.line[20:236, 20:236].max() == layers.edge[20:236, 20:236].max() == 0


def test_paint_that_ends_without_ink_ends_in_a_line_on_every_side():
    line = render(drawing(f'<g id="color">{SQUARE} fill="#c84"/></g><g id="line"/>')).line
    for turned in (line, line[::-1], line.T, line[:, ::-1].T):
        (edge,) = np.nonzero(turned[:128, 128] > 127)
        assert abs(edge - 20 * UNIT).max() < 2.5
    assert at(line, 50, 50) == at(line, 50, 10) == 0


def test_art_that_fills_its_square_ends_in_a_line_on_every_side():
    line = render(flat("#c84", "#c84")).line
    assert line[0].min() > 127
    assert (line == line[::-1]).all()
    assert (line == line.T).all()
    assert line[4:-4, 4:-4].max() == 0


def test_no_second_seam_is_drawn_where_ink_runs():
    paint = f'<g id="color">{strip("#e02020", 0)}{strip("#2040e0", 50)}</g>'
    ink = '<g id="line"><path d="M50 0V100" stroke="#000" stroke-width="2"/></g>'
    line = render(drawing(paint + ink)).line
    assert (np.flatnonzero(line[128, 20:236]) + 20).tolist() == [125, 126, 127, 128, 129, 130]


def has_its_rim_at(edge: np.ndarray, place: float) -> bool:
    """Whether one line, 3 pixels wide at most, runs at this distance from every side."""
    sides = (edge, edge[::-1], edge.T, edge[:, ::-1].T)
    rows = [np.flatnonzero(side[:128, 128] > 127) for side in sides]
    return all(1 <= len(row) <= 3 and abs(row + 0.5 - place * UNIT).max() < 2 for row in rows)


def test_the_edge_is_where_paint_ends_however_it_is_inked():
    edge = render(inked_square()).edge  # the ink is 10 pixels wide
    assert has_its_rim_at(edge, 20)
    assert edge[60:196, 60:196].max() == edge[:40].max() == 0


def test_a_stroke_of_flat_art_is_ink_and_no_paint():
    mouth = '<path d="M35 50H65" fill="none" stroke="#a33" stroke-width="3"/>'
    layers = render(drawing(f'{SQUARE} fill="#ffcc88"/>{mouth}', ink="outline"))
    assert at(layers.line, 50, 50) == 255
    assert at(layers.fill, 50, 50).tolist() == [0xFF, 0xCC, 0x88, 255]
    assert layers.edge[60:196, 60:196].max() == 0
    assert has_its_rim_at(layers.edge, 20)


@pytest.mark.parametrize("paint", ["#000", "#fff", "#c84"])
def test_paint_ends_in_an_edge_whatever_its_colour(paint):
    assert has_its_rim_at(render(drawing(f'<g id="color">{SQUARE} fill="{paint}"/></g>')).edge, 20)


def test_the_edge_runs_between_two_hues_under_the_ink_too():
    paint = f'<g id="color">{strip("#e02020", 0)}{strip("#2040e0", 50)}</g>'
    ink = '<g id="line"><path d="M50 0V100" stroke="#000" stroke-width="6"/></g>'
    edge = render(drawing(paint + ink)).edge
    assert (edge == render(flat("#e02020", "#2040e0")).edge).all()
    assert edge[20:236, 127].min() > 200
    columns = np.flatnonzero(edge[128, 20:236] > 64) + 20
    assert columns.min() >= 125
    assert columns.max() <= 130


def test_there_is_no_edge_where_ink_lies_amid_one_paint():
    ink = '<g id="line"><path d="M10 50H90M50 10V90" stroke="#000" stroke-width="4"/></g>'
    inked = render(drawing(f'<g id="color">{SQUARE} fill="#c84"/></g>{ink}'))
    bare = render(drawing(f'<g id="color">{SQUARE} fill="#c84"/></g>'))
    assert at(inked.line, 50, 40) == at(inked.line, 40, 50) == 255
    assert (inked.edge == bare.edge).all()
    assert inked.edge[60:196, 60:196].max() == 0


def test_there_is_no_edge_where_ink_lies_on_no_paint():
    ink = '<g id="line"><path d="M10 50H90" stroke="#000" stroke-width="4"/></g>'
    assert render(drawing(ink)).edge.max() == 0


def test_the_edge_of_a_pen_drawing_is_where_its_paint_ends():
    stroke = '<path d="M30 50H70" stroke="#111" stroke-width="4"/>'
    surface = '<rect x="30" y="30" width="14" height="14" fill="#111"/>'
    edge = render(drawing(f'{SQUARE} fill="#ffcc88"/>{stroke}', ink="dark")).edge
    assert (edge == render(drawing(f'{SQUARE} fill="#ffcc88"/>', ink="dark")).edge).all()
    assert has_its_rim_at(edge, 20)
    assert edge[60:196, 60:196].max() == 0
    # A wide dark surface is paint, and has an edge where it meets the light one.
    edge = render(drawing(f'{SQUARE} fill="#ffcc88"/>{surface}', ink="dark")).edge
    rows = np.flatnonzero(edge[60:100, int(37 * UNIT)] > 127) + 60
    assert abs(rows - 30 * UNIT).min() < 3
    assert at(edge, 37, 37) == 0


def test_the_outline_of_a_pen_drawing_is_lifted_and_its_rim_is_the_edge():
    outlined = f'{SQUARE} fill="#ffcc88" stroke="#111" stroke-width="4"/>'
    layers = render(drawing(outlined, ink="dark"))
    assert at(layers.line, 50, 20) == 255
    assert has_its_rim_at(layers.edge, 18)  # the paint runs to where the outline ended


def test_flat_art_has_its_edges_where_its_outlines_are():
    body = (
        '<rect x="10" y="10" width="50" height="50" fill="#fa0"/>'
        '<rect x="40" y="40" width="50" height="50" fill="#0af"/>'
    )
    layers = render(drawing(body, ink="outline"))
    for x, y in ((25, 10), (40, 75), (50, 40), (40, 50)):
        assert layers.edge[int(y * UNIT) - 1 : int(y * UNIT) + 2, int(x * UNIT)].max() > 127
    assert at(layers.edge, 60, 50) == at(layers.edge, 50, 60) == at(layers.edge, 25, 25) == 0


def test_regions_are_divided_by_ink_and_the_largest_is_first():
    bar = '<g id="line"><path d="M40 0V100" stroke="#000" stroke-width="4"/></g>'
    label = render(drawing(f'<g id="color">{SQUARE} fill="#0c0"/></g>{bar}')).label
    assert at(label, 60, 50) == 1
    assert at(label, 30, 50) == 2
    assert at(label, 10, 50) == 0
    assert set(np.unique(label)) == {0, 1, 2}
    # What lies under the ink belongs to the side that is nearer.
    assert at(label, 39, 50) == 2
    assert at(label, 41.5, 50) == 1


def test_slivers_belong_to_the_region_around_them():
    dot = '<rect x="50" y="50" width="1.5" height="1.5" fill="#00f"/>'
    spot = '<rect x="30" y="30" width="5" height="5" fill="#00f"/>'
    label = render(drawing(f'<g id="color">{SQUARE} fill="#0c0"/>{dot}{spot}</g>')).label
    assert at(label, 50.5, 50.5) == at(label, 60, 60) == 1
    assert at(label, 32, 32) == 2


def test_there_are_never_more_regions_than_a_byte_counts():
    cells = "".join(
        f'<rect x="{5 * i}" y="{5 * j}" width="5" height="5" fill="#{i:x}{j:x}{(i + j) % 2 * 8}"/>'
        for i in range(16)
        for j in range(16)
    )
    layers = render(drawing(f'<g id="color">{cells}{strip("#fff", 80)}</g>'))
    assert layers.label.max() == 255
    assert (layers.label[layers.fill[..., 3] == 255] > 0).all()


def test_a_hairline_is_the_same_line_drawn_thinner():
    layers = render(inked_square())
    assert (layers.hairline <= layers.line).all()
    # The middle of the stroke stays where it is: 4 units wide, so THIN x 4 of them are left.
    assert at(layers.hairline, 50, 20) == 255
    share = layers.hairline.sum(dtype=float) / layers.line.sum(dtype=float)
    assert share == pytest.approx(THIN, abs=0.02)


def test_ink_of_unknown_width_has_no_hairline():
    body = f'{SQUARE} fill="#fc8"/><circle cx="50" cy="50" r="9" fill="#000"/>'
    layers = render(drawing(body, ink="dark"))
    assert (layers.hairline == layers.line).all()


@pytest.mark.parametrize(("box", "rows", "columns"), [
    ("0 0 200 100", (64, 191), (0, 255)),
    ("0 0 50 100", (0, 255), (64, 191)),
])  # fmt: skip
def test_art_that_is_not_square_is_set_into_the_middle(box, rows, columns):
    body = '<g id="color"><rect width="200" height="100" fill="#f00"/></g>'
    y, x = np.nonzero(render(drawing(body, box=box)).fill[..., 3] > 127)
    assert (y.min(), y.max()) == rows
    assert (x.min(), x.max()) == columns


@pytest.mark.parametrize("ink", ["groups", "dark", "outline"])
@pytest.mark.parametrize("svg", [
    "", "no drawing", "<svg", "<html/>", "<svg>\0</svg>",
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>',
    '<svg xmlns="http://www.w3.org/2000/svg" width="0" height="0"><rect/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg">' + "<g>" * 9999 + "</g>" * 9999 + "</svg>",
], ids=["empty", "text", "cut off", "html", "nul", "blank", "no size", "deep"])  # fmt: skip
def test_a_broken_drawing_is_a_one_line_error_that_names_it(svg, ink):
    broken = Drawing("b", "source", "b", "CC0 1.0", "nobody", svg=svg, ink=ink)
    with pytest.raises(NurieError, match=r"^source/b .*$"):
        render(broken)


def test_a_picture_is_paint_alone(tmp_path):
    wide = Image.new("RGB", (90, 30), "red")
    wide.paste("blue", (30, 0, 60, 30))
    wide.save(tmp_path / "wide.png")
    layers = render(Drawing("w", "folder", "w", "unknown", "me", picture=tmp_path / "wide.png"))
    assert (layers.fill == (0, 0, 255, 255)).all()
    assert layers.line.max() == layers.hairline.max() == layers.edge.max() == 0
    assert (layers.label == 1).all()


def test_a_damaged_picture_is_an_error(tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    with pytest.raises(NurieError, match=r"bad\.png"):
        render(Drawing("b", "folder", "b", "unknown", "me", picture=tmp_path / "bad.png"))


def test_rendering_is_the_same_every_time():
    first, again = render(inked_square()), render(inked_square())
    for layer in ("fill", "line", "hairline", "edge", "label"):
        assert (getattr(first, layer) == getattr(again, layer)).all()
