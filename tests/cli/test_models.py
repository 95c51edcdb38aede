import pytest

from nurie.runtime.registry import cards
from nurie.runtime.store import locate
from nurie.tasks.classical import METHODS

needs_the_shipped_model = pytest.mark.skipif(not cards(), reason="no model is shipped yet")


@pytest.mark.parametrize("arguments", [["models"], ["models", "list"]])
def test_every_network_and_method_is_listed_on_a_line_of_its_own(nurie, arguments):
    ran = nurie(*arguments)
    rows = [line.split() for line in ran.out.decode().splitlines()]
    assert (ran.status, ran.err) == (0, "")
    assert rows[0][0] == "name"
    assert [row[0] for row in rows[1:]] == [*(card.name for card in cards()), *METHODS]


def test_whole_models_are_verified(nurie):
    ran = nurie("models", "verify")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.decode().splitlines() == [f"{card.name}: whole" for card in cards()]


@needs_the_shipped_model
def test_a_damaged_model_is_named(nurie, here, monkeypatch):
    content = locate(cards()[0]).read_bytes()
    (here / cards()[0].file).write_bytes(content[:-1] + b"x")
    monkeypatch.setenv("NURIE_MODELS", str(here))
    ran = nurie("models", "verify")
    assert ran.status == 1
    assert "damaged" in ran.out.decode().splitlines()[0]


@needs_the_shipped_model
def test_a_damaged_model_extracts_nothing(process, here, monkeypatch):
    (here / cards()[0].file).write_bytes(b"no model")
    monkeypatch.setenv("NURIE_MODELS", str(here))
    ran = process("extract", "a.png", "-o", "b.png")
    assert ran.status == 2
    assert "damaged" in ran.err
    assert "NURIE_MODELS" in ran.err
