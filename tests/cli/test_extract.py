import io
import os
import signal
import time
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from commands import PATIENCE, listing, one_line_error, start
from drawn import OUTSIDE, ring, share_of_outline, sticker
from nurie.core.images import FORMATS
from strange_files import NAMES


@pytest.fixture
def extract(nurie, tiny_model):
    """nurie extract with a small network."""
    return lambda *arguments: nurie("extract", "--model", tiny_model, *arguments)


@pytest.fixture
def pictures(here) -> Path:
    """A folder of rings, folders within it, a damaged picture, and what is none."""
    for name in ("a.png", "b [1].jpg", "deep/er/c.webp", "deep/[red]d.png"):
        (here / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        ring().save(here / "in" / name)
    (here / "in/deep/bad.png").write_bytes(b"no picture")
    (here / "in/notes.txt").write_text("no picture")
    return here / "in"


RESULTS = ["a.png", "b [1].png", "deep/[red]d.png", "deep/er/c.png"]


def grey(file) -> np.ndarray:
    with Image.open(file) as image:
        rgba = image.convert("RGBA")
    paper = Image.new("RGBA", rgba.size, "white")
    return np.asarray(Image.alpha_composite(paper, rgba).convert("L"))


def is_ring(file) -> bool:
    found = grey(file)
    return share_of_outline(found) == 1 and found[OUTSIDE].min() == 255


# One picture


@pytest.mark.parametrize("ending", [*FORMATS, ".PNG"])
def test_the_ending_names_the_format(extract, here, ending):
    ring().save(here / "ring.png")
    ran = extract("ring.png", "-o", f"new/folder/lines{ending}")
    assert (ran.status, ran.out, ran.err) == (0, b"", "")
    assert listing(here) == [f"new/folder/lines{ending}", "ring.png"]
    with Image.open(here / f"new/folder/lines{ending}") as image:
        assert image.format == FORMATS[ending.lower()]
    assert is_ring(here / f"new/folder/lines{ending}")


@pytest.mark.parametrize("output", ["lines.svg", "lines.SVG"])
def test_svg_is_vector_paths(extract, here, output):
    ring().save(here / "ring.png")
    assert extract("ring.png", "-o", output, "--style", "ink").status == 0
    assert ElementTree.parse(here / output).getroot().get("viewBox") == "0 0 192 192"


@pytest.mark.parametrize("style", ["soft", "ink", "thin"])
@pytest.mark.parametrize(
    ("options", "mode"),
    [([], "L"), (["--color"], "RGB"), (["--transparent"], "RGBA")],
)
def test_every_style_draws_the_ring(extract, here, style, options, mode):
    sticker().save(here / "sticker.png")
    assert extract("sticker.png", "-o", "lines.png", "--style", style, *options).status == 0
    assert is_ring(here / "lines.png")
    with Image.open(here / "lines.png") as image:
        assert image.mode == mode


def test_a_file_that_is_named_is_made_anew(extract, here):
    ring().save(here / "ring.png")
    (here / "lines.png").write_text("old")
    assert extract("ring.png", "-o", "lines.png").status == 0
    assert is_ring(here / "lines.png")


def test_the_same_picture_gives_the_same_bytes(extract, here):
    ring().save(here / "ring.png")
    extract("ring.png", "-o", "a.png")
    extract("ring.png", "-o", "b.png", "--threads", 2, "--device", "cpu")
    assert (here / "a.png").read_bytes() == (here / "b.png").read_bytes()


def test_what_reading_left_out_is_told_with_the_name(extract, here):
    ring().save(here / "[red] a.gif", save_all=True, append_images=[Image.new("RGB", (192, 192))])
    note = "'[red] a.gif': the first of 2 frames was taken\n"
    assert extract("[red] a.gif", "-o", "lines.png").err == note
    assert extract("[red] a.gif", "-o", "lines").err.startswith(note)


@pytest.mark.parametrize("method", ["dilate-diff", "xdog"])
def test_classical_methods_can_be_named(nurie, here, method):
    ring().save(here / "ring.png")
    assert nurie("extract", "ring.png", "-o", "lines.png", "--model", method).status == 0
    assert is_ring(here / "lines.png")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("missing.png -o l.png", "'missing.png' does not exist"),
        ("*.none -o l.png", "'*.none' does not exist"),
        ("empty -o lines", "'empty' holds no picture"),
        ("text.png -o l.png", "'text.png' is no picture"),
        ("ring.png -o l.xyz", "'l.xyz'"),
        ("ring.png -o ring.png", "'ring.png' is an input"),
        ("ring.png -o file", "'file' is no folder"),
        ("ring.png -o file/l.png", "'file/l.png' can't be written"),
        ("ring.png text.png -o l.png", "name a folder"),
        ("ring.png -o l.png --svg", ".svg"),
        ("ring.png -o l.svg --color", "--color"),
        ("ring.png -o lines --svg --color", "--color"),
        ("ring.png -o l.png --model missing.onnx", "missing.onnx"),
        ("ring.png -o l.png --model nonsense", "nonsense"),
        ("ring.png -o l.png --model text.onnx", "text.onnx"),
        ("ring.png -o l.png --max-pixels 100", "--max-pixels 36864"),
        ("ring.png -o l.png --transparant", "--transparant"),
        ("ring.png -o --color", "--color"),
        ("ring.png -o gibberish://x/l.png", "gibberish"),
        ("gibberish://x/a.png -o l.png", "gibberish"),
        ("ring.png file - -o -", "one picture alone"),
        ("- -o lines", "name a file"),
        ("empty -o -", "'empty'"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(nurie, here, arguments, says):
    ring().save(here / "ring.png")
    (here / "empty").mkdir()
    for name in ("file", "text.png", "text.onnx"):
        (here / name).write_text("no picture")
    before = listing(here)
    method = [] if "--model" in arguments else ["--model", "xdog"]
    assert says in one_line_error(nurie("extract", *arguments.split(), *method))
    assert listing(here) == before
    assert is_ring(here / "ring.png")


@pytest.mark.parametrize(("inputs", "output"), [([""], "lines"), (["ring.png"], ""), ([""], "-")])
def test_an_empty_name_is_one_line(extract, here, inputs, output):
    ring().save(here / "ring.png")
    one_line_error(extract(*inputs, "-o", output))
    assert listing(here) == ["ring.png"]


@pytest.mark.parametrize("name", [*NAMES, "[1]", "{}", "[red]x"])
def test_a_strange_name_is_a_name_like_any_other(extract, here, name):
    (here / "in").mkdir()
    ring().save(here / "in" / f"{name}.png")
    before = os.listdir("in")  # noqa: PTH208 (as the file system spells it)
    assert extract("in", "-o", "lines").status == 0
    assert os.listdir("lines") == before  # noqa: PTH208
    assert extract(here / "in" / f"{name}.png", "-o", here / f"{name}.png").status == 0
    assert is_ring(here / f"{name}.png")
    (here / "in" / f"{name}.png").write_text("no picture")
    one_line_error(extract(f"in/{name}.png", "-o", "again.png"))


def test_a_name_that_looks_like_an_option_can_be_given(extract, here):
    ring().save(here / "-o.png")
    assert extract("./-o.png", "-o", "a.png").status == 0
    assert extract("-o", "b.png", "--", "-o.png").status == 0
    assert listing(here) == ["-o.png", "a.png", "b.png"]


# Many pictures


def test_a_folder_is_done_as_far_as_it_can_be(extract, pictures, here):
    ran = extract("in", "-o", "lines")
    assert ran.status == 1
    assert ran.out == b""
    assert ran.err.splitlines() == [
        "4 done, 1 failed",
        "nurie: 'in/deep/bad.png' is no picture that nurie can read",
    ]
    assert listing(here / "lines") == RESULTS
    assert all(is_ring(here / "lines" / name) for name in RESULTS)


def test_what_is_done_is_skipped_until_again(extract, pictures, here):
    extract("in/a.png", "-o", "lines")
    (here / "lines/a.png").write_text("old")
    assert "3 done, 1 were done already" in extract("in", "-o", "lines").err
    assert (here / "lines/a.png").read_text() == "old"
    assert "4 done, 1 failed" in extract("in", "-o", "lines", "--again").err
    assert is_ring(here / "lines/a.png")


def test_results_inside_the_folder_are_not_extracted_again(extract, pictures, here):
    extract(".", "-o", "lines")
    ran = extract(".", "-o", "lines")
    assert "0 done, 4 were done already" in ran.err
    assert listing(here / "lines") == [f"in/{name}" for name in RESULTS]


def test_a_folder_is_never_its_own_output(extract, pictures, here):
    before = {name: (pictures / name).read_bytes() for name in listing(pictures)}
    assert "'in' is an input" in one_line_error(extract("in", "-o", "in", "--again"))
    assert "is an input" in one_line_error(extract("in/*", "-o", "in", "--again"))
    assert {name: (pictures / name).read_bytes() for name in listing(pictures)} == before


def test_files_folders_and_globs_go_together(extract, pictures, here):
    ran = extract("in/b [1].jpg", "in/deep/er", "in/**/*]d.png", "-o", "lines", "--svg")
    assert (ran.status, ran.err) == (0, "3 done\n")
    assert listing(here / "lines") == ["b [1].svg", "c.svg", "deep/[red]d.svg"]


def test_an_existing_folder_may_have_an_ending(extract, pictures, here):
    (here / "lines.d").mkdir()
    extract("in/a.png", "-o", "lines.d")
    extract("in/a.png", "-o", "new.d/")
    assert listing(here / "lines.d") == listing(here / "new.d") == ["a.png"]


@pytest.mark.parametrize("scheme", ["memory://{name}", "file://{here}/there"])
def test_urls_can_be_read_and_written(extract, pictures, here, scheme):
    there = scheme.format(here=here, name=here.name)
    assert "4 done, 1 failed" in extract("in", "-o", f"{there}/lines").err
    assert "4 were done already" in extract("in", "-o", f"{there}/lines").err
    assert extract(f"{there}/lines/deep", "-o", "back").err == "2 done\n"
    assert listing(here / "back") == ["[red]d.png", "er/c.png"]
    assert extract(f"{there}/lines/a.png", "-o", f"{there}/again.png").status == 0
    assert extract(f"{there}/again.png", "-o", "again.png").status == 0
    assert is_ring(here / "again.png")
    assert not [name for name in listing(here) if "part" in name]


def test_a_damaged_picture_at_a_url_is_called_by_its_url(extract, pictures, here):
    url = f"file://{pictures}/deep/bad.png"
    assert one_line_error(extract(url, "-o", "a.png")) == (
        f"nurie: '{url}' is no picture that nurie can read"
    )


# Pipes, and being stopped


@pytest.mark.parametrize("options", [[], ["--svg"]])
def test_a_picture_goes_through_a_pipe(process, here, tiny_model, options):
    file = io.BytesIO()
    ring().save(file, "WEBP", lossless=True)
    arguments = ["extract", "-", "-o", "-", "--model", tiny_model, *options]
    ran = process(*arguments, stdin=file.getvalue())
    assert (ran.status, ran.err) == (0, "")
    if options:
        assert ElementTree.fromstring(ran.out).tag.endswith("svg")
    else:
        assert is_ring(io.BytesIO(ran.out))
    assert listing(here) == []


def test_one_end_may_be_a_pipe(process, here):
    ring().save(here / "ring.png")
    ran = process("extract", "ring.png", "-o", "-", "--model", "xdog")
    assert process("extract", "-", "-o", "a.webp", "--model", "xdog", stdin=ran.out).status == 0
    assert is_ring(here / "a.webp")


@pytest.mark.parametrize(("stdin", "says"), [(b"", "'<stdin>' is empty"), (b"x" * 99, "<stdin>")])
def test_a_pipe_without_a_picture_is_one_line(process, here, stdin, says):
    ran = process("extract", "-", "-o", "-", "--model", "xdog", stdin=stdin)
    assert says in one_line_error(ran)
    assert "bytes object" not in ran.err


def test_a_reader_that_goes_away_is_no_error(here):
    Image.effect_noise((800, 800), 100).save(here / "noise.png")  # more than a pipe holds
    running = start("extract", "noise.png", "-o", "-", "--model", "dilate-diff")
    assert running.stdout.read(1) == b"\x89"
    running.stdout.close()
    assert running.stderr.read() == b""
    assert running.wait(PATIENCE) == 0


def test_an_interruption_leaves_whole_results_alone(here, process, tiny_model):
    (here / "in").mkdir()
    for number in range(150):
        ring().save(here / "in" / f"{number}.png", compress_level=0)
    arguments = ["extract", "in", "-o", "lines", "--model", tiny_model]
    running = start(*arguments)
    while not list(here.glob("lines/*.png")) and running.poll() is None:
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=PATIENCE)
    done = listing(here / "lines")
    assert (running.returncode, err) == (130, b"nurie: stopped\n")
    assert 0 < len(done) < 150
    assert all(is_ring(here / "lines" / name) for name in done)
    assert f"{len(done)} were done already" in process(*arguments).err
