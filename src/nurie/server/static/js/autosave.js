/** The browser's own store of what was painted lately, so that closing the page loses nothing. */

/**
 * @typedef {object} Saved
 * @property {string} id
 * @property {string} name
 * @property {number} time
 * @property {Blob} picture
 * @property {import("./drawing.js").Drawing} drawing
 * @property {import("./palettes.js").Palette} palette
 * @property {Blob | null} thumb
 */

const DATABASE = "nurie";
const STORE = "drawings";

/** Drawings that are kept; the oldest makes room for a new one. */
const KEPT = 8;

/** @type {Promise<IDBDatabase> | null} */
let opening = null;

/** @returns {Promise<IDBDatabase>} */
function database() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

/**
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} work
 * @returns {Promise<any>}
 */
async function request(mode, work) {
  const store = (await database()).transaction(STORE, mode).objectStore(STORE);
  return new Promise((resolve, reject) => {
    const asked = work(store);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

/** All that is kept, the newest first. @returns {Promise<Saved[]>} */
export async function list() {
  const all = await request("readonly", (store) => store.getAll());
  return all.sort((one, other) => other.time - one.time);
}

/** @param {string} id @returns {Promise<Saved | undefined>} */
export function load(id) {
  return request("readonly", (store) => store.get(id));
}

/** @param {Saved} saved */
export async function save(saved) {
  await request("readwrite", (store) => store.put(saved));
  for (const { id } of (await list()).slice(KEPT)) await remove(id);
}

/** @param {string} id */
export function remove(id) {
  return request("readwrite", (store) => store.delete(id));
}
