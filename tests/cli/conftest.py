from pathlib import Path

import pytest

from commands import PATIENCE, Ran, start
from nurie.cli.main import run


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def nurie(here, capfdbinary):
    """Run a command line in this process, in an empty working folder."""

    def call(*arguments: object) -> Ran:
        capfdbinary.readouterr()
        status = run([str(argument) for argument in arguments])
        out, err = capfdbinary.readouterr()
        return Ran(status, out, err.decode())

    return call


@pytest.fixture
def process(here):
    """Run a command line in a process of its own, in an empty working folder."""

    def call(*arguments: object, stdin: bytes = b"") -> Ran:
        running = start(*arguments)
        out, err = running.communicate(stdin, PATIENCE)
        return Ran(running.returncode, out, err.decode())

    return call


# A set, a run and a model, each made by the command that makes it

DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">
<g id="color"><circle cx="{x}" cy="{y}" r="20" fill="#d82"/></g>
<g id="line"><circle cx="{x}" cy="{y}" r="20" fill="none" stroke="#000" stroke-width="4"/></g>
</svg>"""


@pytest.fixture(scope="session")
def drawings(tmp_path_factory) -> Path:
    """A folder of SVG files: 4 are for training, 16 are held out."""
    pytest.importorskip("resvg_py")
    from nurie.data.shards import split_of

    folder = tmp_path_factory.mktemp("drawings") / "circles"
    folder.mkdir()
    wanted = {"train": 4, "held-out": 16}
    # No two are at one place, or they would be one family.
    places = iter([(x, y) for x in range(22, 79, 14) for y in range(22, 79, 14)])
    number = 0
    while any(wanted.values()):
        number += 1
        split = split_of(folder.name, f"{number}.svg")
        if wanted[split]:
            wanted[split] -= 1
            x, y = next(places)
            (folder / f"{number}.svg").write_text(DRAWING.format(x=x, y=y))
    return folder


@pytest.fixture(scope="session")
def built_set(drawings, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("sets") / "circles"
    assert run(["data", "build", str(drawings), "-o", str(out), "--workers", "1"]) == 0
    return out


RECIPE = """recipe = "lines"
[options]
widths = [4, 4]
depths = [1, 1]
size = 64
[loop]
batch = 2
"""


@pytest.fixture(scope="session")
def recipe(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "tiny.toml"
    path.write_text(RECIPE)
    return path


@pytest.fixture(scope="session")
def trained_run(recipe, built_set, tmp_path_factory) -> Path:
    pytest.importorskip("torch")
    out = tmp_path_factory.mktemp("runs") / "tiny"
    arguments = ["--data", built_set, "--out", out, "--steps", 2, "--threads", 1, "--device", "cpu"]
    assert run(["train", str(recipe), *map(str, arguments)]) == 0
    return out


@pytest.fixture(scope="session")
def exported_model(trained_run, tmp_path_factory) -> Path:
    pytest.importorskip("onnx")
    path = tmp_path_factory.mktemp("exported") / "tiny.onnx"
    assert run(["export", str(trained_run), "-o", str(path)]) == 0
    return path
