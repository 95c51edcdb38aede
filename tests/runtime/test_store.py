import pytest

from nurie.core.errors import DamagedModel
from nurie.runtime import store
from nurie.runtime.registry import cards


@pytest.fixture
def card(write_model, make_card, monkeypatch):
    path = write_model()
    monkeypatch.setenv("NURIE_MODELS", str(path.parent))
    return make_card(path)


def test_the_users_folder_comes_first(card, tmp_path):
    assert store.locate(card) == store.verify(card) == tmp_path / "tiny.onnx"


@pytest.mark.parametrize("find", [store.locate, store.verify])
def test_a_damaged_file_is_named(card, tmp_path, find):
    (tmp_path / "tiny.onnx").write_bytes(b"cut off")
    with pytest.raises(DamagedModel, match=r"tiny\.onnx.*NURIE_MODELS") as caught:
        find(card)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_nowhere_asks_to_reinstall(card, monkeypatch):
    monkeypatch.delenv("NURIE_MODELS")
    with pytest.raises(DamagedModel, match=r"tiny\.onnx.*reinstall nurie"):
        store.locate(card)


def test_the_package_is_looked_into_when_the_users_folder_lacks_the_file(card, tmp_path):
    (tmp_path / "tiny.onnx").unlink()
    with pytest.raises(DamagedModel, match=r"weights.tiny\.onnx"):
        store.locate(card)


def test_a_file_is_hashed_once_but_verified_anew(card, tmp_path):
    store.locate(card)
    (tmp_path / "tiny.onnx").write_bytes(b"cut off")
    store.locate(card)
    with pytest.raises(DamagedModel):
        store.verify(card)


def test_a_mended_file_is_found_whole(card, tmp_path):
    path = tmp_path / "tiny.onnx"
    whole = path.read_bytes()
    path.write_bytes(b"cut off")
    with pytest.raises(DamagedModel):
        store.locate(card)
    path.write_bytes(whole)
    assert store.locate(card) == path


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.name)
def test_every_shipped_file_is_whole(card, monkeypatch):
    monkeypatch.delenv("NURIE_MODELS", raising=False)
    assert store.verify(card).stat().st_size == card.bytes
