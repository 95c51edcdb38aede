from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

from nurie.runtime.registry import Needs, needs_to_metadata
from tiny_onnx import darkness_model_bytes

# A busy machine is slow now and then; how fast code is, bench/ tells.
settings.register_profile("nurie", deadline=None)
settings.load_profile("nurie")

GOLDEN = Path(__file__).parent / "golden"
LARGEST_DIFFERENCE = 0.25  # mean over the pixels, in grey levels: another CPU rounds otherwise


def pytest_addoption(parser):
    parser.addoption("--write-golden", action="store_true", help="write tests/golden/ anew")


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory) -> str:
    """The path of a network that takes black for ink; pictures of more than 64 x 64 are tiled."""
    path = tmp_path_factory.mktemp("model") / "tiny.onnx"
    needs = Needs(multiple=8, tile=64, halo=8)
    path.write_bytes(darkness_model_bytes(metadata=needs_to_metadata(needs)))
    return str(path)


@pytest.fixture(scope="session")
def tiny_color_model(tmp_path_factory) -> str:
    """The path of a colour network as training leaves it on its first day."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnx")
    pytest.importorskip("resvg_py")
    pytest.importorskip("skimage")
    from nurie.training.export import export
    from nurie.training.recipes.color import ColorOptions, ColorRecipe

    path = tmp_path_factory.mktemp("model") / "tiny-color.onnx"
    options = ColorOptions(widths=(6, 8), depths=(1, 1), embedding=4, colors=3, size=32)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        recipe = ColorRecipe(options)
        recipe.palette = torch.tensor([[0.9, 0.7, 0.6], [0.4, 0.5, 0.8], [0.98, 0.98, 0.96]])
        export(recipe, recipe.build(), path)
    return str(path)


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory) -> str:
    """The folder of a run whose network paints, as training leaves it on its first day."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnx")
    pytest.importorskip("resvg_py")
    pytest.importorskip("skimage")
    from nurie.training.export import export
    from nurie.training.recipes.painting import PaintingOptions
    from nurie.training.recipes.unet import UNetRecipe

    run = tmp_path_factory.mktemp("runs") / "unet"
    run.mkdir()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        recipe = UNetRecipe(PaintingOptions(widths=(4, 6), depth=1, size=32))
        export(recipe, recipe.build(), run / "model.onnx")
    return str(run)


@pytest.fixture
def is_golden(request):
    """Check an image against the golden picture of that name, or write it with --write-golden."""

    def check(image: Image.Image, name: str) -> None:
        path = GOLDEN / f"{name}.png"
        if request.config.getoption("--write-golden"):
            path.parent.mkdir(exist_ok=True)
            image.save(path, optimize=True)
        if not path.exists():
            pytest.skip(f"no golden picture {name}: pytest --write-golden writes it")
        with Image.open(path) as golden:
            assert (image.mode, image.size) == (golden.mode, golden.size)
            difference = np.asarray(image, np.float32) - np.asarray(golden, np.float32)
        assert np.abs(difference).mean() <= LARGEST_DIFFERENCE

    return check
