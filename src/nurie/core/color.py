"""Colours: their names, CIE Lab, and how different two of them look."""

import operator
import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
from PIL import ImageColor

from nurie.core.errors import NurieError
from nurie.core.files import one_line

Color = tuple[int, int, int]
"""sRGB, 0 to 255 each."""

_HEX = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")

# CIE XYZ of the primaries of sRGB (IEC 61966-2-1) under D65, one a column.
_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)

# What a colour under D65 is under D50: the chromatic adaptation of Bradford.
_BRADFORD = np.array(
    [
        [1.0478112, 0.0228866, -0.0501270],
        [0.0295424, 0.9904844, -0.0170491],
        [-0.0092345, 0.0150436, 0.7521316],
    ]
)

# Linear RGB to XYZ in shares of white, so that white is (100, 0, 0) in Lab to the last digit.
_SHARES = {
    white: (xyz / xyz.sum(axis=1, keepdims=True)).astype(np.float32)
    for white, xyz in (("D65", _XYZ), ("D50", _BRADFORD @ _XYZ))
}


def parse_color(text: str) -> Color:
    """Read "#f4c7a1", "#fc9" or a name of CSS, such as "tomato".

    Raises:
        NurieError: it is none of them.
    """
    text = text.strip()
    if not (_HEX.fullmatch(text) or text.lower() in ImageColor.colormap):
        raise NurieError(
            f"'{one_line(text):.60}' is no colour: write it like '#f4c7a1', '#fc9' or 'tomato'"
        )
    red, green, blue = ImageColor.getrgb(text)[:3]
    return red, green, blue


def as_color(value: str | Sequence[int]) -> Color:
    """A colour from what `parse_color` reads, or from three whole numbers of 0 to 255.

    Raises:
        NurieError: it is no colour.
    """
    if isinstance(value, str):
        return parse_color(value)
    try:
        red, green, blue = map(operator.index, value)
        if min(red, green, blue) < 0 or max(red, green, blue) > 255:
            raise ValueError
    except (TypeError, ValueError) as error:
        raise NurieError(
            f"{one_line(repr(value)):.60} is no colour: give three whole numbers of 0 to 255"
        ) from error
    return red, green, blue


def to_hex(color: Color) -> str:
    """Write a colour like "#f4c7a1"."""
    return f"#{bytes(color).hex()}"


def srgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    """sRGB in [0, 1], (..., 3), to CIE Lab under D65, (..., 3) float32: L in [0, 100]."""
    rgb = np.asarray(rgb, np.float32)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    shares = linear @ _SHARES["D65"].T
    root = np.where(shares > (6 / 29) ** 3, np.cbrt(shares), shares * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


def lab_to_srgb(lab: np.ndarray, *, white: Literal["D65", "D50"] = "D65") -> np.ndarray:
    """CIE Lab, (..., 3), to sRGB, (..., 3) float32, cut off at [0, 1].

    Args:
        white: what Lab is relative to; Adobe's files and ICC profiles mean D50.
    """
    lightness, a, b = np.moveaxis(np.asarray(lab, np.float32), -1, 0)
    y = (lightness + 16) / 116
    root = np.stack([y + a / 500, y, y - b / 200], axis=-1)
    shares = np.where(root > 6 / 29, root**3, (root - 4 / 29) * 3 * (6 / 29) ** 2)
    linear = np.clip(shares @ np.linalg.inv(_SHARES[white]).T, 0, 1)
    rgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return rgb.astype(np.float32)


def ciede2000(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    """The difference CIEDE2000 between Lab colours, (..., 3) each, broadcast: (...) float64.

    1 can just be seen, 10 is seen at a glance.

    Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula", 2005; their names are kept.
    """
    l1, a1, b1 = np.moveaxis(np.asarray(lab1, np.float64), -1, 0)
    l2, a2, b2 = np.moveaxis(np.asarray(lab2, np.float64), -1, 0)

    g = 0.5 * (1 - _chroma_weight((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2))
    a1, a2 = (1 + g) * a1, (1 + g) * a2
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360

    # Hue is a circle: the difference is the way round that is shorter, and the mean lies on it.
    # A grey has no hue, so beside one the other colour's counts.
    grey = c1 * c2 == 0
    turn = np.where(np.abs(h2 - h1) > 180, np.where(h2 > h1, -360, 360), 0)
    dh = np.where(grey, 0, h2 - h1 + turn)
    h = np.where(grey, h1 + h2, (h1 + h2 - np.abs(turn) * np.where(h1 + h2 < 360, -1, 1)) / 2)

    dl, dc = l2 - l1, c2 - c1
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(dh) / 2)
    l, c = (l1 + l2) / 2, (c1 + c2) / 2  # noqa: E741
    t = (
        1
        - 0.17 * np.cos(np.radians(h - 30))
        + 0.24 * np.cos(np.radians(2 * h))
        + 0.32 * np.cos(np.radians(3 * h + 6))
        - 0.20 * np.cos(np.radians(4 * h - 63))
    )
    sl = 1 + 0.015 * (l - 50) ** 2 / np.sqrt(20 + (l - 50) ** 2)
    sc = 1 + 0.045 * c
    sh = 1 + 0.015 * c * t
    rt = -2 * _chroma_weight(c) * np.sin(np.radians(60 * np.exp(-(((h - 275) / 25) ** 2))))
    dl, dc, dh = dl / sl, dc / sc, dh / sh
    return np.sqrt(np.maximum(dl**2 + dc**2 + dh**2 + rt * dc * dh, 0))


def nearest(palette: Sequence[Color] | np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Which colour of the palette looks most like each colour, by CIEDE2000; of equals the first.

    It is meant for the few colours of a drawing, not for every pixel.

    Args:
        palette: (P, 3), 0 to 255, at least one.
        colors: (..., 3), 0 to 255.

    Returns:
        Indices into the palette, (...).
    """
    lab = srgb_to_lab(np.asarray(colors, np.float32) / 255)
    keys = srgb_to_lab(np.asarray(palette, np.float32) / 255)
    return np.argmin(np.stack([ciede2000(lab, key) for key in keys]), axis=0)


def _chroma_weight(chroma: np.ndarray) -> np.ndarray:
    """From 0 for greys to 1 for vivid colours."""
    c7 = chroma**7
    return np.sqrt(c7 / (c7 + 25.0**7))
