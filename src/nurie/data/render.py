"""Vector art to layers: paint, ink and regions, each exactly known.

Ink and paint are told apart in the SVG itself and rendered one without the other, so that the
ground truth needs no guess from pixels.
"""

import io
import re
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
from PIL import Image, ImageColor
from resvg_py import svg_to_bytes
from scipy import ndimage
from skimage import color, measure

from nurie.core import images
from nurie.core.errors import NurieError
from nurie.data.sources import Drawing

SIZE = 256  # pixels of the largest scale; 128 and 64 are averaged from it
THIN = 0.4  # the width of the second line layer, as a share of the drawn one
OUTLINE = 1 / 90  # width of an outline that is added to flat art, as a share of the drawing
_SVG = "http://www.w3.org/2000/svg"
ElementTree.register_namespace("", _SVG)
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")


@dataclass(frozen=True, eq=False)
class Layers:
    """The layers of one drawing at SIZE pixels.

    Attributes:
        fill: paint without ink, (SIZE, SIZE, 4) uint8 RGBA, straight alpha.
        line: coverage by ink, (SIZE, SIZE) uint8.
        hairline: the same ink drawn THIN times as wide where its width is known, else `line`.
        edge: what can be seen as a line where the ink is left out: edges of paint, and borders
            between two colours, (SIZE, SIZE) uint8.
        label: regions, (SIZE, SIZE) uint8: areas of one colour that no ink divides; 0 is outside.
    """

    fill: np.ndarray
    line: np.ndarray
    hairline: np.ndarray
    edge: np.ndarray
    label: np.ndarray


def render(drawing: Drawing) -> Layers:
    """Render a drawing to layers.

    Raises:
        NurieError: the SVG can't be parsed or rendered, or nothing of it can be seen.
    """
    if drawing.picture is not None:
        return _backdrop(drawing)
    try:
        layers = _render_svg(drawing.svg or "", drawing.ink)
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise NurieError(f"{drawing.source}/{drawing.name} can't be rendered: {error}") from error
    if layers.line.max() < 64 and layers.fill[..., 3].max() < 64:
        raise NurieError(f"{drawing.source}/{drawing.name} shows nothing")
    return layers


def _render_svg(svg: str, ink: str) -> Layers:
    root = ElementTree.fromstring(svg)
    if ink == "groups":
        paint = _without(root, lambda group: group.startswith("line"))
        pen = _without(root, lambda group: not group.startswith("line"))
    else:
        paint = svg
        pen = _line_art(svg, OUTLINE * _extent(root) if ink == "outline" else 0.0)
    fill, crisp = _rgba(paint), _rgba(paint, shape_rendering="crisp_edges")
    line = _coverage(pen)
    if ink != "groups":
        # Flat art has strokes of its own as well, a mouth or a brow: they are ink, not paint.
        drawn = line if ink == "dark" else _coverage(_line_art(svg, 0.0))
        fill, crisp = _lift_ink(fill, drawn), _lift_ink(crisp, drawn)
    label = _regions(crisp, line)
    hairline = line if ink == "dark" else np.minimum(line, _coverage(_narrow(pen)))
    # Where ink runs along already, it is the line.
    inked = ndimage.binary_dilation(line > 64, iterations=5)
    seam = _stroke(_seams(crisp, label) & np.logical_not(inked))
    edge = _stroke(_seams(crisp, _regions(crisp, np.zeros_like(line))))
    return Layers(fill, np.maximum(line, seam), np.maximum(hairline, seam), edge, label)


def _backdrop(drawing: Drawing) -> Layers:
    """A picture's middle square as paint alone."""
    assert drawing.picture is not None
    picture = images.read(drawing.picture)
    side = min(picture.height, picture.width)
    top, left = (picture.height - side) // 2, (picture.width - side) // 2
    square = Image.fromarray(picture.rgb[top : top + side, left : left + side])
    rgb = np.asarray(square.resize((SIZE, SIZE), Image.Resampling.LANCZOS))
    nothing = np.zeros((SIZE, SIZE), np.uint8)
    fill = np.dstack([rgb, np.full_like(nothing, 255)])
    return Layers(fill, nothing, nothing, nothing, nothing + 1)


def _rgba(svg: str, **options) -> np.ndarray:
    data = svg_to_bytes(svg_string=svg, width=SIZE, height=SIZE, skip_system_fonts=True, **options)
    image = Image.open(io.BytesIO(bytes(data))).convert("RGBA")
    if image.size != (SIZE, SIZE):  # art that is not square is set into the middle
        canvas = Image.new("RGBA", (SIZE, SIZE))
        image.thumbnail((SIZE, SIZE))
        canvas.paste(image, ((SIZE - image.width) // 2, (SIZE - image.height) // 2))
        image = canvas
    return np.asarray(image)


def _coverage(svg: str) -> np.ndarray:
    """How much ink covers each pixel: white shapes hide, dark ones show, by painting order."""
    rgba = _rgba(svg).astype(np.uint16)
    luma = (rgba[..., 0] * 54 + rgba[..., 1] * 183 + rgba[..., 2] * 19) >> 8
    return ((255 - luma) * rgba[..., 3] // 255).astype(np.uint8)


def _without(root: ElementTree.Element, drop) -> str:
    """The SVG without those of its outermost named groups that `drop` picks by their id."""
    kept = ElementTree.Element(root.tag, root.attrib)
    for child in root:
        if child.tag == f"{{{_SVG}}}g" and drop(child.get("id", "")):
            continue
        kept.append(child)
    return ElementTree.tostring(kept, "unicode")


def _extent(root: ElementTree.Element) -> float:
    box = [float(number) for number in re.findall(r"-?[\d.]+", root.get("viewBox", ""))]
    if len(box) == 4:
        return max(box[2], box[3])
    size = re.match(r"[\d.]+", root.get("width", ""))
    return float(size.group()) if size else 100.0


_DARK = 0.22  # a paint with less luma than this is taken for ink
_VEIL = 0.6  # a shape with less opacity than this is shading, and has no line of its own


def _line_art(svg: str, outline: float) -> str:
    """Repaint a drawing as line art: its dark shapes black, all others white paper.

    With `outline` above 0 every white shape also gets a black outline of that width. Painting
    order does the removal of hidden lines.
    """
    root = ElementTree.fromstring(svg)
    _repaint(root, outline)
    return ElementTree.tostring(root, "unicode")


def _repaint(element: ElementTree.Element, outline: float) -> None:
    if element.tag in {f"{{{_SVG}}}mask", f"{{{_SVG}}}clipPath"}:
        return
    if _style(element):
        element.attrib.update(_style(element))
        element.attrib.pop("style")
    opacity = min(_number(element, "opacity"), _number(element, "fill-opacity"))
    if opacity < _VEIL and element.tag != f"{{{_SVG}}}g":
        element.set("opacity", "0")
    element.attrib.pop("fill-opacity", None)
    fill, stroke = element.get("fill"), element.get("stroke")
    if stroke not in (None, "none"):
        element.set("stroke", "#000")
    if fill not in (None, "none"):
        dark = _luma(fill) < _DARK
        element.set("fill", "#000" if dark else "#fff")
        if outline and not dark and stroke in (None, "none"):
            element.set("stroke", "#000")
            element.set("stroke-width", f"{outline:.4f}")
    for child in element:
        _repaint(child, outline)


def _style(element: ElementTree.Element) -> dict[str, str]:
    pairs = (item.split(":", 1) for item in element.get("style", "").split(";") if ":" in item)
    return {key.strip(): value.strip() for key, value in pairs}


def _number(element: ElementTree.Element, key: str) -> float:
    try:
        return float(element.get(key, "1"))
    except ValueError:
        return 1.0


def _luma(paint: str) -> float:
    """The luma of a CSS colour in [0, 1]; gradients and unknown names count as light."""
    try:
        red, green, blue = ImageColor.getrgb(paint)[:3]
    except ValueError:
        return 1.0
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


def _narrow(svg: str) -> str:
    """The same drawing with every stroke THIN times as wide."""
    return re.sub(
        r'stroke-width="([\d.]+)"', lambda width: f'stroke-width="{float(width[1]) * THIN}"', svg
    )


def _lift_ink(fill: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Replace what lies under the ink by the nearest paint; a wide dark area is paint itself."""
    inked = line > 12
    wide = ndimage.binary_opening(inked, np.ones((15, 15), bool))
    inked &= np.logical_not(ndimage.binary_erosion(wide, iterations=3))
    clear = ~inked & (fill[..., 3] > 250)
    if not clear.any():
        return fill
    lifted = fill[_nearest(clear)]
    lifted[..., 3] = fill[..., 3]
    return np.where(inked[..., None], lifted, fill)


def _regions(fill: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Number the areas of one colour that no ink divides, the largest first.

    At most 255; slivers and what lies under ink go to the nearest region. 0 is outside.
    """
    shown = fill[..., 3] > 127
    packed = (fill[..., :3].astype(np.int32) @ [1 << 16, 1 << 8, 1]) + 1
    packed[~shown | (line > 127)] = 0
    areas = np.asarray(measure.label(packed, background=0, connectivity=1))
    sizes = np.bincount(areas.ravel())
    sizes[0] = 0
    kept = np.argsort(-sizes, kind="stable")[:255]
    kept = kept[sizes[kept] >= 20]
    number = np.zeros(len(sizes), np.uint8)
    number[kept] = np.arange(1, len(kept) + 1)
    label = number[areas]
    if not len(kept):
        return label
    return np.where(shown, label[_nearest(label > 0)], 0).astype(np.uint8)


_HUE = 20.0  # paints whose chroma under the same light differs by less are of one colour
_TONE = 45.0  # unless their Lab lightness differs by more than this


def _seams(fill: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Where paint ends or two colours meet, (SIZE, SIZE) bool.

    An artist draws the border between the stripes of a flag, but not that of a shadow: a border is
    a line if the hues differ, and none if one side is a darker tone of the other.
    """
    count = int(label.max()) + 1
    pixels = np.bincount(label.ravel(), minlength=count).clip(1)
    mean = [
        np.bincount(label.ravel(), fill[..., channel].ravel(), count) / pixels
        for channel in range(3)
    ]
    lab = color.rgb2lab(np.stack(mean, 1) / 255)
    framed = np.pad(label, 1)
    seam = np.zeros(framed.shape, bool)
    for axis in (0, 1):
        ahead = np.roll(framed, -1, axis)
        border = framed != ahead
        here, there = framed[border], ahead[border]
        outside = (here == 0) | (there == 0)
        border[border] = outside | _differ(lab[here], lab[there])
        # A border lies between two pixels: both are marked, or its line would be half a pixel off.
        seam |= border | np.roll(border, 1, axis)
    return seam[1:-1, 1:-1]


def _differ(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether two paints, (N, 3) Lab, are more than light and shade of one colour.

    Shade scales a colour's light. In Lab that scales lightness + 16, a and b by one number, so
    a and b are compared as they would be under the weaker light of the two.
    """
    light, other_light = one[:, 0] + 16, other[:, 0] + 16
    weaker = np.minimum(light, other_light)[:, None]
    chroma = one[:, 1:] * weaker / light[:, None] - other[:, 1:] * weaker / other_light[:, None]
    return (np.hypot(*chroma.T) > _HUE) | (np.abs(light - other_light) > _TONE)


def _stroke(seam: np.ndarray) -> np.ndarray:
    """Draw a seam as a soft line about two pixels wide, uint8."""
    return (np.minimum(ndimage.gaussian_filter(seam * 1.2, 0.6), 1) * 255).astype(np.uint8)


def _nearest(chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For every pixel, row and column of the nearest one that is chosen."""
    places = ndimage.distance_transform_edt(~chosen, return_distances=False, return_indices=True)
    rows, columns = np.asarray(places)
    return rows, columns
