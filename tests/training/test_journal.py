import json

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")
pytest.importorskip("tensorboard")

import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from nurie.training.journal import Journal
from nurie.training.loop import Report


def report(step: int, *losses: float, **more) -> Report:
    return Report(step, losses or (1.0,), **{"rate": 0.1, "seconds": 0.5, "waited": 0.1, **more})


def lines(run) -> list[dict]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def test_a_look_is_a_line_and_a_picture(tmp_path):
    picture = torch.zeros(3, 4, 6)
    picture[0] = 2.0  # beyond white is white
    with Journal(tmp_path / "new" / "run") as journal:
        journal.note(report(1))
        journal.note(report(2, scores={"f1": 0.5, "loss": 0.25}, picture=picture))
    (line,) = lines(tmp_path / "new" / "run")
    assert line.pop("seconds") >= 0
    assert line == {"step": 2, "loss": 1.0, "waits": 0.2, "held_out_f1": 0.5, "held_out_loss": 0.25}
    shown = np.asarray(Image.open(tmp_path / "new" / "run" / "held-out.png"))
    assert shown.shape == (4, 6, 3)
    assert (shown == (255, 0, 0)).all()


def test_a_resumed_run_goes_on_with_its_log(tmp_path):
    for step in (1, 2):
        with Journal(tmp_path) as journal:
            journal.note(report(step, scores={"f1": 0.5}))
    assert [line["step"] for line in lines(tmp_path)] == [1, 2]


def test_averages_are_plain_at_first_and_then_move(tmp_path):
    with Journal(tmp_path) as journal:
        for step, loss in enumerate((1.0, 2.0, 6.0), start=1):
            journal.note(report(step, loss, seconds=loss))
        assert journal.losses == pytest.approx((3.0,))
        assert journal.speed == pytest.approx((1 + 1 / 2 + 1 / 6) / 3)
        for step in range(4, 51):
            journal.note(report(step, 3.0))
        assert journal.losses == pytest.approx((3.0,))
        journal.note(report(51, 8.0))
        assert journal.losses == pytest.approx((0.98 * 3 + 0.02 * 8,))


def test_the_share_of_waiting_is_that_of_the_time(tmp_path):
    with Journal(tmp_path) as journal:
        journal.note(report(1, seconds=1.0, waited=0.5))
        assert journal.waits == pytest.approx(0.5)
        # Not the mean of the shares, 0.5 and 0: the second step took four times as long.
        journal.note(report(2, seconds=4.0, waited=0.0))
        assert journal.waits == pytest.approx(0.1)


def test_each_player_has_a_loss_of_its_own(tmp_path):
    with Journal(tmp_path) as journal:
        for step in range(1, 21):
            journal.note(report(step, 3.0, 5.0, scores={"f1": 0.5} if step == 20 else None))
        assert journal.losses == pytest.approx((3.0, 5.0))
    (line,) = lines(tmp_path)
    assert (line["loss"], line["loss_2"]) == (3.0, 5.0)
    events = EventAccumulator(str(tmp_path)).Reload()
    assert [e.value for e in events.Scalars("loss/train")] == [3.0]
    assert [e.value for e in events.Scalars("loss/train_2")] == [5.0]


def test_tensorboard_gets_scalars_and_pictures(tmp_path):
    with Journal(tmp_path) as journal:
        for step in range(1, 41):
            look = {"scores": {"f1": 0.75}, "picture": torch.zeros(3, 4, 4)} if step == 40 else {}
            journal.note(report(step, step / 10, **look))
    events = EventAccumulator(str(tmp_path)).Reload()
    assert [(e.step, e.value) for e in events.Scalars("loss/train")] == [(20, 2.0), (40, 4.0)]
    assert [e.value for e in events.Scalars("rate")] == pytest.approx([0.1, 0.1])
    assert [e.value for e in events.Scalars("waits for input")] == pytest.approx([0.2, 0.2])
    assert [(e.step, e.value) for e in events.Scalars("held out/f1")] == [(40, 0.75)]
    assert [e.step for e in events.Images("held out")] == [40]
