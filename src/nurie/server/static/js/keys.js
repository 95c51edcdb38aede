/** How keys are written: "mod+shift+Z", where mod is Ctrl, or Command on a Mac. */

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

const SIGNS = isMac
  ? { mod: "⌘", shift: "⇧", alt: "⌥" }
  : { mod: "Ctrl", shift: "Shift", alt: "Alt" };
const ARIA = { mod: isMac ? "Meta" : "Control", shift: "Shift", alt: "Alt" };

/**
 * @param {string} keys one combination; several are parted by a blank
 * @param {"screen" | "aria"} [reader]
 */
export function keysText(keys, reader = "screen") {
  const names = reader === "aria" ? ARIA : SIGNS;
  const joint = reader === "screen" && isMac ? "" : "+";
  return keys
    .split(" ")
    .map((combination) =>
      partsOf(combination)
        .map((part) => names[part] ?? part)
        .join(joint),
    )
    .join(" ");
}

/** The keys of one combination; "+" itself may be the last. @param {string} combination */
export function partsOf(combination) {
  return combination.split(/(?<=[^+])\+/);
}

/** The combination that an event is, as it is written here. @param {KeyboardEvent} event */
export function combinationOf(event) {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const isLetter = /^[A-Z]$/.test(key);
  return [
    (isMac ? event.metaKey : event.ctrlKey) && "mod",
    // Of signs such as "?", Shift is a part already, on whichever keyboard.
    event.shiftKey && (isLetter || event.key.length > 1) && "shift",
    event.altKey && "alt",
    key,
  ]
    .filter(Boolean)
    .join("+");
}
