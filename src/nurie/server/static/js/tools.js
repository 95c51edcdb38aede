/** The tools: what happens to the drawing between pressing and letting go. */

import { along, round, without } from "./hints.js";

/** @typedef {import("./gestures.js").Tool} Tool */
/** @typedef {import("./gestures.js").Point} Point */

/**
 * @param {import("./studio.js").Studio} studio
 * @param {import("./stage.js").Stage} stage
 * @returns {Record<"brush" | "bucket" | "eyedropper" | "eraser", Tool>}
 */
export function makeTools(studio, stage) {
  return {
    brush: brush(studio, stage),
    bucket: bucket(studio),
    eyedropper: eyedropper(studio, stage),
    eraser: eraser(studio, stage),
  };
}

/**
 * @param {import("./studio.js").Studio} studio
 * @param {import("./stage.js").Stage} stage
 * @returns {Tool}
 */
function brush(studio, stage) {
  /** @type {import("./hints.js").Hint | null} */
  let draft = null;
  const isInside = ({ x, y }) => Boolean(studio.regions?.at(x, y));
  const start = (/** @type {Point} */ point) => {
    const { radius, color } = studio.ui.value;
    draft = { points: [[round(point.x), round(point.y)]], radius, color };
    stage.annotate({ draft });
    void studio.foresee(point.x, point.y, color);
  };
  return {
    begin(point) {
      draft = null;
      if (isInside(point)) start(point);
    },
    move(points) {
      for (const point of points.filter(isInside)) {
        if (!draft) start(point);
        else {
          const more = along(draft.points, point.x, point.y, draft.radius);
          for (const [x, y] of more) void studio.foresee(x, y, draft.color);
          draft = { ...draft, points: [...draft.points, ...more] };
        }
      }
      stage.annotate({ draft });
    },
    end() {
      stage.annotate({ draft: null });
      if (draft) studio.addHint(draft);
    },
    cancel() {
      stage.annotate({ draft: null });
      if (draft) studio.forget();
    },
  };
}

/** @param {import("./studio.js").Studio} studio @returns {Tool} */
function bucket(studio) {
  /** @type {Point | null} */
  let place = null;
  return {
    begin(point) {
      place = point;
    },
    move(points) {
      place = points[points.length - 1];
    },
    end() {
      if (place) studio.fillRegion(round(place.x), round(place.y));
    },
    cancel() {},
  };
}

/**
 * @param {import("./studio.js").Studio} studio
 * @param {import("./stage.js").Stage} stage
 * @returns {Tool}
 */
function eyedropper(studio, stage) {
  /** @type {string | null} */
  let color = null;
  const look = (/** @type {Point} */ point) => {
    const before = studio.ui.value.color;
    color = studio.colorAt(point.x, point.y) ?? color;
    stage.annotate({ picked: color ? { ...point, color, before } : null });
  };
  return {
    begin(point) {
      color = null;
      look(point);
    },
    move(points) {
      look(points[points.length - 1]);
    },
    end() {
      stage.annotate({ picked: null });
      if (color) studio.take(color);
    },
    cancel() {
      stage.annotate({ picked: null });
    },
  };
}

/** CSS pixels that the eraser reaches at least: dots are shown no smaller. */
const RUBBER = 6;

/**
 * @param {import("./studio.js").Studio} studio
 * @param {import("./stage.js").Stage} stage
 * @returns {Tool}
 */
function eraser(studio, stage) {
  /** @type {Point | null} */
  let last = null;
  const rub = (/** @type {Point} */ to) => {
    const from = last ?? to;
    last = to;
    const reach = Math.max(studio.ui.value.radius, RUBBER / stage.view.scale);
    const hints = without(
      studio.drawing.hints,
      (x, y, radius) => distance(x, y, from, to) <= reach + radius,
    );
    if (hints !== studio.drawing.hints) studio.adjust({ hints });
  };
  return {
    begin(point) {
      last = null;
      rub(point);
    },
    move(points) {
      points.forEach(rub);
    },
    end() {
      studio.settle();
    },
    cancel() {
      studio.settle();
    },
  };
}

/**
 * From a place to the way between two points.
 * @param {number} x
 * @param {number} y
 * @param {Point} from
 * @param {Point} to
 */
function distance(x, y, from, to) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const share = ((x - from.x) * dx + (y - from.y) * dy) / Math.max(dx * dx + dy * dy, 1e-9);
  const at = Math.min(Math.max(share, 0), 1);
  return Math.hypot(x - from.x - at * dx, y - from.y - at * dy);
}
