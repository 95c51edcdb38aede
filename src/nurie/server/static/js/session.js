/**
 * A picture on the server: lines, regions, and painting. A lost session is made anew, unnoticed.
 */

import { Problem, call } from "./api.js";
import { optionsOf } from "./drawing.js";
import { toRequest } from "./hints.js";

/** @typedef {import("./drawing.js").Drawing} Drawing */

/**
 * @typedef {object} Info  What the server says of a session.
 * @property {string} id
 * @property {number} width
 * @property {number} height
 * @property {"picture" | "lines"} kind
 * @property {"soft" | "ink" | "thin"} style
 * @property {number | null} gap  null where it is what suits the size
 * @property {number} regions
 */

export class Session {
  /** @type {Info | null} */
  info = null;
  /** @type {string | null} How the server was told to read the lines; null if that is not sure. */
  #told = null;
  /** @type {Drawing["reference"]} */
  #reference = null;
  /** @type {Info["kind"] | null} what the server takes the picture for by itself */
  #found = null;

  /** @param {Blob} picture */
  constructor(picture) {
    this.picture = picture;
  }

  /** @param {Drawing} drawing */
  #wish({ kind, style, gap }) {
    return { kind: kind ?? this.#found ?? "auto", style, gap };
  }

  /**
   * Bring the server to read the picture as this drawing wants it.
   * @param {Drawing} drawing @param {AbortSignal} signal
   * @returns {Promise<Info>}
   */
  async agree(drawing, signal) {
    if (!this.info) await this.#open(drawing, signal);
    await this.#alive(drawing, signal, async ({ id }) => {
      if (!this.readsAs(drawing)) {
        const wish = this.#wish(drawing);
        this.#told = null; // if it is called off half way, nobody knows
        const response = await call("PATCH", `sessions/${id}`, { json: wish, signal });
        this.info = await response.json();
        this.#told = JSON.stringify(wish);
      }
      if (drawing.reference !== this.#reference) {
        if (drawing.reference) {
          const form = { file: drawing.reference.picture };
          await call("PUT", `sessions/${id}/reference`, { form, signal });
        } else {
          await call("DELETE", `sessions/${id}/reference`, { signal });
        }
        this.#reference = drawing.reference;
      }
    });
    return /** @type {Info} */ (this.info);
  }

  /** Whether the server has all that this drawing needs. @param {Drawing} drawing */
  agrees(drawing) {
    return this.readsAs(drawing) && this.#reference === drawing.reference;
  }

  /** Whether the server reads the picture as this drawing wants it. @param {Drawing} drawing */
  readsAs(drawing) {
    return this.#told === JSON.stringify(this.#wish(drawing));
  }

  /**
   * @param {"source" | "lines" | "regions"} name
   * @param {Drawing} drawing @param {AbortSignal} signal
   * @returns {Promise<Blob>}
   */
  layer(name, drawing, signal) {
    return this.#alive(drawing, signal, async ({ id }) =>
      (await call("GET", `sessions/${id}/${name}.png`, { signal })).blob(),
    );
  }

  /**
   * @param {Drawing} drawing @param {"flats" | "shade"} layer @param {AbortSignal} signal
   * @returns {Promise<Blob>} a PNG of the picture's size
   */
  paint(drawing, layer, signal) {
    return this.#alive(drawing, signal, async ({ id }) => {
      const options = { ...optionsOf(drawing), fill: layer === "shade" ? "soft" : "flat" };
      const json = {
        hints: toRequest(drawing.hints),
        options,
        ...(layer === "shade" && { layer }),
      };
      return (await call("POST", `sessions/${id}/paint`, { json, signal })).blob();
    });
  }

  /**
   * @param {Drawing} drawing
   * @param {{format: string, layers: "all" | "flats" | "lines", by_color: boolean}} wish
   * @param {AbortSignal} signal
   * @returns {Promise<Blob>}
   */
  export(drawing, wish, signal) {
    return this.#alive(drawing, signal, async ({ id }) => {
      const json = { hints: toRequest(drawing.hints), options: optionsOf(drawing), ...wish };
      return (await call("POST", `sessions/${id}/export`, { json, signal })).blob();
    });
  }

  /** Let the server forget it. Nobody needs to wait for that, nor to know if it failed. */
  close() {
    if (this.info) call("DELETE", `sessions/${this.info.id}`).catch(() => {});
    this.info = null;
  }

  /**
   * @template T
   * @param {Drawing} drawing @param {AbortSignal} signal
   * @param {(info: Info) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async #alive(drawing, signal, work) {
    try {
      return await work(/** @type {Info} */ (this.info));
    } catch (error) {
      if (!(error instanceof Problem && error.status === 404)) throw error;
    }
    await this.#open(drawing, signal);
    await this.agree(drawing, signal);
    return work(/** @type {Info} */ (this.info));
  }

  /** @param {Drawing} drawing @param {AbortSignal} signal */
  async #open(drawing, signal) {
    const { kind, style, gap } = this.#wish(drawing);
    const form = { file: this.picture, kind, style, ...(gap !== null && { gap: String(gap) }) };
    const response = await call("POST", "sessions", { form, signal });
    this.info = /** @type {Info} */ (await response.json());
    if (kind === "auto") this.#found = this.info.kind;
    this.#told = JSON.stringify(this.#wish(drawing));
    this.#reference = null;
  }
}
