import io
import json
import platform

import pytest
from rich.console import Console

from nurie.cli.doctor import as_table
from nurie.runtime.registry import cards
from nurie.tasks.doctor.findings import Finding

FAULT = Finding(
    "CUDA libraries",
    "fault",
    "ONNX Runtime does not find libcublasLt.so.12, libcudnn.so.9, so it draws without the GPU",
    "export LD_LIBRARY_PATH=" + ":".join(f"/opt/venv/nvidia/{name}/lib" for name in "abcdefgh"),
)
WARNING = Finding("disk", "warning", "only 90 MiB free in '[red]'", "free some space")
FINE = Finding("models", "ok", "whole: lines, color")


def test_this_machine_is_described_in_a_table(nurie):
    ran = nurie("doctor")
    lines = ran.out.decode().splitlines()
    assert ran.err == ""
    assert ran.status == (0 if lines[-1].startswith("faults: 0,") else 1)
    assert b"\x1b" not in ran.out
    assert any(platform.python_version() in line and line.startswith("ok") for line in lines)
    for topic in ("CPU", "cores", "memory", "disk", "network on CPU", "GPU", "torch"):
        assert any(topic in line for line in lines)


@pytest.mark.skipif(not cards(), reason="no model is shipped yet")
def test_a_damaged_model_is_a_fault_in_json(nurie, here, monkeypatch):
    (here / cards()[0].file).write_bytes(b"no model")
    monkeypatch.setenv("NURIE_MODELS", str(here))
    ran = nurie("doctor", "--json")
    told = json.loads(ran.out)
    verdicts = [finding["verdict"] for finding in told["findings"]]
    assert (ran.status, ran.err) == (1, "")
    assert (told["faults"], told["warnings"]) == (
        verdicts.count("fault"),
        verdicts.count("warning"),
    )
    (fault,) = [f for f in told["findings"] if f["topic"] == "models" and f["verdict"] == "fault"]
    assert "damaged" in fault["found"]
    assert "NURIE_MODELS" in fault["mend"]
    assert {"topic", "verdict", "found", "mend"} == set(fault)


@pytest.mark.parametrize(
    ("findings", "status"),
    [([FINE], 0), ([FINE, WARNING], 0), ([WARNING, FAULT, FAULT], 1)],
)
@pytest.mark.parametrize("arguments", [["doctor"], ["doctor", "--json"]])
def test_only_a_fault_is_a_failure(nurie, monkeypatch, findings, status, arguments):
    monkeypatch.setattr("nurie.cli.doctor.examine", lambda: findings)
    assert nurie(*arguments).status == status


def test_a_table_fits_a_narrow_terminal():
    out = io.StringIO()
    Console(file=out, width=80, markup=False).print(as_table([FINE, WARNING, FAULT]))
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert all(len(line) <= 80 for line in lines)
    assert lines[0] == "ok       models          whole: lines, color"
    assert lines[1].endswith("only 90 MiB free in '[red]'")
    assert lines[2].endswith("mend: free some space")
    # A path that is broken over lines is still all there.
    assert FAULT.mend.replace(" ", "") in "".join("".join(lines[3:]).split())
