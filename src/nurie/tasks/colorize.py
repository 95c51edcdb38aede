"""Colour into line art: a dot fills its region exactly, and no gap leaks.

Regions without one take the colour of what they belong with, or one that such things often have.
"""

import io
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

import edt
import numpy as np
from PIL import Image

from nurie.core import color, images, regions
from nurie.core.color import Color
from nurie.core.errors import NurieError, UnknownModel
from nurie.core.files import quoted
from nurie.core.hints import Hints, as_layer
from nurie.core.shade import shade
from nurie.core.spans import span, spanned
from nurie.core.types import Group, Layer, Palette
from nurie.runtime.registry import ModelCard, card, cards
from nurie.tasks import layers, painting
from nurie.tasks.propagate import Keys, paint
from nurie.tasks.reference import Reference
from nurie.tasks.traits import Traits, look

if TYPE_CHECKING:
    from nurie.runtime.session import Session

Source = str | os.PathLike[str] | bytes | BinaryIO | Image.Image | np.ndarray

MODEL = "color"
"""The network that is used when none is named."""

NEAREST = "nearest"
"""The classical method: a region without a hint takes the nearest hint's colour."""

EXPORTED = "model.onnx"
"""The network's file in a folder that is given as a model."""

RIM = 3.0
"""Pixels from the edge of a hint that may run over a line and colour nothing but themselves."""


@dataclass(frozen=True)
class ColorizeOptions:
    """How to colour.

    Attributes:
        model: a network of `nurie models`, "nearest", the path of an .onnx file, or a folder that
            holds a model.onnx. One that paints (`nurie.tasks.painting`) knows neither `spread` nor
            `reference` nor `seed`.
        only_hints: regions without a hint stay bare.
        spread: how readily a hint's colour goes to the regions that belong with its own: 0 not at
            all, 1 as was learned, more is more.
        palette: what may be chosen from where no hint speaks; a hint is law all the same.
        reference: a coloured picture whose colours are taken, for the same parts where it shows the
            same character; else they are the palette.
        seed: what no hint explains gets what is to be expected with 0, made-up colours with every
            other number. Without any hint, all of it is made up.
        fill: "soft" adds a layer of shade.
        gap: the widest break in a line, in pixels, that no colour leaks through; None is about one
            hundredth of the long edge.
        threads: for one picture; None takes every core.
        device: "auto" takes CUDA where ONNX Runtime offers it.
        max_pixels: larger line art is refused before it is decoded.

    Raises:
        NurieError: a number that makes no sense.
    """

    model: str = MODEL
    only_hints: bool = False
    spread: float = 1.0
    palette: Palette | None = None
    reference: Reference | None = None
    seed: int = 0
    fill: Literal["flat", "soft"] = "flat"
    gap: float | None = None
    threads: int | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"
    max_pixels: int = images.MAX_PIXELS

    def __post_init__(self) -> None:
        if self.fill not in ("flat", "soft"):
            raise NurieError(f"fill can't be {self.fill!r}: it is 'flat' or 'soft'")
        if not isinstance(self.seed, int):
            raise NurieError(f"seed can't be {self.seed!r}: give a whole number")
        if not isinstance(self.palette, Palette | None):
            raise NurieError("palette is not a nurie.Palette: write Palette(['#f4c7a1', 'tomato'])")
        if not isinstance(self.reference, Reference | None):
            raise NurieError("reference is not a nurie.Reference: write Reference('portrait.png')")
        for name, value in (("spread", self.spread), ("gap", self.gap), ("seed", self.seed)):
            if value is not None and not value >= 0:  # so that NaN is none either
                raise NurieError(f"{name} can't be {value}: give 0 or more")


@dataclass(frozen=True, eq=False)
class Artwork:
    """A coloured drawing in layers, each (H, W, 4) uint8 sRGB with straight alpha.

    Attributes:
        line: the line art as it was handed in, pixel for pixel.
        flats: one colour per region and no line; alpha 0 where nothing was painted.
        shade: what is multiplied onto the flats, where it was asked for.
        hints: the dots and strokes that it was painted by.
        notes: what reading the line art left out.
    """

    line: np.ndarray
    flats: np.ndarray
    hints: np.ndarray
    shade: np.ndarray | None = None
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
        shade = () if self.shade is None else (Layer("shade", self.shade, blend="multiply"),)
        return (
            flats,
            *shade,
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
            flats_only: the flats alone.

        Raises:
            NurieError: the format is unknown, or the file can't be written.
        """
        height, width = self.line.shape[:2]
        stack = self.layers(by_color=by_color)
        if is_layered(target, format):
            stack = stack[:1] if flats_only else stack
            layers.save(stack, target, height=height, width=width, format=format)
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
        UnknownModel, DamagedModel: the model can't be used.
        NurieError: the hints don't fit it, or CUDA was asked for and is not there.
    """
    return Colorizer(lines, options).paint(hints)


class Colorizer:
    """Line art that is read once and painted often.

    Attributes:
        line: the line art as it was handed in, (H, W, 4) uint8.
        regions: what it is divided into.

    Raises what `colorize` raises.
    """

    def __init__(self, lines: Source, options: ColorizeOptions | None = None):
        self.options = options or ColorizeOptions()
        self._model = _model(self.options.model)
        picture = images.read(lines, max_pixels=self.options.max_pixels, over_white=False)
        self._notes = picture.notes
        self.line = np.full((picture.height, picture.width, 4), 255, np.uint8)
        self.line[..., :3] = picture.rgb
        if picture.alpha is not None:
            self.line[..., 3] = picture.alpha
        gap = self.options.gap
        if gap is not None:
            gap = min(gap, max(picture.height, picture.width))  # infinity ends somewhere
        self.regions = regions.find(_coverage(self.line), gap=gap)
        if not self.options.only_hints:
            self._check(self.options)
            self._traits  # noqa: B018 - looked at now, so that the first hint is painted at once

    @spanned("paint")
    def paint(self, hints: Hints = None, options: ColorizeOptions | None = None) -> Artwork:
        """Colour the line art by these hints; a region with several colours is divided.

        Args:
            hints: what `nurie.core.hints.as_layer` takes.
            options: those that the line art was read with when None; `gap`, `model` and all that
                reading needs are not looked at again.

        Raises:
            NurieError: the hints don't fit, or the network knows nothing of an option.
        """
        options = options or self.options
        if not options.only_hints:
            self._check(options)
        label = self.regions.label
        layer = as_layer(hints, *label.shape)
        marks = _packed(layer)
        y, x = _cores(marks)
        region, color_of = label[y, x], marks[y, x]
        fill = np.zeros(1 + self.regions.count, marks.dtype)
        if not options.only_hints:
            fill[1:] = self._unhinted(x, y, color_of, options)
        fill[region] = color_of
        flats = fill[label]
        for number in np.unique(region[fill[region] != color_of]):
            here = region == number
            self._divide(flats, int(number), x[here], y[here], color_of[here])
        np.copyto(flats, marks, where=marks > 0)  # a hint is law to its last pixel
        flats = flats.view(np.uint8).reshape(layer.shape)
        with span("shade"):
            soft = shade(self.regions, flats) if options.fill == "soft" else None
        return Artwork(self.line, flats, layer, soft, self._notes)

    @cached_property
    def _session(self) -> "Session | None":
        if self._model is None:
            return None
        # ONNX Runtime is loaded only when a network is about to be used.
        with span("load ONNX Runtime"):
            from nurie.runtime.session import session_for

        options = self.options
        return session_for(self._model, threads=options.threads, device=options.device)

    @cached_property
    def _paints(self) -> bool:
        """Whether the network is one that paints, and not one that says what belongs together."""
        return self._session is not None and painting.is_painter(self._session)

    @cached_property
    def _traits(self) -> Traits | None:
        """What the network says of the regions; None of one that paints, and without one."""
        if self._session is None or self._paints:
            return None
        return look(self._session, _coverage(self.line), self.regions)

    def _check(self, options: ColorizeOptions) -> None:
        """Refuse what a network that paints knows nothing of."""
        if self._paints and (options.reference or options.seed or options.spread != 1):
            raise NurieError(
                f"{quoted(self.options.model)} paints: it knows neither spread nor seed nor "
                "reference, so leave them out"
            )

    @spanned("propagate")
    def _unhinted(
        self, x: np.ndarray, y: np.ndarray, color_of: np.ndarray, options: ColorizeOptions
    ) -> np.ndarray:
        """What every region would be without its own hints, (R,) as `_packed` gives it."""
        if self._session is None:
            return self._nearest(x, y, color_of)
        palette = options.palette and options.palette.colors
        if self._traits is None:
            colors = painting.paint(
                self._session, _coverage(self.line), self.regions, x, y, _rgb(color_of), palette
            )
            return _opaque(colors)
        reference = None
        if options.reference:
            reference = options.reference.keys(self._session)
            palette = palette or options.reference.palette.colors
        colors = paint(
            self._traits,
            _keys(self._traits, self.regions.label, x, y, color_of),
            reference=reference,
            spread=options.spread,
            palette=palette,
            seed=options.seed,
        )
        return _opaque(colors)

    def _nearest(self, x: np.ndarray, y: np.ndarray, color_of: np.ndarray) -> np.ndarray:
        """The colour of the hint that is nearest to the middle of each region, (R,); 0 without."""
        if not y.size:
            return np.zeros(self.regions.count, color_of.dtype)
        inner_x, inner_y = self.regions.inner.T
        away = [
            np.argmin((x - to_x) ** 2 + (y - to_y) ** 2)
            for to_x, to_y in zip(inner_x, inner_y, strict=True)
        ]
        return color_of[away]

    def _divide(
        self, flats: np.ndarray, region: int, x: np.ndarray, y: np.ndarray, color_of: np.ndarray
    ) -> None:
        """Share a region out among the colours of the hints in it, at the pixels (x, y)."""
        values, which = np.unique(color_of, return_inverse=True)
        window, ids = regions.divide(self.regions, region, np.stack([x, y, which + 1], axis=1))
        np.copyto(flats[window], values[ids - 1], where=ids > 0)


def _model(name: str) -> Path | ModelCard | None:
    """The network of that name; None for a method that needs none.

    Raises:
        UnknownModel: there is no such thing.
    """
    if name == NEAREST:
        return None
    if name.endswith(".onnx"):
        return Path(name)
    known = [card.name for card in cards() if card.task == "colorize"]
    if name in known:
        return card(name)
    if name and Path(name).is_dir():
        if not (exported := Path(name) / EXPORTED).is_file():
            raise UnknownModel(
                f"{quoted(name)} holds no {EXPORTED}: "
                f"write it with nurie export {name} -o {exported}"
            )
        return exported
    names = ", ".join([*known, NEAREST])
    raise UnknownModel(f"no model is named {name!r}; choose from: {names}")


def _keys(
    traits: Traits, label: np.ndarray, x: np.ndarray, y: np.ndarray, color_of: np.ndarray
) -> Keys:
    """A key for every colour in every region that has hints, at the pixels (x, y)."""
    pair = (label[y, x].astype(np.int64) - 1) << 32 | color_of
    pairs, which, pixels = np.unique(pair, return_inverse=True, return_counts=True)
    region, color = pairs >> 32, pairs & 0xFFFFFFFF
    embedding, centre = traits.embedding[region], traits.centre[region]
    # Of a region with several colours, each speaks for the spot it lies on alone.
    order, end = np.argsort(which, kind="stable"), np.cumsum(pixels)
    for key in np.flatnonzero(np.isin(region, region[1:][region[1:] == region[:-1]])):
        spot = order[end[key] - pixels[key] : end[key]]
        embedding[key] = traits.at(x[spot], y[spot])
        centre[key] = np.array([x[spot].mean(), y[spot].mean()]) / max(label.shape)
    return Keys(embedding, _rgb(color), centre)


def _packed(image: np.ndarray) -> np.ndarray:
    """RGBA, (H, W, 4) uint8, as one number per pixel, (H, W) uint32: 0 where there is nothing."""
    return np.ascontiguousarray(image).view("<u4")[..., 0]


def _rgb(packed: np.ndarray) -> np.ndarray:
    """Colours as `_packed` gives them, (N,), as (N, 3) uint8."""
    return packed.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :3]


def _opaque(colors: np.ndarray) -> np.ndarray:
    """Colours, (N, 3) uint8, as `_packed` gives them, (N,)."""
    return _packed(np.insert(colors, 3, 255, axis=1)[None])[0]


def _unpacked(value: int) -> Color:
    return value & 255, value >> 8 & 255, value >> 16 & 255


def _cores(marks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows and columns of the pixels of hints that speak for the region they lie in.

    They are the middle of each dot and stroke, and what is deeper than `RIM`. The rim often runs
    over a line by accident, and would colour the region beyond it.

    Args:
        marks: hints as `_packed` gives them.
    """
    rows, columns = (_close(np.asarray(marks.any(axis))) for axis in (1, 0))
    marks = marks[np.ix_(rows, columns)]  # a few dots leave most of a picture empty
    y, x = np.nonzero(marks)
    depth, framed = np.pad(edt.edt(marks), 1), np.pad(marks, 1)
    own = depth[y + 1, x + 1]
    core = np.ones(y.size, bool)
    for down, right in itertools.product(range(3), repeat=2):
        beside = y + down, x + right
        core &= (own > RIM) | (depth[beside] <= own) | (framed[beside] != marks[y, x])
    return rows[y[core]], columns[x[core]]


def _close(marked: np.ndarray) -> np.ndarray:
    """The positions that are marked, (N,) bool, or beside one that is."""
    close = marked.copy()
    close[1:] |= marked[:-1]
    close[:-1] |= marked[1:]
    return np.flatnonzero(close)


def _coverage(line: np.ndarray) -> np.ndarray:
    """How much ink covers each pixel of line art, (H, W, 4) uint8: (H, W) uint8."""
    red, green, blue, alpha = np.moveaxis(line, -1, 0).astype(np.uint16)
    luma = (54 * red + 183 * green + 19 * blue) >> 8
    return ((255 - luma) * alpha // 255).astype(np.uint8)
