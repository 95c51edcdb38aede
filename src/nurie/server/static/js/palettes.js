/**
 * Palettes to begin with, each chosen by us to go together, from light to dark by rows of twelve.
 */

/**
 * @typedef {{name: string, colors: readonly string[], key?: string}} Palette  `key` names a text.
 */

/** @param {...string} texts rows of colours, without their # */
const rows = (...texts) => texts.flatMap((text) => text.split(" ").map((color) => `#${color}`));

/** @type {Palette[]} */
export const PALETTES = [
  {
    key: "paletteStudio",
    name: "Studio",
    colors: rows(
      "fff4e6 fbe0c8 f4c7a1 f7b7a8 f2d16b f3a64c e8604c e58fb1 a9cfe8 9fd6c2 c4d98a cbbfe3",
      "ffffff d9a27e a8694a 6b4235 b98a2f b4562b a8323a 8a4a78 3f78a8 2f7f78 5d8a3f 3a3a4c",
    ),
  },
  {
    key: "paletteMeadow",
    name: "Meadow",
    colors: rows(
      "fbf7e4 f6e7b2 e9d27a d7e3a1 b5cf7d 8fb861 a8d5c0 bfe0ea 8fc1d9 f3c9bd e89f8f f4e0d0",
      "ffffff c9a54c a57a34 6f8f3f 4a7040 2f5140 3f8577 4d86a6 35608a c4594d 8a5a44 4c3b32",
    ),
  },
  {
    key: "paletteDusk",
    name: "Dusk",
    colors: rows(
      "fdeee0 fad2b4 f7ab86 ef7f6d d9607a f3c1cf c78bb5 9a7fc0 b9b6e0 8fa5d6 a9c9de f5dd9b",
      "f7f3f7 d99a6c a85c4e 8c3f57 6e3562 4f3a7a 3a4586 2f3560 27284a 41627f 6f7f92 1d1b2e",
    ),
  },
  {
    key: "paletteFestival",
    name: "Festival",
    colors: rows(
      "fffaf0 ffe3c2 ffd34d ff9f2e f4592f e5304a ff8fb3 c659a8 7fd3e8 35a9d6 5cc49a b3dc5a",
      "ffffff e8b48c a5683f 5b3426 c47d0e a82a1f 7a1f4b 5b3a9a 1f5fae 0f4a6b 187a55 23232b",
    ),
  },
];
