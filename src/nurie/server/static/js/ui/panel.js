/** The settings at the side: how nurie colours, the shade, how lines are read. */

import { locale, t } from "../i18n.js";
import { byId, chooseFile, setSlider, setText } from "./dom.js";

/** As css/phone.css has it: where the panel is a sheet that is opened over the picture. */
const NARROW = matchMedia(
  "(max-width: 720px), (pointer: coarse) and (max-width: 960px) and (min-height: 561px)",
);

/**
 * @param {import("../studio.js").Studio} studio
 * @param {import("../commands.js").Commands} commands
 */
export function setUpPanel(studio, commands) {
  const { state, ui } = studio;
  setUpOpening();

  byId("another").onclick = () => commands.another();

  const spread = /** @type {HTMLInputElement} */ (byId("spread"));
  spread.oninput = () => studio.adjust({ spread: Number(spread.value) });
  spread.onchange = () => studio.settle();

  const onlyHints = /** @type {HTMLInputElement} */ (byId("only-hints"));
  onlyHints.onchange = () => studio.change({ onlyHints: onlyHints.checked });

  const shade = /** @type {HTMLInputElement} */ (byId("shade"));
  shade.onchange = () => studio.change({ shade: shade.checked });

  const strength = /** @type {HTMLInputElement} */ (byId("shade-strength"));
  strength.oninput = () => {
    const { looks } = ui.value;
    ui.set({ looks: { ...looks, shade: { visible: true, opacity: Number(strength.value) } } });
  };
  ui.watch(["looks"], ({ looks }) => {
    setSlider(strength, looks.shade.opacity);
    setText(byId("shade-figure"), `${Math.round(100 * looks.shade.opacity)}%`);
  });

  for (const name of /** @type {const} */ (["kind", "style"])) {
    byId(name).onchange = (event) => {
      const { value } = /** @type {HTMLInputElement} */ (event.target);
      studio.change({ [name]: value });
    };
  }

  const gap = /** @type {HTMLInputElement} */ (byId("gap"));
  gap.oninput = () => {
    setSlider(gap, Number(gap.value));
    showGap(Number(gap.value));
  };
  gap.onchange = () => studio.change({ gap: Number(gap.value) });

  const showGap = (/** @type {number} */ count) =>
    setText(byId("gap-figure"), t("pixels", { count: Math.round(count) }));

  const show = () => {
    const { drawing, info } = state.value;
    setText(byId("seed"), t("seed", { seed: drawing.seed }));
    setSlider(spread, drawing.spread);
    setText(byId("spread-figure"), `${Math.round(100 * drawing.spread)}%`);
    onlyHints.checked = drawing.onlyHints;
    shade.checked = drawing.shade;
    byId("shade-field").toggleAttribute("hidden", !drawing.shade);
    showReference(drawing.reference);
    if (!info) return;
    choose("kind", drawing.kind ?? info.kind);
    choose("style", drawing.style);
    // Line art is taken as it is: it has no style to choose.
    /** @type {HTMLFieldSetElement} */ (byId("style")).disabled =
      (drawing.kind ?? info.kind) === "lines";
    const most = Math.max(40, Math.round(Math.max(info.width, info.height) / 25));
    gap.max = String(most);
    setSlider(gap, drawing.gap ?? usualGap(info));
    showGap(drawing.gap ?? usualGap(info));
  };
  state.watch(["drawing", "info"], show);
  locale.watch(["language"], show);

  byId("reference-choose").onclick = async () => {
    const file = await chooseFile("reference-file");
    if (file) setReference(studio, file);
  };
  byId("reference-remove").onclick = () => {
    studio.change({ reference: null });
    byId("reference-choose").focus();
  };
}

/** What nurie closes by itself. @param {import("../session.js").Info} info */
function usualGap({ width, height }) {
  return Math.max(10, Math.max(width, height) / 100);
}

/**
 * Colour as another picture is coloured.
 * @param {import("../studio.js").Studio} studio
 * @param {File} file
 */
export function setReference(studio, file) {
  studio.change({ reference: { picture: file, name: file.name } });
}

/** @param {string} name of the radio buttons @param {string} value */
function choose(name, value) {
  for (const radio of /** @type {NodeListOf<HTMLInputElement>} */ (
    document.querySelectorAll(`input[name=${name}]`)
  )) {
    radio.checked = radio.value === value;
  }
}

/** @type {import("../drawing.js").Reference | null} */
let shownReference = null;

/** @param {import("../drawing.js").Reference | null} reference */
async function showReference(reference) {
  const thumb = /** @type {HTMLCanvasElement} */ (byId("reference-thumb"));
  setText(byId("reference-name"), reference ? reference.name : t("referenceNone"));
  byId("reference-remove").hidden = !reference;
  byId("reference-slot").toggleAttribute("data-filled", reference !== null);
  if (reference === shownReference) return;
  shownReference = reference;
  thumb.hidden = true;
  if (!reference) return;
  try {
    const bitmap = await createImageBitmap(reference.picture);
    const { width, height } = bitmap;
    const side = Math.min(width, height);
    const context = /** @type {CanvasRenderingContext2D} */ (thumb.getContext("2d"));
    const from = /** @type {const} */ ([(width - side) / 2, (height - side) / 4, side, side]);
    context.drawImage(bitmap, ...from, 0, 0, thumb.width, thumb.height);
    bitmap.close();
    thumb.hidden = reference !== shownReference;
  } catch {
    // A kind of picture that this browser can't show; the server may well read it.
  }
}

/** At the side of wide windows, a sheet on phones. */
function setUpOpening() {
  const buttons = [byId("panel-button"), byId("sheet-button")];
  const isOpen = () => document.body.dataset.panel === "open";
  const set = (/** @type {boolean} */ open) => {
    document.body.dataset.panel = open ? "open" : "closed";
    byId("panel").inert = !open;
    for (const button of buttons) button.setAttribute("aria-expanded", String(open));
  };
  for (const button of buttons) button.onclick = () => set(!isOpen());
  byId("sheet-close").onclick = () => {
    set(false);
    byId("sheet-button").focus();
  };
  byId("panel").addEventListener("keydown", (event) => {
    if (event.key === "Escape" && NARROW.matches) byId("sheet-close").click();
  });
  byId("stage").addEventListener("pointerdown", () => NARROW.matches && set(false));
  NARROW.addEventListener("change", () => set(!NARROW.matches));
  set(!NARROW.matches);
}
