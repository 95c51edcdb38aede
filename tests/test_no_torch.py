"""Who extracts lines needs no torch: it is not loaded even where it is installed."""

import subprocess
import sys

import pytest

from drawn import ring

EXTRACT = """
import nurie
lines = nurie.extract(picture, nurie.ExtractOptions(model=model))
assert lines.coverage.max() > 0.9
lines.save(result)
"""

COMMAND = """
from nurie.cli.main import run
assert run(["extract", picture, "-o", result, "--model", model]) == 0
"""


@pytest.mark.parametrize("code", [EXTRACT, COMMAND], ids=["Python", "command"])
@pytest.mark.parametrize("model", ["network", "xdog"])
def test_extracting_loads_no_torch(tmp_path, tiny_model, code, model):
    ring().save(tmp_path / "ring.png")
    result = tmp_path / "lines.svg"
    names = {
        "picture": str(tmp_path / "ring.png"),
        "result": str(result),
        "model": tiny_model if model == "network" else model,
    }
    head = "".join(f"{name} = {value!r}\n" for name, value in names.items())
    tail = "\nimport sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", head + code + tail], capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    assert result.exists()
    assert "torch" not in loaded
    assert ("onnxruntime" in loaded) == (model == "network")
