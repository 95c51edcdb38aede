/** The stage: the picture as it is looked at, moved and zoomed. */

import { Overlay } from "./overlay.js";
import { fit, kept, moved, toPicture, toStage, zoomed } from "./view.js";

/** @typedef {{x: number, y: number}} Point */

/**
 * @typedef {object} Picture  What is looked at.
 * @property {CanvasImageSource} image
 * @property {number} width
 * @property {number} height
 * @property {() => void} [prepare]  brings the image up to date, once for each frame
 */

/** From this magnification on, pixels are shown as squares: an artist wants to see them. */
const SQUARES = 3;

/** Free space around a picture that fits, in CSS pixels. */
const MARGIN = 24;

/** Milliseconds in which one picture gives way to another when it is opened. */
const FADE = 450;

export class Stage {
  /** @type {import("./view.js").View} */
  view = { scale: 1, x: 0, y: 0 };
  size = { width: 1, height: 1 };
  /** @type {Picture | null} */
  #picture = null;
  /** @type {{image: CanvasImageSource, start: number} | null} what gives way to the picture */
  #fading = null;
  #isFitted = true;
  #dirty = { picture: false, overlay: false };
  /** @type {(() => void)[]} */
  #drawn = [];
  #isAsked = false;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  #overlay = new Overlay();
  /** @type {{source: CanvasImageSource, share: number} | null} */
  #before = null;

  /**
   * @param {HTMLElement} root @param {HTMLCanvasElement} picture @param {HTMLCanvasElement} overlay
   * @param {HTMLElement} paper @param {() => Element[]} floating what lies over the stage
   */
  constructor(root, picture, overlay, paper, floating) {
    this.root = root;
    this.paper = paper;
    this.floating = floating;
    this.canvases = { picture, overlay };
    new ResizeObserver(() => this.#resize()).observe(root);
    this.stillness = matchMedia("(prefers-reduced-motion: reduce)");
  }

  /** Be told when the view has changed. @param {() => void} tell */
  watch(tell) {
    this.#listeners.add(tell);
  }

  // The picture -----------------------------------------------------------------------------------

  /** @param {Picture} picture @param {{fade?: boolean}} [how] */
  show(picture, { fade = false } = {}) {
    const before = this.#picture;
    const isSame = before?.width === picture.width && before?.height === picture.height;
    this.#fading =
      fade && before && !this.stillness.matches
        ? { image: before.image, start: performance.now() }
        : null;
    this.#picture = picture;
    this.#before = null;
    this.paper.hidden = false;
    if (!isSame) this.fit();
    return this.refresh();
  }

  clear() {
    this.#picture = this.#fading = this.#before = null;
    this.paper.hidden = true;
    this.annotate({ hints: [], draft: null, region: null, brush: null, picked: null, cross: null });
    this.#ask("picture");
  }

  /** Draw the picture again; done when it is on the screen. @returns {Promise<void>} */
  refresh() {
    this.#ask("picture");
    return new Promise((resolve) => this.#drawn.push(resolve));
  }

  /**
   * Show the source left of a share of the picture's width.
   * @param {CanvasImageSource | null} source
   * @param {number} share
   */
  compare(source, share) {
    this.#before = source && { source, share };
    this.#ask("picture");
  }

  /** @param {Partial<import("./overlay.js").Notes>} notes */
  annotate(notes) {
    Object.assign(this.#overlay.notes, notes);
    this.#ask("overlay");
  }

  // The view --------------------------------------------------------------------------------------

  /** The whole picture, clear of what floats over the stage. */
  fit() {
    if (!this.#picture) return;
    this.#look(fit(this.#picture, this.size, this.#insets()), true);
  }

  /** @param {number} dx @param {number} dy */
  pan(dx, dy) {
    this.#look(moved(this.view, dx, dy));
  }

  /**
   * @param {number} factor
   * @param {number} [x]
   * @param {number} [y] on the stage; the middle if not given
   */
  zoom(factor, x = this.size.width / 2, y = this.size.height / 2) {
    this.#look(zoomed(this.view, factor, x, y));
  }

  /** One pixel of the picture on one of the screen. */
  actualSize() {
    this.zoom(1 / (this.view.scale * devicePixelRatio));
  }

  /** @param {{clientX: number, clientY: number}} event */
  pointOf({ clientX, clientY }) {
    const { left, top } = this.root.getBoundingClientRect();
    return toPicture(this.view, clientX - left, clientY - top);
  }

  /** @param {Point} point of the picture */
  onStage({ x, y }) {
    return toStage(this.view, x, y);
  }

  /** The place of the picture in the middle of the stage. */
  get middle() {
    return toPicture(this.view, this.size.width / 2, this.size.height / 2);
  }

  /** @param {import("./view.js").View} view */
  #look(view, isFitted = false) {
    if (!this.#picture) return;
    this.#isFitted = isFitted;
    this.view = isFitted ? view : kept(view, this.#picture, this.size);
    this.#ask("picture");
    this.#ask("overlay");
    for (const tell of this.#listeners) tell();
  }

  #insets() {
    const stage = this.root.getBoundingClientRect();
    const insets = { left: MARGIN, top: MARGIN, right: MARGIN, bottom: MARGIN };
    for (const element of this.floating()) {
      const { left, right, top, width, height } = element.getBoundingClientRect();
      if (!width || left >= stage.right || right <= stage.left) continue;
      if (height > width) insets.left = Math.max(insets.left, right - stage.left + MARGIN / 2);
      else insets.bottom = Math.max(insets.bottom, stage.bottom - top + MARGIN / 2);
    }
    return insets;
  }

  #resize() {
    const { width, height } = this.root.getBoundingClientRect();
    if (!width || !height) return;
    const before = this.size;
    this.size = { width, height };
    for (const canvas of Object.values(this.canvases)) {
      canvas.width = Math.round(width * devicePixelRatio);
      canvas.height = Math.round(height * devicePixelRatio);
    }
    if (this.#isFitted) this.fit();
    else this.pan((width - before.width) / 2, (height - before.height) / 2);
    this.#ask("picture");
    this.#ask("overlay");
    this.#draw(); // at once: setting the size has emptied the canvases
  }

  // Drawing ---------------------------------------------------------------------------------------

  /** @param {"picture" | "overlay"} what */
  #ask(what) {
    this.#dirty[what] = true;
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame(() => {
      this.#isAsked = false;
      this.#draw();
    });
  }

  #draw() {
    if (this.#dirty.picture) this.#drawPicture();
    if (this.#dirty.overlay) {
      const context = this.#emptied(this.canvases.overlay);
      if (this.#picture) this.#overlay.draw(context, this.view);
    }
    this.#dirty = { picture: false, overlay: false };
    if (this.#fading) this.#ask("picture");
    for (const tell of this.#drawn.splice(0)) tell();
  }

  /** @param {HTMLCanvasElement} canvas */
  #emptied(canvas) {
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.scale(devicePixelRatio, devicePixelRatio);
    return context;
  }

  #drawPicture() {
    const context = this.#emptied(this.canvases.picture);
    if (!this.#picture) return;
    this.#picture.prepare?.();
    const { image, width, height } = this.#picture;
    const { scale, x, y } = this.view;
    const box = /** @type {const} */ ([x, y, width * scale, height * scale]);
    context.imageSmoothingEnabled = scale * devicePixelRatio < SQUARES;
    // Enlarged, the best filter puts a rim of light beside every line.
    context.imageSmoothingQuality = scale * devicePixelRatio < 1 ? "high" : "low";
    const share = this.#fading ? (performance.now() - this.#fading.start) / FADE : 1;
    if (this.#fading && share < 1) {
      context.drawImage(this.#fading.image, ...box);
      context.globalAlpha = share;
    } else {
      this.#fading = null;
    }
    context.drawImage(image, ...box);
    context.globalAlpha = 1;
    if (this.#before) {
      context.save();
      context.beginPath();
      context.rect(x, y, this.#before.share * width * scale, height * scale);
      context.clip();
      context.drawImage(this.#before.source, ...box);
      context.restore();
    }
    this.paper.style.transform = `translate(${x}px, ${y}px)`;
    this.paper.style.width = `${width * scale}px`;
    this.paper.style.height = `${height * scale}px`;
  }
}
