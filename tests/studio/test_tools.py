"""Each tool, layer and setting does what it says."""

import json

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

RED, BLUE, GREEN, SKIN = "#a8323a", "#3f78a8", "#5d8a3f", "#f4c7a1"
SQUARE, DISC, TRIANGLE = (0.15, 0.2), (0.29, 0.45), (0.75, 0.7)


@pytest.fixture
def studio(one_easel, line_art):
    page = one_easel.page
    if page.locator("body").get_attribute("data-phase") == "open":
        page.locator("#menu-button").click()
        page.get_by_role("menuitem", name="Close the picture").click()
    one_easel.open(line_art)
    page.keyboard.press("b")
    return one_easel


def saved_hints(studio, tmp_path):
    with studio.page.expect_download() as download:
        studio.page.keyboard.press("Control+s")
    path = tmp_path / "saved.nurie"
    download.value.save_as(path)
    return json.loads(path.read_text())["drawing"]["hints"]


def test_bucket_replaces_what_lies_in_a_region(studio, tmp_path):
    studio.dab(0.12, 0.2, RED)
    studio.dab(0.4, 0.2, BLUE)  # two colours divide the square
    assert studio.color(0.12, 0.3) == RED
    studio.take(GREEN)
    studio.page.keyboard.press("g")
    studio.dab(*SQUARE)
    for place in ((0.12, 0.3), (0.4, 0.3)):
        assert studio.color(*place) == GREEN
    (hint,) = saved_hints(studio, tmp_path)
    assert hint["fill"]
    assert hint["color"] == GREEN


def test_eraser_cuts_strokes_and_is_one_step(studio, tmp_path):
    studio.take(RED)
    studio.stroke((0.12, 0.25), (0.45, 0.25))
    studio.page.keyboard.press("e")
    studio.stroke((0.28, 0.2), (0.28, 0.3))
    assert len(saved_hints(studio, tmp_path)) == 2
    studio.page.keyboard.press("Control+z")
    studio.rest()
    assert len(saved_hints(studio, tmp_path)) == 1


def test_eyedropper_takes_the_flats_and_goes_back_to_painting(studio):
    studio.dab(*DISC, SKIN)
    studio.take(BLUE)
    page = studio.page
    page.keyboard.press("i")
    page.mouse.click(*studio.at(0.27, 0.42))
    assert page.locator("[data-tool=brush]").get_attribute("aria-pressed") == "true"
    background = page.locator("#pot").evaluate("(pot) => getComputedStyle(pot).backgroundColor")
    assert background == "rgb(244, 199, 161)"
    page.mouse.move(*studio.at(0.15, 0.2))
    page.mouse.down(button="right")  # held in the other hand, so to speak
    page.mouse.up(button="right")
    assert page.locator("#undo").get_attribute("aria-disabled") == "false"


def test_keys_alone_can_paint(studio, tmp_path):
    page = studio.page
    page.locator("#canvas").focus()
    page.keyboard.press("ArrowLeft")  # shows the pointer in the middle
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    studio.rest()
    assert len(saved_hints(studio, tmp_path)) == 1
    assert "Region" in page.locator("#announcer").text_content()


def test_layers_are_hidden_and_seen_through(studio):
    studio.dab(*SQUARE, RED)
    row = studio.page.locator("#layers li").filter(has_text="Flats")
    row.locator("input").fill("0.5")
    studio.rest()
    seen = np.array(list(bytes.fromhex(studio.color(0.12, 0.3)[1:])))
    assert np.abs(seen - (np.array(list(bytes.fromhex(RED[1:]))) + 255) / 2).max() <= 2
    row.locator("button").click()
    studio.rest()
    assert studio.color(0.12, 0.3) == "#ffffff"
    studio.page.keyboard.press("l")
    studio.rest()
    assert (studio.pixels()[60:-150, 400:700, :3] == 255).all()


def test_the_divider_shows_the_source_at_its_left(studio):
    studio.dab(*SQUARE, RED)
    page = studio.page
    page.keyboard.press("c")
    studio.rest()
    assert studio.color(0.12, 0.3) == "#ffffff"
    page.locator("#divider").focus()
    page.keyboard.press("Home")
    studio.rest()
    assert studio.color(0.12, 0.3) == RED
    assert page.locator("#divider").get_attribute("aria-valuenow") == "0"
    studio.shot("compare")


def test_another_colouring_is_another_and_can_be_undone(studio):
    before = studio.pixels()
    studio.page.keyboard.press("r")
    studio.rest()
    assert (studio.pixels() != before).any()
    studio.page.keyboard.press("Control+z")
    studio.rest()
    np.testing.assert_array_equal(studio.pixels(), before)


def test_a_slider_is_one_step_however_far_it_goes(studio):
    page = studio.page
    box = page.locator("#spread").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, middle, steps=6)
    page.mouse.up()
    studio.rest()
    assert page.locator("#spread-figure").text_content() == "200%"
    page.keyboard.press("Control+z")
    assert page.locator("#spread-figure").text_content() == "100%"


def test_shade_comes_as_a_layer_of_its_own(studio):
    before = studio.pixels()
    studio.page.keyboard.press("s")
    studio.rest()
    shaded = studio.pixels()
    assert (shaded != before).any()
    assert (shaded[..., :3] <= before[..., :3]).all(), "shade darkens"
    studio.page.locator("#shade-strength").fill("0")
    studio.rest()
    np.testing.assert_array_equal(studio.pixels(), before)


def test_gap_and_kind_are_read_anew_and_undone(studio):
    page = studio.page
    with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        page.locator("#gap").fill("3")
    studio.rest()
    assert page.locator("#gap-figure").text_content() == "3 px"
    page.locator("input[name=kind][value=picture]").check(force=True)
    studio.rest()
    assert page.locator("#style").is_enabled()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    studio.rest()
    assert page.locator("#gap-figure").text_content() == "10 px"
    assert page.locator("input[name=kind][value=lines]").is_checked()


def test_palettes_come_from_files(studio, tmp_path):
    path = tmp_path / "wood.gpl"
    path.write_text("GIMP Palette\nName: Wood\n#\n 120 80 40 oak\n 200 160 110 pine\n")
    studio.page.locator("#palette-button").click()
    menu = studio.page.get_by_role("menuitem", name="From a file")
    with studio.page.expect_file_chooser() as chooser:
        menu.click()
    chooser.value.set_files(path)
    expect(studio.page.locator("#swatches > *")).to_have_count(2)
    assert studio.page.locator("#palette-name").text_content() == "Wood"
    studio.page.locator("#lock").click()
    studio.rest()
    assert studio.color(*SQUARE) in ("#785028", "#c8a06e")


def test_a_reference_is_set_and_removed(studio, painting):
    before = studio.pixels()
    studio.choose(painting, "#reference-choose")
    studio.page.locator("#reference-remove").wait_for()
    studio.rest()
    assert studio.page.locator("#reference-name").text_content() == "ball.png"
    assert (studio.pixels() != before).any()
    studio.shot("reference")
    studio.page.locator("#reference-remove").click()
    studio.rest()
    np.testing.assert_array_equal(studio.pixels(), before)


def test_other_formats_are_written(studio, tmp_path):
    page = studio.page
    files = {}
    for format in ("webp", "svg", "ora"):
        page.locator("#download-button").click()
        page.locator(f"#formats input[value={format}]").check(force=True)
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        files[format] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[format])
    assert {path.name for path in files.values()} == {"forms.webp", "forms.svg", "forms.ora"}
    assert Image.open(files["webp"]).size == (400, 300)
    assert "<path" in files["svg"].read_text()
    assert files["ora"].read_bytes()[30:38] == b"mimetype"
