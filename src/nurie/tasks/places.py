"""A drawing as a network sees it, and what it says of that, gathered region by region.

A network sees a large drawing smaller than it is, and answers for every few pixels of what it sees.
Such a spot is a *place*; the drawing's pixels from one place to the next are a *step*, x and y.
"""

import numpy as np
from PIL import Image

from nurie.core.regions import Regions

Step = tuple[float, float]


def seen(coverage: np.ndarray, edge: int) -> np.ndarray:
    """Grey line art, (h, w) uint8, black on white, of a long edge of at most `edge` pixels.

    Args:
        coverage: how much ink covers each pixel, (H, W) uint8.
    """
    height, width = coverage.shape
    scale = min(1.0, edge / max(height, width))
    paper = Image.fromarray(255 - coverage)
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        paper = paper.resize(size, Image.Resampling.BOX)
    return np.asarray(paper)


def step_of(drawing: np.ndarray, paper: np.ndarray, stride: int) -> Step:
    """The step of a network that answers for stride x stride pixels of what it sees."""
    (height, width), (rows, columns) = drawing.shape, paper.shape
    return stride * width / columns, stride * height / rows


def index(pixel: np.ndarray, step: float, count: int) -> np.ndarray:
    """The row or column of places that pixels lie in; the last reaches to the border."""
    return np.minimum((pixel / step).astype(int), count - 1)


def labels(regions: Regions, rows: int, columns: int, step: Step) -> np.ndarray:
    """The region in the middle of each place, (rows, columns) int32."""
    height, width = regions.label.shape
    y = np.minimum(((np.arange(rows) + 0.5) * step[1]).astype(int), height - 1)
    x = np.minimum(((np.arange(columns) + 0.5) * step[0]).astype(int), width - 1)
    return regions.label[y[:, None], x]


def of_regions(answer: np.ndarray, regions: Regions, step: Step) -> np.ndarray:
    """The mean of an answer, (C, rows, columns), over each region's places, (R, C) float32."""
    rows, columns = answer.shape[1:]
    number = labels(regions, rows, columns, step) - 1
    said = _means(answer.reshape(len(answer), -1), number.ravel(), regions.count)
    # A region too fine to be seen is what lies at its inner point.
    unseen = np.flatnonzero(np.isnan(said[:, 0]))
    inner_x, inner_y = regions.inner[unseen].T
    said[unseen] = answer[:, index(inner_y, step[1], rows), index(inner_x, step[0], columns)].T
    return said


def _means(values: np.ndarray, number: np.ndarray, count: int) -> np.ndarray:
    """Mean of (C, N) over the places of each number, (count, C) float32; NaN without any."""
    order = np.argsort(number, kind="stable")
    present, starts = np.unique(number[order], return_index=True)
    means = np.full((count, len(values)), np.nan, np.float32)
    sums = np.add.reduceat(values[:, order], starts, axis=1)
    means[present] = (sums / np.diff(np.append(starts, number.size))).T
    return means
