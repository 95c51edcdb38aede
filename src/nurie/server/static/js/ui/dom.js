/** Small helpers for the page's elements. */

/** @template {HTMLElement} T @param {string} id @returns {T} */
export function byId(id) {
  return /** @type {T} */ (document.getElementById(id));
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | boolean>} [attributes] of which true ones are set without value
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} name of a symbol in icons.svg @param {string} [kind] further classes */
export function icon(name, kind = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${kind}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** Hand a file to the browser's downloads. @param {Blob} blob @param {string} name */
export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = make("a", { href: url, download: name });
  link.click();
  // Some browsers read the address only after the click has been dealt with.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Ask for a file. @param {string} id of the input @returns {Promise<File | null>} */
export function chooseFile(id) {
  const input = /** @type {HTMLInputElement} */ (byId(id));
  input.value = "";
  return new Promise((resolve) => {
    input.onchange = () => resolve(input.files?.[0] ?? null);
    input.oncancel = () => resolve(null);
    input.click();
  });
}

/**
 * A slider's value, and how far that is, which only CSS can draw.
 * @param {HTMLInputElement} slider
 * @param {number} value
 */
export function setSlider(slider, value) {
  const [least, most] = [Number(slider.min), Number(slider.max)];
  const share = `${(100 * (value - least)) / (most - least)}%`;
  slider.value = String(value);
  if (slider.style.getPropertyValue("--share") !== share)
    slider.style.setProperty("--share", share);
}

/**
 * Only where it is another: a page that is told the same text still lays it out anew.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A name without its ending. @param {string} name */
export function stem(name) {
  return name.replace(/\.[^.]{1,5}$/, "") || "nurie";
}
