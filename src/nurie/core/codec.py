"""Pictures to network tensors and back: the only normalisation in nurie.

Training and inference share these functions. Those marked *array-agnostic* use arithmetic
alone, so that they take NumPy arrays and torch tensors alike.
"""

import numpy as np


def normalise(unit):
    """Map intensities in [0, 1] to the network's range [-1, 1] (array-agnostic)."""
    return unit * 2.0 - 1.0


def premultiply(color, mask):
    """Hints' colours in [0, 1] in the network's range, and 0 outside their mask (array-agnostic).

    Grey is 0 too: only the mask, which the network is given beside them, tells it from no hint.
    """
    return normalise(color) * mask


def encode(rgb: np.ndarray) -> np.ndarray:
    """A picture, (H, W, 3) uint8 sRGB, as a batch of one, (1, 3, H, W) float32 in [-1, 1]."""
    planes = np.ascontiguousarray(rgb.transpose(2, 0, 1), dtype=np.float32)
    return normalise(planes[None] / np.float32(255.0))


def encode_hinted(paper: np.ndarray, hints: np.ndarray) -> np.ndarray:
    """Grey line art and its hints as a batch of one, (1, 5, H, W) float32.

    Args:
        paper: (H, W) uint8, black on white; the first plane, in [-1, 1].
        hints: (H, W, 4) uint8 with alpha 0 or 255; three planes of colour, `premultiply`, and then
            their mask, 0 or 1.
    """
    planes = np.ascontiguousarray(hints.transpose(2, 0, 1), dtype=np.float32) / np.float32(255.0)
    line = normalise(paper[None].astype(np.float32) / np.float32(255.0))
    return np.concatenate([line, premultiply(planes[:3], planes[3:]), planes[3:]])[None]


def decode(batch: np.ndarray) -> np.ndarray:
    """A batch of one line map, (1, 1, H, W), as coverage, (H, W) float32 in [0, 1]."""
    return np.clip(batch[0, 0], 0.0, 1.0).astype(np.float32, copy=False)
