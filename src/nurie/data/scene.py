"""Layers to training pairs: pictures and their exact line art, composed on the training device.

A scene is painted back to front. Each layer is one drawing at a random place, size, turn and
colouring, for every picture of the batch at once; it hides what lies under it, in the picture and
in the line art. Shadows, textures, screentone and backdrops are painted into the picture alone:
they are what the network must learn to leave out. Everything random comes from one generator, so a
seed gives the same scenes on the same device.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from nurie.core.errors import NurieError
from nurie.data.degrade import degrade
from nurie.data.random import Dice
from nurie.data.shards import SCALES, Shard


@dataclass(frozen=True)
class SceneOptions:
    """What scenes look like.

    Attributes:
        size: height and width in pixels, a multiple of 16.
        smallest, largest: size of a drawing in pixels; log-uniform between them.
        density: layers per 10,000 pixels, at least four layers in all.
    """

    size: int = 160
    smallest: float = 60.0
    largest: float = 440.0
    density: float = 0.9

    def __post_init__(self) -> None:
        if self.size < 16 or self.size % 16:
            raise NurieError(f"scenes can't be {self.size} pixels wide: choose a multiple of 16")

    @property
    def layers(self) -> int:
        return max(4, round(self.density * self.size * self.size / 10_000))


@dataclass(frozen=True, eq=False)
class Scenes:
    """A batch: image (N, 3, S, S) and line coverage (N, 1, S, S), both float in [0, 1]."""

    image: Tensor
    line: Tensor


class Bank:
    """The drawings of one split on a device, ready to be drawn from.

    Raises:
        NurieError: the split is empty.
    """

    def __init__(self, shard: Shard, split: str, device: torch.device | str = "cpu"):
        self.device = torch.device(device)
        rows = torch.from_numpy(shard.rows(split))
        if not len(rows):
            raise NurieError(f"the set holds no {split} drawing: build one with more drawings")
        self._arrays = {}
        for key, array in shard.arrays.items():
            if key[0] == "label":
                continue
            # The preload: a batch then never waits for the disk or the host.
            self._arrays[key] = torch.from_numpy(array[rows.numpy()]).to(self.device)
        self._count = len(rows)

    def __len__(self) -> int:
        return self._count

    def layers(self, picks: Tensor, scale: int, hairline: Tensor) -> Tensor:
        """Paint and ink of drawings, (N, 5, scale, scale) float in [0, 1]: RGBA, then coverage.

        Args:
            picks: (N,) numbers below `len(self)`.
            scale: one of SCALES.
            hairline: (N,) bool, whether the thin ink is wanted.
        """
        bold = self._arrays["line", scale].index_select(0, picks)
        fine = self._arrays["hairline", scale].index_select(0, picks)
        ink = torch.where(hairline[:, None, None], fine, bold)
        paint = self._arrays["fill", scale].index_select(0, picks)
        return torch.cat([paint, ink[:, None]], 1).float() / 255


# What share of scenes is of each kind; the rest are ordinary coloured illustrations.
_PAPER = 0.04  # no drawing at all
_LINE_ART = 0.09  # ink on paper, no paint
_MANGA = 0.15  # grey, with screentone
_DARK = 0.16  # low light


@dataclass(frozen=True, eq=False)
class _Kinds:
    """Which scenes of a batch are of which kind, (N,) bool; `toned` numbers the manga ones."""

    blank: Tensor
    bare: Tensor
    manga: Tensor
    dark: Tensor
    toned: Tensor


def _kinds(count: int, dice: Dice) -> _Kinds:
    kind = dice.host(count)
    first, second = _PAPER + _LINE_ART, _PAPER + _LINE_ART + _MANGA
    manga = (kind >= first) & (kind < second)
    return _Kinds(
        *(
            chosen.to(dice.device, non_blocking=True)
            for chosen in (
                kind < _PAPER,
                (kind >= _PAPER) & (kind < first),
                manga,
                kind > 1 - _DARK,
                manga.nonzero()[:, 0],
            )
        )
    )


@dataclass(eq=False)
class _Canvas:
    """A batch while it is painted.

    Attributes:
        image: what can be seen, (N, 3, S, S).
        flat: paint without ink, shade or texture, (N, 3, S, S).
        line: coverage by ink, drawn or left out, (N, 1, S, S).
        seen: how much the ink differs from what it lies on, (N, 1, S, S).
    """

    image: Tensor
    flat: Tensor
    line: Tensor
    seen: Tensor


@torch.no_grad()
def compose(bank: Bank, count: int, options: SceneOptions, dice: Dice) -> Scenes:
    """Compose `count` scenes."""
    kinds = _kinds(count, dice)
    # Blank paper and line art lie on plain paper; other scenes on every sort of ground.
    ground = _ground(bank, count, options.size, dice, plain=kinds.blank | kinds.bare)
    ground = _grey(ground, kinds.manga)
    nothing = torch.zeros_like(ground[:, :1])
    canvas = _Canvas(ground, _smoothed(ground), nothing, nothing)
    for _ in range(options.layers):
        _paint_layer(bank, canvas, options, dice, kinds)
    image = _grey(canvas.image, kinds.bare & dice.chance(count, 0.7))
    image, light = _dim(image, kinds.dark, dice)
    line = _outline_solids(canvas.line) * _visibility(canvas, light)
    return Scenes(degrade(image, dice).clamp(0, 1), line.clamp(0, 1))


def _column(values: Tensor) -> Tensor:
    return values[:, None, None, None]


def _ground(bank: Bank, count: int, size: int, dice: Dice, plain: Tensor) -> Tensor:
    """Paper, gradients, painted skies, brush strokes, or a picture far out of focus."""
    paper = 1 - dice.uniform(count, 1, 1, 1) ** 3 * 0.35
    paper = paper - dice.uniform(count, 3, 1, 1) * 0.08 * _column(dice.chance(count, 0.5))
    ground = dice.uniform(count, 3, 1, 1).expand(-1, -1, size, size)
    style = dice.uniform(count)

    gradient = dice.smooth(count, 3, size, size / 2)
    ground = torch.where(_column(style > 0.12), gradient, ground)

    clouds = sum(dice.smooth(count, 3, size, cell) / 2**n for n, cell in enumerate((48, 20, 9)))
    ground = torch.where(_column(style > 0.28), 0.5 * gradient + 0.3 * clouds, ground)

    # Brush strokes: noise stretched along one direction.
    streaks = _turned(dice.smooth(count, 3, size, (18.0, 3.0)), dice)
    ground = torch.where(_column(style > 0.5), 0.8 * gradient + 0.25 * (streaks - 0.3), ground)

    picks = dice.integers(len(bank), count)
    far = bank.layers(picks, SCALES[-1], dice.chance(count, 0.0))
    far = far[:, :3] * far[:, 3:4] + gradient[:, :, :64, :64].mean((2, 3), True) * (1 - far[:, 3:4])
    far = F.interpolate(_blur(far, 2.0), (size, size), mode="bicubic", align_corners=False)
    ground = torch.where(_column(style > 0.75), far, ground)
    return torch.where(_column(plain), paper, ground).clamp(0, 1).contiguous()


def _smoothed(ground: Tensor) -> Tensor:
    """What is left of a ground without its texture."""
    coarse = F.avg_pool2d(ground, 16)
    return F.interpolate(coarse, ground.shape[-2:], mode="bilinear", align_corners=False)


_BOLDEST = 230.0  # pixels; the largest drawing whose bold ink is drawn


def _paint_layer(
    bank: Bank, canvas: _Canvas, options: SceneOptions, dice: Dice, kinds: _Kinds
) -> None:
    count, _, size, _ = canvas.image.shape
    extent = math.exp(dice.scalar(math.log(options.smallest), math.log(options.largest)))
    extents = extent * dice.uniform(count, low=0.8, high=1.2)
    scale = min((s for s in SCALES if s >= extent), default=SCALES[0])
    # Lines are up to about 6 pixels wide: bold ones on a larger drawing would be surfaces.
    hairline = dice.chance(count, 0.5) | (extents > _BOLDEST)
    sheet = bank.layers(dice.integers(len(bank), count), scale, hairline)
    grid = _placement(extents, size, dice)
    # Paint is sampled by its weight, lest the black outside a drawing run into its edge.
    sheet[:, :3] *= sheet[:, 3:4]
    placed = F.grid_sample(sheet, grid, align_corners=False)
    alpha, ink = placed[:, 3:4], placed[:, 4:]
    paint = placed[:, :3] / alpha.clamp_min(1e-3)

    bare, shown = kinds.bare, _column(~kinds.blank)
    alpha, ink = alpha * shown, ink * shown
    paint = _grey(_recolour(paint, dice), kinds.manga)
    paint = torch.where(_column(bare), _column(dice.uniform(count, low=0.93, high=1.0)), paint)
    pen = _pen(paint, kinds, dice)
    shaded = _shade(paint, alpha, dice)
    if len(kinds.toned):
        toned = _screentone(shaded.index_select(0, kinds.toned), dice)
        shaded = shaded.index_copy(0, kinds.toned, toned)
        # Among dots, the borders within the paint can't be seen.
        tone = (paint * alpha).sum((2, 3), True) / alpha.sum((2, 3), True).clamp_min(1)
        paint = torch.where(_column(kinds.manga), tone, paint)
    shaded = torch.where(_column(bare), paint, shaded)

    canvas.image = torch.lerp(canvas.image, shaded, alpha)
    canvas.image = torch.lerp(canvas.image, pen.color, ink * pen.strength)
    canvas.flat = torch.lerp(canvas.flat, paint, alpha)
    drawn = ink * (pen.pressure > 0)
    stands_out = (pen.color - canvas.flat).abs().amax(1, keepdim=True) * pen.pressure
    canvas.seen = torch.lerp(canvas.seen * (1 - alpha), stands_out, drawn)
    # Ink that was left out hides nothing, but an edge of paint may still stand in its place.
    canvas.line = torch.maximum(canvas.line * (1 - torch.maximum(alpha, drawn)), ink)


def _placement(extents: Tensor, size: int, dice: Dice) -> Tensor:
    """The sampling grid (N, S, S, 2) that puts drawings of these sizes at random places."""
    count = len(extents)
    angle = dice.normal(count) * 0.5
    mirror = torch.where(dice.chance(count, 0.5), -1.0, 1.0)
    centre = dice.uniform(count, 2, low=-0.1, high=1.1) * 2 - 1
    zoom = size / extents
    squeeze = dice.uniform(count, low=0.8, high=1.25)
    cos, sin = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    theta = torch.stack(
        [
            torch.stack([cos * mirror, sin * mirror, cos * 0], 1),
            torch.stack([-sin * squeeze, cos * squeeze, cos * 0], 1),
        ],
        1,
    )
    theta[:, :, 2] = -(theta[:, :, :2] @ centre[:, :, None])[:, :, 0]
    return F.affine_grid(theta, [count, 1, size, size], align_corners=False)


def _recolour(paint: Tensor, dice: Dice) -> Tensor:
    """Give a drawing other colours: channels mixed, then contrast and brightness moved."""
    count = len(paint)
    # A random permutation of the channels, softened towards grey.
    order = dice.uniform(count, 3).argsort(1)
    mix = F.one_hot(order, 3).to(paint)
    vivid = dice.uniform(count, 1, 1, low=0.25, high=1.0)
    mix = mix * vivid + (1 - vivid) / 3
    mixed = torch.einsum("nij,njhw->nihw", mix, paint)
    contrast = dice.uniform(count, 1, 1, 1, low=0.5, high=1.2)
    shift = dice.uniform(count, 3, 1, 1, low=-0.22, high=0.22)
    mixed = (mixed - 0.5) * contrast + 0.5 + shift
    deep = _column(dice.chance(count, 0.12)) * dice.uniform(count, 1, 1, 1, low=0.4, high=0.85)
    return (mixed * (1 - deep)).clamp(0, 1)


@dataclass(frozen=True, eq=False)
class _Pen:
    """How the ink of a layer is drawn.

    Attributes:
        color: (N, 3, S, S).
        pressure: opacity of a whole stroke, (N, 1, 1, 1); 0 where the ink is left out.
        strength: the same with the breaks of a dry brush, (N, 1, S, S) or (N, 1, 1, 1).
    """

    color: Tensor
    pressure: Tensor
    strength: Tensor


def _pen(paint: Tensor, kinds: _Kinds, dice: Dice) -> _Pen:
    count, _, size, _ = paint.shape
    bare = kinds.bare
    style = dice.uniform(count)
    black = dice.uniform(count, 1, 1, 1) * 0.12 + torch.zeros_like(paint)
    tinted = dice.uniform(count, 3, 1, 1) * 0.45
    darker = paint * dice.uniform(count, 1, 1, 1, low=0.15, high=0.6)
    light = 1 - dice.uniform(count, 3, 1, 1) * 0.25
    color = torch.where(_column(style > 0.4), tinted, black)
    color = torch.where(_column(style > 0.66), darker, color)
    color = torch.where(_column((style > 0.94) & ~bare), light, color)
    color = _grey(color, kinds.manga)

    faintest = torch.where(_column(bare), 0.35, 0.55)  # pencil is lighter than ink
    pressure = faintest + dice.uniform(count, 1, 1, 1) * (1 - faintest)
    pressure = torch.where(_column(dice.chance(count, 0.4)), 1.0, pressure)
    pressure = torch.where(_column(dice.chance(count, 0.15) & ~bare), 0.0, pressure)
    strength = pressure
    if dice.flip(0.3):  # a dry brush: the ink breaks where the grain is coarse
        grain = dice.smooth(count, 1, size, 2.0)
        broken = (grain * 3.2 - dice.uniform(count, 1, 1, 1, low=0.5, high=1.1)).clamp(0.12, 1)
        strength = strength * torch.where(_column(dice.chance(count, 0.5)), broken, 1.0)
    return _Pen(color, pressure, strength)


def _shade(paint: Tensor, alpha: Tensor, dice: Dice) -> Tensor:
    """Cel shadows, lights, round form, and the texture of a brush: none of it is line art."""
    count, _, size, _ = paint.shape
    for chance, low, high in ((0.6, 0.5, 0.92), (0.35, 1.1, 1.5)):
        if not dice.flip(chance):
            continue
        pattern = dice.smooth(count, 1, size, dice.scalar(16, 60))
        # From a hard cel edge to a soft airbrush.
        sharp = 1.5 * 40 ** dice.uniform(count, 1, 1, 1)
        cut = dice.uniform(count, 1, 1, 1, low=0.35, high=0.65)
        mask = ((pattern - cut) * sharp + 0.5).clamp(0, 1) * _column(dice.chance(count, 0.85))
        tint = dice.uniform(count, 1, 1, 1, low=low, high=high)
        tint = tint + dice.uniform(count, 3, 1, 1, low=-0.07, high=0.07)
        paint = paint * (1 + (tint - 1) * mask)
    if dice.flip(0.35):  # round form: darker towards one side of the drawing
        lit = _box(alpha, round(dice.scalar(2, 9)))
        lit = torch.roll(lit, (round(dice.scalar(-9, 9)), round(dice.scalar(-9, 9))), (2, 3))
        paint = paint * (1 - (1 - lit) * dice.uniform(count, 1, 1, 1, low=0, high=0.5))
    if dice.flip(0.75):
        grain = dice.smooth(count, 1, size, (dice.scalar(2, 7), dice.scalar(2, 7))) - 0.5
        rough = dice.uniform(count, 1, 1, 1, high=0.28) * _column(dice.chance(count, 0.85))
        # As deep as the paint is light, or dark paint would be all grain.
        paint = paint + grain * rough * (0.3 + 1.1 * paint.mean(1, keepdim=True))
    return paint.clamp(0, 1)


def _screentone(paint: Tensor, dice: Dice) -> Tensor:
    """Replace grey by dots on a turned lattice, as printed manga does."""
    count, _, size, _ = paint.shape
    axis = torch.arange(size, device=paint.device, dtype=paint.dtype)
    angle = dice.uniform(count, 1, 1, low=0.6, high=1.0)
    wave = 2 * math.pi / dice.uniform(count, 1, 1, low=3.0, high=9.0)
    y, x = axis[None, :, None], axis[None, None, :]
    u = (x * torch.cos(angle) + y * torch.sin(angle)) * wave
    v = (y * torch.cos(angle) - x * torch.sin(angle)) * wave
    lattice = ((torch.cos(u) + torch.cos(v)) / 4 + 0.5)[:, None]
    grey = paint.mean(1, keepdim=True)
    # Flat tones only: a gradient's lattice would depend on shading.
    dots = ((grey * 0.75 + 0.25 - lattice) * 5 + 0.5).clamp(0, 1)
    toned = _column(dice.chance(count, 0.6) & (grey.mean((1, 2, 3)) < 0.93))
    return torch.where(toned, dots, grey).expand_as(paint)


def _grey(image: Tensor, chosen: Tensor) -> Tensor:
    red, green, blue = image.split(1, 1)
    grey = 0.299 * red + 0.587 * green + 0.114 * blue
    return torch.where(_column(chosen), grey, image)


def _dim(image: Tensor, dark: Tensor, dice: Dice) -> tuple[Tensor, Tensor]:
    """Night: the picture under weak, coloured light; and how much light is left, (N, 1, 1, 1)."""
    count = len(image)
    tint = dice.uniform(count, 3, 1, 1, low=0.12, high=0.6)
    dimmed = image ** dice.uniform(count, 1, 1, 1, low=1.0, high=1.6) * tint
    lamp = dice.smooth(count, 1, image.shape[-1], 60.0)
    dimmed = dimmed * (0.6 + 0.8 * lamp) + dice.uniform(count, 3, 1, 1) * 0.08
    left = torch.where(_column(dark), tint.amax(1, keepdim=True), 1.0)
    return torch.where(_column(dark), dimmed, image).clamp(0, 1), left


_SOLID = 4  # an inked area of 2 x 4 + 1 pixels or more is a black surface, not a line
_EDGE = 2  # pixels of its rim that stay as its outline


def _outline_solids(line: Tensor) -> Tensor:
    """Empty wide black areas, so that their outline alone is left."""
    core = _erode(line, _SOLID)
    solid = torch.minimum(_dilate(core, _SOLID), line)
    inner = _erode(solid, _EDGE)
    return line * (1 - inner)


def _dilate(values: Tensor, radius: int) -> Tensor:
    width = 2 * radius + 1
    rows = F.max_pool2d(values, (1, width), 1, (0, radius))
    return F.max_pool2d(rows, (width, 1), 1, (radius, 0))


def _erode(values: Tensor, radius: int) -> Tensor:
    return 1 - _dilate(1 - values, radius)


def _visibility(canvas: _Canvas, light: Tensor) -> Tensor:
    """How far the eye can find a line at each place, in [0, 1].

    By its ink, or where ink was left out, by the edge of paint that stands there. Black on black,
    or left-out ink amid one paint, is no line for anybody to find. Texture and shade don't count.
    """
    edge = (_dilate(canvas.flat, 2) - _erode(canvas.flat, 2)).amax(1, keepdim=True)
    return ((torch.maximum(canvas.seen, edge) * light - 0.04) / 0.06).clamp(0, 1)


def _turned(values: Tensor, dice: Dice) -> Tensor:
    """Turn each picture about its middle by its own angle."""
    count = len(values)
    angle = dice.uniform(count, high=math.pi)
    cos, sin, zero = torch.cos(angle), torch.sin(angle), torch.zeros_like(angle)
    theta = torch.stack([torch.stack([cos, -sin, zero], 1), torch.stack([sin, cos, zero], 1)], 1)
    grid = F.affine_grid(theta, list(values.shape), align_corners=False)
    return F.grid_sample(values, grid, padding_mode="reflection", align_corners=False)


def _box(values: Tensor, radius: int) -> Tensor:
    """The mean over a square window, one direction after the other."""
    width = 2 * radius + 1
    rows = F.avg_pool2d(values, (1, width), 1, (0, radius))
    return F.avg_pool2d(rows, (width, 1), 1, (radius, 0))


def _blur(values: Tensor, sigma: float) -> Tensor:
    radius = math.ceil(2.5 * sigma)
    offsets = torch.arange(-radius, radius + 1, device=values.device, dtype=values.dtype)
    kernel = torch.exp(-(offsets**2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).expand(values.shape[1], 1, -1)
    groups = values.shape[1]
    rows = F.conv2d(values, kernel[:, :, None, :], padding=(0, radius), groups=groups)
    return F.conv2d(rows, kernel[:, :, :, None], padding=(radius, 0), groups=groups)
