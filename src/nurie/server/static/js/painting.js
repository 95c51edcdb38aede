/** One picture on the easel: what the server knows of it, and what is seen of it. */

import { Layers } from "./layers.js";
import { Regions } from "./regions.js";
import { Session } from "./session.js";
import { during } from "./work.js";

/** @typedef {import("./drawing.js").Drawing} Drawing */
/** @typedef {import("./hints.js").Hint} Hint */

export class Painting {
  /** @type {string} how the lines were read that are shown */
  #shownAs = "";
  /**
   * What is shown ahead of the server's answer to the drawing of that revision; null while it is
   * drawn.
   * @type {{region: number, color: string, revision: number | null}[]}
   */
  #ahead = [];
  #isClosed = false;

  /**
   * @param {Blob} picture @param {Drawing} drawing @param {AbortSignal} signal
   * @returns {Promise<{painting: Painting, flats: Blob}>}
   */
  static async open(picture, drawing, signal) {
    const session = new Session(picture);
    try {
      const info = await session.agree(drawing, signal);
      const [source, lines, regions, flats] = await Promise.all([
        session.layer("source", drawing, signal).then(decoded),
        session.layer("lines", drawing, signal).then(decoded),
        session.layer("regions", drawing, signal).then(Regions.read),
        session.paint(drawing, "flats", signal),
      ]);
      const layers = new Layers(info.width, info.height);
      layers.replace("source", source);
      layers.replace("lines", lines);
      layers.replaceFlats(await decoded(flats));
      return { painting: new Painting(session, layers, regions), flats };
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /** @param {Session} session @param {Layers} layers @param {Regions} regions */
  constructor(session, layers, regions) {
    this.session = session;
    this.layers = layers;
    this.regions = regions;
    this.#shownAs = readAs(session.info);
  }

  close() {
    this.#isClosed = true;
    this.session.close();
    this.layers.close();
  }

  // Following the drawing -------------------------------------------------------------------------

  /** Whether lines and reference are those of this drawing. @param {Drawing} drawing */
  isReadyFor(drawing) {
    return this.session.agrees(drawing) && readAs(this.session.info) === this.#shownAs;
  }

  /**
   * Have the server, and the page, get the lines and the reference of this drawing.
   * @param {Drawing} drawing
   * @param {AbortSignal} signal
   * @param {AbortController} controller by which the user may call it off
   */
  async prepare(drawing, signal, controller) {
    signal.addEventListener("abort", () => controller.abort(), { once: true });
    const label = this.session.readsAs(drawing) ? "lookingReference" : "redrawing";
    await during(label, (either) => this.#redraw(drawing, either), controller);
  }

  /** @param {Drawing} drawing @param {AbortSignal} signal */
  async #redraw(drawing, signal) {
    const info = await this.session.agree(drawing, signal);
    if (readAs(info) === this.#shownAs) return;
    const [lines, regions] = await Promise.all([
      this.session.layer("lines", drawing, signal).then(decoded),
      this.session.layer("regions", drawing, signal).then(Regions.read),
    ]);
    if (this.#isClosed) return lines.close();
    this.layers.replace("lines", lines);
    this.regions = regions;
    this.#ahead = [];
    this.#shownAs = readAs(info);
  }

  /**
   * Paint by this drawing.
   * @param {Drawing} drawing @param {number} revision @param {AbortSignal} signal
   * @returns {Promise<Blob | null>} the flats; null where the picture was closed meanwhile
   */
  async paint(drawing, revision, signal) {
    const flats = await this.session.paint(drawing, "flats", signal);
    const bitmap = await decoded(flats);
    if (this.#isClosed) {
      bitmap.close();
      return null;
    }
    this.layers.replaceFlats(bitmap);
    if (!drawing.shade) this.layers.replace("shade", null);
    this.#ahead = this.#ahead.filter((one) => one.revision === null || one.revision > revision);
    for (const { region, color } of this.#ahead) {
      const mask = await this.regions.mask(region);
      if (mask) this.layers.fill(mask, color);
    }
    return flats;
  }

  /** @param {Drawing} drawing @param {AbortSignal} signal */
  async paintShade(drawing, signal) {
    const shade = await decoded(await this.session.paint(drawing, "shade", signal));
    if (this.#isClosed) shade.close();
    else this.layers.replace("shade", shade);
  }

  // Ahead of the server ---------------------------------------------------------------------------

  /**
   * Show at once what is sure: the region under a hint takes its colour, unless hints divide it.
   * @param {readonly Hint[]} hints that are there already
   * @param {number} x @param {number} y @param {string} color
   * @returns {Promise<boolean>} whether anything has changed
   */
  async foresee(hints, x, y, color) {
    const { regions } = this;
    const region = regions.at(x, y);
    if (!region) return false;
    if (this.#ahead.some((one) => one.region === region && one.color === color)) return false;
    const isDivided = hints.some(
      (hint) =>
        hint.color !== color && hint.points.some(([px, py]) => regions.at(px, py) === region),
    );
    if (isDivided) return false;
    this.#ahead.push({ region, color, revision: null });
    const mask = await regions.mask(region);
    if (!mask || this.#isClosed) return false;
    this.layers.fill(mask, color);
    return true;
  }

  /**
   * What was foreseen stays until an answer to this revision, or a later one, is there.
   * @param {number} revision
   */
  expect(revision) {
    for (const one of this.#ahead) one.revision ??= revision;
  }

  /** The draft of a stroke was given up. */
  forget() {
    this.#ahead = this.#ahead.filter((one) => one.revision !== null);
  }
}

/** How lines are read: where two infos agree in this, lines and regions are the same. */
function readAs(/** @type {import("./session.js").Info | null} */ info) {
  return `${info?.kind} ${info?.style} ${info?.gap}`;
}

/** @param {Blob} picture */
function decoded(picture) {
  return createImageBitmap(picture, { colorSpaceConversion: "none" });
}
