import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from drawn import INNER, OFF_RING, OUTSIDE, SIZE, ring, share_of_outline, sticker
from nurie import DamagedModel, ExtractOptions, ImageTooLarge, NurieError, UnknownModel, extract
from nurie.core import lines
from nurie.core.images import FORMATS
from nurie.evaluation.extraction import TINTS
from nurie.runtime.registry import cards
from nurie.tasks.classical import METHODS
from nurie.tasks.extract import MODEL, Style
from tiny_onnx import model_bytes

STYLES = get_args(Style)
EXAMPLES = Path(__file__).parents[2] / "examples"

needs_the_shipped_model = pytest.mark.skipif(not cards(), reason="no model is shipped yet")


@pytest.fixture
def options(tiny_model) -> ExtractOptions:
    return ExtractOptions(model=tiny_model)


def grey(image: Image.Image) -> np.ndarray:
    """The image over white, as an artist sees it."""
    rgba = image.convert("RGBA")
    return np.asarray(
        Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("L")
    )


# What comes out


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("color", [False, True])
def test_the_ring_comes_out_on_pure_paper(options, style, color, transparent):
    options = replace(options, style=style, color=color, transparent=transparent)
    result = extract(ring(), options)
    assert result.image.size == (SIZE, SIZE)
    assert result.image.mode == ("RGBA" if transparent else "RGB" if color else "L")
    assert share_of_outline(grey(result.image)) == 1
    assert grey(result.image)[OFF_RING].min() == 255
    assert result.coverage.shape == (SIZE, SIZE)
    assert result.coverage.dtype == np.float32
    assert result.style == style


def test_styles_differ(options):
    drawn = {style: extract(ring(), replace(options, style=style)).image for style in STYLES}
    ink = {style: int((grey(image) < 128).sum()) for style, image in drawn.items()}
    assert ink["thin"] < ink["soft"] <= ink["ink"]


def test_coloured_ink_keeps_its_colour():
    image = Image.new("RGB", (60, 60), "white")
    image.paste((120, 20, 60), (28, 5, 32, 55))
    result = extract(image, ExtractOptions(model="dilate-diff", color=True))
    assert result.image.getpixel((30, 30))[0] > 100
    assert result.image.getpixel((10, 30)) == (255, 255, 255)


def test_transparent_paper_is_left_out_and_cut_outs_stay_cut_out(options):
    transparent = replace(options, transparent=True)
    alpha = np.asarray(extract(sticker(), transparent).image.getchannel("A"))
    assert alpha[OUTSIDE].max() == 0
    assert share_of_outline(255 - alpha) == 1
    assert grey(extract(sticker(), options).image)[OUTSIDE].min() == 255


def test_ink_that_the_picture_hides_is_not_drawn(options):
    hidden = Image.new("RGBA", (40, 40), (255, 255, 255, 255))
    hidden.paste((0, 0, 0, 0), (10, 10, 20, 40))
    result = extract(hidden, replace(options, transparent=True))
    assert result.image.getchannel("A").getextrema() == (0, 0)


@pytest.mark.parametrize(
    "source",
    [
        lambda path: str(path),
        lambda path: path,
        lambda path: path.read_bytes(),
        lambda path: path.open("rb"),
        lambda path: Image.open(path),
        lambda path: np.asarray(Image.open(path)),
    ],
    ids=["str", "path", "bytes", "stream", "image", "array"],
)
def test_every_kind_of_source_gives_the_same_lines(tmp_path, options, source):
    path = tmp_path / "ring.png"
    ring().save(path)
    expected = extract(ring(), options).coverage
    assert np.array_equal(extract(source(path), options).coverage, expected)


def test_what_reading_left_out_is_told(options):
    frames = [ring(), Image.new("RGB", (SIZE, SIZE), "blue")]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    assert extract(file.getvalue(), options).notes == ("the first of 2 frames was taken",)
    assert extract(ring(), options).notes == ()


@settings(max_examples=30, deadline=None)
@given(
    picture=st.tuples(st.integers(1, 40), st.integers(1, 40)).flatmap(
        lambda size: arrays(np.uint8, (*size, 3))
    ),
    style=st.sampled_from(STYLES),
    color=st.booleans(),
    transparent=st.booleans(),
)
def test_any_picture_gives_lines_of_its_size(tiny_model, picture, style, color, transparent):
    options = ExtractOptions(style, color, transparent, model=tiny_model)
    result = extract(picture, options)
    assert result.image.size == picture.shape[1::-1]
    assert result.coverage.shape == picture.shape[:2]
    assert 0 <= result.coverage.min() <= result.coverage.max() <= 1
    assert result.encode("svg").startswith(b"<svg")


def test_a_large_picture_tells_of_its_tiles(options):
    calls = []
    extract(ring(), options, progress=lambda *count: calls.append(count))
    assert calls == [(n, len(calls)) for n in range(1, len(calls) + 1)]
    assert len(calls) == 9


@pytest.mark.parametrize("method", METHODS)
def test_classical_methods_need_no_network(method):
    result = extract(ring(), ExtractOptions(model=method))
    assert share_of_outline(grey(result.image)) == 1
    assert grey(result.image)[OUTSIDE].min() == 255


# Writing it


@pytest.mark.parametrize("ending", [*FORMATS, ".PNG"])
@pytest.mark.parametrize("transparent", [False, True])
def test_lines_are_saved_as_their_ending_says(tmp_path, options, ending, transparent):
    result = extract(ring(), replace(options, transparent=transparent))
    path = tmp_path / f"lines{ending}"
    result.save(path)
    with Image.open(path) as saved:
        assert saved.format == FORMATS[ending.lower()]
        assert np.abs(grey(saved).astype(int) - grey(result.image)).mean() < 1
    assert path.read_bytes() == result.encode(ending) == result.encode(ending.lstrip("."))


@pytest.mark.parametrize("style", STYLES)
def test_vector_paths_show_the_same_drawing(options, style):
    result = extract(ring(), replace(options, style=style))
    svg = result.to_svg()
    root = ElementTree.fromstring(svg)
    assert root.get("viewBox") == f"0 0 {SIZE} {SIZE}"
    resvg_py = pytest.importorskip("resvg_py")
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg))
    drawn = grey(Image.open(io.BytesIO(png)))
    assert share_of_outline(drawn) == 1
    assert drawn[OFF_RING].min() == 255


def test_svg_is_saved_to_files_and_streams(tmp_path, options):
    result = extract(ring(), options)
    stream = io.BytesIO()
    result.save(stream, format="svg")
    result.save(tmp_path / "lines.SVG")
    assert stream.getvalue() == (tmp_path / "lines.SVG").read_bytes() == result.to_svg().encode()
    assert [path.name for path in tmp_path.iterdir()] == ["lines.SVG"]


def test_a_format_that_is_named_goes_before_the_ending(tmp_path, options):
    result = extract(ring(), options)
    result.save(tmp_path / "pixels.svg", format="png")
    result.save(tmp_path / "paths.png", format=".SVG")
    assert (tmp_path / "pixels.svg").read_bytes() == result.encode("png")
    assert (tmp_path / "paths.png").read_text() == result.to_svg()


def test_an_unknown_format_is_an_error(tmp_path, options):
    result = extract(ring(), options)
    for target in (tmp_path / "lines.xyz", tmp_path / "lines", io.BytesIO()):
        with pytest.raises(NurieError, match="no ending that nurie can write"):
            result.save(target)
    assert not list(tmp_path.iterdir())


# What goes wrong


def test_options_cannot_be_changed_by_accident():
    with pytest.raises(FrozenInstanceError):
        ExtractOptions().style = "ink"  # pyright: ignore[reportAttributeAccessIssue]


def test_a_picture_that_is_too_large_is_refused(options):
    with pytest.raises(ImageTooLarge, match="--max-pixels 36864"):
        extract(ring(), replace(options, max_pixels=36863))
    extract(ring(), replace(options, max_pixels=36864))


def test_an_unknown_model_is_found_before_the_picture_is_read(tmp_path):
    for model in ("nope", "", str(tmp_path / "nope.onnx"), str(tmp_path / "line\nbreak.onnx")):
        with pytest.raises(UnknownModel):
            extract(tmp_path / "missing.png", ExtractOptions(model=model))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"no model", DamagedModel),
        (model_bytes(takes=(1, 1, "h", "w")), DamagedModel),
        (model_bytes(channels=3, metadata={"nurie.channels": "3"}), NurieError),
        (model_bytes(metadata={"nurie.tile": "wide"}), DamagedModel),
    ],
    ids=["damaged", "takes grey", "gives colour", "metadata"],
)
def test_a_model_that_extracts_no_lines_is_a_one_line_error(tmp_path, content, error):
    path = tmp_path / "other.onnx"
    path.write_bytes(content)
    with pytest.raises(error, match=r"other\.onnx") as caught:
        extract(ring(), ExtractOptions(model=str(path)))
    assert "\n" not in str(caught.value)


# The model that nurie ships


@pytest.fixture
def find() -> Callable[[Image.Image | np.ndarray], np.ndarray]:
    """Coverage by the shipped model, in the soft style."""
    return lambda picture: extract(picture).coverage


def test_the_default_model_is_the_one_that_is_shipped():
    assert not cards() or MODEL in {card.name for card in cards()}


@needs_the_shipped_model
@pytest.mark.parametrize("style", STYLES)
def test_shipped_the_ring_comes_out_on_pure_paper(style):
    drawn = grey(extract(ring(), ExtractOptions(style=style)).image)
    assert share_of_outline(drawn) > 0.95
    assert np.mean(drawn[OFF_RING] < 250) <= 0.001
    # A pixel in a corner may be grey: it has less around it than the network learnt from.
    assert drawn[OFF_RING & INNER].min() == 255


@needs_the_shipped_model
@pytest.mark.parametrize("tint", TINTS)
def test_shipped_blank_paper_stays_blank(find, tint):
    drawn = lines.over_white(find(np.full((250, 330, 3), tint, np.uint8)))
    assert np.mean(drawn < 250) <= 0.001


@needs_the_shipped_model
def test_shipped_tiled_equals_untiled(find, monkeypatch):
    page = Image.new("RGB", (448, 320), (246, 240, 228))
    for place in ((0, 0), (200, 40), (270, 140)):
        page.paste(ring(), place)
    whole = find(page)
    small = replace(cards()[0], tile=160)
    monkeypatch.setattr("nurie.tasks.extract.card", lambda _: small)
    calls = []
    tiled = extract(page, progress=lambda *count: calls.append(count)).coverage
    assert len(calls) > 2
    border = cards()[0].halo
    inner = (slice(border, -border), slice(border, -border))
    assert np.abs(tiled - whole)[inner].max() <= 2 / 255


@needs_the_shipped_model
def test_shipped_the_same_picture_gives_the_same_bytes_in_another_process(tmp_path):
    ring().save(tmp_path / "ring.png")
    code = "import sys, nurie; nurie.extract(sys.argv[1]).save(sys.argv[2])"
    for name in ("one.png", "two.png"):
        arguments = [str(tmp_path / "ring.png"), str(tmp_path / name)]
        subprocess.run([sys.executable, "-c", code, *arguments], check=True)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert (tmp_path / "one.png").read_bytes() == extract(ring()).encode("png")


@needs_the_shipped_model
@pytest.mark.parametrize("color", [False, True])
def test_shipped_a_cut_out_figure_stays_cut_out(color):
    result = extract(sticker(), ExtractOptions(transparent=True, color=color))
    alpha = np.asarray(result.image.getchannel("A"))
    assert alpha[OUTSIDE].max() == 0
    assert share_of_outline(255 - alpha) > 0.95


@needs_the_shipped_model
@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_shipped_threads_and_device_hardly_matter(find, device):
    for threads in (1, 2):
        result = extract(ring(), ExtractOptions(threads=threads, device=device))
        assert np.abs(result.coverage - find(ring())).max() < 1e-3


@needs_the_shipped_model
@pytest.mark.parametrize("style", STYLES)
def test_shipped_golden_ring(is_golden, style):
    is_golden(extract(ring(), ExtractOptions(style=style)).image, f"ring-{style}")


@needs_the_shipped_model
@pytest.mark.parametrize("name", ["anime", "cartoon", "manga", "night", "pencil", "portrait"])
def test_shipped_golden_example(is_golden, name):
    with Image.open(EXAMPLES / f"{name}.png") as image:
        left, top = (image.width - 384) // 2, (image.height - 384) // 2
        middle = image.crop((left, top, left + 384, top + 384))
    is_golden(extract(middle).image, name)


@needs_the_shipped_model
def test_shipped_golden_sticker(is_golden):
    options = ExtractOptions(transparent=True, color=True)
    is_golden(extract(EXAMPLES / "sticker.png", options).image, "sticker")
