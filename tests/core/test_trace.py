import io
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageDraw

from nurie.core import trace
from nurie.core.lines import over_white

SVG = "{http://www.w3.org/2000/svg}"


def drawing() -> np.ndarray:
    """Two rings and a slanted line, 160 x 120, antialiased, as coverage."""
    canvas = Image.new("L", (640, 480))
    draw = ImageDraw.Draw(canvas)
    draw.ellipse((40, 40, 340, 340), outline=255, width=20)
    draw.ellipse((100, 100, 280, 280), outline=255, width=10)
    draw.line((60, 440, 600, 60), fill=255, width=8)
    return np.asarray(canvas.resize((160, 120), Image.Resampling.BOX), np.float32) / 255


def rendered(svg: str) -> np.ndarray:
    resvg_py = pytest.importorskip("resvg_py")
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, background="white"))
    return np.asarray(Image.open(io.BytesIO(png)).convert("L"), int)


@pytest.mark.parametrize("enlarged", [0, trace.ENLARGED_PIXELS])
def test_the_paths_look_like_the_drawing(monkeypatch, enlarged):
    monkeypatch.setattr(trace, "ENLARGED_PIXELS", enlarged)
    coverage = drawing()
    picture = rendered(trace.to_svg(coverage))
    assert picture.shape == coverage.shape
    difference = np.abs(picture - over_white(coverage))
    assert difference.mean() < 5
    assert np.mean(difference > 128) < 0.005
    shifted = np.abs(np.roll(picture, 1, axis=0) - over_white(coverage)).mean()
    assert difference.mean() < shifted / 2


def test_slanted_edges_are_smooth():
    # With a notch at every step of an edge, there would be half as many curves again.
    assert trace.to_svg(drawing()).count("C") < 130


def test_the_document_holds_black_paths_and_nothing_else():
    svg = trace.to_svg(drawing())
    root = ElementTree.fromstring(svg)
    assert root.tag == SVG + "svg"
    assert (root.get("width"), root.get("height")) == ("160", "120")
    assert root.get("viewBox") == "0 0 160 120"
    assert root[0].get("fill") == "#000"
    assert {path.tag for path in root[0]} == {SVG + "path"}
    assert "vtracer" not in svg.lower()


def test_the_same_drawing_gives_the_same_text():
    assert trace.to_svg(drawing()) == trace.to_svg(drawing())


@pytest.mark.parametrize("shape", [(1, 1), (7, 300)])
def test_an_empty_drawing_is_an_empty_document(shape):
    root = ElementTree.fromstring(trace.to_svg(np.zeros(shape, np.float32)))
    assert root.get("viewBox") == f"0 0 {shape[1]} {shape[0]}"
    assert not list(root.iter(SVG + "path"))


def test_a_small_dot_is_kept():
    coverage = np.zeros((20, 20), np.float32)
    coverage[8:10, 8:10] = 1
    assert rendered(trace.to_svg(coverage)).min() < 128
