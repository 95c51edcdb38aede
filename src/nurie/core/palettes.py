"""Palettes out of files: GIMP's .gpl, Adobe's .ase, JSON, and pictures."""

import json
import math
import os
import re
import struct
from collections.abc import Iterator

import numpy as np
from PIL import Image

from nurie.core import images
from nurie.core.color import Color, as_color, ciede2000, lab_to_srgb, srgb_to_lab
from nurie.core.errors import ImageTooLarge, NurieError, UnreadableImage
from nurie.core.files import content_of, one_line, reason
from nurie.core.types import Palette

MAIN_COLORS = 16
"""The most colours that are taken from a picture."""

ALIKE = 5.0
"""CIEDE2000 below which two colours of a picture are one: shades of a flat, not two flats."""

LEAST_SHARE = 0.002
"""The share of a picture below which a colour is no main one."""

_BINS = 64
"""Clusters of a picture's colours before those that look alike are merged."""

_SAMPLE = 1 << 16
"""Pixels of a picture that are looked at; more would say the same, later."""

_GPL_COLOR = re.compile(r"\s*(\d{1,9})\s+(\d{1,9})\s+(\d{1,9})(?:\s.*)?")
_GPL_HEADER = re.compile(r"\s*(?:#.*|(\w+)\s*:\s*(.*))?")


def read(source: str | os.PathLike[str] | bytes) -> Palette:
    """Read a palette from a file; its content decides what it is, not the ending of its name.

    - GIMP's text (.gpl).
    - Adobe's swatch exchange (.ase): RGB, grey, Lab, and CMYK without a profile.
    - JSON: a list of colours as `Hint` takes them, or {"colors": [...], "name": "..."}.
    - A picture: its main flat colours, the largest first.

    Args:
        source: a path, or the bytes of a file.

    Raises:
        NurieError: there is no such file, it is no palette, or it is damaged.
    """
    name, content = content_of(source, "the palette")
    try:
        if content.startswith(b"ASEF"):
            return Palette(_ase_colors(content))
        text = content.removeprefix(b"\xef\xbb\xbf").lstrip()
        if text.startswith(b"GIMP Palette"):
            return _gpl(text.decode(errors="replace"))
        if text.startswith((b"[", b"{")):
            return _json(text)
        return of_picture(images.read(source))
    except UnreadableImage as error:
        raise NurieError(
            f"{error}; a palette is a .gpl, .ase or .json file or a picture"
        ) from error
    except ImageTooLarge:
        raise  # it names the file itself
    except NurieError as error:
        raise NurieError(f"{name}: {error}") from error


def _gpl(text: str) -> Palette:
    """https://developer.gimp.org/core/standards/gpl/"""
    colors: list[tuple[int, ...]] = []
    name = ""
    for number, line in enumerate(text.splitlines()[1:], start=2):
        if color := _GPL_COLOR.fullmatch(line):
            colors.append(tuple(map(int, color.groups())))
        elif header := _GPL_HEADER.fullmatch(line):
            if header[1] == "Name":
                name = header[2].strip()
        else:
            raise NurieError(f"line {number} is no colour: '{one_line(line):.60}'")
    return Palette(colors, name)


def _json(text: bytes) -> Palette:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NurieError(f"it is no JSON: {reason(error)}") from error
    if isinstance(content, list):
        content = {"colors": content}
    colors, name = content.get("colors"), content.get("name", "")
    if not isinstance(colors, list):
        raise NurieError('it holds no colours: write ["#f4c7a1", ...] or {"colors": [...]}')
    return Palette(colors, str(name))


def _ase_colors(content: bytes) -> Iterator[Color]:
    """Adobe never described the format; what is known is that all of it is big endian.

    Blocks of a kind (1 is a colour, others are bounds of groups), a length and a body. A colour
    is its name, of UTF-16 units that are counted first, its model, and floats.
    """
    try:
        (blocks,) = struct.unpack_from(">I", content, 8)
        at = 12
        for _ in range(blocks):
            kind, length = struct.unpack_from(">HI", content, at)
            if kind == 1:
                yield _ase_color(content[at + 6 : at + 6 + length])
            at += 6 + length
    except struct.error as error:
        raise NurieError("the file is damaged: it ends too soon") from error


def _ase_color(body: bytes) -> Color:
    (units,) = struct.unpack_from(">H", body)
    model, values = body[2 + 2 * units :][:4], body[6 + 2 * units :]
    if model == b"RGB ":
        rgb = struct.unpack_from(">3f", values)
    elif model == b"CMYK":
        c, m, y, k = struct.unpack_from(">4f", values)
        rgb = [(1 - ink) * (1 - k) for ink in (c, m, y)]
    elif model == b"Gray":
        rgb = struct.unpack_from(">f", values) * 3
    elif model == b"LAB ":
        lightness, a, b = struct.unpack_from(">3f", values)
        lab = np.clip([100 * lightness, a, b], [0, -128, -128], [100, 127, 127])
        rgb = lab_to_srgb(lab, white="D50")
    else:
        raise NurieError(f"the file is damaged: {model!r} is no kind of colour")
    if not np.isfinite(rgb).all():
        raise NurieError("the file is damaged: it holds colours that are no numbers")
    red, green, blue = (round(255 * min(max(float(value), 0), 1)) for value in rgb)
    return red, green, blue


def of_picture(picture: images.Picture) -> Palette:
    """The colours of the flat areas, or of all of a picture that has none, the largest first.

    Raises:
        NurieError: it is transparent throughout.
    """
    seen = _worth_seeing(picture)
    if not len(seen):
        raise NurieError("the picture is transparent throughout, so it has no colours")
    colors, shares = _clusters(seen)
    lab = srgb_to_lab(colors / 255)
    alike = ciede2000(lab[:, None], lab) < ALIKE
    merged: dict[int, float] = {}
    for index in np.argsort(-shares, kind="stable").tolist():
        main = next((other for other in merged if alike[other, index]), index)
        merged[main] = merged.get(main, 0) + float(shares[index])
    largest = sorted(merged, key=lambda index: -merged[index])[:MAIN_COLORS]
    return Palette([as_color(colors[index]) for index in largest if merged[index] >= LEAST_SHARE])


def _clusters(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Part pixels, (N, 3) uint8, into K clusters: a colour of each, (K, 3), and its share, (K,).

    By maximum coverage, so that a small flat is not lost among shades of a large one. The colour
    is the one most frequent in the cluster, not its mean: one that the picture has.
    """
    image = Image.fromarray(pixels[None])
    clusters = image.quantize(_BINS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    red, green, blue = pixels.T.astype(np.int64)
    packed = np.asarray(clusters).ravel().astype(np.int64) << 24 | red << 16 | green << 8 | blue
    packed, counts = np.unique(packed, return_counts=True)
    starts = np.flatnonzero(np.diff(packed >> 24, prepend=-1))
    stops = [*starts[1:], counts.size]
    modes = [packed[a + np.argmax(counts[a:b])] for a, b in zip(starts, stops, strict=True)]
    colors = np.stack([np.array(modes) >> shift & 255 for shift in (16, 8, 0)], axis=-1)
    return colors, np.add.reduceat(counts, starts) / len(pixels)


def _worth_seeing(picture: images.Picture) -> np.ndarray:
    """Pixels that aren't transparent, of flat areas if there are such, (N, 3) uint8."""
    step = math.ceil(math.sqrt(picture.height * picture.width / _SAMPLE))
    y, y_beside = _beside(picture.height, step)
    x, x_beside = _beside(picture.width, step)
    rgb = picture.rgb[y[:, None], x]
    flat = (rgb == picture.rgb[y_beside[:, None], x]).all(axis=-1)
    flat &= (rgb == picture.rgb[y[:, None], x_beside]).all(axis=-1)
    if picture.alpha is not None:
        shown = picture.alpha[y[:, None], x] >= 128
        rgb, flat = rgb[shown], flat[shown]
    # Pixels of a photograph are alike by chance, those of a drawing by the quarter at least.
    return rgb[flat] if flat.sum() >= flat.size / 4 else rgb.reshape(-1, 3)


def _beside(length: int, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Every `step`-th position along an axis, and a neighbour of each."""
    at = np.arange(0, length, step)
    return at, np.where(at + 1 < length, at + 1, at - 1)
