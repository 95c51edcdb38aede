import signal
from dataclasses import replace

import pytest

from machines import KERNEL, LAPTOP, RTX_3090, TORCH, WORKSTATION, of, said, troubles
from nurie.runtime.system import Output


def test_torch_without_cuda_leaves_the_gpu_idle():
    kernel = {
        "device": "cpu", "side": 1024, "kind": "float32", "seconds": 0.01, "threads": 8,
    }  # fmt: skip
    torch = said({"version": "2.8.0+cpu", "cuda": None, "hip": None}, {"kernels": [kernel]})
    facts = replace(WORKSTATION, torch=torch)
    found = of(facts, "torch")
    assert found.verdict == "warning"
    assert found.found.startswith("2.8.0+cpu, built without CUDA")
    # What pip installs unasked is for CUDA 13, which this driver does not run.
    assert found.mend == "pip uninstall -y torch, then install torch built with CUDA 12"
    newer = replace(facts, driver=said({"version": 13000}, {"gpus": [RTX_3090]}))
    assert of(newer, "torch").mend == "pip uninstall -y torch, then pip install torch"
    windows = replace(newer, system="Windows")
    assert of(windows, "torch").mend.endswith("install torch built with CUDA 13")
    assert of(facts, "torch on cpu").found.endswith("215 GFLOP/s, threads 8")
    # Without a GPU it is just the right one.
    assert of(replace(LAPTOP, torch=torch), "torch").verdict == "ok"


def test_a_torch_that_crashes_is_a_fault():
    facts = replace(WORKSTATION, torch=Output(status=-signal.SIGSEGV))
    found = of(facts, "torch")
    assert found.verdict == "fault"
    assert found.found == "it can't be loaded: it crashed (SIGSEGV)"
    assert found.mend == "pip install --force-reinstall torch"


@pytest.mark.parametrize(
    ("torch", "environment", "found", "mend"),
    [
        (
            said({"error": "OSError: libcudnn.so.9: cannot open shared object file"}),
            {},
            "libcudnn.so.9",
            "pip install --force-reinstall torch",
        ),
        (
            said({"error": "ImportError: libcusparse.so.12: undefined symbol: __nvJitLink"}),
            {"LD_LIBRARY_PATH": "/usr/local/cuda-12.1/lib64"},
            "undefined symbol",
            "out of LD_LIBRARY_PATH",
        ),
        (Output(status=-signal.SIGILL), {}, "SIGILL", "install another version of torch"),
        (Output(status=None), {}, "did not end within 60 s", "try again"),
    ],
)
def test_a_torch_that_does_not_load_is_a_fault(torch, environment, found, mend):
    fault = of(replace(WORKSTATION, torch=torch, environment=environment), "torch")
    assert fault.verdict == "fault"
    assert found in fault.found
    assert mend in fault.mend


def test_a_crash_keeps_what_was_said_before():
    torch = said(*TORCH, {"trying": "cuda:0"}, status=-signal.SIGSEGV)
    facts = replace(WORKSTATION, torch=torch)
    assert of(facts, "torch").verdict == "ok"
    found = of(facts, "torch on cuda:0")
    assert (found.verdict, found.found) == ("fault", "it crashed (SIGSEGV)")


def test_a_crash_before_the_first_kernel_is_a_fault():
    facts = replace(WORKSTATION, torch=said(TORCH[0], status=-signal.SIGABRT))
    assert troubles(facts) == [("fault", "torch")]


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        (
            "CUDA error: no kernel image is available for execution on the device",
            "capability 8.6; this one has sm_70, sm_75",
        ),
        ("CUDA out of memory. Tried to allocate 32.00 MiB.", "nvidia-smi lists it"),
        ("cuDNN error: CUDNN_STATUS_NOT_INITIALIZED", "--force-reinstall torch"),
        ("a convolution came out wrong", "--force-reinstall torch"),
    ],
)
def test_a_kernel_that_fails_is_a_fault(error, mend):
    torch = said(*TORCH, {"kernels": [{"device": "cuda:0", "error": error}], "trying": None})
    found = of(replace(WORKSTATION, torch=torch), "torch on cuda:0")
    assert (found.verdict, found.found) == ("fault", error)
    assert mend in found.mend


def test_another_cudnn_than_torch_was_built_with_is_a_fault():
    error = (
        "cuDNN version incompatibility: PyTorch was compiled against (9, 10, 2) but found (8, 9)"
    )
    facts = replace(
        WORKSTATION,
        torch=said(TORCH[0], {"cudnn_error": error}, {"kernels": [KERNEL]}),
        environment={"LD_LIBRARY_PATH": "/opt/cudnn8/lib"},
    )
    found = of(facts, "torch")
    assert found.verdict == "fault"
    assert "compiled against (9, 10, 2)" in found.found
    assert "LD_LIBRARY_PATH" in found.mend


def test_a_torch_that_finds_no_gpu_where_there_is_one_is_a_fault():
    torch = said(*TORCH[:2], {"cuda_error": "CUDA unknown error"}, {"kernels": []})
    found = of(replace(WORKSTATION, torch=torch), "torch on CUDA")
    assert found.verdict == "fault"
    assert "CUDA unknown error" in found.found


def test_torch_for_cuda_on_a_machine_without_is_no_fault():
    torch = said(*TORCH[:2], {"cuda_error": "Found no NVIDIA driver"}, {"kernels": []})
    facts = replace(LAPTOP, torch=torch)
    assert troubles(facts) == []
    assert "which nothing here can run" in of(facts, "torch").found


def test_torch_may_run_where_nothing_else_does():
    kernel = {"device": "mps", "side": 1024, "kind": "float32", "seconds": 0.0008}
    torch = said({"version": "2.8.0", "cuda": None, "hip": None}, {"kernels": [kernel]})
    facts = replace(LAPTOP, system="Darwin", machine="arm64", cards=None, torch=torch)
    assert troubles(facts) == []
    assert of(facts, "GPU").found == "no NVIDIA GPU: everything but torch runs on the CPU"
    assert of(facts, "torch on mps").found.endswith("2.68 TFLOP/s")
