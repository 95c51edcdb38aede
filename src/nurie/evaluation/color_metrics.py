"""Figures for colouring: how close flats come to the true ones, and whether they stay in place.

Only what can be seen is scored. Under ink, nobody sees what colour the flats have, and where in
the middle of a line one colour gives way to the next is a habit of whoever drew the truth, not
right or wrong. So pixels that the line covers by more than half don't count; under faint line art
that is none. Everything else counts in full, whatever the line makes of it when it is laid over.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from skimage.metrics import structural_similarity

from nurie.core.color import ciede2000, srgb_to_lab

MOST_PSNR = 60.0
"""Decibels above which a picture is as good as perfect.

PSNR of identical pictures is infinite, and a mean can't hold it. At 60 dB the error is a quarter of
one step of 8 bits: what is left are a few stray pixels, and they must not decide the mean.
"""

SEEN_AT_A_GLANCE = 10.0
"""CIEDE2000 from which a pixel has another colour than its region, not a shade of it."""

INK = 128
"""Grey level of 0 to 255 below which the line covers more than half of a pixel."""


@dataclass(frozen=True)
class Agreement:
    """How close flats come to the true ones, over the pixels that count.

    Attributes:
        psnr: in dB, at most `MOST_PSNR`; more is better.
        ssim: at most 1, which is perfect.
        ciede2000: mean colour difference; 0 is perfect, 1 can just be seen.
    """

    psnr: float
    ssim: float
    ciede2000: float


def visible(label: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Regions, (H, W) from 1, as far as grey line art, (H, W) uint8, lets them be seen; else 0."""
    return np.where(line < INK, 0, label)


def agreement(predicted: np.ndarray, true: np.ndarray, counts: np.ndarray) -> Agreement:
    """Compare flats, (H, W, 3) uint8 each, over the pixels of a mask, (H, W) bool.

    SSIM is that of Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error
    visibility to structural similarity", 2004, each channel for itself. Its windows reach over
    pixels that don't count; there the true colours stand on both sides.

    Raises:
        ValueError: the flats differ in size, or no pixel counts.
    """
    if predicted.shape != true.shape:
        raise ValueError(f"the flats differ in size: {predicted.shape} and {true.shape}")
    if not counts.any():
        raise ValueError("no pixel counts")
    return Agreement(
        psnr=_psnr(predicted[counts], true[counts]),
        ssim=_ssim(np.where(counts[..., None], predicted, true), true, counts),
        ciede2000=float(ciede2000(_lab(predicted[counts]), _lab(true[counts])).mean()),
    )


def bleeding(predicted: np.ndarray, label: np.ndarray) -> float:
    """Share of pixels that are more than `SEEN_AT_A_GLANCE` off the median colour of their region.

    It does not ask whether the median is the right colour: one colour all over does not bleed.
    Where no colour has the majority, the median, taken in Lab, lies between them.

    Args:
        predicted: flats, (H, W, 3) uint8.
        label: true regions, (H, W) from 1; 0 does not count.
    """
    lab = _lab(predicted)
    regions, index = np.unique(label, return_inverse=True)
    median = np.stack(
        [ndimage.median(channel, label, regions) for channel in np.moveaxis(lab, -1, 0)], axis=-1
    )
    off = ciede2000(lab, median[index.reshape(label.shape)]) > SEEN_AT_A_GLANCE
    return float(off[label > 0].mean())


def _lab(rgb: np.ndarray) -> np.ndarray:
    return srgb_to_lab(rgb / np.float32(255))


def _psnr(predicted: np.ndarray, true: np.ndarray) -> float:
    error = np.mean((predicted.astype(np.float32) - true) ** 2, dtype=np.float64)
    least = 255**2 / 10 ** (MOST_PSNR / 10)
    return float(10 * np.log10(255**2 / max(error, least)))


def _ssim(predicted: np.ndarray, true: np.ndarray, counts: np.ndarray) -> float:
    *_, similarity = structural_similarity(
        true.astype(np.float32),
        predicted.astype(np.float32),
        channel_axis=-1,
        data_range=255,
        gaussian_weights=True,
        use_sample_covariance=False,
        full=True,
    )
    return float(similarity[counts].mean())
