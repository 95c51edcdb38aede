"""Every damaged and strange file through the command: a result or one line, and nothing else."""

import pytest
from PIL import Image

from commands import listing
from nurie.cli.main import run
from nurie.tasks.batch import PICTURES
from strange_files import strange_files

STRANGE = strange_files()


@pytest.fixture
def extract(tmp_path, monkeypatch, capfd, tiny_model):
    """Run nurie extract and return its exit status and the lines on standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, list[str]]:
        capfd.readouterr()
        status = run(["extract", *arguments, "--model", tiny_model])
        out, err = capfd.readouterr()
        assert out == ""
        assert "Traceback" not in err
        return status, err.splitlines()

    return call


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_file_gives_lines_or_a_one_line_error(extract, tmp_path, name):
    content, ending, readable = STRANGE[name]
    (tmp_path / f"in{ending}").write_bytes(content)
    status, said = extract(f"in{ending}", "-o", "lines.png")
    assert status in {True: (0,), False: (2,), None: (0, 2)}[readable]
    if status == 0:
        assert all(line.startswith(f"'in{ending}': ") for line in said)
        with Image.open(tmp_path / "lines.png") as image:
            image.load()
            assert image.mode == "L"
    else:
        assert len(said) == 1
        assert said[0].startswith(f"nurie: 'in{ending}'")
    assert listing(tmp_path) == sorted([f"in{ending}", *["lines.png"] * (status == 0)])
    assert (tmp_path / f"in{ending}").read_bytes() == content


def test_a_folder_of_strange_files_is_done_as_far_as_it_can_be(extract, tmp_path):
    files = {f"{name}{file.ending}": file for name, file in STRANGE.items()}
    files = {name: file for name, file in files.items() if file.ending in PICTURES}
    (tmp_path / "in").mkdir()
    for name, file in files.items():
        (tmp_path / "in" / name).write_bytes(file.content)
    status, said = extract("in", "-o", "lines", "--svg")
    failed = [line for line in said if line.startswith("nurie: ")]
    done = listing(tmp_path / "lines")
    assert status == 1
    assert f"{len(done)} done, {len(failed)} failed" in said
    assert len(done) + len(failed) == len(files)
    certain = [name for name, file in files.items() if file.readable]
    assert len(done) >= len(certain) > 50
    assert all(name.endswith(".svg") for name in done)
