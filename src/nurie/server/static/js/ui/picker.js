/** The colour picker: saturation and brightness in a square, hue below, and the colour's number. */

import { fromHsv, parseHex, toHsv } from "../color.js";
import { locale, t } from "../i18n.js";
import { byId } from "./dom.js";
import { attach } from "./menus.js";

/** @param {import("../studio.js").Studio} studio */
export function setUpPicker(studio) {
  const square = byId("picker-square");
  const hue = /** @type {HTMLInputElement} */ (byId("picker-hue"));
  const hex = /** @type {HTMLInputElement} */ (byId("picker-hex"));
  // Kept beside the colour: greys have no hue, yet the slider must stay where it was put.
  let hsv = toHsv(studio.ui.value.color);

  /** @type {string | null} the colour to go back to, until the first pick has put it aside */
  let before = null;

  attach(byId("pot"), byId("picker"), () => (before = studio.ui.value.color));

  const show = () => {
    const color = fromHsv(hsv);
    square.style.setProperty("--hue", fromHsv({ h: hsv.h, s: 1, v: 1 }));
    const knob = byId("picker-knob");
    knob.style.left = `${100 * hsv.s}%`;
    knob.style.top = `${100 * (1 - hsv.v)}%`;
    knob.style.background = color;
    byId("picker-chip").style.background = color;
    hue.value = String(Math.round(hsv.h));
    if (document.activeElement !== hex) hex.value = color;
    const [s, v] = [Math.round(100 * hsv.s), Math.round(100 * hsv.v)];
    square.setAttribute("aria-valuenow", String(v));
    square.setAttribute("aria-valuetext", t("saturationValueText", { s, v }));
  };
  const pick = (/** @type {Partial<typeof hsv>} */ parts) => {
    hsv = { ...hsv, ...parts };
    show();
    studio.ui.set({ color: fromHsv(hsv), ...(before && { lastColor: before }) });
    before = null;
  };

  studio.ui.watch(["color"], ({ color }) => {
    if (color === fromHsv(hsv)) return;
    const next = toHsv(color);
    hsv = next.s ? next : { ...next, h: hsv.h };
    show();
  });
  locale.watch(["language"], show);

  const follow = (/** @type {PointerEvent} */ event) => {
    const { left, top, width, height } = square.getBoundingClientRect();
    const share = (/** @type {number} */ way) => Math.min(Math.max(way, 0), 1);
    pick({
      s: share((event.clientX - left) / width),
      v: 1 - share((event.clientY - top) / height),
    });
  };
  square.onpointerdown = (event) => {
    square.setPointerCapture(event.pointerId);
    follow(event);
  };
  square.onpointermove = (event) => {
    if (square.hasPointerCapture(event.pointerId)) follow(event);
  };
  square.onkeydown = (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[
      event.key
    ];
    if (!way) return;
    event.preventDefault();
    const step = event.shiftKey ? 0.1 : 0.02;
    const moved = (/** @type {number} */ value, /** @type {number} */ by) =>
      Math.min(Math.max(value + step * by, 0), 1);
    pick({ s: moved(hsv.s, way[0]), v: moved(hsv.v, way[1]) });
  };
  hue.oninput = () => pick({ h: Number(hue.value) });
  hex.oninput = () => {
    const color = parseHex(hex.value);
    hex.toggleAttribute("aria-invalid", !color);
    if (color) pick(toHsv(color));
  };
  hex.onblur = show;
  byId("picker-dropper").onclick = () => {
    byId("picker").hidePopover();
    studio.choose("eyedropper");
  };
}
