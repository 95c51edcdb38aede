/** The menu behind the page's name. */

import { toggleLanguage, t } from "../i18n.js";
import { keysText } from "../keys.js";
import { toggleTheme } from "../theme.js";
import { byId } from "./dom.js";
import { attach, fillMenu } from "./menus.js";

/**
 * @param {import("../studio.js").Studio} studio
 * @param {import("../commands.js").Commands} commands
 */
export function setUpMainMenu(studio, commands) {
  attach(byId("menu-button"), byId("menu"), () => {
    const isOpen = studio.state.value.phase === "open";
    const hasHints = studio.state.value.drawing.hints.length > 0;
    fillMenu(byId("menu"), [
      { label: t("openPicture"), icon: "image", keys: keysText("mod+O"), run: commands.open },
      { label: t("openProject"), icon: "folder", run: commands.openProject },
      "rule",
      {
        label: t("saveProject"),
        icon: "save",
        keys: keysText("mod+S"),
        disabled: !isOpen,
        run: commands.saveProject,
      },
      {
        label: t("download"),
        icon: "download",
        keys: keysText("mod+E"),
        disabled: !isOpen,
        run: commands.download,
      },
      "rule",
      {
        label: t("clearHints"),
        icon: "eraser",
        disabled: !isOpen || !hasHints,
        run: commands.clearHints,
      },
      { label: t("closePicture"), icon: "close", disabled: !isOpen, run: commands.close },
      "rule",
      { label: t("language"), icon: "globe", run: toggleLanguage },
      { label: t("theme"), icon: "moon", run: toggleTheme },
      { label: t("help"), icon: "help", keys: "?", run: commands.help },
    ]);
  });
}
