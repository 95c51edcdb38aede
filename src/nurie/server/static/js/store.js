/** A value that tells those who asked when a part of it changes. */

/** @template {Record<string, any>} T */
export class Store {
  /** @type {Set<{keys: (keyof T)[], tell: (value: T) => void}>} */
  #listeners = new Set();

  /** @param {T} value */
  constructor(value) {
    this.value = value;
  }

  /** Take over these parts; only those whose parts differ are told. @param {Partial<T>} parts */
  set(parts) {
    const changed = Object.keys(parts).filter((key) => !Object.is(this.value[key], parts[key]));
    if (!changed.length) return;
    this.value = { ...this.value, ...parts };
    for (const { keys, tell } of [...this.#listeners]) {
      if (keys.some((key) => changed.includes(/** @type {string} */ (key)))) tell(this.value);
    }
  }

  /**
   * Tell now, and whenever one of these parts changes.
   * @param {(keyof T)[]} keys @param {(value: T) => void} tell
   */
  watch(keys, tell) {
    this.#listeners.add({ keys, tell });
    tell(this.value);
  }
}
