"""Pictures that the tests draw themselves, and the places in them whose answer is known."""

import numpy as np
from PIL import Image, ImageDraw

SIZE = 192


def ring(*, paper: tuple[int, ...] = (255, 255, 255), mode: str = "RGB") -> Image.Image:
    """A black circle filled with red, drawn large and shrunk so that its edges are smooth."""
    scale = 4
    image = Image.new(mode, (SIZE * scale, SIZE * scale), paper)
    box = (36 * scale, 36 * scale, 156 * scale, 156 * scale)
    ink, paint = (0, 0, 0, 255)[: len(paper)], (220, 40, 40, 255)[: len(paper)]
    ImageDraw.Draw(image).ellipse(box, fill=paint, outline=ink, width=4 * scale)
    return image.resize((SIZE, SIZE), Image.Resampling.BOX)


def sticker() -> Image.Image:
    """The ring cut out: nothing around it."""
    return ring(paper=(255, 255, 255, 0), mode="RGBA")


_Y, _X = np.mgrid[:SIZE, :SIZE] + 0.5 - SIZE / 2
_DISTANCE = np.hypot(_Y, _X)
_ARCS = 60
_ARC = np.floor((np.arctan2(_Y, _X) / np.pi + 1) / 2 * _ARCS).astype(int)
_ON_RING = np.abs(_DISTANCE - 58) < 3

OFF_RING = np.abs(_DISTANCE - 58) > 12
"""Paint and paper well away from the outline, (SIZE, SIZE) bool."""

OUTSIDE = _DISTANCE > 75
"""Paper alone."""

INNER = np.maximum(np.abs(_Y), np.abs(_X)) < SIZE / 2 - 4
"""All but the picture's border."""


def share_of_outline(grey: np.ndarray) -> float:
    """In how much of the ring's outline there is ink, [0, 1]: grey levels below the middle."""
    return float(np.mean([grey[_ON_RING & (arc == _ARC)].min() < 128 for arc in range(_ARCS)]))
