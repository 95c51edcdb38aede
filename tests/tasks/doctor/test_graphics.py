import signal
from dataclasses import replace

import pytest

from machines import (
    KERNEL,
    LAPTOP,
    NO_CONTACT,
    NO_DRIVER,
    RTX_3090,
    TORCH,
    WORKSTATION,
    of,
    said,
    troubles,
)
from nurie.runtime.system import Output
from nurie.tasks.doctor.examination import diagnose


def test_two_gpus_are_each_described():
    kernels = [KERNEL, {**KERNEL, "device": "cuda:1", "seconds": 0.001}]
    facts = replace(
        WORKSTATION,
        gpu_list=Output(
            "0, NVIDIA GeForce RTX 3090, 570.133.07, 24576, 23585\n"
            "1, NVIDIA RTX A2000 12GB, 570.133.07, 12282, 11900\n"
        ),
        driver=said(
            {"version": 12080},
            {"init": 0},
            {"gpus": [RTX_3090, {**RTX_3090, "name": "NVIDIA RTX A2000 12GB"}]},
        ),
        torch=said(*TORCH, {"kernels": kernels}),
    )
    found = {finding.topic: finding.found for finding in diagnose(facts)}
    assert troubles(facts) == []
    assert found["GPU 0"].startswith("NVIDIA GeForce RTX 3090")
    assert found["GPU 0"].endswith("23.0 GiB free")
    assert found["GPU 1"].startswith("NVIDIA RTX A2000")
    assert found["GPU 1"].endswith("11.6 GiB free")
    assert "137 TFLOP/s" in found["torch on cuda:1"]


def test_a_gpu_without_nvidia_smi_is_seen_all_the_same():
    facts = replace(WORKSTATION, nvidia_smi=None, gpu_list=None)
    assert troubles(facts) == []
    assert of(facts, "GPU 0").found.startswith("NVIDIA GeForce RTX 3090, 23.7 GiB")
    assert of(facts, "driver").found.startswith("570.133.07, for CUDA 12.8")
    assert of(facts, "network on CUDA").verdict == "ok"


MISMATCH = Output(
    "Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 570.133\n",
    status=18,
)


@pytest.mark.parametrize(
    ("smi", "found", "mend"),
    [
        (NO_CONTACT, "couldn't communicate with the NVIDIA driver", "sudo modprobe nvidia"),
        (MISMATCH, "Driver/library version mismatch", "restart the computer: the driver was"),
        (Output("No devices were found\n", status=6), "No devices", "lspci"),
        (
            Output("Failed to initialize NVML: Insufficient Permissions\n", status=4),
            "Insufficient Permissions",
            "/dev/nvidia*",
        ),
        (Output("Failed to initialize NVML: Unknown Error\n", status=255), "Unknown", "container"),
        (Output(status=None), "it did not end within 60 s", "restart the computer"),
        (Output(err="Permission denied", status=127), "Permission denied", "install the driver"),
    ],
)
def test_an_nvidia_smi_that_fails_is_a_fault(smi, found, mend):
    facts = replace(
        WORKSTATION,
        nvidia_smi=smi,
        gpu_list=smi,
        kernel_module="",
        driver=said({"version": 12080}, {"init": 999}),
        network_cuda=None,
        torch=None,
    )
    fault = of(facts, "GPU")
    assert fault.verdict == "fault"
    assert fault.found.startswith("nvidia-smi fails: ")
    assert found in fault.found
    assert mend in fault.mend
    assert "\n" not in fault.found


def test_a_list_of_gpus_that_fails_is_what_is_told():
    facts = replace(WORKSTATION, gpu_list=Output(status=None), driver=said({"init": 999}))
    found = of(facts, "GPU")
    assert (found.verdict, found.found) == (
        "fault",
        "nvidia-smi fails: it did not end within 60 s",
    )


def test_a_driver_without_a_card_may_be_nothing():
    facts = replace(LAPTOP, nvidia_smi=NO_CONTACT, gpu_list=NO_CONTACT)
    found = of(facts, "GPU")
    assert found.verdict == "warning"
    assert found.mend.startswith("nothing, if there is no card")
    # Where the bus can't be looked at, the driver is believed.
    assert of(replace(facts, cards=None), "GPU").verdict == "fault"


def test_a_card_without_a_driver_is_a_warning():
    found = of(replace(LAPTOP, cards=1), "GPU")
    assert found.verdict == "warning"
    assert "install NVIDIA's driver" in found.mend
    assert "--gpus all" in found.mend


@pytest.mark.parametrize(
    ("driver", "found", "mend"),
    [
        (said({"missing": NO_DRIVER}), "libcuda.so.1", "NVIDIA_DRIVER_CAPABILITIES"),
        (said({"version": 12080}, {"init": 34}), "status 34", "'stubs'"),
        (said({"version": 12080}, {"init": 802}), "status 802", "fabricmanager"),
        (said({"version": 12080}, {"init": 803}), "status 803", "restart"),
        (said({"version": 12080}, {"init": 804}), "status 804", "'compat'"),
        (said({"version": 12080}, {"init": 999}), "status 999", "nvidia_uvm"),
        (said({"version": 12080}, {"init": 100}), "status 100", "container"),
        (said({"version": 12080}, status=-signal.SIGSEGV), "SIGSEGV", "restart"),
        (said({"version": 12080}, status=None), "did not end", "restart"),
    ],
)
def test_a_gpu_that_cuda_does_not_start_is_a_fault(driver, found, mend):
    facts = replace(WORKSTATION, driver=driver, network_cuda=None, torch=None)
    fault = of(facts, "GPU")
    assert fault.verdict == "fault"
    assert fault.found.startswith("NVIDIA GeForce RTX 3090, but ")
    assert found in fault.found
    assert mend in fault.mend


def test_a_driver_s_library_without_nvidia_smi_is_a_driver():
    driver = said({"version": 12080}, {"init": 100})
    found = of(replace(LAPTOP, cards=1, driver=driver), "GPU")
    assert (found.verdict, found.found) == (
        "fault",
        "an NVIDIA card, but CUDA does not start (status 100 of cuInit)",
    )
    hidden = replace(LAPTOP, cards=1, driver=driver, environment={"CUDA_VISIBLE_DEVICES": ""})
    assert of(hidden, "GPU").verdict == "warning"


@pytest.mark.parametrize("value", ["", "-1"])
def test_a_hidden_gpu_is_a_warning(value):
    facts = replace(
        WORKSTATION,
        environment={"CUDA_VISIBLE_DEVICES": value},
        driver=said({"version": 12080}, {"init": 100}),
        network_cuda=None,
        torch=None,
    )
    found = of(facts, "GPU")
    assert found.verdict == "warning"
    assert f"CUDA_VISIBLE_DEVICES={value!r}" in found.found
    assert found.mend == "unset CUDA_VISIBLE_DEVICES"
