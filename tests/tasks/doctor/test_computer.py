from dataclasses import replace

import pytest

from machines import CPUINFO, LAPTOP, MEMINFO, of, troubles
from nurie.runtime.facts import Space
from nurie.tasks.doctor.computer import read_cpu, read_share
from nurie.tasks.doctor.examination import diagnose


def test_an_old_python_is_a_fault():
    found = of(replace(LAPTOP, python=(3, 9, 18)), "Python")
    assert (found.verdict, found.mend) == ("fault", "use Python 3.10 or newer")


def test_a_processor_without_avx2_is_slow():
    found = of(replace(LAPTOP, cpu=CPUINFO.replace("avx2 ", "")), "CPU")
    assert found.verdict == "warning"
    assert "virtual machine" in found.mend


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CPUINFO, ("12th Gen Intel(R) Core(TM) i7-1260P", ("AVX2", "VNNI"))),
        ("processor\t: 0\nFeatures\t: fp asimd bf16 sve\n", ("", ("bf16", "NEON", "SVE"))),
        (
            "machdep.cpu.brand_string: Apple M2\nhw.optional.neon: 1\nhw.optional.avx512f: 0\n"
            "hw.optional.arm.FEAT_BF16: 1\n",
            ("Apple M2", ("bf16", "NEON")),
        ),
        (
            "machdep.cpu.features: FPU AVX1.0\nmachdep.cpu.leaf7_features: BMI1 AVX2\n"
            "machdep.cpu.brand_string: Intel(R) Core(TM) i5\n",
            ("Intel(R) Core(TM) i5", ("AVX2",)),
        ),
        ("Intel64 Family 6 Model 151", ("Intel64 Family 6 Model 151", None)),
        ("", ("", None)),
    ],
)
def test_processors_are_read(text, expected):
    assert read_cpu(text) == expected


def test_a_processor_that_nobody_describes_is_no_trouble():
    facts = replace(LAPTOP, cpu="", machine="AMD64", memory="", memory_limits=(), threads=None)
    assert troubles(facts) == []
    assert of(facts, "CPU").found.startswith("AMD64; this system does not tell")
    assert of(facts, "memory").found == "this system does not tell"


def test_a_container_with_little_memory_is_a_warning():
    found = of(replace(LAPTOP, memory_limits=("536870912", "max")), "memory")
    assert found.verdict == "warning"
    assert found.found.startswith(
        "512 MiB for this process's control group, of the machine's 15.3 GiB"
    )
    assert found.mend == "allow the container or service at least 1 GiB of memory"


def test_a_limit_that_leaves_enough_is_told():
    found = of(replace(LAPTOP, memory_limits=("max", "4294967296")), "memory")
    assert found.verdict == "ok"
    assert found.found.startswith("4.0 GiB for this process's control group")


def test_a_limit_above_what_there_is_is_none():
    facts = replace(LAPTOP, memory_limits=("9223372036854771712",))
    assert of(facts, "memory") == of(LAPTOP, "memory")


def test_other_programs_may_hold_the_memory():
    memory = MEMINFO.replace(" 9204512", "  404512")
    found = of(replace(LAPTOP, memory=memory), "memory")
    assert (found.verdict, found.mend) == ("warning", "end other programs")


def test_a_container_with_little_time_needs_fewer_threads():
    found = of(replace(LAPTOP, cpu_limits=("max 100000", "250000 100000")), "cores")
    assert found.verdict == "warning"
    assert "the time of 2.5 only" in found.found
    assert "--threads 2" in found.mend


@pytest.mark.parametrize(
    ("text", "share"),
    [("200000 100000", 2), ("50000 100000", 0.5), ("max 100000", None), ("-1 100000", None)],
)
def test_shares_of_time_are_read(text, share):
    assert read_share(text) == share


def test_a_full_disk_is_a_warning():
    spaces = (
        Space("working folder", "/srv", 90 << 20),
        Space("temporary folder", "/var/tmp", None),
    )
    work, temporary = [found for found in diagnose(replace(LAPTOP, spaces=spaces))
                       if found.topic == "disk"]  # fmt: skip
    assert (work.verdict, temporary.verdict) == ("warning", "warning")
    assert "90 MiB free in the working folder /srv" in work.found
    assert work.mend == "free some space"
    assert "TMPDIR" in temporary.mend
