/** The bar at the top and the rail of tools. */

import { locale, toggleLanguage, t } from "../i18n.js";
import { theme, toggleTheme } from "../theme.js";
import { byId, setSlider, setText } from "./dom.js";

/** The largest brush, in pixels of the picture; the slider is finer where brushes are small. */
const LARGEST = 96;

/** @param {number} radius */
const toSlider = (radius) => 100 * (Math.log(radius) / Math.log(LARGEST));

/** @param {number} value */
const toRadius = (value) => Math.round(LARGEST ** (value / 100));

/** @param {number} radius @param {number} steps */
export function stepped(radius, steps) {
  const next = Math.round(radius * 1.25 ** steps);
  return Math.min(Math.max(next === radius ? radius + steps : next, 1), LARGEST);
}

/**
 * @param {import("../studio.js").Studio} studio
 * @param {import("../stage.js").Stage} stage
 * @param {import("../commands.js").Commands} commands
 */
export function setUpToolbar(studio, stage, commands) {
  const { ui, state } = studio;
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (
    document.querySelectorAll("[data-tool]")
  )) {
    const tool = /** @type {import("../studio.js").Ui["tool"]} */ (button.dataset.tool);
    button.onclick = () => studio.choose(tool);
    ui.watch(["tool"], (value) => button.setAttribute("aria-pressed", String(value.tool === tool)));
  }

  const size = /** @type {HTMLInputElement} */ (byId("size"));
  size.oninput = () => ui.set({ radius: toRadius(Number(size.value)) });
  ui.watch(["radius"], ({ radius }) => {
    if (toRadius(Number(size.value)) !== radius) size.value = String(toSlider(radius));
    setSlider(size, Number(size.value));
    byId("size-figure").textContent = String(2 * radius);
    size.setAttribute("aria-valuetext", t("pixels", { count: 2 * radius }));
  });

  const run = {
    undo: commands.undo,
    redo: commands.redo,
    "zoom-in": commands.zoomIn,
    "zoom-out": commands.zoomOut,
    "zoom-fit": commands.zoomFit,
    "zoom-actual": commands.zoomActual,
    compare: commands.compare,
    dice: commands.another,
    "download-button": commands.download,
    "help-button": commands.help,
    language: toggleLanguage,
    theme: toggleTheme,
  };
  for (const [id, command] of Object.entries(run)) byId(id).onclick = () => command();

  state.watch(["canUndo", "canRedo"], ({ canUndo, canRedo }) => {
    // aria-disabled, not disabled: the keyboard must not lose its place when all is undone.
    byId("undo").setAttribute("aria-disabled", String(!canUndo));
    byId("redo").setAttribute("aria-disabled", String(!canRedo));
  });
  state.watch(["name"], ({ name }) => {
    byId("title").textContent = name;
    document.title = name ? `${name} – nurie` : "nurie";
  });
  ui.watch(["comparing"], ({ comparing }) =>
    byId("compare").setAttribute("aria-pressed", String(comparing)),
  );
  stage.watch(() => {
    const percent = Math.round(100 * stage.view.scale * devicePixelRatio);
    setText(byId("zoom-actual"), `${percent}%`);
  });
  locale.watch(["language"], () => (byId("language").textContent = t("languageShort")));
  theme.watch(["name"], ({ name }) =>
    byId("theme-icon").setAttribute("href", `icons.svg#${name === "dark" ? "sun" : "moon"}`),
  );
}
