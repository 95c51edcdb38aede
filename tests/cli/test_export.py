import pytest

from commands import listing, one_line_error
from drawn import ring

pytest.importorskip("torch")
pytest.importorskip("onnx")


def test_an_exported_network_extracts_at_once(nurie, here, exported_model):
    ring().save(here / "ring.png")
    assert nurie("extract", "ring.png", "-o", "l.png", "--model", exported_model).status == 0
    assert listing(here) == ["l.png", "ring.png"]


def test_what_was_exported_is_said(nurie, here, trained_run):
    ran = nurie("export", trained_run, "-o", "[1] a.onnx")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.decode().startswith("'[1] a.onnx': step 2, ")
    assert listing(here) == ["[1] a.onnx"]


def test_the_same_run_gives_the_same_bytes(nurie, here, trained_run, exported_model):
    nurie("export", trained_run, "-o", "again.onnx")
    assert (here / "again.onnx").read_bytes() == exported_model.read_bytes()


@pytest.mark.parametrize(
    ("run", "output", "says"),
    [
        ("missing", "a.onnx", "missing"),
        ("a.txt", "a.onnx", "a.txt"),
        ("damaged", "a.onnx", "damaged"),
        (None, "folder", "folder"),
        (None, "a.txt/a.onnx", "a.txt"),
        (None, "missing/a.onnx", "missing"),
    ],
)
def test_an_export_that_fails_is_one_line_and_leaves_nothing(
    nurie, here, trained_run, run, output, says
):
    (here / "folder").mkdir()
    (here / "a.txt").touch()
    (here / "damaged").mkdir()
    (here / "damaged/checkpoint.pt").write_bytes(b"no checkpoint")
    before = listing(here)
    assert says in one_line_error(nurie("export", run or trained_run, "-o", output))
    assert listing(here) == before
