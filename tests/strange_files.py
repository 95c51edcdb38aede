"""Damaged and strange files, made here so that no test needs a file of somebody else's."""

import functools
import io
import struct
import zlib
from typing import Any, NamedTuple

import numpy as np
from PIL import ExifTags, Image, ImageCms, features

NAMES = (
    "with space",
    "line\nbreak",
    "carriage\rreturn",
    "tab\t",
    "escape\x1b[31m",
    "塗り絵 ünïcode 🎨",
    "undecodable \udcff",
    "-o",
    "*[1]?",
    "quote'\"`$",
    "%s {0}",
    "no\u2028line separator",
    "x" * 200,
)
"""What files may be called before the ending, where the file system allows it."""


class StrangeFile(NamedTuple):
    content: bytes
    ending: str
    readable: bool | None  # None: the decoders may take it or leave it, by their versions


@functools.cache
def strange_files() -> dict[str, StrangeFile]:
    """Every strange file by a name that says what is strange about it."""
    return {
        **_whole(),
        **_truncated(),
        **_sizes(),
        **_several_frames(),
        **_modes(),
        **_metadata(),
        **_corrupted(),
        **_no_pictures(),
    }


def sample(mode: str = "RGB", width: int = 24, height: int = 16) -> Image.Image:
    """A small picture with flat parts, gradients and a line."""
    y, x = np.mgrid[:height, :width].astype(np.uint8)
    rgb = np.stack([x * 10, y * 15, np.where(x > y, 255, 40).astype(np.uint8)], axis=-1)
    rgb[height // 2] = 0
    return Image.fromarray(rgb).convert(mode)


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def png(width: int, height: int, depth: int, colour: int, pixels: bytes, *chunks: bytes) -> bytes:
    """A PNG file out of its header's numbers, unfiltered pixels, and chunks to go before them."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    data = png_chunk(b"IDAT", zlib.compress(pixels, 9))
    return PNG_MAGIC + header + b"".join(chunks) + data + png_chunk(b"IEND", b"")


PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def tiff(entries: dict[int, int], data: bytes = b"") -> bytes:
    """A little-endian TIFF file of one directory of 32-bit numbers, with `data` at its end."""
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, entries[tag]) for tag in sorted(entries))
    head = b"II*\0" + struct.pack("<IH", 8, len(entries))
    return head + directory + struct.pack("<I", 0) + data


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def ycck_jpeg(cmyk: Image.Image) -> bytes:
    """A JPEG as Adobe's programs write it: the inks C, M, Y turned to YCbCr, and K inverted."""
    *cmy, black = cmyk.split()
    ycc = Image.merge("RGB", cmy).convert("YCbCr")
    # Pillow inverts CMYK as it writes, so what should reach the file as it is goes in inverted.
    inverted = [channel.point(lambda value: 255 - value) for channel in ycc.split()]
    file = encoded(Image.merge("CMYK", [*inverted, black]), "JPEG", quality=100, subsampling=0)
    transform = file.index(b"Adobe") + 11
    return file[:transform] + b"\x02" + file[transform + 1 :]


_FORMATS = {
    "PNG": ".png",
    "JPEG": ".jpg",
    "GIF": ".gif",
    "BMP": ".bmp",
    "TIFF": ".tif",
    "WEBP": ".webp",
    "PPM": ".ppm",
    "TGA": ".tga",
    "ICO": ".ico",
    "PCX": ".pcx",
    "DDS": ".dds",
    "SGI": ".sgi",
    **({"JPEG2000": ".jp2"} if features.check("jpg_2000") else {}),
    **({"AVIF": ".avif"} if "avif" in features.modules and features.check("avif") else {}),
}


def _whole() -> dict[str, StrangeFile]:
    files = {}
    for format, ending in _FORMATS.items():
        content = encoded(sample(), format)
        files[f"{format} whole"] = StrangeFile(content, ending, True)
        wrong = ".jpg" if ending == ".png" else ".png"
        files[f"{format} named {wrong}"] = StrangeFile(content, wrong, True)
    files["PNG named as text"] = StrangeFile(encoded(sample(), "PNG"), ".txt", True)
    files["PNG without an ending"] = StrangeFile(encoded(sample(), "PNG"), "", True)
    files["JPEG named .svg"] = StrangeFile(encoded(sample(), "JPEG"), ".svg", True)
    files["PNG with bytes after its end"] = StrangeFile(
        encoded(sample(), "PNG") + b"more", ".png", True
    )
    return files


def _truncated() -> dict[str, StrangeFile]:
    files = {}
    for format, ending in _FORMATS.items():
        content = encoded(sample(), format)
        for length in (1, 2, 7, 8, 16, 30, len(content) // 4, len(content) // 2):
            # The data of a DDS file may end early in old versions of Pillow.
            readable = None if format == "DDS" else False
            files[f"{format} cut to {length} bytes"] = StrangeFile(
                content[:length], ending, readable
            )
        for missing in (20, 1):
            files[f"{format} cut {missing} before its end"] = StrangeFile(
                content[:-missing], ending, None
            )
    return files


def _sizes() -> dict[str, StrangeFile]:
    side = 60_000
    jpeg = encoded(sample(), "JPEG")
    frame = jpeg.index(b"\xff\xc0") + 5
    gif = encoded(sample(), "GIF")
    bmp = encoded(sample(), "BMP")
    tga = encoded(sample(), "TGA")
    extended_webp = b"VP8X" + struct.pack("<II", 10, 0) + b"\xff\x3e\0" * 2  # 16128 x 16128
    webp = b"WEBP" + extended_webp + encoded(sample(), "WEBP")[12:]
    long_tag = {256: side, 257: side, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: side, 279: 9}
    huge = {
        "PNG": (png(side, side, 8, 2, b"\0" * 100), ".png"),
        "JPEG": (jpeg[:frame] + b"\xff\xdc\xff\xdc" + jpeg[frame + 4 :], ".jpg"),
        "GIF": (gif[:6] + struct.pack("<HH", side, side) + gif[10:], ".gif"),
        "BMP": (bmp[:18] + struct.pack("<ii", side, side) + bmp[26:], ".bmp"),
        "TIFF": (tiff(long_tag), ".tif"),
        "PPM": (f"P6 {side} {side} 255\n".encode() + b"\0" * 100, ".ppm"),
        "TGA": (tga[:12] + struct.pack("<HH", side, side) + tga[16:], ".tga"),
        "long": (png(100, 2_000_000, 1, 0, b"\0" * 100), ".png"),
    }
    return {
        "1 x 1": StrangeFile(encoded(sample("RGB", 1, 1), "PNG"), ".png", True),
        "1 x 1 JPEG": StrangeFile(encoded(sample("RGB", 1, 1), "JPEG"), ".jpg", True),
        "1 x 20000": StrangeFile(encoded(sample("RGB", 1, 20000), "PNG"), ".png", True),
        "20000 x 1": StrangeFile(encoded(sample("RGB", 20000, 1), "PNG"), ".png", True),
        "PNG of no width": StrangeFile(png(0, 5, 8, 2, b"\0" * 5), ".png", False),
        "PNG of no height": StrangeFile(png(5, 0, 8, 2, b""), ".png", False),
        "GIF of no size": StrangeFile(gif[:6] + b"\0" * 4 + gif[10:], ".gif", None),
        "BMP of negative width": StrangeFile(
            bmp[:18] + struct.pack("<i", -24) + bmp[22:], ".bmp", False
        ),
        "WebP that is smaller than its canvas": StrangeFile(
            b"RIFF" + struct.pack("<I", len(webp)) + webp, ".webp", False
        ),
        **{f"huge {kind}": StrangeFile(*file, False) for kind, file in huge.items()},
    }


def _several_frames() -> dict[str, StrangeFile]:
    first, *others = frames = [sample("RGB"), Image.new("RGB", (24, 16), "red"), sample("L")]
    rgb = [frame.convert("RGB") for frame in frames]
    gif = encoded(first, "GIF", save_all=True, append_images=others)
    return {
        "animated GIF": StrangeFile(gif, ".gif", True),
        "animated GIF cut in its last frame": StrangeFile(gif[:-40], ".gif", None),
        "animated PNG": StrangeFile(
            encoded(first, "PNG", save_all=True, append_images=rgb[1:]), ".png", True
        ),
        "animated WebP": StrangeFile(
            encoded(first, "WEBP", save_all=True, append_images=rgb[1:], lossless=True),
            ".webp",
            True,
        ),
        "TIFF of three pages": StrangeFile(
            encoded(first, "TIFF", save_all=True, append_images=others), ".tif", True
        ),
    }


def _modes() -> dict[str, StrangeFile]:
    ramp = np.linspace(0, 65535, 24 * 16).reshape(16, 24)
    grey = Image.fromarray(ramp.astype(np.uint16))
    floats = (ramp / 65535).astype(np.float32)
    broken = floats.copy()
    broken[2, :6] = [np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-45]
    palette = sample().quantize(8)
    cmyk = sample("CMYK")
    big_endian = Image.frombytes("I;16B", (24, 16), ramp.astype(">u2").tobytes())
    rgb16 = np.repeat(ramp.astype(">u2"), 3, axis=1).tobytes()
    rows = b"".join(b"\0" + rgb16[i : i + 144] for i in range(0, len(rgb16), 144))
    key = png_chunk(b"tRNS", rgb16[:6])
    pngs = {
        "16-bit PNG": encoded(grey, "PNG"),
        "16-bit RGB PNG": png(24, 16, 16, 2, rows),
        "16-bit RGB PNG with a transparent colour": png(24, 16, 16, 2, rows, key),
        "bilevel PNG": encoded(sample("1"), "PNG"),
        "grey PNG with a transparent grey": encoded(sample("L"), "PNG", transparency=0),
        "grey and alpha PNG": encoded(sample("LA"), "PNG"),
        "palette PNG": encoded(palette, "PNG"),
        "palette PNG with a transparent entry": encoded(palette, "PNG", transparency=0),
        "palette PNG with translucent entries": encoded(
            palette, "PNG", transparency=bytes(range(0, 256, 32))
        ),
        "palette PNG without a palette": png(24, 16, 8, 3, (b"\0" + bytes(24)) * 16),
        "RGBA PNG, all transparent": encoded(Image.new("RGBA", (24, 16)), "PNG"),
    }
    tiffs = {
        "16-bit TIFF": encoded(grey, "TIFF"),
        "16-bit big-endian TIFF": encoded(big_endian, "TIFF"),
        "32-bit TIFF": encoded(Image.fromarray(ramp.astype(np.int32)), "TIFF"),
        "float TIFF": encoded(Image.fromarray(floats), "TIFF"),
        "float TIFF with NaN and infinities": encoded(Image.fromarray(broken), "TIFF"),
        "float TIFF of NaN alone": encoded(Image.fromarray(floats * np.float32(np.nan)), "TIFF"),
        "LAB TIFF": encoded(sample("LAB"), "TIFF"),
        "CMYK TIFF": encoded(cmyk, "TIFF"),
        "YCbCr TIFF": encoded(sample("YCbCr"), "TIFF"),
        "fax TIFF": encoded(sample("1"), "TIFF", compression="group4"),
    }
    jpegs = {
        "CMYK JPEG": encoded(cmyk, "JPEG"),
        "YCCK JPEG": ycck_jpeg(cmyk),
        "grey JPEG": encoded(sample("L"), "JPEG"),
        "progressive JPEG": encoded(sample(), "JPEG", progressive=True),
    }
    either = {
        "palette PNG without a palette",
        "YCbCr TIFF",  # old versions of Pillow write it cut short
    }
    return {
        name: StrangeFile(content, ending, None if name in either else True)
        for files, ending in ((pngs, ".png"), (tiffs, ".tif"), (jpegs, ".jpg"))
        for name, content in files.items()
    }


def _metadata() -> dict[str, StrangeFile]:
    profile = srgb_profile()
    junk = np.random.default_rng(1).bytes(400)
    files = {}
    for orientation in range(10):
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        content = encoded(sample(), "JPEG", exif=exif)
        files[f"EXIF orientation {orientation}"] = StrangeFile(content, ".jpg", True)
    broken = {
        "JPEG with broken EXIF": ("JPEG", {"exif": b"Exif\0\0" + junk}),
        "JPEG with EXIF cut short": ("JPEG", {"exif": b"Exif\0\0II*\0\x08\0\0\0\x09\0"}),
        "PNG with broken EXIF": ("PNG", {"exif": junk}),
        "WebP with broken EXIF": ("WEBP", {"exif": junk}),
        "PNG with a broken ICC profile": ("PNG", {"icc_profile": junk}),
        "JPEG with a broken ICC profile": ("JPEG", {"icc_profile": profile[:200] + junk}),
        "JPEG with an empty ICC profile": ("JPEG", {"icc_profile": b"\0"}),
        "PNG with an ICC profile": ("PNG", {"icc_profile": profile}),
    }
    for name, (format, options) in broken.items():
        content = encoded(sample(), format, **options)
        files[name] = StrangeFile(content, _FORMATS[format], True)
    mismatch = encoded(sample("CMYK"), "JPEG", icc_profile=profile)
    files["CMYK JPEG with an RGB profile"] = StrangeFile(mismatch, ".jpg", True)
    bomb = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b" " * 5_000_000))
    files["PNG with a text that inflates"] = StrangeFile(
        png(1, 1, 8, 0, b"\0\0", bomb), ".png", None
    )
    return files


def _corrupted() -> dict[str, StrangeFile]:
    whole = encoded(sample(), "PNG")
    data = whole.index(b"IDAT")
    random = np.random.default_rng(2)
    jpeg = bytearray(encoded(sample(), "JPEG"))
    jpeg[-60:-20] = random.bytes(40)
    tiff_file = bytearray(encoded(sample(), "TIFF"))
    tiff_file[4:8] = struct.pack("<I", 2**31)
    size = {256: 24, 257: 16, 258: 8, 259: 1, 262: 1, 273: 2**31, 277: 1, 278: 16, 279: 384}
    return {
        "PNG with a wrong CRC in its header": StrangeFile(
            whole[:29] + b"\0\0\0\0" + whole[33:], ".png", False
        ),
        "PNG with a wrong byte in its data": StrangeFile(
            whole[: data + 20] + bytes([whole[data + 20] ^ 0xFF]) + whole[data + 21 :],
            ".png",
            False,
        ),
        "PNG without data": StrangeFile(whole[: data - 4] + png_chunk(b"IEND", b""), ".png", False),
        "PNG with too little data": StrangeFile(png(24, 16, 8, 2, b"\0" * 60), ".png", None),
        "PNG with too much data": StrangeFile(png(2, 2, 8, 0, b"\0" * 1_000_000), ".png", None),
        "PNG with a chunk longer than the file": StrangeFile(
            whole[:33] + b"\x7f\xff\xff\xffIDAT" + whole[data + 4 :], ".png", None
        ),
        "PNG of an unknown colour type": StrangeFile(png(4, 4, 8, 9, b"\0" * 20), ".png", False),
        "PNG magic and random bytes": StrangeFile(PNG_MAGIC + random.bytes(2000), ".png", False),
        "JPEG magic and random bytes": StrangeFile(
            b"\xff\xd8\xff\xe0" + random.bytes(2000), ".jpg", False
        ),
        "GIF magic and random bytes": StrangeFile(b"GIF89a" + random.bytes(2000), ".gif", None),
        "WebP magic and random bytes": StrangeFile(
            b"RIFF\xd8\x07\0\0WEBPVP8 " + random.bytes(2000), ".webp", False
        ),
        "TIFF magic and random bytes": StrangeFile(b"II*\0" + random.bytes(2000), ".tif", False),
        "JPEG with random bytes in its data": StrangeFile(bytes(jpeg), ".jpg", None),
        "TIFF with its directory past the end": StrangeFile(bytes(tiff_file), ".tif", False),
        "TIFF with its data past the end": StrangeFile(tiff(size), ".tif", False),
        "TIFF without tags": StrangeFile(tiff({}), ".tif", False),
        "random bytes": StrangeFile(random.bytes(5000), ".png", False),
        "zeros": StrangeFile(bytes(5000), ".png", False),
        "0xFF bytes": StrangeFile(b"\xff" * 5000, ".jpg", False),
    }


def _no_pictures() -> dict[str, StrangeFile]:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9v9z"/></svg>'
    prologue = f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- a comment -->\n{svg}\n'
    html = f"<!DOCTYPE html><html><body>404 Not Found {svg}</body></html>"
    eps = "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n"
    contents = {
        "empty": (b"", ".png"),
        "one line break": (b"\n", ".png"),
        "SVG": (svg.encode(), ".svg"),
        "SVG with a prologue": (prologue.encode(), ".svg"),
        "SVG in UTF-16": (prologue.encode("utf-16"), ".svg"),
        "SVG named .png": (svg.encode(), ".png"),
        "HTML": (html.encode(), ".png"),
        "text": ("塗り絵 is a colouring picture.\n".encode() * 50, ".txt"),
        "JSON": (b'{"hints": []}', ".json"),
        "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", ".pdf"),
        "EPS": (eps.encode(), ".eps"),
        "WMF": (b"\xd7\xcd\xc6\x9a\0\0" + bytes(100), ".wmf"),
        "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(100), ".h5"),
        "zip": (b"PK\x03\x04\x14\0\0\0" + bytes(100), ".ora"),
        "gzip": (b"\x1f\x8b\x08\0" + bytes(100), ".svgz"),
        "NumPy": (b"\x93NUMPY\x01\0v\0{'descr': '<f4'}" + bytes(100), ".npy"),
    }
    return {name: StrangeFile(*file, False) for name, file in contents.items()}
