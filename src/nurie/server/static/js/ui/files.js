/** Pictures and projects come in: dropped, pasted, chosen. */

import { Problem } from "../api.js";
import { t } from "../i18n.js";
import { unpacked } from "../project.js";
import { byId, chooseFile } from "./dom.js";
import { setReference } from "./panel.js";
import { report } from "./problems.js";
import { toast } from "./toasts.js";
import { loadPalette } from "./tray.js";

/** @typedef {import("../studio.js").Studio} Studio */

const isProject = (/** @type {File} */ file) => file.name.endsWith(".nurie");

/** Open what a file holds: a picture, or a project. @param {Studio} studio @param {File} file */
export async function openFile(studio, file) {
  if (isProject(file)) {
    let project;
    try {
      project = await unpacked(file);
    } catch {
      toast(t("noProject", { name: file.name }), { kind: "error" });
      return;
    }
    await openPicture(studio, project.picture, project.name, project);
  } else {
    await openPicture(studio, file, file.name);
  }
}

/** @param {Studio} studio @param {Parameters<Studio["open"]>} picture */
export async function openPicture(studio, ...picture) {
  try {
    await studio.open(...picture);
  } catch (error) {
    const isOurs = error instanceof Problem;
    if (isOurs && !error.message && error.status >= 400 && error.status < 500) {
      toast(t("noPicture", { name: picture[1] }), { kind: "error" });
      return;
    }
    const retry = { label: t("retry"), run: () => openPicture(studio, ...picture) };
    report(error, isOurs && (error.status === 0 || error.status >= 500) ? { action: retry } : {});
  }
}

/** @param {Studio} studio */
export function setUpFiles(studio) {
  byId("choose").onclick = () => choosePicture(studio);
  byId("choose-project").onclick = () => chooseProject(studio);
  document.addEventListener("paste", (event) => {
    if (/** @type {Element} */ (event.target).closest?.("input[type=text]")) return;
    const file = [...(event.clipboardData?.files ?? [])][0];
    if (file) void openFile(studio, file);
  });
  setUpDropping(studio);
}

/** @param {Studio} studio */
export async function choosePicture(studio) {
  const file = await chooseFile("picture-file");
  if (file) await openFile(studio, file);
}

/** @param {Studio} studio */
export async function chooseProject(studio) {
  const file = await chooseFile("project-file");
  if (file) await openFile(studio, file);
}

/**
 * Where a picture is open, what is dropped may also be its reference or lend its palette.
 * @param {Studio} studio
 */
function setUpDropping(studio) {
  const drop = byId("drop");
  const targets = /** @type {NodeListOf<HTMLElement>} */ (drop.querySelectorAll(".target"));
  const carriesFile = (/** @type {DragEvent} */ event) =>
    event.dataTransfer?.types.includes("Files") ?? false;
  // Events of leaving come for every element inside as well, so what counts is the time since the
  // last event of being over.
  let timer = 0;
  const hide = () => {
    clearTimeout(timer);
    drop.hidden = true;
  };
  const over = (/** @type {Event} */ event) =>
    /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest?.(".target"));

  document.addEventListener("dragover", (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    drop.hidden = false;
    drop.dataset.phase = studio.state.value.phase;
    const target = over(event) ?? targets[0];
    for (const one of targets) one.toggleAttribute("data-over", one === target);
    clearTimeout(timer);
    timer = window.setTimeout(hide, 400);
  });
  document.addEventListener("drop", (event) => {
    const file = event.dataTransfer?.files[0];
    const target = over(event)?.dataset.target;
    hide();
    if (!file) return;
    event.preventDefault();
    const isOpen = studio.state.value.phase === "open";
    const isSlot = /** @type {Element} */ (event.target).closest?.("#reference-slot");
    if (isOpen && !isProject(file) && (target === "reference" || isSlot))
      setReference(studio, file);
    else if (isOpen && !isProject(file) && target === "palette") void loadPalette(studio, file);
    else void openFile(studio, file);
  });
}
