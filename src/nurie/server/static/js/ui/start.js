/** The first page: what was painted lately, and pictures to try. */

import * as autosave from "../autosave.js";
import { locale, t } from "../i18n.js";
import { byId, icon, make } from "./dom.js";
import { openPicture } from "./files.js";
import { toast } from "./toasts.js";

/** Drawings to go on with that the shelf has room for. */
const SHOWN = 4;

const EXAMPLES = [
  { file: "lines.webp", key: "exampleLines" },
  { file: "cartoon.webp", key: "exampleCartoon" },
  { file: "sticker.webp", key: "exampleSticker" },
];

/** @param {import("../studio.js").Studio} studio */
export function setUpStart(studio) {
  /** @type {string[]} addresses of thumbnails, which hold memory until they are given back */
  let urls = [];

  const showExamples = () => {
    byId("examples").replaceChildren(
      ...EXAMPLES.map(({ file, key }) =>
        card(`samples/${file}`, t(key), t("exampleOpen", { name: t(key) }), () =>
          openExample(studio, file, t(key)),
        ),
      ),
    );
  };

  const showRecent = async () => {
    if (studio.state.value.phase !== "start") return;
    const all = await autosave.list().catch(() => []);
    urls.forEach((url) => URL.revokeObjectURL(url));
    urls = [];
    byId("recent-shelf").hidden = !all.length;
    byId("recent").replaceChildren(
      ...all.slice(0, SHOWN).map((saved) => {
        const url = saved.thumb ? URL.createObjectURL(saved.thumb) : "";
        if (url) urls.push(url);
        const open = () => openPicture(studio, saved.picture, saved.name, saved);
        const item = card(url, saved.name, t("recentOpen", { name: saved.name }), open);
        const forget = make("button", {
          type: "button",
          class: "mini forget",
          "aria-label": t("recentRemove", { name: saved.name }),
        });
        forget.append(icon("close", "small"));
        forget.onclick = async () => {
          await autosave.remove(saved.id);
          await showRecent();
          byId("choose").focus();
        };
        item.append(forget);
        return item;
      }),
    );
  };

  locale.watch(["language"], () => {
    showExamples();
    void showRecent();
  });
  studio.state.watch(["phase"], showRecent);
}

/** @param {string} picture @param {string} name @param {string} label @param {() => void} open */
function card(picture, name, label, open) {
  const button = make("button", { type: "button", class: "card", "aria-label": label });
  button.append(make("img", { src: picture, alt: "", decoding: "async" }), make("span", {}, name));
  button.onclick = open;
  return make("li", {}, button);
}

/** @param {import("../studio.js").Studio} studio @param {string} file @param {string} name */
async function openExample(studio, file, name) {
  /** @type {Blob} */
  let picture;
  try {
    const response = await fetch(`samples/${file}`);
    if (!response.ok) throw new Error(response.statusText);
    picture = await response.blob();
  } catch {
    toast(t("noExample"), { kind: "error" });
    return;
  }
  await openPicture(studio, picture, name);
}
