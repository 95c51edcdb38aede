/** Everything that is done to a drawing is kept by itself, a moment later. */

import * as autosave from "./autosave.js";
import { t } from "./i18n.js";
import { canvasOf } from "./layers.js";
import { toast } from "./ui/toasts.js";

/** Milliseconds of rest before a drawing is written. */
const REST = 900;

/** Longest edge of the thumbnail. */
const THUMB = 320;

/** Which drawing this tab had open: after a reload it is opened again. */
const CURRENT = "nurie.current";

/** @param {import("./studio.js").Studio} studio */
export function setUpKeeping(studio) {
  let timer = 0;
  let isWarned = false;
  const keep = async () => {
    const { id, name, phase } = studio.state.value;
    const { painting, drawing } = studio;
    if (phase !== "open" || !painting) return;
    const { picture } = painting.session;
    try {
      painting.layers.compose();
      const thumb = await thumbOf(painting.layers.result);
      const { palette } = studio.ui.value;
      await autosave.save({ id, name, time: Date.now(), picture, drawing, palette, thumb });
    } catch {
      if (!isWarned) toast(t("noStorage"), { kind: "error" });
      isWarned = true;
    }
  };
  const soon = () => {
    clearTimeout(timer);
    if (studio.state.value.phase === "open") timer = window.setTimeout(keep, REST);
  };
  studio.state.watch(["drawing", "phase", "id"], soon);
  studio.ui.watch(["palette"], soon);
  studio.state.watch(["id"], ({ id }) => {
    if (id) sessionStorage.setItem(CURRENT, id);
  });
  // Whoever leaves right after a stroke loses nothing either.
  document.addEventListener("visibilitychange", () => document.hidden && keep());
}

/** What this tab had open before it was loaded again. @returns {Promise<autosave.Saved | null>} */
export async function keptOfThisTab() {
  const id = sessionStorage.getItem(CURRENT);
  if (!id) return null;
  return (await autosave.load(id).catch(() => null)) ?? null;
}

/** The tab has nothing open any more. */
export function forgetThisTab() {
  sessionStorage.removeItem(CURRENT);
}

/** @param {HTMLCanvasElement} picture @returns {Promise<Blob | null>} */
function thumbOf(picture) {
  const scale = Math.min(1, THUMB / Math.max(picture.width, picture.height));
  const canvas = canvasOf(
    Math.max(1, Math.round(picture.width * scale)),
    Math.max(1, Math.round(picture.height * scale)),
  );
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/webp", 0.85));
}
