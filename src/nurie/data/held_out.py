"""Pictures with known lines that no network was trained on, for scoring."""

from collections.abc import Iterator

import numpy as np
from scipy import ndimage
from skimage import measure, morphology

from nurie.data import coloring
from nurie.data.random import Dice
from nurie.data.scene import Bank, SceneOptions, compose
from nurie.data.shards import SCALES, Shard

_AT_ONCE = 8
_SLIVER = 20  # pixels; a true region that is smaller belongs to its neighbour
_ERASED, _LONGEST_BREAK = 0.03, 8  # share of the ink; pixels
_WIDE = 13  # pixels; ink wider than this is a black surface, not a line


def scenes(
    shard: Shard, count: int, size: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Scenes of held-out drawings, the same for the same seed.

    Yields:
        A picture, (size, size, 3) uint8, and the coverage of its lines, (size, size) in [0, 1].
    """
    bank = Bank(shard, "held-out")
    for start in range(0, count, _AT_ONCE):
        dice = Dice((seed << 32) + start)
        batch = compose(bank, _AT_ONCE, SceneOptions(size=size), dice)
        pictures = batch.image.permute(0, 2, 3, 1).mul(255).round().byte().numpy()
        yield from zip(
            pictures[: count - start], batch.line[: count - start, 0].numpy(), strict=True
        )


def line_art(shard: Shard, count: int) -> Iterator[np.ndarray]:
    """Sheets of 4 x 4 held-out drawings, ink alone: coverage, (1024, 1024) in [0, 1].

    Half of the drawings have bold lines, half have fine ones. Those with black surfaces are left
    out: what a network should do with them is another question.
    """
    scale = SCALES[0]
    rows = np.random.default_rng(0).permutation(shard.rows("held-out"))
    tiles: list[np.ndarray] = []
    for number, row in enumerate(rows):
        ink = shard.arrays["line" if number % 2 else "hairline", scale][row]
        solid = ndimage.binary_opening(ink > 127, np.ones((_WIDE, _WIDE), bool))
        if solid.any() or ink.max() < 255:
            continue
        tiles.append(ink)
        if len(tiles) == 16:
            sheet = np.block([tiles[start : start + 4] for start in range(0, 16, 4)])
            yield sheet.astype(np.float32) / 255
            tiles.clear()
            count -= 1
            if count <= 0:
                return


def pages(
    shard: Shard, count: int, size: int, seed: int, *, broken: bool = False
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Clean line art of held-out drawings in their own colours, the same for the same seed.

    With `broken`, the same pages with 3 % of their ink erased, in breaks of up to 8 pixels.

    Yields:
        Grey line art, (size, size) uint8, black on white; its true flat colours, (size, size, 3)
        uint8; and its true regions, (size, size) int32 from 1.
    """
    cutouts = coloring.Cutouts(shard, "held-out")
    options = coloring.PageOptions(size=size, worn=False)
    for start in range(0, count, _AT_ONCE):
        dice = Dice((seed << 32) + start)
        batch = coloring.compose(cutouts, _AT_ONCE, options, dice)
        line = batch.drawing[:, 0].mul(255).round().byte().numpy()
        flat = batch.flat.permute(0, 2, 3, 1).mul(255).round().byte().numpy()
        for page, part in enumerate(batch.part.numpy()[: count - start]):
            drawn = line[page]
            if broken:
                drawn = break_lines(drawn, np.random.default_rng([seed, start + page]))
            yield drawn, flat[page], _connected(part)


def break_lines(line: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Erase ink all across the line, a break at a time, until 3 % of it is gone.

    Args:
        line: grey line art, (H, W) uint8, black on white.

    Returns:
        The same with breaks of 3 to 8 pixels; what is no longer than a break stays.
    """
    inked = line < 128
    depth = np.asarray(ndimage.distance_transform_edt(inked))
    middle = morphology.skeletonize(inked)
    broken = line.copy()
    left = _ERASED * np.count_nonzero(inked)
    for y, x in random.permutation(np.argwhere(middle)):
        if left <= 0:
            break
        reach = int(depth[y, x]) + _LONGEST_BREAK
        window = np.s_[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1]
        near = np.argwhere(middle[window]) - (y - window[0].start, x - window[1].start)
        if len(near) <= _LONGEST_BREAK or broken[y, x] >= 128:
            continue
        # The line's direction here is that in which its middle spreads most.
        _, _, axes = np.linalg.svd(near - near.mean(0))
        along = axes[0]
        dy, dx = np.indices(broken[window].shape)
        dy, dx = dy - (y - window[0].start), dx - (x - window[1].start)
        within = np.abs(dy * along[0] + dx * along[1]) <= random.uniform(3, _LONGEST_BREAK) / 2
        across = np.abs(dx * along[0] - dy * along[1]) <= depth[y, x] + 2
        gone = within & across
        left -= np.count_nonzero(gone & (broken[window] < 128))
        broken[window][gone] = 255
    return broken


def _connected(part: np.ndarray) -> np.ndarray:
    """Number connected areas of one part, (H, W), from 1; slivers go to what is nearest."""
    label = np.asarray(measure.label(part, background=-1, connectivity=1))
    large = np.bincount(label.ravel()) >= _SLIVER
    row, column = np.asarray(
        ndimage.distance_transform_edt(~large[label], return_distances=False, return_indices=True)
    )
    _, number = np.unique(label[row, column], return_inverse=True)
    return (number.reshape(label.shape) + 1).astype(np.int32)
