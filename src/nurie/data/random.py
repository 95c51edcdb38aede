"""Seeded random numbers for scenes, on whichever device they are composed."""

import torch
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
        rows, columns = self._lattice(size, tall), self._lattice(size, wide)
        coarse = self.uniform(count, channels, rows.shape[1], columns.shape[1])
        return rows @ coarse @ columns.T

    def _lattice(self, size: int, cell: float) -> Tensor:
        """How much each point of a lattice counts at each pixel of a line, (size, points).

        Linear interpolation as a matrix: on the CPU several times as fast as torch's own. The
        lattice has no fixed place.
        """
        place = torch.arange(size) / cell + self.scalar(0, 1)
        points = torch.arange(int(size / cell) + 3)
        return (1 - (place[:, None] - points).abs()).clamp_min(0).to(self.device, non_blocking=True)
