/**
 * Short notes at the edge of the page; they go by themselves, but not while somebody reads them.
 */

import { t } from "../i18n.js";
import { byId, icon, make } from "./dom.js";

/** Milliseconds that a note stays, at least. */
const SHORT = 4000;
const LONG = 9000;

/** @type {Map<string, {element: HTMLElement, timer: number}>} */
const shown = new Map();

/**
 * @param {string} sentence
 * @param {{kind?: "note" | "error", action?: {label: string, run: () => void}}} [how]
 */
export function toast(sentence, { kind = "note", action } = {}) {
  forget(sentence);
  const close = make("button", { type: "button", class: "mini", "aria-label": t("dismiss") });
  close.append(icon("close", "small"));
  close.onclick = () => forget(sentence);
  const element = make("div", { class: `toast ${kind}` });
  element.append(icon(kind === "error" ? "alert" : "check"), make("p", {}, sentence));
  if (action) {
    const button = make("button", { type: "button", class: "plain" }, action.label);
    button.onclick = () => {
      forget(sentence);
      action.run();
    };
    element.append(button);
  }
  element.append(close);
  byId("toasts").append(element);
  const wait = () => setTimeout(() => forget(sentence), kind === "error" ? LONG : SHORT);
  const entry = { element, timer: wait() };
  element.onpointerenter = () => clearTimeout(entry.timer);
  element.onpointerleave = () => (entry.timer = wait());
  shown.set(sentence, entry);
}

/** @param {string} sentence */
function forget(sentence) {
  const entry = shown.get(sentence);
  if (!entry) return;
  clearTimeout(entry.timer);
  entry.element.remove();
  shown.delete(sentence);
}
