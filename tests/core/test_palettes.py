import contextlib
import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from nurie.core.errors import NurieError
from nurie.core.palettes import MAIN_COLORS, read
from strange_files import encoded

GPL = b"GIMP Palette\nName: Skin\nColumns: 2\n# by hand\n\n255   0  10\tRed one\n  1 2 3\n"


def ase(*blocks: bytes, count: int | None = None) -> bytes:
    header = struct.pack(">4s2HI", b"ASEF", 1, 0, len(blocks) if count is None else count)
    return header + b"".join(blocks)


def ase_block(kind: int, body: bytes) -> bytes:
    return struct.pack(">HI", kind, len(body)) + body


def ase_color(model: bytes, *values: float, name: str = "Ümlaut") -> bytes:
    text = f"{name}\0".encode("utf-16-be")
    floats = struct.pack(f">{len(values)}f", *values)
    body = struct.pack(">H", len(text) // 2) + text + model + floats + struct.pack(">H", 0)
    return ase_block(1, body)


WHOLE_ASE = ase(
    ase_block(0xC001, b"\0\1\0\0"),
    ase_color(b"RGB ", 1.0, 0.5, 0.0),
    ase_color(b"Gray", 0.2),
    ase_block(0xC002, b""),
    ase_color(b"CMYK", 1.0, 0.0, 0.5, 0.2, name=""),
    ase_color(b"LAB ", 0.5429, 80.81, 69.89),
)


def picture(image: Image.Image | np.ndarray) -> bytes:
    return encoded(image if isinstance(image, Image.Image) else Image.fromarray(image), "PNG")


def flats(*colors: tuple[int, ...], size: int = 20) -> np.ndarray:
    """Squares of the colours side by side."""
    return np.tile(np.repeat(np.array(colors, np.uint8), size, axis=0), (size, 1, 1))


# GIMP


def test_gpl():
    palette = read(GPL)
    assert palette.colors == ((255, 0, 10), (1, 2, 3))
    assert palette.name == "Skin"


@pytest.mark.parametrize(
    "content",
    [
        GPL.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + GPL,
        GPL.replace(b"Red one", b"R\xe9d"),
        GPL.replace(b"Columns: 2", b"Channels: RGBA").replace(b"0  10", b"0 10 255"),
    ],
    ids=["Windows", "BOM", "Latin-1", "Aseprite"],
)
def test_gpl_of_other_programs(content):
    assert read(content) == read(GPL)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"GIMP Palette\nName: a\n", "at least one colour"),
        (b"GIMP Palette\n1 2 3\n1 2\n", "line 3 is no colour: '1 2'"),
        (b"GIMP Palette\n1 2 256\n", r"\(1, 2, 256\) is no colour"),
        (b"GIMP Palette\n" + b"9" * 5000 + b" 2 3\n", "line 2 is no colour"),
    ],
)
def test_damaged_gpl(content, message):
    with pytest.raises(NurieError, match=message):
        read(content)


# Adobe


def test_ase():
    # Red of sRGB in Lab, which is under D50 in Adobe's files.
    assert read(WHOLE_ASE).colors == ((255, 128, 0), (51, 51, 51), (0, 204, 102), (255, 0, 0))


# Its last two bytes tell how a colour is used in print, which is of no use here.
@pytest.mark.parametrize("length", range(4, len(WHOLE_ASE) - 2))
def test_ase_that_ends_too_soon(length):
    with pytest.raises(NurieError):
        read(WHOLE_ASE[:length])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (ase(), "at least one colour"),
        (ase(ase_color(b"RGB ", 1, 1, 1), count=2**32 - 1), "ends too soon"),
        (ase(ase_color(b"HSV ", 1, 1, 1)), "HSV"),
        (ase(ase_color(b"RGB ", 1, float("nan"), 1)), "no numbers"),
        (ase(ase_color(b"LAB ", 1, float("nan"), 1)), "no numbers"),
    ],
)
def test_damaged_ase(content, message):
    with pytest.raises(NurieError, match=message):
        read(content)


def test_ase_beyond_its_range_is_cut_off():
    content = ase(ase_color(b"RGB ", 7, -1e38, 1), ase_color(b"LAB ", 1e38, 0, 0))
    assert read(content).colors == ((255, 0, 255), (255, 255, 255))


# JSON


@pytest.mark.parametrize(
    "content",
    [
        ["#ff000a", "#010203"],
        {"colors": ["#ff000a", [1, 2, 3]], "name": ""},
    ],
)
def test_json(content):
    assert read(json.dumps(content).encode()).colors == ((255, 0, 10), (1, 2, 3))
    assert read(b"\xef\xbb\xbf \n" + json.dumps(content).encode()) == read(
        json.dumps(content).encode()
    )


def test_json_may_have_a_name():
    assert read(b'{"name": "Skin", "colors": ["red"]}').name == "Skin"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'["\xff"]', "no JSON"),
        (b"[]", "at least one"),
        (b"{}", "holds no colours"),
        (b'{"colors": "red"}', "holds no colours"),
        (b'["purpel"]', "'purpel' is no colour"),
        (b"[[1, 2]]", "is no colour"),
        (b"[null]", "is no colour"),
    ],
)
def test_damaged_json(content, message):
    with pytest.raises(NurieError, match=message) as caught:
        read(content)
    assert str(caught.value).isprintable()


# Pictures


def test_flats_of_a_picture_come_exactly_and_the_largest_first():
    canvas = flats((200, 30, 40), (200, 30, 40), (10, 90, 200), (250, 250, 240))
    canvas[:3] = (10, 90, 200)
    assert read(picture(canvas)).colors == ((200, 30, 40), (10, 90, 200), (250, 250, 240))


def test_neither_edges_nor_shades_of_a_flat_are_flats():
    large = Image.fromarray(flats((255, 255, 255), (40, 60, 200), size=30)).resize((240, 120))
    large.paste((253, 254, 255), (0, 0, 20, 20))
    assert read(picture(large)).colors == ((255, 255, 255), (40, 60, 200))


def test_a_small_flat_is_found_and_a_speck_is_not():
    canvas = np.full((200, 200, 3), 255, np.uint8)
    canvas[10:25, 10:25] = (20, 160, 60)
    canvas[100:104, 100:104] = (200, 30, 40)
    assert read(picture(canvas)).colors == ((255, 255, 255), (20, 160, 60))


@pytest.mark.parametrize("size", [1, 4, 300])
def test_a_row_of_swatches_may_be_of_any_size(size):
    colors = ((200, 30, 40), (10, 90, 200), (250, 250, 240), (0, 0, 0))
    assert sorted(read(picture(flats(*colors, size=size))).colors) == sorted(colors)


def test_what_is_transparent_has_no_colour():
    canvas = np.zeros((20, 20, 4), np.uint8)
    canvas[:10, :, :3] = (200, 30, 40)
    canvas[10:] = (10, 90, 200, 255)
    assert read(picture(canvas)).colors == ((10, 90, 200),)
    with pytest.raises(NurieError, match=r"the palette: .*transparent throughout"):
        read(picture(np.zeros((3, 3, 4), np.uint8)))


def test_a_photograph_gives_a_few_colours_and_the_same_again():
    noise = np.random.default_rng(0).normal(0, 9, (80, 90, 3))
    ramp = np.linspace(0, 255, 90)[:, None] * (1, 0.5, 0.2) + noise
    content = picture(ramp.clip(0, 255).astype(np.uint8))
    palette = read(content)
    assert 3 < len(palette.colors) <= MAIN_COLORS
    assert palette == read(content)


# Files


def test_a_palette_is_read_by_its_content(tmp_path):
    for content in (GPL, WHOLE_ASE, b'["red"]', picture(flats((1, 2, 3)))):
        path = tmp_path / "palette.txt"
        path.write_bytes(content)
        assert read(path) == read(str(path)) == read(content)


@pytest.mark.parametrize(
    "content", [b"", b"1 2 3\n", b"GIMP Palette\n1\n", WHOLE_ASE[:40], b"[1]", b"\x89PNG\r\n\x1a\n"]
)
def test_an_error_names_the_file(tmp_path, content):
    path = tmp_path / "line\nbreak.gpl"
    path.write_bytes(content)
    with pytest.raises(NurieError, match=r"line\\nbreak\.gpl'") as caught:
        read(path)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["missing.gpl", ".", "nul\0.gpl"])
def test_a_path_to_no_file(tmp_path, name):
    with pytest.raises(NurieError, match="can't be read"):
        read(tmp_path / name)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=100).map(lambda tail: b"ASEF" + tail),
        st.binary(max_size=100).map(lambda tail: b"GIMP Palette\n" + tail),
        st.binary(max_size=100).map(lambda tail: b"[" + tail),
    )
)
def test_any_bytes_are_a_palette_or_none(content):
    with contextlib.suppress(NurieError):
        assert read(content).colors


@given(st.data())
def test_files_with_a_few_wrong_bytes(data):
    content = bytearray(data.draw(st.sampled_from([GPL, WHOLE_ASE, b'{"colors": ["#fc9"]}'])))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(NurieError):
        assert read(bytes(content)).colors
