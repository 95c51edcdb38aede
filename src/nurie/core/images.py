"""Pictures in and out: whatever Pillow opens becomes 8-bit sRGB, and files are written whole."""

import contextlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageFile

from nurie.core.errors import ImageTooLarge, NurieError, UnreadableImage
from nurie.core.files import one_line, quoted, reason, whole_file
from nurie.core.spans import span, spanned

MAX_PIXELS = 100_000_000

FORMATS = {
    ".png": "PNG",
    ".webp": "WEBP",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
}

_OPAQUE_FORMATS = {"JPEG", "BMP"}

_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "WEBP": {"lossless": True, "exact": True},  # exact: colours under alpha 0 are kept as well
    "JPEG": {"quality": 95, "subsampling": 0},
    "TIFF": {"compression": "tiff_lzw"},
}

# Drawings, not pixels. For EPS, Pillow would start Ghostscript, an interpreter, on a stranger's
# file; WMF it reads on Windows alone.
_VECTOR_FORMATS = {"EPS", "WMF"}

# What the EXIF orientations ask for: axes swapped?, then the step along rows, and along columns.
_ORIENTATIONS = {
    1: (False, 1, 1),
    2: (False, 1, -1),
    3: (False, -1, -1),
    4: (False, -1, 1),
    5: (True, 1, 1),
    6: (True, 1, -1),
    7: (True, -1, -1),
    8: (True, -1, 1),
}

# Pillow's modes by the colour space that an ICC profile names in bytes 16 to 19 of its header.
_PROFILE_MODES = {b"GRAY": "L", b"RGB ": "RGB", b"CMYK": "CMYK"}

_EIGHT_OF_SIXTEEN = ((np.arange(65536) + 128) // 257).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as nurie works on it; the arrays of one that `read` gave are read-only.

    Attributes:
        rgb: (H, W, 3) uint8 sRGB, the right way up, transparent parts laid over white unless
            `read` was told otherwise.
        alpha: (H, W) uint8, or None when the picture is opaque.
        notes: what reading left out, such as "the first of 12 frames was taken".
    """

    rgb: np.ndarray
    alpha: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        return self.rgb.shape[0]

    @property
    def width(self) -> int:
        return self.rgb.shape[1]


def read(
    source: str | os.PathLike[str] | bytes | BinaryIO | Image.Image | np.ndarray,
    *,
    max_pixels: int = MAX_PIXELS,
    over_white: bool = True,
) -> Picture:
    """Read a picture of any kind that Pillow opens, or an array.

    A file's content decides what it is, not the ending of its name. Of several frames or pages
    the first is taken. The EXIF orientation and an embedded colour profile are applied.

    16-bit intensities span [0, 65535]. Floats span [0, 1] or [0, 255], and wider integers [0, 255]
    or [0, 65535]: the narrower of the two that holds all values, give or take a tenth of its width,
    as resampling overshoots. Where neither does, the values' own range, widened to contain 0, is
    spanned, and a note says so. NaN is white, like paper; infinities are the ends of the range.

    Args:
        source: a path, the bytes of a file, a binary stream (read from where it stands to its end),
            a Pillow image, or an array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4): grey, RGB or
            RGBA; bool, integer or float.
        max_pixels: the most pixels that are accepted; checked before any is decoded.
        over_white: lay transparent parts over white; without it their colours stay as they are.

    Raises:
        UnreadableImage: there is no such file, or it is no picture, or a damaged one.
        ImageTooLarge: the picture has more than `max_pixels` pixels.
    """
    name = _name(source)
    with span("decode", file=name), _decoding(name):
        if isinstance(source, np.ndarray):
            return _picture_of_array(name, source, max_pixels, over_white)
        if isinstance(source, Image.Image):
            return _picture_of_image(name, source, max_pixels, over_white)
        if isinstance(source, (str, os.PathLike)):
            with Path(source).open("rb") as file:
                # A pipe can be read only once, and finding out what a file is takes several times.
                stream = file if file.seekable() else io.BytesIO(file.read())
                return _picture_of_image(name, _open(name, stream), max_pixels, over_white)
        content = source if isinstance(source, bytes) else source.read()
        image = _open(name, io.BytesIO(content))
        return _picture_of_image(name, image, max_pixels, over_white)


def write(
    image: Image.Image,
    target: str | os.PathLike[str] | BinaryIO,
    *,
    format: str | None = None,
) -> None:
    """Write an image whole or not at all; the same image gives the same bytes.

    WebP is lossless and JPEG has quality 95 with colours at full resolution. Where the format has
    no transparency, transparent parts are laid over white.

    Args:
        image: a Pillow image of mode 1, L, LA, P, RGB, RGBA or any other that the format can hold.
        target: a path, or a binary stream open for writing.
        format: an ending, such as "png", that goes before the target's own; streams need one.

    Raises:
        NurieError: the format is unknown or can't hold the image, or the file can't be written.
    """
    encoded = _encode(image, output_format(target, format))
    if isinstance(target, (str, os.PathLike)):
        with whole_file(target) as file:
            file.write(encoded)
    else:
        target.write(encoded)


def output_format(target: str | os.PathLike[str] | BinaryIO, format: str | None = None) -> str:
    """The format that `write` would use, by Pillow's name, so that a wrong one fails early.

    Raises:
        NurieError: the ending is none of `FORMATS`.
    """
    if format is not None:
        ending = f".{format.lower().removeprefix('.')}"
    elif isinstance(target, (str, os.PathLike)):
        ending = Path(target).suffix.lower()
    else:
        ending = ""
    if ending not in FORMATS:
        known = ", ".join(FORMATS)
        raise NurieError(
            f"{_name(target)}: '{one_line(ending)}' is no ending that nurie can write; use {known}"
        )
    return FORMATS[ending]


@spanned("encode")
def _encode(image: Image.Image, format: str) -> memoryview:
    file = io.BytesIO()
    try:
        if format in _OPAQUE_FORMATS and (image.has_transparency_data or image.mode == "P"):
            rgba = _rgba(image)
            image = _over_white(rgba, rgba.getchannel("A"))
        image.save(file, format, **_SAVE_OPTIONS.get(format, {}))
    except Exception as error:  # encoders raise as many kinds as decoders do
        raise NurieError(
            f"an image of mode {image.mode} and {image.width} x {image.height} pixels can't be "
            f"written as {format}: {reason(error)}"
        ) from error
    return file.getbuffer()


def _name(source: object) -> str:
    """What messages call a source or a target: its file's name where it has one."""
    if isinstance(source, (str, os.PathLike)):
        return quoted(source)
    for attribute in ("name", "filename"):
        if isinstance(name := getattr(source, attribute, None), str) and name:
            return quoted(name)
    return f"the {type(source).__name__} object"


@contextlib.contextmanager
def _decoding(name: str) -> Iterator[None]:
    """Name the source of whatever is raised inside.

    Everything is caught because Pillow's decoders raise everything when fed with damaged files:
    OSError, SyntaxError, ValueError, TypeError, struct.error, EOFError, MemoryError and more.
    """
    try:
        yield
    except NurieError:
        raise
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(
            f"{name} is beyond what Pillow accepts in this kind of file, which no option of nurie "
            f"raises: convert it to PNG first ({reason(error)})"
        ) from error
    except Exception as error:
        raise UnreadableImage(f"{name} can't be read: {reason(error)}") from error


def _check_size(name: str, width: int, height: int, max_pixels: int) -> None:
    pixels = width * height
    if pixels == 0:
        raise UnreadableImage(f"{name} is {width} x {height}: there is no pixel in it")
    if pixels > max_pixels:
        raise ImageTooLarge(
            f"{name} is {width} x {height} = {pixels:,} pixels, over the limit of {max_pixels:,}: "
            f"raise it with --max-pixels {pixels} (max_pixels={pixels} in Python)"
        )


def _open(name: str, file: BinaryIO) -> ImageFile.ImageFile:
    """Have the plugin that knows the file read its header: Image.open without its pixel limit.

    That limit is a global of Pillow. Lifting it, even for a moment, would lift it for every other
    thread and library of the process, so the check is gone around rather than switched off.
    """
    Image.init()
    head = file.read(4096)
    if not head:
        raise UnreadableImage(f"{name} is empty")
    prefix = head[:16].ljust(16, b"\0")  # some plugins look at all of it, whatever there is
    cause = ""
    for format in tuple(Image.ID):
        factory, accepts = Image.OPEN[format]
        try:
            if accepts and not accepts(prefix):
                continue
            if format in _VECTOR_FORMATS:
                raise UnreadableImage(_vector_message(name, format))
            file.seek(0)
            return factory(file, "")  # with a name, Pillow would map the file into memory
        except (NurieError, Image.DecompressionBombError):
            raise
        except Exception as error:
            # Of a format without a magic number this says only that the file is of another.
            if accepts and not cause:
                cause = f" ({format}: {reason(error)})"
    if head.startswith(b"%PDF"):
        raise UnreadableImage(_vector_message(name, "PDF"))
    text = head.replace(b"\0", b"").lower()  # as good as ASCII in UTF-16 too
    if b"<svg" in text and b"<html" not in text:
        raise UnreadableImage(_vector_message(name, "SVG"))
    raise UnreadableImage(f"{name} is no picture that nurie can read{cause}")


def _vector_message(name: str, kind: str) -> str:
    return f"{name} is a vector drawing ({kind}) and nurie reads pixels: render it to PNG first"


def _picture_of_array(name: str, array: np.ndarray, max_pixels: int, over_white: bool) -> Picture:
    if array.ndim not in (2, 3) or array.shape[2:] not in ((), (1,), (3,), (4,)):
        raise UnreadableImage(
            f"{name} has the shape {array.shape}: (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) is read"
        )
    _check_size(name, array.shape[1], array.shape[0], max_pixels)
    values, note = _eight_bits(array[..., 0] if array.shape[2:] == (1,) else array)
    return _picture(Image.fromarray(values), over_white, note)


def _picture_of_image(name: str, image: Image.Image, max_pixels: int, over_white: bool) -> Picture:
    _check_size(name, *image.size, max_pixels)
    image.load()
    return _picture(image, over_white)


def _picture(image: Image.Image, over_white: bool, *notes: str) -> Picture:
    colour, alpha, range_note = _split(image)
    # LAB says by itself which colours it means, and has become RGB by now.
    profile = None if image.mode == "LAB" else image.info.get("icc_profile")
    colour, profile_note = _to_srgb(colour, profile)
    (swapped, rows, columns), exif_note = _orientation(image)
    if alpha is not None and alpha.getextrema()[0] == 255:
        alpha = None
    if alpha is not None and over_white:
        colour = _over_white(colour, alpha)

    def upright(plane: Image.Image) -> np.ndarray:
        array = np.asarray(plane)
        if swapped:
            array = array.swapaxes(0, 1)
        array = np.ascontiguousarray(array[::rows, ::columns])
        array.setflags(write=False)
        return array

    notes += (range_note, profile_note, exif_note, _frames_note(image))
    return Picture(
        upright(colour),
        None if alpha is None else upright(alpha),
        tuple(note for note in notes if note),
    )


def _split(image: Image.Image) -> tuple[Image.Image, Image.Image | None, str]:
    """Part an image into colour (mode L, RGB or CMYK), alpha (mode L) if any, and a note."""
    if image.mode == "F" or image.mode.startswith("I"):
        values = np.asarray(image)
        if image.format == "PPM" and image.mode == "I":
            values = values.astype(np.uint16)  # Pillow widens to 32 bits what has 16
        scaled, note = _eight_bits(values)
        key = image.info.get("transparency")
        alpha = None if key is None else Image.fromarray((values != key) * np.uint8(255))
        return Image.fromarray(scaled), alpha, note
    grey = image.mode in ("1", "L", "La", "LA")
    if image.has_transparency_data:
        rgba = _rgba(image)
        return rgba.getchannel("R") if grey else rgba.convert("RGB"), rgba.getchannel("A"), ""
    if image.mode == "CMYK":
        return image, None, ""
    return _converted(image, "L" if grey else "RGB"), None, ""


def _converted(image: Image.Image, mode: str) -> Image.Image:
    """Image.convert without its copy where there is nothing to convert: up to 400 MB."""
    return image if image.mode == mode else image.convert(mode)


def _rgba(image: Image.Image) -> Image.Image:
    """Turn every kind of transparency into an alpha channel."""
    key = image.info.get("transparency")
    if isinstance(key, tuple) and max(key) > 255:
        # Of a PNG of 16 bits a channel Pillow keeps the upper 8, but the key in full.
        image = image.copy()
        image.info["transparency"] = tuple(value >> 8 for value in key)
    if image.mode == "La":
        image = image.convert("LA")
    return _converted(image, "RGBA")


def _over_white(colour: Image.Image, alpha: Image.Image) -> Image.Image:
    paper = Image.new("RGB", colour.size, "white")
    paper.paste(colour, mask=alpha)
    return paper


def _eight_bits(values: np.ndarray) -> tuple[np.ndarray, str]:
    """Scale intensities to uint8 by the rule in `read`; a note says if their own range was used."""
    kind = values.dtype.kind
    if kind == "b":
        return values * np.uint8(255), ""
    if values.dtype == np.uint8:
        return values, ""
    if kind == "u" and values.dtype.itemsize == 2:
        return _EIGHT_OF_SIXTEEN[values], ""
    if kind not in "iuf":
        raise TypeError(f"intensities of type {values.dtype} have no meaning")
    with np.errstate(over="ignore"):
        values = values.astype(np.float32)
    finite = np.isfinite(values)
    low = float(values.min(where=finite, initial=np.inf))
    high = float(values.max(where=finite, initial=-np.inf))
    note = ""
    for top in (1, 255) if kind == "f" else (255, 65535):
        if low >= -0.1 * top and high <= 1.1 * top:
            low, high = 0.0, float(top)
            break
    else:
        note = f"intensities from {low:g} to {high:g} were scaled to 8 bits by their own range"
        low, high = min(low, 0.0), max(high, 0.0)
    scale = 255.0 / (high - low)
    values *= np.float32(scale)
    values -= np.float32(low * scale)
    values[np.isnan(values)] = 255.0
    return np.rint(values.clip(0.0, 255.0, out=values), out=values).astype(np.uint8), note


def _to_srgb(colour: Image.Image, profile: bytes | None) -> tuple[Image.Image, str]:
    """Bring colours of mode L, RGB or CMYK to RGB by an ICC profile; the note says if it failed."""
    if not profile:
        return _converted(colour, "RGB"), ""
    try:
        return _apply_profile(colour, profile), ""
    except Exception:  # Little CMS's own error, and ValueError, KeyError, TypeError, OSError
        note = "the embedded colour profile is broken or of another kind, and was ignored"
        return _converted(colour, "RGB"), note


def _apply_profile(colour: Image.Image, profile: bytes) -> Image.Image:
    mode = _PROFILE_MODES[profile[16:20]]
    if mode == "RGB" and colour.mode == "L":
        colour = colour.convert("RGB")
    if mode != colour.mode:
        raise ValueError("the profile describes colours of another kind")
    transform = ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        # The one intent under which white stays white with every profile.
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    if mode == "RGB":
        levels = np.arange(0, 256, 15, dtype=np.uint8)
        cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(levels.size, -1, 3)
        moved = np.asarray(transform.apply(Image.fromarray(cube)))
        if np.abs(moved.astype(int) - cube).max() <= 1:
            return colour  # sRGB by another name; rounding would only alter the artist's pixels
    return transform.apply(colour)


def _orientation(image: Image.Image) -> tuple[tuple[bool, int, int], str]:
    try:
        # Plugins that turn the picture themselves, as TIFF's does, have removed it by now.
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # as in decoding, anything
        return _ORIENTATIONS[1], "the EXIF data is broken, and was ignored"
    return _ORIENTATIONS.get(orientation, _ORIENTATIONS[1]), ""


def _frames_note(image: Image.Image) -> str:
    frames = 1
    if image.tell() == 0:  # else whoever opened the image chose the frame
        with contextlib.suppress(Exception):  # a later frame may be damaged; it isn't needed
            frames = getattr(image, "n_frames", 1)
    return f"the first of {frames} frames was taken" if frames > 1 else ""
