/** Work of which only the newest matters, such as painting after every stroke. */

import { isAbort } from "./api.js";

/**
 * Milliseconds after which a run is not called off any more: else quick strokes would never show.
 */
const PATIENCE = 400;

export class Latest {
  /** @type {AbortController | null} */
  #running = null;
  #again = false;
  #since = 0;

  /**
   * @param {(signal: AbortSignal) => Promise<void>} work
   * @param {(error: unknown) => void} onError
   * @param {(isBusy: boolean) => void} onBusy
   */
  constructor(work, onError, onBusy) {
    this.work = work;
    this.onError = onError;
    this.onBusy = onBusy;
  }

  /** Do the work; what still runs for an older state is called off. */
  ask() {
    if (!this.#running) {
      this.#since = performance.now();
      void this.#run();
    } else {
      this.#again = true;
      if (performance.now() - this.#since < PATIENCE) this.#running.abort();
    }
  }

  /** Call off what runs, and don't begin again. */
  stop() {
    this.#again = false;
    this.#running?.abort();
  }

  async #run() {
    this.onBusy(true);
    do {
      this.#again = false;
      this.#running = new AbortController();
      try {
        await this.work(this.#running.signal);
        this.#since = performance.now();
      } catch (error) {
        if (!isAbort(error)) this.onError(error);
      }
    } while (this.#again);
    this.#running = null;
    this.onBusy(false);
  }
}
