"""Layers into one picture, and into the files of painting programs: OpenRaster and PSD.

Groups pass through: they change nothing about how their layers meet those below them.
"""

import io
import os
import re
import struct
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, TiffImagePlugin

from nurie.core.errors import NurieError
from nurie.core.files import one_line, whole_file
from nurie.core.spans import span, spanned
from nurie.core.types import Group, Layer

BAND = 1 << 17
"""Pixels that are composed at a time: what the processor's cache holds."""

THUMBNAIL = 256
"""The long edge of an OpenRaster file's thumbnail, at most."""

PSD_SIDE = 30_000
"""Pixels; what is larger needs another format of Photoshop's, PSB, that few programs read."""


@spanned("flatten")
def flatten(layers: Iterable[Layer | Group], height: int, width: int) -> np.ndarray:
    """Compose layers, the bottom one first, over nothing.

    The formulas are those of the W3C's "Compositing and Blending Level 1", on sRGB values as they
    are, as painting programs do it. Values are rounded once, at the end.

    Returns:
        (height, width, 4) uint8 with straight alpha; black where nothing is.
    """
    shown = list(_shown(layers))
    picture = np.empty((height, width, 4), np.uint8)
    rows = max(1, BAND // width)
    for top in range(0, height, rows):
        picture[top : top + rows] = _composed(shown, top, picture[top : top + rows])
    return picture


def save(
    layers: Sequence[Layer | Group],
    target: str | os.PathLike[str] | BinaryIO,
    *,
    height: int,
    width: int,
    format: str | None = None,
) -> None:
    """Write layers, the bottom one first, whole or not at all; the same give the same bytes.

    Every pixel of every layer comes back as it is, colours under alpha 0 included. Beside the
    layers, the file holds the flattened picture for programs that know no layers.

    Args:
        layers: each lies within height and width.
        target: a path, or a binary stream open for writing.
        format: "ora" or "psd", which goes before the target's own ending; streams need one.

    Raises:
        NurieError: the format is unknown or can't hold the picture, or the file can't be written.
    """
    if format is None and isinstance(target, (str, os.PathLike)):
        format = Path(target).suffix
    ending = f".{(format or '').lower().removeprefix('.')}"
    if ending not in FORMATS:
        known = " and ".join(FORMATS)
        raise NurieError(f"'{one_line(ending)}' is no ending of a file with layers: {known} are")
    with span("encode", format=ending):
        encoded = FORMATS[ending](layers, height, width)
    if isinstance(target, (str, os.PathLike)):
        with whole_file(target) as file:
            file.write(encoded)
    else:
        target.write(encoded)


def _shown(layers: Iterable[Layer | Group]) -> Iterator[Layer]:
    """The layers that can be seen, out of their groups, the bottom one first."""
    for layer in layers:
        if not layer.visible:
            continue
        if isinstance(layer, Group):
            yield from _shown(layer.layers)
        else:
            yield layer


def _cropped(layer: Layer) -> tuple[int, int, np.ndarray]:
    """The top, the left and the pixels of the smallest box outside of which all values are 0."""
    filled = np.ascontiguousarray(layer.image).view(np.uint32)[..., 0]
    y, x = np.flatnonzero(filled.any(axis=1)), np.flatnonzero(filled.any(axis=0))
    if not y.size:
        return 0, 0, layer.image[:0, :0]
    box = layer.image[y[0] : y[-1] + 1, x[0] : x[-1] + 1]
    return layer.top + int(y[0]), layer.left + int(x[0]), box


def _storable(name: str) -> str:
    """The name without the characters that neither XML nor UTF-16 can hold."""
    return re.sub(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", name)


# Composing ----------------------------------------------------------------------------------------


def _composed(layers: Iterable[Layer], top: int, like: np.ndarray) -> np.ndarray:
    """Compose what of the layers lies in a band of rows: an array of the same kind as `like`."""
    canvas = np.zeros((4, *like.shape[:2]), np.float32)
    for layer in layers:
        first = max(layer.top - top, 0)
        image = layer.image[max(top - layer.top, 0) :][: max(len(like) - first, 0)]
        if not image[..., 3].any():
            continue
        box = canvas[:, first : first + image.shape[0], layer.left : layer.left + image.shape[1]]
        _lay_over(box, image, layer)
    colors, alpha = canvas[:3], canvas[3]
    seen = alpha > 1 / 510  # of less, no alpha is left after rounding, nor shall there be a colour
    colors *= np.divide(255, alpha, out=np.zeros_like(alpha), where=seen)
    alpha *= 255
    return np.moveaxis(np.rint(canvas, out=canvas).astype(np.uint8), 0, -1)


def _lay_over(canvas: np.ndarray, image: np.ndarray, layer: Layer) -> None:
    """Lay an image, (H, W, 4) uint8, over the canvas, (4, H, W) premultiplied float32."""
    *colors, alpha = canvas
    cover = image[..., 3] / np.float32(255) * np.float32(layer.opacity)
    below = 1 - cover
    free = 1 - alpha
    for channel, band in enumerate(colors):
        paint = image[..., channel] / np.float32(255)
        paint *= cover
        if layer.blend == "multiply":
            paint *= free + band  # where there is nothing, it paints as it is
        band *= below
        band += paint
    alpha *= below
    alpha += cover


# OpenRaster ---------------------------------------------------------------------------------------

_COMPOSITE_OP = {"normal": "svg:src-over", "multiply": "svg:multiply"}


def _ora(layers: Sequence[Layer | Group], height: int, width: int) -> memoryview:
    """An OpenRaster file (version 0.0.5 of the specification at freedesktop.org)."""
    merged = Image.fromarray(flatten(layers, height, width))
    root = ET.Element("image", version="0.0.5", w=str(width), h=str(height))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        _add(archive, "mimetype", b"image/openraster")
        _add_stack(archive, ET.SubElement(root, "stack"), layers)
        _add(archive, "stack.xml", ET.tostring(root, encoding="UTF-8", xml_declaration=True))
        _add(archive, "mergedimage.png", _png(merged))
        merged.thumbnail((THUMBNAIL, THUMBNAIL))
        _add(archive, "Thumbnails/thumbnail.png", _png(merged))
    return file.getbuffer()


def _add_stack(
    archive: zipfile.ZipFile, stack: ET.Element, layers: Sequence[Layer | Group]
) -> None:
    """Describe the layers in the stack, where the top one comes first, and store their pixels."""
    for layer in reversed(layers):
        entry = ET.SubElement(stack, "stack" if isinstance(layer, Group) else "layer")
        entry.set("name", _storable(layer.name))
        entry.set("visibility", "visible" if layer.visible else "hidden")
        if isinstance(layer, Group):
            entry.set("isolation", "auto")  # that is, it passes through
            _add_stack(archive, entry, layer.layers)
            continue
        top, left, pixels = _cropped(layer)
        if not pixels.size:  # no PNG is without a pixel
            pixels = np.zeros((1, 1, 4), np.uint8)
        path = f"data/layer{len(archive.namelist()):03}.png"
        entry.set("src", path)
        entry.set("x", str(left))
        entry.set("y", str(top))
        entry.set("opacity", f"{layer.opacity:.6g}")
        entry.set("composite-op", _COMPOSITE_OP[layer.blend])
        _add(archive, path, _png(Image.fromarray(np.ascontiguousarray(pixels))))


def _add(archive: zipfile.ZipFile, path: str, content: bytes | memoryview) -> None:
    entry = zipfile.ZipInfo(path)  # dated 1980, whenever it is made
    entry.create_system = 3  # whatever system it is made on
    archive.writestr(entry, content)


def _png(image: Image.Image) -> memoryview:
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)  # the default is 4 times as slow on grain
    return file.getbuffer()


# PSD ----------------------------------------------------------------------------------------------

_BLEND_KEY = {"normal": b"norm", "multiply": b"mul "}
_PASS_THROUGH = b"pass"
_CLOSED_FOLDER, _END_OF_FOLDER = 2, 3  # kinds of section dividers
_HIDDEN = 2  # a flag of a record
_NO_PIXELS = np.zeros((0, 0, 4), np.uint8)
_RUN_LENGTHS = struct.pack(">H", 1)  # a kind of compression


def _psd(layers: Sequence[Layer | Group], height: int, width: int) -> bytes:
    """A PSD file, as in Adobe's "Photoshop File Formats Specification"."""
    if max(height, width) > PSD_SIDE:
        raise NurieError(
            f"{width} x {height} pixels are too many for PSD, where a side has {PSD_SIDE:,} at "
            "most: write .ora instead"
        )
    *colors, alpha = np.moveaxis(flatten(layers, height, width), -1, 0)
    transparent = alpha.min() < 255
    # Of a transparent picture, PSD keeps how it looks on white, and its alpha as a fourth plane.
    merged = (*(_on_white(color, alpha) for color in colors), alpha) if transparent else colors
    lengths, rows = zip(*map(_packed, merged), strict=True)

    records, pixels = zip(*_entries(layers), strict=True) if layers else ((), ())
    # A negative count says that the fourth plane is the transparency, not a mask of the artist's.
    count = struct.pack(">h", -len(records) if transparent else len(records))
    information = b"".join([count, *records, *pixels])
    return b"".join(
        [
            struct.pack(">4sH6xHIIHH", b"8BPS", 1, len(merged), height, width, 8, 3),  # 8 bits, RGB
            _sized(b""),  # no palette
            _sized(b""),  # no resources
            _sized(_sized(_padded(information, 4)) + _sized(b"")),  # no mask over all layers
            _RUN_LENGTHS,
            *lengths,
            *rows,
        ]
    )


def _entries(layers: Iterable[Layer | Group]) -> Iterator[tuple[bytes, bytes]]:
    """The record and the pixels of each layer, the bottom one first.

    A group is an entry above its layers and one beneath them, both without pixels.
    """
    for layer in layers:
        if isinstance(layer, Group):
            yield _entry(Layer("</Layer group>", _NO_PIXELS), divider=_END_OF_FOLDER)
            yield from _entries(layer.layers)
            folder = Layer(layer.name, _NO_PIXELS, visible=layer.visible)
            yield _entry(folder, divider=_CLOSED_FOLDER)
        else:
            yield _entry(layer)


def _entry(layer: Layer, divider: int | None = None) -> tuple[bytes, bytes]:
    top, left, image = _cropped(layer)
    bottom, right = top + image.shape[0], left + image.shape[1]
    channels = {index: _channel(image[..., index]) for index in (-1, 0, 1, 2)}  # alpha is -1
    lengths = [struct.pack(">hI", index, len(channel)) for index, channel in channels.items()]

    blend = _PASS_THROUGH if divider == _CLOSED_FOLDER else _BLEND_KEY[layer.blend]
    flags = 0 if layer.visible else _HIDDEN
    name = _storable(layer.name)
    short = name.encode("mac_roman", "replace")[:255]  # of programs that don't know Unicode
    wide = name.encode("utf-16-be")
    blocks = [_block(b"luni", struct.pack(">I", len(wide) // 2) + wide)]
    if divider is not None:
        blocks.append(_block(b"lsct", struct.pack(">I4s4s", divider, b"8BIM", blend)))
    return b"".join(
        [
            struct.pack(">4iH", top, left, bottom, right, len(channels)),
            *lengths,
            struct.pack(">4s4sBBBx", b"8BIM", blend, round(layer.opacity * 255), 0, flags),
            _sized(
                _sized(b"")  # no mask
                + _sized(b"")  # blended over the whole range of values
                + _padded(bytes([len(short)]) + short, 4)
                + b"".join(blocks)
            ),
        ]
    ), b"".join(channels.values())


def _block(key: bytes, content: bytes) -> bytes:
    return b"8BIM" + key + _sized(_padded(content, 4))


def _sized(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def _padded(content: bytes, multiple: int) -> bytes:
    return content + bytes(-len(content) % multiple)


def _channel(plane: np.ndarray) -> bytes:
    return _RUN_LENGTHS + b"".join(_packed(plane)) if plane.size else b"\0\0"


def _packed(plane: np.ndarray) -> tuple[bytes, bytes]:
    """Compress the rows of (H, W) uint8 by PackBits: their lengths, and they themselves.

    TIFF has the same compression, so libtiff does it, with each row as a strip of its own.
    """
    file = io.BytesIO()
    one_row = {TiffImagePlugin.ROWSPERSTRIP: 1}
    Image.fromarray(np.ascontiguousarray(plane)).save(
        file, "TIFF", compression="packbits", tiffinfo=one_row
    )
    packed = file.getbuffer()
    file.seek(0)
    tags = TiffImagePlugin.TiffImageFile(file, "").tag_v2  # Image.open would mind the size
    starts = tags[TiffImagePlugin.STRIPOFFSETS]
    lengths = tags[TiffImagePlugin.STRIPBYTECOUNTS]
    rows = b"".join(packed[at : at + length] for at, length in zip(starts, lengths, strict=True))
    return struct.pack(f">{len(lengths)}H", *lengths), rows


def _on_white(plane: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Lay the values, (H, W) uint8, over white, rounded."""
    product = np.multiply(255 - plane, alpha, dtype=np.uint16)  # of what is not white
    product += 127
    product //= 255
    return 255 - product.astype(np.uint8)


FORMATS: dict[str, Callable[[Sequence[Layer | Group], int, int], bytes | memoryview]] = {
    ".ora": _ora,
    ".psd": _psd,
}
"""The endings of files with layers."""
