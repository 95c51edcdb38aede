"""Drawings that look alike, so that none is scored whose twin was trained on."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

ALIKE = 0.85
"""Cosine between two drawings' ink from which they are twins: all flags, all clock faces are."""

_BLOCK = 2048


def families(groups: Sequence[str], ink: np.ndarray) -> np.ndarray:
    """Number the families of drawings: those of one group, and those whose ink looks alike.

    What is like something that is like a third is of its family too.

    Args:
        groups: a name for each drawing.
        ink: coverage of each drawing, (N, H, W) with even H and W.

    Returns:
        The number of each drawing's family, (N,).
    """
    count = len(groups)
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    member = np.array([numbers[group] for group in groups])
    sketches = _sketches(ink)
    pairs = [np.array([member, member])]
    for start in range(0, count, _BLOCK):
        alike = sketches[start : start + _BLOCK] @ sketches.T > ALIKE
        rows, columns = np.nonzero(alike)
        pairs.append(member[np.array([rows + start, columns])])
    first, second = np.concatenate(pairs, 1)
    links = sparse.coo_matrix((np.ones(len(first)), (first, second)), (len(numbers),) * 2)
    _, family = csgraph.connected_components(links, directed=False)
    return family[member]


def _sketches(ink: np.ndarray) -> np.ndarray:
    """Each drawing at half its size as a vector of length 1; all 0 where there is no ink."""
    count, height, width = ink.shape
    halves = ink.reshape(count, height // 2, 2, width // 2, 2).mean((2, 4), dtype=np.float32)
    vectors = halves.reshape(count, -1)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
