"""The studio as a user has it: a server of its own, and a real browser."""

import base64
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

SIZES = {"desk": (1440, 900), "phone": (390, 844)}
NAMES = {"en": "en-GB", "ja": "ja-JP"}

EXPECTED = re.compile(r"status of (401|404|415|503)|ERR_(ABORTED|FAILED)|net::")
"""What the browser writes to its console when a server refuses: some tests have it refuse."""


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where a server listens that was started for these tests."""
    command = [sys.executable, "-m", "nurie", "serve", "--no-browser", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    found = re.search(r"http://\S+", server.stdout.readline())
    assert found, "nurie serve printed no address"
    yield found[0].rstrip("/") + "/"
    server.terminate()
    server.wait(20)


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, or whichever is installed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if not path:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def line_art(tmp_path_factory) -> Path:
    """Three closed forms on paper: a square with a disc in it, and a triangle."""
    image = Image.new("RGB", (400, 300), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((30, 40, 200, 260), outline="black", width=4)
    draw.ellipse((70, 90, 160, 180), outline="black", width=4)
    draw.polygon([(300, 50), (370, 250), (230, 250)], outline="black", width=4)
    path = tmp_path_factory.mktemp("pictures") / "forms.png"
    image.save(path)
    return path


@pytest.fixture(scope="session")
def painting(tmp_path_factory) -> Path:
    """A picture in colour, of which lines have to be found."""
    image = Image.new("RGB", (320, 240), "#a9cfe8")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 160, 320, 240), fill="#5d8a3f", outline="#23331a", width=4)
    draw.ellipse((100, 60, 220, 190), fill="#e8604c", outline="#3b1410", width=4)
    path = tmp_path_factory.mktemp("pictures") / "ball.png"
    image.save(path)
    return path


class Easel:
    """A page of the studio, and the hands before it."""

    def __init__(self, page, shots: Path):
        self.page = page
        self._shots = shots
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message) -> None:
        if message.type == "error" and not EXPECTED.search(message.text):
            self.errors.append(message.text)

    def choose(self, path: Path, button: str = "#choose") -> None:
        """Press the button and choose a file."""
        with self.page.expect_file_chooser() as chooser:
            self.page.locator(button).click()
        chooser.value.set_files(path)

    def open(self, path: Path) -> None:
        self.choose(path)
        self.rest()

    def rest(self) -> None:
        """Wait until the picture is open, and what was done to it is on the screen."""
        self.page.wait_for_selector("body[data-phase=open]", timeout=30_000)
        self.page.wait_for_selector("#canvas[aria-busy=false]", timeout=30_000)
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where on the screen a place of the picture is; x and y are shares of its size."""
        left, top, width, height = self.page.evaluate(
            "(({left, top, width, height}) => [left, top, width, height])"
            "(document.getElementById('paper').getBoundingClientRect())"
        )
        return left + x * width, top + y * height

    def take(self, color: str) -> None:
        self.page.locator(f'#swatches [data-color="{color}"]').click()

    def dab(self, x: float, y: float, color: str | None = None) -> None:
        if color:
            self.take(color)
        self.page.mouse.click(*self.at(x, y))
        self.rest()

    def stroke(self, *places: tuple[float, float]) -> None:
        self.page.mouse.move(*self.at(*places[0]))
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*self.at(*place), steps=5)
        self.page.mouse.up()
        self.rest()

    def color(self, x: float, y: float) -> str:
        """What is seen at a place of the picture, between its hints."""
        stage = self.page.locator("#stage").bounding_box()
        screen_x, screen_y = self.at(x, y)
        rgb = self.page.evaluate(
            "([x, y]) => [...document.getElementById('picture').getContext('2d')"
            ".getImageData(x * devicePixelRatio, y * devicePixelRatio, 1, 1).data.slice(0, 3)]",
            [screen_x - stage["x"], screen_y - stage["y"]],
        )
        return "#{:02x}{:02x}{:02x}".format(*rgb)

    def pixels(self) -> np.ndarray:
        """What is seen on the stage below the hints, (H, W, 4) uint8."""
        width, height, data = self.page.evaluate(
            "(() => { const c = document.getElementById('picture'); const d = c.getContext('2d')"
            ".getImageData(0, 0, c.width, c.height).data; let s = '';"
            "for (let i = 0; i < d.length; i += 8192)"
            " s += String.fromCharCode(...d.subarray(i, i + 8192));"
            "return [c.width, c.height, btoa(s)]; })()"
        )
        return np.frombuffer(base64.b64decode(data), np.uint8).reshape(height, width, 4)

    def shot(self, name: str) -> None:
        self.page.screenshot(path=self._shots / f"{name}.png")


def _opener(browser, address: str, shots: Path, opened: list[Easel]):
    def open_studio(
        *, language: str = "en", size: str = "desk", theme: str = "light", path: str = ""
    ) -> Easel:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=NAMES[language],
            color_scheme=theme,
            has_touch=size == "phone",
            is_mobile=size == "phone",
            device_scale_factor=2 if size == "phone" else 1,
            reduced_motion="reduce",
        )
        context.set_default_timeout(20_000)
        made = Easel(context.new_page(), shots)
        opened.append(made)
        made.page.goto(address + path)
        made.page.wait_for_selector("html[data-ready]", state="attached")
        return made

    return open_studio


def _close(opened: list[Easel]) -> None:
    for made in opened:
        made.page.context.close()
    assert not [error for made in opened for error in made.errors]


@pytest.fixture(scope="session")
def shots(tmp_path_factory) -> Path:
    """Where screenshots go: NURIE_SCREENSHOTS, or with pytest's temporary files."""
    folder = Path(os.environ.get("NURIE_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def easel(browser, address, shots) -> Iterator:
    """Open the studio: `easel(language="ja", size="phone", theme="dark")`."""
    opened: list[Easel] = []
    yield _opener(browser, address, shots, opened)
    _close(opened)


@pytest.fixture(scope="module")
def one_easel(browser, address, shots) -> Iterator[Easel]:
    """A studio that the tests of a module share; each of them opens a picture of its own."""
    opened: list[Easel] = []
    yield _opener(browser, address, shots, opened)()
    _close(opened)
