"""What happens to a picture between the artist and us: light, grain, blur, noise, JPEG.

Images are (N, 3, H, W) in [0, 1], H and W multiples of 16.
"""

import functools
import math

import torch
import torch.nn.functional as F
from torch import Tensor

from nurie.data.random import Dice


def degrade(image: Tensor, dice: Dice) -> Tensor:
    """Apply each degradation to some of the pictures, in the order in which they happen."""
    count, _, size, _ = image.shape

    def some(share: float) -> Tensor:
        return dice.chance(count, share)[:, None, None, None]

    light = 1 + (dice.smooth(count, 1, size, size / 1.5) - 0.5) * dice.uniform(count, 1, 1, 1) * 0.5
    image = torch.where(some(0.3), image * light, image)

    if dice.flip(0.5):
        relief = _brush_relief(count, size, dice)
        depth = dice.uniform(count, 1, 1, 1) ** 1.5 * 0.9
        image = torch.where(some(0.6), image * (1 + relief * depth), image)

    grain = dice.normal(count, 1, size, size) * 0.6 + dice.smooth(count, 1, size, 2.0) - 0.5
    image = torch.where(some(0.4), image - grain.abs() * dice.uniform(count, 1, 1, 1) * 0.16, image)

    blurred = F.avg_pool2d(F.pad(image, (1, 1, 1, 1), mode="replicate"), 3, 1)
    share = dice.uniform(count, 1, 1, 1) * 0.9
    image = torch.where(some(0.35), image + (blurred - image) * share, image)

    # A sensor's and a brush's noise both grow with the light.
    noise = dice.normal(count, 3, size, size) * dice.uniform(count, 1, 1, 1) ** 1.5 * 0.09
    noise = noise * (0.25 + 0.75 * image.mean((1, 2, 3), keepdim=True))
    image = torch.where(some(0.6), image + noise, image)

    image = image.clamp(0, 1)
    quality = dice.uniform(count, low=30, high=95)
    return torch.where(some(0.7), jpeg(image, quality), image)


_REACH = 6  # pixels that a bristle's trace runs to either side


def _brush_relief(count: int, size: int, dice: Dice) -> Tensor:
    """The traces of bristles in thick paint, (count, 1, size, size), about -0.3 to 0.3.

    Noise smeared along a smooth field of directions: the line integral convolution of Cabral and
    Leedom (1993).
    """
    noise = dice.smooth(count, 1, size, 1.5)
    angle = dice.smooth(count, 1, size, dice.scalar(24, 70))[:, 0] * dice.scalar(4, 14)
    step = torch.stack([torch.cos(angle), torch.sin(angle)], -1) * (2 / size)
    identity = torch.eye(2, 3, device=noise.device).expand(count, -1, -1)
    grid = F.affine_grid(identity, [count, 1, size, size], align_corners=False)
    trace = torch.zeros_like(noise)
    for offset in range(-_REACH, _REACH + 1, 2):
        place = grid + step * offset
        trace += F.grid_sample(noise, place, padding_mode="reflection", align_corners=False)
    return trace / (_REACH + 1) - 0.5


# The quantisation tables of the JPEG standard (ITU-T T.81, annex K), for brightness and colour.
_LUMA = (
    "16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 "
    "14 17 22 29 51 87 80 62 18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 "
    "49 64 78 87 103 121 120 101 72 92 95 98 112 100 103 99"
)
_CHROMA = (
    "17 18 24 47 99 99 99 99 18 21 26 66 99 99 99 99 "
    "24 26 56 99 99 99 99 99 47 66 99 99 99 99 99 99 " + "99 " * 32
)
_TO_YCC = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))


def jpeg(image: Tensor, quality: Tensor) -> Tensor:
    """What JPEG leaves of pictures at the given qualities (N,) in 1 to 100, with halved chroma.

    The lossy steps alone: colour transform, 8 x 8 cosine transform, rounding by the standard's
    tables. Nothing is coded.
    """
    to_ycc, to_rgb, fine, coarse = _constants(image.device)
    planes = torch.einsum("ij,njhw->nihw", to_ycc, image) * 255
    scale = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality) / 100
    luma = _quantise(planes[:, :1] - 128, fine, scale) + 128
    chroma = _quantise(F.avg_pool2d(planes[:, 1:], 2), coarse, scale)
    planes = torch.cat([luma, F.interpolate(chroma, scale_factor=2, mode="bilinear")], 1)
    return torch.einsum("ij,njhw->nihw", to_rgb, planes).div(255).clamp(0, 1)


@functools.cache
def _constants(device: torch.device) -> tuple[Tensor, ...]:
    """RGB to YCbCr and back, then the two tables, kept on the device.

    Were they copied there for each batch, the host would wait for the device every time.
    """
    to_ycc = torch.tensor(_TO_YCC)
    # The inverse is computed: no second matrix to keep in step.
    constants = [to_ycc, torch.linalg.inv(to_ycc)]
    for table in (_LUMA, _CHROMA):
        constants.append(torch.tensor([float(step) for step in table.split()]).view(8, 8))
    return tuple(constant.to(device) for constant in constants)


def _quantise(planes: Tensor, table: Tensor, scale: Tensor) -> Tensor:
    count, channels, height, width = planes.shape
    steps = (table * scale[:, None, None]).round().clamp(1, 255)[:, None, None, None]
    basis = _cosines(planes)
    blocks = planes.view(count, channels, height // 8, 8, width // 8, 8).transpose(3, 4)
    spectrum = basis @ blocks @ basis.T
    blocks = basis.T @ ((spectrum / steps).round() * steps) @ basis
    return blocks.transpose(3, 4).reshape(planes.shape)


def _cosines(like: Tensor) -> Tensor:
    """The orthonormal cosine transform of 8 points, (8, 8)."""
    n = torch.arange(8, device=like.device, dtype=like.dtype)
    basis = torch.cos(math.pi / 8 * (n[None] + 0.5) * n[:, None]) / 2
    basis[0] /= math.sqrt(2)
    return basis
