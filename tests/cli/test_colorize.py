import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from commands import listing, one_line_error
from drawn import OUTSIDE, SIZE, ring, sticker
from nurie import Hint
from nurie.core.hints import paint
from nurie.core.images import FORMATS

SKIN = (244, 199, 161)
INSIDE = np.s_[70:122, 70:122]
DOTS = {"hints": [{"x": 96, "y": 96, "color": "#f4c7a1"}]}


@pytest.fixture
def drawing(here) -> Path:
    """A working folder with a ring, and the same dot in it as JSON and as a picture."""
    ring(mode="RGB").convert("L").point(lambda value: 255 if value > 64 else value).save(
        "lines.png"
    )
    Path("dots.json").write_text(json.dumps(DOTS))
    Image.fromarray(paint([Hint(96, 96, SKIN)], SIZE, SIZE)).save("dots.png")
    return here


def rgba(file) -> np.ndarray:
    with Image.open(file) as image:
        return np.asarray(image.convert("RGBA"))


def is_coloured(file) -> bool:
    pixels = rgba(file)
    return bool((pixels[INSIDE] == (*SKIN, 255)).all() and (pixels[OUTSIDE] == 255).all())


@pytest.mark.parametrize("hints", ["dots.json", "dots.png"])
@pytest.mark.parametrize("ending", [*FORMATS, ".psd", ".PNG"])
def test_the_ending_names_the_format(nurie, drawing, ending, hints):
    before = listing(drawing)
    ran = nurie("colorize", "lines.png", "--hints", hints, "-o", f"new/folder/art{ending}")
    assert (ran.status, ran.out, ran.err) == (0, b"", "")
    assert set(listing(drawing)) - set(before) == {f"new/folder/art{ending}"}
    path = drawing / f"new/folder/art{ending}"
    with Image.open(path) as image:
        assert image.format == FORMATS.get(ending.lower(), "PSD")
    if "jp" in ending:
        assert np.abs(rgba(path)[INSIDE][..., :3].astype(int) - SKIN).max() < 3
    else:
        assert is_coloured(path)


def test_an_ora_holds_the_layers(nurie, drawing):
    assert nurie("colorize", "lines.png", "--hints", "dots.json", "-o", "art.ORA").status == 0
    with zipfile.ZipFile("art.ORA") as archive:
        stack = archive.read("stack.xml").decode()
        assert is_coloured(io.BytesIO(archive.read("mergedimage.png")))
    assert [stack.count(f'name="{name}"') for name in ("flats", "hints", "line")] == [1, 1, 1]


@pytest.mark.parametrize("ending", [".psd", ".ora"])
def test_by_color_every_colour_has_a_layer(nurie, drawing, ending):
    marks = [*DOTS["hints"], {"x": 5, "y": 5, "color": "blue"}]
    Path("two.json").write_text(json.dumps({"hints": marks}))
    arguments = ["lines.png", "--hints", "two.json", "-o", f"art{ending}"]
    assert nurie("colorize", *arguments, "--by-color").status == 0
    names = [b"#f4c7a1", b"#0000ff"]
    if ending == ".ora":
        with zipfile.ZipFile("art.ora") as archive:
            content = archive.read("stack.xml")
    else:
        content = Path("art.psd").read_bytes()
    assert all(name in content for name in names)


def test_flats_only_leaves_the_line_out(nurie, drawing):
    arguments = ["lines.png", "--hints", "dots.json", "-o", "flats.png"]
    assert nurie("colorize", *arguments, "--flats-only").status == 0
    colors = np.unique(rgba("flats.png").reshape(-1, 4), axis=0)
    assert colors.tolist() == [[0, 0, 0, 0], [*SKIN, 255]]


def test_spread_leaves_nothing_bare(nurie, drawing):
    arguments = ["lines.png", "--hints", "dots.json", "-o", "art.png"]
    assert nurie("colorize", *arguments, "--spread").status == 0
    assert (rgba("art.png")[OUTSIDE] == (*SKIN, 255)).all()


def test_a_gap_of_nothing_leaks(nurie, drawing):
    lines = rgba("lines.png").copy()
    lines[94:98, :96] = 255  # out of the ring to the left
    Image.fromarray(lines).save("broken.png")
    arguments = ["broken.png", "--hints", "dots.json"]
    nurie("colorize", *arguments, "-o", "closed.png")
    nurie("colorize", *arguments, "-o", "open.png", "--gap", 0)
    assert is_coloured("closed.png")
    assert (rgba("open.png")[OUTSIDE] == (*SKIN, 255)).all()


def test_without_hints_the_line_art_stays_as_it_is(nurie, drawing):
    assert nurie("colorize", "lines.png", "-o", "art.png").status == 0
    assert (rgba("art.png") == rgba("lines.png")).all()


def test_transparent_line_art_stays_transparent_where_it_is_bare(nurie, here):
    sticker().save("lines.png")
    Path("none.json").write_text('{"hints": []}')
    assert nurie("colorize", "lines.png", "--hints", "none.json", "-o", "art.png").status == 0
    assert not rgba("art.png")[OUTSIDE][..., 3].any()


def test_the_same_files_give_the_same_bytes(nurie, process, drawing):
    arguments = ["lines.png", "--hints", "dots.png", "--by-color"]
    nurie("colorize", *arguments, "-o", "a.psd")
    process("colorize", *arguments, "-o", "b.psd")
    assert Path("a.psd").read_bytes() == Path("b.psd").read_bytes()


def test_a_file_that_is_named_is_made_anew(nurie, drawing):
    Path("art.png").write_text("old")
    assert nurie("colorize", "lines.png", "--hints", "dots.png", "-o", "art.png").status == 0
    assert is_coloured("art.png")


def test_what_reading_left_out_is_told_with_the_name(nurie, here):
    ring().save("[red] a.gif", save_all=True, append_images=[Image.new("RGB", (SIZE, SIZE))])
    ran = nurie("colorize", "[red] a.gif", "-o", "art.png")
    assert ran.err == "'[red] a.gif': the first of 2 frames was taken\n"


@pytest.mark.parametrize("scheme", ["memory://{name}", "file://{here}/there"])
def test_urls_can_be_read_and_written(nurie, drawing, scheme):
    there = scheme.format(here=drawing, name=drawing.name)
    arguments = ["--hints", "dots.json", "-o"]
    assert nurie("colorize", "lines.png", *arguments, f"{there}/deep/art.png").status == 0
    assert nurie("colorize", f"{there}/deep/art.png", "-o", "back.png").status == 0
    assert is_coloured("back.png")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("missing.png -o a.png", "'missing.png' does not exist"),
        ("text.png -o a.png", "'text.png' is no picture"),
        ("empty -o a.png", "'empty' holds no picture"),
        ("lines.png -o a.xyz", "'a.xyz'"),
        ("lines.png -o a", "'a'"),
        ("lines.png -o lines.png", "'lines.png' is an input"),
        ("lines.png -o ./empty/../lines.png", "is an input"),
        ("lines.png --hints dots.png -o dots.png", "'dots.png' is an input"),
        ("lines.png --hints missing.json -o a.png", "'missing.json' does not exist"),
        ("lines.png --hints text.png -o a.png", "'text.png' is no picture"),
        ("lines.png --hints small.png -o a.png", "'small.png' is 9 x 8, but the line art is 192"),
        ("lines.png --hints large.png -o a.png", "'large.png' is larger than the line art"),
        ("lines.png --hints outside.json -o a.png", "'outside.json': the hint at (500, 5)"),
        ("lines.png --hints lines.png -o a.png", "no transparent pixel"),
        ("lines.png -o a.png --by-color", "--by-color makes layers"),
        ("lines.png -o - --by-color", "--by-color makes layers"),
        ("lines.png -o a.png --gap -1", "--gap"),
        ("lines.png -o a.png --max-pixels 100", "--max-pixels 36864"),
        ("lines.png -o a.png --by-colour", "--by-colour"),
        ("lines.png -o --spread", "--spread"),
        ("lines.png -o text.png/a.png", "'text.png/a.png' can't be written"),
        ("lines.png -o gibberish://x/a.png", "gibberish"),
        ("gibberish://x/a.png -o a.png", "gibberish"),
        ("lines.png", "--output"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(nurie, drawing, arguments, says):
    Path("empty").mkdir()
    Path("text.png").write_text("no picture")
    Image.new("RGBA", (9, 8)).save("small.png")
    Image.new("RGBA", (300, 300)).save("large.png")
    Path("outside.json").write_text('{"hints": [{"x": 500, "y": 5, "color": "red"}]}')
    before = {name: Path(name).read_bytes() for name in listing(drawing)}
    assert says in one_line_error(nurie("colorize", *arguments.split()))
    assert {name: Path(name).read_bytes() for name in listing(drawing)} == before


@pytest.mark.parametrize("arguments", ["-o a.xyz", "-o a.png --by-color", "-o lines.png"])
def test_a_wrong_output_fails_before_any_work(nurie, drawing, monkeypatch, arguments):
    def work(*_):
        raise AssertionError("worked")

    monkeypatch.setattr("nurie.cli.colorize.colorize_lines", work)
    one_line_error(nurie("colorize", "lines.png", *arguments.split()))


@pytest.mark.parametrize(("lines", "output"), [("", "a.png"), ("lines.png", ""), ("-", "")])
def test_an_empty_name_is_one_line(nurie, drawing, lines, output):
    before = listing(drawing)
    one_line_error(nurie("colorize", lines, "-o", output))
    assert listing(drawing) == before


def test_a_name_that_looks_like_an_option_can_be_given(nurie, drawing):
    Path("lines.png").rename("-o.png")
    assert nurie("colorize", "-o", "a.png", "--", "-o.png").status == 0
    assert nurie("colorize", "./-o.png", "-o", "b.png").status == 0


@pytest.mark.parametrize("options", [[], ["--flats-only"]])
def test_line_art_goes_through_a_pipe(process, drawing, options):
    before = listing(drawing)
    arguments = ["colorize", "-", "--hints", "dots.json", "-o", "-", *options]
    ran = process(*arguments, stdin=Path("lines.png").read_bytes())
    assert (ran.status, ran.err) == (0, "")
    with Image.open(io.BytesIO(ran.out)) as image:
        assert image.format == "PNG"
    found = rgba(io.BytesIO(ran.out))
    assert (found[INSIDE] == (*SKIN, 255)).all()
    assert (found[OUTSIDE] == (0 if options else 255)).all()
    assert listing(drawing) == before


def test_one_end_may_be_a_pipe(process, drawing):
    ran = process("colorize", "lines.png", "-o", "-")
    assert process("colorize", "-", "--hints", "dots.png", "-o", "a.psd", stdin=ran.out).status == 0
    assert is_coloured("a.psd")


@pytest.mark.parametrize(("stdin", "says"), [(b"", "'<stdin>' is empty"), (b"x" * 99, "<stdin>")])
def test_a_pipe_without_a_picture_is_one_line(process, here, stdin, says):
    assert says in one_line_error(process("colorize", "-", "-o", "-", stdin=stdin))
