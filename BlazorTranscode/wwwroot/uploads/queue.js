// The uploads of this tab. They belong to the tab and to no page of the app: going elsewhere in it does not stop them.
import * as memory from "./memory.js";
import * as tus from "./tus.js";

const parallel = 3;
const pieceSize = 8 * 1024 * 1024;
const longestPause = 30_000;
const mostFailures = 8;

/** Each has: name, size, sent, state (waiting, sending, pausing, finished, failed, interrupted), message. */
export const items = [];
const listeners = new Set();

export const onChange = listener => listeners.add(listener);
const changed = () => listeners.forEach(listener => listener());

const isActive = item => item.state === "waiting" || item.state === "sending" || item.state === "pausing";
export const isUploading = () => items.some(isActive);

export function add(file, presets) {
  const key = memory.keyOf(file, presets);
  if (items.some(item => item.key === key && isActive(item))) return;
  const before = items.findIndex(item => item.key === key);
  if (before >= 0) items.splice(before, 1);
  items.push({ key, file, presets, name: file.name, size: file.size, sent: 0, state: "waiting", url: memory.recall(key) });
  next();
}

/** A file that is not even tried, and why. */
export function refuse(file, message) {
  items.push({ name: file.name, size: file.size, sent: 0, state: "failed", message });
  changed();
}

export function offerInterrupted() {
  for (const entry of memory.interrupted())
    if (!items.some(item => item.key === entry.key)) items.push({ ...entry, state: "interrupted" });
  changed();
}

export function retry(item) {
  item.state = "waiting";
  next();
}

/** Stops an upload and throws away what has arrived, or takes a finished or failed one off the list. */
export function remove(item) {
  const started = item.state !== "finished" && item.url;
  item.state = "removed";
  item.stop?.abort();
  items.splice(items.indexOf(item), 1);
  if (item.key) memory.forget(item.key);
  if (started) removeFromServer(item.url, 0);
  next();
}

export function removeFinished() {
  for (const item of items.filter(item => item.state === "finished")) remove(item);
}

// The server may still hold the connection that was just cut; and if it never answers, the upload expires there by itself.
async function removeFromServer(url, failures) {
  try {
    await tus.remove(url);
  } catch (trouble) {
    if (failures < mostFailures && isPassing(trouble)) setTimeout(() => removeFromServer(url, failures + 1), pauseAfter(failures + 1));
  }
}

function next() {
  for (const item of items) {
    if (items.filter(other => other.state === "sending" || other.state === "pausing").length >= parallel) break;
    if (item.state === "waiting") run(item).finally(next);
  }
  changed();
}

async function run(item) {
  item.stop = new AbortController();
  item.failures = 0;
  while (item.state !== "removed") {
    try {
      item.state = "sending";
      await transfer(item, item.stop.signal);
      item.state = "finished";
      memory.forget(item.key);
      return;
    } catch (trouble) {
      if (item.state === "removed") return;
      await decide(item, trouble);
      if (item.state === "failed") return;
    }
  }
}

async function transfer(item, signal) {
  let offset = 0;
  if (item.url) {
    offset = await tus.offset(item.url, signal);
  } else {
    item.url = await tus.create(item.file, item.presets, signal);
    memory.keep(item);
  }
  moved(item, offset);
  while (offset < item.size) {
    const start = offset;
    offset = await tus.send(item.url, start, item.file.slice(start, start + pieceSize), signal, sent => moved(item, start + sent));
    item.failures = 0;
    moved(item, offset);
    memory.keep(item);
  }
}

async function decide(item, trouble) {
  item.failures++;
  const forgotten = trouble.status === 404 && item.url;
  if (forgotten) {
    memory.forget(item.key);
    item.url = undefined;
  }
  // Without an answer it goes on for as long as the person lets it; a server that keeps failing is believed after a while.
  const hopeless = trouble.status !== 0 && (item.failures > mostFailures || !(forgotten || isPassing(trouble)));
  if (hopeless || !await isReadable(item.file)) {
    item.state = "failed";
    item.message = hopeless ? trouble.message : "This file can no longer be read. Choose it again.";
    return;
  }
  item.state = "pausing";
  item.message = trouble.message;
  item.samples = [];
  changed();
  if (!forgotten) await pause(pauseAfter(item.failures), item.stop.signal);
}

const isPassing = ({ status }) => [0, 408, 409, 423].includes(status) || (status >= 500 && status !== 507);

const pauseAfter = failures => Math.min(longestPause, 1000 * 2 ** (failures - 1)) * (0.75 + Math.random() / 2);

/** Ends early when the connection is back or the upload is cancelled. */
function pause(milliseconds, signal) {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
}

// A file that was changed or removed on disk looks like a lost connection when it is sent.
async function isReadable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

function moved(item, sent) {
  if (sent < item.sent) item.samples = [];
  item.sent = sent;
  const now = performance.now();
  item.samples = [...(item.samples ?? []).filter(sample => now - sample.at < 10_000), { at: now, sent }];
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

// The reconnect dialog asks this before it reloads the page.
Object.defineProperty(window.blazorTranscode ??= {}, "uploading", { get: isUploading });

addEventListener("beforeunload", event => isUploading() && event.preventDefault());
addEventListener("pagehide", () => items.filter(isActive).forEach(memory.leave));
