/** The server's REST interface, and nothing of the page. */

const ROOT = "api/v1/";
const TOKEN = "nurie.token";

/** How often a full queue is asked again before the user is told. */
const TRIES = 8;

/** An answer that is none: the server says what was wrong in a plain sentence. */
export class Problem extends Error {
  /** @param {number} status 0 where there was no answer at all @param {string} detail */
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** @type {(seconds: number) => void} */
let onBusy = () => {};

/** Be told whenever the server's queue is full, and in how many seconds it is asked again. */
export function whenBusy(/** @type {(seconds: number) => void} */ tell) {
  onBusy = tell;
}

/** Take the token out of the address, where it would be copied and remembered. */
export function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!token) return;
  sessionStorage.setItem(TOKEN, token);
  history.replaceState(null, "", location.pathname + location.search);
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{json?: unknown, form?: Record<string, Blob | string>, signal?: AbortSignal}} [body]
 * @returns {Promise<Response>}
 * @throws {Problem} the server refused, or can't be reached
 */
export async function call(method, path, { json, form, signal } = {}) {
  const headers = new Headers();
  const token = sessionStorage.getItem(TOKEN);
  if (token) headers.set("Authorization", `Bearer ${token}`);
  /** @type {BodyInit | undefined} */
  let body;
  if (json !== undefined) {
    headers.set("Content-Type", "application/json");
    body = JSON.stringify(json);
  } else if (form) {
    body = new FormData();
    for (const [name, value] of Object.entries(form)) body.append(name, value);
  }
  for (let tries = 1; ; tries++) {
    const response = await answer(ROOT + path, { method, headers, body, signal });
    if (response.ok) return response;
    const retryAfter = Number(response.headers.get("Retry-After"));
    if (response.status !== 503 || !(retryAfter > 0) || tries === TRIES) {
      throw new Problem(response.status, await detailOf(response));
    }
    onBusy(retryAfter);
    await pause(retryAfter * 1000, signal);
  }
}

/** @param {string} url @param {RequestInit} request */
async function answer(url, request) {
  try {
    return await fetch(url, request);
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new Problem(0, "");
  }
}

/** @param {Response} response */
async function detailOf(response) {
  try {
    const { detail } = await response.json();
    return typeof detail === "string" ? detail : "";
  } catch {
    return "";
  }
}

/**
 * Whether this was thrown because the user, or newer work, called it off.
 * @param {unknown} error
 */
export function isAbort(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/** @param {number} ms @param {AbortSignal} [signal] @returns {Promise<void>} */
export function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(new DOMException("called off", "AbortError"));
    };
    if (signal?.aborted) return abort();
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
