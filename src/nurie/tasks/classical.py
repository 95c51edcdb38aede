"""Line extraction without learning: the baselines that a network has to beat.

Each method turns a picture, (H, W, 3) uint8 sRGB, into a coverage, (H, W) float32 in [0, 1].
"""

from collections.abc import Callable

import numpy as np
from PIL import Image

from nurie.core.lines import dilate

DILATION = 2
"""Radius of `dilate_diff`'s square, 5x5 pixels: it erases lines of up to 4 pixels."""

SIGMA = 0.8
"""Standard deviation in pixels of `xdog`'s narrow blur: lines of one to three pixels."""

K = 1.6
"""How much wider the other blur is: the ratio at which the difference is nearest a Laplacian."""

SHARPENING = 20.0
"""p of the paper: how much the difference of the blurs counts beside the tone."""

TONE = 0.5
"""Epsilon of the paper: the sharpened tone, of 0 to 1, from which paper stays white."""

SOFTNESS = 2.0
"""Phi of the paper: how fast what is darker than that turns black."""


def dilate_diff(rgb: np.ndarray) -> np.ndarray:
    """How much darker each pixel is than the lightest of the 5x5 pixels around it.

    The usual recipe for lines out of illustrations: grey, dilate, absolute difference (and, for
    a picture to look at, invert).
    """
    grey = _grey(rgb)
    return (dilate(grey, DILATION) - grey) / np.float32(255)


def xdog(rgb: np.ndarray) -> np.ndarray:
    """Extended difference of Gaussians.

    Winnemöller, Kyprianidis and Olsen, "XDoG: an eXtended difference-of-Gaussians compendium
    including advanced image stylization", 2012, without its flow-guided smoothing.
    """
    grey = _grey(rgb) / np.float32(255)
    sharpened = (1 + SHARPENING) * _blur(grey, SIGMA) - SHARPENING * _blur(grey, K * SIGMA)
    return np.tanh(SOFTNESS * np.maximum(TONE - sharpened, 0)).astype(np.float32)


METHODS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "dilate-diff": dilate_diff,
    "xdog": xdog,
}


def _grey(rgb: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(rgb).convert("L"))


def _blur(grey: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur of (H, W) float32, the border mirrored.

    Pillow's blur rounds to whole grey levels, which `xdog` would make twenty times as large.
    """
    radius = int(np.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1, dtype=np.float32) / sigma) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        rows = np.moveaxis(grey, axis, 0)
        padded = np.pad(rows, ((radius, radius), (0, 0)), mode="symmetric")
        blurred = np.zeros_like(rows)
        for shift, weight in enumerate(kernel):
            blurred += weight * padded[shift : shift + len(rows)]
        grey = np.moveaxis(blurred, 0, axis)
    return grey
