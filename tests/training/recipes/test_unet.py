import pytest

pytest.importorskip("torch")
pytest.importorskip("resvg_py")
pytest.importorskip("skimage")

from nurie.training.recipes.autoencoder import AutoencoderOptions, AutoencoderRecipe
from nurie.training.recipes.painting import PaintingOptions
from nurie.training.recipes.unet import UNetRecipe
from nurie.training.unet import UNet

SMALL = {"widths": (4, 6), "depth": 1, "size": 32}


@pytest.mark.parametrize("skips", ["added", "concatenated", "none"])
def test_the_skips_are_those_of_the_options(skips):
    net = UNetRecipe(PaintingOptions(**SMALL, skips=skips)).build()
    assert isinstance(net, UNet)
    assert net.skips == skips


def test_without_skips_it_is_the_autoencoder():
    same = PaintingOptions(**SMALL, skips="none", grow="transposed")
    one = UNetRecipe(same).build()
    other = AutoencoderRecipe(AutoencoderOptions(**SMALL)).build()
    assert str(one) == str(other)
