import json
import os
import platform
import sys

from nurie.runtime import control_groups
from nurie.runtime import facts as facts_module
from nurie.runtime.facts import gather
from nurie.runtime.system import Output


def test_facts_are_gathered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    # Each trial has its own test; here they only take time.
    monkeypatch.setattr(facts_module, "attempt", lambda *_: Output())
    facts = gather("0.1.0")
    assert facts.version == "0.1.0"
    assert (facts.system, facts.python) == (platform.system(), sys.version_info[:3])
    assert facts.installed["numpy"]
    assert [model.trouble for model in facts.models] == ["" for _ in facts.models]
    assert {space.what for space in facts.spaces} == {"working folder", "temporary folder"}
    assert facts.spaces[0].folder == str(tmp_path)
    assert all(space.free for space in facts.spaces)
    assert facts.environment["CUDA_VISIBLE_DEVICES"] == ""
    if facts.system == "Linux":
        assert facts.threads == len(os.sched_getaffinity(0))
        assert "MemTotal" in facts.memory


def test_a_working_folder_that_is_gone_is_no_error(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    monkeypatch.setattr(facts_module, "attempt", lambda *_: Output())
    assert gather("0.1.0").spaces[0].free is None
    monkeypatch.chdir(tmp_path)


def test_a_system_without_proc_has_its_facts_too(monkeypatch):
    monkeypatch.setattr(facts_module, "attempt", lambda *_: Output())
    for module in (facts_module, control_groups):
        monkeypatch.setattr(module, "text_of", lambda path: "")
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    facts = gather("0.1.0")
    assert facts.threads == os.cpu_count()
    assert facts.memory.startswith("MemTotal: ")
    monkeypatch.delattr(os, "sysconf")  # as on Windows
    assert gather("0.1.0").memory == ""


def test_nvidia_smi_is_asked_where_there_is_one(tmp_path, monkeypatch):
    smi = tmp_path / "nvidia-smi"
    smi.write_text('#!/bin/sh\necho "$@"\nexit 9\n')
    smi.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(facts_module, "attempt", lambda *_: Output())
    facts = gather("0.1.0")
    assert facts.nvidia_smi == Output("\n", status=9)
    assert facts.gpu_list is not None
    assert "memory.total" in facts.gpu_list.out


def test_a_hung_nvidia_smi_is_not_asked_again(monkeypatch):
    asked = []

    def hang(command):
        asked.append(command)
        return Output(status=None)

    monkeypatch.setattr(facts_module, "attempt", lambda *_: Output())
    monkeypatch.setattr(facts_module, "run", hang)
    monkeypatch.setattr(facts_module.shutil, "which", lambda name, **_: name)
    assert gather("0.1.0").gpu_list is None
    assert asked == [["nvidia-smi"]]


def test_a_gpu_is_tried_where_there_is_one(monkeypatch):
    asked = []

    def answer(*trial):
        asked.append(trial)
        said = {"driver": {"gpus": [{}]}, "network": {"providers": ["CUDAExecutionProvider"]}}
        return Output(json.dumps(said.get(trial[0], {})))

    monkeypatch.setattr(facts_module, "attempt", answer)
    gather("0.1.0")
    assert ("network", "cuda") in asked
    assert (("libraries",) in asked) == (sys.platform == "linux")
