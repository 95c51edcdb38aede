import os
from pathlib import Path

import pytest

from nurie.core.errors import NurieError
from nurie.core.files import content_of, one_line, quoted, reason, whole_file


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("塗り絵 ünïcode 🎨.png", "塗り絵 ünïcode 🎨.png"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\u2028", "\\u2028"),
        ("\udcff", "\\udcff"),
    ],
)
def test_one_line_escapes_what_cannot_be_shown(text, line):
    assert one_line(text) == line


def test_quoted_takes_paths_and_strings():
    assert quoted(Path("a b.png")) == quoted("a b.png") == "'a b.png'"


def test_reason_is_the_text_of_an_error_on_one_line():
    assert reason(ValueError("bad\n  header\x00")) == "bad header\\x00"
    assert reason(FileNotFoundError(2, "No such file", "a.png")) == "No such file"
    assert reason(MemoryError()) == "MemoryError"


def test_a_file_appears_when_it_is_complete(tmp_path):
    path = tmp_path / "a.bin"
    with whole_file(path) as file:
        file.write(b"half")
        file.flush()
        assert not path.exists()
        file.write(b"way")
    assert path.read_bytes() == b"halfway"
    assert listing(tmp_path) == ["a.bin"]


def test_an_older_file_is_replaced(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"a longer file than the new one")
    with whole_file(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"


def write_half(path: Path, error: BaseException) -> None:
    with whole_file(path) as file:
        file.write(b"half")
        raise error


@pytest.mark.parametrize("interruption", [ValueError(), KeyboardInterrupt(), SystemExit()])
def test_an_interrupted_file_leaves_nothing_behind(tmp_path, interruption):
    with pytest.raises(type(interruption)):
        write_half(tmp_path / "new.bin", interruption)
    assert listing(tmp_path) == []


def test_an_interrupted_file_leaves_the_older_one_as_it_was(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        write_half(path, KeyboardInterrupt())
    assert path.read_bytes() == b"old"
    assert listing(tmp_path) == ["a.bin"]


def test_a_full_disk_is_a_one_line_error_that_names_the_file(tmp_path):
    with pytest.raises(NurieError, match=r"^'.*a\\nb\.bin' can't be written: No space left$"):
        write_half(tmp_path / "a\nb.bin", OSError(28, "No space left"))
    assert listing(tmp_path) == []


def test_a_failed_renaming_leaves_nothing_behind(tmp_path, monkeypatch):
    def refuse(self, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(NurieError, match="Permission denied"), whole_file(tmp_path / "a") as file:
        file.write(b"all of it")
    assert listing(tmp_path) == []


def test_a_name_as_long_as_the_file_system_allows_is_fine(tmp_path):
    path = tmp_path / ("x" * 255)
    with whole_file(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize(
    "path",
    ["missing folder/a.bin", "file/a.bin", "folder", "pipe", "x" * 300],
)
def test_where_no_file_can_be_is_a_one_line_error(tmp_path, path):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    before = listing(tmp_path)
    with pytest.raises(NurieError) as caught, whole_file(tmp_path / path) as file:
        file.write(b"new")
    assert "\n" not in str(caught.value)
    assert listing(tmp_path) == before


def test_a_symbolic_link_stays_one(tmp_path):
    (tmp_path / "folder").mkdir()
    real, link = tmp_path / "folder" / "real", tmp_path / "link"
    real.write_bytes(b"old")
    link.symlink_to(real)
    with whole_file(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_a_relative_path_is_taken_from_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with whole_file("a.bin") as file:
        file.write(b"new")
    assert listing(tmp_path) == ["a.bin"]


def test_permissions_are_those_of_any_new_file(tmp_path):
    (tmp_path / "usual").touch()
    with whole_file(tmp_path / "whole") as file:
        file.write(b"new")
    assert (tmp_path / "whole").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_content_of_names_a_file_and_leaves_bytes_alone(tmp_path):
    file = tmp_path / "a.txt"
    file.write_bytes(b"abc")
    assert content_of(file, "it") == (f"'{file}'", b"abc")
    assert content_of(b"xyz", "it") == ("it", b"xyz")


def test_content_of_what_is_not_there_is_one_line(tmp_path):
    with pytest.raises(NurieError, match="missing' can't be read: No such file"):
        content_of(tmp_path / "missing", "it")
