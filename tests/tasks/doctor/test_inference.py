import signal
from dataclasses import replace

import pytest

from machines import (
    BASE,
    LAPTOP,
    LOADER,
    NO_CUDA,
    OLD_DRIVER,
    ON_CPU,
    ON_GPU,
    RTX_3090,
    WORKSTATION,
    of,
    said,
    troubles,
)
from nurie.runtime.system import Output

FELL_BACK = said(ON_GPU, NO_CUDA, err=LOADER)
CUDNN = "/opt/venv/lib/python3.12/site-packages/nvidia/cudnn/lib"


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (said({"error": "ImportError: DLL load failed"}), "ImportError: DLL load failed"),
        (Output(status=-signal.SIGILL), "it crashed (SIGILL)"),
        (Output(err="Traceback\nMemoryError\n", status=1), "MemoryError"),
        (Output(status=3), "it ended with status 3"),
        (Output(status=None), "it did not end within 60 s"),
    ],
)
def test_a_runtime_that_does_not_load_is_a_fault(network, reason):
    found = of(replace(LAPTOP, network=network), "ONNX Runtime")
    assert found.verdict == "fault"
    assert found.found == f"it can't be loaded: {reason}"
    assert found.mend == "pip install --force-reinstall onnxruntime"


def test_a_network_that_does_not_run_is_a_fault():
    network = said(*ON_CPU[:2], {"error": "DamagedModel: lines.onnx: ONNX Runtime refuses it"})
    found = of(replace(LAPTOP, network=network), "network on CPU")
    assert found.verdict == "fault"
    assert "refuses it" in found.found
    assert "--force-reinstall nurie" in found.mend


def test_a_runtime_without_cuda_leaves_the_gpu_idle():
    facts = replace(WORKSTATION, installed=BASE, network=said(*ON_CPU), network_cuda=None)
    found = of(facts, "ONNX Runtime")
    assert found.verdict == "warning"
    assert "without CUDA" in found.found
    # The driver runs CUDA 12; what is newest is built with CUDA 13.
    assert found.mend == (
        "pip uninstall -y onnxruntime, then pip install 'onnxruntime-gpu[cuda,cudnn]<1.27'"
    )
    newer = replace(facts, driver=said({"version": 13000}, {"gpus": [RTX_3090]}))
    assert of(newer, "ONNX Runtime").mend.endswith("'onnxruntime-gpu[cuda,cudnn]'")


def test_both_packages_are_removed_for_the_one_that_won_may_be_the_wrong_one():
    facts = replace(WORKSTATION, network=said(*ON_CPU), network_cuda=None)
    mend = of(facts, "ONNX Runtime").mend
    assert mend.startswith("pip uninstall -y onnxruntime onnxruntime-gpu, then pip install")


def test_a_runtime_for_cuda_13_has_an_older_package():
    network = said({**ON_GPU, "version": "1.31.1", "cuda": "13.0"}, *ON_CPU[1:])
    failed = said(NO_CUDA)
    found = of(replace(WORKSTATION, network=network, network_cuda=failed), "network on CUDA")
    assert found.verdict == "fault"
    assert "580.65.06" in found.mend
    assert found.mend.endswith("or pip install 'onnxruntime-gpu[cuda,cudnn]<1.27'")
    older = replace(OLD_DRIVER, network=network)  # which runs no CUDA 12 either
    assert "pip install" not in of(older, "network on CUDA").mend


def test_a_library_off_the_search_path_is_a_fault():
    libraries = said({"missing": {"libcudnn.so.9": CUDNN}})
    facts = replace(WORKSTATION, network_cuda=FELL_BACK, libraries=libraries)
    found = of(facts, "CUDA libraries")
    assert troubles(facts) == [("fault", "CUDA libraries")]
    assert "does not find libcudnn.so.9" in found.found
    assert found.mend == f"export LD_LIBRARY_PATH={CUDNN}"
    before = replace(facts, environment={"LD_LIBRARY_PATH": "/opt/lib"})
    assert of(before, "CUDA libraries").mend.endswith(f"{CUDNN}:$LD_LIBRARY_PATH")


def test_a_library_that_is_nowhere_is_installed():
    missing = {"libcublas.so.12": "/usr/local/cuda/lib64", "libcudnn.so.9": ""}
    facts = replace(WORKSTATION, network_cuda=FELL_BACK, libraries=said({"missing": missing}))
    assert of(facts, "CUDA libraries").mend == (
        "pip install 'onnxruntime-gpu[cuda,cudnn]==1.23.2', then nurie doctor; "
        "export LD_LIBRARY_PATH=/usr/local/cuda/lib64"
    )


def test_the_loader_names_a_library_that_nobody_thought_of():
    err = LOADER.replace("libcudnn.so.9", "libnvrtc.so.12")
    network = said(ON_GPU, NO_CUDA, err=err)
    facts = replace(WORKSTATION, network_cuda=network, libraries=said({"missing": {}}))
    found = of(facts, "CUDA libraries")
    assert found.verdict == "fault"
    assert "libnvrtc.so.12" in found.found


def test_a_library_that_a_run_did_without_is_no_fault():
    missing = said({"missing": {"libcufft.so.11": ""}})
    assert troubles(replace(WORKSTATION, libraries=missing)) == []


def test_a_network_that_fails_on_the_gpu_is_a_fault():
    network = said(ON_GPU, status=-signal.SIGSEGV)
    found = of(replace(WORKSTATION, network_cuda=network), "network on CUDA")
    assert found.verdict == "fault"
    assert "SIGSEGV" in found.found
    assert "--device cpu" in found.mend


def test_onnx_runtime_says_itself_why_cuda_does_not_start():
    err = (
        "*************** EP Error ***************\n"
        "EP Error CUDA failure 2: out of memory ; GPU=0 ; hostname=studio when using "
        "[('CUDAExecutionProvider', {}), 'CPUExecutionProvider']\n"
        "Falling back to ['CPUExecutionProvider'] and retrying.\n"
    )
    facts = replace(WORKSTATION, network_cuda=said(ON_GPU, NO_CUDA, err=err))
    assert of(facts, "network on CUDA").found == (
        "lines does not run: CUDA failure 2: out of memory ; GPU=0 ; hostname=studio"
    )
