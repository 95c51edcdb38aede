import contextlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from nurie.core.errors import NurieError, UnreadableImage
from nurie.core.hints import as_layer, colors, paint, read
from nurie.core.types import Hint, Stroke
from strange_files import encoded, png, png_chunk

RED, BLUE = (255, 0, 0), (0, 0, 255)

EXIF_TURNED = Image.Exif()
EXIF_TURNED[0x0112] = 6  # to be turned clockwise


def hinted(layer: np.ndarray) -> list[tuple[int, int]]:
    """The pixels (x, y) that are hints, in reading order."""
    y, x = np.nonzero(layer[..., 3])
    return list(zip(x.tolist(), y.tolist(), strict=True))


def picture(height: int = 4, width: int = 6, mode: str = "RGBA") -> Image.Image:
    """Nothing but two pixels: one opaque, and one that is more so than not."""
    canvas = np.zeros((height, width, 4), np.uint8)
    canvas[0, 1] = (244, 199, 161, 255)
    canvas[3, 5] = (7, 201, 99, 128)
    canvas[2, 2] = (9, 9, 9, 127)
    return Image.fromarray(canvas).convert(mode)


def written(content: object) -> bytes:
    return json.dumps(content).encode()


# Dots


@pytest.mark.parametrize("radius", [0, 0.3, 0.99])
@pytest.mark.parametrize(("x", "y"), [(2, 1), (2.0, 1.99), (2.99, 1.5)])
def test_a_small_dot_is_the_pixel_that_it_lies_in(x, y, radius):
    layer = paint([Hint(x, y, "#f4c7a1", radius)], 4, 6)
    assert hinted(layer) == [(2, 1)]
    assert layer[1, 2].tolist() == [244, 199, 161, 255]


def test_a_dot_is_a_disc_around_its_pixel():
    layer = paint([Hint(3, 3, "red", 2)], 7, 7)
    assert ["".join(".#"[a // 255] for a in row) for row in layer[..., 3]] == [
        ".......",
        "...#...",
        "..###..",
        ".#####.",
        "..###..",
        "...#...",
        ".......",
    ]


def test_there_is_nothing_but_exact_colours():
    marks = [Hint(5, 5, (1, 2, 3), 3.7), Stroke([(8, 2), (19.5, 17.2)], (4, 5, 6), 2.2)]
    layer = paint(marks, 20, 20)
    assert layer.dtype == np.uint8
    assert np.unique(layer.reshape(-1, 4), axis=0).tolist() == [
        [0, 0, 0, 0],
        [1, 2, 3, 255],
        [4, 5, 6, 255],
    ]


def test_a_dot_at_the_border_is_cut_off():
    assert hinted(paint([Hint(0, 0, "red", 1)], 2, 2)) == [(0, 0), (1, 0), (0, 1)]
    assert len(hinted(paint([Hint(0, 0, "red", 1e9)], 3, 5))) == 15


def test_later_hints_cover_earlier_ones():
    layer = paint([Hint(2, 2, "red", 2), Hint(2, 2, "blue", 0)], 5, 5)
    assert tuple(layer[2, 2, :3]) == BLUE
    assert tuple(layer[2, 3, :3]) == RED


@pytest.mark.parametrize(("x", "y"), [(6, 0), (0, 4), (-0.5, 0), (0, -1), (6.0, 3.99), (1e9, 1)])
def test_a_dot_outside_is_an_error_that_says_where(x, y):
    with pytest.raises(NurieError, match=rf"\({x:g}, {y:g}\).*6 x 4".replace("+", r"\+")):
        paint([Hint(0, 0, "red"), Hint(x, y, "red", 9)], 4, 6)


def test_what_is_no_hint_is_refused():
    with pytest.raises(NurieError, match="tuple"):
        paint([(1, 2, "red")], 4, 6)  # pyright: ignore[reportArgumentType]


@given(st.floats(0, 9, exclude_max=True), st.floats(0, 7, exclude_max=True), st.floats(0, 20))
def test_a_dot_covers_its_pixel_and_no_pixel_farther_than_its_radius(x, y, radius):
    pixels = np.array(hinted(paint([Hint(x, y, "red", radius)], 7, 9)))
    distance = np.hypot(*(pixels - (int(x), int(y))).T)
    assert distance.min() == 0
    assert distance.max() <= max(radius, 0.5)


# Strokes


def test_a_thin_stroke_has_no_gap():
    layer = paint([Stroke([(1, 1), (8, 4), (8, 9)], "red", 0)], 12, 12)
    pixels = hinted(layer)
    assert {(1, 1), (8, 4), (8, 9)} <= set(pixels)
    assert {x for x, _ in pixels} == set(range(1, 9))
    assert {y for _, y in pixels} == set(range(1, 10))


def test_a_stroke_is_as_wide_as_its_radius_says():
    layer = paint([Stroke([(5, 10), (25, 10)], "red", 3)], 21, 31)
    assert (layer[7:14, 5:26, 3] == 255).all()
    assert not layer[:7].any()
    assert not layer[14:].any()
    assert hinted(layer)[0][1] == 7
    assert min(x for x, _ in hinted(layer)) == 2
    assert max(x for x, _ in hinted(layer)) == 28


def test_a_stroke_of_one_point_is_a_dot():
    assert (paint([Stroke([(4, 3)], "red", 2)], 9, 9) == paint([Hint(4, 3, "red", 2)], 9, 9)).all()


def test_a_stroke_may_run_over_the_border_but_not_lie_outside():
    through = Stroke([(-1e9, 2), (3, 2), (1e9, 2), (1e9, -1e9)], "red", 0)
    assert hinted(paint([through], 5, 6)) == [(x, 2) for x in range(6)]
    with pytest.raises(NurieError, match=r"\(-3, -4\)"):
        paint([Stroke([(-3, -4), (-1, -1)], "red", 5)], 5, 6)


# Files


def test_json():
    marks = {
        "hints": [
            {"x": 4, "y": 3, "color": "#f4c7a1"},
            {"x": 1, "y": 1, "radius": 0, "color": "red"},
        ],
        "strokes": [{"points": [[0, 6], [8, 6]], "radius": 1, "color": [0, 0, 255]}],
    }
    expected = paint(
        [Stroke([(0, 6), (8, 6)], BLUE, 1), Hint(4, 3, "#f4c7a1"), Hint(1, 1, RED, 0)], 9, 9
    )
    assert (read(written(marks), 9, 9) == expected).all()
    assert tuple(expected[6, 4, :3]) == (244, 199, 161)  # the dot is not lost under the stroke


@pytest.mark.parametrize("content", [{"hints": []}, {"strokes": [], "hints": []}])
def test_json_may_be_without_hints(content):
    assert not read(b"\xef\xbb\xbf\n " + written(content), 4, 6).any()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "no JSON"),
        (b'{"a":' * 100_000, "no JSON"),
        (b"{\xff}", "no JSON"),
        (b"[]", "holds no hints"),
        (b"{}", "holds no hints"),
        (b'{"hints": 5}', "hints are no list"),
        (b'{"strokes": {}}', "strokes are no list"),
        (b'{"hints": [5]}', "hint 1 has to have x, y and a color"),
        (b'{"hints": [{"x": 1, "y": 1}]}', "hint 1 has to have"),
        (b'{"hints": [{"x": 1, "y": 1, "color": "red", "raduis": 1}]}', "may have a radius"),
        (b'{"strokes": [{"x": 1, "y": 1, "color": "red"}]}', "stroke 1 has to have points"),
        (b'{"strokes": [{"points": [1], "color": "red"}]}', "stroke 1: .*pairs"),
        (b'{"hints": [{"x": 1, "y": 1, "color": "purpel"}]}', "hint 1: 'purpel' is no colour"),
        (b'{"hints": [{"x": NaN, "y": 1, "color": "red"}]}', "hint 1: x is nan"),
        (b'{"hints": [{"x": 1e999, "y": 1, "color": "red"}]}', "hint 1: x is inf"),
        (b'{"hints": [{"x": 6, "y": 1, "color": "red"}]}', r"\(6, 1\) lies outside"),
    ],
)
def test_damaged_json(tmp_path, content, message):
    path = tmp_path / "line\nbreak.json"
    path.write_bytes(content)
    with pytest.raises(NurieError, match=rf"line\\nbreak\.json': .*{message}") as caught:
        read(path, 4, 6)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF"])
def test_opaque_pixels_of_a_picture_are_hints_of_exactly_their_colour(format):
    options = {"lossless": True, "exact": True} if format == "WEBP" else {}
    layer = read(encoded(picture(), format, **options), 4, 6)
    assert hinted(layer) == [(1, 0), (5, 3)]
    assert layer[0, 1].tolist() == [244, 199, 161, 255]
    assert layer[3, 5].tolist() == [7, 201, 99, 255]
    assert not layer[2, 2].any()


def test_a_palette_picture():
    image = Image.fromarray(np.array([[0, 1, 2], [2, 0, 1]], np.uint8), "P")
    image.putpalette([9, 8, 7, 244, 199, 161, 1, 2, 3])
    layer = read(encoded(image, "PNG", transparency=bytes([0, 255, 200])), 2, 3)
    assert layer.tolist() == [
        [[0, 0, 0, 0], [244, 199, 161, 255], [1, 2, 3, 255]],
        [[1, 2, 3, 255], [0, 0, 0, 0], [244, 199, 161, 255]],
    ]


def test_a_picture_of_sixteen_bits():
    values = np.array([[[0xF4F4, 0xC7C7, 0xA1A1, 0xFFFF], [0, 0, 0, 0]]], ">u2")
    layer = read(png(2, 1, 16, 6, b"\0" + values.tobytes()), 1, 2)
    assert layer.tolist() == [[[244, 199, 161, 255], [0, 0, 0, 0]]]


def test_a_colour_that_stands_for_nothing():
    key = png_chunk(b"tRNS", bytes([0, 9, 0, 8, 0, 7]))
    layer = read(png(2, 1, 8, 2, bytes([0, 9, 8, 7, 244, 199, 161]), key), 1, 2)
    assert layer.tolist() == [[[0, 0, 0, 0], [244, 199, 161, 255]]]


def test_grey_hints():
    layer = read(encoded(picture(mode="LA"), "PNG"), 4, 6)
    assert hinted(layer) == [(1, 0), (5, 3)]
    assert len(set(layer[0, 1, :3])) == 1


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF"])
def test_a_picture_is_turned_the_right_way_up(format):
    options = {"lossless": True, "exact": True} if format == "WEBP" else {}
    content = encoded(picture(), format, exif=EXIF_TURNED, **options)
    layer = read(content, 6, 4)
    assert hinted(layer) == [(3, 1), (0, 5)]
    assert layer[1, 3].tolist() == [244, 199, 161, 255]
    with pytest.raises(NurieError, match=r"4 x 6, but the line art is 6 x 4"):
        read(content, 4, 6)


def test_a_picture_of_another_size_tells_both(tmp_path):
    path = tmp_path / "hints.png"
    picture().save(path)
    with pytest.raises(NurieError, match=r"hints\.png' is 6 x 4, but the line art is 7 x 4"):
        read(path, 4, 7)


def test_another_size_is_refused_before_decoding(monkeypatch):
    content = encoded(Image.new("RGBA", (100, 100)), "PNG")
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    with pytest.raises(NurieError, match="larger than the line art, 6 x 4"):
        read(content, 4, 6)


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
def test_a_picture_without_transparency_is_no_hints(mode):
    with pytest.raises(NurieError, match="no transparent pixel"):
        read(encoded(Image.new(mode, (6, 4), "white"), "PNG"), 4, 6)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"<svg></svg>"])
def test_what_is_no_picture_is_a_one_line_error(tmp_path, content):
    path = tmp_path / "line\nbreak.png"
    path.write_bytes(content)
    with pytest.raises(UnreadableImage, match=r"line\\nbreak\.png'") as caught:
        read(path, 4, 6)
    assert str(caught.value).isprintable()


def test_a_damaged_picture_is_refused():
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 4), np.uint8)
    content = encoded(Image.fromarray(noise), "PNG")
    with pytest.raises(UnreadableImage, match="can't be read"):
        read(content[: len(content) // 2], 64, 64)


@pytest.mark.parametrize("name", ["missing.json", ".", "nul\0.png"])
def test_a_path_to_no_file(tmp_path, name):
    with pytest.raises(NurieError, match="can't be read"):
        read(tmp_path / name, 4, 6)


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=60).map(lambda tail: b"{" + tail)))
def test_any_bytes_are_hints_or_none(content):
    with contextlib.suppress(NurieError):
        assert read(content, 4, 6).shape == (4, 6, 4)


numbers = st.sampled_from([None, "red", "2", True, -1, 0, 2.5, 5, 9, 1e300, float("nan")])
values = st.one_of(numbers, st.lists(numbers, max_size=3), st.just([[0, 1], [3, 9]]))
marks = st.lists(
    st.dictionaries(st.sampled_from(["x", "y", "radius", "color", "points", "z"]), values),
    max_size=2,
)


@given(marks, marks)
def test_any_json_is_hints_or_none(hints, strokes):
    with contextlib.suppress(NurieError):
        assert read(written({"hints": hints, "strokes": strokes}), 4, 6).shape == (4, 6, 4)


# Everything that hints may come as


def test_every_kind_of_hints_gives_the_same_layer(tmp_path):
    path = tmp_path / "hints.png"
    picture().save(path)
    marks = [Hint(1, 0, "#f4c7a1", 0), Hint(5, 3, (7, 201, 99), 0)]
    expected = paint(marks, 4, 6)
    kinds = [marks, tuple(marks), path, str(path), path.read_bytes(), picture()]
    for hints in [*kinds, np.asarray(picture()), expected, Image.open(path)]:
        layer = as_layer(hints, 4, 6)
        assert layer.dtype == np.uint8
        assert (layer == expected).all()


def test_no_hints_are_an_empty_layer():
    for hints in (None, [], np.zeros((4, 6, 4), np.uint8), Image.new("RGBA", (6, 4))):
        layer = as_layer(hints, 4, 6)
        assert layer.shape == (4, 6, 4)
        assert not layer.any()


def test_a_layer_is_the_callers_to_change():
    source = np.full((4, 6, 4), 255, np.uint8)
    as_layer(source, 4, 6)[:] = 0
    assert (source == 255).all()


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((4, 7, 4), np.uint8), r"\(4, 7, 4\).*6 x 4"),
        (np.zeros((4, 6, 3), np.uint8), r"\(4, 6, 3\)"),
        (np.zeros((4, 6, 4)), "float64"),
    ],
)
def test_an_array_of_another_kind_is_refused(array, message):
    with pytest.raises(NurieError, match=message):
        as_layer(array, 4, 6)


def test_colours_of_a_layer():
    layer = paint([Hint(1, 1, "blue"), Hint(9, 1, (1, 2, 3)), Hint(15, 1, "blue")], 9, 20)
    assert colors(layer) == ((0, 0, 255), (1, 2, 3))
    assert colors(np.zeros((4, 6, 4), np.uint8)) == ()
    assert colors(paint([Hint(0, 0, "black")], 4, 6)) == ((0, 0, 0),)
