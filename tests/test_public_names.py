import subprocess
import sys

import pytest

import nurie


@pytest.mark.parametrize("name", nurie.__all__)
def test_a_public_name_can_be_imported_and_is_explained(name):
    value = getattr(nurie, name)
    assert value.__doc__
    # A dataclass without a docstring is given its signature for one.
    assert not value.__doc__.startswith(f"{name}(")
    assert value.__module__.startswith("nurie.")


def test_public_names_are_sorted_and_listed():
    assert nurie.__all__ == sorted(set(nurie.__all__))
    assert set(nurie.__all__) <= set(dir(nurie))
    assert "__version__" in dir(nurie)


def test_every_error_is_one_that_the_command_line_prints():
    errors = [getattr(nurie, name) for name in nurie.__all__]
    errors = [value for value in errors if isinstance(value, type) and issubclass(value, Exception)]
    assert len(errors) > 3
    assert all(issubclass(error, nurie.NurieError) for error in errors)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'nurie' has no attribute 'colour'"):
        nurie.colour  # noqa: B018
    with pytest.raises(ImportError, match="colour"):
        exec("from nurie import colour")


def test_a_star_import_gives_the_public_names():
    names: dict = {}
    exec("from nurie import *", names)
    assert set(nurie.__all__) <= set(names)
    assert "import_module" not in names


def test_importing_nurie_loads_nothing_heavy():
    code = "import sys, nurie; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert "nurie" in loaded.split()
    assert not {"numpy", "PIL", "torch", "onnxruntime", "fsspec", "rich"} & set(loaded.split())


def test_an_error_loads_neither_numpy_nor_a_runtime():
    code = "import sys, nurie; nurie.NurieError; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert "nurie.core.errors" in loaded.split()
    assert not {"numpy", "onnxruntime"} & set(loaded.split())
