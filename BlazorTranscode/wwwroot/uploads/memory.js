// What must survive a reload: which upload belongs to which file, and the formats chosen last. A file itself cannot be kept, so the person
// chooses it again; the same name, size, time and formats are taken for the same file.

const prefix = "upload:";
const day = 24 * 60 * 60 * 1000;
const stillRunning = 15_000;
const owner = () => document.getElementById("upload-tray")?.dataset.owner ?? "";

export const keyOf = (file, presets) => prefix + [owner(), file.size, file.lastModified, presets.join("+"), file.name].join(":");

export const recall = key => read(key)?.url;

export function keep(item) {
  write(item.key, { url: item.url, name: item.name, size: item.size, sent: item.sent, at: Date.now() });
}

export const forget = key => attempt(() => localStorage.removeItem(key));

/** Says that a page that ends now leaves this upload behind, so that the next one may offer it at once. */
export function leave(item) {
  const entry = read(item.key);
  if (entry) write(item.key, { ...entry, at: Date.now() - stillRunning });
}

/** Uploads that were cut off and that no other tab is busy with. Those of somebody who used this browser before are forgotten. */
export function interrupted() {
  const found = [];
  for (const key of attempt(() => Object.keys(localStorage)) ?? []) {
    if (!key.startsWith(prefix)) continue;
    const entry = read(key);
    if (!entry || !key.startsWith(`${prefix}${owner()}:`) || Date.now() - entry.at > day) forget(key);
    else if (Date.now() - entry.at >= stillRunning) found.push({ key, ...entry });
  }
  return found;
}

export const presets = () => attempt(() => JSON.parse(localStorage.getItem("presets"))) ?? [];
export const keepPresets = ids => attempt(() => localStorage.setItem("presets", JSON.stringify(ids)));

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
