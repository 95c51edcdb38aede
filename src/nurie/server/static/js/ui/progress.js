/** Long work, as it is seen: what is done, and a button to call it off. */

import { locale, t } from "../i18n.js";
import { work } from "../work.js";
import { announce } from "./announce.js";
import { byId } from "./dom.js";

export function setUpProgress() {
  const show = () => {
    const { label } = work.value;
    byId("progress").hidden = !label;
    document.body.toggleAttribute("data-working", Boolean(label));
    if (!label) return;
    byId("progress-name").textContent = t(label);
    announce(t(label));
  };
  work.watch(["label"], show);
  locale.watch(["language"], show);
  byId("progress-cancel").onclick = () => work.value.cancel?.();
}
