import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageDraw

import nurie
from fake_color import FakeSession, attention
from nurie import Artwork, ColorizeOptions, Colorizer, Hint, NurieError, Palette, Stroke
from nurie.core.errors import ImageTooLarge, UnknownModel, UnreadableImage
from nurie.core.hints import paint
from nurie.core.types import Group, Layer
from nurie.tasks.colorize import is_layered
from nurie.tasks.layers import flatten
from nurie.tasks.reference import Reference

SIZE = 100
BARE = ColorizeOptions(only_hints=True)
NEAREST = ColorizeOptions(model="nearest")
RED, BLUE, GREEN = (255, 0, 0), (0, 0, 255), (0, 160, 0)
IN_LEFT, IN_RIGHT, OUTSIDE = (30, 50), (70, 50), (4, 4)
LEFT, RIGHT = np.s_[12:89, 12:49], np.s_[12:89, 52:89]


def colorize(lines, hints=None, **options) -> Artwork:
    """What the hints alone do."""
    return nurie.colorize(lines, hints, ColorizeOptions(**{"only_hints": True, **options}))


def rooms(opening: int = 0, mode: str = "L") -> Image.Image:
    """Two rooms in black on white, with an opening of some pixels in the wall at x = 49 to 51."""
    image = Image.new("L", (SIZE, SIZE), 255)
    draw = ImageDraw.Draw(image)
    draw.rectangle((10, 10, 90, 90), outline=0, width=2)
    draw.rectangle((49, 10, 51, 49), fill=0)
    draw.rectangle((49, 50 + opening, 51, 90), fill=0)
    return image.convert(mode)


def transparent_rooms() -> np.ndarray:
    """The rooms in black on nothing; the colours under the nothing are noise."""
    image = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 4), np.uint8)
    ink = np.asarray(rooms()) == 0
    image[ink] = (0, 0, 0, 255)
    image[~ink, 3] = 0
    return image


def dot(place: tuple[float, float], color: tuple[int, ...] = RED, radius: float = 3) -> Hint:
    return Hint(*place, color, radius)


def has_color(pixels: np.ndarray, color: tuple[int, int, int]) -> np.ndarray:
    """Where RGBA pixels are opaque and of exactly the colour."""
    return (pixels == (*color, 255)).all(axis=-1)


def colors_of(pixels: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(color) for color in np.unique(pixels.reshape(-1, 4), axis=0).tolist()}


NOTHING = (0, 0, 0, 0)


# Regions


def test_a_dot_fills_its_region_and_nothing_else():
    art = colorize(rooms(), [dot(IN_LEFT, (244, 199, 161))])
    assert has_color(art.flats[LEFT], (244, 199, 161)).all()
    assert colors_of(art.flats) == {NOTHING, (244, 199, 161, 255)}
    assert not art.flats[RIGHT].any()
    assert not art.flats[:9].any()


def test_no_seam_is_left_under_the_line():
    art = colorize(rooms(), [dot(IN_LEFT), dot(IN_RIGHT, BLUE), dot(OUTSIDE, GREEN)])
    assert (art.flats[..., 3] == 255).all()
    assert colors_of(art.flats) == {(*color, 255) for color in (RED, BLUE, GREEN)}


def test_a_small_gap_does_not_leak_and_without_closing_it_does():
    tight = colorize(rooms(opening=4), [dot(IN_LEFT)])
    assert has_color(tight.flats[LEFT], RED).all()
    assert not tight.flats[RIGHT].any()
    leaky = colorize(rooms(opening=4), [dot(IN_LEFT)], gap=0)
    assert has_color(leaky.flats[RIGHT], RED).all()


@pytest.mark.parametrize("gap", [1e300, float("inf")])
def test_a_gap_beyond_the_picture_ends(gap):
    art = colorize(rooms(opening=20), [dot(IN_LEFT)], gap=gap)
    assert not art.flats[RIGHT].any()


def test_without_hints_nothing_is_painted():
    art = colorize(rooms())
    assert not art.flats.any()
    assert not art.hints.any()
    assert art.colors == ()
    assert (np.asarray(art.image) == np.asarray(rooms(mode="RGB"))).all()


def test_of_two_dots_in_a_room_each_has_its_half():
    art = colorize(rooms(), [dot((30, 30)), dot((30, 70), BLUE), dot(IN_RIGHT, GREEN)])
    assert has_color(art.flats[12:48, 12:49], RED).all()
    assert has_color(art.flats[53:89, 12:49], BLUE).all()
    assert has_color(art.flats[RIGHT], GREEN).all()


def test_a_hint_is_law_to_its_last_pixel():
    marks = [
        dot((20, 20), RED, 0),
        dot((21, 20), BLUE, 0),
        dot((30, 60), GREEN, 9),
        dot((30, 60), (1, 2, 3), 1),
        dot((50, 50), (4, 5, 6), 12),  # on the wall
        Stroke([(15, 80), (85, 30)], (7, 8, 9), 1),
    ]
    art = colorize(rooms(), marks)
    hinted = art.hints[..., 3] > 0
    assert (art.hints == paint(marks, SIZE, SIZE)).all()
    assert (art.flats[hinted] == art.hints[hinted]).all()


@pytest.mark.parametrize("place", [(45, 50), (46, 50), (47, 50), (48, 50)])
def test_the_rim_of_a_dot_may_run_over_the_line(place):
    art = colorize(rooms(), [dot(place), dot(IN_RIGHT, BLUE)])
    assert has_color(art.flats[LEFT], RED).all()
    hinted = art.hints[RIGHT][..., 3] > 0
    assert has_color(art.flats[RIGHT], BLUE)[~hinted].all()


def test_a_dot_larger_than_its_region_colours_no_other():
    image = rooms()
    ImageDraw.Draw(image).rectangle((27, 47, 33, 53), outline=0)  # 5 x 5 within
    art = colorize(image, [dot(IN_LEFT, RED, 4.5), dot((30, 20), BLUE)])
    assert has_color(art.flats[48:53, 28:33], RED).all()
    hinted = art.hints[LEFT][..., 3] > 0
    elsewhere = np.ones((SIZE, SIZE), bool)
    elsewhere[46:55, 26:35] = False
    assert has_color(art.flats[LEFT], BLUE)[~hinted & elsewhere[LEFT]].all()


@pytest.mark.parametrize("radius", [0, 1, 3, 8])
def test_a_stroke_colours_every_region_that_it_runs_through(radius):
    art = colorize(rooms(), [Stroke([(30, 40), (70, 60)], RED, radius)])
    assert has_color(art.flats[LEFT], RED).all()
    assert has_color(art.flats[RIGHT], RED).all()
    assert not art.flats[:9].any()


def test_a_region_may_be_divided_by_strokes():
    art = colorize(rooms(), [Stroke([(20, 15), (20, 85)], RED), Stroke([(40, 15), (40, 85)], BLUE)])
    assert has_color(art.flats[15:86, 12:29], RED).all()
    assert has_color(art.flats[15:86, 32:49], BLUE).all()


def test_bare_regions_take_the_nearest_colour_when_told():
    hints = [dot((30, 20)), dot((80, 30), BLUE)]
    image = rooms()
    ImageDraw.Draw(image).rectangle((15, 60, 35, 80), outline=0)
    ImageDraw.Draw(image).rectangle((65, 60, 85, 80), outline=0)
    assert not colorize(image, hints).flats[64:77, 69:82].any()
    art = nurie.colorize(image, hints, NEAREST)
    assert has_color(art.flats[64:77, 19:32], RED).all()
    assert has_color(art.flats[64:77, 69:82], BLUE).all()
    assert (art.flats[..., 3] == 255).all()
    assert not nurie.colorize(image, [], NEAREST).flats.any()


def test_a_small_dot_is_not_lost_among_large_strokes_when_colours_spread():
    image = Image.new("L", (400, 400), 255)
    ImageDraw.Draw(image).rectangle((300, 300, 390, 390), outline=0, width=2)
    ImageDraw.Draw(image).rectangle((330, 330, 360, 360), outline=0, width=2)
    hints = [Stroke([(100, 40), (100, 360)], RED, 90), dot((310, 310), BLUE, 0)]
    art = nurie.colorize(image, hints, NEAREST)
    assert has_color(art.flats[333:358, 333:358], BLUE).all()


def test_one_line_art_is_painted_many_times():
    colorizer = Colorizer(rooms(), BARE)
    first = colorizer.paint([dot(IN_LEFT)])
    second = colorizer.paint([dot(IN_RIGHT, BLUE)])
    assert colors_of(first.flats) == {NOTHING, (*RED, 255)}
    assert (second.flats == colorize(rooms(), [dot(IN_RIGHT, BLUE)]).flats).all()


# Line art


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "P", "RGBA"])
def test_the_line_layer_is_the_line_art_bit_for_bit(mode):
    image = rooms(mode=mode)
    line = colorize(image, [dot(IN_LEFT)]).line
    assert (line == np.asarray(image.convert("RGBA"))).all()


@pytest.mark.parametrize("ending", ["psd", "ora"])
@pytest.mark.parametrize("grain", [1, 3, 4], ids=["grey", "RGB", "RGBA"])
def test_grain_colour_and_what_lies_under_alpha_stay_in_the_line(grain, ending):
    lines = np.random.default_rng(0).integers(0, 256, (40, 50, grain), np.uint8)
    lines[:10, :, -1] = 0
    art = colorize(lines, [dot((20, 20))])
    assert (art.line[..., :grain] == lines).all()
    assert (art.line[..., 3] == (lines[..., 3] if grain == 4 else 255)).all()
    assert (top_layer(art, ending) == art.line).all()


def top_layer(art: Artwork, ending: str) -> np.ndarray:
    """The line as another program reads it."""
    file = io.BytesIO(art.encode(ending))
    picture = Image.new("RGBA", (art.line.shape[1], art.line.shape[0]))
    if ending == "psd":
        line = pytest.importorskip("psd_tools").PSDImage.open(file)[-1]
        picture.paste(line.topil(), (line.left, line.top))
    else:
        line = pytest.importorskip("pyora").Project.load(file)["/line"]
        picture.paste(line.get_image_data(raw=True), line.offsets)
    return np.asarray(picture)


def test_transparent_line_art_is_coloured_where_it_has_no_ink():
    art = colorize(transparent_rooms(), [dot(IN_LEFT), dot(IN_RIGHT, BLUE)])
    assert (art.line == transparent_rooms()).all()
    assert has_color(art.flats[LEFT], RED).all()
    assert has_color(art.flats[RIGHT], BLUE).all()
    shown = np.asarray(art.image)
    assert art.image.mode == "RGBA"
    assert has_color(shown[LEFT], RED).all()
    assert has_color(shown[20:80, 49:52], (0, 0, 0)).all()
    assert not shown[:9].any()


def test_pale_and_coloured_ink_is_ink():
    lines = np.asarray(rooms(mode="RGB")).copy()
    lines[(lines == 0).all(axis=-1)] = (120, 150, 230)
    art = colorize(lines, [dot(IN_LEFT)])
    assert has_color(art.flats[LEFT], RED).all()
    assert not art.flats[RIGHT].any()


def test_what_reading_left_out_is_noted():
    file = io.BytesIO()
    rooms().save(file, "GIF", save_all=True, append_images=[Image.new("L", (SIZE, SIZE))])
    assert colorize(file.getvalue()).notes == ("the first of 2 frames was taken",)


def test_line_art_that_cannot_be_read_is_an_error_of_one_line(tmp_path):
    with pytest.raises(UnreadableImage, match="No such file"):
        colorize(tmp_path / "missing.png")
    with pytest.raises(ImageTooLarge, match="max_pixels=10000"):
        colorize(rooms(), max_pixels=9999)


# Hints


@pytest.fixture
def hint_files(tmp_path) -> list:
    """The same hints in every form."""
    marks = [Stroke([(20, 20), (30, 70)], (244, 199, 161), 2), dot(IN_RIGHT, BLUE, 4)]
    layer = paint(marks, SIZE, SIZE)
    content = {
        "hints": [{"x": 70, "y": 50, "radius": 4, "color": "#0000ff"}],
        "strokes": [{"points": [[20, 20], [30, 70]], "radius": 2, "color": "#f4c7a1"}],
    }
    (tmp_path / "dots.json").write_text(json.dumps(content))
    Image.fromarray(layer).save(tmp_path / "dots.png")
    paths = [tmp_path / "dots.json", tmp_path / "dots.png"]
    return [marks, layer, Image.fromarray(layer), *paths, *(path.read_bytes() for path in paths)]


def test_every_form_of_hints_gives_the_same_artwork(hint_files):
    colorizer = Colorizer(rooms(), BARE)
    arts = [colorizer.paint(hints) for hints in hint_files]
    assert has_color(arts[0].flats[LEFT], (244, 199, 161)).all()
    assert has_color(arts[0].flats[RIGHT], BLUE).all()
    for art in arts[1:]:
        assert (art.flats == arts[0].flats).all()
        assert (art.hints == arts[0].hints).all()


@pytest.mark.parametrize(
    ("hints", "says"),
    [
        ([dot((100, 50))], r"\(100, 50\) lies outside.*100 x 100"),
        ([dot((-1, 50))], r"\(-1, 50\) lies outside"),
        (Image.new("RGBA", (50, 60)), "50 x 60, but the line art is 100 x 100"),
        (Image.new("RGBA", (200, 100)), "larger than the line art"),
        (np.zeros((60, 50, 4), np.uint8), r"\(100, 100, 4\)"),
        ("missing.json", "'missing.json' can't be read"),
        (b"{", "no JSON"),
    ],
    ids=["outside", "before", "smaller", "larger", "array", "missing", "damaged"],
)
def test_hints_that_do_not_fit_are_an_error_of_one_line(hints, says):
    with pytest.raises(NurieError, match=says) as caught:
        colorize(rooms(), hints)
    assert str(caught.value).isprintable()


drawings = hnp.arrays(
    np.uint8,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=24),
    elements=st.sampled_from([255, 255, 255, 190, 0]),
)
places = st.integers(0, 23)
few_colors = st.sampled_from([RED, BLUE, (0, 0, 0), (255, 255, 255)])
marks = st.one_of(
    st.builds(Hint, places, places, few_colors, st.floats(0, 6)),
    st.builds(
        Stroke,
        st.lists(st.tuples(places, places), min_size=1, max_size=3),
        few_colors,
        st.floats(0, 4),
    ),
)
options = st.builds(
    ColorizeOptions,
    model=st.sampled_from(["color", "nearest"]),
    only_hints=st.booleans(),
    gap=st.sampled_from([None, 0.0, 2.0, 50.0]),
    spread=st.sampled_from([0.0, 1.0, 1e300]),
    seed=st.integers(0, 3),
    fill=st.sampled_from(["flat", "soft"]),
)


@settings(max_examples=60)
@given(drawings, st.lists(marks, max_size=5), options)
@example(np.zeros((1, 1), np.uint8), [Hint(0, 0, RED)], NEAREST)
@example(np.zeros((9, 9), np.uint8), [Hint(0, 0, RED), Hint(8, 8, BLUE)], ColorizeOptions())
def test_whatever_is_drawn_and_hinted_every_hint_is_law(lines, hints, options):
    height, width = lines.shape
    for hint in hints:
        points = [(hint.x, hint.y)] if isinstance(hint, Hint) else hint.points
        if not any(x < width and y < height for x, y in points):
            with pytest.raises(NurieError, match="lies outside"):
                nurie.colorize(lines, hints, options)
            return
    art = nurie.colorize(lines, hints, options)
    hinted = art.hints[..., 3] > 0
    assert (art.flats[hinted] == art.hints[hinted]).all()
    assert (art.line[..., 0] == lines).all()
    assert (art.shade is None) == (options.fill == "flat")
    if options.only_hints or options.model == "nearest":
        assert colors_of(art.flats) <= colors_of(art.hints) | {NOTHING}
    if not options.only_hints and (hinted.any() or options.model != "nearest"):
        assert (art.flats[..., 3] == 255).all()


# What no hint speaks for


@pytest.fixture
def network(tiny_color_model) -> ColorizeOptions:
    """A colour network that knows nothing: what holds with it holds with any."""
    return ColorizeOptions(model=tiny_color_model)


ALL = [dot(IN_LEFT), dot(IN_RIGHT, BLUE), dot(OUTSIDE, GREEN)]


def test_with_a_network_no_region_stays_bare(network):
    for hints in ([], ALL[:1], ALL):
        art = nurie.colorize(rooms(), hints, network)
        assert (art.flats[..., 3] == 255).all()


@pytest.mark.parametrize("spread", [0, 1, 1e300, float("inf")])
@pytest.mark.parametrize("seed", [0, 5])
def test_a_hint_is_law_whatever_a_network_says(network, spread, seed):
    odd = (244, 199, 161)
    options = replace(network, spread=spread, seed=seed, palette=Palette(["#123456"]))
    art = nurie.colorize(rooms(), [dot(IN_LEFT, odd), dot(IN_RIGHT, BLUE, 0)], options)
    assert has_color(art.flats[LEFT], odd).all()
    assert has_color(art.flats[RIGHT], BLUE).all()


def test_the_same_seed_gives_the_same_bytes_and_others_do_not(network):
    def painted(seed: int) -> bytes:
        options = replace(network, seed=seed, fill="soft")
        return nurie.colorize(rooms(), options=options).encode("psd")

    assert painted(3) == painted(3)
    assert len({painted(seed) for seed in range(4)}) == 4


def test_a_palette_is_kept_to_where_no_hint_speaks(network):
    palette = Palette(["#102030", "#a0b0c0"])
    art = nurie.colorize(rooms(), ALL[:1], replace(network, palette=palette, spread=0))
    assert has_color(art.flats[LEFT], RED).all()
    allowed = {(*color, 255) for color in palette.colors}
    assert colors_of(art.flats[RIGHT]) <= allowed
    assert colors_of(art.flats[:9]) <= allowed


def coloured_rooms(left, right, around) -> np.ndarray:
    rgb = np.asarray(rooms(mode="RGB")).copy()
    for color, place in ((left, IN_LEFT), (right, IN_RIGHT), (around, OUTSIDE)):
        alike = nurie.colorize(rooms(), [dot(place)], BARE).flats[..., 3] > 0
        rgb[alike & (rgb[..., 0] == 255)] = color
    return rgb


def test_a_reference_gives_its_colours_alone(network):
    colors = (244, 199, 161), (90, 140, 200), (250, 240, 210)
    source = Reference(coloured_rooms(*colors))
    for options in (replace(network, reference=source), replace(network, reference=source, seed=2)):
        art = nurie.colorize(rooms(), [], options)
        assert colors_of(art.flats) <= {(*color, 255) for color in source.palette.colors}


def test_painting_may_be_told_other_options_than_reading(network):
    colorizer = Colorizer(rooms(), network)
    plain = colorizer.paint(ALL[:1])
    palette = Palette(["#102030"])
    for options in (
        replace(network, seed=4, spread=0),
        replace(network, palette=palette, spread=0),
        replace(network, fill="soft"),
    ):
        told, anew = colorizer.paint(ALL[:1], options), nurie.colorize(rooms(), ALL[:1], options)
        assert told.encode("ora") == anew.encode("ora") != plain.encode("ora")
    bare = colorizer.paint(ALL[:1], replace(network, only_hints=True))
    assert (bare.flats == colorize(rooms(), ALL[:1]).flats).all()
    assert (colorizer.paint(ALL[:1]).flats == plain.flats).all()


def halves(place: np.ndarray) -> np.ndarray:
    """A network to which all that is in the upper half belongs together, and in the lower half."""
    lower = (np.indices(place.shape)[0] >= place.shape[0] // 2).astype(np.float32)
    return np.stack([1 - lower, lower, np.zeros_like(lower), np.zeros_like(lower)])


@pytest.fixture
def told(monkeypatch) -> FakeSession:
    """A network that is told what to say."""
    session = FakeSession(halves, attention(sharpness=20.0, nearness=0.0))
    monkeypatch.setattr("nurie.runtime.session.session_for", lambda *_, **__: session)
    return session


def test_a_region_takes_the_colour_of_what_it_belongs_with(told):
    image = rooms()
    ImageDraw.Draw(image).line((49, 49, 90, 49), fill=0, width=2)
    for row in (20, 80):
        ImageDraw.Draw(image).ellipse((20, row - 6, 32, row + 6), outline=0, width=2)
    upper, lower = dot((70, 30)), dot((70, 70), BLUE)
    art = nurie.colorize(image, [upper, lower])
    assert has_color(art.flats[18:23, 24:29], RED).all()
    assert has_color(art.flats[78:83, 24:29], BLUE).all()


def test_of_a_region_with_two_colours_each_speaks_for_the_spot_it_lies_on(told):
    image = rooms()
    ImageDraw.Draw(image).line((49, 49, 90, 49), fill=0, width=2)
    art = nurie.colorize(image, [dot((30, 25)), dot((30, 75), BLUE)])
    assert has_color(art.flats[15:45, 55:85], RED).all()
    assert has_color(art.flats[55:85, 55:85], BLUE).all()


def test_line_art_is_looked_at_once_however_often_it_is_painted(told):
    colorizer = Colorizer(rooms())
    for hints in ([], ALL[:1], ALL):
        colorizer.paint(hints, ColorizeOptions(seed=len(hints)))
    assert len(told.seen) == 1


# Networks that paint


def test_what_a_network_paints_is_flats_and_a_hint_is_law(tiny_run):
    colorizer = Colorizer(rooms(), ColorizeOptions(model=tiny_run))
    bare = colorizer.paint()
    assert (bare.flats[..., 3] == 255).all()
    assert len(bare.colors) <= 3  # one for each region
    odd = (244, 199, 161)
    art = colorizer.paint([dot(IN_LEFT, odd), dot(IN_RIGHT, BLUE, 0)])
    assert has_color(art.flats[LEFT], odd).all()
    assert has_color(art.flats[RIGHT], BLUE).all()
    assert (art.flats[..., 3] == 255).all()


def test_a_run_is_a_model_by_the_file_in_it(tiny_run, tmp_path):
    by_run = nurie.colorize(rooms(), ALL[:1], ColorizeOptions(model=tiny_run))
    by_file = nurie.colorize(rooms(), ALL[:1], ColorizeOptions(model=f"{tiny_run}/model.onnx"))
    assert by_run.encode("ora") == by_file.encode("ora")
    with pytest.raises(UnknownModel, match=r"holds no model\.onnx: write it with nurie export "):
        nurie.colorize(rooms(), options=ColorizeOptions(model=str(tmp_path)))


def test_a_palette_is_kept_to_by_what_paints(tiny_run):
    palette = Palette(["#102030", "#a0b0c0"])
    options = ColorizeOptions(model=tiny_run, palette=palette)
    art = nurie.colorize(rooms(), ALL[:1], options)
    assert has_color(art.flats[LEFT], RED).all()
    assert colors_of(art.flats[RIGHT]) <= {(*color, 255) for color in palette.colors}


@pytest.mark.parametrize(
    "option", [{"seed": 1}, {"spread": 0}, {"reference": Reference(np.zeros((9, 9, 3), np.uint8))}]
)
def test_what_a_network_that_paints_knows_nothing_of_is_an_error_of_one_line(tiny_run, option):
    plain = ColorizeOptions(model=tiny_run)
    with pytest.raises(NurieError, match=r"' paints: it knows neither ") as caught:
        Colorizer(rooms(), replace(plain, **option))
    assert str(caught.value).isprintable()
    colorizer = Colorizer(rooms(), plain)
    with pytest.raises(NurieError, match=r"' paints: it knows neither "):
        colorizer.paint(ALL[:1], replace(plain, **option))
    # Where the network has no say, neither have they.
    assert colorizer.paint(ALL[:1], replace(plain, only_hints=True, **option))


# Shade


def test_soft_fill_is_a_layer_of_shade_between_flats_and_hints(network):
    flat = nurie.colorize(rooms(), ALL, network)
    soft = nurie.colorize(rooms(), ALL, replace(network, fill="soft"))
    assert flat.shade is None
    assert [layer.name for layer in soft.layers()] == ["flats", "shade", "hints", "line"]
    _, shade, *_ = soft.layers(by_color=True)
    assert isinstance(shade, Layer)
    assert shade.visible
    assert shade.blend == "multiply"
    assert shade.image is soft.shade
    assert shade.image[..., 3].any()
    assert (soft.flats == flat.flats).all()
    seen, before = np.asarray(soft.image).astype(int), np.asarray(flat.image).astype(int)
    assert (seen <= before).all()
    assert (seen < before).any()


@pytest.mark.parametrize("by_color", [False, True])
def test_the_layer_of_shade_is_in_the_files(by_color):
    art = colorize(rooms(), ALL, fill="soft")
    psd_tools, pyora = pytest.importorskip("psd_tools"), pytest.importorskip("pyora")
    psd = psd_tools.PSDImage.open(io.BytesIO(art.encode("psd", by_color=by_color)))
    assert [layer.name for layer in psd] == ["flats", "shade", "hints", "line"]
    assert psd[1].blend_mode.name == "MULTIPLY"
    picture = Image.new("RGBA", (SIZE, SIZE))
    picture.paste(psd[1].topil(), (psd[1].left, psd[1].top))
    assert (np.asarray(picture) == art.shade).all()
    ora = pyora.Project.load(io.BytesIO(art.encode("ora", by_color=by_color)))
    assert (np.asarray(ora["/shade"].get_image_data(raw=False)) == art.shade).all()
    assert not colorize(rooms(), ALL).encode("ora").count(b"shade")


def test_flats_alone_have_no_shade():
    soft = colorize(rooms(), ALL, fill="soft").encode("png", flats_only=True)
    assert soft == colorize(rooms(), ALL).encode("png", flats_only=True)


# Options


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("gap", -1),
        ("gap", float("nan")),
        ("spread", -0.5),
        ("spread", float("nan")),
        ("seed", -1),
    ],
)
def test_numbers_out_of_range_are_an_error_of_one_line(option, value):
    with pytest.raises(NurieError, match=rf"^{option} can't be {value}: give 0 or more$"):
        ColorizeOptions(**{option: value})


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("seed", 1.5, "whole number"),
        ("fill", "sfot", "'flat' or 'soft'"),
        ("palette", "forest.gpl", "nurie.Palette"),
        ("reference", "portrait.png", "nurie.Reference"),
    ],
)
def test_options_of_another_kind_are_an_error_of_one_line(option, value, says):
    with pytest.raises(NurieError, match=says) as caught:
        ColorizeOptions(**{option: value})
    assert str(caught.value).isprintable()


def test_a_palette_holds_a_colour():
    with pytest.raises(NurieError, match=r"^a palette needs at least one colour$"):
        ColorizeOptions(palette=Palette([]))


def test_a_network_for_extraction_cannot_colour(tiny_model):
    with pytest.raises(NurieError, match=r"^the model can't colour: .*$"):
        Colorizer(rooms(), ColorizeOptions(model=tiny_model))


@pytest.mark.parametrize("model", ["nonsense", "lines", ""])
def test_of_a_model_that_is_none_the_names_are_listed(model):
    with pytest.raises(UnknownModel, match=rf"^no model is named '{model}'; .*nearest$"):
        Colorizer(rooms(), ColorizeOptions(model=model))


def test_a_model_file_that_is_missing_is_an_error_of_one_line(tmp_path):
    path = tmp_path / "missing.onnx"
    with pytest.raises(UnknownModel, match=r"missing\.onnx: no such model file$"):
        Colorizer(rooms(), ColorizeOptions(model=str(path)))


def test_what_needs_no_network_asks_for_none(monkeypatch):
    monkeypatch.setattr("nurie.runtime.session.session_for", None)
    for options in (BARE, NEAREST):
        nurie.colorize(rooms(), ALL[:1], options)


# The artwork


def artwork() -> Artwork:
    return colorize(rooms(), [dot(IN_LEFT), dot(IN_RIGHT, BLUE), dot(OUTSIDE, GREEN)])


def test_the_picture_is_the_flats_under_the_line():
    shown = np.asarray(artwork().image)
    assert shown.shape == (SIZE, SIZE, 3)
    ink = np.asarray(rooms()) == 0
    assert not shown[ink].any()
    assert (shown[~ink] == artwork().flats[~ink][:, :3]).all()


def test_colours_are_listed_by_what_they_cover():
    art = colorize(rooms(), [dot(IN_LEFT), dot(OUTSIDE, GREEN), dot((70, 30), RED)])
    areas = {color: np.count_nonzero(has_color(art.flats, color)) for color in (RED, GREEN)}
    assert art.colors == tuple(sorted(areas, key=lambda color: -areas[color]))


def test_layers_are_flats_hidden_hints_and_a_multiplied_line():
    flats, hints, line = artwork().layers()
    assert [layer.name for layer in (flats, hints, line)] == ["flats", "hints", "line"]
    assert [layer.visible for layer in (flats, hints, line)] == [True, False, True]
    assert (flats.blend, line.blend) == ("normal", "multiply")


def test_by_color_every_colour_has_a_layer_that_is_cut_to_it():
    art = artwork()
    group, *others = art.layers(by_color=True)
    assert isinstance(group, Group)
    assert group.name == "flats"
    assert [layer.name for layer in group.layers] == [
        f"#{bytes(color).hex()}" for color in art.colors
    ]
    for layer, color in zip(group.layers, art.colors, strict=True):
        assert isinstance(layer, Layer)
        assert colors_of(layer.image) <= {NOTHING, (*color, 255)}
        opaque = layer.image[..., 3] > 0
        assert opaque.any(axis=1)[[0, -1]].all()
        assert opaque.any(axis=0)[[0, -1]].all()
    assert (flatten([group], SIZE, SIZE) == art.flats).all()
    assert (flatten([group, *others], SIZE, SIZE)[..., :3] == np.asarray(art.image)).all()


def test_by_color_without_colours_is_an_empty_group():
    art = colorize(rooms())
    assert art.layers(by_color=True)[0].layers == ()
    assert art.encode("psd", by_color=True)


def merged(path) -> io.BytesIO:
    """What programs without layers read of an OpenRaster file."""
    with zipfile.ZipFile(path) as archive:
        return io.BytesIO(archive.read("mergedimage.png"))


@pytest.mark.parametrize("ending", [".psd", ".ora", ".PSD"])
@pytest.mark.parametrize("by_color", [False, True])
@pytest.mark.parametrize("flats_only", [False, True])
def test_files_with_layers_show_the_picture_too(tmp_path, ending, by_color, flats_only):
    art = artwork()
    path = tmp_path / f"art{ending}"
    art.save(path, by_color=by_color, flats_only=flats_only)
    assert path.read_bytes() == art.encode(ending, by_color=by_color, flats_only=flats_only)
    expected = art.flats[..., :3] if flats_only else np.asarray(art.image)
    with Image.open(path if ending != ".ora" else merged(path)) as image:
        assert (np.asarray(image.convert("RGB")) == expected).all()


def test_flats_alone_have_no_line_and_stay_bare_where_nothing_was_painted(tmp_path):
    art = colorize(rooms(), [dot(IN_LEFT)])
    art.save(tmp_path / "flats.png", flats_only=True)
    with Image.open(tmp_path / "flats.png") as image:
        assert (np.asarray(image) == art.flats).all()
    psd = pytest.importorskip("psd_tools").PSDImage.open(
        io.BytesIO(art.encode("psd", flats_only=True))
    )
    assert [layer.name for layer in psd] == ["flats"]


@pytest.mark.parametrize("ending", [".png", ".webp", ".tiff"])
def test_other_files_hold_the_picture_as_it_looks(tmp_path, ending):
    artwork().save(tmp_path / f"art{ending}")
    with Image.open(tmp_path / f"art{ending}") as image:
        assert image.mode == "RGB"
        assert (np.asarray(image) == np.asarray(artwork().image)).all()


@pytest.mark.parametrize("target", ["art.xyz", "art"])
def test_an_unknown_ending_is_an_error_of_one_line(tmp_path, target):
    with pytest.raises(NurieError, match=r"\.png"):
        artwork().save(tmp_path / target)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("target", "format", "layered"),
    [
        ("a.psd", None, True),
        ("a.ORA", None, True),
        ("a.png", None, False),
        ("a.png", "psd", True),
        ("a.psd", ".png", False),
        ("psd", None, False),
        (io.BytesIO(), None, False),
        (io.BytesIO(), "ora", True),
    ],
)
def test_where_layers_would_be_written(target, format, layered):
    assert is_layered(target, format) == layered


PROGRAM = """
import hashlib, sys
from nurie import ColorizeOptions, Hint, colorize
hints = [Hint(30, 30, "red"), Hint(30, 70, "blue"), Hint(70, 50, "#0a0")]
art = colorize(sys.argv[1], hints, ColorizeOptions(model=sys.argv[2], seed=1, fill="soft"))
for ending in ("psd", "ora", "png", "webp"):
    print(hashlib.sha256(art.encode(ending, by_color=True)).hexdigest())
"""


def test_the_same_input_gives_the_same_bytes_in_every_process(tmp_path, tiny_color_model):
    rooms().save(tmp_path / "rooms.png")
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "rooms.png"), tiny_color_model]
    first, second = (
        subprocess.run(command, capture_output=True, check=True).stdout for _ in range(2)
    )
    assert len(first.split()) == 4
    assert first == second
