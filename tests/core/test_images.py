import io
import os
import struct
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import ExifTags, Image, ImageCms, ImageFile

from nurie.core.errors import ImageTooLarge, NurieError, UnreadableImage
from nurie.core.images import FORMATS, Picture, output_format, read, write
from strange_files import (
    NAMES,
    encoded,
    png,
    png_chunk,
    sample,
    srgb_profile,
    strange_files,
    ycck_jpeg,
)

STRANGE = strange_files()

patient = settings(deadline=None)  # the machine may be busy with other things


def pixel(mode: str, value: Any, size: tuple[int, int] = (2, 3)) -> Image.Image:
    return Image.new(mode, size, value)


def palette_image(*colours: tuple[int, ...], mode: str = "RGB") -> Image.Image:
    """A row of the colours, as a palette image."""
    image = Image.new("P", (len(colours), 1))
    image.putpalette([value for colour in colours for value in colour], mode)
    image.putdata(range(len(colours)))
    return image


def outcome(source: Any, **options: Any) -> Picture | NurieError:
    try:
        return read(source, **options)
    except NurieError as error:
        return error


def over_white(values: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    product = values.astype(int) * alpha + 255 * (255 - alpha.astype(int))
    return (product + 127) // 255


# Modes


@pytest.mark.parametrize(
    ("image", "rgb"),
    [
        (pixel("1", 0), (0, 0, 0)),
        (pixel("1", 1), (255, 255, 255)),
        (pixel("L", 77), (77, 77, 77)),
        (pixel("RGB", (1, 2, 3)), (1, 2, 3)),
        (pixel("RGBX", (1, 2, 3, 0)), (1, 2, 3)),
        (pixel("CMYK", (0, 0, 0, 255)), (0, 0, 0)),
        (pixel("CMYK", (255, 0, 0, 0)), (0, 255, 255)),
        (pixel("CMYK", (0, 0, 0, 0)), (255, 255, 255)),
        (pixel("YCbCr", (128, 128, 128)), (128, 128, 128)),
        (pixel("YCbCr", (76, 85, 255)), (254, 0, 0)),
        (pixel("HSV", (0, 255, 255)), (255, 0, 0)),
        (pixel("HSV", (85, 255, 200)), (0, 200, 0)),
        (pixel("I;16", 0), (0, 0, 0)),
        (pixel("I;16", 0x8080), (128, 128, 128)),
        (pixel("I;16B", 0x8080), (128, 128, 128)),
        (pixel("I;16L", 0x8080), (128, 128, 128)),
        (pixel("I;16", 0xFFFF), (255, 255, 255)),
        (pixel("I", 200), (200, 200, 200)),
        (pixel("I", 0x8080), (128, 128, 128)),
        (pixel("F", 0.2), (51, 51, 51)),
        (pixel("F", 200.4), (200, 200, 200)),
        (palette_image((9, 8, 7)), (9, 8, 7)),
    ],
    ids=lambda value: f"{value.mode} {value.getpixel((0, 0))}" if hasattr(value, "mode") else None,
)
def test_opaque_modes(image, rgb):
    picture = read(image)
    assert (picture.rgb == rgb).all()
    assert picture.rgb.shape == (image.height, image.width, 3)
    assert picture.alpha is None
    assert picture.notes == ()


@pytest.mark.parametrize(
    ("image", "rgb", "alpha"),
    [
        (pixel("LA", (100, 128)), (177, 177, 177), 128),
        (pixel("La", (50, 128)), (177, 177, 177), 128),
        (pixel("RGBA", (0, 100, 255, 51)), (204, 224, 255), 51),
        (pixel("RGBa", (0, 20, 51, 51)), (204, 224, 255), 51),
        (pixel("RGBA", (9, 9, 9, 0)), (255, 255, 255), 0),
        (palette_image((0, 100, 255, 51), mode="RGBA"), (204, 224, 255), 51),
        (palette_image((0, 100, 255, 51), mode="RGBA").convert("PA"), (204, 224, 255), 51),
    ],
    ids=lambda value: value.mode if hasattr(value, "mode") else None,
)
def test_alpha_is_kept_and_laid_over_white(image, rgb, alpha):
    picture = read(image)
    assert (picture.rgb == rgb).all()
    assert picture.alpha is not None
    assert picture.alpha.shape == picture.rgb.shape[:2]
    assert (picture.alpha == alpha).all()


@pytest.mark.parametrize("array", [True, False], ids=["array", "image"])
def test_colours_under_alpha_stay_when_not_laid_over_white(array):
    noise = np.random.default_rng(0).integers(0, 256, (8, 9, 4), np.uint8)
    noise[0, :, 3] = 0
    picture = read(noise if array else Image.fromarray(noise), over_white=False)
    assert (picture.rgb == noise[..., :3]).all()
    assert picture.alpha is not None
    assert (picture.alpha == noise[..., 3]).all()


def test_files_and_streams_can_be_read_without_being_laid_over_white(tmp_path):
    content = encoded(pixel("RGBA", (0, 100, 255, 51)), "PNG")
    (tmp_path / "a.png").write_bytes(content)
    for source in (content, tmp_path / "a.png", io.BytesIO(content)):
        assert (read(source, over_white=False).rgb == (0, 100, 255)).all()


def test_grey_with_alpha_can_be_read_without_being_laid_over_white():
    picture = read(pixel("LA", (100, 128)), over_white=False)
    assert (picture.rgb == 100).all()
    assert picture.alpha is not None
    assert (picture.alpha == 128).all()


@pytest.mark.parametrize("image", [pixel("RGBA", (1, 2, 3, 255)), pixel("LA", (2, 255))])
def test_alpha_that_hides_nothing_is_none(image):
    assert read(image).alpha is None


@pytest.mark.parametrize(
    ("content", "rgb", "alpha"),
    [
        (
            encoded(palette_image((9, 8, 7), (6, 5, 4)), "PNG", transparency=1),
            [(9, 8, 7), (255, 255, 255)],
            [255, 0],
        ),
        (
            encoded(palette_image((9, 8, 7), (0, 100, 255)), "PNG", transparency=b"\xff\x33"),
            [(9, 8, 7), (204, 224, 255)],
            [255, 51],
        ),
        (
            encoded(Image.fromarray(np.array([[7, 8]], np.uint8)), "PNG", transparency=8),
            [(7, 7, 7), (255, 255, 255)],
            [255, 0],
        ),
        (
            encoded(
                Image.fromarray(np.array([[(1, 2, 3), (4, 5, 6)]], np.uint8)),
                "PNG",
                transparency=(4, 5, 6),
            ),
            [(1, 2, 3), (255, 255, 255)],
            [255, 0],
        ),
        (
            png(2, 1, 16, 0, b"\0\x80\x80\x80\x81", png_chunk(b"tRNS", b"\x80\x81")),
            [(128, 128, 128), (255, 255, 255)],
            [255, 0],
        ),
        (
            png(
                2, 1, 16, 2, b"\0" + b"\1\0" * 3 + b"\x80\0" * 3, png_chunk(b"tRNS", b"\x80\0" * 3)
            ),
            [(1, 1, 1), (255, 255, 255)],
            [255, 0],
        ),
        (
            encoded(palette_image((9, 8, 7), (6, 5, 4)), "GIF", transparency=1),
            [(9, 8, 7), (255, 255, 255)],
            [255, 0],
        ),
    ],
    ids=["palette entry", "palette alphas", "grey", "RGB", "16-bit grey", "16-bit RGB", "GIF"],
)
def test_transparent_colours_of_files(content, rgb, alpha):
    picture = read(content)
    assert picture.rgb.tolist() == [[list(colour) for colour in rgb]]
    assert picture.alpha is not None
    assert picture.alpha.tolist() == [alpha]


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "CMYK", "I;16", "F", "RGBA", "LA", "P"])
def test_a_tiff_of_every_mode_reads_as_the_image_does(mode):
    image = sample("L").convert("F") if mode in ("F", "I;16") else sample(mode)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    assert image.mode == mode
    direct, from_file = read(image), read(encoded(image, "TIFF"))
    assert (direct.rgb == from_file.rgb).all()


def test_lab_is_converted_and_needs_no_profile():
    image = sample("LAB")
    for source in (image, encoded(image, "TIFF")):
        picture = read(source)
        assert np.abs(picture.rgb.astype(int) - np.asarray(sample())).mean() < 2
        assert picture.notes == ()


@pytest.mark.parametrize("make", [lambda image: encoded(image, "JPEG", quality=100), ycck_jpeg])
def test_cmyk_jpegs_are_not_inverted(make):
    ink = Image.new("CMYK", (16, 16), (200, 40, 0, 20))
    expected = np.asarray(ink.convert("RGB")).astype(int)
    assert np.abs(read(make(ink)).rgb - expected).max() <= 3


def test_a_16_bit_pgm_is_scaled_from_16_bits_however_dark_it_is():
    assert read(b"P5 2 1 65535\n\x00\x80\x01\x02").rgb[0, :, 0].tolist() == [0, 1]


# Ranges


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([-0.05, 0.5, 1.05], [0, 128, 255]),
        ([0.0, 128.0, 255.0], [0, 128, 255]),
        ([-20.0, 128.0, 270.0], [0, 128, 255]),
        ([0.0, np.nan, 1.0], [0, 255, 255]),
        ([-np.inf, 0.2, np.inf], [0, 51, 255]),
        ([np.nan, np.nan, np.nan], [255, 255, 255]),
        ([np.inf, -np.inf, np.nan], [255, 0, 255]),
    ],
)
def test_floats_span_the_unit_or_the_byte_range(values, expected):
    for dtype in (np.float16, np.float32, np.float64):
        picture = read(np.array([values], dtype))
        assert picture.rgb[0, :, 0].tolist() == expected
        assert picture.notes == ()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 51, 255], [0, 51, 255]),
        ([0, 0x8080, 0xFFFF], [0, 128, 255]),
    ],
)
@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint32, np.uint64])
def test_wide_integers_span_8_or_16_bits(values, expected, dtype):
    assert read(np.array([values], dtype)).rgb[0, :, 0].tolist() == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 500.0, 1000.0], [0, 128, 255]),
        ([500.0, 1000.0, 1000.0], [128, 255, 255]),
        ([-100.0, 0.0, 100.0], [0, 128, 255]),
        ([-3e38, 0.0, 3e38], [0, 128, 255]),
        ([-1000.0, np.nan, np.inf], [0, 255, 255]),
    ],
)
def test_values_beyond_the_usual_ranges_span_their_own(values, expected):
    picture = read(np.array([values], np.float32))
    assert picture.rgb[0, :, 0].tolist() == expected
    assert [note for note in picture.notes if "own range" in note]


# Arrays


ARRAY_TYPES = st.one_of(
    st.just(np.dtype(bool)),
    hnp.integer_dtypes(endianness="?"),
    hnp.unsigned_integer_dtypes(endianness="?"),
    hnp.floating_dtypes(endianness="?"),
)
SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=5).flatmap(
    lambda shape: st.sampled_from([shape, (*shape, 1), (*shape, 3), (*shape, 4)])
)


@patient
@given(hnp.arrays(ARRAY_TYPES, SHAPES))
def test_every_array_of_numbers_is_a_picture(array):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = read(array)
    assert picture.rgb.shape == (*array.shape[:2], 3)
    assert (picture.height, picture.width) == array.shape[:2]
    assert picture.rgb.dtype == np.uint8
    if array.shape[2:] != (4,):
        assert picture.alpha is None
    if array.shape[2:] in ((), (1,)):
        assert (picture.rgb == picture.rgb[..., :1]).all()


@patient
@given(hnp.arrays(np.float32, (1, 8), elements=st.floats(width=32, allow_nan=False)))
def test_scaling_keeps_the_order_of_intensities(array):
    scaled = read(array).rgb[0, :, 0].astype(int)
    assert (np.diff(scaled[np.argsort(array[0], kind="stable")]) >= 0).all()


@patient
@given(hnp.arrays(np.uint8, SHAPES))
def test_bytes_are_kept_and_laid_over_white(array):
    picture = read(array)
    deep = array if array.ndim == 3 else array[..., None]
    alpha = deep[..., 3:] if deep.shape[2] == 4 else np.full_like(deep[..., :1], 255)
    assert (picture.rgb == over_white(deep[..., :3], alpha)).all()
    opaque = alpha.min() == 255
    assert (picture.alpha is None) == opaque
    if not opaque:
        assert (picture.alpha == alpha[..., 0]).all()


@patient
@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=4)))
def test_the_same_bytes_in_other_types_are_the_same_picture(array):
    expected = read(array).rgb
    assert (read(array.astype(np.uint16) * 257).rgb == expected).all()
    assert (read((array.astype(np.uint16) * 257).astype(">u2")).rgb == expected).all()
    assert (read(array / np.float32(255)).rgb == expected).all()
    assert (read(array / 255).rgb == expected).all()
    assert (read(np.asfortranarray(array)).rgb == expected).all()
    assert (read(array[::-1, ::-1]).rgb[::-1, ::-1] == expected).all()


def test_booleans_are_black_and_white():
    assert read(np.array([[False, True]])).rgb.tolist() == [[[0] * 3, [255] * 3]]


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((0, 4), np.uint8),
        np.zeros((4, 0, 3), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((3, 4, 5), np.uint8),
        np.zeros((1, 4, 4, 3), np.uint8),
        np.zeros((4, 4), complex),
        np.zeros((4, 4), object),
        np.zeros((4, 4), "U3"),
        np.zeros((4, 4), "datetime64[s]"),
        np.zeros((4, 4), [("r", np.uint8)]),
        np.array(5),
    ],
    ids=lambda array: f"{array.dtype} {array.shape}",
)
def test_other_arrays_are_refused(array):
    with pytest.raises(UnreadableImage, match="ndarray") as caught:
        read(array)
    assert str(caught.value).isprintable()


def test_a_picture_shares_no_memory_with_its_source_and_is_read_only():
    array = np.zeros((2, 2, 3), np.uint8)
    picture = read(array)
    array[:] = 255
    assert picture.rgb.max() == 0
    with pytest.raises(ValueError, match="read-only"):
        picture.rgb[0, 0] = 1


# Metadata


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientations(orientation):
    upright = sample("RGB", 5, 4)
    stored = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    rotated = upright.copy() if stored is None else upright.transpose(stored)
    rotated.putalpha(rotated.convert("L"))
    for format in ("PNG", "TIFF"):
        picture = read(encoded(rotated, format, exif=exif))
        expected = np.asarray(upright.convert("L"))
        assert picture.alpha is not None
        assert (picture.alpha == expected).all()
        assert (picture.rgb == over_white(np.asarray(upright), expected[..., None])).all()


def test_a_profile_that_is_srgb_but_for_rounding_leaves_every_pixel_alone():
    profile = bytearray(srgb_profile())
    gamma = profile.index(b"para") + 12
    assert profile[gamma : gamma + 4] == b"\0\2\x66\x66"  # 2.4 in 16.16 bits
    profile[gamma : gamma + 4] = b"\0\2\x6b\x85"  # 2.42
    image = sample()
    target = ImageCms.createProfile("sRGB")
    moved = ImageCms.profileToProfile(image, io.BytesIO(profile), target)
    assert moved is not None
    assert (np.asarray(moved) != np.asarray(image)).any()
    picture = read(encoded(image, "PNG", icc_profile=bytes(profile)))
    assert (picture.rgb == np.asarray(image)).all()
    assert picture.notes == ()


def rotated_profile() -> bytes:
    """A valid RGB profile in which what is written as red is blue, green is red, blue is green."""
    profile = bytearray(srgb_profile())
    tags = {bytes(profile[at : at + 4]): at + 4 for at in range(132, 132 + 12 * profile[131], 12)}
    place = {tag: bytes(profile[at : at + 8]) for tag, at in tags.items()}
    for tag, taken in ((b"rXYZ", b"bXYZ"), (b"gXYZ", b"rXYZ"), (b"bXYZ", b"gXYZ")):
        profile[tags[tag] : tags[tag] + 8] = place[taken]
    return bytes(profile)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_another_profile_is_applied(mode):
    image = Image.new("RGB", (4, 4), (255, 0, 0)).convert(mode)
    picture = read(encoded(image, "PNG", icc_profile=rotated_profile()))
    assert np.abs(picture.rgb.astype(int) - (0, 0, 255)).max() <= 2
    assert picture.notes == ()


def test_a_profile_keeps_white_paper_white():
    image = Image.new("RGBA", (4, 4), (255, 255, 255, 128))
    picture = read(encoded(image, "PNG", icc_profile=rotated_profile()))
    assert picture.rgb.min() == 255
    assert picture.alpha is not None
    assert (picture.alpha == 128).all()


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_a_grey_picture_may_have_an_rgb_profile(mode):
    image = sample(mode)
    picture = read(encoded(image, "PNG", icc_profile=srgb_profile()))
    assert (picture.rgb == np.asarray(image.convert("RGB"))).all()
    assert picture.notes == ()


@pytest.mark.parametrize(
    ("mode", "profile"),
    [
        ("RGB", b""),
        ("RGB", b"\0"),
        ("RGB", srgb_profile()[:200]),
        ("RGB", srgb_profile()[:16] + b"GRAY" + srgb_profile()[20:]),
        ("CMYK", srgb_profile()),
        ("RGB", ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()),
    ],
)
def test_a_profile_that_is_no_use_is_ignored_with_a_note(mode, profile):
    image = sample(mode)
    image.info["icc_profile"] = profile
    picture = read(image)
    assert (picture.rgb == np.asarray(image.convert("RGB"))).all()
    assert any("profile" in note for note in picture.notes) == bool(profile)


def test_broken_exif_is_ignored_with_a_note():
    picture = read(STRANGE["PNG with broken EXIF"].content)
    assert (picture.rgb == np.asarray(sample())).all()
    assert picture.notes == ("the EXIF data is broken, and was ignored",)


@pytest.mark.parametrize(
    "name", ["animated GIF", "animated PNG", "animated WebP", "TIFF of three pages"]
)
def test_the_first_of_several_frames_is_taken(name):
    picture = read(STRANGE[name].content)
    assert picture.notes == ("the first of 3 frames was taken",)
    if name != "animated GIF":  # whose palette is narrower than the sample
        assert (picture.rgb == np.asarray(sample())).all()


def test_of_an_open_image_the_frame_that_was_chosen_is_taken():
    image = Image.open(io.BytesIO(STRANGE["TIFF of three pages"].content))
    image.seek(1)
    picture = read(image)
    assert (picture.rgb == (255, 0, 0)).all()
    assert picture.notes == ()


# Sources


def test_every_kind_of_source_gives_the_same_picture(tmp_path):
    content = encoded(sample(), "PNG")
    path = tmp_path / "a.png"
    path.write_bytes(content)
    expected = np.asarray(sample())
    with path.open("rb") as stream:
        sources = [str(path), path, content, io.BytesIO(content), stream, Image.open(path)]
        for source in sources:
            assert (read(source).rgb == expected).all()


def test_a_stream_is_read_from_where_it_stands_and_left_open():
    stream = io.BytesIO(b"before" + encoded(sample(), "PNG"))
    stream.seek(6)
    assert read(stream).width == 24
    assert not stream.closed


def test_standard_input_is_read():
    program = "import sys; from nurie.core.images import read; print(read(sys.stdin.buffer).width)"
    result = subprocess.run(
        [sys.executable, "-c", program],
        input=encoded(sample(), "PNG"),
        capture_output=True,
        check=True,
    )
    assert result.stdout.strip() == b"24"


def test_a_path_may_lead_to_a_pipe(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(encoded(sample(), "PNG"),))
    writer.start()
    assert read(pipe).width == 24
    writer.join()


@pytest.mark.parametrize("source", [None, 5, ["a.png"], io.StringIO("text"), bytearray(b"x")])
def test_what_is_no_source_is_refused(source):
    with pytest.raises(UnreadableImage, match=type(source).__name__) as caught:
        read(source)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", NAMES)
def test_a_file_may_have_any_name(tmp_path, name):
    path = tmp_path / f"{name}.png"
    write(sample(), path)
    assert (read(path).rgb == np.asarray(sample())).all()
    path.write_bytes(b"damaged")
    with pytest.raises(UnreadableImage) as caught:
        read(path)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("missing.png", "No such file"),
        ("line\nbreak.png", r"'.*line\\nbreak\.png' can't be read"),
        ("", "directory"),
        ("folder.png", "directory"),
        ("nul\0.png", "null"),
        ("x" * 5000, "too long"),
    ],
)
def test_a_path_to_no_file(tmp_path, path, message):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(UnreadableImage, match=message) as caught:
        read(tmp_path / path)
    assert str(caught.value).isprintable()


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    def refuse(self, mode):  # the tests may run as root, who may read everything
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UnreadableImage, match=r"a\.png' can't be read: Permission denied$"):
        read(tmp_path / "a.png")


@pytest.mark.parametrize("error", [OSError, MemoryError, RecursionError, AssertionError])
def test_whatever_a_decoder_raises_is_one_error(monkeypatch, error):
    def fail(self):
        raise error("several\nlines")

    monkeypatch.setattr(ImageFile.ImageFile, "load", fail)
    with pytest.raises(UnreadableImage, match="several lines"):
        read(encoded(sample(), "PNG"))


def test_an_interruption_is_no_error_of_the_picture(monkeypatch):
    def interrupt(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(ImageFile.ImageFile, "load", interrupt)
    with pytest.raises(KeyboardInterrupt):
        read(encoded(sample(), "PNG"))


# The limit


def test_the_limit_is_inclusive():
    image = sample("RGB", 10, 10)
    for source in (image, np.asarray(image), encoded(image, "PNG")):
        assert read(source, max_pixels=100).width == 10
        with pytest.raises(ImageTooLarge):
            read(source, max_pixels=99)


@pytest.mark.parametrize("name", [name for name in STRANGE if name.startswith("huge")])
def test_a_huge_size_is_refused_before_decoding(monkeypatch, name):
    def fail(self):
        raise AssertionError("decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", fail)
    with pytest.raises(ImageTooLarge) as caught:
        read(STRANGE[name].content)
    message = str(caught.value)
    assert "100,000,000" in message
    assert "--max-pixels" in message
    assert "max_pixels=" in message


@pytest.mark.filterwarnings("ignore:Image was not the expected size")
def test_an_icon_that_holds_more_than_its_header_says_is_refused():
    icon = encoded(sample("RGB", 16, 16), "ICO", sizes=[(16, 16)])
    inner = encoded(sample("RGB", 50, 50), "PNG")
    content = icon[:14] + struct.pack("<I", len(inner)) + icon[18:22] + inner
    assert read(content).width == 50
    with pytest.raises(ImageTooLarge, match="50 x 50"):
        read(content, max_pixels=1000)


def test_pillows_own_limit_is_neither_met_nor_changed(monkeypatch):
    content = encoded(sample(), "PNG")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read(content).width == 24
    assert Image.MAX_IMAGE_PIXELS == 10
    with pytest.raises(Image.DecompressionBombError):
        Image.open(io.BytesIO(content))


def test_where_pillow_insists_on_its_limit_the_message_says_so(monkeypatch):
    icon = encoded(sample("RGB", 16, 16), "ICO", sizes=[(16, 16)])
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(ImageTooLarge, match=r"Pillow.*convert it to PNG"):
        read(icon)


def test_threads_have_a_limit_each():
    content = encoded(sample("RGB", 10, 10), "PNG")
    outcomes: dict[int, set[bool]] = {99: set(), 100: set()}

    def work(limit: int) -> None:
        for _ in range(50):
            try:
                read(content, max_pixels=limit)
                outcomes[limit].add(True)
            except ImageTooLarge:
                outcomes[limit].add(False)

    threads = [threading.Thread(target=work, args=(limit,)) for limit in outcomes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {99: {False}, 100: {True}}


# Strange files


def test_there_are_enough_strange_files():
    assert len(STRANGE) >= 200


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.filterwarnings("ignore")  # Pillow's about broken metadata
def test_a_strange_file_is_a_picture_or_a_one_line_error(tmp_path, name):
    content, ending, readable = STRANGE[name]
    path = tmp_path / f"strange{ending}"
    path.write_bytes(content)
    result = outcome(path)
    if isinstance(result, NurieError):
        assert not readable
        assert str(result).isprintable()
        assert f"strange{ending}'" in str(result)
    else:
        assert readable is not False
        assert result.rgb.dtype == np.uint8
        assert result.rgb.shape == (result.height, result.width, 3)
        assert result.alpha is None or result.alpha.shape == result.rgb.shape[:2]
        assert all(note.isprintable() for note in result.notes)


@pytest.mark.parametrize(
    "name", [name for name in STRANGE if name.startswith(("SVG", "EPS", "PDF"))]
)
def test_a_drawing_is_refused_with_what_to_do(name):
    with pytest.raises(UnreadableImage, match=r"vector drawing.*render it"):
        read(STRANGE[name].content)


def test_a_page_with_a_drawing_in_it_is_no_drawing():
    with pytest.raises(UnreadableImage, match="is no picture"):
        read(STRANGE["HTML"].content)


@patient
@given(st.sampled_from(sorted(STRANGE)), st.data())
@pytest.mark.filterwarnings("ignore")
def test_files_with_a_few_wrong_bytes(name, data):
    content = bytearray(STRANGE[name].content[:4000] or b"\0")
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    result = outcome(bytes(content), max_pixels=1_000_000)
    assert isinstance(result, Picture) or str(result).isprintable()


# Writing


def test_every_lossless_format_gives_the_pixels_back(tmp_path):
    for ending in (".png", ".webp", ".tif", ".tiff", ".bmp", ".PNG"):
        path = tmp_path / f"a{ending}"
        write(sample(), path)
        with Image.open(path) as image:
            assert image.format == FORMATS[ending.lower()]
        assert (read(path).rgb == np.asarray(sample())).all()


@pytest.mark.parametrize("ending", [".png", ".webp", ".tif"])
def test_formats_with_alpha_keep_every_channel(tmp_path, ending):
    noise = np.random.default_rng(0).integers(0, 256, (8, 9, 4), np.uint8)
    noise[0, :, 3] = 0
    write(Image.fromarray(noise), tmp_path / f"a{ending}")
    with Image.open(tmp_path / f"a{ending}") as image:
        assert (np.asarray(image) == noise).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_takes_every_usual_mode(tmp_path, mode, ending):
    path = tmp_path / f"a{ending}"
    image = sample(mode)
    write(image, path)
    difference = read(path).rgb.astype(int) - np.asarray(image.convert("RGB"))
    assert np.abs(difference).mean() < (4 if "jp" in ending else 1e-9)


@pytest.mark.parametrize("ending", [".jpg", ".bmp"])
@pytest.mark.parametrize(
    "image",
    [pixel("RGBA", (0, 0, 0, 0), (16, 16)), pixel("LA", (0, 0), (16, 16))],
    ids=["RGBA", "LA"],
)
def test_formats_without_alpha_show_it_over_white(tmp_path, ending, image):
    path = tmp_path / f"a{ending}"
    write(image, path)
    with Image.open(path) as written:
        assert written.mode == "RGB"
        assert np.asarray(written).min() == 255


def test_jpeg_keeps_colours_at_full_resolution(tmp_path):
    write(sample(), tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as image:
        assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3


@pytest.mark.parametrize("ending", FORMATS)
def test_the_same_image_gives_the_same_bytes(tmp_path, ending):
    for name in ("a", "b"):
        write(sample("RGBA"), tmp_path / f"{name}{ending}")
    assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


@pytest.mark.parametrize("format", ["png", ".png", "PNG"])
def test_a_stream_takes_the_format_that_it_is_given(format):
    stream = io.BytesIO()
    write(sample(), stream, format=format)
    assert (read(stream.getvalue()).rgb == np.asarray(sample())).all()


def test_a_given_format_goes_before_the_ending(tmp_path):
    write(sample(), tmp_path / "a.png", format="webp")
    with Image.open(tmp_path / "a.png") as image:
        assert image.format == "WEBP"


@pytest.mark.parametrize(
    ("target", "format"),
    [
        ("a.xyz", None),
        ("a", None),
        (".png", None),
        ("a.png\n", None),
        ("a\nb.x\ny", None),
        (Path("a.svg"), None),
        ("a.png", "xyz"),
        (io.BytesIO(), None),
        (io.BytesIO(), ""),
    ],
)
def test_an_unknown_ending_is_a_one_line_error(tmp_path, monkeypatch, target, format):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NurieError, match=r"\.png") as caught:
        write(sample(), target, format=format)
    assert str(caught.value).isprintable()
    assert list(tmp_path.iterdir()) == []


def test_the_format_is_known_before_the_work():
    assert output_format("folder/a.JPEG") == "JPEG"
    with pytest.raises(NurieError):
        output_format("folder/a.jpge")


@pytest.mark.parametrize(
    ("image", "ending"),
    [
        (Image.new("L", (17000, 1)), ".webp"),
        (Image.new("L", (66000, 1)), ".jpg"),
        (Image.new("F", (2, 2)), ".png"),
    ],
    ids=["WebP too wide", "JPEG too wide", "mode"],
)
def test_what_a_format_cannot_hold_is_a_one_line_error(tmp_path, image, ending):
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"old")
    with pytest.raises(NurieError, match="can't be written as") as caught:
        write(image, path)
    assert str(caught.value).isprintable()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_reaches_a_stream_when_encoding_fails():
    stream = io.BytesIO()
    with pytest.raises(NurieError):
        write(Image.new("F", (2, 2)), stream, format="png")
    assert stream.getvalue() == b""


def test_an_interruption_while_encoding_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupt(self, file, format, **options):
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(Image.Image, "save", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(sample(), tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_a_one_line_error(tmp_path):
    with pytest.raises(NurieError, match="can't be written: No such file"):
        write(sample(), tmp_path / "missing" / "a.png")
