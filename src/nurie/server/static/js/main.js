/** Put the studio together. */

import { takeToken, whenBusy } from "./api.js";
import { makeCommands } from "./commands.js";
import { locale, t, translate } from "./i18n.js";
import { forgetThisTab, keptOfThisTab, setUpKeeping } from "./keeping.js";
import { setUpPointer } from "./pointer.js";
import { setUpShortcuts } from "./shortcuts.js";
import { Stage } from "./stage.js";
import { Studio } from "./studio.js";
import { announce } from "./ui/announce.js";
import { setUpCompare } from "./ui/compare.js";
import { byId } from "./ui/dom.js";
import { setUpDownloads } from "./ui/downloads.js";
import { openPicture, setUpFiles } from "./ui/files.js";
import { setUpHelp } from "./ui/help.js";
import { setUpLayerList } from "./ui/layer-list.js";
import { setUpMainMenu } from "./ui/main-menu.js";
import { setUpPanel } from "./ui/panel.js";
import { setUpPicker } from "./ui/picker.js";
import { report } from "./ui/problems.js";
import { setUpProgress } from "./ui/progress.js";
import { setUpStart } from "./ui/start.js";
import { setUpTips } from "./ui/tips.js";
import { toast } from "./ui/toasts.js";
import { setUpToolbar } from "./ui/toolbar.js";
import { setUpTray } from "./ui/tray.js";

takeToken();
whenBusy((seconds) => toast(t("busy", { seconds })));

const stage = new Stage(
  byId("stage"),
  /** @type {HTMLCanvasElement} */ (byId("picture")),
  /** @type {HTMLCanvasElement} */ (byId("canvas")),
  byId("paper"),
  () => [byId("tools"), byId("tray")],
);

const studio = new Studio({
  async preview(picture) {
    await stage.show({ image: picture, width: picture.width, height: picture.height });
  },
  async opened(layers) {
    const { result: image, width, height } = layers;
    await stage.show({ image, width, height, prepare: () => layers.compose() }, { fade: true });
  },
  painted: () => stage.refresh(),
  failed: report,
});

const windows = { help: setUpHelp(), download: setUpDownloads(studio) };
const commands = makeCommands(studio, stage, windows);

setUpTips();
setUpProgress();
setUpToolbar(studio, stage, commands);
setUpMainMenu(studio, commands);
setUpTray(studio);
setUpPicker(studio);
setUpPanel(studio, commands);
setUpLayerList(studio);
setUpCompare(studio, stage);
setUpPointer(studio, stage);
setUpFiles(studio);
setUpStart(studio);
setUpKeeping(studio);
setUpShortcuts(studio, commands);

for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog")?.close());
}
for (const dialog of document.querySelectorAll("dialog")) {
  // A click beside the window closes it, as Escape does.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}

locale.watch(["language"], () => translate(document));

const kept = await keptOfThisTab();

studio.state.watch(["phase"], ({ phase, name, info }) => {
  document.body.dataset.phase = phase;
  byId("start").inert = phase !== "start";
  if (phase === "start") {
    stage.clear();
    forgetThisTab();
  }
  if (phase === "open") announce(t("opened", { name, regions: info?.regions ?? 0 }));
});

document.documentElement.dataset.ready = "";
if (kept) await openPicture(studio, kept.picture, kept.name, kept);
