/**
 * What lies above the picture: hints, the region under the pointer, brush, eyedropper and cross.
 */

import { isLight } from "./color.js";
import { trace } from "./hints.js";
import { tinted } from "./layers.js";
import { toStage } from "./view.js";

/** @typedef {import("./hints.js").Hint} Hint */
/** @typedef {import("./regions.js").Mask} Mask */
/** @typedef {import("./view.js").View} View */
/** @typedef {{x: number, y: number}} Point  Of the picture. */

/**
 * @typedef {object} Notes
 * @property {readonly Hint[]} hints
 * @property {number} hintOpacity
 * @property {Hint | null} draft  the stroke that is being drawn
 * @property {{mask: Mask, color: string, strength: number} | null} region  under the pointer
 * @property {(Point & {radius: number, color: string | null}) | null} brush
 * @property {(Point & {color: string, before: string}) | null} picked
 * @property {Point | null} cross  where the keyboard's pointer is
 */

/** Of regions; seen on black ink and on most paint. */
const OUTLINE = "#d9482b";

/** Radius that a hint has on the screen at least, in CSS pixels. */
const LEAST_HINT = 4.5;

export class Overlay {
  /** @type {Notes} */
  notes = {
    hints: [],
    hintOpacity: 1,
    draft: null,
    region: null,
    brush: null,
    picked: null,
    cross: null,
  };
  /** @type {View} */
  #view = { scale: 1, x: 0, y: 0 };
  /**
   * @type {{mask: Mask, color: string, area: HTMLCanvasElement, edge: HTMLCanvasElement} | null}
   */
  #tint = null;

  /** @param {CanvasRenderingContext2D} context @param {View} view */
  draw(context, view) {
    this.#view = view;
    const { hints, hintOpacity, draft, region, brush, picked, cross } = this.notes;
    if (region) this.#drawRegion(context, region);
    context.lineCap = context.lineJoin = "round";
    context.globalAlpha = hintOpacity;
    for (const hint of hints) this.#drawHint(context, hint);
    context.globalAlpha = 1;
    if (draft) this.#drawHint(context, draft);
    if (brush) this.#drawBrush(context, brush);
    if (picked) this.#drawPicked(context, picked);
    if (cross) this.#drawCross(context, cross);
  }

  /** @param {CanvasRenderingContext2D} context @param {NonNullable<Notes["region"]>} region */
  #drawRegion(context, { mask, color, strength }) {
    if (this.#tint?.mask !== mask || this.#tint.color !== color) {
      this.#tint = {
        mask,
        color,
        area: tinted(mask.area, color),
        edge: tinted(mask.edge, OUTLINE),
      };
    }
    const { area, edge } = this.#tint;
    const { x, y } = toStage(this.#view, mask.left, mask.top);
    const box = /** @type {const} */ ([
      x,
      y,
      mask.width * this.#view.scale,
      mask.height * this.#view.scale,
    ]);
    context.globalAlpha = strength;
    context.drawImage(area, ...box);
    context.globalAlpha = 0.9;
    context.drawImage(edge, ...box);
    context.globalAlpha = 1;
  }

  /**
   * In its colour, with a rim that is seen on every colour.
   * @param {CanvasRenderingContext2D} context
   * @param {Hint} hint
   */
  #drawHint(context, hint) {
    const width = 2 * Math.max(LEAST_HINT, hint.radius * this.#view.scale);
    trace(context, hint, (x, y) => toStage(this.#view, x, y));
    for (const [color, rim] of /** @type {const} */ ([
      ["#0000004d", 5],
      ["#fff", 3.2],
      [hint.color, 0],
    ])) {
      context.strokeStyle = color;
      context.lineWidth = width + rim;
      context.stroke();
    }
    if (!hint.fill) return;
    // A filled region has a drop in its dot.
    const { x, y } = toStage(this.#view, ...hint.points[0]);
    context.fillStyle = isLight(hint.color) ? "#000000b3" : "#fff";
    context.beginPath();
    context.arc(x, y, 1.6, 0, 2 * Math.PI);
    context.fill();
  }

  /** @param {CanvasRenderingContext2D} context @param {NonNullable<Notes["brush"]>} brush */
  #drawBrush(context, { x, y, radius, color }) {
    const place = toStage(this.#view, x, y);
    const reach = Math.max(LEAST_HINT, radius * this.#view.scale);
    for (const [style, width] of /** @type {const} */ ([
      ["#00000080", 3],
      ["#fff", 1.5],
    ])) {
      context.beginPath();
      context.arc(place.x, place.y, reach + 1, 0, 2 * Math.PI);
      context.strokeStyle = style;
      context.lineWidth = width;
      context.stroke();
    }
    if (!color) return;
    context.beginPath();
    context.arc(place.x, place.y, Math.min(reach, 3), 0, 2 * Math.PI);
    context.fillStyle = color;
    context.fill();
  }

  /**
   * A ring: the colour under the pointer above, the one that it would replace below.
   * @param {CanvasRenderingContext2D} context @param {NonNullable<Notes["picked"]>} picked
   */
  #drawPicked(context, { x, y, color, before }) {
    const place = toStage(this.#view, x, y);
    context.lineCap = "butt";
    for (const [style, width, start, end] of /** @type {const} */ ([
      ["#00000059", 19, 0, 2],
      ["#fff", 17, 0, 2],
      [color, 13, 1, 2],
      [before, 13, 0, 1],
    ])) {
      context.beginPath();
      context.arc(place.x, place.y, 30, start * Math.PI, end * Math.PI);
      context.strokeStyle = style;
      context.lineWidth = width;
      context.stroke();
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {Point} point */
  #drawCross(context, point) {
    const { x, y } = toStage(this.#view, point.x, point.y);
    for (const [style, width] of /** @type {const} */ ([
      ["#fff", 4],
      ["#000", 1.5],
    ])) {
      context.beginPath();
      for (const [dx, dy] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ]) {
        context.moveTo(x + 5 * dx, y + 5 * dy);
        context.lineTo(x + 13 * dx, y + 13 * dy);
      }
      context.strokeStyle = style;
      context.lineWidth = width;
      context.stroke();
    }
  }
}
