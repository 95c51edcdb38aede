/** Hints: dots and strokes of colour, in pixels of the picture; and what can be done with them. */

/**
 * A dot has one point. `fill` marks what the bucket put down: it looks different, no more.
 * @typedef {{points: [number, number][], radius: number, color: string, fill?: true}} Hint
 */

/** How many radii, or pixels, lie between the points of a stroke. */
const STEP = 0.6;

/**
 * Points along the way, none further from the last than needed: the eraser can cut between them.
 * @param {[number, number][]} points @param {number} x @param {number} y @param {number} radius
 * @returns {[number, number][]} those to be added
 */
export function along(points, x, y, radius) {
  const [lastX, lastY] = points[points.length - 1];
  const step = Math.max(2, radius * STEP);
  const length = Math.hypot(x - lastX, y - lastY);
  const count = Math.floor(length / step);
  return Array.from({ length: count }, (_, index) => {
    const share = ((index + 1) * step) / length;
    return [round(lastX + (x - lastX) * share), round(lastY + (y - lastY) * share)];
  });
}

/** A tenth of a pixel is more than anybody can draw. @param {number} value */
export function round(value) {
  return Math.round(value * 10) / 10;
}

/**
 * Hints without the points that `isGone`; a stroke may fall into several.
 * The same array if nothing goes, so that no step of the history is made of it.
 * @param {readonly Hint[]} hints
 * @param {(x: number, y: number, radius: number) => boolean} isGone
 * @returns {readonly Hint[]}
 */
export function without(hints, isGone) {
  let changed = false;
  const left = hints.flatMap((hint) => {
    const runs = /** @type {[number, number][][]} */ ([[]]);
    for (const [x, y] of hint.points) {
      if (!isGone(x, y, hint.radius)) runs[runs.length - 1].push([x, y]);
      else if (runs[runs.length - 1].length) runs.push([]);
    }
    const kept = runs.filter((run) => run.length);
    if (kept.length === 1 && kept[0].length === hint.points.length) return [hint];
    changed = true;
    return kept.map((points) => ({ ...hint, points }));
  });
  return changed ? left : hints;
}

/**
 * As the server is told.
 * @param {readonly Hint[]} hints
 */
export function toRequest(hints) {
  return hints.map(({ points, radius, color }) =>
    points.length > 1
      ? { points, radius, color }
      : { x: points[0][0], y: points[0][1], radius, color },
  );
}

/**
 * The path of a hint on a canvas, to be stroked with round caps and joins.
 * @param {CanvasRenderingContext2D} context
 * @param {Hint} hint
 * @param {(x: number, y: number) => {x: number, y: number}} place
 */
export function trace(context, hint, place) {
  context.beginPath();
  for (const [index, [px, py]] of hint.points.entries()) {
    const { x, y } = place(px, py);
    if (index) context.lineTo(x, y);
    else context.moveTo(x, y);
  }
  if (hint.points.length === 1) {
    const { x, y } = place(...hint.points[0]);
    context.lineTo(x + 0.01, y); // a line of no length has no caps in some browsers
  }
}
