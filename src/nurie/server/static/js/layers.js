/** The layers of a picture at its own size, and what they look like on top of each other. */

import { trace } from "./hints.js";

/** @typedef {"lines" | "shade" | "flats" | "source" | "hints"} LayerName */
/** @typedef {{visible: boolean, opacity: number}} Look */
/** @typedef {Record<LayerName, Look>} Looks */

/**
 * From the top down, as painting programs list them; hints are drawn above all, at the screen's
 * size.
 */
export const NAMES = /** @type {LayerName[]} */ (["hints", "lines", "source", "shade", "flats"]);

/** @type {Looks} */
export const LOOKS = {
  hints: { visible: true, opacity: 1 },
  lines: { visible: true, opacity: 1 },
  source: { visible: false, opacity: 0.5 },
  shade: { visible: true, opacity: 1 },
  flats: { visible: true, opacity: 1 },
};

/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */

export class Layers {
  /** @type {ImageBitmap | null} */
  source = null;
  /** @type {ImageBitmap | null} */
  lines = null;
  /** @type {ImageBitmap | null} */
  shade = null;

  /** @type {Box | null} the part that does not show yet what its layers hold */
  #stale = null;
  looks = LOOKS;

  /** @param {number} width @param {number} height */
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.flats = canvasOf(width, height);
    this.result = canvasOf(width, height);
    this.#paint(this.flats, (context) => {
      context.fillStyle = "#fff";
      context.fillRect(0, 0, width, height);
    });
  }

  /** Put a picture in the place of another, which is given back to memory. */
  replace(
    /** @type {"source" | "lines" | "shade"} */ name,
    /** @type {ImageBitmap | null} */ bitmap,
  ) {
    this[name]?.close();
    this[name] = bitmap;
    this.touch();
  }

  /** @param {ImageBitmap} bitmap */
  replaceFlats(bitmap) {
    this.#paint(this.flats, (context) => context.drawImage(bitmap, 0, 0));
    bitmap.close();
    this.touch();
  }

  /**
   * Give a region one colour, before the server has said what else changes.
   * @param {import("./regions.js").Mask} mask @param {string} color
   */
  fill(mask, color) {
    const paint = tinted(mask.area, color);
    this.#paint(this.flats, (context) => {
      context.drawImage(paint, mask.left, mask.top, mask.width, mask.height);
    });
    const { left, top } = mask;
    this.touch({ left, top, right: left + mask.width, bottom: top + mask.height });
  }

  /**
   * Give the pixels under a hint its colour: those it has exactly.
   * @param {import("./hints.js").Hint} hint
   */
  mark(hint) {
    this.#paint(this.flats, (context) => {
      context.lineCap = context.lineJoin = "round";
      context.lineWidth = 2 * Math.max(hint.radius, 0.5);
      context.strokeStyle = hint.color;
      trace(context, hint, (x, y) => ({ x, y }));
      context.stroke();
    });
    const reach = hint.radius + 1;
    const [xs, ys] = [0, 1].map((axis) => hint.points.map((point) => point[axis]));
    this.touch({
      left: Math.floor(Math.min(...xs) - reach),
      top: Math.floor(Math.min(...ys) - reach),
      right: Math.ceil(Math.max(...xs) + reach),
      bottom: Math.ceil(Math.max(...ys) + reach),
    });
  }

  /** Have a part put together again before it is looked at, or all of it. @param {Box} [box] */
  touch(box = { left: 0, top: 0, right: this.width, bottom: this.height }) {
    const stale = this.#stale ?? box;
    this.#stale = {
      left: Math.max(0, Math.min(stale.left, box.left)),
      top: Math.max(0, Math.min(stale.top, box.top)),
      right: Math.min(this.width, Math.max(stale.right, box.right)),
      bottom: Math.min(this.height, Math.max(stale.bottom, box.bottom)),
    };
  }

  /** @param {Looks} looks */
  look(looks) {
    this.looks = looks;
    this.touch();
  }

  /** Put the layers together on white paper, where anything has changed. */
  compose() {
    if (!this.#stale) return;
    const { left, top, right, bottom } = this.#stale;
    const box = /** @type {const} */ ([left, top, right - left, bottom - top]);
    this.#stale = null;
    if (box[2] <= 0 || box[3] <= 0) return;
    this.#paint(this.result, (context) => {
      context.fillStyle = "#fff";
      context.fillRect(...box);
      const put = (/** @type {LayerName} */ name, picture, blend) => {
        if (!picture || !this.looks[name].visible) return;
        context.globalCompositeOperation = blend;
        context.globalAlpha = this.looks[name].opacity;
        context.drawImage(picture, ...box, ...box);
      };
      put("flats", this.flats, "source-over");
      put("shade", this.shade, "multiply");
      put("source", this.source, "source-over");
      put("lines", this.lines, "multiply");
      context.globalCompositeOperation = "source-over";
      context.globalAlpha = 1;
    });
  }

  /**
   * The colour that is seen in a layer.
   * @param {"result" | "flats" | "source"} name
   * @param {number} x
   * @param {number} y
   */
  colorAt(name, x, y) {
    this.compose();
    const picture = this[name];
    if (!picture || x < 0 || y < 0 || x >= this.width || y >= this.height) return null;
    // One pixel is copied out, so that the large canvas need not be read back.
    const pixel = canvasOf(1, 1);
    const context = /** @type {CanvasRenderingContext2D} */ (
      pixel.getContext("2d", { willReadFrequently: true })
    );
    context.drawImage(picture, Math.floor(x), Math.floor(y), 1, 1, 0, 0, 1, 1);
    const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
    return `#${((1 << 24) | (red << 16) | (green << 8) | blue).toString(16).slice(1)}`;
  }

  close() {
    for (const name of /** @type {const} */ (["source", "lines", "shade"]))
      this.replace(name, null);
  }

  /** @param {HTMLCanvasElement} canvas @param {(context: CanvasRenderingContext2D) => void} work */
  #paint(canvas, work) {
    work(/** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false })));
  }
}

/** @param {number} width @param {number} height */
export function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

/** A picture of alpha in one colour. @param {ImageBitmap} alpha @param {string} color */
export function tinted(alpha, color) {
  const canvas = canvasOf(alpha.width, alpha.height);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.drawImage(alpha, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = color;
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}
