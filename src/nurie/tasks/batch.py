"""Many inputs to many outputs: what to do, what is done already, and what failed.

Inputs are files, folders, globs, or URLs that fsspec reads; results are written under a temporary
name and renamed, so that a result that exists is a whole one.
"""

import contextlib
import glob
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import fsspec

from nurie.core.errors import NurieError
from nurie.core.files import quoted, reason, whole_file
from nurie.core.spans import spanned

PICTURES = frozenset(
    f".{ending}"
    for ending in ("png webp jpg jpeg jfif gif bmp tif tiff tga avif ppm pgm pbm psd ico".split())
)
"""What is taken from a folder; a file that is named is read whatever its ending."""


@dataclass(frozen=True)
class Job:
    """One input and where its result goes; both are paths or URLs."""

    source: str
    target: str


@dataclass
class Outcome:
    """What became of the jobs."""

    done: list[Job] = field(default_factory=list)
    skipped: list[Job] = field(default_factory=list)
    failed: list[tuple[Job, str]] = field(default_factory=list)


class Download(io.BytesIO):
    """What a URL held; messages about it give the URL."""

    def __init__(self, content: bytes, name: str):
        super().__init__(content)
        self.name = name


def is_url(place: str) -> bool:
    return "://" in place


def plan(inputs: Sequence[str], out: str, ending: str, *, single: bool) -> list[Job]:
    """Pair every input with its output.

    Args:
        inputs: files, folders (searched throughout), globs, URLs.
        out: a file when `single`, else a folder; folders inside an input folder, or below the
            fixed part of a glob, are kept below it. It may lie inside an input folder: what it
            holds is no input then.
        ending: of the results, such as ".png".
        single: `out` names one file, so there must be one input.

    Raises:
        NurieError: an input does not exist or holds no picture, `single` with several inputs, `out`
            is no folder, or a result would overwrite an input or lie among the inputs.
    """
    if not all([*inputs, out]):
        raise NurieError("an empty name is neither a file nor a folder")
    found = list(dict.fromkeys(pair for place in inputs for pair in find(place, results=out)))
    if single:
        if len(found) > 1:
            raise NurieError(
                f"{len(found)} inputs can't all go to {quoted(out)}: name a folder with -o"
            )
        jobs = [Job(found[0][0], out)]
    else:
        if not is_url(out) and Path(out).exists() and not Path(out).is_dir():
            raise NurieError(f"{quoted(out)} is no folder: name one, or a file with an ending")
        folder = out if out.endswith("/") else f"{out}/"
        names = _result_names([relative for _, relative in found], ending)
        jobs = [Job(source, folder + name) for (source, _), name in zip(found, names, strict=True)]
    theirs = {_identity(place) for place in [*inputs, *(source for source, _ in found)]}
    for place in [out, *(job.target for job in jobs)]:
        if _identity(place) in theirs:
            raise NurieError(f"{quoted(place)} is an input: have the results elsewhere with -o")
    return jobs


def run(
    jobs: Iterable[Job],
    work: Callable[[str | BinaryIO], bytes],
    *,
    again: bool = False,
    after: Callable[[Job, str | None], None] = lambda job, error: None,
) -> Outcome:
    """Do the jobs one after another; what fails is noted and the rest goes on.

    Args:
        work: makes the result's bytes from a path, or from a stream of what a URL held.
        again: do also what is done already.
        after: called after each job with its error, if it had one.
    """
    outcome = Outcome()
    for job in jobs:
        error = None
        try:
            if not again and _exists(job.target):
                outcome.skipped.append(job)
            else:
                store(job.target, work(fetch(job.source)))
                outcome.done.append(job)
        except NurieError as problem:
            error = str(problem)
        except MemoryError:
            error = f"{quoted(job.source)} needs more memory than there is"
        if error is not None:
            outcome.failed.append((job, error))
        after(job, error)
    return outcome


def find(place: str, *, results: str | None = None) -> list[tuple[str, str]]:
    """The files of an input, each with its name below the folder that was searched.

    Args:
        place: a file, a folder (searched throughout), a glob or a URL.
        results: a folder that is not searched, if it lies inside the one that is.

    Raises:
        NurieError: it does not exist or holds no picture.
    """
    try:
        root, files = _search_url(place) if is_url(place) else _search(place)
    except NurieError:
        raise
    except Exception as error:  # every file system has its own kinds
        raise NurieError(f"{quoted(place)} can't be listed: {reason(error)}") from error
    if results and (apart := _identity(results)).startswith(f"{_identity(root)}/"):
        files = [file for file in files if not _identity(file).startswith(f"{apart}/")]
    if not files:
        there = is_url(place) or Path(place).exists()
        raise NurieError(f"{quoted(place)} {'holds no picture' if there else 'does not exist'}")
    return [(file, Path(file).relative_to(root).as_posix()) for file in files]


def _result_names(sources: list[str], ending: str) -> Iterator[str]:
    """The name of each source's result; no two are the same.

    Of a.png beside a.jpg both keep their whole names, whichever came first: a name that changed
    hands as pictures are added would pass one's result off as the other's.
    """
    rivals = Counter(_named(source, ending) for source in set(sources))
    taken: set[str] = set()
    for source in sources:
        name = first = _named(source, ending)
        if rivals[name] > 1:
            name = first = source + ending
        number = 2
        while name in taken:  # the same name from two folders
            name = _named(first, f".{number}{ending}")
            number += 1
        taken.add(name)
        yield name


def _named(source: str, ending: str) -> str:
    return str(PurePosixPath(source).with_suffix(ending))


def _identity(place: str) -> str:
    """The same for every way to write the same place."""
    if not is_url(place):
        return f"file://{Path(place).resolve().as_posix()}"
    system, path = _open_url(place)
    return system.unstrip_protocol(path).rstrip("/")


def _search(place: str) -> tuple[str, list[str]]:
    """The folder that is searched, and the files that are found."""
    path = Path(place)
    if path.is_dir():
        return place, [
            str(file)
            for file in sorted(path.rglob("*"))
            if file.suffix.lower() in PICTURES
            and file.is_file()
            and not any(part.startswith(".") for part in file.relative_to(path).parts)
        ]
    if path.exists():
        return str(path.parent), [place]
    matches = sorted(glob.glob(place, recursive=True))  # noqa: PTH207 (Path.glob takes no absolute)
    return _fixed_part(place), [match for match in matches if Path(match).is_file()]


def _search_url(url: str) -> tuple[str, list[str]]:
    system, path = _open_url(url)
    if system.isdir(path):
        root = path
        names = [
            name for name in system.find(path) if PurePosixPath(name).suffix.lower() in PICTURES
        ]
    elif system.exists(path):
        root, names = path.rpartition("/")[0], [path]
    else:
        root, names = _fixed_part(path), system.glob(path) if glob.has_magic(path) else []
    return system.unstrip_protocol(root), [system.unstrip_protocol(name) for name in sorted(names)]


def _fixed_part(pattern: str) -> str:
    """The folder of a glob that no wildcard has a say in."""
    fixed = re.split(r"[*?[]", pattern, maxsplit=1)[0]
    return fixed[: fixed.rfind("/") + 1] or "."


def _open_url(url: str):
    try:
        return fsspec.core.url_to_fs(url)
    except Exception as error:  # the protocol is unknown, its package is missing, and more
        raise NurieError(f"{quoted(url)} can't be opened: {reason(error)}") from error


@spanned("fetch")
def fetch(place: str) -> str | BinaryIO:
    """What a task reads: the path itself, or what a URL holds.

    Raises:
        NurieError: the URL can't be read.
    """
    if not is_url(place):
        return place
    system, path = _open_url(place)
    try:
        return Download(system.cat_file(path), place)
    except Exception as error:
        raise NurieError(f"{quoted(place)} can't be read: {reason(error)}") from error


def _exists(place: str) -> bool:
    """Whether there is a result already; where that can't be told, writing it will say why."""
    try:
        if not is_url(place):
            return Path(place).exists()
        system, path = _open_url(place)
        return system.exists(path)
    except Exception:
        return False


@spanned("write")
def store(place: str, content: bytes) -> None:
    """Write a result whole or not at all, and the folders above it.

    Raises:
        NurieError: it can't be written.
    """
    if not is_url(place):
        try:
            Path(place).parent.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise NurieError(f"{quoted(place)} can't be written: its folder is a file") from None
        except OSError as error:
            raise NurieError(f"{quoted(place)} can't be written: {reason(error)}") from error
        with whole_file(place) as file:
            file.write(content)
        return
    system, path = _open_url(place)
    # Where nothing can be renamed, as in object stores, nothing appears before it is whole either.
    renames = type(system).mv is not fsspec.AbstractFileSystem.mv
    part = f"{path}.nurie-part" if renames else path
    try:
        system.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
        system.pipe_file(part, content)
        if renames:
            system.mv(part, path)
    except Exception as error:
        raise NurieError(f"{quoted(place)} can't be written: {reason(error)}") from error
    finally:
        if renames:
            with contextlib.suppress(Exception):  # it is gone, unless something went wrong
                system.rm_file(part)
