"""Seeded random numbers for scenes, on whichever device they are composed."""

import torch
import torch.nn.functional as F
from torch import Tensor


class Dice:
    """A generator on a device, with the few draws that scenes need."""

    def __init__(self, seed: int, device: torch.device | str = "cpu"):
        self.device = torch.device(device)
        # torch's generator on the CPU looks at the low 32 bits alone: fold the others into them.
        seed = (seed ^ (seed >> 32) * 0x9E3779B1) & 0xFFFFFFFF
        self._generator = torch.Generator(self.device).manual_seed(seed)
        # Numbers that decide shapes are drawn on the host: the device is never waited for.
        self._host = torch.Generator().manual_seed(seed ^ 0x5EED)

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        drawn = torch.rand(*shape, generator=self._generator, device=self.device)
        return drawn * (high - low) + low

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(*shape, generator=self._generator, device=self.device)

    def integers(self, below: int, *shape: int) -> Tensor:
        return torch.randint(below, shape, generator=self._generator, device=self.device)

    def chance(self, count: int, share: float) -> Tensor:
        """(count,) bool, each true with probability `share`."""
        return self.uniform(count) < share

    def host(self, *shape: int) -> Tensor:
        """Uniform numbers in [0, 1) on the host."""
        return torch.rand(*shape, generator=self._host)

    def flip(self, share: float) -> bool:
        """True with probability `share`, decided on the host."""
        return self.scalar(0, 1) < share

    def scalar(self, low: float, high: float) -> float:
        """One number on the host."""
        return low + (high - low) * float(torch.rand((), generator=self._host))

    def smooth(
        self, count: int, channels: int, size: int, cell: float | tuple[float, float]
    ) -> Tensor:
        """Smooth noise in [0, 1], (count, channels, size, size), with features of `cell` pixels."""
        tall, wide = cell if isinstance(cell, tuple) else (cell, cell)
        # One more cell than fits, and a random shift, so that the lattice has no fixed place.
        rows, columns = int(size / tall) + 4, int(size / wide) + 4
        coarse = self.uniform(count, channels, rows, columns)
        height, width = round(rows * tall), round(columns * wide)
        fine = F.interpolate(coarse, (height, width), mode="bilinear", align_corners=False)
        top = round(self.scalar(0, height - size))
        left = round(self.scalar(0, width - size))
        return fine[:, :, top : top + size, left : left + size]
