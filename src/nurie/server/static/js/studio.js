/** The studio: a drawing with all its history, and the painting that follows it. */

import { Problem, isAbort, pause } from "./api.js";
import { distinct } from "./color.js";
import { FRESH } from "./drawing.js";
import { without } from "./hints.js";
import { History } from "./history.js";
import { Latest } from "./latest.js";
import { LOOKS } from "./layers.js";
import { Painting } from "./painting.js";
import { PALETTES } from "./palettes.js";
import { colorsOf } from "./regions.js";
import { Store } from "./store.js";
import { during } from "./work.js";

/** @typedef {import("./drawing.js").Drawing} Drawing */
/** @typedef {import("./hints.js").Hint} Hint */
/** @typedef {import("./palettes.js").Palette} Palette */
/** @typedef {import("./layers.js").LayerName} LayerName */

/**
 * @typedef {object} State  What is open.
 * @property {"start" | "opening" | "open"} phase
 * @property {string} id  of the record that is saved by itself
 * @property {string} name
 * @property {Drawing} drawing
 * @property {import("./session.js").Info | null} info
 * @property {boolean} canUndo
 * @property {boolean} canRedo
 * @property {readonly string[]} used  colours of the flats
 * @property {boolean} isPainting  whether the picture is about to change
 */

/**
 * @typedef {object} Ui  How it is looked at and painted.
 * @property {"brush" | "bucket" | "eyedropper" | "eraser" | "hand"} tool
 * @property {string} color
 * @property {string} lastColor
 * @property {number} radius  in pixels of the picture
 * @property {Palette} palette
 * @property {import("./layers.js").Looks} looks
 * @property {boolean} comparing
 */

/** Radius of what the bucket puts down: it need only lie in its region. */
const FILL_RADIUS = 2;

/** Colours that are shown as those of the picture. */
const USED = 12;

/** Milliseconds without a change after which the colours of the picture are counted. */
const REST = 350;

export class Studio {
  state = new Store(
    /** @type {State} */ ({
      phase: "start",
      id: "",
      name: "",
      drawing: FRESH,
      info: null,
      canUndo: false,
      canRedo: false,
      used: [],
      isPainting: false,
    }),
  );

  ui = new Store(
    /** @type {Ui} */ ({
      tool: "brush",
      color: "#e8604c",
      lastColor: "#f4c7a1",
      radius: 4,
      palette: PALETTES[0],
      looks: LOOKS,
      comparing: false,
    }),
  );

  /** @type {Painting | null} */
  painting = null;

  /** @type {History<Drawing>} */
  #history = new History(FRESH);
  /** @type {Drawing | null} where the drawing was before what is being changed right now */
  #since = null;
  #revision = 0;
  #counted = 0;
  /** @type {"brush" | "bucket"} the tool that paints, to go back to */
  #painter = "brush";
  /** @type {AbortController | null} */
  #opening = null;
  /** @type {Latest} */
  #following;

  /**
   * @param {{
   *   preview: (picture: ImageBitmap) => Promise<void>,
   *   opened: (layers: import("./layers.js").Layers) => Promise<void>,
   *   painted: () => Promise<void>,
   *   failed: (error: unknown) => void,
   * }} listener  of which the first three are done when it is on the screen
   */
  constructor(listener) {
    this.listener = listener;
    this.#following = new Latest(
      (signal) => this.#follow(signal),
      listener.failed,
      (isPainting) => this.state.set({ isPainting }),
    );
    this.ui.watch(["looks"], ({ looks }) => {
      this.layers?.look(looks);
      void listener.painted();
    });
  }

  get drawing() {
    return this.#history.present;
  }

  get layers() {
    return this.painting?.layers ?? null;
  }

  get regions() {
    return this.painting?.regions ?? null;
  }

  /** Whether layers are seen in another way than the server writes them. */
  get hasOwnLooks() {
    const { looks } = this.ui.value;
    const isUsual = (/** @type {LayerName} */ name) =>
      looks[name].visible === LOOKS[name].visible &&
      (!looks[name].visible || looks[name].opacity === LOOKS[name].opacity);
    const seen = /** @type {LayerName[]} */ (["lines", "flats", "source"]);
    if (this.drawing.shade) seen.push("shade");
    return !seen.every(isUsual);
  }

  // Opening and closing ---------------------------------------------------------------------------

  /**
   * Open a picture, with what was made of it before; the one that is open stays if that fails.
   * @param {Blob} picture
   * @param {string} name
   * @param {{drawing?: Drawing, palette?: Palette, id?: string}} [made]
   */
  async open(picture, name, { drawing = FRESH, palette, id = newId() } = {}) {
    this.#following.stop();
    this.#opening?.abort(); // of two pictures that are opened at once, the second is meant
    const opening = new AbortController();
    this.#opening = opening;
    this.state.set({ phase: "opening" });
    void this.#preview(picture);
    try {
      const read = (/** @type {AbortSignal} */ signal) => Painting.open(picture, drawing, signal);
      const { painting, flats } = await during("reading", read, opening);
      this.painting?.close();
      this.painting = painting;
      void this.#count(flats);
    } catch (error) {
      if (this.#opening === opening) await this.#goBack();
      throw error;
    }
    const { layers } = this.painting;
    this.#history = new History(drawing);
    this.ui.set({
      radius: Math.max(2, Math.round(Math.max(layers.width, layers.height) / 220)),
      comparing: false,
      looks: LOOKS,
      ...(palette && { palette }),
    });
    this.state.set({ phase: "open", id, name });
    this.#tell();
    await this.listener.opened(layers);
    if (drawing.shade) this.#following.ask();
  }

  /** To the picture that was open before another could not be opened. */
  async #goBack() {
    this.state.set({ phase: this.painting ? "open" : "start" });
    if (this.layers) await this.listener.opened(this.layers);
  }

  /**
   * Something to look at while the server reads the picture, if the browser can show it.
   * @param {Blob} picture
   */
  async #preview(picture) {
    try {
      const bitmap = await createImageBitmap(picture);
      if (this.state.value.phase === "opening") await this.listener.preview(bitmap);
    } catch {
      // The server reads more kinds of picture than browsers do.
    }
  }

  close() {
    this.#following.stop();
    this.painting?.close();
    this.painting = null;
    this.state.set({ phase: "start", info: null, name: "", id: "" });
  }

  // Changing the drawing --------------------------------------------------------------------------

  /** One step of the history. @param {Partial<Drawing>} parts */
  change(parts) {
    this.settle();
    this.#history.commit({ ...this.drawing, ...parts });
    this.#changed();
  }

  /** What is still being changed: a slider that is held. @param {Partial<Drawing>} parts */
  adjust(parts) {
    this.#since ??= this.drawing;
    this.#history.present = { ...this.drawing, ...parts };
    this.#changed();
  }

  /** What was adjusted becomes one step of the history. */
  settle() {
    const since = this.#since;
    this.#since = null;
    if (!since || since === this.drawing) return;
    this.#history.commit(this.drawing, since);
    this.#tell();
  }

  undo() {
    this.settle();
    if (!this.#history.undo()) return false;
    this.#changed();
    return true;
  }

  redo() {
    this.settle();
    if (!this.#history.redo()) return false;
    this.#changed();
    return true;
  }

  /** Another colouring of what no hint explains. */
  reseed() {
    this.change({ seed: this.drawing.seed + 1 });
  }

  // Colour ----------------------------------------------------------------------------------------

  /**
   * Paint with this colour from now on; who was picking it goes back to painting.
   * @param {string} color
   */
  take(color) {
    const { color: lastColor, tool } = this.ui.value;
    if (color !== lastColor) this.ui.set({ color, lastColor });
    if (tool === "eyedropper") this.choose(this.#painter);
  }

  /** @param {Ui["tool"]} tool */
  choose(tool) {
    if (tool === "brush" || tool === "bucket") this.#painter = tool;
    this.ui.set({ tool });
  }

  /**
   * Flats have the exact colour; where they are hidden, what is seen counts.
   * @param {number} x
   * @param {number} y
   */
  colorAt(x, y) {
    const { flats } = this.ui.value.looks;
    const seesFlats = flats.visible && flats.opacity > 0.5;
    return this.layers?.colorAt(seesFlats ? "flats" : "result", x, y) ?? null;
  }

  // Hints -----------------------------------------------------------------------------------------

  /** @param {Hint} hint a finished stroke or dot */
  addHint(hint) {
    startClock();
    this.change({ hints: [...this.drawing.hints, hint] });
    this.painting?.expect(this.#revision);
    this.layers?.mark(hint);
    void this.listener.painted();
  }

  /**
   * The whole region gets this colour; what was put into it before is gone.
   * @param {number} x
   * @param {number} y
   */
  fillRegion(x, y) {
    const region = this.regions?.at(x, y);
    if (!region) return;
    startClock();
    const { color } = this.ui.value;
    const others = without(this.drawing.hints, (px, py) => this.regions?.at(px, py) === region);
    const hint = /** @type {Hint} */ ({ points: [[x, y]], radius: FILL_RADIUS, color, fill: true });
    this.change({ hints: [...others, hint] });
    void this.foresee(x, y, color);
    this.painting?.expect(this.#revision);
  }

  /**
   * Show what a hint there will surely do.
   * @param {number} x
   * @param {number} y
   * @param {string} color
   */
  async foresee(x, y, color) {
    const isNew = await this.painting?.foresee(this.drawing.hints, x, y, color);
    if (isNew) await this.listener.painted();
  }

  /** The draft of a stroke was given up: show what the server knows again. */
  forget() {
    this.painting?.forget();
    this.#following.ask();
  }

  // Painting --------------------------------------------------------------------------------------

  #changed() {
    this.#revision++;
    this.#tell();
    this.#following.ask();
  }

  #tell() {
    this.state.set({
      drawing: this.drawing,
      info: this.painting?.session.info ?? null,
      canUndo: this.#history.canUndo,
      canRedo: this.#history.canRedo,
    });
  }

  /** @param {AbortSignal} signal */
  async #follow(signal) {
    const { painting, drawing } = this;
    const revision = this.#revision;
    if (!painting) return;
    if (!painting.isReadyFor(drawing)) await this.#prepare(painting, drawing, signal);
    const flats = await painting.paint(drawing, revision, signal);
    if (!flats) return;
    await this.listener.painted();
    stopClock();
    void this.#count(flats);
    if (!drawing.shade) return;
    await painting.paintShade(drawing, signal);
    await this.listener.painted();
  }

  /** @param {Painting} painting @param {Drawing} drawing @param {AbortSignal} signal */
  async #prepare(painting, drawing, signal) {
    try {
      await painting.prepare(drawing, signal, new AbortController());
      this.#tell();
    } catch (error) {
      // The user called it off, or the server can't do it, and nothing newer did: back to what was.
      const isRefused = error instanceof Problem && error.status >= 400 && error.status < 500;
      if ((isAbort(error) && !signal.aborted) || isRefused) this.undo();
      throw error;
    }
  }

  /** @param {Blob} flats */
  async #count(flats) {
    const turn = ++this.#counted;
    await pause(REST);
    if (turn !== this.#counted) return;
    this.state.set({ used: distinct(await colorsOf(flats), USED) });
  }
}

/** `crypto.randomUUID` is there only where the page came by HTTPS or from this computer. */
function newId() {
  return Date.now().toString(36) + Math.random().toString(36).slice(2, 8);
}

/** From here to `stopClock` is how long a stroke takes to be seen in all its effects. */
function startClock() {
  performance.clearMarks("nurie:stroke");
  performance.mark("nurie:stroke");
}

function stopClock() {
  if (!performance.getEntriesByName("nurie:stroke").length) return;
  performance.clearMeasures("nurie:repaint");
  performance.measure("nurie:repaint", "nurie:stroke");
  performance.clearMarks("nurie:stroke");
}
