/** Undo and redo without limit: states are never changed, so keeping them all costs little. */

/** @template T */
export class History {
  /** @type {T[]} */
  #past = [];
  /** @type {T[]} */
  #future = [];

  /** @param {T} present */
  constructor(present) {
    this.present = present;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /**
   * Go on from `next`.
   * @param {T} next
   * @param {T} [since] what undo shall go back to: where a slider was when it was taken hold of.
   */
  commit(next, since = this.present) {
    this.#past.push(since);
    this.#future.length = 0;
    this.present = next;
  }

  undo() {
    if (!this.canUndo) return false;
    this.#future.push(this.present);
    this.present = /** @type {T} */ (this.#past.pop());
    return true;
  }

  redo() {
    if (!this.canRedo) return false;
    this.#past.push(this.present);
    this.present = /** @type {T} */ (this.#future.pop());
    return true;
  }
}
