// The uploads of this tab. They belong to the tab and to no page of the app: going elsewhere in it does not stop them. Each belongs to the
// person for whom the page was open when it was added, whoever signs in afterwards.
import * as compare from "./compare.js";
import * as memory from "./memory.js";
import * as transfer from "./transfer.js";
import * as tus from "./tus.js";

const parallel = 3;
const mostFailures = 8;

/**
 * Each has: owner, name, size, sent (with what is on its way), safe (confirmed by the server), state (comparing, waiting, checking, sending,
 * pausing, finished, failed, interrupted, double), message, notice, share (of a comparison).
 */
const all = [];
const listeners = new Set();

/** Those of the person for whom the page is open, without the uploads for which a chosen file is just being tried. */
export const items = () => all.filter(item => item.owner === memory.owner() && !isTried(item));

const isTried = entry => entry.state === "interrupted"
  && all.some(item => isActive(item) && !item.url && !item.tried.has(entry.url) && memory.isLike(entry, item));

export const onChange = listener => listeners.add(listener);
const changed = () => listeners.forEach(listener => listener());

const isSending = item => item.state === "checking" || item.state === "sending" || item.state === "pausing";
const isActive = item => isSending(item) || item.state === "waiting" || item.state === "comparing";
export const isUploading = () => all.some(isActive);

export function add(file, presets) {
  const item = { ...blank(file), file, presets, modified: file.lastModified, state: "comparing", tried: new Set(), stop: new AbortController() };
  const alike = all.filter(other => isActive(other) && memory.isLike(other, item));
  all.push(item);
  admit(item, alike).finally(next);
}

/** A file that is not even tried, and why. */
export function refuse(file, message) {
  all.push({ ...blank(file), state: "failed", message });
  changed();
}

const blank = file => ({ owner: memory.owner(), name: file.name, size: file.size, sent: 0, safe: 0 });

/** A file that is chosen twice is uploaded once; one that only looks the same is another file. */
async function admit(item, alike) {
  for (const other of alike) {
    const same = await compare.isSame(item.file, other.file, item.stop.signal, checking(item)).catch(() => false);
    if (item.state === "removed") return;
    if (!same || !(isActive(other) || other.state === "finished")) continue;
    item.message = "This file is already being uploaded.";
    item.state = "double";
    return;
  }
  item.state = "waiting";
}

function checking(item) {
  item.share = 0;
  return share => {
    item.share = share;
    changed();
  };
}

export function offerInterrupted() {
  for (const entry of memory.interrupted(memory.owner()))
    if (!all.some(item => isUploadOf(item, entry))) all.push({ ...entry, sent: entry.safe, state: "interrupted" });
  changed();
}

const isUploadOf = (item, { owner, url }) => item.url === url && item.owner === owner;

export function retry(item) {
  item.state = "waiting";
  item.isSignedOut = false;
  next();
}

/** Stops an upload and throws away what has arrived, or takes a finished or failed one off the list. */
export function remove(item) {
  const started = item.state !== "finished" && item.url;
  item.state = "removed";
  item.stop?.abort();
  all.splice(all.indexOf(item), 1);
  if (item.url) memory.forget(item);
  if (started) removeFromServer(item, 0);
  next();
}

export function removeFinished() {
  for (const item of items().filter(item => item.state === "finished")) remove(item);
}

// The server may still hold the connection that was just cut; and if it never answers, the upload expires there by itself.
async function removeFromServer(item, failures) {
  try {
    await tus.remove(item.url, item.owner);
  } catch (trouble) {
    if (failures < mostFailures && trouble.isPassing) setTimeout(() => removeFromServer(item, failures + 1), transfer.pauseAfter(failures + 1));
  }
}

const list = {
  changed,
  checking,
  isSending: url => all.some(item => item.url === url && isActive(item)),
  /** The row of an upload that was cut off goes when it is continued or given up. */
  replace(upload) {
    for (const item of all.filter(item => item !== upload && isUploadOf(item, upload) && !isActive(item))) all.splice(all.indexOf(item), 1);
    changed();
  },
};

function next() {
  for (const item of all) {
    if (all.filter(isSending).length >= parallel) break;
    if (item.state === "waiting") transfer.run(item, list).finally(next);
  }
  changed();
}

/** Bytes per second of the last seconds; undefined if too little is known, or nothing has moved for a while. */
export function rateOf(item) {
  const [first, last] = [item.samples?.at(0), item.samples?.at(-1)];
  if (!last || last.at - first.at < 500 || performance.now() - last.at > 3_000) return undefined;
  return (last.sent - first.sent) / (last.at - first.at) * 1000;
}

// What stands still is told by no event.
setInterval(() => isUploading() && changed(), 1_000);

// Other tabs, and this one after a reload, see by the time of an entry whether a tab is busy with the upload.
setInterval(() => all.filter(item => isActive(item) && item.url).forEach(memory.keep), 10_000);

// The person comes back, perhaps from having signed in again in another tab.
addEventListener("focus", () => items().filter(item => item.state === "failed" && item.isSignedOut).forEach(retry));

// The reconnect dialog asks this before it reloads the page.
Object.defineProperty(window.blazorTranscode ??= {}, "uploading", { get: isUploading });

addEventListener("beforeunload", event => isUploading() && event.preventDefault());
addEventListener("pagehide", () => all.filter(item => isActive(item) && item.url).forEach(memory.leave));
