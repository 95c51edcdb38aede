"""Colours as the eye tells them apart, on tensors: sRGB to CIE Lab (D65) and back."""

import torch
from torch import Tensor

_TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_WHITE = (0.95047, 1.0, 1.08883)
_KNEE = 6 / 29  # below it Lab's cube root is a straight line


def rgb_to_lab(rgb: Tensor) -> Tensor:
    """sRGB in [0, 1], (..., 3), to Lab: L in [0, 100], a and b about -100 to 100."""
    linear = torch.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    xyz = linear @ rgb.new_tensor(_TO_XYZ).T / rgb.new_tensor(_WHITE)
    root = torch.where(
        xyz > _KNEE**3, xyz.clamp_min(1e-6) ** (1 / 3), xyz / (3 * _KNEE**2) + 4 / 29
    )
    x, y, z = root.unbind(-1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def lab_to_rgb(lab: Tensor) -> Tensor:
    """Lab, (..., 3), to sRGB; what no screen can show is cut off at [0, 1]."""
    light, a, b = lab.unbind(-1)
    y = (light + 16) / 116
    root = torch.stack([y + a / 500, y, y - b / 200], -1)
    xyz = torch.where(root > _KNEE, root**3, 3 * _KNEE**2 * (root - 4 / 29))
    inverse = torch.linalg.inv(lab.new_tensor(_TO_XYZ))
    linear = (xyz * lab.new_tensor(_WHITE) @ inverse.T).clamp(0, 1)
    return torch.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)
