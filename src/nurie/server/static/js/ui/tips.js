/** Names of icons, and their keys, when the pointer rests on them or the keyboard comes to them. */

import { t } from "../i18n.js";
import { keysText } from "../keys.js";
import { byId, make } from "./dom.js";

const DELAY = 450;

/** CSS pixels between a button and its tip. */
const GAP = 8;

export function setUpTips() {
  const tip = byId("tip");
  let timer = 0;
  const hide = () => {
    clearTimeout(timer);
    tip.hidden = true;
  };
  const show = (/** @type {HTMLElement} */ element) => {
    const { name, tip: other, keys } = element.dataset;
    const text = element.dataset.text ?? t(/** @type {string} */ (name ?? other));
    tip.replaceChildren(text, ...(keys ? [make("kbd", {}, keysText(keys))] : []));
    tip.hidden = false;
    place(tip, element);
  };
  const owner = (/** @type {Event} */ event) =>
    /** @type {Element} */ (event.target).closest?.("[data-name], [data-tip], [data-text]");
  document.addEventListener("pointerover", (event) => {
    const element = /** @type {HTMLElement | null} */ (owner(event));
    hide();
    if (element && event.pointerType === "mouse") timer = window.setTimeout(show, DELAY, element);
  });
  document.addEventListener("focusin", (event) => {
    const element = /** @type {HTMLElement | null} */ (owner(event));
    hide();
    if (element?.matches(":focus-visible")) show(element);
  });
  for (const name of ["pointerdown", "keydown", "focusout", "scroll"]) {
    document.addEventListener(name, hide, { capture: true, passive: true });
  }
}

/** Beside what stands at the left, below what stands at the top, else above. */
function place(/** @type {HTMLElement} */ tip, /** @type {Element} */ element) {
  const at = element.getBoundingClientRect();
  const { width, height } = tip.getBoundingClientRect();
  const isUpright = element.closest("[aria-orientation=vertical]");
  const isColumn = isUpright && isUpright.clientHeight > isUpright.clientWidth;
  let left = at.left + (at.width - width) / 2;
  let top = at.top > innerHeight / 2 ? at.top - height - GAP : at.bottom + GAP;
  if (isColumn) {
    left = at.right + GAP;
    top = at.top + (at.height - height) / 2;
  }
  tip.style.left = `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`;
  tip.style.top = `${top}px`;
}
