import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("skimage")

import torch
from skimage import color

from nurie.core.color import srgb_to_lab
from nurie.training.lab import lab_to_rgb, rgb_to_lab

STEPS = np.linspace(0, 1, 9, dtype=np.float32)
COLORS = np.stack(np.meshgrid(STEPS, STEPS, STEPS), -1)  # (9, 9, 9, 3), black and greys among them


def test_lab_is_that_of_scikit_image_and_of_the_runtime():
    lab = rgb_to_lab(torch.from_numpy(COLORS)).numpy()
    assert lab.shape == COLORS.shape
    assert np.abs(lab - color.rgb2lab(COLORS)).max() < 0.02
    assert np.abs(lab - srgb_to_lab(COLORS)).max() < 0.02


def test_the_way_back_is_that_of_scikit_image():
    lab = color.rgb2lab(COLORS).astype(np.float32)
    assert np.abs(lab_to_rgb(torch.from_numpy(lab)).numpy() - color.lab2rgb(lab)).max() < 1e-3


def test_a_colour_there_and_back_is_the_same():
    back = lab_to_rgb(rgb_to_lab(torch.from_numpy(COLORS)))
    assert np.abs(back.numpy() - COLORS).max() < 1e-4


def test_what_no_screen_can_show_is_cut_off():
    vivid = lab_to_rgb(torch.tensor([[60.0, -120.0, 80.0], [120.0, 0.0, 0.0], [-9.0, 0.0, 0.0]]))
    assert vivid[0, 0] == 0
    assert torch.allclose(vivid[1], torch.ones(3))
    assert (vivid[2] == 0).all()


def test_gradients_are_finite_at_black_too():
    rgb = torch.tensor([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]], requires_grad=True)
    rgb_to_lab(rgb).sum().backward()
    assert rgb.grad is not None
    assert rgb.grad.isfinite().all()
