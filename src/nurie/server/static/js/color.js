/** Colours as the studio writes them, "#rrggbb", and what can be asked of them. */

/**
 * Hue in [0, 360), saturation and value in [0, 1].
 * @typedef {{h: number, s: number, v: number}} Hsv
 */

/**
 * What somebody typed as "#rrggbb", or null if it is no colour.
 * @param {string} text "#f4c7a1", "f4c7a1", "#fc9"
 */
export function parseHex(text) {
  const digits = text.trim().replace(/^#/, "").toLowerCase();
  if (/^[0-9a-f]{6}$/.test(digits)) return `#${digits}`;
  if (/^[0-9a-f]{3}$/.test(digits)) return `#${[...digits].map((digit) => digit + digit).join("")}`;
  return null;
}

/** @param {string} hex @returns {[number, number, number]} in [0, 255] */
export function toRgb(hex) {
  const value = parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** @param {number} red @param {number} green @param {number} blue in [0, 255] */
export function toHex(red, green, blue) {
  return `#${((1 << 24) | (red << 16) | (green << 8) | blue).toString(16).slice(1)}`;
}

/** @param {string} hex @returns {Hsv} */
export function toHsv(hex) {
  const [red, green, blue] = toRgb(hex).map((channel) => channel / 255);
  const v = Math.max(red, green, blue);
  const span = v - Math.min(red, green, blue);
  if (span === 0) return { h: 0, s: 0, v };
  let sector = (red - green) / span + 4;
  if (v === red) sector = ((green - blue) / span + 6) % 6;
  else if (v === green) sector = (blue - red) / span + 2;
  return { h: sector * 60, s: span / v, v };
}

/** @param {Hsv} color */
export function fromHsv({ h, s, v }) {
  const channel = (offset) => {
    const place = (offset + h / 60) % 6;
    return Math.round(255 * (v - v * s * Math.max(0, Math.min(place, 4 - place, 1))));
  };
  return toHex(channel(5), channel(3), channel(1));
}

/** Whether dark ink is easier to see on this colour than white. @param {string} hex */
export function isLight(hex) {
  const [red, green, blue] = toRgb(hex);
  return 0.299 * red + 0.587 * green + 0.114 * blue > 150;
}

/**
 * The colours that are not nearly one of those before them, at most `limit`.
 * @param {string[]} colors @param {number} limit @param {number} [apart] of 255
 */
export function distinct(colors, limit, apart = 18) {
  /** @type {string[]} */
  const kept = [];
  for (const color of colors) {
    if (kept.length === limit) break;
    const [red, green, blue] = toRgb(color);
    const isNew = kept.every((other) => {
      const [r, g, b] = toRgb(other);
      return Math.hypot(red - r, green - g, blue - b) > apart;
    });
    if (isNew) kept.push(color);
  }
  return kept;
}
