import json
import os
import signal
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurie.runtime import trials
from nurie.runtime.system import Output
from nurie.runtime.trials import attempt, told


def test_later_words_of_a_trial_replace_earlier_ones():
    output = Output('{"a": 1, "b": 2}\nnoise\n{"b": 3}\n[4]\n{"c": ')
    assert told(output) == {"a": 1, "b": 3}
    assert told(None) == {}


@given(st.text() | st.just("[" * 100_000))
def test_noise_tells_nothing(text):
    assert isinstance(told(Output(text)), dict)


# The network


def test_the_network_is_run_on_the_cpu():
    said = told(attempt("network", "cpu"))
    assert "error" not in said
    assert "CPUExecutionProvider" in said["providers"]
    assert said["seconds"] > 0
    if sys.platform == "linux":
        # numpy, ONNX Runtime and the network; not what this process, which started it, holds.
        assert 30 << 20 < said["memory"] < 1 << 30
        assert 1 <= said["cores"] <= len(os.sched_getaffinity(0))


def test_a_damaged_model_is_the_last_word(tmp_path, monkeypatch):
    (tmp_path / "lines.onnx").write_bytes(b"cut off")
    monkeypatch.setenv("NURIE_MODELS", str(tmp_path))
    said = told(attempt("network", "cpu"))
    assert said["version"]
    assert said["error"].startswith("DamagedModel: ")
    assert "seconds" not in said


def test_files_of_the_working_folder_are_not_taken_for_packages(tmp_path, monkeypatch):
    (tmp_path / "onnxruntime.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    assert told(attempt("network", "cpu"))["version"]


# torch


def test_a_torch_that_crashes_ends_its_own_process_alone(tmp_path, monkeypatch):
    code = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    (tmp_path / "torch.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    assert attempt("torch") == Output(status=-signal.SIGSEGV)


def test_a_torch_that_does_not_load_says_why(tmp_path, monkeypatch):
    (tmp_path / "torch.py").write_text("raise OSError('libcudnn.so.9: cannot open')")
    monkeypatch.syspath_prepend(tmp_path)
    assert told(attempt("torch")) == {"error": "OSError: libcudnn.so.9: cannot open"}


def test_torch_is_tried_where_it_is_installed():
    torch = pytest.importorskip("torch")
    said = told(attempt("torch"))
    assert said["version"] == torch.__version__
    assert said["kernels"]
    assert all(kernel["seconds"] > 0 for kernel in said["kernels"])
    assert said["trying"] is None


def test_a_device_that_computes_wrongly_is_found_out():
    torch = pytest.importorskip("torch")
    wrong = SimpleNamespace(conv2d=lambda picture, kernel: picture + 7.5)
    broken = SimpleNamespace(ones=torch.ones, nn=SimpleNamespace(functional=wrong))
    with pytest.raises(RuntimeError, match="wrong"):
        trials.try_kernels(broken, "cpu")  # pyright: ignore[reportArgumentType]


# The driver's library


def test_a_library_that_is_missing_is_told():
    said = told(attempt("driver"))
    assert ("missing" in said) != ("init" in said)


class Driver:
    """A driver's library with two GPUs, as ctypes would call it."""

    def __init__(self, init=0):
        self.init = init

    def cuDriverGetVersion(self, number):
        number._obj.value = 12040
        return 0

    def cuInit(self, flags):
        return self.init

    def cuDeviceGetCount(self, number):
        number._obj.value = 2
        return 0

    def cuDeviceGet(self, device, index):
        device._obj.value = index

    def cuDeviceGetName(self, name, length, device):
        name.value = f"GPU {device.value}".encode()

    def cuDeviceTotalMem_v2(self, memory, device):
        memory._obj.value = (device.value + 1) << 34

    def cuDeviceGetAttribute(self, number, attribute, device):
        number._obj.value = {75: 8, 76: 9}[attribute]


def test_the_driver_is_asked_for_its_gpus():
    version, init, gpus = trials.ask_driver(Driver())
    assert (version, init) == ({"version": 12040}, {"init": 0})
    assert gpus == {
        "gpus": [
            {"name": "GPU 0", "memory": 1 << 34, "capability": "8.9"},
            {"name": "GPU 1", "memory": 2 << 34, "capability": "8.9"},
        ]
    }
    assert json.dumps(gpus)


def test_a_driver_that_does_not_start_is_asked_no_more():
    assert list(trials.ask_driver(Driver(init=803))) == [{"version": 12040}, {"init": 803}]


# CUDA's libraries


def test_libraries_are_named_by_the_version_of_cuda():
    assert {"libcublas.so.12", "libcufft.so.11", "libcudnn.so.9"} < set(trials.cuda_libraries(12))
    assert {"libcudart.so.13", "libcufft.so.12", "libcudnn.so.9"} < set(trials.cuda_libraries(13))
    assert {"libcudart.so.11.0", "libcudnn.so.8"} < set(trials.cuda_libraries(11))


def test_libraries_of_pip_are_found(tmp_path, monkeypatch):
    folder = tmp_path / "nvidia" / "cudnn" / "lib"
    folder.mkdir(parents=True)
    (folder / "libnurie-test.so.9").write_bytes(b"")
    monkeypatch.syspath_prepend(tmp_path)
    assert trials.find_library("libnurie-test.so.9") == str(folder)
    assert trials.find_library("libnurie-test.so.8") == ""
