/** The tray of colours: the one that paints, the palette, and what the picture has. */

import { call } from "../api.js";
import { isLight } from "../color.js";
import { locale, t } from "../i18n.js";
import { PALETTES } from "../palettes.js";
import { during } from "../work.js";
import { announce } from "./announce.js";
import { byId, chooseFile, make } from "./dom.js";
import { attach, fillMenu } from "./menus.js";
import { report } from "./problems.js";
import { toast } from "./toasts.js";

/** Colours that a palette is cut to: no picture needs more, and the tray has room for no more. */
const LARGEST = 48;

/** @param {import("../palettes.js").Palette} palette */
export const nameOf = (palette) => (palette.key ? t(palette.key) : palette.name);

/** @param {import("../studio.js").Studio} studio */
export function setUpTray(studio) {
  const { ui, state } = studio;

  ui.watch(["color", "lastColor"], ({ color, lastColor }) => {
    byId("pot").style.background = color;
    byId("pot-last").style.background = lastColor;
  });
  byId("pot-last").onclick = () => studio.take(ui.value.lastColor);

  const palette = listOf(byId("swatches"), (color) => studio.take(color), remove);
  const used = listOf(byId("used"), (color) => studio.take(color));
  ui.watch(["palette"], (value) => palette.show(value.palette.colors));
  state.watch(["used"], (value) => {
    used.show(value.used);
    used.mark(ui.value.color);
  });
  ui.watch(["color", "palette"], ({ color }) =>
    [palette, used].forEach((list) => list.mark(color)),
  );

  const showName = () => (byId("palette-name").textContent = nameOf(ui.value.palette));
  ui.watch(["palette"], showName);
  locale.watch(["language"], showName);

  /** @param {string} color */
  function remove(color) {
    const { colors } = ui.value.palette;
    if (colors.length < 2) return;
    setColors(colors.filter((other) => other !== color));
    announce(t("removeColor", { color }));
  }

  byId("add-color").onclick = () => {
    const { color, palette: before } = ui.value;
    if (!before.colors.includes(color)) setColors([...before.colors, color].slice(-LARGEST));
  };

  /** A palette that somebody changed is theirs. @param {readonly string[]} colors */
  function setColors(colors) {
    const before = ui.value.palette;
    use({ ...(before.key ? { key: "paletteMine", name: "" } : before), colors });
  }

  /** @param {import("../palettes.js").Palette} next */
  function use(next) {
    ui.set({ palette: next });
    if (state.value.drawing.palette) studio.change({ palette: next.colors });
  }

  byId("lock").onclick = () => toggleLock(studio);
  state.watch(["drawing"], ({ drawing }) => {
    byId("lock").setAttribute("aria-pressed", String(drawing.palette !== null));
    byId("lock-icon").setAttribute("href", `icons.svg#${drawing.palette ? "lock" : "unlock"}`);
  });

  attach(byId("palette-button"), byId("palette-menu"), () => {
    const { palette: current } = ui.value;
    const isOwn = !PALETTES.some(({ key }) => key === current.key);
    fillMenu(byId("palette-menu"), [
      ...[...PALETTES, ...(isOwn ? [current] : [])].map((one) => ({
        label: nameOf(one),
        colors: one.colors,
        checked: one === current || (one.key !== undefined && one.key === current.key),
        run: () => use(one),
      })),
      "rule",
      {
        label: t("paletteUsed"),
        icon: "palette",
        disabled: !state.value.used.length,
        run: () => use({ name: state.value.name, colors: state.value.used }),
      },
      {
        label: t("paletteLoad"),
        icon: "folder",
        run: async () => {
          const file = await chooseFile("palette-file");
          if (file) await loadPalette(studio, file);
        },
      },
    ]);
  });
}

/** @param {import("../studio.js").Studio} studio */
export function toggleLock(studio) {
  const { drawing } = studio.state.value;
  const palette = drawing.palette ? null : studio.ui.value.palette.colors;
  studio.change({ palette });
  announce(t(palette ? "locked" : "unlocked"));
}

/**
 * Take the palette of a file or picture.
 * @param {import("../studio.js").Studio} studio
 * @param {File} file
 */
export async function loadPalette(studio, file) {
  try {
    const { name, colors } = await during("working", async (signal) =>
      (await call("POST", "palettes", { form: { file }, signal })).json(),
    );
    const palette = { name: name || file.name, colors: colors.slice(0, LARGEST) };
    studio.ui.set({ palette });
    if (studio.drawing.palette) studio.change({ palette: palette.colors });
    toast(t("paletteLoaded", { name: palette.name }));
  } catch (error) {
    report(error);
  }
}

/**
 * A list of swatches through which the arrow keys go.
 * @param {HTMLElement} root
 * @param {(color: string) => void} take
 * @param {(color: string) => void} [remove]
 */
function listOf(root, take, remove) {
  const swatches = () => /** @type {HTMLElement[]} */ ([...root.children]);
  root.onclick = (event) => {
    const { color } = /** @type {HTMLElement} */ (event.target).dataset;
    if (color) take(color);
  };
  root.onkeydown = (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const { color } = target.dataset;
    const at = swatches().indexOf(target);
    if (!color || at < 0) return;
    const last = swatches().length - 1;
    const way = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -12, ArrowDown: 12 }[event.key];
    if (way) {
      const next = swatches()[Math.min(Math.max(at + way, 0), last)];
      target.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      take(color);
    } else if (event.key === "Delete" && remove) {
      remove(color);
      swatches()[Math.min(at, last - 1)]?.focus();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return {
    /** @param {readonly string[]} colors */
    show(colors) {
      root.replaceChildren(
        ...colors.map((color, index) => {
          const swatch = make("span", {
            role: "option",
            class: isLight(color) ? "swatch" : "swatch dark",
            tabindex: index ? "-1" : "0",
            "aria-label": color,
            "aria-selected": "false",
            "data-color": color,
            "data-text": color,
          });
          swatch.style.setProperty("--color", color);
          return swatch;
        }),
      );
    },
    /** @param {string} color */
    mark(color) {
      for (const swatch of swatches()) {
        swatch.setAttribute("aria-selected", String(swatch.dataset.color === color));
      }
    },
  };
}
