from dataclasses import replace

import pytest

from machines import (
    BASE,
    NEWEST_SMI,
    NO_CONTACT,
    OLD_DRIVER,
    OLD_SMI,
    ON_CPU,
    RTX_3090,
    SMI,
    TORCH,
    WORKSTATION,
    of,
    said,
    troubles,
)
from nurie.runtime.system import Output
from nurie.tasks.doctor.nvidia import read_cards, read_cuda, read_driver


def test_a_driver_that_is_too_old_is_a_fault():
    assert troubles(OLD_DRIVER) == [("fault", "network on CUDA"), ("fault", "torch")]
    torch, network = of(OLD_DRIVER, "torch"), of(OLD_DRIVER, "network on CUDA")
    assert "too new for driver 470.82.01, which runs CUDA 11.4 and older" in torch.found
    assert torch.mend == (
        "update the NVIDIA driver to one for CUDA 12 (525.60.13 or newer on Linux), "
        "or install torch built with CUDA 11"
    )
    assert "built with CUDA 12.8, too new for driver 470.82.01" in network.found
    assert "525.60.13" in network.mend


@pytest.mark.parametrize(
    ("driver", "cuda", "verdict"),
    [
        ("450.80.02", "11.8", "ok"),
        ("450.51.06", "11.8", "fault"),
        ("525.60.13", "12.8", "ok"),
        ("525.60.11", "12.8", "fault"),
        ("580.65.06", "13.0", "ok"),
        ("575.64.03", "13.0", "fault"),
        ("610.57.04", "11.8", "ok"),
        ("610.57.04", "14.0", "ok"),  # nobody can know yet; the run decides
    ],
)
def test_the_driver_s_version_tells_where_cuda_does_not(driver, cuda, verdict):
    facts = replace(
        WORKSTATION,
        nvidia_smi=Output(f"| NVIDIA-SMI {driver}    Driver Version: {driver} |"),
        gpu_list=Output(f"0, NVIDIA GeForce RTX 3090, {driver}, 24268, 24001\n"),
        driver=said({"init": 0}, {"gpus": [RTX_3090]}),
        torch=said({**TORCH[0], "cuda": cuda}, {"kernels": []}),
    )
    assert of(facts, "torch").verdict == verdict


def test_a_driver_that_runs_no_build_comes_first():
    facts = replace(
        WORKSTATION,
        nvidia_smi=Output(OLD_SMI.replace("470.82.01", "390.157").replace("11.4", "9.1")),
        gpu_list=Output("0, GeForce GTX 960, 390.157, 4040, 3900\n"),
        driver=said({"version": 9010}, {"init": 0}, {"gpus": [{**RTX_3090, "capability": "5.2"}]}),
        installed=BASE,
        network=said(*ON_CPU),
        network_cuda=None,
        torch=said({"version": "2.8.0+cpu", "cuda": None, "hip": None}, {"kernels": []}),
    )
    for topic in ("ONNX Runtime", "torch"):
        assert of(facts, topic).mend.startswith(
            "update the NVIDIA driver to one for CUDA 12 (525.60.13 or newer on Linux), then "
        )


@pytest.mark.parametrize(
    ("text", "driver", "cuda"),
    [
        (SMI, "570.133.07", (12, 8)),
        (NEWEST_SMI, "610.57.04", (13, 3)),
        (OLD_SMI, "470.82.01", (11, 4)),
        ("| NVIDIA-SMI 390.157    Driver Version: 390.157    |", "390.157", None),
        ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.161.07  Sat", "535.161.07", None),
        (
            "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build",
            "580.65.06",
            None,
        ),
        (NO_CONTACT.out, "", None),
    ],
)
def test_versions_of_drivers_are_read(text, driver, cuda):
    assert (read_driver(text), read_cuda(text)) == (driver, cuda)


def test_lists_of_gpus_are_read():
    unified = "0, NVIDIA GB10, 580.95.05, [N/A], [N/A]\n"
    assert [(card.name, card.memory) for card in read_cards(unified)] == [("NVIDIA GB10", None)]
    for text in (NO_CONTACT.out, "1\n", "a, b, c, d, e\n"):
        assert read_cards(text) == ()
