import json
import os
import shlex
import signal

import pytest
from PIL import Image

from commands import PATIENCE, listing, one_line_error, start
from nurie.runtime.session import Session
from nurie.tasks.attention import Attention

torch = pytest.importorskip("torch")
pytest.importorskip("tensorboard")


def test_a_run_leaves_what_it_takes_to_read_it_and_to_go_on(trained_run):
    names = listing(trained_run)
    assert {"checkpoint.pt", "model.onnx", "log.jsonl", "held-out.png"} < set(names)
    assert any(name.startswith("events.out.tfevents") for name in names)
    last = json.loads((trained_run / "log.jsonl").read_text().splitlines()[-1])
    assert last["step"] == 2
    assert {"loss", "waits", "held_out_f1"} < set(last)


def options(out, built_set, *more):
    return ["--out", out, "--data", built_set, "--threads", 1, "--device", "cpu", *more]


def test_a_run_is_not_overwritten_but_goes_on_when_asked(nurie, here, recipe, built_set):
    arguments = ["train", recipe, *options("run", built_set, "--steps")]
    assert nurie(*arguments, 1).status == 0
    assert "--resume" in one_line_error(nurie(*arguments, 2))
    assert nurie(*arguments, 2, "--resume").status == 0
    steps = [json.loads(line)["step"] for line in (here / "run/log.jsonl").open()]
    assert steps == [1, 2]


def test_an_option_is_set_from_the_command_line(nurie, here, recipe, built_set):
    torch_options = options("run", built_set, "--steps", 1, "--set", "ink_weight=1.5")
    assert nurie("train", recipe, *torch_options).status == 0
    state = torch.load(here / "run/checkpoint.pt", weights_only=True)
    assert state["options"]["ink_weight"] == 1.5
    error = one_line_error(nurie("train", recipe, *options("other", built_set, "--set", "inc=1")))
    assert "inc" in error


def test_a_run_starts_from_another_of_the_same_network(nurie, here, recipe, built_set, trained_run):
    started = options("run", built_set, "--steps", 1, "--start", trained_run)
    assert nurie("train", recipe, *started).status == 0
    missing = options("other", built_set, "--start", "nowhere")
    assert "nowhere" in one_line_error(nurie("train", recipe, *missing))


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


def test_a_colour_network_is_exported_in_the_end(nurie, here, built_set):
    pytest.importorskip("onnx")
    (here / "color.toml").write_text(COLOR)
    ran = nurie("train", "color.toml", *options("run", built_set, "--steps", 1))
    said = b"trained: nurie colorize lines.png -o art.png --model run/model.onnx\n"
    assert ran.out == said
    session = Session(here / "run/model.onnx")
    assert session.needs.stride == 2
    assert Attention.from_metadata(session.metadata).embedding == 2
    assert nurie("export", "run", "-o", "again.onnx").status == 0
    assert (here / "again.onnx").read_bytes() == (here / "run/model.onnx").read_bytes()


def test_the_last_line_says_how_to_use_what_was_trained(nurie, here, recipe, built_set):
    pytest.importorskip("onnx")
    ran = nurie("train", recipe, *options("my run", built_set, "--steps", 1))
    command = shlex.split(ran.out.decode().removeprefix("trained: nurie "))
    Image.new("RGB", (40, 30), "white").save(here / "picture.png")
    assert nurie(*command).status == 0
    assert Image.open(here / "lines.png").size == (40, 30)


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


def test_of_two_processes_one_talks_and_both_stop_together(nurie, here, recipe, built_set):
    arguments = ["train", recipe, *options("run", built_set, "--devices", 2, "--steps", 100_000)]
    training = start(*arguments, text=True, start_new_session=True)
    assert training.stderr.readline().startswith("step 100 of")
    os.killpg(training.pid, signal.SIGINT)  # as a terminal does
    out, err = training.communicate(timeout=PATIENCE)
    assert (training.returncode, out) == (130, "")
    *steps, saved, stopped = err.splitlines()
    assert all(line.startswith("step") for line in steps)
    assert saved.startswith("saved: go on with nurie train")
    assert stopped == "nurie: stopped"


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
        ("lines --data {data} --device cpu --precision fp16", "fp16"),
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
