import io

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")

import torch

from nurie.data import degrade as module
from nurie.data.degrade import degrade, jpeg
from nurie.data.random import Dice


def picture(count: int = 2, size: int = 64):
    """Soft colours with a black line: something to lose."""
    image = Dice(3).smooth(count, 3, size, 12.0)
    image[:, :, size // 3 : size // 3 + 3] = 0
    return image


def qualities(*values: float):
    return torch.tensor(values)


def test_the_cosine_transform_is_orthonormal():
    basis = module._cosines(torch.zeros(1, dtype=torch.float64))
    assert torch.allclose(basis @ basis.T, torch.eye(8, dtype=torch.float64), atol=1e-12)
    assert basis[0].tolist() == pytest.approx([8**-0.5] * 8)
    assert basis[1, 0].item() == pytest.approx(0.5 * np.cos(np.pi / 16))


def test_the_tables_are_those_of_the_standard():
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG", quality=50)  # libjpeg scales them by 1 at 50
    luma, chroma = Image.open(buffer).quantization.values()
    _, _, ours, ours_chroma = module._constants(torch.device("cpu"))
    assert sorted(ours.flatten().tolist()) == sorted(luma)
    assert sorted(ours_chroma.flatten().tolist()) == sorted(chroma)
    assert ours[0].tolist() == [16, 11, 10, 16, 24, 40, 51, 61]


def test_the_colour_transform_of_white_red_and_blue():
    to_ycc, to_rgb, *_ = module._constants(torch.device("cpu"))
    red, blue = to_ycc[:, 0], to_ycc[:, 2]
    assert (to_ycc @ torch.ones(3)).tolist() == pytest.approx([1, 0, 0], abs=1e-6)
    assert red.tolist() == pytest.approx([0.299, -0.168736, 0.5])
    assert blue.tolist() == pytest.approx([0.114, 0.5, -0.081312])
    assert torch.allclose(to_rgb @ to_ycc, torch.eye(3), atol=1e-6)


def test_quality_100_is_nearly_the_identity():
    grey = picture()[:, :1].expand(-1, 3, -1, -1)
    assert (jpeg(grey, qualities(100, 100)) - grey).abs().max() < 2 / 255
    smooth = Dice(0).smooth(2, 3, 64, 60.0)  # halved chroma costs little where colours are soft
    assert (jpeg(smooth, qualities(100, 100)) - smooth).abs().max() < 5 / 255


def test_quality_10_is_visibly_lossy_and_doing_it_twice_changes_little():
    image = picture()
    once = jpeg(image, qualities(10, 10))
    twice = jpeg(once, qualities(10, 10))
    lost, lost_again = ((a - b).abs().mean() for a, b in ((image, once), (once, twice)))
    assert lost > 4 / 255
    assert lost_again < 0.25 * lost


def test_less_quality_loses_more():
    image = picture(1).expand(4, -1, -1, -1)
    lost = (jpeg(image, qualities(95, 70, 40, 10)) - image).square().mean((1, 2, 3))
    assert lost.tolist() == sorted(lost.tolist())


@pytest.mark.parametrize("quality", [10, 50, 85])
def test_grey_pictures_come_out_as_from_a_real_encoder(quality):
    grey = (picture(1)[0, 0] * 255).round()
    buffer = io.BytesIO()
    Image.fromarray(grey.byte().numpy()).save(buffer, "JPEG", quality=quality)
    real = torch.from_numpy(np.asarray(Image.open(buffer)).astype(np.float32))
    ours = jpeg(grey.expand(1, 3, -1, -1) / 255, qualities(quality))[0, 0] * 255
    # The encoder's cosines are whole numbers: now and then it rounds to the other side.
    assert (ours - real).abs().mean() < 0.4
    assert ((ours - real).abs() < 1.5).float().mean() > 0.95


@pytest.mark.parametrize("quality", [10, 50, 85])
def test_coloured_pictures_come_out_as_from_a_real_encoder(quality):
    colours = (Dice(0).smooth(1, 3, 64, 16.0) * 255).round()
    buffer = io.BytesIO()
    rgb = colours[0].permute(1, 2, 0).byte().numpy()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=quality, subsampling="4:2:0")
    real = torch.from_numpy(np.asarray(Image.open(buffer)).astype(np.float32))
    ours = jpeg(colours / 255, qualities(quality))[0].permute(1, 2, 0) * 255
    assert (ours - real).abs().mean() < 1.1


def test_a_quality_belongs_to_its_picture_alone():
    image = picture()
    alone = jpeg(image[:1], qualities(30))
    assert torch.allclose(jpeg(image, qualities(30, 90))[:1], alone, atol=1e-6)


def test_flat_pictures_stay_flat():
    flat = torch.full((1, 3, 32, 32), 0.5)
    for quality in (10, 50, 95):
        out = jpeg(flat, qualities(quality))
        assert out.std() < 1e-5
        assert (out - flat).abs().max() < 0.02


@pytest.mark.parametrize("size", [16, 64])
def test_degraded_pictures_keep_shape_and_range(size):
    image = picture(16, size)
    out = degrade(image, Dice(0))
    assert out.shape == image.shape
    assert out.min() >= 0
    assert out.max() <= 1


def test_a_seed_degrades_the_same_way_and_another_another_way():
    image = picture(8)
    before = image.clone()
    first, again, other = (degrade(image, Dice(seed)) for seed in (1, 1, 2))
    assert first.equal(again)
    assert not first.equal(other)
    assert image.equal(before)  # the original is not written to


def test_a_degraded_picture_is_still_the_picture():
    image = picture(64)
    changed = torch.cat([(degrade(image, Dice(s)) - image).abs().mean((1, 2, 3)) for s in range(4)])
    assert changed.median() < 0.06
    assert changed.max() < 0.35
    assert (changed > 0.002).float().mean() > 0.7
