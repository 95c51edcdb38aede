/** Light or dark: as the system is, until the user says otherwise. */

import { Store } from "./store.js";
import { remember } from "./memory.js";

const system = matchMedia("(prefers-color-scheme: dark)");

const current = () => document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light");

export const theme = new Store({ name: current() });

system.addEventListener("change", () => theme.set({ name: current() }));

export function toggleTheme() {
  const name = current() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = name;
  remember("theme", name);
  theme.set({ name });
}
