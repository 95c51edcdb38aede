/** Keys and what they do. The help sheet is made of this table. */

import { combinationOf } from "./keys.js";

/** @typedef {keyof import("./commands.js").Commands} CommandName */

/**
 * Without a label, it is a second way.
 * @type {{group: string, keys: string, command: CommandName, label?: string}[]}
 */
export const SHORTCUTS = [
  { group: "keysTools", keys: "B", command: "brush", label: "brush" },
  { group: "keysTools", keys: "G", command: "bucket", label: "bucket" },
  { group: "keysTools", keys: "I", command: "eyedropper", label: "eyedropper" },
  { group: "keysTools", keys: "E", command: "eraser", label: "eraser" },
  { group: "keysTools", keys: "H", command: "hand", label: "hand" },
  { group: "keysTools", keys: "X", command: "swapColors", label: "keySwap" },
  { group: "keysTools", keys: "[", command: "smaller" },
  { group: "keysTools", keys: "]", command: "larger" },
  { group: "keysTools", keys: ",", command: "swatchBefore" },
  { group: "keysTools", keys: ".", command: "swatchNext" },
  { group: "keysPicture", keys: "mod+Z", command: "undo", label: "undo" },
  { group: "keysPicture", keys: "mod+shift+Z", command: "redo", label: "redo" },
  { group: "keysPicture", keys: "mod+Y", command: "redo" },
  { group: "keysPicture", keys: "R", command: "another", label: "another" },
  { group: "keysPicture", keys: "K", command: "lock", label: "lock" },
  { group: "keysPicture", keys: "S", command: "shade", label: "shade" },
  { group: "keysView", keys: "C", command: "compare", label: "compare" },
  { group: "keysView", keys: "D", command: "hints", label: "keyHints" },
  { group: "keysView", keys: "L", command: "lines", label: "keyLines" },
  { group: "keysView", keys: "0", command: "zoomFit", label: "zoomFit" },
  { group: "keysView", keys: "1", command: "zoomActual", label: "zoomActual" },
  { group: "keysView", keys: "+", command: "zoomIn", label: "zoomIn" },
  { group: "keysView", keys: "=", command: "zoomIn" },
  { group: "keysView", keys: "-", command: "zoomOut", label: "zoomOut" },
  { group: "keysView", keys: "\\", command: "panel", label: "panel" },
  { group: "keysFile", keys: "mod+O", command: "open", label: "openPicture" },
  { group: "keysFile", keys: "mod+S", command: "saveProject", label: "saveProject" },
  { group: "keysFile", keys: "mod+E", command: "download", label: "download" },
  { group: "keysFile", keys: "?", command: "help", label: "help" },
];

/** Commands that make sense without a picture. */
const ALWAYS = ["open", "help"];

/**
 * @param {import("./studio.js").Studio} studio
 * @param {import("./commands.js").Commands} commands
 */
export function setUpShortcuts(studio, commands) {
  const table = new Map(SHORTCUTS.map(({ keys, command }) => [keys, command]));
  addEventListener("keydown", (event) => {
    const target = /** @type {Element | null} */ (event.target);
    if (event.defaultPrevented || event.isComposing) return;
    if (target?.closest?.("input[type=text], dialog, [popover]")) return;
    const command = table.get(combinationOf(event));
    if (!command) return;
    const isOpen = studio.state.value.phase === "open";
    if (!isOpen && !ALWAYS.includes(command)) return;
    event.preventDefault();
    commands[command]();
  });
}
