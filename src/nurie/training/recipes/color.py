"""The colour network's recipe: which regions share a colour, and what colour they may have."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nurie.core import codec
from nurie.core.errors import NurieError
from nurie.data import shards
from nurie.data.coloring import FAMILY, Cutouts, PageOptions, Pages, compose
from nurie.data.random import Dice
from nurie.runtime.registry import Needs
from nurie.tasks.attention import Attention
from nurie.training.blocks import FoldStem
from nurie.training.colornet import ColorNet
from nurie.training.lab import lab_to_rgb, rgb_to_lab
from nurie.training.palette import common_colors
from nurie.training.stream import Windows
from nurie.training.unet import UNet


@dataclass(frozen=True)
class ColorOptions:
    """What can be set in the recipe's file.

    Attributes:
        widths, depths: features and convolutions of each level; the first has half the resolution.
        embedding: numbers that say what a place belongs with.
        colors: colours that the prior chooses between.
        size: height and width of the training pages in pixels.
        drawings: how many lie on a page.
        smallest, largest: their size as a share of the page; of larger ones than 1 a part is seen.
        invented: share of drawings whose colours are left to chance.
        resident: drawings that may lie on the device (see `Windows`); 0 lets all of the set.
    """

    widths: tuple[int, ...] = (32, 48, 96, 160, 224)
    depths: tuple[int, ...] = (1, 2, 2, 2, 2)
    embedding: int = 32
    colors: int = 64
    size: int = 256
    drawings: int = 4
    smallest: float = 0.25
    largest: float = 1.0
    invented: float = 0.3
    resident: int = 0


_SAME = 8.0  # Lab distance below which two flats are one colour
_BLUR = 8.0  # Lab distance over which the answer may miss the true colour
_PRIOR = 0.05  # how well the prior fits, where a dot of the true colour fits as 1
_SHARES = (0.03, 0.1, 0.3)  # of a page's regions that are dotted
_SMALLEST = 12  # places; what is smaller has no say


@dataclass(frozen=True, eq=False)
class Regions:
    """The regions of a batch in one list.

    Attributes:
        page: which page each lies on, (R,) int64.
        area: in places, (R,).
        centre: mean row and column as shares of the page, (R, 2).
        lab: true colour, (R, 3).
        natural: whether that is the colour such a thing has, (R,) bool, or an invented one.
        embedding: of unit length, (R, E).
        prior: logits over the palette, (R, K).
        number: of every place, (N, S / 2, S / 2) int64; -1 where the region is too small.
    """

    page: Tensor
    area: Tensor
    centre: Tensor
    lab: Tensor
    natural: Tensor
    embedding: Tensor
    prior: Tensor
    number: Tensor


class ColorRecipe:
    """Pages from a built set; logloss on pairs of regions, on the choice of a dot, on the prior."""

    name = "color"
    task = "colorize"
    Options = ColorOptions

    def __init__(self, options: ColorOptions):
        self.options = options
        if not options.widths or len(options.widths) != len(options.depths):
            raise NurieError("color: widths and depths must be lists of one length")
        if options.size % self.multiple:
            raise NurieError(f"color: size must be a multiple of {self.multiple}")
        # Grey until a set is opened or weights are loaded, which bring the true one.
        self.palette = torch.full((options.colors, 3), 0.5)

    def build(self) -> nn.Module:
        options, width = self.options, self.options.widths[0]
        trunk = UNet(FoldStem(3, width), nn.Identity(), options.widths, options.depths)
        return ColorNet(trunk, width, options.embedding, self.palette.clone())

    @property
    def multiple(self) -> int:
        """Height and width of a drawing must be multiples of this."""
        return 2 ** len(self.options.widths)

    @property
    def needs(self) -> Needs:
        # So many channels take memory: 1.7 GB in one piece of 1800 x 1800, 1.0 GB in such tiles.
        channels = self.options.embedding + self.options.colors
        return Needs(multiple=self.multiple, stride=2, tile=1024, channels=channels)

    def open(self, data: Path, device: torch.device) -> None:
        """Load the drawings of a built set onto the device, and find their common colours."""
        shard = shards.load(data)
        self.windows, unseen = (
            Windows(Cutouts, shard, split, device, resident=self.options.resident, family=FAMILY)
            for split in ("train", "held-out")
        )
        self.cutouts, self.unseen = self.windows.at(0), unseen.at(0)
        self.palette = common_colors(self.cutouts.colors(), self.options.colors).to(device)

    def batch(self, count: int, seed: int) -> Pages:
        self.cutouts = self.windows.at(seed)
        page = self._page(invented=self.options.invented)
        return compose(self.cutouts, count, page, Dice(seed, self.cutouts.device))

    def _page(self, *, worn: bool = True, invented: float = 0.0) -> PageOptions:
        options = self.options
        return PageOptions(
            size=options.size,
            drawings=options.drawings,
            smallest=options.smallest,
            largest=options.largest,
            worn=worn,
            invented=invented,
        )

    def players(self, net: nn.Module) -> tuple[nn.Module, ...]:
        return (net,)

    def losses(self, net: nn.Module, batch: Pages) -> Iterator[Tensor]:
        yield self.loss(net, batch)

    def loss(self, net: nn.Module, batch: Pages) -> Tensor:
        assert isinstance(net, ColorNet)
        places = _places(net, batch)
        # bf16 knows a colour to about 1 in Lab, which is no measure for what is `_SAME`.
        with torch.autocast(places.device.type, enabled=False):
            regions = self.regions(places, batch)
            pairs, choice = pair_loss(net, regions), choice_loss(net, regions)
            return pairs + choice + 0.5 * prior_loss(net, regions)

    def regions(self, places: Tensor, pages: Pages) -> Regions:
        """What the network says of each true region: the mean over its places.

        Args:
            places: what it answers to the drawings, (N, E + K, S / 2, S / 2).
        """
        count, channels, height, width = places.shape
        part = pages.part[:, 1::2, 1::2]
        page = torch.arange(count, device=part.device)[:, None, None].expand_as(part)
        parts = int(part.max()) + 1
        number = page * parts + part
        keys, index = torch.unique(number, return_inverse=True)
        index = index.flatten()
        row = torch.linspace(0, 1, height, device=part.device)[None, :, None].expand_as(part)
        column = torch.linspace(0, 1, width, device=part.device)[None, None].expand_as(part)
        flat = pages.flat[:, :, 1::2, 1::2]
        values = torch.cat(
            [
                places.movedim(1, -1).reshape(-1, channels),
                flat.movedim(1, -1).reshape(-1, 3),
                pages.natural[:, 1::2, 1::2].reshape(-1, 1),
                torch.stack([row, column], -1).reshape(-1, 2),
            ],
            1,
        )
        area = torch.bincount(index, minlength=len(keys))
        mean = values.new_zeros(len(keys), values.shape[1]).index_add(0, index, values)
        mean = mean / area[:, None]
        kept = area >= _SMALLEST
        renumbered = torch.where(kept, kept.cumsum(0) - 1, -1)
        said, color, natural, centre = mean[kept].split([channels, 3, 1, 2], 1)
        embedding = self.options.embedding
        return Regions(
            keys[kept] // parts,
            area[kept].float(),
            centre,
            rgb_to_lab(color),
            natural[:, 0] > 0.5,
            F.normalize(said[:, :embedding], dim=1),
            said[:, embedding:],
            renumbered[index].view(count, height, width),
        )

    @torch.no_grad()
    def validate(self, net: nn.Module) -> tuple[dict[str, float], Tensor]:
        """Scores on held-out pages with one region in ten dotted, the same every time.

        "off" is the root of the mean squared distance in Lab from the true colours, "off_nearest"
        that of `paint_nearest`. With them comes a picture of some pages, (3, H, W).
        """
        inner = net.module if hasattr(net, "module") else net
        assert isinstance(inner, ColorNet)
        losses, errors, pictures = [], [], []
        for seed in range(4):
            dice = Dice(seed, self.unseen.device)
            pages = compose(self.unseen, 8, self._page(worn=seed % 2 > 0), dice)
            regions = self.regions(_places(inner, pages), pages)
            losses.append(pair_loss(inner, regions))
            dotted = largest(regions, 0.1)
            learned = paint(inner, regions, dotted)
            nearest = paint_nearest(regions, dotted)
            weight = regions.area / regions.area.sum()
            errors.append(
                [
                    ((said - regions.lab) ** 2).sum(1).mul(weight).sum().sqrt()
                    for said in (learned, nearest)
                ]
            )
            if seed < 2:
                pictures.append(_picture(pages, regions, learned))
        learned, nearest = torch.tensor(errors).mean(0)
        scalars = {
            "pairs": torch.stack(losses).mean(),
            "off": learned,
            "off_nearest": nearest,
        }
        return {key: float(value) for key, value in scalars.items()}, torch.cat(pictures, 1)

    def exported(self, net: nn.Module) -> nn.Module:
        """The network as it is shipped, just as it is: embedding, then prior logits."""
        return net

    def described(self, net: nn.Module) -> dict[str, str]:
        """The scores of dots and prior, and the prior's colours."""
        assert isinstance(net, ColorNet)
        colors = (net.palette * 255).round().int().tolist()
        attention = Attention(
            embedding=net.embedding,
            sharpness=net.sharpness.item(),
            nearness=net.nearness.item(),
            silence=net.silence.item(),
            palette=tuple((red, green, blue) for red, green, blue in colors),
        )
        return attention.to_metadata()


def _places(net: nn.Module, pages: Pages) -> Tensor:
    """What the network says of each place, (N, E + K, S / 2, S / 2) float32."""
    return net(codec.normalise(pages.drawing.expand(-1, 3, -1, -1))).float()


def pair_loss(net: ColorNet, regions: Regions) -> Tensor:
    """Logloss of "do these two regions of a page share a colour?", both answers weighted alike.

    Among those of one answer, large regions count more.
    """
    first, second = torch.triu_indices(
        len(regions.page), len(regions.page), 1, device=regions.page.device
    )
    together = regions.page[first] == regions.page[second]
    first, second = first[together], second[together]
    same = (regions.lab[first] - regions.lab[second]).norm(dim=1) < _SAME
    likeness = (regions.embedding[first] * regions.embedding[second]).sum(1)
    logits = net.sharpness * (likeness - 0.5)
    weight = (regions.area[first] * regions.area[second]).sqrt().sqrt()
    loss = F.binary_cross_entropy_with_logits(logits, same.float(), weight, reduction="none")
    alike, unlike = weight[same].sum().clamp_min(1), weight[~same].sum().clamp_min(1)
    return loss[same].sum() / alike + loss[~same].sum() / unlike


def choice_loss(net: ColorNet, regions: Regions) -> Tensor:
    """Logloss of which dot a region takes its colour from: one of its own colour, if there is."""
    losses, weights = [], []
    for share in _SHARES:
        for asked, dots in _asked(regions, largest(regions, share)):
            away = torch.cdist(regions.lab[asked], regions.lab[dots])
            # Dots of nearly one colour share the answer; where all are far off, the prior is right.
            good = torch.exp(-((away / _BLUR) ** 2) / 2)
            good = torch.cat([good, torch.full_like(good[:, :1], _PRIOR)], 1)
            target = good / good.sum(1, keepdim=True)
            said = net.attention(*_between(regions, asked, dots))
            losses.append(-(target * said).sum(1))
            weights.append(regions.area[asked].sqrt())
    if not losses:
        return regions.embedding.sum() * 0
    weight = torch.cat(weights)
    return (torch.cat(losses) * weight).sum() / weight.sum()


def prior_loss(net: ColorNet, regions: Regions) -> Tensor:
    """Logloss of the colour itself where it is a natural one, softened towards alike ones."""
    away = torch.cdist(regions.lab, rgb_to_lab(net.palette))
    target = F.softmax(-((away / _BLUR) ** 2) / 2, 1)
    loss = -(target * F.log_softmax(regions.prior, 1)).sum(1)
    weight = regions.area.sqrt() * regions.natural
    return (loss * weight).sum() / weight.sum().clamp_min(1)


def largest(regions: Regions, share: float) -> Tensor:
    """Which regions are dotted, (R,) bool: on each page the largest `share`, at least one."""
    dotted = torch.zeros_like(regions.page, dtype=torch.bool)
    for page in regions.page.unique():
        own = (regions.page == page).nonzero()[:, 0]
        count = max(1, round(share * len(own)))
        dotted[own[regions.area[own].argsort(descending=True)[:count]]] = True
    return dotted


def paint(net: ColorNet, regions: Regions, dotted: Tensor) -> Tensor:
    """What dots and prior let expect, (R, 3) Lab; a dot's own region has its own colour.

    So `nurie colorize` paints, but for colours that are near to a dot's.
    """
    palette = rgb_to_lab(net.palette)
    painted = regions.lab.clone()
    for asked, dots in _asked(regions, dotted):
        chance = net.attention(*_between(regions, asked, dots)).exp()
        own = regions.prior[asked].softmax(1) @ palette
        painted[asked] = chance[:, :-1] @ regions.lab[dots] + chance[:, -1:] * own
    return painted


def paint_nearest(regions: Regions, dotted: Tensor) -> Tensor:
    """The colours of the nearest dots, (R, 3) Lab: what a network has to beat."""
    painted = regions.lab.clone()
    for asked, dots in _asked(regions, dotted):
        near = torch.cdist(regions.centre[asked], regions.centre[dots]).argmin(1)
        painted[asked] = regions.lab[dots][near]
    return painted


def _asked(regions: Regions, dotted: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """For each page that has both, the regions without a dot and those with one."""
    for page in regions.page.unique():
        own = regions.page == page
        asked, dots = (own & ~dotted).nonzero()[:, 0], (own & dotted).nonzero()[:, 0]
        if len(asked) and len(dots):
            yield asked, dots


def _between(regions: Regions, asked: Tensor, dots: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """What `ColorNet.attention` takes."""
    distance = torch.cdist(regions.centre[asked], regions.centre[dots])
    return regions.embedding[asked], regions.embedding[dots], distance


def _picture(pages: Pages, regions: Regions, painted: Tensor) -> Tensor:
    """Drawing, true flats and painted flats of three pages, (3, H, W)."""
    colors = torch.cat([lab_to_rgb(painted), torch.ones_like(painted[:1])])
    flats = colors[regions.number].movedim(-1, 1)
    flats = F.interpolate(flats, scale_factor=2.0, mode="nearest")
    columns = (pages.drawing.expand(-1, 3, -1, -1), pages.flat, flats)
    return torch.cat(list(torch.cat([part[:3] for part in columns], 3)), 1)
