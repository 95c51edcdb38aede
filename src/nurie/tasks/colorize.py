"""Colour into line art: every dot fills the region it lies in, exactly, and goes no further."""

import io
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import edt
import numpy as np
from PIL import Image

from nurie.core import color, images, regions
from nurie.core.color import Color
from nurie.core.hints import Hints, as_layer
from nurie.core.types import Group, Layer
from nurie.tasks import layers

Source = str | os.PathLike[str] | bytes | BinaryIO | Image.Image | np.ndarray

RIM = 3.0
"""Pixels from the edge of a hint that may run over a line and colour nothing but themselves."""


@dataclass(frozen=True)
class ColorizeOptions:
    """How to colour.

    Attributes:
        gap: the widest break in a line, in pixels, that no colour leaks through; None is about one
            hundredth of the long edge.
        spread: regions without a dot take the colour of the nearest one; else they stay bare.
        max_pixels: larger line art is refused before it is decoded.
    """

    gap: float | None = None
    spread: bool = False
    max_pixels: int = images.MAX_PIXELS


@dataclass(frozen=True, eq=False)
class Artwork:
    """A coloured drawing in layers, each (H, W, 4) uint8 sRGB with straight alpha.

    Attributes:
        line: the line art as it was handed in, pixel for pixel.
        flats: one colour per region and no line; alpha 0 where nothing was painted.
        hints: the dots and strokes that it was painted by.
        notes: what reading the line art left out.
    """

    line: np.ndarray
    flats: np.ndarray
    hints: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def image(self) -> Image.Image:
        """The drawing as it looks: RGB, or RGBA where something of it is transparent."""
        flat = layers.flatten(self.layers(), *self.line.shape[:2])
        opaque = flat[..., 3].min() == 255
        return Image.fromarray(flat[..., :3] if opaque else flat)

    @property
    def colors(self) -> tuple[Color, ...]:
        """The colours of the flats, the one that covers most first."""
        return tuple(_unpacked(value) for value in self._values)

    def layers(self, *, by_color: bool = False) -> tuple[Layer | Group, ...]:
        """The layers, the bottom one first; with `by_color`, the flats of each colour apart."""
        flats = Layer("flats", self.flats)
        if by_color:
            flats = Group("flats", tuple(self._by_color()))
        return (
            flats,
            Layer("hints", self.hints, visible=False),
            Layer("line", self.line, blend="multiply"),
        )

    def save(
        self,
        target: str | os.PathLike[str] | BinaryIO,
        *,
        format: str | None = None,
        by_color: bool = False,
        flats_only: bool = False,
    ) -> None:
        """Write the drawing whole or not at all; the ending, or `format`, names the format.

        .psd and .ora hold the layers, all others the picture as it looks.

        Args:
            by_color: in .psd and .ora, a layer for every colour.
            flats_only: the flats alone, without the line.

        Raises:
            NurieError: the format is unknown, or the file can't be written.
        """
        height, width = self.line.shape[:2]
        if is_layered(target, format):
            stack = self.layers(by_color=by_color)
            layers.save(
                stack[:1] if flats_only else stack,
                target,
                height=height,
                width=width,
                format=format,
            )
        else:
            image = Image.fromarray(self.flats) if flats_only else self.image
            images.write(image, target, format=format)

    def encode(self, format: str, **options: bool) -> bytes:
        """The drawing as a file's bytes; `format` is an ending such as "psd"."""
        buffer = io.BytesIO()
        self.save(buffer, format=format, **options)
        return buffer.getvalue()

    def _by_color(self) -> Iterator[Layer]:
        packed = _packed(self.flats)
        for value in self._values:
            mask = packed == value
            rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
            top, left = int(rows[0]), int(columns[0])
            box = mask[top : rows[-1] + 1, left : columns[-1] + 1]
            image = np.zeros((*box.shape, 4), np.uint8)
            image[box] = (*_unpacked(value), 255)
            yield Layer(color.to_hex(_unpacked(value)), image, left=left, top=top)

    @cached_property
    def _values(self) -> list[int]:
        """The colours of the flats, as `_packed` gives them, the one that covers most first."""
        values, pixels = np.unique(_packed(self.flats), return_counts=True)
        return [int(value) for value in values[np.argsort(-pixels, kind="stable")] if value]


def is_layered(target: object, format: str | None = None) -> bool:
    """Whether `Artwork.save` would write layers there."""
    if format is None and isinstance(target, (str, os.PathLike)):
        format = Path(target).suffix
    return f".{(format or '').lower().removeprefix('.')}" in layers.FORMATS


def colorize(lines: Source, hints: Hints = None, options: ColorizeOptions | None = None) -> Artwork:
    """Colour line art at its own resolution.

    Args:
        lines: what `nurie.core.images.read` takes: a path, bytes, a stream, an image, an array.
        hints: what `nurie.core.hints.as_layer` takes: `Hint`s and `Stroke`s, a picture, a file.
        options: the defaults when None.

    Raises:
        UnreadableImage, ImageTooLarge: the line art can't be read.
        NurieError: the hints don't fit it.
    """
    return Colorizer(lines, options).paint(hints)


class Colorizer:
    """Line art that is read once and painted often.

    Raises what `colorize` raises.
    """

    def __init__(self, lines: Source, options: ColorizeOptions | None = None):
        self._options = options or ColorizeOptions()
        picture = images.read(lines, max_pixels=self._options.max_pixels, over_white=False)
        self._notes = picture.notes
        self.line = np.full((picture.height, picture.width, 4), 255, np.uint8)
        self.line[..., :3] = picture.rgb
        if picture.alpha is not None:
            self.line[..., 3] = picture.alpha
        gap = self._options.gap
        if gap is not None:
            gap = min(gap, max(picture.height, picture.width))  # infinity ends somewhere
        self.regions = regions.find(_coverage(self.line), gap=gap)

    def paint(self, hints: Hints = None) -> Artwork:
        """Colour the line art by these hints; a region with several colours is divided."""
        label = self.regions.label
        layer = as_layer(hints, *label.shape)
        marks = _packed(layer)
        y, x = _cores(marks)
        region, color_of = label[y, x], marks[y, x]
        fill = np.zeros(1 + self.regions.count, marks.dtype)
        fill[region] = color_of
        if self._options.spread and y.size:
            self._spread(fill, x, y, color_of)
        flats = fill[label]
        for number in np.unique(region[fill[region] != color_of]):
            here = region == number
            self._divide(flats, int(number), x[here], y[here], color_of[here])
        np.copyto(flats, marks, where=marks > 0)  # a hint is law to its last pixel
        return Artwork(self.line, flats.view(np.uint8).reshape(layer.shape), layer, self._notes)

    def _divide(
        self, flats: np.ndarray, region: int, x: np.ndarray, y: np.ndarray, color_of: np.ndarray
    ) -> None:
        """Share a region out among the colours of the hints in it, at the pixels (x, y)."""
        values, which = np.unique(color_of, return_inverse=True)
        window, ids = regions.divide(self.regions, region, np.stack([x, y, which + 1], axis=1))
        np.copyto(flats[window], values[ids - 1], where=ids > 0)

    def _spread(self, fill: np.ndarray, x: np.ndarray, y: np.ndarray, color_of: np.ndarray) -> None:
        """Give every bare region the colour of the hint that is nearest to its middle."""
        for bare in np.flatnonzero(fill[1:] == 0):
            to_x, to_y = self.regions.inner[bare]
            fill[bare + 1] = color_of[np.argmin((x - to_x) ** 2 + (y - to_y) ** 2)]


def _packed(image: np.ndarray) -> np.ndarray:
    """RGBA, (H, W, 4) uint8, as one number per pixel, (H, W) uint32: 0 where there is nothing."""
    return np.ascontiguousarray(image).view("<u4")[..., 0]


def _unpacked(value: int) -> Color:
    return value & 255, value >> 8 & 255, value >> 16 & 255


def _cores(marks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows and columns of the pixels of hints that speak for the region they lie in.

    They are the middle of each dot and stroke, and what is deeper than `RIM`. The rim often runs
    over a line by accident, and would colour the region beyond it.

    Args:
        marks: hints as `_packed` gives them.
    """
    y, x = np.nonzero(marks)
    depth, framed = np.pad(edt.edt(marks), 1), np.pad(marks, 1)
    own = depth[y + 1, x + 1]
    core = np.ones(y.size, bool)
    for down, right in itertools.product(range(3), repeat=2):
        beside = y + down, x + right
        core &= (own > RIM) | (depth[beside] <= own) | (framed[beside] != marks[y, x])
    return y[core], x[core]


def _coverage(line: np.ndarray) -> np.ndarray:
    """How much ink covers each pixel of line art, (H, W, 4) uint8: (H, W) uint8."""
    red, green, blue, alpha = np.moveaxis(line, -1, 0).astype(np.uint16)
    luma = (54 * red + 183 * green + 19 * blue) >> 8
    return ((255 - luma) * alpha // 255).astype(np.uint8)
