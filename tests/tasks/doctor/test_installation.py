from dataclasses import replace

import pytest

from machines import BASE, LAPTOP, of, troubles
from nurie.runtime.facts import Model
from nurie.tasks.doctor.examination import diagnose
from nurie.tasks.doctor.installation import read_requirement


def test_extras_are_complete_or_not():
    with_data = {**BASE, "scipy": "1.14.0", "torch": "2.5.1", "onnx": "1.17.0"}
    facts = replace(LAPTOP, installed=with_data)
    assert of(facts, "extras").found == "data installed; train lacks torch 2.6"
    facts = replace(LAPTOP, installed={**with_data, "torch": "2.6.0+cu124"})
    assert of(facts, "extras").found == "data installed; train installed"
    without_data = {name: version for name, version in facts.installed.items() if name != "scipy"}
    facts = replace(LAPTOP, installed={**without_data})
    assert of(facts, "extras").found == "data not installed; train lacks data"


def test_a_package_that_nurie_lacks_is_a_fault():
    found = of(replace(LAPTOP, installed={"numpy": "1.24.4", "onnxruntime": "1.23.2"}), "nurie")
    assert found.verdict == "fault"
    assert found.found == "0.1.0 lacks numpy, connected-components-3d"
    assert found.mend == "pip install 'numpy>=1.26' 'connected-components-3d>=3.14'"


def test_any_build_of_onnx_runtime_will_do():
    installed = {name: version for name, version in BASE.items() if name != "onnxruntime"}
    installed["onnxruntime-gpu"] = "1.23.2"
    assert of(replace(LAPTOP, installed=installed), "nurie").verdict == "ok"


def test_a_source_tree_is_not_checked():
    facts = replace(LAPTOP, requirements=None, installed={})
    assert troubles(facts) == []
    assert "run from its source" in of(facts, "nurie").found


def test_extras_that_name_each_other_end():
    circle = ("nurie[b]; extra == 'a'", "nurie[a]; extra == 'b'", "nurie[c]; extra == 'c'")
    assert of(replace(LAPTOP, requirements=circle), "extras").found.count(" installed") == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("numpy>=1.26", ("numpy", "1.26", "", ())),
        ("Ruamel.yaml", ("ruamel-yaml", "0", "", ())),
        ("torch<3,>=2.6; extra == 'train'", ("torch", "2.6", "train", ())),
        ('nurie[data,dev] ; extra == "all"', ("nurie", "0", "all", ("data", "dev"))),
    ],
)
def test_requirements_are_read(text, expected):
    read = read_requirement(text)
    assert read is not None
    assert (read.name, read.oldest, read.extra, read.extras_of) == expected


@pytest.mark.parametrize("text", ["tomli>=2; python_version < '3.11'", ""])
def test_requirements_of_other_systems_are_left_out(text):
    assert read_requirement(text) is None


def test_a_damaged_model_is_a_fault():
    trouble = (
        "/opt/nurie/weights/color.onnx: the model file is damaged (its SHA-256 is not the "
        "registered one); reinstall nurie: pip install --force-reinstall nurie"
    )
    facts = replace(LAPTOP, models=(Model("lines"), Model("color", trouble)))
    fault, whole = [found for found in diagnose(facts) if found.topic == "models"]
    assert fault.verdict == "fault"
    assert fault.found.startswith("color: /opt/nurie/weights/color.onnx: the model file is damaged")
    assert fault.mend == "reinstall nurie: pip install --force-reinstall nurie"
    assert (whole.verdict, whole.found) == ("ok", "whole: lines")


def test_a_folder_of_models_is_told():
    facts = replace(LAPTOP, environment={"NURIE_MODELS": "/srv/models"})
    assert "NURIE_MODELS, which is /srv/models" in of(facts, "models").found
