/** The regions of a drawing: which one lies where, and what it looks like. */

/**
 * @typedef {object} Mask  A region in its box, in pixels of the picture.
 * @property {ImageBitmap} area
 * @property {ImageBitmap} edge
 * @property {number} left
 * @property {number} top
 * @property {number} width
 * @property {number} height
 */

const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });

/** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
const waiting = new Map();
let lastId = 0;

worker.onmessage = ({ data: { id, answer, error } }) => {
  const { resolve, reject } = /** @type {any} */ (waiting.get(id));
  waiting.delete(id);
  if (error) reject(new Error(error));
  else resolve(answer);
};

/** @param {object} message @returns {Promise<any>} */
function ask(message) {
  return new Promise((resolve, reject) => {
    waiting.set(++lastId, { resolve, reject });
    worker.postMessage({ id: lastId, ...message });
  });
}

/**
 * The colours of flats, the one that covers most first.
 * @param {Blob} picture
 * @returns {Promise<string[]>}
 */
export function colorsOf(picture) {
  return ask({ task: "colors", picture });
}

/** How many masks are kept: those of the regions that the pointer went over lately. */
const KEPT = 24;

export class Regions {
  /** @type {Map<number, Promise<Mask | null>>} */
  #masks = new Map();

  /** @param {Blob} picture region numbers as the server draws them */
  static async read(picture) {
    return new Regions(await ask({ task: "regions", picture }));
  }

  /** @param {{labels: Uint32Array, width: number, height: number, count: number}} map */
  constructor({ labels, width, height, count }) {
    this.labels = labels;
    this.width = width;
    this.height = height;
    this.count = count;
  }

  /** The region at a place of the picture, 0 outside. @param {number} x @param {number} y */
  at(x, y) {
    const column = Math.floor(x);
    const row = Math.floor(y);
    if (column < 0 || row < 0 || column >= this.width || row >= this.height) return 0;
    return this.labels[row * this.width + column];
  }

  /** @param {number} region @returns {Promise<Mask | null>} */
  mask(region) {
    const known = this.#masks.get(region);
    const mask = known ?? ask({ task: "mask", region });
    this.#masks.delete(region);
    this.#masks.set(region, mask); // the newest goes last, so the first is the one to forget
    if (this.#masks.size > KEPT) {
      const [oldest, forgotten] = /** @type {any} */ (this.#masks.entries().next().value);
      this.#masks.delete(oldest);
      forgotten.then((gone) => [gone?.area, gone?.edge].forEach((bitmap) => bitmap?.close()));
    }
    return mask;
  }
}
