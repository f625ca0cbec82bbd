// What must survive a reload: the uploads that are not finished, and the formats chosen last. A file itself cannot be kept, so the person
// chooses it again. Name, size, time and formats only say which uploads may be meant; the bytes decide. Each person sees their own.

const prefix = "upload:";
const stillRunning = 15_000;
const tray = () => document.getElementById("upload-tray");

/** The id of the person for whom the page was opened. */
export const owner = () => tray()?.dataset.owner ?? "";

// As long as the server keeps an upload that rests.
const kept = () => Number(tray()?.dataset.keep) || 24 * 60 * 60 * 1000;

const keyOf = upload => `${prefix}${upload.owner}:${upload.url}`;

export function keep(item) {
  const { url, name, size, safe, presets, modified } = item;
  write(keyOf(item), { url, name, size, safe, presets, modified, at: Date.now() });
}

export const forget = upload => attempt(() => localStorage.removeItem(keyOf(upload)));

/** Says that a page that ends now leaves this upload behind, so that the next one may offer it at once. */
export function leave(item) {
  const entry = read(keyOf(item));
  if (entry) write(keyOf(item), { ...entry, at: Date.now() - stillRunning });
}

/** This person's uploads that were cut off and that no tab is busy with. */
export const interrupted = owner => unfinished(owner).filter(entry => !entry.isBusy);

/** This person's unfinished uploads of a file that looks like this one, the newest first. */
export const candidates = item => unfinished(item.owner).filter(entry => isLike(entry, item)).sort((one, other) => other.at - one.at);

/** Whether two uploads may be of the same file, as far as can be told without its bytes. */
export const isLike = (one, other) => ["owner", "name", "size", "modified"].every(key => one[key] === other[key])
  && one.presets.join() === other.presets.join();

function unfinished(owner) {
  const found = [];
  for (const key of attempt(() => Object.keys(localStorage)) ?? []) {
    if (!key.startsWith(prefix)) continue;
    const entry = read(key);
    if (!entry?.presets || Date.now() - entry.at > kept()) attempt(() => localStorage.removeItem(key));
    else if (key === keyOf({ owner, url: entry.url })) found.push({ ...entry, owner, isBusy: Date.now() - entry.at < stillRunning });
  }
  return found;
}

export const presets = () => attempt(() => JSON.parse(localStorage.getItem("presets"))) ?? [];
export const keepPresets = ids => attempt(() => localStorage.setItem("presets", JSON.stringify(ids)));

/** Bytes that one request may carry; less after a proxy has refused more. */
export const pieceSize = () => Number(attempt(() => sessionStorage.getItem("upload-piece"))) || undefined;
export const keepPieceSize = bytes => attempt(() => sessionStorage.setItem("upload-piece", bytes));

const read = key => attempt(() => JSON.parse(localStorage.getItem(key)));
const write = (key, entry) => attempt(() => localStorage.setItem(key, JSON.stringify(entry)));

// Storage can be full or forbidden; then an upload works as well, it only cannot be taken up after a reload.
function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}
