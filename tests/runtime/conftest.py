"""Models in files, and their cards."""

import hashlib

import pytest

from nurie.runtime.registry import ModelCard
from tiny_onnx import model_bytes


@pytest.fixture
def write_model(tmp_path):
    """Write a model file and return its path; the options are those of `model_bytes`."""

    def write(name="tiny.onnx", **options):
        path = tmp_path / name
        path.write_bytes(model_bytes(**options))
        return path

    return write


@pytest.fixture
def make_card():
    """Make the card of a model file."""

    def make(path, **changes):
        data = path.read_bytes()
        card = {
            "name": "tiny",
            "task": "extract",
            "title": "Tiny",
            "description": "Two convolutions with random weights.",
            "file": path.name,
            "sha256": hashlib.sha256(data).hexdigest(),
            "bytes": len(data),
            "parameters": 1600,
            "multiple": 8,
            "tile": 64,
            "halo": 8,
            "channels": 1,
            "licence": "CC0-1.0",
            "recipe": "recipes/tiny.toml",
            "data": ("nothing",),
        }
        return ModelCard(**{**card, **changes})

    return make
