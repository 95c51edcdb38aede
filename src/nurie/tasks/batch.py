"""Many inputs to many outputs: what to do, what is done already, and what failed.

Inputs are files, folders, globs, or URLs that fsspec reads; results are written under a temporary
name and renamed, so that a result that exists is a whole one.
"""

import glob
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import fsspec

from nurie.core.errors import NurieError
from nurie.core.files import quoted, reason, whole_file

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


def is_url(place: str) -> bool:
    return "://" in place


def plan(inputs: Sequence[str], out: str, ending: str, *, single: bool) -> list[Job]:
    """Pair every input with its output.

    Args:
        inputs: files, folders (searched throughout), globs, URLs.
        out: a file when `single`, else a folder; folders inside an input folder are kept below it.
        ending: of the results, such as ".png".
        single: `out` names one file, so there must be one input.

    Raises:
        NurieError: an input does not exist or holds no picture, or `single` with several inputs.
    """
    found = [pair for place in inputs for pair in find(place)]
    if single:
        if len(found) > 1:
            raise NurieError(
                f"{len(found)} inputs can't all go to {quoted(out)}: name a folder with -o"
            )
        return [Job(found[0][0], out)]
    taken: set[str] = set()
    jobs = []
    for source, relative in found:
        name = str(PurePosixPath(relative).with_suffix(ending))
        if name in taken:  # a.png beside a.jpg: the second keeps its whole name
            name = relative + ending
        number = 2
        while name in taken:  # the same name from two folders
            name = str(PurePosixPath(relative).with_suffix(f".{number}{ending}"))
            number += 1
        taken.add(name)
        jobs.append(Job(source, f"{out.rstrip('/')}/{name}"))
    return jobs


def run(
    jobs: Iterable[Job],
    work: Callable[[str | bytes], bytes],
    *,
    again: bool = False,
    after: Callable[[Job, str | None], None] = lambda job, error: None,
) -> Outcome:
    """Do the jobs one after another; what fails is noted and the rest goes on.

    Args:
        work: makes the result's bytes from a path, or from the bytes that a URL held.
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
            # Bytes that came from a URL have no name of their own.
            named = is_url(job.source) and quoted(job.source) not in str(problem)
            error = f"{quoted(job.source)}: {problem}" if named else str(problem)
        except MemoryError:
            error = f"{quoted(job.source)} needs more memory than there is"
        if error is not None:
            outcome.failed.append((job, error))
        after(job, error)
    return outcome


def find(place: str) -> list[tuple[str, str]]:
    """The files of an input, each with its name below the output folder.

    Raises:
        NurieError: it does not exist or holds no picture.
    """
    if is_url(place):
        return _find_at_url(place)
    path = Path(place)
    if path.is_dir():
        names = [
            file.relative_to(path).as_posix()
            for file in sorted(path.rglob("*"))
            if file.suffix.lower() in PICTURES
            and file.is_file()
            and not any(part.startswith(".") for part in file.relative_to(path).parts)
        ]
        if not names:
            raise NurieError(f"{quoted(place)} holds no picture")
        return [(str(path / name), name) for name in names]
    if path.exists():
        return [(place, path.name)]
    matches = sorted(glob.glob(place, recursive=True))  # noqa: PTH207 (Path.glob takes no absolute)
    files = [match for match in matches if Path(match).is_file()]
    if not files:
        raise NurieError(f"{quoted(place)} does not exist")
    return [(match, Path(match).name) for match in files]


def _find_at_url(url: str) -> list[tuple[str, str]]:
    system, path = _open_url(url)
    try:
        if glob.has_magic(path):
            files = sorted(str(name) for name in system.glob(path))
            pairs = [(name, PurePosixPath(name).name) for name in files]
        elif system.isdir(path):
            root = PurePosixPath(path)
            pairs = [
                (str(name), PurePosixPath(name).relative_to(root).as_posix())
                for name in sorted(system.find(path))
                if PurePosixPath(name).suffix.lower() in PICTURES
            ]
        elif system.exists(path):
            pairs = [(path, PurePosixPath(path).name)]
        else:
            pairs = []
    except Exception as error:  # every file system has its own kinds
        raise NurieError(f"{quoted(url)} can't be listed: {reason(error)}") from error
    if not pairs:
        raise NurieError(f"{quoted(url)} does not exist or holds no picture")
    return [(system.unstrip_protocol(name), relative) for name, relative in pairs]


def _open_url(url: str):
    try:
        return fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:  # the protocol's package is missing, or unknown
        raise NurieError(f"{quoted(url)} can't be opened: {reason(error)}") from error


def fetch(place: str) -> str | bytes:
    """What a task reads: the path itself, or the bytes that a URL holds.

    Raises:
        NurieError: the URL can't be read.
    """
    if not is_url(place):
        return place
    system, path = _open_url(place)
    try:
        return system.cat_file(path)
    except Exception as error:
        raise NurieError(f"{quoted(place)} can't be read: {reason(error)}") from error


def _exists(place: str) -> bool:
    if not is_url(place):
        return Path(place).exists()
    system, path = _open_url(place)
    return system.exists(path)


def store(place: str, content: bytes) -> None:
    """Write a result whole or not at all, and the folders above it.

    Raises:
        NurieError: it can't be written.
    """
    if not is_url(place):
        try:
            Path(place).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NurieError(f"{quoted(place)} can't be written: {reason(error)}") from error
        with whole_file(place) as file:
            file.write(content)
        return
    system, path = _open_url(place)
    part = f"{path}.nurie-part"
    try:
        system.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
        system.pipe_file(part, content)
        system.mv(part, path)
    except Exception as error:
        raise NurieError(f"{quoted(place)} can't be written: {reason(error)}") from error
