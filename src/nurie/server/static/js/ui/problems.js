/** What went wrong, in a sentence that says what to do. */

import { Problem, isAbort } from "../api.js";
import { t } from "../i18n.js";
import { toast } from "./toasts.js";

/**
 * @param {unknown} error
 * @param {{action?: {label: string, run: () => void}}} [how]
 */
export function report(error, how = {}) {
  if (isAbort(error)) return;
  if (!(error instanceof Problem)) throw error;
  toast(sentenceOf(error), { kind: "error", ...how });
}

/** @param {Problem} problem */
function sentenceOf({ status, message }) {
  if (status === 0) return t("unreachable");
  if (status === 401) return t("unauthorized");
  return message || t("refused", { status });
}
