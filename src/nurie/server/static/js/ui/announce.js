/** What goes on, in words, for those who listen to the page. */

import { byId } from "./dom.js";

/** @param {string} sentence */
export function announce(sentence) {
  const announcer = byId("announcer");
  // The same sentence twice would not be read again.
  announcer.textContent = announcer.textContent === sentence ? `${sentence}\u00a0` : sentence;
}
