/** What would hold up drawing if it were done beside it: maps of regions, and counting colours. */

/** Longest edge of a mask: beyond it, what is shown for a moment may be coarse. */
const MASK = 1536;

/** Edge of the small copy whose colours are counted. */
const COUNTED = 320;

/** @type {{labels: Uint32Array, boxes: Int32Array, width: number, height: number} | null} */
let map = null;

const tasks = {
  regions: readRegions,
  mask: ({ region }) => mask(region),
  colors: ({ picture }) => countColors(picture),
};

self.onmessage = async ({ data }) => {
  try {
    const [answer, transfer] = await tasks[data.task](data);
    self.postMessage({ id: data.id, answer }, transfer);
  } catch (error) {
    self.postMessage({ id: data.id, error: String(error) });
  }
};

/** The number of every pixel's region, from the three channels that carry it. */
async function readRegions({ picture }) {
  const pixels = await pixelsOf(picture);
  const { width, height } = pixels;
  const bytes = pixels.data;
  const labels = new Uint32Array(width * height);
  let count = 0;
  for (let index = 0, at = 0; index < labels.length; index++, at += 4) {
    const label = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    labels[index] = label;
    if (label > count) count = label;
  }
  map = { labels, boxes: boxesOf(labels, width, height, count), width, height };
  const copy = labels.slice();
  return [{ labels: copy, width, height, count }, [copy.buffer]];
}

/** Left, top, right and bottom of every region, the last two not included. */
function boxesOf(labels, width, height, count) {
  const boxes = new Int32Array(4 * (count + 1));
  for (let region = 0; region <= count; region++) boxes.set([width, height, 0, 0], 4 * region);
  for (let y = 0, index = 0; y < height; y++) {
    for (let x = 0; x < width; x++, index++) {
      const at = 4 * labels[index];
      if (x < boxes[at]) boxes[at] = x;
      if (y < boxes[at + 1]) boxes[at + 1] = y;
      if (x >= boxes[at + 2]) boxes[at + 2] = x + 1;
      if (y >= boxes[at + 3]) boxes[at + 3] = y + 1;
    }
  }
  return boxes;
}

/** A region as two pictures of alpha alone: its area, and its outline, inside its box. */
function mask(region) {
  if (!map || 4 * region >= map.boxes.length) return [null, []];
  const [left, top, right, bottom] = map.boxes.subarray(4 * region, 4 * region + 4);
  if (right <= left) return [null, []];
  const step = Math.ceil(Math.max(right - left, bottom - top) / MASK);
  const columns = Math.ceil((right - left) / step);
  const rows = Math.ceil((bottom - top) / step);
  // Seen on a screen, the outline is about as wide whatever the size of the picture.
  const reach = Math.max(1, Math.round(Math.max(map.width, map.height) / 700 / step));
  const area = new Uint32Array(columns * rows);
  const edge = new Uint32Array(columns * rows);
  const { labels, width, height } = map;
  const inside = (x, y) =>
    x >= 0 && y >= 0 && x < width && y < height && labels[y * width + x] === region;
  for (let row = 0, at = 0; row < rows; row++) {
    const y = top + row * step;
    for (let column = 0; column < columns; column++, at++) {
      const x = left + column * step;
      if (labels[y * width + x] !== region) continue;
      area[at] = 0xffffffff;
      const far = reach * step;
      if (!(inside(x - far, y) && inside(x + far, y) && inside(x, y - far) && inside(x, y + far))) {
        edge[at] = 0xffffffff;
      }
    }
  }
  const bitmaps = [area, edge].map((pixels) => bitmapOf(pixels, columns, rows));
  const box = { left, top, width: columns * step, height: rows * step };
  return [{ area: bitmaps[0], edge: bitmaps[1], ...box }, bitmaps];
}

function bitmapOf(pixels, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const image = new ImageData(new Uint8ClampedArray(pixels.buffer), width, height);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas.transferToImageBitmap();
}

/** The colours of flats, the one that covers most first. */
async function countColors(picture) {
  const { width, height } = await sizeOf(picture);
  const scale = Math.min(1, COUNTED / Math.max(width, height));
  const pixels = await pixelsOf(picture, {
    resizeWidth: Math.max(1, Math.round(width * scale)),
    resizeHeight: Math.max(1, Math.round(height * scale)),
    resizeQuality: "pixelated",
  });
  const counts = new Map();
  const values = new Uint32Array(pixels.data.buffer);
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const colors = [...counts]
    .filter(([, count]) => count > 2)
    .sort((one, other) => other[1] - one[1])
    .map(([value]) => {
      const rgb = ((value & 255) << 16) | (value & 0xff00) | ((value >> 16) & 255);
      return `#${((1 << 24) | rgb).toString(16).slice(1)}`;
    });
  return [colors, []];
}

/** Width and height of a PNG, from its head: decoding it only for that would cost as much again. */
async function sizeOf(picture) {
  const head = new DataView(await picture.slice(16, 24).arrayBuffer());
  return { width: head.getUint32(0), height: head.getUint32(4) };
}

/** Pixels as the file has them: neither a colour profile nor alpha may change a number. */
async function pixelsOf(picture, options = {}) {
  const bitmap = await createImageBitmap(picture, {
    colorSpaceConversion: "none",
    premultiplyAlpha: "none",
    ...options,
  });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
