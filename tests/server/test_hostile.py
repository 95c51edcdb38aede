"""Damaged and hostile uploads: each gets a clean answer, and none leaves anything behind."""

import io
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from commands import listing
from serving import png
from strange_files import NAMES, encoded, png_chunk, sample, strange_files

SCRIPT = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
ENTITY = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>'
)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "'
    + b"&a;" * 50
    + b'">]><svg>&b;</svg>'
)


def _bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises more than there is."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = png_chunk(b"IHDR", head) + png_chunk(b"IDAT", b"x\x9c" + bytes(40))
    return b"\x89PNG\r\n\x1a\n" + body + png_chunk(b"IEND", b"")


def _text_bomb() -> bytes:
    text = b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9)
    whole = png(sample())
    end = whole.index(b"IDAT") - 4
    return whole[:end] + png_chunk(b"zTXt", text) + whole[end:]


def _zip_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "image/openraster")
        archive.writestr("mergedimage.png", bytes(50_000_000))
    return file.getvalue()


def _layers(count: int) -> bytes:
    frames = [Image.new("L", (8, 8), shade % 256) for shade in range(count)]
    return encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:])


HOSTILE = {
    "script.svg": SCRIPT,
    "entity.svg": ENTITY,
    "laughs.svg": LAUGHS,
    "script.png": SCRIPT,
    "wide.png": _bomb(2**31 - 1, 2**31 - 1),
    "large.png": _bomb(40_000, 40_000),
    "one more.png": _bomb(40_000_001, 1),
    "nothing.png": _bomb(0, 0),
    "text.png": _text_bomb(),
    "bomb.ora": _zip_bomb(),
    "layers.tif": _layers(100),
    "page.html": b"<html><img src=x onerror=alert(1)></html>",
    "pickle.png": b"\x80\x04\x95\x1f\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x8c\x06system\x93.",
    "model.onnx": b"\x08\x07\x12\x07pytorch",
    "script.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n",
    "page.pdf": b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(1)>>>>endobj",
    "path": b"/etc/passwd",
    "url": b"http://127.0.0.1:1/a.png",
    "zeros": bytes(100_000),
}


def _flipped(count: int) -> dict[str, bytes]:
    """Pictures with some of their bytes changed."""
    random = np.random.default_rng(0)
    files = {}
    for format in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "TGA", "ICO"):
        whole = np.frombuffer(encoded(sample(), format), np.uint8)
        for number in range(count):
            content = whole.copy()
            at = random.integers(0, content.size, 1 + number)
            content[at] = random.integers(0, 256, at.size)
            files[f"{format} {number}"] = content.tobytes()
    return files


@pytest.fixture(scope="module")
def uploads() -> dict[str, bytes]:
    strange = {name: file.content for name, file in strange_files().items()}
    return {**HOSTILE, **_flipped(12), **strange}


def test_hundreds_of_them(served, uploads, tmp_path, monkeypatch):
    """Through the palettes' door, where nothing is done with a picture that can be read."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    here = set(Path().iterdir())
    restarts = served.jobs.restarts
    assert len(uploads) >= 200
    for name, content in uploads.items():
        answer = served.client.post("palettes", files={"file": (f"../../{name}", content)})
        assert answer.status_code in (200, 413, 415, 422), (name, answer.text)
        if answer.status_code != 200:
            assert answer.headers["content-type"] == "application/problem+json"
            detail = answer.json()["detail"]
            assert "Traceback" not in detail
            assert str(Path(__file__).parents[2]) not in detail
    assert served.jobs.restarts == restarts
    assert listing(tmp_path) == []
    assert set(Path().iterdir()) == here


@pytest.mark.parametrize("name", HOSTILE)
def test_as_a_picture_to_colour(served, name):
    answer = served.open(HOSTILE[name])
    if answer.status_code == 201:  # what a decoder makes of it is a picture
        assert name in ("layers.tif", "text.png")
        served.client.delete(f"sessions/{answer.json()['id']}")
    else:
        assert answer.status_code in (413, 415, 422), answer.text


@pytest.mark.parametrize("name", ["wide.png", "large.png", "one more.png"])
def test_the_limit_of_pixels_is_checked_before_decoding(served, name):
    for door in ("extract", "colorize", "palettes", "sessions"):
        answer = served.client.post(door, files={"file": (name, HOSTILE[name])})
        assert answer.status_code == 413
        assert "pixels" in answer.json()["detail"]


@pytest.mark.parametrize("name", [*NAMES, "../../etc/passwd", "C:\\a.png", "a\0b", "<b>", ""])
def test_a_name_is_only_repeated(served, name):
    shown = name.encode("utf-8", "replace").decode()
    answer = served.client.post("extract", files={"file": (shown, b"nothing")})
    assert answer.status_code in (415, 422)
    assert answer.json()["detail"].isprintable()
    assert len(answer.json()["detail"]) < 400


def test_names_of_files_never_stand_in_for_files(served):
    for field in ("hints", "options"):
        data = {field: "/etc/passwd"}
        files = {"file": ("a.png", png(sample()))}
        answer = served.client.post("colorize", files=files, data=data)
        assert answer.status_code == 422
        assert "no JSON" in answer.json()["detail"]
