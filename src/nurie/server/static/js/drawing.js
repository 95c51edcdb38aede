/** What a user makes of a picture: every value that undo goes back over. Never changed in place. */

/** @typedef {import("./hints.js").Hint} Hint */

/**
 * @typedef {object} Drawing
 * @property {readonly Hint[]} hints
 * @property {"picture" | "lines" | null} kind  null lets the server decide
 * @property {"soft" | "ink" | "thin"} style  of the lines that are extracted
 * @property {number | null} gap  in pixels; null is what suits the size
 * @property {number} spread  in [0, 2]
 * @property {boolean} onlyHints
 * @property {number} seed
 * @property {readonly string[] | null} palette  the colours that may be chosen from, where locked
 * @property {Reference | null} reference
 * @property {boolean} shade
 */

/** @typedef {{picture: Blob, name: string}} Reference */

/**
 * The colouring that is shown first. With seed 0, the first hint would turn all that no hint
 * explains into what is to be expected, which is dull; others keep a theme. This theme has the
 * colours of skin and sky.
 */
const FIRST_SEED = 7;

/** @type {Drawing} */
export const FRESH = Object.freeze({
  hints: [],
  kind: null,
  style: "soft",
  gap: null,
  spread: 1,
  onlyHints: false,
  seed: FIRST_SEED,
  palette: null,
  reference: null,
  shade: false,
});

/** The options of the server's `paint` and `export`. @param {Drawing} drawing */
export function optionsOf(drawing) {
  return {
    spread: drawing.spread,
    only_hints: drawing.onlyHints,
    palette: drawing.palette,
    seed: drawing.seed,
    fill: drawing.shade ? "soft" : "flat",
  };
}

/**
 * A drawing of what a project file says; what is missing or makes no sense is as in a fresh one.
 * @param {unknown} content
 * @param {Reference | null} reference
 * @returns {Drawing}
 */
export function revived(content, reference) {
  const said = content && typeof content === "object" ? /** @type {any} */ (content) : {};
  const number = (value, least, most, fallback) =>
    typeof value === "number" && value >= least && value <= most ? value : fallback;
  const one = (value, of, fallback) => (of.includes(value) ? value : fallback);
  return {
    hints: Array.isArray(said.hints) ? said.hints.filter(isHint).map(plainHint) : [],
    kind: one(said.kind, ["picture", "lines"], null),
    style: one(said.style, ["soft", "ink", "thin"], FRESH.style),
    gap: number(said.gap, 0, 1000, null),
    spread: number(said.spread, 0, 2, FRESH.spread),
    onlyHints: said.onlyHints === true,
    seed: Number.isInteger(said.seed) ? number(said.seed, 0, 2 ** 31, FIRST_SEED) : FIRST_SEED,
    palette:
      Array.isArray(said.palette) && said.palette.length && said.palette.every(isColor)
        ? said.palette
        : null,
    reference,
    shade: said.shade === true,
  };
}

/** @param {unknown} value */
export function isColor(value) {
  return typeof value === "string" && /^#[0-9a-f]{6}$/.test(value);
}

/** @param {any} hint */
function isHint(hint) {
  const isPlace = (value) => Number.isFinite(value) && Math.abs(value) < 1e6;
  return (
    hint &&
    isColor(hint.color) &&
    Number.isFinite(hint.radius) &&
    hint.radius >= 0 &&
    hint.radius < 1e4 &&
    Array.isArray(hint.points) &&
    hint.points.length > 0 &&
    hint.points.every((point) => Array.isArray(point) && point.length === 2 && point.every(isPlace))
  );
}

/** @param {Hint} hint @returns {Hint} */
function plainHint({ points, radius, color, fill }) {
  return { points, radius, color, ...(fill === true && { fill }) };
}
