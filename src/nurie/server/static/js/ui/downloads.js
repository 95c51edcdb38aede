/** Downloads: pictures, layered files, lines as vectors. */

import { locale, t } from "../i18n.js";
import { canvasOf } from "../layers.js";
import { during } from "../work.js";
import { byId, download, make, stem } from "./dom.js";
import { report } from "./problems.js";
import { toast } from "./toasts.js";

/** @typedef {"png" | "webp" | "psd" | "ora" | "svg"} Format */

/** As the formats call themselves. @type {Record<Format, string>} */
const NAMES = { png: "PNG", webp: "WebP", psd: "PSD", ora: "ORA", svg: "SVG" };

/** What each format can hold, the usual first. @type {Record<Format, string[]>} */
const CONTENTS = {
  png: ["picture", "flats", "lines"],
  webp: ["picture", "flats", "lines"],
  psd: ["all", "flats"],
  ora: ["all", "flats"],
  svg: ["lines"],
};

const LAYERED = ["psd", "ora"];

/** @param {string} key @param {string} name */
const textKey = (key, name) => key + name[0].toUpperCase() + name.slice(1);

/** @param {import("../studio.js").Studio} studio */
export function setUpDownloads(studio) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("download"));
  const name = /** @type {HTMLInputElement} */ (byId("download-name"));
  const byColor = /** @type {HTMLInputElement} */ (byId("by-color"));
  /** @type {{format: Format, content: string}} */
  const wish = { format: "png", content: "picture" };

  const showContents = () => {
    const possible = CONTENTS[wish.format];
    if (!possible.includes(wish.content)) wish.content = possible[0];
    const legend = make("legend", {}, t("contents"));
    byId("contents").replaceChildren(
      legend,
      ...possible.map((content) =>
        choice("content", content, t(textKey("contents", content)), "", wish.content),
      ),
    );
    byId("by-color-field").hidden = !LAYERED.includes(wish.format);
  };
  const show = () => {
    const legend = make("legend", {}, t("format"));
    byId("formats").replaceChildren(
      legend,
      ...Object.entries(NAMES).map(([format, label]) =>
        choice("format", format, label, t(textKey("format", format)), wish.format),
      ),
    );
    showContents();
  };
  locale.watch(["language"], show);
  byId("formats").onchange = (event) => {
    wish.format = /** @type {any} */ (event.target).value;
    showContents();
  };
  byId("contents").onchange = (event) => (wish.content = /** @type {any} */ (event.target).value);

  byId("download-form").addEventListener("submit", () => {
    const file = `${name.value.trim() || "nurie"}.${wish.format}`;
    const options = { by_color: LAYERED.includes(wish.format) && byColor.checked };
    void save(studio, file, { ...wish, ...options });
  });

  return () => {
    if (studio.state.value.phase !== "open" || dialog.open) return;
    name.value = stem(studio.state.value.name);
    show();
    dialog.showModal();
    /** @type {HTMLElement} */ (dialog.querySelector("input:checked")).focus();
  };
}

/**
 * @param {string} group
 * @param {string} value
 * @param {string} label
 * @param {string} hint
 * @param {string} chosen
 */
function choice(group, value, label, hint, chosen) {
  const radio = make("input", { type: "radio", name: group, value, checked: value === chosen });
  const text = make("span", {}, make("strong", {}, label));
  if (hint) text.append(make("small", {}, hint));
  return make("label", { class: "choice" }, radio, text);
}

/**
 * @param {import("../studio.js").Studio} studio @param {string} file
 * @param {{format: Format, content: string, by_color: boolean}} wish
 */
async function save(studio, file, wish) {
  try {
    const blob = await during("exporting", (signal) => written(studio, wish, signal));
    download(blob, file);
    toast(t("downloaded", { name: file }));
  } catch (error) {
    const retry = { label: t("retry"), run: () => save(studio, file, wish) };
    report(error, { action: retry });
  }
}

/**
 * @param {import("../studio.js").Studio} studio
 * @param {{format: Format, content: string, by_color: boolean}} wish @param {AbortSignal} signal
 * @returns {Promise<Blob>}
 */
async function written(studio, { format, content, by_color }, signal) {
  const { painting, drawing } = studio;
  if (!painting) throw new DOMException("closed", "AbortError");
  // Looks that the server doesn't know of are put together here, at the picture's own size.
  if (content === "picture" && studio.hasOwnLooks) {
    painting.layers.compose();
    return encoded(painting.layers.result, format);
  }
  const which = content === "picture" || content === "all" ? "all" : content;
  return painting.session.export(
    drawing,
    { format, layers: /** @type {any} */ (which), by_color },
    signal,
  );
}

/** @param {HTMLCanvasElement} result @param {Format} format @returns {Promise<Blob>} */
function encoded(result, format) {
  // Of a copy: the canvas itself may be painted on while it is written.
  const copy = canvasOf(result.width, result.height);
  /** @type {CanvasRenderingContext2D} */ (copy.getContext("2d")).drawImage(result, 0, 0);
  return new Promise((resolve, reject) => {
    const done = (/** @type {Blob | null} */ blob) =>
      blob ? resolve(blob) : reject(new Error("the browser could not write the picture"));
    copy.toBlob(done, `image/${format}`, 1);
  });
}
