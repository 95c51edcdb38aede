import json
import shutil

import pytest
from PIL import Image

from commands import listing, one_line_error
from drawn import ring

pytest.importorskip("torch")
pytest.importorskip("scipy")
pytest.importorskip("resvg_py")

pytest.importorskip("matplotlib")

from nurie.data.shards import split_of
from nurie.evaluation import coloring

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


@pytest.fixture
def without_gmic(monkeypatch):
    """G'MIC is not on every machine, and slow."""
    monkeypatch.setattr(coloring, "GMIC", "no-such-program")


def evaluate_coloring(nurie, built_set, *more):
    return nurie("evaluate", "colorize", "--data", built_set, "--drawings", 2, *more)


def test_colouring_is_scored_shown_and_written(nurie, here, built_set, without_gmic):
    more = ["--size", 64, "--json", "scores.json", "--plot", "plot.png", "--sheet", "sheet.png"]
    ran = evaluate_coloring(nurie, built_set, *more)
    assert (ran.status, ran.err) == (0, "")
    rows = [line.split() for line in ran.out.decode().splitlines()]
    for name in ("regions", "nearest"):
        # PSNR, SSIM and CIEDE2000 at eight points and as an area; then all the rest.
        assert [len(row) for row in rows if row and row[0] == name] == [10, 10, 10, 5]
    scores = json.loads((here / "scores.json").read_text())
    assert (scores["drawings"], scores["size"], scores["seed"]) == (2, 64, 0)
    assert list(scores["methods"]) == ["regions", "nearest"]
    for result in scores["methods"].values():
        assert result["drawings"] == 2
        assert [point["hinted"] for point in result["curve"]] == list(coloring.HINTED)
    kept, all_hinted = (scores["methods"]["regions"][key] for key in ("hints_kept", "curve"))
    assert kept == 1
    # Every region has its hint: what is off are borders alone.
    assert all_hinted[-1]["agreement"]["psnr"] > all_hinted[0]["agreement"]["psnr"] + 5
    with Image.open(here / "plot.png") as plot:
        assert plot.width > plot.height > 300
    with Image.open(here / "sheet.png") as sheet:
        assert sheet.width > 3 * 360
    assert listing(here) == ["plot.png", "scores.json", "sheet.png"]


def test_the_same_seed_scores_the_same_pages(nurie, here, built_set, without_gmic):
    first, again, other = (
        _agreements(evaluate_coloring(
            nurie, built_set, "--size", 32, "--seed", seed, "--json", "s.json"
        ), here)
        for seed in (3, 3, 4)
    )  # fmt: skip
    assert first == again
    assert first != other


def _agreements(ran, folder):
    assert ran.status == 0
    methods = json.loads((folder / "s.json").read_text())["methods"]
    return {name: result["curve"] for name, result in methods.items()}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("--size 100", "16"),
        ("--plot plot.xyz", "plot.xyz"),
        ("--sheet sheet.xyz", "sheet.xyz"),
        ("--plot missing/plot.png", "missing"),
        ("--sheet missing/sheet.png", "missing"),
        ("--json missing/scores.json", "missing"),
        ("--drawings 0", "--drawings"),
    ],
)
def test_colouring_that_cannot_be_scored_fails_before_any_work(
    nurie, here, built_set, monkeypatch, arguments, says
):
    monkeypatch.setattr(coloring, "evaluate", None)
    assert says in one_line_error(evaluate_coloring(nurie, built_set, *arguments.split()))
    assert listing(here) == []


def test_colouring_of_a_set_that_is_missing_or_has_nothing_held_out_is_one_line(
    nurie, here, drawings
):
    assert "'nurie data build -o missing'" in one_line_error(evaluate_coloring(nurie, "missing"))
    # A drawing is named after its folder, and by that name it is for training.
    (here / drawings.name).mkdir()
    name = next(p.name for p in drawings.iterdir() if split_of(drawings.name, p.name) == "train")
    shutil.copy(drawings / name, here / drawings.name)
    assert nurie("data", "build", drawings.name, "-o", "small", "--workers", 1).status == 0
    assert "held-out" in one_line_error(evaluate_coloring(nurie, "small"))
