/** The sheet of keyboard shortcuts. */

import { locale, t } from "../i18n.js";
import { keysText, partsOf } from "../keys.js";
import { SHORTCUTS } from "../shortcuts.js";
import { byId, make } from "./dom.js";

/** What no command does: gestures, and keys that are held. */
const GESTURES = {
  keysTools: [
    { keys: ["keyAlt"], label: "keyPick" },
    { keys: ["[", "]"], label: "keySize" },
    { keys: [",", "."], label: "keySwatch" },
  ],
  keysView: [
    { keys: ["keySpace", "keyDrag"], label: "keyPan" },
    { keys: ["keyWheel"], label: "keyZoom" },
    { keys: ["←", "↑", "↓", "→"], label: "keyPointer" },
    { keys: ["keyEnter"], label: "keyUse" },
  ],
};

export function setUpHelp() {
  const dialog = /** @type {HTMLDialogElement} */ (byId("help"));
  const show = () => byId("help-keys").replaceChildren(...groups());
  locale.watch(["language"], show);
  return () => {
    if (!dialog.open) dialog.showModal();
  };
}

function groups() {
  const names = [...new Set(SHORTCUTS.map(({ group }) => group))];
  return names.map((group) => {
    const commands = SHORTCUTS.filter((one) => one.group === group && one.label).map(
      ({ keys, label }) => ({ keys: partsOf(keys).map((key) => keysText(key)), label }),
    );
    const gestures = (GESTURES[group] ?? []).map(({ keys, label }) => ({
      keys: keys.map((key) => (key.startsWith("key") ? t(key) : key)),
      label,
    }));
    const rows = [...commands, ...gestures].flatMap(({ keys, label }) => [
      make("dt", {}, t(/** @type {string} */ (label))),
      make("dd", {}, ...keys.map((key) => make("kbd", {}, key))),
    ]);
    return make("section", {}, make("h3", {}, t(group)), make("dl", {}, ...rows));
  });
}
