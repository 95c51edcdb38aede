import shutil
import signal
from pathlib import Path

import pytest

from commands import PATIENCE, listing, one_line_error, start
from drawn import ring
from nurie.cli.profile import set_apart
from trace_rules import inside, read_trace, with_phase

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def picture(here, tiny_model) -> list[str]:
    """How a picture in the working folder is extracted, by a network that was not used before."""
    ring().save("ring.png")
    shutil.copy(tiny_model, "tiny.onnx")
    return ["extract", "ring.png", "--model", "tiny.onnx", "--threads", "1"]


def shares(err: str) -> dict[str, float]:
    """The table of what the time was spent on, in percent."""
    lines = err.split("time of the ")[1].split("\n\n")[0].splitlines()[1:]
    rows = [line.rsplit(maxsplit=2) for line in lines]
    return {name: float(share.rstrip("%")) for name, _, share in rows}


def adds_up(found: dict[str, float]) -> bool:
    """Whether the shares are all of it, as far as they can be after rounding."""
    return abs(sum(found.values()) - 2 * found["all"]) < 0.06 * len(found) and found["all"] == 100


def test_an_extraction(nurie, here, picture):
    plain = nurie(*picture, "-o", "plain.png")
    ran = nurie("profile", *picture, "-o", "lines.png", "--out", "new.json")
    assert (ran.status, ran.out) == (plain.status, plain.out) == (0, b"")
    assert Path("lines.png").read_bytes() == Path("plain.png").read_bytes()
    assert listing(here) == ["lines.png", "new.json", "plain.png", "ring.png", "tiny.onnx"]


def test_the_timeline_of_an_extraction(process, here):
    command = ["extract", str(EXAMPLES / "sticker.png"), "-o", "lines.png", "--threads", "1"]
    ran = process("profile", *command)
    assert ran.status == 0
    trace = read_trace(Path("timeline.json"))
    assert trace["otherData"]["command"] == ["nurie", *command]
    events = list(with_phase(trace["traceEvents"], "X"))
    spans = {name: [e for e in events if e["name"] == name] for name in ("network run", "command")}
    operators = [event for event in events if event["cat"] == "operator"]
    assert {"decode", "load network", "style", "encode"} <= {event["name"] for event in events}
    assert {"Conv", "MaxPool"} <= {event["name"] for event in operators}
    # ONNX Runtime counts whole microseconds, and the clocks are read one after the other.
    assert all(inside(event, spans["network run"], slack=50_000) for event in operators)
    assert all(inside(event, spans["command"]) for event in events if event["cat"] == "span")

    assert f"operators of {len(spans['network run'])} of" in ran.err
    found = shares(ran.err)
    assert adds_up(found)
    inner = sum(share for name, share in found.items() if name.startswith("network: "))
    (outer,) = [line for line in ran.err.splitlines() if line.startswith("outside networks: ")]
    assert float(outer.split()[-1].rstrip("%")) == pytest.approx(100 - inner, abs=1)


def test_what_goes_to_standard_output_is_the_command_s_alone(nurie, picture):
    plain = nurie(*picture, "-o", "-")
    ran = nurie("profile", *picture, "-o", "-")
    assert ran.out == plain.out
    assert ran.out.startswith(b"\x89PNG")
    assert nurie("profile", "models").out == nurie("models").out


def test_a_command_that_fails_has_a_timeline_and_its_own_status(nurie, here):
    plain = nurie("extract", "missing.png", "-o", "lines.png")
    ran = nurie("profile", "extract", "missing.png", "-o", "lines.png")
    assert ran.status == plain.status == 2
    assert ran.err.startswith(plain.err)
    assert [e["name"] for e in with_phase(read_trace(here / "timeline.json")["traceEvents"], "X")]

    ring().save("ring.png")
    Path("in").mkdir()
    shutil.copy("ring.png", "in")
    Path("in/broken.png").touch()
    ran = nurie("profile", "extract", "in", "-o", "out", "--model", "xdog", "--out", "some.json")
    assert ran.status == 1
    read_trace(here / "some.json")


def test_a_command_that_breaks_has_a_timeline_too(nurie, here, monkeypatch):
    monkeypatch.setattr("nurie.tasks.batch.plan", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        nurie("profile", "extract", "a.png", "-o", "lines.png", "--model", "xdog")
    read_trace(here / "timeline.json")


def options(built_set, *more):
    return ["--data", built_set, "--threads", 1, "--device", "cpu", *more]


def test_a_training(nurie, here, recipe, built_set):
    pytest.importorskip("torch")
    pytest.importorskip("tensorboard")
    arguments = ["train", recipe, "--out", "run", *options(built_set, "--steps", 9)]
    ran = nurie("profile", "--record-steps", 3, "--out", "timeline", *arguments)
    assert ran.status == 0
    assert ran.out.startswith(b"trained: ")
    assert "'timeline': operators of steps 6 to 8 of 9" in ran.err
    assert (here / "run/checkpoint.pt").exists()
    events = list(with_phase(read_trace(here / "timeline")["traceEvents"], "X"))
    count = {
        name: [event["name"] for event in events if event["cat"] == "span"].count(name)
        for name in ("input", "forward", "backward", "validate", "checkpoint")
    }
    assert count == {"input": 9, "forward": 9, "backward": 9, "validate": 1, "checkpoint": 1}
    found = shares(ran.err)
    assert adds_up(found)
    assert found["convolution"] > 0
    assert found["convolution, backward"] > 0
    assert found["transposed convolution"] == 0


def test_a_training_that_is_stopped_has_a_timeline(here, recipe, built_set):
    pytest.importorskip("torch")
    pytest.importorskip("tensorboard")
    arguments = ["train", recipe, "--out", "run", *options(built_set, "--steps", 100_000)]
    training = start("profile", *arguments, "--out", "t.json", text=True)
    assert training.stderr.readline().startswith("step 100 of")
    training.send_signal(signal.SIGINT)
    _, err = training.communicate(timeout=PATIENCE)
    assert training.returncode == 130
    assert "nurie: stopped\n" in err
    assert "operators of steps 6 to 15 of" in err
    assert adds_up(shares(err))
    read_trace(here / "t.json")


@pytest.mark.parametrize(
    ("arguments", "apart"),
    [
        ("extract a.png -o b.png", "extract a.png -o b.png"),
        ("profile", "profile --"),
        ("profile --help", "profile --help --"),
        ("profile extract --help", "profile -- extract --help"),
        ("profile extract a -o b --out t.json", "profile --out t.json -- extract a -o b"),
        ("profile extract --out=t.json a -o b", "profile --out=t.json -- extract a -o b"),
        ("profile train x --out runs/x", "profile -- train x --out runs/x"),
        ("profile train x --out", "profile -- train x --out"),
        ("profile train x --out r --out t.json", "profile --out t.json -- train x --out r"),
        ("profile --out t train x --out r.json", "profile --out t -- train x --out r.json"),
        ("profile --out=t train x --out r.json", "profile --out=t -- train x --out r.json"),
        ("profile --record-steps 9 train x", "profile --record-steps 9 -- train x"),
        ("profile --out t -- extract - -o -", "profile --out t -- extract - -o -"),
        ("profile extract -- -a -o b", "profile -- extract -- -a -o b"),
    ],
)
def test_the_command_s_options_are_told_from_ours(arguments, apart):
    assert set_apart(arguments.split()) == apart.split()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("", "COMMAND"),
        ("--out t.json", "COMMAND"),
        ("--nonsense 1 models", "--nonsense"),
        ("--record-steps 0 models", "--record-steps"),
        ("--out missing/t.json models", "'missing'"),
        ("--out folder models", "'folder' is a folder"),
    ],
)
def test_wrong_usage_is_one_line(nurie, here, arguments, says):
    Path("folder").mkdir()
    assert says in one_line_error(nurie("profile", *arguments.split()))
    assert listing(here) == []


def test_it_explains_itself_and_the_command_does(nurie):
    ran = nurie("profile", "--help")
    assert (ran.status, ran.err) == (0, "")
    assert "Usage: nurie profile [OPTIONS] COMMAND" in ran.out.decode()
    assert nurie("profile", "extract", "--help").out == nurie("extract", "--help").out


def test_a_network_that_was_recorded_goes_on_without(nurie, here, picture):
    nurie("profile", *picture, "-o", "lines.png")
    assert nurie(*picture, "-o", "again.png").status == 0
    assert Path("again.png").read_bytes() == Path("lines.png").read_bytes()
    assert listing(here) == ["again.png", "lines.png", "ring.png", "timeline.json", "tiny.onnx"]
