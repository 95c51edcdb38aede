/** What the page says, in the reader's language. */

import en from "./lang/en.js";
import ja from "./lang/ja.js";
import { Store } from "./store.js";
import { keysText } from "./keys.js";
import { remember } from "./memory.js";

/** @type {Record<string, Record<string, string>>} */
const TEXTS = { en, ja };

export const locale = new Store({ language: document.documentElement.lang });

/**
 * @param {string} key of lang/en.js
 * @param {Record<string, string | number>} [values] for the braces in it
 */
export function t(key, values = {}) {
  return TEXTS[locale.value.language][key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** Write all texts that stand in the page. @param {ParentNode} root */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-t]")) {
    element.textContent = t(/** @type {HTMLElement} */ (element).dataset.t ?? "");
  }
  for (const element of root.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", t(/** @type {HTMLElement} */ (element).dataset.label ?? ""));
  }
  for (const element of root.querySelectorAll("[data-name]")) {
    const { name = "", keys } = /** @type {HTMLElement} */ (element).dataset;
    element.setAttribute("aria-label", t(name));
    if (keys) element.setAttribute("aria-keyshortcuts", keysText(keys, "aria"));
  }
}

export function toggleLanguage() {
  const language = locale.value.language === "ja" ? "en" : "ja";
  document.documentElement.lang = language;
  remember("language", language);
  locale.set({ language });
}
