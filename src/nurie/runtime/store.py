"""Where the model files are, and whether they are whole. Nothing is ever downloaded."""

import functools
import hashlib
import os
from importlib import resources
from pathlib import Path

from nurie.core.errors import DamagedModel
from nurie.runtime.registry import ModelCard

FOLDER_VARIABLE = "NURIE_MODELS"
"""The environment variable that names a folder to look into before the package's own."""


def locate(card: ModelCard) -> Path:
    """Return the path of a card's file. It is hashed once per process, not once per picture.

    Raises:
        DamagedModel: the file is missing or is not the one the card describes.
    """
    path = _find(card)
    _check_once(path, card.sha256)
    return path


def verify(card: ModelCard) -> Path:
    """Like `locate`, but hash the file now, whatever was found before."""
    path = _find(card)
    _check(path, card.sha256)
    return path


def _find(card: ModelCard) -> Path:
    if folder := os.environ.get(FOLDER_VARIABLE):
        path = Path(folder) / card.file
        if path.is_file():
            return path
    # pip installs real files, so no `as_file` with its temporary copy; in a zip archive, which
    # ONNX Runtime could not read, the file counts as missing.
    return Path(str(resources.files("nurie.runtime") / "weights" / card.file))


def _check(path: Path, sha256: str) -> None:
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DamagedModel(
            f"{path}: the model file cannot be read ({error.strerror}); {_advice(path)}"
        ) from error
    if found != sha256:
        raise DamagedModel(
            f"{path}: the model file is damaged (its SHA-256 is not the registered one); "
            f"{_advice(path)}"
        )


# A failed check is not kept, so a file that has been mended is found whole without a restart.
_check_once = functools.cache(_check)


def _advice(path: Path) -> str:
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder and path.parent == Path(folder):
        return f"replace it, or unset {FOLDER_VARIABLE}"
    return "reinstall nurie: pip install --force-reinstall nurie"
