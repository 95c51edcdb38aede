/** Small preferences of this browser; where storage is forbidden they last as long as the page. */

/** @param {string} name @param {string} value */
export function remember(name, value) {
  try {
    localStorage.setItem(`nurie.${name}`, value);
  } catch {
    // Private windows may forbid it; the preference holds until the page is closed.
  }
}

/** @param {string} name */
export function recall(name) {
  try {
    return localStorage.getItem(`nurie.${name}`);
  } catch {
    return null;
  }
}
