"""Line art as a worker holds it for a session: read once, shown and painted often."""

import io
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image

from nurie.core import images
from nurie.core.errors import NurieError
from nurie.core.hints import HintLayer, as_layer
from nurie.core.shade import shade
from nurie.core.types import Layer
from nurie.server import orders, received
from nurie.server.kinds import kind_of
from nurie.server.orders import Coloring, Facts, Limits
from nurie.tasks import layers
from nurie.tasks.colorize import Artwork, ColorizeOptions, Colorizer, is_layered
from nurie.tasks.extract import ExtractOptions, Lines, extract
from nurie.tasks.reference import Reference

BYTES, BYTES_PER_PIXEL = 10_000_000, 30
"""About what line art takes, its regions, what the network said of it and its last colouring."""


class Drawing:
    """Line art of a session.

    Raises:
        NurieError: the picture can't be read.
    """

    def __init__(self, recipe: orders.Drawing, limits: Limits):
        self._style: orders.Style = recipe.style
        self._gap = recipe.gap
        self._limits = limits
        pixels = received.pixels(recipe.upload, limits.max_pixels)
        self.kind: orders.FoundKind = kind_of(pixels) if recipe.kind == "auto" else recipe.kind
        if self.kind == "picture":
            options = ExtractOptions(style=recipe.style, threads=limits.threads)
            pixels = np.asarray(extract(pixels, options).image)
        self._colorizer = Colorizer(pixels, self._options({}, None))
        self._other: Colorizer | None = None
        self._marks: tuple[list[dict[str, Any]], HintLayer] = [], as_layer(None, *pixels.shape[:2])
        self._flat: tuple[object, Colorizer, Artwork] | None = None

    @property
    def facts(self) -> Facts:
        found = self._colorizer.regions
        height, width = found.label.shape
        size = BYTES + BYTES_PER_PIXEL * found.label.size
        return Facts(width, height, self.kind, found.count, size)

    def lines(self) -> np.ndarray:
        """The line layer over white: (H, W) uint8 where it is grey, else (H, W, 3)."""
        return _grey_if_grey(_on_white(self._colorizer.line))

    def regions(self) -> np.ndarray:
        """The number of each pixel's region, (H, W, 3) uint8: R + 256 G + 65536 B, from 1."""
        label = self._colorizer.regions.label
        return np.stack([label & 255, label >> 8 & 255, label >> 16], axis=-1).astype(np.uint8)

    def flats(self, coloring: Coloring, reference: Reference | None) -> np.ndarray:
        """The flats, (H, W, 3) uint8; white where nothing is painted."""
        _, art = self._painted_flat(coloring, reference)
        return _on_white(art.flats)

    def shade(self, coloring: Coloring, reference: Reference | None) -> np.ndarray:
        """The shade to be multiplied onto the flats, (H, W, 4) uint8 with straight alpha."""
        colorizer, art = self._painted_flat(coloring, reference)
        return shade(colorizer.regions, art.flats)

    def export(self, order: orders.Export, reference: Reference | None) -> bytes:
        """The file that is ordered.

        Raises:
            NurieError: the format can't hold what is asked for.
        """
        if order.format == "svg":
            return self._svg(order.layers)
        if order.layers == "lines":
            return self._line_file(order.format)
        _, art = self._painted(order.coloring, reference)
        flats_only = order.layers == "flats"
        return art.encode(order.format, by_color=order.by_color, flats_only=flats_only)

    def _svg(self, chosen: str) -> bytes:
        if chosen == "flats":
            raise NurieError("vector paths are lines: ask for the layers 'lines', or for pixels")
        grey = Image.fromarray(_on_white(self._colorizer.line)).convert("L")
        coverage = 1 - np.asarray(grey, np.float32) / 255
        return Lines(coverage, grey, self._style).encode("svg")

    def _line_file(self, format: str) -> bytes:
        line = self._colorizer.line
        file = io.BytesIO()
        if is_layered(None, format):
            height, width = line.shape[:2]
            stack = [Layer("line", line, blend="multiply")]
            layers.save(stack, file, height=height, width=width, format=format)
        else:
            opaque = line[..., 3].min() == 255
            shown = _grey_if_grey(line[..., :3]) if opaque else line
            images.write(Image.fromarray(shown), file, format=format)
        return file.getvalue()

    def _painted_flat(
        self, coloring: Coloring, reference: Reference | None
    ) -> tuple[Colorizer, Artwork]:
        """Without shade; the last one is kept, as its shade is often asked for next."""
        coloring = Coloring(coloring.hints, {**coloring.options, "fill": "flat"})
        wanted = coloring, reference
        if self._flat is None or self._flat[0] != wanted:
            self._flat = wanted, *self._painted(coloring, reference)
        return self._flat[1:]

    def _painted(
        self, coloring: Coloring, reference: Reference | None
    ) -> tuple[Colorizer, Artwork]:
        options = self._options(coloring.options, reference)
        colorizer = self._colorizer_for(options)
        return colorizer, colorizer.paint(self._hint_layer(list(coloring.hints)), options)

    def _hint_layer(self, marks: list[dict[str, Any]]) -> HintLayer:
        """The hints as one layer.

        While a user draws, all but the last are those of the time before, and to paint hundreds of
        strokes once more would take longer than all the rest.
        """
        known, layer = self._marks
        if marks[: len(known)] != known:
            known, layer = [], np.zeros_like(layer)
        fresh = as_layer(received.hints(marks[len(known) :]), *layer.shape[:2])
        layer = np.where(fresh[..., 3:] > 0, fresh, layer)
        self._marks = marks, layer
        return layer

    def _options(self, values: dict[str, Any], reference: Reference | None) -> ColorizeOptions:
        options = received.options(values, self._limits, reference)
        return replace(options, gap=self._gap) if options.gap is None else options

    def _colorizer_for(self, options: ColorizeOptions) -> Colorizer:
        """The one that was read with this model and gap; one beside the session's own is kept."""
        for known in (self._colorizer, self._other):
            if known and (known.options.model, known.options.gap) == (options.model, options.gap):
                return known
        self._other = Colorizer(self._colorizer.line, options)
        return self._other


def _on_white(image: np.ndarray) -> np.ndarray:
    """Lay an image, (H, W, 4) uint8, over white: (H, W, 3) uint8."""
    colors, alpha = image[..., :3], image[..., 3:]
    if alpha.min() == 255:
        return colors
    product = (255 - colors).astype(np.uint16) * alpha + 127  # of what is not white
    return 255 - (product // 255).astype(np.uint8)


def _grey_if_grey(rgb: np.ndarray) -> np.ndarray:
    """An image, (H, W, 3), as (H, W) where its channels are the same."""
    red, green, blue = np.moveaxis(rgb, -1, 0)
    return red if (red == green).all() and (red == blue).all() else rgb
