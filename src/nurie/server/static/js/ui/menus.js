/** Menus and other things that open beside a button. */

import { icon, make } from "./dom.js";

/**
 * @typedef {object} Row
 * @property {string} label
 * @property {string} [icon]
 * @property {string} [keys]
 * @property {readonly string[]} [colors]
 * @property {boolean} [checked]  of those among which one is chosen
 * @property {boolean} [disabled]
 * @property {() => void} run
 *
 * @typedef {Row | "rule"} Item
 */

/** CSS pixels between a button and what it opens, and from the window's edge. */
const GAP = 8;

/**
 * Open and close `popup` with `button`.
 * @param {HTMLElement} button @param {HTMLElement} popup @param {() => void} [fill] before it opens
 */
export function attach(button, popup, fill = () => {}) {
  popup.addEventListener("toggle", (event) => {
    const isOpen = /** @type {ToggleEvent} */ (event).newState === "open";
    button.setAttribute("aria-expanded", String(isOpen));
  });
  // The browser closes an open popup when the button is pressed; the click must not open it again.
  let wasOpen = false;
  button.addEventListener("pointerdown", () => (wasOpen = popup.matches(":popover-open")));
  button.addEventListener("click", () => {
    if (wasOpen || popup.matches(":popover-open")) popup.hidePopover();
    else {
      fill();
      popup.showPopover();
      place(popup, button);
      /** @type {HTMLElement | null} */ (
        popup.querySelector("[role^=menuitem], [tabindex='0']")
      )?.focus();
    }
    wasOpen = false;
  });
}

/** @param {HTMLElement} popup @param {HTMLElement} button */
function place(popup, button) {
  const at = button.getBoundingClientRect();
  const { width, height } = popup.getBoundingClientRect();
  const isLow = at.bottom + GAP + height > innerHeight;
  const top = isLow ? at.top - height - GAP : at.bottom + GAP;
  popup.style.left = `${Math.max(GAP, Math.min(at.left, innerWidth - width - GAP))}px`;
  popup.style.top = `${Math.max(GAP, top)}px`;
}

/** @param {HTMLElement} popup @param {Item[]} items */
export function fillMenu(popup, items) {
  popup.replaceChildren(...items.map((item) => row(popup, item)));
  popup.onkeydown = (event) => {
    const rows = [
      .../** @type {NodeListOf<HTMLElement>} */ (
        popup.querySelectorAll("[role^=menuitem]:enabled")
      ),
    ];
    const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const next = {
      ArrowDown: at + 1,
      ArrowUp: at - 1 + rows.length,
      Home: 0,
      End: rows.length - 1,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    rows[next % rows.length].focus();
  };
}

/** @param {HTMLElement} popup @param {Item} item */
function row(popup, item) {
  if (item === "rule") return make("hr", { role: "separator" });
  const isChoice = item.checked !== undefined;
  const button = make("button", {
    type: "button",
    role: isChoice ? "menuitemradio" : "menuitem",
    disabled: item.disabled === true,
    ...(isChoice && { "aria-checked": String(item.checked) }),
  });
  if (isChoice) button.append(icon(item.checked ? "check" : "blank"));
  if (item.icon) button.append(icon(item.icon));
  button.append(make("span", {}, item.label));
  if (item.keys) button.append(make("kbd", {}, item.keys));
  if (item.colors) button.append(strip(item.colors));
  button.onclick = () => {
    popup.hidePopover();
    item.run();
  };
  return button;
}

/** Chips in a strip: enough to tell palettes apart. */
const CHIPS = 8;

/** @param {readonly string[]} colors */
function strip(colors) {
  const element = make("span", { class: "strip", "aria-hidden": "true" });
  const step = Math.max(1, colors.length / CHIPS);
  for (let at = 0; at < colors.length; at += step) {
    const color = colors[Math.floor(at)];
    const chip = make("span");
    chip.style.background = color;
    element.append(chip);
  }
  return element;
}
