from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("resvg_py")
pytest.importorskip("skimage")

from nurie.core.errors import NurieError
from nurie.training.loop import LoopOptions
from nurie.training.recipes.lines import LinesOptions
from nurie.training.recipes.table import (
    LOOPS,
    RECIPES,
    build_recipe,
    from_plain,
    override,
    read_recipe,
    settings,
)

SHIPPED = sorted((Path(__file__).parents[3] / "recipes").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_recipe_can_be_read_and_built(path):
    recipe, loop = read_recipe(str(path))
    assert recipe.build()
    assert loop.steps > loop.warmup


def test_there_are_shipped_recipes():
    assert "lines.toml" in {path.name for path in SHIPPED}


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_by_its_name_has_its_defaults(name):
    recipe, loop = read_recipe(name)
    assert recipe.name == name
    assert recipe.options == RECIPES[name].Options()
    assert loop == LOOPS.get(name, LoopOptions())


@pytest.mark.parametrize("name", LOOPS)
def test_a_lesson_by_its_name_is_that_of_its_file(name):
    recipe, loop = read_recipe(name)
    written, as_written = read_recipe(str(SHIPPED[0].parent / f"{name}.toml"))
    assert (written.name, written.options) == (name, recipe.options)
    assert as_written == loop


def write(folder: Path, text: str | bytes) -> str:
    path = folder / "recipe.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_a_file_sets_what_it_says(tmp_path):
    text = """
        recipe = "lines"
        [options]
        widths = [4, 8]
        depths = [1, 2]
        ink_weight = 2
        [loop]
        steps = 7
        rate = 1
    """
    recipe, loop = read_recipe(write(tmp_path, text))
    assert recipe.options == LinesOptions(widths=(4, 8), depths=(1, 2), ink_weight=2.0)
    assert loop == LoopOptions(steps=7, rate=1.0)
    assert isinstance(recipe.options.ink_weight, float)


@pytest.mark.parametrize(("text", "message"), [
    ('recipe = "cake"', r"no recipe is called 'cake'; there are: .*lines.*"),
    ("", r".*recipe\.toml does not say which recipe it is for: recipe = \"lines\""),
    ("recipe = ", r".*recipe\.toml is no TOML: Invalid value.*"),
    (b"recipe = '\xff'", r".*recipe\.toml is no TOML: .*utf-8.*"),
    ('recipe = "lines"\n[loops]', r".*unknown part 'loops'; there are: loop, options"),
    ('recipe = "lines"\nloop = 3', r".*\[loop\] must be a table of options, not 3"),
    ('recipe = "lines"\noptions = []', r"lines must be a table of options, not \[\]"),
    ('recipe = "lines"\n[loop]\nrates = 1', r".*no option is called 'rates'; there are: .*rate,.*"),
    ('recipe = "lines"\n[options]\nwidth = 1', r"lines: no option is called 'width'; .*widths.*"),
    ('recipe = "lines"\n[loop]\nsteps = "7"', r".*steps can't be '7'; its default is 10000"),
    ('recipe = "lines"\n[loop]\nsteps = 1.5', r".*steps can't be 1\.5; .*"),
    ('recipe = "lines"\n[options]\nwidths = 8', r"lines: widths can't be 8; its default is \(.*"),
    ('recipe = "lines"\n[options]\nfold = 1', r"lines: fold can't be 1; its default is True"),
    ('recipe = "lines"\n[options]\nwidths = [8]', r"lines: widths and depths must be .* length"),
    ('recipe = "lines"\n[options]\nsize = 100', r"lines: size must be a multiple of 32"),
    ('recipe = "unet"\n[options]\nskips = "all"', r"unet: skips can't be 'all'; .* added, .*"),
    ('recipe = "lines"\n[loop]\noptimizer = "lion"', r".*can't be 'lion'; .* adam, sgd"),
])  # fmt: skip
def test_what_a_recipe_can_not_say_is_a_one_line_error(tmp_path, text, message):
    with pytest.raises(NurieError, match=rf"^{message}$"):
        read_recipe(write(tmp_path, text))


def test_a_file_that_is_not_there_is_a_one_line_error(tmp_path):
    with pytest.raises(NurieError, match=r"^.*none\.toml can't be read: No such file"):
        read_recipe(str(tmp_path / "none.toml"))
    with pytest.raises(NurieError, match=r"^no recipe is called 'none'; there are: .*$"):
        read_recipe("none")


def test_a_checkpoint_gives_the_recipe_back():
    options = {"widths": [4, 8], "depths": (1, 1), "fold": False}
    assert build_recipe("lines", options).options == LinesOptions((4, 8), (1, 1), fold=False)
    assert from_plain(LoopOptions, {}, "loop") == LoopOptions()


def test_options_are_overridden_by_plain_values():
    recipe = build_recipe("lines", {"widths": [4, 8], "depths": [1, 1], "fold": False})
    changed = override(recipe, {"widths": [6, 8], "ink_weight": 2})
    assert changed.options == LinesOptions((6, 8), (1, 1), fold=False, ink_weight=2.0)
    assert recipe.options == LinesOptions((4, 8), (1, 1), fold=False)
    with pytest.raises(NurieError, match=r"^lines: widths and depths must be lists of one length$"):
        override(recipe, {"widths": [6]})


def test_settings_are_written_as_in_toml_or_as_bare_words():
    texts = [
        "widths=[16, 32]",
        "rate = 1e-3",
        "skips=none",
        'norm = "group"',
        "copies=true",
        "a=b=c",
    ]
    assert settings(texts) == {
        "widths": [16, 32],
        "rate": 1e-3,
        "skips": "none",
        "norm": "group",
        "copies": True,
        "a": "b=c",
    }
    assert settings([]) == {}


def test_a_setting_without_a_value_is_a_one_line_error():
    with pytest.raises(NurieError, match=r"^'depth' sets no option: write it like depth=1$"):
        settings(["depth"])
