import os

import numpy as np
import onnxruntime as ort
import pytest

from nurie.core.errors import DamagedModel, NurieError, UnknownModel
from nurie.runtime import session as session_module
from nurie.runtime.registry import Needs, cards, needs_from_metadata, needs_to_metadata
from nurie.runtime.session import Session, physical_cores, session_for
from nurie.runtime.store import locate


def picture(height, width, channels=3):
    rng = np.random.default_rng(0)
    return rng.uniform(-1, 1, (1, channels, height, width)).astype(np.float32)


def test_a_bare_file_runs_with_defaults(write_model):
    session = Session(write_model())
    result = session.run(picture(45, 70))
    assert session.needs == Needs()
    assert result.shape == (1, 1, 45, 70)
    assert result.dtype == np.float32
    assert result.std() > 0.05


def test_a_bare_file_says_what_it_needs(write_model):
    needs = Needs(multiple=8, tile=64, halo=8, channels=2)
    session = Session(write_model(channels=2, metadata=needs_to_metadata(needs)))
    calls = []
    result = session.run(picture(100, 150), progress=lambda *count: calls.append(count))
    assert session.needs == needs
    assert result.shape == (1, 2, 100, 150)
    assert calls == [(n, 4) for n in range(1, 5)]


def test_an_answer_may_have_one_value_for_several_pixels(write_model):
    needs = Needs(multiple=8, stride=4, tile=64, halo=8)
    path = write_model(stride=4, metadata=needs_to_metadata(needs))
    batch = picture(101, 150)
    result = Session(path).run(batch)
    assert result.shape == (1, 1, 26, 38)
    # The same network without a stride; the last row and column see what was filled up.
    every = Session(write_model("every.onnx", metadata={"nurie.multiple": "8"})).run(batch)
    np.testing.assert_allclose(
        result[..., :25, :37], every[..., ::4, ::4][..., :25, :37], atol=1e-5
    )


def test_a_session_knows_what_else_the_file_says(write_model):
    path = write_model(metadata={"nurie.halo": "8", "some.other": "word"})
    assert Session(path).metadata == {"nurie.halo": "8", "some.other": "word"}


def test_tiled_equals_untiled(write_model):
    small = needs_to_metadata(Needs(multiple=8, tile=64, halo=4))
    batch = picture(200, 304)
    tiled = Session(write_model("small.onnx", metadata=small)).run(batch)
    whole = Session(write_model("whole.onnx", metadata={"nurie.multiple": "8"})).run(batch)
    np.testing.assert_allclose(tiled, whole, atol=1e-5)


def test_the_card_rules(write_model, make_card, monkeypatch):
    path = write_model(metadata={"nurie.tile": "4096"})
    monkeypatch.setenv("NURIE_MODELS", str(path.parent))
    card = make_card(path)
    session = Session(card)
    calls = []
    session.run(picture(100, 100), progress=lambda *count: calls.append(count))
    assert session.needs is card
    assert len(calls) > 1


def test_the_same_input_gives_the_same_bytes(write_model):
    path = write_model(metadata=needs_to_metadata(Needs(multiple=8, tile=64, halo=8)))
    batch = picture(150, 130)
    first, second = Session(path, threads=2), Session(path, threads=2)
    expected = first.run(batch).tobytes()
    first.run(picture(64, 32))
    assert first.run(batch).tobytes() == expected
    assert second.run(batch).tobytes() == expected


def test_a_session_loads_nothing_until_it_runs(tmp_path):
    path = tmp_path / "damaged.onnx"
    path.write_bytes(b"no model")
    session = Session(path)
    with pytest.raises(DamagedModel):
        session.run(picture(8, 8))


@pytest.mark.parametrize("damage", [lambda _: b"", lambda _: b"no model", lambda m: m[:-900]])
def test_a_damaged_file_is_one_line(write_model, damage):
    path = write_model()
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DamagedModel, match=r"tiny\.onnx") as caught:
        Session(path).run(picture(8, 8))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"kind": "NoSuchOperator"}, "refuses"),
        ({"takes": (1, 1, "h", "w")}, r"takes \[1, 1"),
        ({"takes": (1, 3, 64, 64)}, r"takes \[1, 3, 64, 64\]"),
        ({"channels": 2}, r"does not turn .* into \(1, 1, 96, 32\)"),
        ({"stride": 2}, r"does not turn .* into \(1, 1, 96, 32\)"),
        ({"metadata": {"nurie.stride": "2"}}, r"does not turn .* into \(1, 1, 48, 16\)"),
        ({"metadata": {"nurie.stride": "5"}}, "metadata make no sense"),
        ({"metadata": {"nurie.halo": "wide"}}, "metadata"),
    ],
)
def test_a_model_that_does_not_fit_is_one_line(write_model, options, says):
    with pytest.raises(DamagedModel, match=says) as caught:
        Session(write_model(**options)).run(picture(70, 20))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UnknownModel, match=r"none\.onnx"):
        Session(tmp_path / "none.onnx")
    with pytest.raises(UnknownModel, match=r"none\.onnx"):
        session_for(tmp_path / "none.onnx")


def test_a_damaged_card_is_found_before_the_first_picture(write_model, make_card, monkeypatch):
    path = write_model()
    monkeypatch.setenv("NURIE_MODELS", str(path.parent))
    card = make_card(path, sha256="0" * 64)
    with pytest.raises(DamagedModel, match="SHA-256"):
        session_for(card)


def test_many_pictures_share_a_session(write_model):
    path = write_model()
    session = session_for(path)
    assert session_for(path, threads=None, device="auto") is session
    assert session_for(path, threads=1) is not session
    assert session_for(path, device="cpu") is not session


def test_a_file_written_anew_is_loaded_anew(write_model):
    path = write_model()
    session = session_for(path)
    os.utime(path, ns=(1, 1))
    assert session_for(path) is not session


@pytest.mark.skipif(
    session_module.CUDA in ort.get_available_providers(), reason="this machine may have CUDA"
)
def test_cuda_that_is_not_there_is_said(write_model):
    with pytest.raises(NurieError, match="CUDA does not start: run nurie doctor"):
        Session(write_model(), device="cuda").run(picture(8, 8))


@pytest.mark.parametrize(
    ("device", "offered", "first"),
    [("auto", True, "CUDA"), ("cuda", True, "CUDA"), ("cpu", True, "CPU"), ("auto", False, "CPU")],
)
def test_the_device_chooses_the_provider(write_model, monkeypatch, device, offered, first):
    asked = []

    def load(path, options, providers):
        asked.extend(providers)
        raise RuntimeError

    offers = [session_module.CUDA] * offered + ["CPUExecutionProvider"]
    monkeypatch.setattr(ort, "get_available_providers", lambda: offers)
    monkeypatch.setattr(ort, "InferenceSession", load)
    with pytest.raises(DamagedModel):
        Session(write_model(), device=device).run(picture(8, 8))
    assert str(asked[0]).count(f"{first}ExecutionProvider") == 1
    assert asked[-1] == "CPUExecutionProvider"


@pytest.mark.parametrize(
    ("device", "offered", "calls"),
    [
        ("auto", True, ["libraries", "network"]),
        ("cuda", True, ["libraries", "network"]),
        ("cpu", True, ["network"]),
        ("auto", False, ["network"]),
    ],
)
def test_cuda_s_libraries_are_loaded_before_the_network(
    write_model, monkeypatch, capsys, device, offered, calls
):
    called = []

    def preload():
        called.append("libraries")
        print("Failed to load libcudnn.so.9")

    def load(path, options, providers):
        called.append("network")
        raise RuntimeError

    offers = [session_module.CUDA] * offered + ["CPUExecutionProvider"]
    monkeypatch.setattr(ort, "get_available_providers", lambda: offers)
    monkeypatch.setattr(ort, "preload_dlls", preload, raising=False)
    monkeypatch.setattr(ort, "InferenceSession", load)
    with pytest.raises(DamagedModel):
        Session(write_model(), device=device).run(picture(8, 8))
    assert called == calls
    out, err = capsys.readouterr()
    assert out == ""
    assert ("libcudnn" in err) == ("libraries" in calls)


def test_an_older_onnx_runtime_finds_its_libraries_by_itself(monkeypatch):
    monkeypatch.delattr(ort, "preload_dlls", raising=False)
    session_module.load_cuda_libraries()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="Linux tells, others do not")
def test_threads_of_one_core_count_once(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 4, 5})
    monkeypatch.setattr(session_module, "_siblings", lambda cpu: f"{cpu % 4},{cpu % 4 + 4}")
    assert physical_cores() == 2


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.name)
def test_every_shipped_file_agrees_with_its_card(card):
    network = ort.InferenceSession(locate(card), providers=["CPUExecutionProvider"])
    metadata = network.get_modelmeta().custom_metadata_map
    assert needs_to_metadata(needs_from_metadata(metadata)) == needs_to_metadata(card)
