import subprocess
import sys

import pytest

from nurie.core.errors import UnknownModel
from nurie.runtime import registry
from nurie.runtime.registry import Needs, needs_from_metadata, needs_to_metadata, read_cards

ENTRY = """
[tiny]
task = "extract"
title = "Tiny"
description = "For tests."
file = "tiny.onnx"
sha256 = "00"
bytes = 10
parameters = 5
inputs = 5
multiple = 32
stride = 2
tile = 1024
halo = 48
channels = 1
licence = "CC0-1.0"
recipe = "recipes/tiny.toml"
data = ["OpenMoji, CC BY-SA 4.0"]
"""


def test_a_card_is_read():
    (card,) = read_cards(ENTRY)
    assert (card.name, card.file, card.tile, card.halo) == ("tiny", "tiny.onnx", 1024, 48)
    assert card.data == ("OpenMoji, CC BY-SA 4.0",)
    hash(card)


def test_the_order_is_that_of_the_file():
    text = ENTRY.replace("[tiny]", "[z]") + ENTRY.replace("[tiny]", "[a]")
    assert [card.name for card in read_cards(text)] == ["z", "a"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ENTRY + ENTRY, "tiny"),
        (ENTRY.replace('licence = "CC0-1.0"\n', ""), "lacks licence"),
        (ENTRY + "colour = 1\n", "unknown colour"),
        (ENTRY + 'name = "other"\n', "unknown name"),
        (ENTRY.replace("stride = 2\n", ""), "lacks stride"),
        (ENTRY.replace("inputs = 5", "inputs = 0"), "inputs 0"),
        (ENTRY.replace("tile = 1024", "tile = 16"), "tile 16"),
        (ENTRY.replace("stride = 2", "stride = 0"), "stride 0"),
        (ENTRY.replace("stride = 2", "stride = 3"), "multiple 32, stride 3"),
        (ENTRY.replace("stride = 2", "stride = 64"), "multiple 32, stride 64"),
        ("[tiny", "Expected"),
    ],
)
def test_a_faulty_file_is_refused(text, says):
    with pytest.raises(ValueError, match=says):
        read_cards(text)


def test_an_unknown_name_lists_the_known_ones(monkeypatch):
    text = ENTRY + ENTRY.replace("[tiny]", "[other]")
    monkeypatch.setattr(registry, "cards", lambda: read_cards(text))
    assert registry.card("other").name == "other"
    with pytest.raises(UnknownModel, match=r"'sharp'.*tiny, other"):
        registry.card("sharp")


def test_the_shipped_file_is_sound():
    assert [registry.card(card.name) for card in registry.cards()] == list(registry.cards())


def test_needs_survive_the_metadata():
    (card,) = read_cards(ENTRY)
    metadata = needs_to_metadata(card)
    assert metadata == {
        "nurie.inputs": "5",
        "nurie.multiple": "32",
        "nurie.stride": "2",
        "nurie.tile": "1024",
        "nurie.halo": "48",
        "nurie.channels": "1",
    }
    needs = Needs(inputs=5, multiple=32, stride=2, tile=1024, halo=48, channels=1)
    assert needs_from_metadata(metadata) == needs


def test_metadata_of_others_are_left_alone():
    assert needs_from_metadata({"halo": "3", "nurie.halo": "5"}) == Needs(halo=5)
    assert needs_from_metadata({}) == Needs()


@pytest.mark.parametrize(
    ("metadata", "says"),
    [({"nurie.tile": "large"}, "'large'"), ({"nurie.multiple": "0"}, "multiple 0")],
)
def test_metadata_that_make_no_sense_are_refused(metadata, says):
    with pytest.raises(ValueError, match=says):
        needs_from_metadata(metadata)


def test_reading_cards_loads_no_runtime():
    code = (
        "import sys, nurie.core.tiling, nurie.runtime.store, nurie.runtime.registry as r;"
        "r.cards(); sys.exit('onnxruntime' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
