"""The recipes by name, and how a recipe's file becomes one."""

import dataclasses
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, Protocol, get_args, get_origin, get_type_hints

import torch
from torch import Tensor, nn

from nurie.core.errors import NurieError
from nurie.runtime.registry import Needs
from nurie.training.loop import LoopOptions
from nurie.training.recipes.autoencoder import AutoencoderRecipe
from nurie.training.recipes.color import ColorRecipe
from nurie.training.recipes.gan import GANRecipe
from nurie.training.recipes.lines import LinesRecipe
from nurie.training.recipes.unet import UNetRecipe

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pyright: ignore[reportMissingImports]


class Recipe(Protocol):
    """What the loop, the exporter and the command need of a recipe."""

    name: str
    task: str
    options: Any

    @property
    def needs(self) -> Needs:
        """What the exported network needs of a picture, and what shape its answer has."""
        ...

    def build(self) -> nn.Module: ...
    def open(self, data: Path, device: torch.device) -> None: ...
    def batch(self, count: int, seed: int) -> Any: ...
    def players(self, net: nn.Module) -> tuple[nn.Module, ...]:
        """What is trained in turn, each by an optimizer of its own: (net,) but for a GAN."""
        ...

    def losses(self, net: nn.Module, batch: Any) -> Iterator[Tensor]:
        """One loss for each player; the next is asked for after the step of the one before."""
        ...

    def validate(self, net: nn.Module) -> tuple[dict[str, float], Tensor]: ...
    def exported(self, net: nn.Module) -> nn.Module: ...
    def described(self, net: nn.Module) -> dict[str, str]:
        """Metadata for the exported file, besides the needs."""
        ...


RECIPES = {
    "lines": LinesRecipe,
    "color": ColorRecipe,
    "autoencoder": AutoencoderRecipe,
    "unet": UNetRecipe,
    "gan": GANRecipe,
}

_LESSON = LoopOptions(
    steps=3000,
    rate=5e-3,
    warmup=100,
    optimizer="adam",
    decay=0.0,
    average=0.995,
    save_every=250,
    look_every=500,
)
LOOPS = {
    "autoencoder": _LESSON,
    "unet": _LESSON,
    "gan": dataclasses.replace(_LESSON, rate=2e-3, beta1=0.5),
}
"""How a recipe is trained that is named without a file, if not as `LoopOptions` say."""


def build_recipe(name: str, options: dict[str, Any]) -> Recipe:
    """A recipe from its name and its options as plain values.

    Raises:
        NurieError: no such recipe, or an option that it does not have.
    """
    if name not in RECIPES:
        raise NurieError(f"no recipe is called {name!r}; there are: {', '.join(RECIPES)}")
    recipe = RECIPES[name]
    return recipe(from_plain(recipe.Options, options, name))


def override(recipe: Recipe, values: dict[str, Any]) -> Recipe:
    """The same recipe with some of its options set to other plain values.

    Raises:
        NurieError: an option that it does not have, or a value that it can't have.
    """
    return build_recipe(recipe.name, {**dataclasses.asdict(recipe.options), **values})


def settings(texts: Iterable[str]) -> dict[str, Any]:
    """Plain values from texts such as "widths=[16, 32]", "depth=1" and "skips=none".

    A value is written as in TOML; what is none is a text.

    Raises:
        NurieError: a text without "=".
    """
    values = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise NurieError(f"{text!r} sets no option: write it like depth=1")
        try:
            values[key.strip()] = tomllib.loads(f"value = {value}")["value"]
        except ValueError:
            values[key.strip()] = value.strip()
    return values


def from_plain(kind: type, values: dict[str, Any], where: str) -> Any:
    """An options dataclass from plain values; lists become tuples, whole numbers floats.

    Raises:
        NurieError: a key that the dataclass does not have, a value of another type than its
            default's, or none of those that a Literal allows.
    """
    if not isinstance(values, dict):
        raise NurieError(f"{where} must be a table of options, not {values!r}")
    defaults = {field.name: field.default for field in dataclasses.fields(kind)}
    types = get_type_hints(kind)
    plain = {}
    for key, value in values.items():
        if key not in defaults:
            known = ", ".join(defaults)
            raise NurieError(f"{where}: no option is called {key!r}; there are: {known}")
        default = defaults[key]
        if isinstance(value, list) and isinstance(default, tuple):
            value = tuple(value)
        if type(value) is int and isinstance(default, float):
            value = float(value)
        if type(value) is not type(default):
            raise NurieError(f"{where}: {key} can't be {value!r}; its default is {default!r}")
        choices = get_args(types[key]) if get_origin(types[key]) is Literal else ()
        if choices and value not in choices:
            known = ", ".join(choices)
            raise NurieError(f"{where}: {key} can't be {value!r}; choose from: {known}")
        plain[key] = value
    return kind(**plain)


def read_recipe(source: str) -> tuple[Recipe, LoopOptions]:
    """A recipe from a TOML file, or from the name of a recipe with all its defaults.

    Raises:
        NurieError: the file can't be read, or an option in it is unknown or impossible.
    """
    path = Path(source)
    if path.suffix != ".toml":
        return build_recipe(source, {}), LOOPS.get(source, LoopOptions())
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise NurieError(f"{path} can't be read: {error.strerror}") from None
    except ValueError as error:  # no TOML, or no UTF-8
        raise NurieError(f"{path} is no TOML: {error}") from None
    name = values.pop("recipe", None)
    if name is None:
        raise NurieError(f'{path} does not say which recipe it is for: recipe = "lines"')
    loop = from_plain(LoopOptions, values.pop("loop", {}), f"{path}, [loop]")
    options = values.pop("options", {})
    if values:
        raise NurieError(f"{path}: unknown part {next(iter(values))!r}; there are: loop, options")
    return build_recipe(name, options), loop
