/** Pens, mice, fingers and keys on the canvas, as what they mean: use the tool, move, zoom. */

/** @typedef {{x: number, y: number}} Point  Of the picture. */

/**
 * @typedef {object} Tool
 * @property {(point: Point) => void} begin
 * @property {(points: Point[]) => void} move
 * @property {() => void} end
 * @property {() => void} cancel
 */

/**
 * What a pointer is told apart by: Alt, a second button, the rubber end of a pen.
 * @typedef {{alt: boolean, second: boolean, rubber: boolean}} Held
 */

/**
 * Milliseconds and CSS pixels in which a second finger may still join the first: two fingers never
 * paint.
 */
const JOIN = 90;
const JOIN_WAY = 8;

/** A contact as wide as this, in CSS pixels, is a palm. */
const PALM = 70;

/** Milliseconds after a pen was seen in which fingers don't paint: the hand rests on the screen. */
const PEN_REST = 1500;

/** CSS pixels that a wheel's notch moves at least; a touchpad moves less at a time. */
const NOTCH = 60;

const KEY_STEP = 8;

export class Gestures {
  /** @type {Map<number, PointerEvent>} the fingers, pens and mice that are down */
  #down = new Map();
  /** @type {"none" | "waiting" | "tool" | "pan" | "pinch"} */
  #doing = "none";
  /** @type {Tool | null} */
  #tool = null;
  /** @type {PointerEvent[]} what a finger did before it was known to be alone */
  #early = [];
  #timer = 0;
  #penSeen = -Infinity;
  #isSpace = false;
  /** @type {Point | null} */
  #cross = null;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import("./stage.js").Stage} stage
   * @param {{
   *   tool: (held: Held | null) => Tool | null,
   *   hover: (point: Point | null, event: PointerEvent | null) => void,
   *   cross: (point: Point | null) => void,
   * }} listener `tool` answers null where the hand is meant
   */
  constructor(canvas, stage, listener) {
    this.canvas = canvas;
    this.stage = stage;
    this.listener = listener;
    canvas.addEventListener("pointerdown", (event) => this.#onDown(event));
    canvas.addEventListener("pointermove", (event) => this.#onMove(event));
    canvas.addEventListener("pointerup", (event) => this.#onUp(event, false));
    canvas.addEventListener("pointercancel", (event) => this.#onUp(event, true));
    canvas.addEventListener("pointerleave", () => this.listener.hover(null, null));
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("wheel", (event) => this.#onWheel(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this.#onKey(event));
    canvas.addEventListener("blur", () => {
      this.#moveCross(null);
      delete canvas.dataset.pointed;
    });
    addEventListener("keydown", (event) => this.#onSpace(event, true));
    addEventListener("keyup", (event) => this.#onSpace(event, false));
    addEventListener("blur", () => this.#setSpace(false));
  }

  /** @param {PointerEvent} event */
  #onDown(event) {
    const isTouch = event.pointerType === "touch";
    if (event.pointerType === "pen") this.#penSeen = performance.now();
    const isPalm =
      Math.max(event.width, event.height) > PALM ||
      (performance.now() - this.#penSeen < PEN_REST && this.#down.size === 0);
    if (isTouch && isPalm) return;
    if (!isTouch && this.#doing !== "none") return;
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.dataset.pointed = "";
    this.#down.set(event.pointerId, event);
    this.#moveCross(null);
    if (this.#down.size === 2) {
      this.#stopTool(true);
      this.#doing = "pinch";
      this.listener.hover(null, null);
    } else if (this.#down.size === 1) {
      if (event.button === 1 || this.#isSpace) this.#doing = "pan";
      else if (isTouch) this.#wait(event);
      else this.#startTool(event);
      this.#showHand();
    }
  }

  /** @param {PointerEvent} event */
  #onMove(event) {
    const before = this.#down.get(event.pointerId);
    if (event.pointerType === "pen") this.#penSeen = performance.now();
    if (!before) {
      if (event.pointerType !== "touch" && !this.#down.size) {
        this.listener.hover(this.stage.pointOf(event), event);
      }
      return;
    }
    if (this.#doing === "pinch") this.#pinch(before, event);
    this.#down.set(event.pointerId, event);
    if (this.#doing === "pan") {
      this.stage.pan(event.clientX - before.clientX, event.clientY - before.clientY);
    } else if (this.#doing === "waiting") {
      this.#early.push(event);
      const [first] = this.#early;
      const way = Math.hypot(event.clientX - first.clientX, event.clientY - first.clientY);
      if (way > JOIN_WAY) this.#stopWaiting();
    } else if (this.#doing === "tool") {
      const events = event.getCoalescedEvents?.() ?? [];
      this.#tool?.move((events.length ? events : [event]).map((one) => this.stage.pointOf(one)));
      if (event.pointerType !== "touch") this.listener.hover(this.stage.pointOf(event), event);
    }
  }

  /** @param {PointerEvent} event @param {boolean} isCancelled */
  #onUp(event, isCancelled) {
    if (!this.#down.delete(event.pointerId)) return;
    if (this.#doing === "waiting") this.#stopWaiting();
    if (this.#doing === "tool") this.#stopTool(isCancelled);
    if (!this.#down.size) this.#doing = "none";
    this.#showHand();
  }

  /** @param {PointerEvent} event */
  #wait(event) {
    this.#doing = "waiting";
    this.#early = [event];
    this.#timer = window.setTimeout(() => this.#stopWaiting(), JOIN);
  }

  #stopWaiting() {
    clearTimeout(this.#timer);
    const [first, ...rest] = this.#early;
    this.#early = [];
    this.#startTool(first);
    if (rest.length) this.#tool?.move(rest.map((event) => this.stage.pointOf(event)));
  }

  /** @param {PointerEvent} event */
  #startTool(event) {
    this.#tool = this.listener.tool({
      alt: event.altKey,
      second: event.button === 2,
      rubber: event.button === 5,
    });
    this.#doing = this.#tool ? "tool" : "pan";
    this.#tool?.begin(this.stage.pointOf(event));
  }

  /** @param {boolean} isCancelled */
  #stopTool(isCancelled) {
    clearTimeout(this.#timer);
    this.#early = [];
    if (isCancelled) this.#tool?.cancel();
    else this.#tool?.end();
    this.#tool = null;
  }

  /** @param {PointerEvent} before @param {PointerEvent} event */
  #pinch(before, event) {
    const other = [...this.#down.values()].find((one) => one.pointerId !== event.pointerId);
    if (!other) return;
    const { left, top } = this.stage.root.getBoundingClientRect();
    const middle = (/** @type {PointerEvent} */ one) => ({
      x: (one.clientX + other.clientX) / 2 - left,
      y: (one.clientY + other.clientY) / 2 - top,
    });
    const apart = (/** @type {PointerEvent} */ one) =>
      Math.max(20, Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY));
    const [from, to] = [middle(before), middle(event)];
    this.stage.pan(to.x - from.x, to.y - from.y);
    this.stage.zoom(apart(event) / apart(before), to.x, to.y);
  }

  /**
   * A wheel's notches and pinches zoom, a touchpad's two fingers move.
   * @param {WheelEvent} event
   */
  #onWheel(event) {
    event.preventDefault();
    const { left, top } = this.stage.root.getBoundingClientRect();
    const isNotch =
      event.deltaMode !== WheelEvent.DOM_DELTA_PIXEL ||
      (event.deltaX === 0 && Math.abs(event.deltaY) >= NOTCH && Number.isInteger(event.deltaY));
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 30;
    if (event.ctrlKey || event.metaKey || (isNotch && !event.shiftKey)) {
      const way = Math.max(-120, Math.min(120, event.deltaY * pixels));
      const pace = isNotch ? 0.0018 : 0.01;
      this.stage.zoom(Math.exp(-way * pace), event.clientX - left, event.clientY - top);
    } else if (event.shiftKey && event.deltaX === 0) {
      this.stage.pan(-event.deltaY * pixels, 0);
    } else {
      this.stage.pan(-event.deltaX * pixels, -event.deltaY * pixels);
    }
  }

  /** @param {KeyboardEvent} event */
  #onSpace(event, /** @type {boolean} */ isDown) {
    const target = /** @type {Element | null} */ (event.target);
    if (event.key !== " " || !this.canvas.offsetParent) return;
    if (
      target?.closest?.("button, input, select, textarea, a, dialog, [role=slider], [role=option]")
    )
      return;
    event.preventDefault();
    this.#setSpace(isDown);
  }

  /** @param {boolean} isSpace */
  #setSpace(isSpace) {
    this.#isSpace = isSpace;
    this.#showHand();
  }

  #showHand() {
    const isHeld = this.#doing === "pan" || this.#doing === "pinch";
    this.canvas.dataset.hand = isHeld ? "closed" : this.#isSpace ? "open" : "";
  }

  /** Keys do what a pointer does. @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.ctrlKey || event.metaKey) return;
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = ways[event.key];
    if (way) {
      const step = (event.shiftKey ? KEY_STEP / 8 : KEY_STEP) / this.stage.view.scale;
      const { x, y } = this.#cross ?? this.stage.middle;
      this.#moveCross(this.#cross ? { x: x + step * way[0], y: y + step * way[1] } : { x, y });
    } else if (event.key === "Enter") {
      if (!this.#cross) this.#moveCross(this.stage.middle);
      const tool = this.listener.tool(null);
      tool?.begin(/** @type {Point} */ (this.#cross));
      tool?.end();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {Point | null} point */
  #moveCross(point) {
    if (!point && !this.#cross) return;
    this.#cross = point;
    this.listener.cross(point);
  }
}
