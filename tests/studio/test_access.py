"""Whoever doesn't see well, or has no mouse, can use the studio."""

import pytest

CONTROLS = {
    "application", "button", "checkbox", "combobox", "dialog", "link", "listbox", "menuitem",
    "menuitemradio", "option", "progressbar", "radio", "slider", "switch", "textbox",
}  # fmt: skip

LEAST_CONTRAST = """() => {
  const parse = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return text.startsWith("color(") ? [255 * r, 255 * g, 255 * b, a] : [r, g, b, a];
  };
  const over = ([r, g, b, a], [R, G, B]) =>
    [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const luminance = (color) => {
    const [r, g, b] = color.map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      layers.push(parse(getComputedStyle(at).backgroundColor));
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
      continue;
    if (element.closest(":disabled, [aria-disabled=true], [inert], script, .unseen")) continue;
    const style = getComputedStyle(element);
    const ground = behind(element);
    const [one, other] = [luminance(over(parse(style.color), ground)), luminance(ground)];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const isLarge = parseFloat(style.fontSize) >= 24;
    if (ratio < (isLarge ? 3 : 4.5)) poor.push(`${text}: ${ratio.toFixed(2)}`);
  }
  return poor;
}"""

SMALL = """(least) => [...document.querySelectorAll("button, [role=option], input")]
  .filter((element) => element.checkVisibility({ visibilityProperty: true })
    && !element.closest("[inert], .unseen") && !element.matches(".unseen"))
  .filter((element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    if (x < 0 || y < 0 || x > innerWidth || y > innerHeight) return false;
    const own = element.closest("label, .field") ?? element;
    // Where the window ends, so does the target, and nobody can miss it there.
    const isHit = (dx, dy) => {
      const hit = document.elementFromPoint(x + dx, y + dy);
      return !hit || own.contains(hit);
    };
    if (!isHit(0, 0)) return false; // a sheet lies over it for now
    const run = (dx, dy) => {
      let length = 0;
      while (length < least && isHit(length * dx, length * dy)) length++;
      return length;
    };
    return Math.min(run(1, 0) + run(-1, 0), run(0, 1) + run(0, -1)) < least;
  })
  .map((element) => element.id || element.getAttribute("aria-label") || element.outerHTML)"""


def unnamed(page) -> list[str]:
    """Controls that a screen reader would have no name for, as Chromium sees them."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    return [
        f"{node['role']['value']} {node.get('properties')}"
        for node in nodes
        if not node.get("ignored")
        and node.get("role", {}).get("value") in CONTROLS
        and not node.get("name", {}).get("value", "").strip()
    ]


def open_windows(studio):
    """Every window of the studio, one after the other."""
    page = studio.page
    for button, name in (
        ("#menu-button", "menu"),
        ("#palette-button", "palettes"),
        ("#pot", "picker"),
        ("#download-button", "download"),
    ):
        page.locator(button).click()
        page.locator(":popover-open, dialog[open]").wait_for()
        yield name
        page.keyboard.press("Escape")


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("ja", "dark")])
def test_names_and_contrast(easel, line_art, language, theme):
    studio = easel(language=language, theme=theme)
    page = studio.page
    assert not unnamed(page)
    assert not page.evaluate(LEAST_CONTRAST)
    studio.open(line_art)
    studio.dab(0.15, 0.2)
    page.keyboard.press("s")
    studio.rest()
    assert not unnamed(page)
    assert not page.evaluate(LEAST_CONTRAST)
    for name in open_windows(studio):
        assert not unnamed(page), name
        assert not page.evaluate(LEAST_CONTRAST), name
        studio.shot(f"{name}-{language}-{theme}")
    page.keyboard.press("?")
    assert not page.evaluate(LEAST_CONTRAST)
    studio.shot(f"help-{language}-{theme}")


FOCUSED = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element);
  const beside = element.nextElementSibling && getComputedStyle(element.nextElementSibling);
  const grip = element.querySelector(".grip") && getComputedStyle(element.querySelector(".grip"));
  const isSeen = [style, beside, grip].some(
    (one) => one && one.outlineStyle !== "none" && parseFloat(one.outlineWidth) >= 2);
  const { left, top } = element.getBoundingClientRect();
  return [element.id || element.name || element.className || element.tagName, isSeen, left, top];
}"""


def walk(page, most=90) -> list:
    """What the Tab key comes to, until it leaves the page or is where it began."""
    seen = []
    for _ in range(most):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found is None or found in seen:
            return seen
        seen.append(found)
    pytest.fail("the Tab key never comes to an end")


def test_tab_goes_everywhere_and_is_never_caught(easel, line_art):
    studio = easel()
    page = studio.page
    names = [name for name, *_ in walk(page)]
    assert names.index("choose") < names.index("choose-project")
    assert any("card" in name for name in names)
    studio.open(line_art)
    studio.dab(0.15, 0.2)
    page.evaluate("document.activeElement.blur(); getSelection().removeAllRanges()")
    page.locator("#menu-button").focus()
    page.keyboard.press("Shift+Tab")
    way = walk(page)
    names = [name for name, *_ in way]
    for name in ("menu-button", "undo", "download-button", "canvas", "size", "pot", "lock",
                 "another", "spread", "only-hints", "gap"):  # fmt: skip
        assert name in names, name
    assert names.index("undo") < names.index("canvas") < names.index("pot") < names.index("spread")
    assert not [name for name, is_seen, *_ in way if not is_seen], "focus must be seen"


def test_windows_close_with_escape_and_give_the_focus_back(easel, line_art):
    studio = easel()
    studio.open(line_art)
    for _ in open_windows(studio):
        pass
    assert studio.page.evaluate("document.activeElement.id") == "download-button"


def test_targets_are_large_enough_for_fingers(easel, line_art):
    studio = easel(size="phone")
    assert not studio.page.evaluate(SMALL, 44)
    studio.open(line_art)
    assert not studio.page.evaluate(SMALL, 44)
    studio.page.locator("#sheet-button").tap()
    assert not studio.page.evaluate(SMALL, 44)
