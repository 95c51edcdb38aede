"""Line maps to vector paths."""

import io
from xml.etree import ElementTree

import numpy as np
import vtracer
from PIL import Image, ImageFilter

from nurie.core.lines import over_white

ENLARGED_PIXELS = 25_000_000
"""Up to this size a drawing is traced at twice its size; beyond, its pixels are fine enough, and
four times as many would take gigabytes."""


def to_svg(coverage: np.ndarray) -> str:
    """Trace the outlines of the ink of a line map, (H, W) in [0, 1]: an SVG document, as text.

    The drawing is black paths on nothing, one user unit a pixel. Ink is what is at least half
    covered, so a style whose strokes are solid (`ink`, `thin`) loses nothing. The same line map
    gives the same text.
    """
    height, width = coverage.shape
    scale = 2 if coverage.size <= ENLARGED_PIXELS else 1
    svg = ElementTree.Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        width=str(width),
        height=str(height),
        viewBox=f"0 0 {width} {height}",
    )
    svg.text = "\n"
    ink = ElementTree.SubElement(svg, "g", fill="#000", transform=f"scale({1 / scale:g})")
    ink.text = ink.tail = "\n"
    for path in _traced(coverage, scale):
        ElementTree.SubElement(ink, "path", path).tail = "\n"
    return ElementTree.tostring(svg, encoding="unicode") + "\n"


def _traced(coverage: np.ndarray, scale: int) -> list[dict[str, str]]:
    """The attributes that place each path of the drawing, in pixels of the enlarged drawing."""
    height, width = coverage.shape
    grey = Image.fromarray(over_white(coverage))
    grey = grey.resize((width * scale, height * scale), Image.Resampling.BICUBIC)
    # Without the blur, the tracer takes the steps of slanted edges for corners and leaves notches.
    grey = grey.filter(ImageFilter.GaussianBlur(scale / 2))
    png = io.BytesIO()
    grey.point([0] * 128 + [255] * 128, "1").save(png, "PNG", compress_level=1)
    # vtracer takes patches of less than filter_speckle x filter_speckle pixels for specks; what
    # is a speck is for the style to say. More digits would only make the file larger.
    traced = vtracer.convert_raw_image_to_svg(
        png.getvalue(),
        img_format="png",
        colormode="binary",
        mode="spline",
        filter_speckle=1,
        path_precision=1,
    )
    return [
        {"d": path.attrib["d"].strip(), "transform": path.attrib["transform"]}
        for path in ElementTree.fromstring(traced)
    ]
