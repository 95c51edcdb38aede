/** Before and after: the source at the left of a divider, the result at the right. */

import { locale, t } from "../i18n.js";
import { byId } from "./dom.js";

/** @param {import("../studio.js").Studio} studio @param {import("../stage.js").Stage} stage */
export function setUpCompare(studio, stage) {
  const divider = byId("divider");
  let share = 0.5;

  const show = () => {
    const { layers } = studio;
    const isOn = studio.ui.value.comparing && layers?.source;
    divider.hidden = !isOn;
    stage.compare(isOn ? layers.source : null, share);
    if (!isOn) return;
    const { x, y } = stage.onStage({ x: share * layers.width, y: 0 });
    const bottom = stage.onStage({ x: 0, y: layers.height }).y;
    const top = Math.max(y, 0);
    divider.style.transform = `translate(${x}px, ${top}px)`;
    divider.style.height = `${Math.max(Math.min(bottom, stage.size.height) - top, 0)}px`;
    const percent = Math.round(100 * share);
    divider.setAttribute("aria-valuenow", String(percent));
    divider.setAttribute("aria-valuetext", t("compareValue", { percent }));
  };
  const move = (/** @type {number} */ to) => {
    share = Math.min(Math.max(to, 0), 1);
    show();
  };

  studio.ui.watch(["comparing"], show);
  studio.state.watch(["phase", "info"], show);
  locale.watch(["language"], show);
  stage.watch(show);

  divider.onpointerdown = (event) => {
    divider.setPointerCapture(event.pointerId);
    event.preventDefault();
    divider.focus({ preventScroll: true });
  };
  divider.onpointermove = (event) => {
    if (!divider.hasPointerCapture(event.pointerId) || !studio.layers) return;
    move(stage.pointOf(event).x / studio.layers.width);
  };
  divider.onkeydown = (event) => {
    const ways = { ArrowLeft: -0.02, ArrowRight: 0.02, Home: -1, End: 1 };
    if (!(event.key in ways)) return;
    event.preventDefault();
    event.stopPropagation();
    move(share + ways[event.key]);
  };
}
