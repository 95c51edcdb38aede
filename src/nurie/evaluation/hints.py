"""Hints as a patient artist would give them, made from a colouring that is known.

The regions of the true colouring get a dot each, the largest region first: what matters most to
the eye is said first. The protocol is that of Hint-AUC (PyPI `hintauc`).
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from nurie.core.types import Hint

RADIUS = 3
"""Of a dot in pixels, where its region is wide enough."""


def dots(flat: np.ndarray, label: np.ndarray) -> tuple[Hint, ...]:
    """A dot of its mean colour for every region, the largest first; of equals, the lower number.

    A dot lies at the most inner point of its region and does not leave it: in a fine region it
    shrinks, down to a single pixel. The picture's border is a border of the region.

    Args:
        flat: (H, W, 3) uint8.
        label: regions, (H, W) int from 1, numbers may be missing; 0 is no region.
    """
    areas = np.bincount(label.ravel())
    areas[0] = 0
    order = np.argsort(-areas, kind="stable")[: np.count_nonzero(areas)]
    boxes = ndimage.find_objects(label)
    return tuple(_dot(flat, label, int(number), boxes[number - 1]) for number in order)


def first(hints: Sequence[Hint], percent: int) -> tuple[Hint, ...]:
    """The first so many percent, rounded up."""
    return tuple(hints[: math.ceil(len(hints) * percent / 100)])


def _dot(flat: np.ndarray, label: np.ndarray, number: int, box: tuple[slice, slice]) -> Hint:
    inside = label[box] == number
    # The frame around it stands for what lies beyond the box, the picture's border as well.
    depth = np.asarray(ndimage.distance_transform_edt(np.pad(inside, 1)))[1:-1, 1:-1]
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    red, green, blue = (int(c) for c in flat[box][inside].mean(axis=0).round())
    # The nearest pixel of another region lies at this depth, and must stay outside.
    radius = min(RADIUS, math.ceil(depth[row, column]) - 1)
    top, left = box[0].start, box[1].start
    return Hint(left + column + 0.5, top + row + 0.5, (red, green, blue), radius)
