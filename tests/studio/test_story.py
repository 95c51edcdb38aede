"""From a dropped picture to layers in a file, as users go."""

import base64

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage

DROP = """([name, data]) => {
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name, { type: "image/png" }));
  for (const type of ["dragenter", "dragover", "drop"]) {
    const event = new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true });
    document.getElementById("start").dispatchEvent(event);
  }
}"""

RED, BLUE, GREEN = "#a8323a", "#3f78a8", "#5d8a3f"


def drop(easel, path):
    content = base64.b64encode(path.read_bytes()).decode()
    easel.page.evaluate(DROP, [path.name, content])
    easel.rest()


def psd_layers(path):
    return {layer.name: layer for layer in PSDImage.open(path)}


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("ja", "dark")])
def test_the_whole_story(easel, painting, language, theme, tmp_path):
    studio = easel(language=language, theme=theme)
    page = studio.page
    assert page.locator("html").get_attribute("lang") == language
    studio.shot(f"start-{language}-{theme}")

    drop(studio, painting)  # the only thing to be done before it is coloured
    assert page.locator("input[name=kind]:checked").get_attribute("value") == "picture"
    automatic = studio.pixels()
    assert len(np.unique(automatic.reshape(-1, 4), axis=0)) > 3

    for (x, y), color in {(0.1, 0.2): BLUE, (0.5, 0.5): RED, (0.1, 0.9): GREEN}.items():
        studio.dab(x, y, color)
    for (x, y), color in {(0.3, 0.15): BLUE, (0.45, 0.45): RED, (0.8, 0.9): GREEN}.items():
        assert studio.color(x, y) == color
    studio.shot(f"hints-{language}-{theme}")

    page.keyboard.press("Control+z")
    studio.rest()
    assert studio.color(0.8, 0.9) != GREEN
    page.keyboard.press("Control+Shift+z")
    studio.rest()
    assert studio.color(0.8, 0.9) == GREEN

    page.locator("#lock").click()
    studio.rest()
    assert page.locator("#lock").get_attribute("aria-pressed") == "true"
    swatches = {s.get_attribute("data-color") for s in page.locator("#swatches > *").all()}
    page.wait_for_timeout(600)  # colours are counted once the picture is at rest
    assert {s.get_attribute("data-color") for s in page.locator("#used > *").all()} <= swatches

    page.locator("#download-button").click()
    page.locator("#formats input[value=psd]").check(force=True)
    studio.shot(f"download-{language}-{theme}")
    with page.expect_download() as download:
        page.locator("#download-form button[type=submit]").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "ball.psd"
    layers = psd_layers(path)
    assert {"flats", "hints", "line"} <= layers.keys()
    flats = np.asarray(layers["flats"].topil().convert("RGB"))
    assert flats.shape == (240, 320, 3)
    assert tuple(flats[int(0.45 * 240), int(0.45 * 320)]) == tuple(bytes.fromhex(RED[1:]))


def test_what_is_seen_is_what_is_written(easel, line_art, tmp_path):
    studio = easel()
    studio.open(line_art)
    studio.dab(0.15, 0.2, RED)
    studio.page.keyboard.press("1")
    studio.rest()
    with studio.page.expect_download() as download:
        studio.page.keyboard.press("Control+e")
        studio.page.keyboard.press("Enter")
    path = tmp_path / "art.png"
    download.value.save_as(path)
    written = np.asarray(Image.open(path).convert("RGB")).astype(int)
    left, top = studio.at(0, 0)
    stage = studio.page.locator("#stage").bounding_box()
    x, y = round(left - stage["x"]), round(top - stage["y"])
    seen = studio.pixels()[y : y + 300, x : x + 400, :3].astype(int)
    # Zoomed to actual size the picture may lie between two pixels of the screen: look inside forms.
    assert np.median(np.abs(seen - written)) == 0
    assert (np.abs(seen - written).max(2) > 1).mean() < 0.1


@pytest.mark.parametrize("language", ["en", "ja"])
def test_on_a_phone(easel, language):
    studio = easel(language=language, size="phone")
    page = studio.page
    studio.shot(f"phone-start-{language}")
    page.locator("#examples button").first.tap()  # the second action: the first opened the page
    studio.rest()
    assert len(np.unique(studio.pixels().reshape(-1, 4), axis=0)) > 3, "it is coloured"
    page.locator(f'#swatches [data-color="{RED}"]').tap()
    page.touchscreen.tap(*studio.at(0.5, 0.22))
    page.wait_for_selector("#undo[aria-disabled=false]")
    studio.rest()
    assert studio.color(0.5, 0.2) == RED
    studio.shot(f"phone-hint-{language}")
    page.locator("#sheet-button").tap()
    page.locator("#panel").wait_for(state="visible")
    studio.shot(f"phone-sheet-{language}")
    page.locator("#sheet-close").tap()
    assert not page.locator("#panel").is_visible()
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide, "the page can be scrolled sideways"


def test_two_fingers_zoom_and_never_paint(easel, line_art):
    studio = easel(size="phone")
    studio.open(line_art)
    session = studio.page.context.new_cdp_session(studio.page)
    x, y = studio.at(0.5, 0.5)
    before = studio.page.locator("#paper").bounding_box()

    def touch(kind, *fingers):
        points = [{"x": fx, "y": fy, "id": n} for n, (fx, fy) in enumerate(fingers)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (x - 30, y))
    touch("touchStart", (x - 30, y), (x + 30, y))
    for way in range(10, 70, 10):
        touch("touchMove", (x - 30 - way, y), (x + 30 + way, y))
    touch("touchEnd")
    studio.rest()
    after = studio.page.locator("#paper").bounding_box()
    assert after["width"] > 2 * before["width"]
    assert studio.page.locator("#undo").get_attribute("aria-disabled") == "true"
