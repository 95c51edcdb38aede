/** Long work: one at a time is shown, with a way to call it off. */

import { Store } from "./store.js";

/** @typedef {{label: string | null, cancel: (() => void) | null}} Work */

export const work = new Store(/** @type {Work} */ ({ label: null, cancel: null }));

/** Milliseconds before work counts as long. */
const SHORT = 250;

/**
 * Show that something goes on, unless it is soon done.
 * @template T
 * @param {string} label a key of the texts
 * @param {(signal: AbortSignal) => Promise<T>} task
 * @param {AbortController} [controller] what the user's cancelling aborts
 * @returns {Promise<T>}
 */
export async function during(label, task, controller = new AbortController()) {
  const cancel = () => controller.abort();
  const timer = setTimeout(() => work.set({ label, cancel }), SHORT);
  try {
    return await task(controller.signal);
  } finally {
    clearTimeout(timer);
    if (work.value.cancel === cancel) work.set({ label: null, cancel: null });
  }
}
