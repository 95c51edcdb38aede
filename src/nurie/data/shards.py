"""A built set on disk: layers of many drawings at three scales, and where they came from.

A set is a folder. `index.json` is written last, so a build that broke off is never mistaken for a
whole one. The arrays are memory-mapped: opening a set costs nothing, and reading it goes through
the page cache.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from nurie.core.errors import NurieError
from nurie.data.families import families
from nurie.data.render import SIZE, Layers, render
from nurie.data.sources import Drawing

SCALES = (SIZE, SIZE // 2, SIZE // 4)
KINDS = {"fill": 4, "line": 1, "hairline": 1, "edge": 1, "label": 1}  # array name: channels
VERSION = 2
HELD_OUT = 8  # one family in so many is held out


Pyramid = dict[tuple[str, int], np.ndarray]
"""The layers of one drawing, by kind and scale."""


@dataclass(frozen=True)
class Entry:
    """What the index says of one drawing; `sha256` is that of its layers."""

    name: str
    source: str
    group: str
    licence: str
    credit: str
    split: str
    sha256: str


def split_of(source: str, group: str) -> str:
    """train or held-out, by a hash of the group that a family goes by."""
    digest = hashlib.sha256(f"{source}/{group}".encode()).digest()
    return "held-out" if digest[0] % HELD_OUT == 0 else "train"


@dataclass(frozen=True, eq=False)
class Shard:
    """An opened set.

    Attributes:
        entries: one per drawing.
        arrays: (kind, scale) to a uint8 array, (N, C, scale, scale) for "fill" and
            (N, scale, scale) for the others.
    """

    entries: tuple[Entry, ...]
    arrays: dict[tuple[str, int], np.ndarray]

    def rows(self, split: str) -> np.ndarray:
        """The numbers of the drawings in a split, int64."""
        chosen = [number for number, entry in enumerate(self.entries) if entry.split == split]
        return np.array(chosen, np.int64)


def build(
    drawings: Iterable[Drawing],
    out: Path,
    *,
    workers: int = 1,
    advance: Callable[[int, int], None] = lambda done, failed: None,
) -> tuple[int, list[str]]:
    """Render drawings into a set at `out`; `advance(done, failed)` is called as they go in.

    Returns:
        The number of drawings in the set, and one line for each that could not be rendered.

    Raises:
        NurieError: `out` holds something already, or not one drawing could be rendered.
    """
    out = out.resolve()  # "." has no name to put beside
    if out.is_file() or (out.exists() and any(out.iterdir())):
        raise NurieError(f"{out} is not empty: remove it, or choose another folder with -o")
    part = out.with_name(f".{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        entries, failures = _fill(part, drawings, workers, advance)
        if not entries:
            raise NurieError(f"no drawing could be rendered: {failures[0] if failures else 'none'}")
        entries = _split(entries, _arrays(part, len(entries))["line", SCALES[-1]])
        index = {"version": VERSION, "drawings": [asdict(entry) for entry in entries]}
        (part / "index.json").write_text(json.dumps(index, indent=1), "utf-8")
        if out.exists():
            out.rmdir()
        part.rename(out)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return len(entries), failures


def load(path: Path) -> Shard:
    """Open a built set.

    Raises:
        NurieError: there is no whole set of this version at `path`.
    """
    try:
        index = json.loads((path / "index.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise NurieError(
            f"{path} is no built set: make one with 'nurie data build -o {path}'"
        ) from None
    if index.get("version") != VERSION:
        raise NurieError(f"{path} was built by another version of nurie: build it again")
    entries = tuple(Entry(**entry) for entry in index["drawings"])
    return Shard(entries, _arrays(path, len(entries)))


def _arrays(path: Path, count: int) -> dict[tuple[str, int], np.ndarray]:
    arrays = {}
    for kind, channels in KINDS.items():
        for scale in SCALES:
            planes = () if channels == 1 else (channels,)
            shape = (count, *planes, scale, scale)
            file = path / f"{kind}-{scale}.u8"
            try:
                arrays[kind, scale] = np.memmap(file, np.uint8, "r", shape=shape)
            except (OSError, ValueError):
                raise NurieError(f"{file} is missing or damaged: build the set again") from None
    return arrays


def _split(entries: list[Entry], ink: np.ndarray) -> list[Entry]:
    """Assign whole families: what shares a group, or looks alike in its ink, stays together."""
    family = families([f"{entry.source}/{entry.group}" for entry in entries], ink)
    names: dict[int, tuple[str, str]] = {}
    for entry, number in zip(entries, family, strict=True):
        own = (entry.source, entry.group)
        names[number] = min(own, names.get(number, own))
    return [
        replace(entry, split=split_of(*names[number]))
        for entry, number in zip(entries, family, strict=True)
    ]


def _fill(
    part: Path,
    drawings: Iterable[Drawing],
    workers: int,
    advance: Callable[[int, int], None],
) -> tuple[list[Entry], list[str]]:
    entries: list[Entry] = []
    failures: list[str] = []
    with ExitStack() as stack:
        files = {
            (kind, scale): stack.enter_context((part / f"{kind}-{scale}.u8").open("wb"))
            for kind in KINDS
            for scale in SCALES
        }
        for drawing, result in _rendered(drawings, workers):
            if isinstance(result, NurieError):
                failures.append(str(result))
            else:
                for key, layer in result.items():
                    files[key].write(layer.tobytes())
                entries.append(_entry(drawing, result))
            advance(len(entries), len(failures))
    return entries, failures


def _entry(drawing: Drawing, pyramid: Pyramid) -> Entry:
    digest = hashlib.sha256()
    for kind in KINDS:
        digest.update(pyramid[kind, SIZE].tobytes())
    return Entry(
        drawing.name,
        drawing.source,
        drawing.group,
        drawing.licence,
        drawing.credit,
        "",  # known once all are there
        digest.hexdigest(),
    )


def _rendered(
    drawings: Iterable[Drawing], workers: int
) -> Iterator[tuple[Drawing, Pyramid | NurieError]]:
    if workers == 1:
        for drawing in drawings:
            yield drawing, _render_pyramid(drawing)
        return
    with ProcessPoolExecutor(workers) as pool:
        drawings = iter(drawings)
        # In blocks, so that neither the drawings nor the results of a large set pile up.
        while block := list(islice(drawings, 64 * workers)):
            yield from zip(block, pool.map(_render_pyramid, block, chunksize=8), strict=True)


def _render_pyramid(drawing: Drawing) -> Pyramid | NurieError:
    try:
        layers = render(drawing)
    except NurieError as error:
        return error
    return {
        (kind, scale): shrunk
        for scale in SCALES
        for kind, shrunk in _shrink(layers, SIZE // scale).items()
    }


def _shrink(layers: Layers, factor: int) -> dict[str, np.ndarray]:
    """Average the layers over blocks; paint by its alpha, so that no fringe appears."""
    alpha = layers.fill[..., 3:].astype(np.float32)
    weight = _blocks(alpha, factor)
    paint = _blocks(layers.fill[..., :3] * alpha, factor) / np.maximum(weight, 1e-6)
    fill = np.concatenate([paint, weight], -1)
    return {
        "fill": _rounded(fill).transpose(2, 0, 1),
        "line": _rounded(_blocks(layers.line[..., None], factor))[..., 0],
        "hairline": _rounded(_blocks(layers.hairline[..., None], factor))[..., 0],
        "edge": _rounded(_blocks(layers.edge[..., None], factor))[..., 0],
        "label": layers.label[factor // 2 :: factor, factor // 2 :: factor],
    }


def _blocks(values: np.ndarray, factor: int) -> np.ndarray:
    height, width, channels = values.shape
    split = values.reshape(height // factor, factor, width // factor, factor, channels)
    return split.mean((1, 3))


def _rounded(values: np.ndarray) -> np.ndarray:
    return (values + 0.5).clip(0, 255).astype(np.uint8)
