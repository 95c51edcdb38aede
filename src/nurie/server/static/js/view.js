/** Which part of the picture is seen, and how large: screen = picture * scale + offset. */

/** @typedef {{scale: number, x: number, y: number}} View  In CSS pixels of the stage. */
/** @typedef {{width: number, height: number}} Size */
/** @typedef {{left: number, top: number, right: number, bottom: number}} Insets */

const LEAST = 0.02;
const MOST = 32;

/** At least so many CSS pixels of the picture stay on the stage, lest it be lost. */
const KEPT = 48;

/**
 * The whole picture, in the middle of what the panels leave free; small ones are not blown up much.
 * @param {Size} picture @param {Size} stage @param {Insets} insets @returns {View}
 */
export function fit(picture, stage, insets) {
  const width = Math.max(stage.width - insets.left - insets.right, 40);
  const height = Math.max(stage.height - insets.top - insets.bottom, 40);
  const scale = clampScale(Math.min(width / picture.width, height / picture.height, 4));
  return {
    scale,
    x: insets.left + (width - picture.width * scale) / 2,
    y: insets.top + (height - picture.height * scale) / 2,
  };
}

/** @param {View} view @param {number} x @param {number} y on the stage */
export function toPicture(view, x, y) {
  return { x: (x - view.x) / view.scale, y: (y - view.y) / view.scale };
}

/** @param {View} view @param {number} x @param {number} y in the picture */
export function toStage(view, x, y) {
  return { x: x * view.scale + view.x, y: y * view.scale + view.y };
}

/**
 * Zoom, and keep what lies at (x, y) of the stage where it is.
 * @param {View} view @param {number} factor @param {number} x @param {number} y @returns {View}
 */
export function zoomed(view, factor, x, y) {
  const scale = clampScale(view.scale * factor);
  const real = scale / view.scale;
  return { scale, x: x - (x - view.x) * real, y: y - (y - view.y) * real };
}

/** @param {View} view @param {number} dx @param {number} dy @returns {View} */
export function moved(view, dx, dy) {
  return { scale: view.scale, x: view.x + dx, y: view.y + dy };
}

/**
 * The view, with some of the picture on the stage.
 * @param {View} view
 * @param {Size} picture
 * @param {Size} stage
 */
export function kept(view, picture, stage) {
  const within = (offset, length, room) =>
    Math.min(Math.max(offset, KEPT - length * view.scale), room - KEPT);
  return {
    scale: view.scale,
    x: within(view.x, picture.width, stage.width),
    y: within(view.y, picture.height, stage.height),
  };
}

/** @param {number} scale */
function clampScale(scale) {
  return Math.min(Math.max(scale, LEAST), MOST);
}
