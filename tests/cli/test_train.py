import json
import signal

import pytest

from commands import PATIENCE, listing, one_line_error, start
from nurie.runtime.session import Session
from nurie.tasks.attention import Attention

torch = pytest.importorskip("torch")
pytest.importorskip("tensorboard")


def test_a_run_leaves_what_it_takes_to_read_it_and_to_go_on(trained_run):
    names = listing(trained_run)
    assert {"checkpoint.pt", "log.jsonl", "held-out.png"} < set(names)
    assert any(name.startswith("events.out.tfevents") for name in names)
    last = json.loads((trained_run / "log.jsonl").read_text().splitlines()[-1])
    assert last["step"] == 2
    assert {"loss", "held_out_f1"} < set(last)


def options(out, built_set, *more):
    return ["--out", out, "--data", built_set, "--threads", 1, "--device", "cpu", *more]


def test_a_run_is_not_overwritten_but_goes_on_when_asked(nurie, here, recipe, built_set):
    arguments = ["train", recipe, *options("run", built_set, "--steps")]
    assert nurie(*arguments, 1).status == 0
    assert "--resume" in one_line_error(nurie(*arguments, 2))
    assert nurie(*arguments, 2, "--resume").status == 0
    steps = [json.loads(line)["step"] for line in (here / "run/log.jsonl").open()]
    assert steps == [1, 2]


COLOR = """recipe = "color"
[options]
widths = [4, 4]
depths = [1, 1]
embedding = 2
colors = 2
size = 64
[loop]
batch = 2
"""


def test_a_colour_network_is_exported_as_is_said_in_the_end(nurie, here, built_set):
    pytest.importorskip("onnx")
    (here / "color.toml").write_text(COLOR)
    ran = nurie("train", "color.toml", *options("run", built_set, "--steps", 1))
    command = ran.out.decode().removeprefix("trained: nurie ").split()
    assert nurie(*command).out.decode().startswith("'model.onnx': step 1, ")
    session = Session(here / "model.onnx")
    assert session.needs.stride == 2
    assert Attention.from_metadata(session.metadata).embedding == 2


def test_an_interrupted_run_is_saved_and_can_go_on(nurie, here, recipe, built_set):
    arguments = ["train", recipe, *options("run[red]", built_set, "--steps", 100_000)]
    training = start(*arguments, text=True)
    assert training.stderr.readline().startswith("step 100 of")
    training.send_signal(signal.SIGINT)
    *_, saved, stopped = training.communicate(timeout=PATIENCE)[1].splitlines()
    assert training.returncode == 130
    assert stopped == "nurie: stopped"
    assert saved.startswith("saved: go on with nurie train")
    assert "run[red]" in saved
    step = torch.load(here / "run[red]/checkpoint.pt", weights_only=True)["step"]
    assert step >= 100
    assert nurie(*arguments[:-1], step + 1, "--resume").status == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("nonsense", "nonsense"),
        ("missing.toml", "missing.toml"),
        ("picture.toml", "picture.toml"),
        ("unknown.toml", "colour"),
        ("lines --data missing", "nurie data build"),
        ("lines --data {data} --out a.txt", "a.txt"),
        ("lines --data {data} --out a.txt/run", "a.txt"),
        ("lines --data {data} --out new --resume", "new"),
        ("lines --data {data} --device nonsense", "nonsense"),
        ("lines --data {data} --steps 1.5x", "--steps"),
    ],
)
def test_a_run_that_cannot_begin_is_one_line(nurie, here, built_set, arguments, says):
    (here / "a.txt").touch()
    (here / "picture.toml").write_bytes(b"\x89PNG\r\n\x1a\n\xff")
    (here / "unknown.toml").write_text('recipe = "lines"\n[options]\ncolour = 1\n')
    ran = nurie("train", *(part.format(data=built_set) for part in arguments.split()))
    assert says in one_line_error(ran)
    assert (here / "a.txt").read_bytes() == b""
