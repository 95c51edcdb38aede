"""The networks that nurie ships, as data: a frozen card each, read from models.toml.

models.toml holds one table per network, named as the network is. Every key is required:

    [NAME]
    task = "extract"             # the task that uses it
    title = "..."                # a few words for a list
    description = "..."          # a sentence or two: what it is good at, and where it is weak
    file = "NAME.onnx"           # inside runtime/weights/
    sha256 = "..."               # of that file, lower-case hexadecimal
    bytes = 3000000              # its size
    parameters = 750000
    inputs = 3                   # these six: see Needs
    multiple = 32
    stride = 1
    tile = 1800
    halo = 144
    channels = 1
    licence = "..."              # SPDX expression, of the weights
    recipe = "recipes/NAME.toml" # what trained it
    data = ["..."]               # credits: one entry per source, with its licence
"""

import functools
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import resources

from nurie.core.errors import UnknownModel

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pyright: ignore[reportMissingImports]


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a network needs of the picture it is given; lengths in pixels.

    An exported file carries these in its ONNX metadata (`needs_to_metadata`), so that a file of
    the user's own runs without a card; what it does not say takes the defaults here.

    Raises:
        ValueError: a value that no network can have.
    """

    inputs: int = 3
    """Input channels."""
    multiple: int = 32
    """Height and width must be multiples of this: the product of all strides."""
    stride: int = 1
    """The answer has one value for stride x stride pixels. It divides `multiple`."""
    tile: int = 1800
    """Pictures of more than tile x tile pixels are run in pieces of about that area."""
    halo: int = 144
    """Surroundings that decide over a pixel. Pieces read halo + 16 pixels beyond their edge,
    rounded up to `multiple`, so 16 less than a multiple wastes nothing."""
    channels: int = 1
    """Output channels."""

    def __post_init__(self) -> None:
        if not (
            1 <= self.stride <= self.multiple <= self.tile
            and self.multiple % self.stride == 0
            and self.halo >= 0
            and self.inputs >= 1
            and self.channels >= 1
        ):
            raise ValueError(
                f"impossible needs: inputs {self.inputs}, multiple {self.multiple}, "
                f"stride {self.stride}, tile {self.tile}, halo {self.halo}, "
                f"channels {self.channels}"
            )


@dataclass(frozen=True, kw_only=True)
class ModelCard(Needs):
    """One network that nurie ships; the fields are explained at the head of this module."""

    name: str
    task: str
    title: str
    description: str
    file: str
    sha256: str
    bytes: int
    parameters: int
    licence: str
    recipe: str
    data: tuple[str, ...]


@functools.cache
def cards() -> tuple[ModelCard, ...]:
    """Return every card, in the order of models.toml."""
    text = resources.files("nurie.runtime").joinpath("models.toml").read_text(encoding="utf-8")
    return read_cards(text)


def card(name: str) -> ModelCard:
    """Return the card of that name.

    Raises:
        UnknownModel: there is none; the message lists those that are.
    """
    known = {card.name: card for card in cards()}
    if name not in known:
        raise UnknownModel(f"no model is named {name!r}; choose from: {', '.join(known)}")
    return known[name]


def read_cards(text: str) -> tuple[ModelCard, ...]:
    """Parse a models.toml.

    Raises:
        ValueError: it is no TOML, names a model twice, or a table lacks a key or has one too many.
    """
    return tuple(_read_card(name, table) for name, table in tomllib.loads(text).items())


def _read_card(name: str, table: Mapping) -> ModelCard:
    expected = {field.name for field in fields(ModelCard)} - {"name"}
    if missing := expected - set(table):
        raise ValueError(f"models.toml: {name} lacks {', '.join(sorted(missing))}")
    if unknown := set(table) - expected:
        raise ValueError(f"models.toml: {name} has unknown {', '.join(sorted(unknown))}")
    # A tuple, because a card is the key of the session cache.
    return ModelCard(name=name, **{**table, "data": tuple(table["data"])})


def needs_to_metadata(needs: Needs) -> dict[str, str]:
    """Return what an exporter writes to the ONNX metadata: {"nurie.multiple": "32", ...}."""
    return {_key(field.name): str(getattr(needs, field.name)) for field in fields(Needs)}


def needs_from_metadata(metadata: Mapping[str, str]) -> Needs:
    """Read the needs back; entries that are not nurie's are ignored, missing ones take defaults.

    Raises:
        ValueError: an entry is no whole number, or an impossible one.
    """
    names = [field.name for field in fields(Needs) if _key(field.name) in metadata]
    return Needs(**{name: int(metadata[_key(name)]) for name in names})


def _key(name: str) -> str:
    return f"nurie.{name}"
