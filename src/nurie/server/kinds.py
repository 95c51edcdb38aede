"""Line art or a picture: what an upload is, where the client does not say.

Line art is paper with strokes: what is not paper is thin, or black. To take a picture for line art
is the worse mistake, since its paint would be multiplied over the colours, so doubt makes it a
picture.
"""

import numpy as np
from PIL import Image, ImageFilter

from nurie.server.orders import FoundKind

SIDE = 768
"""The long edge in pixels at which a picture is looked at."""

PAPER = 0.45
"""The least share of line art that is paper."""

TINT = 28
"""Difference between paper and what is drawn on it, of 255, in the channel that differs most."""

BLACK = 90
"""The brightest channel, of 255, up to which a patch may be black ink."""

PATCH = 7
"""Pixels across which a patch of paint has everywhere, and a stroke nowhere."""

PATCHES = 0.015
"""The largest share of line art that may be patches."""


def kind_of(pixels: np.ndarray) -> FoundKind:
    """Tell line art, (H, W, 3) or (H, W, 4) uint8, from other pictures; what is clear is paper."""
    image = Image.fromarray(pixels)
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    image.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    rgb = np.asarray(image).astype(np.int16)
    # The paper of a scan may be yellow or grey: it is what the brighter half looks like.
    dullest = rgb.min(axis=2)
    paper = np.median(rgb[dullest >= np.median(dullest)], axis=0)
    drawn = np.abs(rgb - paper).max(axis=2) > TINT
    if paper.min() < 128 or drawn.mean() > 1 - PAPER:
        return "picture"
    paint = Image.fromarray((drawn & (rgb.max(axis=2) > BLACK)) * np.uint8(255))
    patches = np.asarray(paint.filter(ImageFilter.MinFilter(PATCH)))
    return "picture" if np.count_nonzero(patches) > PATCHES * drawn.size else "lines"
