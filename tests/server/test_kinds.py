from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from nurie.server.kinds import kind_of

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lines", "lines"),
        ("manga", "lines"),
        ("anime", "picture"),
        ("cartoon", "picture"),
        ("night", "picture"),
        ("portrait", "picture"),
        ("sticker", "picture"),
    ],
)
def test_of_the_examples(name, kind):
    image = Image.open(EXAMPLES / f"{name}.png")
    assert (
        kind_of(np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))) == kind
    )


@pytest.fixture
def scan() -> Image.Image:
    """Line art on yellowish, grainy paper, as a scanner sees it."""
    image = Image.open(EXAMPLES / "lines.png").convert("RGB")
    paper = np.asarray(image) / 255 * (240, 228, 200)
    grain = np.random.default_rng(0).normal(0, 5, paper.shape)
    return Image.fromarray((paper + grain).clip(0, 255).astype(np.uint8))


def test_a_scan_is_line_art(scan):
    assert kind_of(np.asarray(scan.filter(ImageFilter.GaussianBlur(0.7)))) == "lines"


def test_a_painted_scan_is_a_picture(scan):
    ImageDraw.Draw(scan).ellipse((200, 300, 420, 520), fill=(220, 150, 120))
    assert kind_of(np.asarray(scan)) == "picture"


def test_ink_on_nothing_is_line_art():
    ink = 255 - np.asarray(Image.open(EXAMPLES / "lines.png").convert("L"))
    assert kind_of(np.dstack([np.zeros((*ink.shape, 3), np.uint8), ink])) == "lines"


def test_coloured_lines_and_black_areas_are_line_art():
    image = Image.new("RGB", (400, 400), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((40, 40, 200, 360), outline=(40, 90, 220), width=3)
    draw.rectangle((240, 60, 340, 340), fill="black")
    assert kind_of(np.asarray(image)) == "lines"


@pytest.mark.parametrize(("color", "kind"), [("white", "lines"), ("black", "picture")])
def test_one_colour_throughout(color, kind):
    assert kind_of(np.asarray(Image.new("RGB", (30, 20), color))) == kind


def test_one_pixel():
    assert kind_of(np.full((1, 1, 3), 255, np.uint8)) == "lines"
