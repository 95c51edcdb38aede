import pytest

pytest.importorskip("torch")

import torch

from nurie.core.errors import NurieError
from nurie.training import checkpoint

STATE = {"net": {"weight": torch.arange(3.0)}, "step": 7, "options": {"widths": (1, 2), "size": 3}}


def test_a_checkpoint_comes_back_as_it_was(tmp_path):
    checkpoint.save(tmp_path, STATE)
    state = checkpoint.load(tmp_path)
    assert state["net"]["weight"].equal(STATE["net"]["weight"])
    assert state["step"] == 7
    assert state["options"] == STATE["options"]
    assert [path.name for path in tmp_path.iterdir()] == [checkpoint.NAME]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, RuntimeError])
def test_a_broken_write_leaves_the_old_one(tmp_path, monkeypatch, interruption):
    checkpoint.save(tmp_path, STATE)

    def break_off(state, file):
        file.write(b"half of it")
        raise interruption

    monkeypatch.setattr(torch, "save", break_off)
    with pytest.raises(interruption):
        checkpoint.save(tmp_path, {**STATE, "step": 8})
    assert checkpoint.load(tmp_path)["step"] == 7
    assert [path.name for path in tmp_path.iterdir()] == [checkpoint.NAME]


def test_a_full_disk_is_a_one_line_error(tmp_path, monkeypatch):
    def refuse(state, file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", refuse)
    with pytest.raises(NurieError, match=r"^'.*checkpoint\.pt' can't be written: No space left"):
        checkpoint.save(tmp_path, STATE)


def test_where_no_run_was_saved_is_a_one_line_error(tmp_path):
    with pytest.raises(NurieError, match=r"^.* holds no checkpoint\.pt: no run was saved there$"):
        checkpoint.load(tmp_path / "nowhere")


@pytest.mark.parametrize("keep", [0, 1, 30, 300])
def test_a_damaged_checkpoint_is_a_one_line_error(tmp_path, keep):
    checkpoint.save(tmp_path, STATE)
    path = tmp_path / checkpoint.NAME
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(NurieError, match=r"^.*checkpoint\.pt is damaged: .+$"):
        checkpoint.load(tmp_path)


def test_a_checkpoint_that_would_run_code_is_refused(tmp_path):
    torch.save({"step": print}, tmp_path / checkpoint.NAME)
    with pytest.raises(NurieError, match="is damaged"):
        checkpoint.load(tmp_path)


def test_the_states_of_optimizers_old_and_new():
    one, other = {"state": {}}, {"state": {0: {}}}
    assert checkpoint.optimizers({"optimizers": [one, other]}) == [one, other]
    assert checkpoint.optimizers({"optimizer": one}) == [one]
