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
    smallest: float = 110.0
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

    def layers(self, picks: Tensor, scale: int, hairline: Tensor, inked: Tensor) -> Tensor:
        """Paint and line of drawings, (N, 5, scale, scale) float in [0, 1]: RGBA, then coverage.

        Args:
            picks: (N,) numbers below `len(self)`.
            scale: one of SCALES.
            hairline: (N,) bool, whether the thin ink is wanted.
            inked: (N,) bool, whether ink is wanted at all, or the edges of paint without it.
        """
        bold = self._arrays["line", scale].index_select(0, picks)
        fine = self._arrays["hairline", scale].index_select(0, picks)
        edge = self._arrays["edge", scale].index_select(0, picks)
        ink = torch.where(hairline[:, None, None], fine, bold)
        ink = torch.where(inked[:, None, None], ink, edge)
        paint = self._arrays["fill", scale].index_select(0, picks)
        return torch.cat([paint, ink[:, None]], 1).float().mul_(1 / 255)


# What share of scenes is of each kind; the rest are ordinary coloured illustrations.
_PAPER = 0.04  # no drawing at all
_LINE_ART = 0.09  # ink on paper, no paint
_MANGA = 0.15  # grey, with screentone
_DARK = 0.16  # low light

_LEFT_OUT = 0.25  # share of layers whose edges of paint have no ink


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
        clean: the same with its ink, (N, 3, S, S).
        line: coverage by ink, drawn or left out, (N, 1, S, S).
        seen: how much the ink differs from what it lies on, (N, 1, S, S).
    """

    image: Tensor
    flat: Tensor
    clean: Tensor
    line: Tensor
    seen: Tensor


@torch.no_grad()
def compose(
    bank: Bank, count: int, options: SceneOptions, dice: Dice, *, twice: bool = False
) -> Scenes:
    """Compose `count` scenes.

    With `twice`, each is given once more, mirrored along its diagonal and worn in another way:
    painting a scene costs several times what wearing it costs.
    """
    kinds = _kinds(count, dice)
    # Blank paper and line art lie on plain paper; other scenes on every sort of ground.
    ground = _ground(bank, count, options.size, dice, plain=kinds.blank | kinds.bare)
    ground = _grey(ground, kinds.manga)
    nothing = torch.zeros_like(ground[:, :1])
    calm = _smoothed(ground)
    canvas = _Canvas(ground, calm, calm, nothing, nothing)
    for _ in range(options.layers):
        _paint_layer(bank, canvas, options, dice, kinds)
    image = _grey(canvas.image, kinds.bare & dice.chance(count, 0.7))
    image, contrast = _dim(image, kinds.dark, dice)
    # In line art a pupil or a thick letter is drawn; amid paint it is a black surface.
    drawn, painted = (_outline_solids(canvas.line, radius) for radius in (_SOLID_INK, _SOLID))
    line = torch.where(_column(kinds.bare), drawn, painted) * _visibility(canvas, contrast)
    if twice:
        image, line = (torch.cat([once, once.mT]) for once in (image, line))
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
    nobody = dice.chance(count, 0.0)
    far = bank.layers(picks, SCALES[-1], nobody, nobody)
    far = far[:, :3] * far[:, 3:4] + gradient[:, :, :64, :64].mean((2, 3), True) * (1 - far[:, 3:4])
    far = F.interpolate(_blur(far, 2.0), (size, size), mode="bicubic", align_corners=False)
    ground = torch.where(_column(style > 0.75), far, ground)
    return torch.where(_column(plain), paper, ground).clamp(0, 1).contiguous()


def _smoothed(ground: Tensor) -> Tensor:
    """What is left of a ground without its texture."""
    coarse = F.avg_pool2d(ground, 16)
    return F.interpolate(coarse, ground.shape[-2:], mode="bilinear", align_corners=False)


_BOLDEST = 230.0  # pixels; the largest drawing whose bold ink is drawn
_FINEST = 150.0  # pixels; the smallest drawing whose thin ink is drawn
_BOLD, _FINE = 1 / 90, 1 / 225  # width of the bold and of the thin ink, as a share of the drawing


def _paint_layer(
    bank: Bank, canvas: _Canvas, options: SceneOptions, dice: Dice, kinds: _Kinds
) -> None:
    count, _, size, _ = canvas.image.shape
    extent = math.exp(dice.scalar(math.log(options.smallest), math.log(options.largest)))
    extents = extent * dice.uniform(count, low=0.8, high=1.2)
    scale = min((s for s in SCALES if s >= extent), default=SCALES[0])
    # Lines are up to about 6 pixels wide: bold ones on a larger drawing would be surfaces.
    hairline = (dice.chance(count, 0.5) & (extents > _FINEST)) | (extents > _BOLDEST)
    inked = dice.chance(count, 1 - _LEFT_OUT) | kinds.bare
    sheet = bank.layers(dice.integers(len(bank), count), scale, hairline, inked)
    grid = placement(extents, size, dice)
    # Paint is sampled by its weight, lest the black outside a drawing run into its edge.
    sheet[:, :3] *= sheet[:, 3:4]
    placed = F.grid_sample(sheet, grid, align_corners=False)
    alpha, ink = placed[:, 3:4], placed[:, 4:]
    # Nobody draws with half a pixel: lines that became finer are inked up to one.
    width = extents * torch.where(hairline & inked, _FINE, _BOLD)
    ink = (ink * _column((1.3 / width).clamp(1, 3))).clamp_max(1)
    paint = placed[:, :3] / alpha.clamp_min(1e-3)

    bare, shown = kinds.bare, _column(~kinds.blank)
    alpha, ink = alpha * shown, ink * shown
    paint = _grey(recolour(paint, dice), kinds.manga)
    paint = torch.where(_column(bare), _column(dice.uniform(count, low=0.93, high=1.0)), paint)
    printed = len(kinds.toned) > 0 and dice.flip(0.6)
    if printed:
        # A printed tone has no borders within: what divides it is ink.
        tone = (paint * alpha).sum((2, 3), True) / alpha.sum((2, 3), True).clamp_min(1)
        paint = torch.where(_column(kinds.manga), tone, paint)
    pen = _pen(paint, kinds, inked, dice)
    shaded = _shade(paint, alpha, inked, dice)
    if printed:
        toned = _screentone(shaded.index_select(0, kinds.toned), dice)
        shaded = shaded.index_copy(0, kinds.toned, toned)
    shaded = torch.where(_column(bare), paint, shaded)

    canvas.image = torch.lerp(canvas.image, shaded, alpha)
    canvas.image = torch.lerp(canvas.image, pen.color, ink * pen.strength)
    canvas.flat = torch.lerp(canvas.flat, paint, alpha)
    canvas.clean = torch.lerp(canvas.clean, paint, alpha)
    canvas.clean = torch.lerp(canvas.clean, pen.color, ink * pen.pressure)
    drawn = ink * (pen.pressure > 0)
    stands_out = (pen.color - canvas.flat).abs().amax(1, keepdim=True) * pen.pressure
    if printed:  # any ink can be told from black dots on white paper
        stands_out = torch.where(_column(kinds.manga), pen.pressure, stands_out)
    canvas.seen = torch.lerp(canvas.seen * (1 - alpha), stands_out, drawn)
    # Ink that was left out hides nothing, but an edge of paint may still stand in its place.
    canvas.line = torch.maximum(canvas.line * (1 - torch.maximum(alpha, drawn)), ink)


def placement(extents: Tensor, size: int, dice: Dice, *, turn: float = 0.5) -> Tensor:
    """The sampling grid (N, S, S, 2) that puts drawings of these sizes at random places.

    `turn` is the standard deviation of their angles, in radians.
    """
    count = len(extents)
    angle = dice.normal(count) * turn
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


def recolour(paint: Tensor, dice: Dice) -> Tensor:
    """Give drawings other colours, (N, 3, H, W) in [0, 1]; what was of one colour stays so.

    Channels are mixed, then contrast and brightness moved.
    """
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
    deep = _column(dice.chance(count, 0.15)) * dice.uniform(count, 1, 1, 1, low=0.4, high=0.85)
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


def _pen(paint: Tensor, kinds: _Kinds, inked: Tensor, dice: Dice) -> _Pen:
    count, _, size, _ = paint.shape
    bare = kinds.bare
    style = dice.uniform(count)
    black = dice.uniform(count, 1, 1, 1) * 0.12 + torch.zeros_like(paint)
    tinted = dice.uniform(count, 3, 1, 1) * 0.55
    darker = paint * dice.uniform(count, 1, 1, 1, low=0.2, high=0.7)
    light = 1 - dice.uniform(count, 3, 1, 1) * 0.25
    color = torch.where(_column(style > 0.3), tinted, black)
    color = torch.where(_column(style > 0.52), darker, color)
    color = torch.where(_column((style > 0.92) & ~bare), light, color)
    color = _grey(color, kinds.manga)

    faintest = torch.where(_column(bare), 0.35, 0.55)  # pencil is lighter than ink
    pressure = faintest + dice.uniform(count, 1, 1, 1) * (1 - faintest)
    pressure = torch.where(_column(dice.chance(count, 0.4)), 1.0, pressure)
    pressure = torch.where(_column(inked), pressure, 0.0)
    strength = pressure
    if dice.flip(0.3):  # a dry brush: the ink breaks where the grain is coarse
        grain = dice.smooth(count, 1, size, 2.0)
        broken = (grain * 3.2 - dice.uniform(count, 1, 1, 1, low=0.5, high=1.1)).clamp(0.12, 1)
        strength = strength * torch.where(_column(dice.chance(count, 0.5)), broken, 1.0)
    return _Pen(color, pressure, strength)


def _shade(paint: Tensor, alpha: Tensor, inked: Tensor, dice: Dice) -> Tensor:
    """Cel shadows, lights, round form, and the texture of a brush: none of it is line art.

    Without ink the shade is soft: nobody could tell a hard shadow from an edge of paint.
    """
    count, _, size, _ = paint.shape
    # Two tones of shadow and one of light, as broad patches or as the streaks of hair and folds.
    for chance, low, high in ((0.75, 0.45, 0.92), (0.3, 0.4, 0.85), (0.4, 1.1, 1.6)):
        if not dice.flip(chance):
            continue
        if dice.flip(0.15):
            pattern = _turned(dice.smooth(count, 1, size, (dice.scalar(25, 70), 6.0)), dice)
        else:
            pattern = dice.smooth(count, 1, size, dice.scalar(16, 60))
        # From a hard cel edge to a soft airbrush.
        sharp = 1.5 * torch.where(_column(inked), 40.0, 2.0) ** dice.uniform(count, 1, 1, 1)
        cut = dice.uniform(count, 1, 1, 1, low=0.35, high=0.65)
        mask = ((pattern - cut) * sharp + 0.5).clamp(0, 1) * _column(dice.chance(count, 0.85))
        tint = dice.uniform(count, 1, 1, 1, low=low, high=high)
        tint = tint + dice.uniform(count, 3, 1, 1, low=-0.03, high=0.03)
        paint = paint * (1 + (tint - 1) * mask)
    if dice.flip(0.35):  # round form: darker towards one side of the drawing
        lit = _box(alpha, round(dice.scalar(2, 9)))
        lit = torch.roll(lit, (round(dice.scalar(-9, 9)), round(dice.scalar(-9, 9))), (2, 3))
        paint = paint * (1 - (1 - lit) * dice.uniform(count, 1, 1, 1, low=0, high=0.5))
    if dice.flip(0.75):
        grain = dice.smooth(count, 1, size, (dice.scalar(2, 7), dice.scalar(2, 7))) - 0.5
        rough = dice.uniform(count, 1, 1, 1, high=0.36) * _column(dice.chance(count, 0.85))
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
    toned = _column(grey.mean((1, 2, 3)) < 0.93)
    return torch.where(toned, dots, grey).expand_as(paint)


def _grey(image: Tensor, chosen: Tensor) -> Tensor:
    red, green, blue = image.split(1, 1)
    grey = 0.299 * red + 0.587 * green + 0.114 * blue
    return torch.where(_column(chosen), grey, image)


def _dim(image: Tensor, dark: Tensor, dice: Dice) -> tuple[Tensor, Tensor]:
    """Night: the picture under weak, coloured light; and the contrast left, (N, 1, S, S)."""
    count = len(image)
    tint = dice.uniform(count, 3, 1, 1, low=0.12, high=0.6)
    gamma = dice.uniform(count, 1, 1, 1, low=1.0, high=1.6)
    light = tint * (0.6 + 0.8 * dice.smooth(count, 1, image.shape[-1], 60.0))
    dimmed = image**gamma * light + dice.uniform(count, 3, 1, 1) * 0.08
    slope = gamma * image.clamp_min(0.1) ** (gamma - 1) * light
    left = torch.where(_column(dark), slope.amax(1, keepdim=True), 1.0)
    return torch.where(_column(dark), dimmed, image).clamp(0, 1), left


_SOLID = 4  # an inked area of 2 x 4 + 1 pixels or more is a black surface, not a line
_SOLID_INK = 6  # the same in line art
_EDGE = 2  # pixels of its rim that stay as its outline


def _outline_solids(line: Tensor, radius: int) -> Tensor:
    """Empty black areas of 2 x `radius` + 1 pixels and more, so that their outline is left."""
    core = _erode(line, radius)
    solid = torch.minimum(_dilate(core, radius), line)
    inner = _erode(solid, _EDGE)
    return line * (1 - inner)


def _dilate(values: Tensor, radius: int) -> Tensor:
    """The largest value within a square window; outside the picture there is nothing."""
    for axis in (2, 3):
        pad = (0, 0, radius, radius) if axis == 2 else (radius, radius)
        values = _running_max(F.pad(values, pad), 2 * radius + 1, axis)
    return values


def _running_max(values: Tensor, width: int, axis: int) -> Tensor:
    """The largest of every `width` neighbours, by windows that double; pooling is far slower."""
    reach = 1
    while reach < width:
        step = min(reach, width - reach)
        length = values.shape[axis] - step
        values = torch.maximum(values.narrow(axis, 0, length), values.narrow(axis, step, length))
        reach += step
    return values


def _erode(values: Tensor, radius: int) -> Tensor:
    return 1 - _dilate(1 - values, radius)


def _visibility(canvas: _Canvas, contrast: Tensor) -> Tensor:
    """How far the eye can find a line at each place, in [0, 1].

    By its ink, or by the edge that stands there. Black on black, or left-out ink amid one paint,
    is no line for anybody to find. Texture and shade don't count.
    """
    edge = (_dilate(canvas.clean, 2) - _erode(canvas.clean, 2)).amax(1, keepdim=True)
    return ((torch.maximum(canvas.seen, edge) * contrast - 0.03) / 0.08).clamp(0, 1)


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
