"""A coloured picture whose colours other drawings take."""

import functools
import os
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from PIL import Image

from nurie.core import images, palettes, regions
from nurie.core.errors import NurieError
from nurie.tasks.extract import ExtractOptions, method_for
from nurie.tasks.propagate import Keys
from nurie.tasks.traits import LOOK, look

if TYPE_CHECKING:
    from nurie.runtime.session import Session


class Reference:
    """A coloured picture; it is looked at once, for however many drawings.

    Args:
        source: what `nurie.core.images.read` takes.
        max_pixels: a larger picture is refused before it is decoded.

    Attributes:
        palette: its main colours.

    Raises:
        UnreadableImage, ImageTooLarge: it can't be read.
        NurieError: it is transparent throughout.
    """

    def __init__(
        self,
        source: str | os.PathLike[str] | bytes | BinaryIO | Image.Image | np.ndarray,
        *,
        max_pixels: int = images.MAX_PIXELS,
    ):
        picture = images.read(source, max_pixels=max_pixels)
        try:
            self.palette = palettes.of_picture(picture)
        except NurieError as error:
            raise NurieError(f"the reference: {error}") from error
        small = Image.fromarray(picture.rgb)
        small.thumbnail((LOOK, LOOK), Image.Resampling.BOX)
        self._rgb = np.asarray(small)
        self._keys = functools.cache(self._look)

    def keys(self, session: "Session") -> Keys:
        """Every region of it, as that network sees it, with its colour."""
        return self._keys(session)

    def _look(self, session: "Session") -> Keys:
        coverage = method_for(ExtractOptions())(self._rgb, None)
        coverage = np.rint(coverage * 255).astype(np.uint8)
        found = regions.find(coverage)
        traits = look(session, coverage, found)
        return Keys(traits.embedding, _colors(self._rgb, found), traits.centre)


def _colors(rgb: np.ndarray, found: regions.Regions) -> np.ndarray:
    """The median colour of the paper of each region, (count, 3) uint8."""
    number = np.where(found.ink, 0, found.label).ravel()
    colors = np.empty((found.count, 3), np.uint8)
    x, y = found.inner.T
    colors[:] = rgb[y, x]
    for channel in range(3):
        values = rgb[..., channel].ravel()
        order = np.lexsort((values, number))
        present, start, size = np.unique(number[order], return_index=True, return_counts=True)
        middle = values[order[start + size // 2]]
        shown = present > 0
        colors[present[shown] - 1, channel] = middle[shown]
    return colors
