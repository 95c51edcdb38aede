/** What is seen under the pointer, and which tool a pointer holds. */

import { Gestures } from "./gestures.js";
import { locale, t } from "./i18n.js";
import { makeTools } from "./tools.js";
import { announce } from "./ui/announce.js";
import { byId } from "./ui/dom.js";

/** How strongly the region under the pointer shows the colour that it would get. */
const STRENGTH = { brush: 0.14, bucket: 0.5 };

/** @param {import("./studio.js").Studio} studio @param {import("./stage.js").Stage} stage */
export function setUpPointer(studio, stage) {
  const canvas = /** @type {HTMLCanvasElement} */ (byId("canvas"));
  const tools = makeTools(studio, stage);
  const { ui, state } = studio;
  /** @type {import("./gestures.js").Point | null} */
  let place = null;
  let isAlt = false;

  /** Alt picks a colour as long as it is held. */
  const toolInHand = () => (isAlt && ui.value.tool !== "hand" ? "eyedropper" : ui.value.tool);

  const show = async () => {
    const tool = toolInHand();
    canvas.dataset.cursor = tool;
    const { color, radius } = ui.value;
    if (!place || state.value.phase !== "open")
      return stage.annotate({ brush: null, region: null });
    const isBrush = tool === "brush" || tool === "eraser";
    const dot = tool === "brush" ? color : null;
    stage.annotate({ brush: isBrush ? { ...place, radius, color: dot } : null });
    const region = tool in STRENGTH ? studio.regions?.at(place.x, place.y) : 0;
    if (!region) return stage.annotate({ region: null });
    const mask = await studio.regions?.mask(region);
    // The pointer may have gone on while the mask was made.
    if (!mask || !place || studio.regions?.at(place.x, place.y) !== region) return;
    stage.annotate({ region: { mask, color, strength: STRENGTH[tool] } });
  };

  new Gestures(canvas, stage, {
    tool(event) {
      if (state.value.phase !== "open") return null;
      if (event?.rubber) return tools.eraser;
      if (event?.alt || event?.second) return tools.eyedropper;
      const { tool } = ui.value;
      return tool === "hand" ? null : tools[tool];
    },
    hover(point, event) {
      place = point;
      isAlt = event?.altKey ?? false;
      void show();
    },
    cross(point) {
      place = point;
      stage.annotate({ cross: point });
      void show();
      if (!point) return;
      const region = studio.regions?.at(point.x, point.y);
      const count = studio.regions?.count ?? 0;
      announce(region ? t("region", { number: region, count }) : t("noRegion"));
    },
  });

  for (const name of /** @type {const} */ (["keydown", "keyup"])) {
    addEventListener(name, (event) => {
      if (event.key !== "Alt") return;
      isAlt = name === "keydown";
      void show();
    });
  }
  ui.watch(["tool", "color", "radius"], show);

  const showHints = () => {
    const { looks, comparing } = ui.value;
    const { drawing, phase } = state.value;
    const isSeen = looks.hints.visible && phase === "open" && !comparing;
    stage.annotate({ hints: isSeen ? drawing.hints : [], hintOpacity: looks.hints.opacity });
  };
  ui.watch(["looks", "comparing"], showHints);
  state.watch(["drawing", "phase"], showHints);
  state.watch(["isPainting"], ({ isPainting }) =>
    canvas.setAttribute("aria-busy", String(isPainting)),
  );
  locale.watch(["language"], () => canvas.setAttribute("aria-label", t("canvas")));
}
