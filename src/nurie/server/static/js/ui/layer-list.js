/** The list of layers: each can be hidden, and made more or less transparent. */

import { locale, t } from "../i18n.js";
import { NAMES } from "../layers.js";
import { byId, icon, make, setSlider, setText } from "./dom.js";

/** @param {string} name */
const textKey = (name) => `layer${name[0].toUpperCase()}${name.slice(1)}`;

/** @param {import("../studio.js").Studio} studio */
export function setUpLayerList(studio) {
  const rows = NAMES.map((name) => layerRow(studio, name));
  byId("layers").replaceChildren(...rows.map(({ element }) => element));
  const show = () => rows.forEach((row) => row.show());
  studio.ui.watch(["looks"], show);
  studio.state.watch(["drawing"], show);
  locale.watch(["language"], show);
}

/** @param {import("../studio.js").Studio} studio @param {import("../layers.js").LayerName} name */
function layerRow(studio, name) {
  const eye = make("button", { type: "button", class: "mini" });
  const label = make("span", { class: "layer-name" });
  const slider = make("input", { type: "range", min: "0", max: "1", step: "0.01" });
  const figure = make("output", { class: "figure" });
  const element = make("li", { class: "layer" }, eye, label, slider, figure);

  const look = () => studio.ui.value.looks[name];
  const set = (/** @type {Partial<import("../layers.js").Look>} */ parts) =>
    studio.ui.set({ looks: { ...studio.ui.value.looks, [name]: { ...look(), ...parts } } });
  eye.onclick = () => set({ visible: !look().visible });
  slider.oninput = () => set({ opacity: Number(slider.value), visible: true });

  const show = () => {
    const { visible, opacity } = look();
    const text = t(textKey(name));
    element.hidden = name === "shade" && !studio.state.value.drawing.shade;
    element.toggleAttribute("data-hidden", !visible);
    eye.setAttribute("aria-pressed", String(visible));
    eye.setAttribute("aria-label", t("layerShow", { name: text }));
    if (eye.dataset.shown !== String(visible)) {
      eye.replaceChildren(icon(visible ? "eye" : "eye-off"));
      eye.dataset.shown = String(visible);
    }
    setText(label, text);
    slider.setAttribute("aria-label", t("layerOpacity", { name: text }));
    setSlider(slider, opacity);
    setText(figure, `${Math.round(100 * opacity)}%`);
  };
  return { element, show };
}
