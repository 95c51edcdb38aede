/** All that buttons, menus and keys can do, by name. */

import { packed } from "./project.js";
import { t } from "./i18n.js";
import { announce } from "./ui/announce.js";
import { byId, download, stem } from "./ui/dom.js";
import { choosePicture, chooseProject } from "./ui/files.js";
import { toggleLock } from "./ui/tray.js";
import { stepped } from "./ui/toolbar.js";
import { toast } from "./ui/toasts.js";

/** @typedef {ReturnType<typeof makeCommands>} Commands */

const ZOOM = 1.25;

/**
 * @param {import("./studio.js").Studio} studio
 * @param {import("./stage.js").Stage} stage
 * @param {{help: () => void, download: () => void}} windows
 */
export function makeCommands(studio, stage, windows) {
  const { ui } = studio;
  const toggleLayer = (/** @type {import("./layers.js").LayerName} */ name) => {
    const { looks } = ui.value;
    ui.set({ looks: { ...looks, [name]: { ...looks[name], visible: !looks[name].visible } } });
  };
  const nextSwatch = (/** @type {number} */ step) => {
    const { colors } = ui.value.palette;
    const at = colors.indexOf(ui.value.color);
    studio.take(colors[(at + step + colors.length) % colors.length] ?? colors[0]);
  };
  const pick = (/** @type {import("./studio.js").Ui["tool"]} */ tool) => () => {
    studio.choose(tool);
    announce(t(tool));
  };
  return {
    brush: pick("brush"),
    bucket: pick("bucket"),
    eyedropper: pick("eyedropper"),
    eraser: pick("eraser"),
    hand: pick("hand"),
    swapColors: () => studio.take(ui.value.lastColor),
    smaller: () => ui.set({ radius: stepped(ui.value.radius, -1) }),
    larger: () => ui.set({ radius: stepped(ui.value.radius, 1) }),
    swatchBefore: () => nextSwatch(-1),
    swatchNext: () => nextSwatch(1),
    undo: () => studio.undo() && announce(t("undone")),
    redo: () => studio.redo() && announce(t("redone")),
    another: () => studio.reseed(),
    lock: () => toggleLock(studio),
    shade: () => studio.change({ shade: !studio.drawing.shade }),
    compare: () => ui.set({ comparing: !ui.value.comparing }),
    hints: () => toggleLayer("hints"),
    lines: () => toggleLayer("lines"),
    zoomFit: () => stage.fit(),
    zoomActual: () => stage.actualSize(),
    zoomIn: () => stage.zoom(ZOOM),
    zoomOut: () => stage.zoom(1 / ZOOM),
    panel: () => byId("panel-button").click(),
    open: () => choosePicture(studio),
    openProject: () => chooseProject(studio),
    async saveProject() {
      const { painting, drawing } = studio;
      if (!painting) return;
      const { picture } = painting.session;
      const name = `${stem(studio.state.value.name)}.nurie`;
      const { palette } = ui.value;
      download(await packed({ name: studio.state.value.name, picture, drawing, palette }), name);
      toast(t("downloaded", { name }));
    },
    clearHints() {
      if (!studio.drawing.hints.length) return;
      studio.change({ hints: [] });
      announce(t("cleared"));
    },
    close: () => studio.close(),
    help: windows.help,
    download: windows.download,
  };
}
