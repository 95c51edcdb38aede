/** Project files: JSON with the picture in it, so that one file is all there is to keep. */

import { isColor, revived } from "./drawing.js";

const FORMAT = "nurie-project";
const VERSION = 1;

/** @typedef {import("./drawing.js").Drawing} Drawing */
/** @typedef {import("./palettes.js").Palette} Palette */
/** @typedef {{name: string, picture: Blob, drawing: Drawing, palette: Palette}} Project */

/** @param {Project} project @returns {Promise<Blob>} */
export async function packed({ name, picture, drawing, palette }) {
  const { reference, ...rest } = drawing;
  const content = {
    format: FORMAT,
    version: VERSION,
    name,
    picture: await toDataUrl(picture),
    reference: reference && { name: reference.name, picture: await toDataUrl(reference.picture) },
    palette,
    drawing: rest,
  };
  return new Blob([JSON.stringify(content)], { type: "application/json" });
}

/**
 * @param {Blob} file
 * @returns {Promise<Project>}
 * @throws {Error} it is no project
 */
export async function unpacked(file) {
  const content = JSON.parse(await file.text());
  if (content?.format !== FORMAT || typeof content.name !== "string") throw new Error("no project");
  const reference = content.reference && {
    name: String(content.reference.name),
    picture: toBlob(content.reference.picture),
  };
  const { palette } = content;
  const isPalette =
    typeof palette?.name === "string" && palette.colors?.length && palette.colors.every?.(isColor);
  return {
    name: content.name,
    picture: toBlob(content.picture),
    drawing: revived(content.drawing, reference),
    palette: isPalette ? palette : undefined,
  };
}

/** @param {Blob} blob @returns {Promise<string>} */
function toDataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(/** @type {string} */ (reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

/**
 * By hand, as the page's policy lets nothing be fetched from a data: address.
 * @param {string} url
 */
function toBlob(url) {
  const [, type, data] = /** @type {RegExpMatchArray} */ (
    /^data:([\w/+.-]*);base64,([A-Za-z0-9+/=]*)$/.exec(url)
  );
  return new Blob([Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0))], { type });
}
