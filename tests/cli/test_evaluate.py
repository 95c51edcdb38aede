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


def test_colouring_is_scored_shown_and_written(
    nurie, here, built_set, without_gmic, tiny_color_model
):
    (here / "[red].onnx").symlink_to(tiny_color_model)
    more = ["--size", 96, "--json", "scores.json", "--plot", "plot.png", "--sheet", "sheet.png"]
    ran = evaluate_coloring(nurie, built_set, "--model", "[red].onnx", *more)
    assert (ran.status, ran.err) == (0, "")
    rows = [line.split() for line in ran.out.decode().splitlines()]
    for name in ("[red].onnx", "regions", "nearest"):
        # PSNR, SSIM and CIEDE2000 at eight points and as an area; then all the rest.
        assert [len(row) for row in rows if row and row[0] == name] == [10, 10, 10, 5]
    scores = json.loads((here / "scores.json").read_text())
    assert (scores["drawings"], scores["size"], scores["seed"]) == (2, 96, 0)
    assert list(scores["methods"]) == ["[red].onnx", "regions", "nearest"]
    for result in scores["methods"].values():
        assert result["drawings"] == 2
        assert [point["hinted"] for point in result["curve"]] == list(coloring.HINTED)
    for name in ("[red].onnx", "regions"):
        kept, curve = (scores["methods"][name][key] for key in ("hints_kept", "curve"))
        assert kept == 1
        # Every region has its hint in the end: what is off are borders alone.
        assert curve[-1]["agreement"]["psnr"] > curve[0]["agreement"]["psnr"] + 5
    # Without a hint one is made up by the network, the other white.
    without = [scores["methods"][name]["curve"][0] for name in ("[red].onnx", "regions")]
    assert without[0] != without[1]
    with Image.open(here / "plot.png") as plot:
        assert plot.width > plot.height > 300
    with Image.open(here / "sheet.png") as sheet:
        assert sheet.width > 4 * 360
    assert listing(here) == ["[red].onnx", "plot.png", "scores.json", "sheet.png"]


def test_several_networks_are_scored_beside_each_other(
    nurie, here, built_set, without_gmic, tiny_color_model
):
    (here / "other.onnx").symlink_to(tiny_color_model)
    models = ["--model", tiny_color_model, "--model", "other.onnx"]
    ran = evaluate_coloring(nurie, built_set, *models, "--size", 32, "--json", "s.json")
    found = _agreements(ran, here)
    assert list(found) == [tiny_color_model, "other.onnx", "regions", "nearest"]
    assert found[tiny_color_model] == found["other.onnx"]


def test_a_run_that_paints_is_scored_as_any(nurie, here, built_set, without_gmic, tiny_run):
    more = ["--model", tiny_run, "--alone", "--size", 32, "--json", "s.json"]
    assert list(_agreements(evaluate_coloring(nurie, built_set, *more), here)) == [tiny_run]


def test_without_a_model_the_shipped_network_is_scored(nurie, here, built_set, without_gmic):
    found = _agreements(evaluate_coloring(nurie, built_set, "--size", 32, "--json", "s.json"), here)
    assert list(found) == ["color", "regions", "nearest"]


def test_the_same_seed_scores_the_same_pages(
    nurie, here, built_set, without_gmic, tiny_color_model
):
    more = ["--model", tiny_color_model, "--size", 32, "--json", "s.json"]
    first, again, other = (
        _agreements(evaluate_coloring(nurie, built_set, *more, "--seed", seed), here)
        for seed in (3, 3, 4)
    )
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


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("nonsense", "no model is named 'nonsense'; choose from: "),
        ("lines", "no model is named 'lines'; choose from: "),
        ("missing.onnx", "missing.onnx: no such model file"),
    ],
)
def test_a_model_that_cannot_colour_is_one_line(nurie, here, built_set, model, says):
    more = ["--size", 32, "--model", model, "--json", "s.json"]
    assert says in one_line_error(evaluate_coloring(nurie, built_set, *more))
    assert listing(here) == []


def test_a_network_for_extraction_is_not_scored_on_colouring(nurie, built_set, tiny_model):
    error = one_line_error(evaluate_coloring(nurie, built_set, "--size", 32, "--model", tiny_model))
    assert "the model can't colour" in error


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
