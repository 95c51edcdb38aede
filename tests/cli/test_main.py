import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from rich.table import Table

from commands import PATIENCE, one_line_error, start
from nurie import __version__
from nurie.cli.main import main
from nurie.cli.screen import complain, say, show

COMMANDS = [
    "extract",
    "models",
    "models list",
    "models verify",
    "data",
    "data list",
    "data build",
    "train",
    "export",
    "evaluate",
    "evaluate extract",
    "doctor",
    "profile",
    "serve",
]


def test_without_a_command_the_commands_are_listed(nurie):
    ran = nurie()
    assert (ran.status, ran.err) == (0, "")
    for command in COMMANDS:
        assert command.split()[0] in ran.out.decode()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(nurie, command):
    ran = nurie(*command.split(), "--help")
    assert (ran.status, ran.err) == (0, "")
    assert f"Usage: nurie {command}" in ran.out.decode()


def test_the_version_is_the_package_s(nurie):
    assert nurie("--version").out.decode().strip() == __version__


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("nonsense", "nonsense"),
        ("extract", "IN"),
        ("extract a.png", "--output"),
        ("extract a.png -o", "-o"),
        ("models nonsense", "nonsense"),
        ("export -o a.onnx", "RUN"),
        ("data build", "--output"),
        ("evaluate nonsense", "nonsense"),
        ("train lines --precision fp64", "fp64"),
        ("extract a.png -o b.png --style inky", "soft"),
    ],
)
def test_wrong_usage_is_one_line_that_says_what(nurie, arguments, says):
    assert says in one_line_error(nurie(*arguments.split()))


@pytest.mark.parametrize(
    "arguments",
    [
        "extract a.png -o b.png --threads",
        "extract a.png -o b.png --max-pixels",
        "data build strokes -o set --limit",
        "data build strokes -o set --workers",
        "train lines --steps",
        "train lines --batch",
        "train lines --threads",
        "evaluate extract --scenes",
        "evaluate extract --size",
    ],
)
@pytest.mark.parametrize("number", ["0", "-1", "x"])
def test_a_count_is_at_least_one(nurie, here, arguments, number):
    assert arguments.split()[-1] in one_line_error(nurie(*arguments.split(), number))
    assert not list(here.iterdir())


def test_the_command_line_loads_no_network_and_no_torch():
    code = "import sys, nurie.cli.main; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert "nurie.cli.extract" in loaded.split()
    assert not {"torch", "onnxruntime", "scipy"} & set(loaded.split())


def test_main_exits_with_the_status(monkeypatch):
    with pytest.raises(SystemExit) as left:
        main(["nonsense"])
    assert left.value.code == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has such a device")
@pytest.mark.parametrize("arguments", ["models", "extract dot.png -o - --model xdog"])
def test_output_that_cannot_be_written_is_one_line(here, arguments):
    Image.new("L", (1, 1)).save("dot.png")  # so little that it waits in a buffer to the end
    with Path("/dev/full").open("wb") as full:
        running = start(*arguments.split(), stdout=full)
        _, err = running.communicate(timeout=PATIENCE)
    assert (running.returncode, err) == (2, b"nurie: No space left on device\n")


# What is shown


def test_names_are_no_markup(capsys):
    table = Table("name")
    table.add_row("[red]x[/red].png")
    show(table)
    say("[bold]y.png: " + "long " * 100)
    complain("'[red]z.png'\nand more\x1b[31m")
    out, err = capsys.readouterr()
    assert "[red]x[/red].png" in out
    assert err.splitlines() == [
        "[bold]y.png: " + "long " * 100,
        "nurie: '[red]z.png'\\nand more\\x1b[31m",
    ]
