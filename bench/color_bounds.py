"""What the hint curve can reach at best: scores of colourings that know the truth in part.

With few hints most of a page is unheard of, and PSNR asks how well its colours were guessed. Here
nothing is guessed: regions are the true ones, and each row says what it was told.

python bench/color_bounds.py --data sets/all
"""

import json
from collections.abc import Iterator
from pathlib import Path

import cyclopts
import numpy as np
from rich.console import Console
from rich.table import Table

from nurie.data import held_out, shards
from nurie.evaluation import hints
from nurie.evaluation.color_metrics import visible
from nurie.evaluation.coloring import HINTED

_SIZE, _SEED = 512, 0  # those of nurie evaluate colorize


def main(*, data: Path = Path("sets/all"), count: int = 200) -> None:
    """Print PSNR in dB at every point of the hint curve, then the same as a line of JSON."""
    pages = [Page(*page) for page in held_out.pages(shards.load(data), count, _SIZE, _SEED)]
    rows = {name: [bound(pages, hinted) for hinted in HINTED] for name, bound in _BOUNDS.items()}
    table = Table(box=None, title="PSNR in dB by percent of regions with a hint")
    table.add_column("what has no hint is")
    for hinted in HINTED:
        table.add_column(str(hinted), justify="right")
    for name, row in rows.items():
        table.add_row(name, *(f"{value:.1f}" for value in row))
    Console().print(table)
    print(json.dumps({"pages": count, "hinted": HINTED, "psnr": rows}))


class Page:
    """A page as its true regions: share of the picture and mean colour of each, largest first.

    Attributes:
        share: (R,), the sum is 1.
        color: (R, 3) in [0, 1].
        rest: mean squared error that stays when every region has its mean colour.
    """

    def __init__(self, line: np.ndarray, flat: np.ndarray, label: np.ndarray):
        seen = visible(label, line)
        inside = seen > 0
        _, number = np.unique(seen[inside], return_inverse=True)
        colors = flat[inside] / 255
        area = np.bincount(number)
        mean = np.stack([np.bincount(number, channel) for channel in colors.T], 1) / area[:, None]
        order = np.argsort(-area, kind="stable")
        self.share, self.color = area[order] / area.sum(), mean[order]
        self.rest = float(((colors - mean[number]) ** 2).mean())

    def hinted(self, percent: int) -> int:
        """How many of the regions have a hint."""
        return len(hints.first(range(len(self.share)), percent))

    def psnr(self, unheard: np.ndarray, percent: int) -> float:
        """In dB, where the regions without a hint have these colours, (3,) or (R - hinted, 3)."""
        first = self.hinted(percent)
        off = ((unheard - self.color[first:]) ** 2).mean(1) @ self.share[first:]
        return float(-10 * np.log10(max(off + self.rest, 1e-5)))


def one_color(pages: list[Page], percent: int) -> float:
    """All pages' unheard regions have one and the same colour, the best there is in the mean."""
    unheard = [_mean(page, percent) * page.share[page.hinted(percent) :].sum() for page in pages]
    area = sum(page.share[page.hinted(percent) :].sum() for page in pages)
    color = np.sum(unheard, axis=0) / max(area, 1e-9)
    return _over(page.psnr(color, percent) for page in pages)


def mean_of_the_page(pages: list[Page], percent: int) -> float:
    """Each page's unheard regions have their own mean colour."""
    return _over(page.psnr(_mean(page, percent), percent) for page in pages)


def best_hint(pages: list[Page], percent: int) -> float:
    """Each unheard region has the colour of that hint which suits it best."""
    return _over(page.psnr(_best(page, percent), percent) for page in pages)


_BOUNDS = {
    "one colour for all pages": one_color,
    "the mean of what is unheard": mean_of_the_page,
    "the hint that suits best": best_hint,
}


def _mean(page: Page, percent: int) -> np.ndarray:
    first = page.hinted(percent)
    share = page.share[first:]
    return share @ page.color[first:] / max(share.sum(), 1e-9)


def _best(page: Page, percent: int) -> np.ndarray:
    first = page.hinted(percent)
    if not first:
        return np.ones(3)  # white paper
    away = ((page.color[first:, None] - page.color[:first]) ** 2).sum(2)
    return page.color[:first][away.argmin(1)]


def _over(values: Iterator[float]) -> float:
    return float(np.mean(list(values)))


if __name__ == "__main__":
    cyclopts.run(main)
