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
from nurie.tasks import batch

SKIN = (244, 199, 161)
INSIDE = np.s_[70:122, 70:122]
DOTS = {"hints": [{"x": 96, "y": 96, "color": "#f4c7a1"}]}
BARE = ("colorize", "--only-hints")


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


def colors_of(file) -> set[tuple[int, ...]]:
    return {tuple(color) for color in np.unique(rgba(file).reshape(-1, 4), axis=0).tolist()}


def is_coloured(file) -> bool:
    pixels = rgba(file)
    return bool((pixels[INSIDE] == (*SKIN, 255)).all() and (pixels[OUTSIDE] == 255).all())


@pytest.mark.parametrize("hints", ["dots.json", "dots.png"])
@pytest.mark.parametrize("ending", [*FORMATS, ".psd", ".PNG"])
def test_the_ending_names_the_format(nurie, drawing, ending, hints):
    before = listing(drawing)
    ran = nurie(*BARE, "lines.png", "--hints", hints, "-o", f"new/folder/art{ending}")
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
    assert nurie(*BARE, "lines.png", "--hints", "dots.json", "-o", "art.ORA").status == 0
    with zipfile.ZipFile("art.ORA") as archive:
        stack = archive.read("stack.xml").decode()
        assert is_coloured(io.BytesIO(archive.read("mergedimage.png")))
    assert [stack.count(f'name="{name}"') for name in ("flats", "hints", "line")] == [1, 1, 1]


@pytest.mark.parametrize("ending", [".psd", ".ora"])
def test_by_color_every_colour_has_a_layer(nurie, drawing, ending):
    marks = [*DOTS["hints"], {"x": 5, "y": 5, "color": "blue"}]
    Path("two.json").write_text(json.dumps({"hints": marks}))
    arguments = ["lines.png", "--hints", "two.json", "-o", f"art{ending}"]
    assert nurie(*BARE, *arguments, "--by-color").status == 0
    names = [b"#f4c7a1", b"#0000ff"]
    if ending == ".ora":
        with zipfile.ZipFile("art.ora") as archive:
            content = archive.read("stack.xml")
    else:
        content = Path("art.psd").read_bytes()
    assert all(name in content for name in names)


def test_flats_only_leaves_the_line_out(nurie, drawing):
    arguments = ["lines.png", "--hints", "dots.json", "-o", "flats.png"]
    assert nurie(*BARE, *arguments, "--flats-only").status == 0
    assert colors_of("flats.png") == {(0, 0, 0, 0), (*SKIN, 255)}


def test_the_nearest_colour_leaves_nothing_bare(nurie, drawing):
    arguments = ["lines.png", "--hints", "dots.json", "-o", "art.png"]
    assert nurie("colorize", *arguments, "--model", "nearest").status == 0
    assert (rgba("art.png")[OUTSIDE] == (*SKIN, 255)).all()


def test_a_gap_of_nothing_leaks(nurie, drawing):
    lines = rgba("lines.png").copy()
    lines[94:98, :96] = 255  # out of the ring to the left
    Image.fromarray(lines).save("broken.png")
    arguments = ["broken.png", "--hints", "dots.json"]
    nurie(*BARE, *arguments, "-o", "closed.png")
    nurie(*BARE, *arguments, "-o", "open.png", "--gap", 0)
    assert is_coloured("closed.png")
    assert (rgba("open.png")[OUTSIDE] == (*SKIN, 255)).all()


def test_by_hints_only_without_hints_the_line_art_stays_as_it_is(nurie, drawing):
    assert nurie(*BARE, "lines.png", "-o", "art.png").status == 0
    assert (rgba("art.png") == rgba("lines.png")).all()


def test_transparent_line_art_stays_transparent_where_it_is_bare(nurie, here):
    sticker().save("lines.png")
    Path("none.json").write_text('{"hints": []}')
    assert nurie(*BARE, "lines.png", "--hints", "none.json", "-o", "art.png").status == 0
    assert not rgba("art.png")[OUTSIDE][..., 3].any()


def test_the_same_files_give_the_same_bytes(nurie, process, drawing, tiny_color_model):
    arguments = ["lines.png", "--hints", "dots.png", "--by-color", "--fill", "soft", "--seed", 2]
    arguments += ["--model", tiny_color_model, "--spread", 0]
    nurie("colorize", *arguments, "-o", "a.psd")
    process("colorize", *arguments, "-o", "b.psd")
    assert Path("a.psd").read_bytes() == Path("b.psd").read_bytes()


def test_a_file_that_is_named_is_made_anew(nurie, drawing):
    Path("art.png").write_text("old")
    assert nurie(*BARE, "lines.png", "--hints", "dots.png", "-o", "art.png").status == 0
    assert is_coloured("art.png")


def test_what_reading_left_out_is_told_with_the_name(nurie, here):
    ring().save("[red] a.gif", save_all=True, append_images=[Image.new("RGB", (SIZE, SIZE))])
    ran = nurie(*BARE, "[red] a.gif", "-o", "art.png")
    assert ran.err == "'[red] a.gif': the first of 2 frames was taken\n"


@pytest.mark.parametrize("scheme", ["memory://{name}", "file://{here}/there"])
def test_urls_can_be_read_and_written(nurie, drawing, scheme):
    there = scheme.format(here=drawing, name=drawing.name)
    arguments = ["--hints", "dots.json", "-o"]
    assert nurie(*BARE, "lines.png", *arguments, f"{there}/deep/art.png").status == 0
    assert nurie(*BARE, f"{there}/deep/art.png", "-o", "back.png").status == 0
    assert is_coloured("back.png")


# What no hint speaks for


@pytest.fixture
def flats(nurie, drawing, tiny_color_model):
    """Colour the ring by the dot and a network that knows nothing, and read the flats."""

    def call(*options: object) -> np.ndarray:
        arguments = ["lines.png", "--hints", "dots.json", "-o", "flats.png", "--flats-only"]
        ran = nurie("colorize", *arguments, "--model", tiny_color_model, *options)
        assert (ran.status, ran.out, ran.err) == (0, b"", "")
        return rgba("flats.png")

    return call


def test_with_a_network_nothing_stays_bare_and_a_hint_is_law(flats):
    for options in ([], ["--seed", 3], ["--spread", 0]):
        found = flats(*options)
        assert (found[INSIDE] == (*SKIN, 255)).all()
        assert (found[..., 3] == 255).all()
    assert not flats("--only-hints")[OUTSIDE].any()


@pytest.mark.parametrize("spread", ["1000", "1e300", "inf"])
def test_the_more_spread_the_further_a_colour_goes(flats, spread):
    assert (flats("--spread", spread) == (*SKIN, 255)).all()
    assert (flats("--spread", "0")[OUTSIDE] != (*SKIN, 255)).any(axis=-1).all()


def test_a_seed_colours_in_its_own_way(flats):
    def outside(seed: int) -> tuple[int, ...]:
        return tuple(flats("--spread", 0, "--seed", seed)[0, 0].tolist())

    found = [outside(seed) for seed in range(6)]
    assert found == [outside(seed) for seed in range(6)]
    assert len(set(found)) > 2


def test_a_run_that_was_exported_paints(nurie, drawing, tiny_run):
    arguments = ["lines.png", "--hints", "dots.json", "-o", "art.png", "--model", tiny_run]
    ran = nurie("colorize", *arguments)
    assert (ran.status, ran.out, ran.err) == (0, b"", "")
    assert (rgba("art.png")[INSIDE] == (*SKIN, 255)).all()
    assert (rgba("art.png")[OUTSIDE][..., :3] != 255).any()


@pytest.mark.parametrize("palette", ["two.gpl", "two.json", "two.png", "memory://palette/two.json"])
def test_a_palette_is_chosen_from_where_no_hint_speaks(flats, drawing, palette):
    two = [(16, 32, 48), (160, 176, 192)]
    Path("two.gpl").write_text("GIMP Palette\nName: two\n#\n16 32 48 dark\n160 176 192 light\n")
    Path("two.json").write_text(json.dumps(two))
    Image.fromarray(np.array([[two[0]] * 9, [two[1]] * 9], np.uint8).repeat(9, 0)).save("two.png")
    batch.store("memory://palette/two.json", Path("two.json").read_bytes())
    found = flats("--palette", palette, "--spread", 0)
    assert (found[INSIDE] == (*SKIN, 255)).all()
    assert tuple(found[0, 0]) in {(*color, 255) for color in two}


@pytest.mark.parametrize("place", ["{name}", "file://{here}/{name}"])
def test_a_reference_is_a_picture_to_take_colours_from(flats, drawing, place):
    Image.new("RGB", (40, 40), (90, 140, 200)).save("blue.png")
    place = place.format(here=drawing, name="blue.png")
    found = flats("--reference", place, "--spread", 0)
    assert (found[INSIDE] == (*SKIN, 255)).all()
    assert (found[OUTSIDE] == (90, 140, 200, 255)).all()
    # A dot and the reference share the say; without the dot the reference has it alone.
    Path("dots.json").write_text('{"hints": []}')
    assert (flats("--reference", place) == (90, 140, 200, 255)).all()


def test_soft_fill_adds_a_layer_of_shade(nurie, drawing):
    arguments = [*BARE, "lines.png", "--hints", "dots.json"]
    assert nurie(*arguments, "-o", "soft.ora", "--fill", "soft").status == 0
    assert nurie(*arguments, "-o", "flat.ora", "--fill", "flat").status == 0
    assert nurie(*arguments, "-o", "soft.png", "--fill", "soft").status == 0
    found = {}
    for name in ("soft", "flat"):
        with zipfile.ZipFile(f"{name}.ora") as archive:
            found[name] = archive.read("stack.xml").decode()
    assert 'name="shade"' in found["soft"]
    assert 'name="shade"' not in found["flat"]
    shaded = rgba("soft.png")[INSIDE]
    assert (shaded[..., :3] <= SKIN).all()


def test_the_shipped_network_colours_alone_and_by_hints(nurie, drawing):
    arguments = ["colorize", "lines.png", "--flats-only", "-o"]
    assert nurie(*arguments, "alone.png").status == 0
    assert (rgba("alone.png")[..., 3] == 255).all()
    assert nurie(*arguments, "hinted.png", "--hints", "dots.png").status == 0
    assert (rgba("hinted.png")[INSIDE] == (*SKIN, 255)).all()
    assert (rgba("hinted.png")[..., 3] == 255).all()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("missing.png -o a.png", "'missing.png' does not exist"),
        ("text.png -o a.png", "'text.png' is no picture"),
        ("empty -o a.png", "'empty' holds no picture"),
        ("lines.png -o a.xyz", "'a.xyz'"),
        ("lines.png -o a", "'a'"),
        ("lines.png -o a.png --only-hints --seed 2", "don't go with --only-hints"),
        ("lines.png -o a.png --model nearest --spread 2", "don't go with --only-hints"),
        ("lines.png -o art.kra", "layers go to .psd or .ora"),
        ("lines.png -o lines.png", "'lines.png' is an input"),
        ("lines.png -o ./empty/../lines.png", "is an input"),
        ("lines.png --hints dots.png -o dots.png", "'dots.png' is an input"),
        ("lines.png --palette dots.png -o dots.png", "'dots.png' is an input"),
        ("lines.png --reference dots.png -o ./dots.png", "is an input"),
        ("lines.png --hints missing.json -o a.png", "'missing.json' does not exist"),
        ("lines.png --hints text.png -o a.png", "'text.png' is no picture"),
        ("lines.png --hints small.png -o a.png", "'small.png' is 9 x 8, but the line art is 192"),
        ("lines.png --hints large.png -o a.png", "'large.png' is larger than the line art"),
        ("lines.png --hints outside.json -o a.png", "'outside.json': the hint at (500, 5)"),
        ("lines.png --hints lines.png -o a.png", "no transparent pixel"),
        ("- --hints - -o a.png", "can't both come from standard input"),
        ("lines.png --palette missing.gpl -o a.png", "'missing.gpl' does not exist"),
        ("lines.png --palette text.png -o a.png", "'text.png' is no picture"),
        ("lines.png --palette dots.json -o a.png", "'dots.json': it holds no colours"),
        ("lines.png --palette none.json -o a.png", "'none.json': a palette needs at least one"),
        ("lines.png --reference missing.png -o a.png", "'missing.png' does not exist"),
        ("lines.png --reference text.png -o a.png", "'text.png' is no picture"),
        ("lines.png --reference small.png -o a.png", "transparent throughout"),
        ("small.png --reference lines.png -o a.png --max-pixels 100", "--max-pixels 36864"),
        ("lines.png -o a.png --fill hard", "--fill"),
        ("lines.png -o a.png --seed -1", "--seed"),
        ("lines.png -o a.png --spread -1", "--spread"),
        ("lines.png -o a.png --spread nan", "--spread"),
        ("lines.png -o a.png --spread wide", "--spread"),
        ("lines.png -o a.png --gap nan", "--gap"),
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
    Path("none.json").write_text("[]")
    before = {name: Path(name).read_bytes() for name in listing(drawing)}
    assert says in one_line_error(nurie("colorize", *arguments.split()))
    assert {name: Path(name).read_bytes() for name in listing(drawing)} == before


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (
            "empty",
            "'empty' holds no model.onnx: write it with nurie export empty -o empty/model.onnx",
        ),
        ("nonsense", "no model is named 'nonsense'; choose from: "),
        ("lines", "no model is named 'lines'; choose from: "),
        ("missing.onnx", "missing.onnx: no such model file"),
        ("text.onnx", "ONNX Runtime refuses it"),
        ("lines.onnx", "the model can't colour: "),
    ],
)
def test_a_model_that_cannot_colour_is_one_line(nurie, drawing, tiny_model, model, says):
    Path("empty").mkdir()
    Path("text.onnx").write_text("no network")
    Path("lines.onnx").write_bytes(Path(tiny_model).read_bytes())
    before = listing(drawing)
    assert says in one_line_error(nurie("colorize", "lines.png", "-o", "a.png", "--model", model))
    assert listing(drawing) == before


@pytest.mark.parametrize(
    "arguments", ["-o a.xyz", "-o a.kra", "-o a.png --by-color", "-o lines.png"]
)
def test_a_wrong_output_fails_before_any_work(nurie, drawing, monkeypatch, arguments):
    def work(*_):
        raise AssertionError("worked")

    monkeypatch.setattr("nurie.cli.colorize.colorize_lines", work)
    one_line_error(nurie("colorize", "lines.png", *arguments.split()))


@pytest.mark.parametrize(("lines", "output"), [("", "a.png"), ("lines.png", ""), ("-", "")])
def test_an_empty_name_is_one_line(nurie, drawing, lines, output):
    before = listing(drawing)
    one_line_error(nurie(*BARE, lines, "-o", output))
    assert listing(drawing) == before


@pytest.mark.parametrize("option", ["--hints", "--palette", "--reference", "--model"])
def test_an_empty_option_is_one_line(nurie, drawing, option):
    before = listing(drawing)
    one_line_error(nurie("colorize", "lines.png", "-o", "a.png", option, ""))
    assert listing(drawing) == before


def test_a_name_that_looks_like_an_option_can_be_given(nurie, drawing):
    Path("lines.png").rename("-o.png")
    assert nurie(*BARE, "-o", "a.png", "--", "-o.png").status == 0
    assert nurie(*BARE, "./-o.png", "-o", "b.png").status == 0


@pytest.mark.parametrize("options", [[], ["--flats-only"]])
def test_line_art_goes_through_a_pipe(process, drawing, options):
    before = listing(drawing)
    arguments = [*BARE, "-", "--hints", "dots.json", "-o", "-", *options]
    ran = process(*arguments, stdin=Path("lines.png").read_bytes())
    assert (ran.status, ran.err) == (0, "")
    with Image.open(io.BytesIO(ran.out)) as image:
        assert image.format == "PNG"
    found = rgba(io.BytesIO(ran.out))
    assert (found[INSIDE] == (*SKIN, 255)).all()
    assert (found[OUTSIDE] == (0 if options else 255)).all()
    assert listing(drawing) == before


def test_one_end_may_be_a_pipe(process, drawing):
    ran = process(*BARE, "lines.png", "-o", "-")
    assert process(*BARE, "-", "--hints", "dots.png", "-o", "a.psd", stdin=ran.out).status == 0
    assert is_coloured("a.psd")


@pytest.mark.parametrize("hints", ["dots.json", "dots.png"])
def test_hints_come_through_a_pipe(process, drawing, hints):
    arguments = [*BARE, "lines.png", "--hints", "-", "-o", "a.png"]
    ran = process(*arguments, stdin=Path(hints).read_bytes())
    assert (ran.status, ran.err) == (0, "")
    assert is_coloured("a.png")


@pytest.mark.parametrize("stdin", [b"", b"{", b"x" * 99])
def test_a_pipe_without_hints_is_one_line(process, drawing, stdin):
    one_line_error(process(*BARE, "lines.png", "--hints", "-", "-o", "a.png", stdin=stdin))
    assert "a.png" not in listing(drawing)


@pytest.mark.parametrize(("stdin", "says"), [(b"", "'<stdin>' is empty"), (b"x" * 99, "<stdin>")])
def test_a_pipe_without_a_picture_is_one_line(process, here, stdin, says):
    assert says in one_line_error(process(*BARE, "-", "-o", "-", stdin=stdin))


@pytest.mark.parametrize(
    "options", [["--seed", 1], ["--spread", 2], ["--reference", "lines.png"]], ids=lambda o: o[0]
)
def test_what_a_run_that_paints_knows_nothing_of_is_one_line(nurie, drawing, tiny_run, options):
    before = listing(drawing)
    ran = nurie("colorize", "lines.png", "-o", "a.png", "--model", tiny_run, *options)
    assert f"'{tiny_run}' paints: it knows neither" in one_line_error(ran)
    assert listing(drawing) == before
