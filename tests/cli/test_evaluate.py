import json

import pytest
from PIL import Image

from commands import listing, one_line_error
from drawn import ring

pytest.importorskip("torch")
pytest.importorskip("scipy")
pytest.importorskip("resvg_py")

METHODS = ["dilate-diff", "xdog"]


def evaluate(nurie, built_set, *more):
    return nurie("evaluate", "extract", "--data", built_set, "--scenes", 2, *more)


def test_scores_are_shown_and_written(nurie, here, built_set, tiny_model):
    (here / "[red].onnx").symlink_to(tiny_model)
    ring().save(here / "ring.png")
    more = ["--model", "[red].onnx", "--json", "scores.json", "--size", 64]
    ran = evaluate(nurie, built_set, *more, "--sheet", "sheet.png", "--pictures", "ring.png")
    assert (ran.status, ran.err) == (0, "")
    rows = [line.split() for line in ran.out.decode().splitlines()]
    for name in ("[red].onnx", *METHODS):
        assert [row for row in rows if row and row[0] == name]
    scores = json.loads((here / "scores.json").read_text())
    assert (scores["scenes"], scores["size"], scores["seed"]) == (2, 64, 0)
    assert list(scores["methods"]) == ["[red].onnx", *METHODS]
    for result in scores["methods"].values():
        assert result["lines"]["pictures"] == 2
        assert 0 <= result["lines"]["by_tolerance"][0]["f1"] <= 1
    with Image.open(here / "sheet.png") as sheet:
        assert sheet.width > 4 * 300
        assert sheet.height < 2 * 360
    assert listing(here) == ["[red].onnx", "ring.png", "scores.json", "sheet.png"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("--model missing.onnx", "missing.onnx"),
        ("--model nonsense", "nonsense"),
        ("--model xdog --size 100", "16"),
        ("--model xdog --sheet sheet.xyz", "sheet.xyz"),
        ("--model xdog --sheet sheet.png --pictures missing", "missing"),
    ],
)
def test_what_cannot_be_scored_is_one_line(nurie, here, built_set, arguments, says):
    assert says in one_line_error(evaluate(nurie, built_set, *arguments.split()))
    assert listing(here) == []


def test_a_set_that_is_missing_or_too_small_is_one_line(nurie):
    error = one_line_error(evaluate(nurie, "missing", "--model", "xdog"))
    assert "'nurie data build -o missing'" in error
    nurie("data", "build", "strokes", "-o", "small", "--limit", 1, "--workers", 1)
    assert "small" in one_line_error(evaluate(nurie, "small", "--model", "xdog"))
