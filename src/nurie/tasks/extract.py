"""Line art out of a picture, by the trained network or by a classical method."""

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
from PIL import Image

from nurie.core import codec, images, lines, trace
from nurie.core.errors import NurieError, UnknownModel
from nurie.core.files import whole_file
from nurie.core.spans import span, spanned
from nurie.runtime.registry import card, cards
from nurie.tasks import classical

Style = Literal["soft", "ink", "thin"]

MODEL = "lines"
"""The network that is used when none is named."""


@dataclass(frozen=True)
class ExtractOptions:
    """How to extract.

    Attributes:
        style: "soft" keeps the grey of the lines, "ink" is solid black, "thin" an even hairline.
        color: the ink keeps the colour that it has in the picture.
        transparent: no paper; the picture's own transparency is kept.
        model: a network of `nurie models`, a classical method ("dilate-diff" or "xdog"), or the
            path of an .onnx file.
        threads: for one picture; None takes every core.
        device: "auto" takes CUDA where ONNX Runtime offers it.
        max_pixels: a larger picture is refused before it is decoded.
    """

    style: Style = "soft"
    color: bool = False
    transparent: bool = False
    model: str = MODEL
    threads: int | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"
    max_pixels: int = images.MAX_PIXELS


@dataclass(frozen=True, eq=False)
class Lines:
    """Line art.

    Attributes:
        coverage: how much ink covers each pixel, (H, W) float32 in [0, 1], in the style asked for.
        image: the drawing as a Pillow image: L on white paper, RGB with `color`, RGBA with
            `transparent`.
        style: the style asked for.
        notes: what reading the picture left out.
    """

    coverage: np.ndarray
    image: Image.Image
    style: Style = "soft"
    notes: tuple[str, ...] = ()

    def save(self, target: str | os.PathLike[str] | BinaryIO, *, format: str | None = None) -> None:
        """Write the drawing whole or not at all; the ending, or `format`, names the format.

        .svg writes vector paths, all others pixels.

        Raises:
            NurieError: the format is unknown, or the file can't be written.
        """
        if not _is_svg(target, format):
            images.write(self.image, target, format=format)
            return
        svg = self.to_svg().encode()
        if isinstance(target, (str, os.PathLike)):
            with whole_file(target) as file:
                file.write(svg)
        else:
            target.write(svg)

    def encode(self, format: str) -> bytes:
        """The drawing as a file's bytes; `format` is an ending such as "png" or "svg"."""
        buffer = io.BytesIO()
        self.save(buffer, format=format)
        return buffer.getvalue()

    @spanned("trace")
    def to_svg(self) -> str:
        """The drawing as black vector paths in an SVG of the picture's size, without paper."""
        # A path is there or not: soft lines are inked first, or the faint ones would be lost.
        solid = lines.ink(self.coverage) if self.style == "soft" else self.coverage
        return trace.to_svg(solid)


def _is_svg(target: object, format: str | None = None) -> bool:
    """Whether `Lines.save` would write vector paths there."""
    if format is None and isinstance(target, (str, os.PathLike)):
        format = Path(target).suffix
    return format is not None and format.lower().removeprefix(".") == "svg"


def extract(
    source: str | os.PathLike[str] | bytes | BinaryIO | Image.Image | np.ndarray,
    options: ExtractOptions | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Lines:
    """Extract the line art of a picture, at the picture's own resolution.

    Args:
        source: what `nurie.core.images.read` takes: a path, bytes, a stream, an image, an array.
        options: the defaults when None.
        progress: called with (done, total) after each tile of a large picture.

    Raises:
        UnreadableImage, ImageTooLarge: the picture can't be read.
        UnknownModel, DamagedModel: the model can't be used.
        NurieError: CUDA was asked for and is not there.
    """
    options = options or ExtractOptions()
    method = method_for(options)
    picture = images.read(source, max_pixels=options.max_pixels)
    with span("find lines", model=options.model):
        coverage = method(picture.rgb, progress)
    with span("style", style=options.style):
        coverage = lines.STYLES[options.style](coverage)
    return Lines(coverage, _drawn(coverage, picture, options), options.style, picture.notes)


Method = Callable[[np.ndarray, "Callable[[int, int], None] | None"], np.ndarray]


def method_for(options: ExtractOptions) -> Method:
    """What turns a picture, (H, W, 3) uint8, into raw coverage, (H, W) float32 in [0, 1].

    Raises:
        UnknownModel, DamagedModel: the model can't be used.
    """
    if options.model in classical.METHODS:
        baseline = classical.METHODS[options.model]
        return lambda rgb, progress: baseline(rgb)
    # ONNX Runtime is loaded only when a network is about to be used.
    with span("load ONNX Runtime"):
        from nurie.runtime.session import session_for

    own_file = options.model.endswith(".onnx")
    known = [card.name for card in cards() if card.task == "extract"]
    if not own_file and options.model not in known:
        names = ", ".join([*known, *classical.METHODS])
        raise UnknownModel(f"no model is named {options.model!r}; choose from: {names}")
    model = Path(options.model) if own_file else card(options.model)
    session = session_for(model, threads=options.threads, device=options.device)
    if session.needs.channels != 1:
        raise NurieError(f"{options.model} does not extract lines: it has another kind of output")
    return lambda rgb, progress: codec.decode(session.run(codec.encode(rgb), progress=progress))


@spanned("draw")
def _drawn(coverage: np.ndarray, picture: images.Picture, options: ExtractOptions) -> Image.Image:
    rgb = picture.rgb if options.color else None
    if options.transparent:
        if picture.alpha is not None:
            # Widened, so that the outline of a cut-out figure keeps its outer half.
            coverage = coverage * (lines.dilate(picture.alpha, 2) / np.float32(255))
        return Image.fromarray(lines.as_transparent(coverage, rgb), "RGBA")
    if rgb is not None:
        return Image.fromarray(lines.recolour(coverage, rgb), "RGB")
    return Image.fromarray(lines.over_white(coverage), "L")
