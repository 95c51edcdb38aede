from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machines import (
    CPUINFO,
    LAPTOP,
    LOADER,
    MEMINFO,
    NEWEST_SMI,
    NO_CONTACT,
    OLD_DRIVER,
    SMI,
    WORKSTATION,
    troubles,
)
from nurie.runtime.system import Output
from nurie.tasks.doctor.computer import read_cpu, read_memory, read_share
from nurie.tasks.doctor.examination import diagnose
from nurie.tasks.doctor.installation import read_requirement
from nurie.tasks.doctor.nvidia import read_cards, read_cuda, read_driver


@pytest.mark.parametrize("facts", [LAPTOP, WORKSTATION], ids=["laptop", "workstation"])
def test_all_is_well_on_a_healthy_machine(facts):
    assert troubles(facts) == []
    assert all(not found.mend for found in diagnose(facts))


def test_a_laptop_is_described():
    found = {finding.topic: finding.found for finding in diagnose(LAPTOP)}
    assert found["Python"] == "3.12.3 on Linux, x86_64"
    assert found["CPU"] == "12th Gen Intel(R) Core(TM) i7-1260P, AVX2, VNNI"
    assert found["cores"] == "4 for this process, with 8 threads"
    assert found["memory"] == "15.3 GiB, 8.8 GiB of it free"
    assert found["nurie"] == "0.1.0, with all that it needs"
    assert found["extras"] == "data not installed; train not installed"
    assert found["models"] == "whole: lines, color"
    assert found["network on CPU"] == "lines, 512 x 512 pixels in 41.2 ms, 122 MiB of memory"
    assert found["GPU"] == "no NVIDIA GPU: everything runs on the CPU"
    assert "driver" not in found
    assert "'nurie[train]'" in found["torch"]


def test_a_gpu_is_described():
    found = {finding.topic: finding.found for finding in diagnose(WORKSTATION)}
    assert found["GPU 0"] == (
        "NVIDIA GeForce RTX 3090, 23.7 GiB, compute capability 8.6, 23.0 GiB free"
    )
    assert found["driver"].startswith("570.133.07, for CUDA 12.8 and older, /usr/lib")
    assert found["network on CUDA"] == "lines, 512 x 512 pixels in 3.5 ms"
    assert found["CUDA libraries"] == "all that ONNX Runtime loads are found"
    assert found["torch"] == "2.8.0+cu128, built with CUDA 12.8 and cuDNN 9.10.2"
    assert found["torch on cuda:0"] == (
        "a product of 4096 x 4096 bfloat16 in 1.96 ms: 70.1 TFLOP/s, 110 MiB of memory"
    )


MACHINES = (LAPTOP, WORKSTATION, OLD_DRIVER)
TEXTS = st.text() | st.sampled_from([CPUINFO, MEMINFO, SMI, NEWEST_SMI, NO_CONTACT.out, LOADER])


@st.composite
def broken_machines(draw):
    """A machine on which every program may have been stopped anywhere, and files hold anything."""
    facts = draw(st.sampled_from(MACHINES))
    statuses = st.sampled_from([0, 0, 1, -11, -200, None])
    for name in ("driver", "network", "network_cuda", "libraries", "torch"):
        output = getattr(facts, name)
        if output and draw(st.booleans()):
            cut = draw(st.integers(0, len(output.out)))
            facts = replace(facts, **{name: Output(output.out[:cut], draw(TEXTS), draw(statuses))})
    for name in ("nvidia_smi", "gpu_list"):
        output = st.none() | st.builds(Output, TEXTS, TEXTS, statuses)
        facts = replace(facts, **{name: draw(output | st.just(getattr(facts, name)))})
    for name in ("cpu", "memory", "kernel_module"):
        facts = replace(facts, **{name: draw(st.just(getattr(facts, name)) | TEXTS)})
    return replace(
        facts,
        memory_limits=tuple(draw(st.lists(TEXTS, max_size=2))),
        cpu_limits=tuple(draw(st.lists(TEXTS, max_size=2))),
        requirements=draw(st.none() | st.lists(TEXTS, max_size=3).map(tuple)),
        cards=draw(st.sampled_from([None, 0, 1])),
        environment=draw(st.sampled_from([{}, {"CUDA_VISIBLE_DEVICES": ""}])),
    )


@given(broken_machines())
def test_nothing_that_is_recorded_stops_the_doctor(facts):
    findings = diagnose(facts)
    assert findings
    for found in findings:
        assert (found.verdict == "ok") == (found.mend == "")
        assert found.found.isprintable()
        assert found.mend.isprintable()


@given(st.text())
def test_readers_take_any_text(text):
    read_cpu(text)
    read_memory(text, "MemTotal")
    read_share(text)
    read_requirement(text)
    read_cards(text)
    read_driver(text)
    read_cuda(text)
