import pytest

pytest.importorskip("torch")
pytest.importorskip("skimage")

import torch
from torch import Tensor

from nurie.data.coloring import Pages
from nurie.data.dots import around, dots
from nurie.data.random import Dice

SIZE = 32
RADIUS = 3


def squares(count: int, side: int = 8) -> Pages:
    """Pages divided into squares; of each, half the numbers are missing. Their colours differ."""
    row, column = torch.arange(SIZE)[:, None] // side, torch.arange(SIZE)[None] // side
    part = 2 * (row * (SIZE // side) + column).expand(count, -1, -1).contiguous()
    flat = torch.stack([part / 97, 1 - part / 97, part % 7 / 7], 1)
    return Pages(torch.ones(count, 1, SIZE, SIZE), flat, part, torch.ones_like(part).bool())


def hinted(made: Tensor, pages: Pages, page: int) -> set[int]:
    """The regions of a page that have a dot."""
    return set(pages.part[page][made[page, 3] > 0].tolist())


def test_a_dot_is_of_the_true_colour_and_nothing_is_beside_it():
    pages = squares(8)
    made = dots(pages, Dice(0), most=1.0, radius=RADIUS)
    assert made.shape == (8, 4, SIZE, SIZE)
    mask = made[:, 3:] > 0
    assert mask.any()
    assert made[:, 3:].unique().tolist() == [0, 1]
    assert made[:, :3].equal(torch.where(mask, pages.flat, 0.0))


def test_a_seed_gives_the_same_dots():
    pages = squares(4)
    first, again, other = (dots(pages, Dice(s), most=1.0, radius=RADIUS) for s in (3, 3, 4))
    assert first.equal(again)
    assert not first.equal(other)


def test_each_region_has_one_dot_at_most_and_none_leaves_it():
    pages = squares(16)
    made = dots(pages, Dice(0), most=1.0, radius=1)
    for page in range(16):
        for number in hinted(made, pages, page):
            row, column = torch.nonzero((made[page, 3] > 0) & (pages.part[page] == number)).T
            assert row.max() - row.min() <= 2
            assert column.max() - column.min() <= 2
            assert len(row) >= 3  # a disc of radius 1, or what the border of the page leaves of it


def test_some_pages_are_bare_few_have_many_and_none_has_more_than_the_most():
    pages = squares(400)
    made = dots(pages, Dice(0), most=0.5, radius=1)
    counts = torch.tensor([len(hinted(made, pages, page)) for page in range(400)])
    assert counts.max() <= 8
    assert counts.max() >= 7
    bare = (counts == 0).float().mean()
    assert 0.1 < bare < 0.4
    assert (counts <= 2).sum() > (counts >= 6).sum() > 0
    assert not dots(pages, Dice(0), most=0.0, radius=1).any()


def test_large_regions_have_a_dot_more_often():
    pages = squares(300)
    part = pages.part.clone()
    part[part < 16] = 0  # the upper half is one region
    pages = Pages(pages.drawing, pages.flat, part, pages.natural)
    made = dots(pages, Dice(0), most=0.4, radius=1)
    found = [hinted(made, pages, page) for page in range(300)]
    large, small = (sum(number in of for of in found) for number in (0, 30))
    assert large > 1.5 * small > 0


def test_a_region_without_an_inside_has_its_dot_all_the_same():
    pages = squares(64, side=1)
    made = dots(pages, Dice(0), most=1.0, radius=RADIUS)
    assert made[:, 3].any()
    # Nothing is left of a disc but its middle.
    for page in range(64):
        assert len(hinted(made, pages, page)) == made[page, 3].sum()


def test_a_disc_is_cut_off_at_the_border_of_the_page_and_of_its_region():
    pages = squares(1, side=16)
    middle = torch.zeros(1, SIZE, SIZE, dtype=torch.bool)
    middle[0, 0, 14] = middle[0, 24, 24] = True
    mask = around(middle, pages, 3)[0, 3] > 0
    y, x = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), indexing="ij")
    corner = (y**2 + (x - 14) ** 2 <= 9) & (x < 16)
    whole = (y - 24) ** 2 + (x - 24) ** 2 <= 9
    assert mask.equal(corner | whole)
