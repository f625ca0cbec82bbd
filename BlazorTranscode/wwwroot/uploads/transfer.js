// One upload from its first byte to its last, through everything that passes by itself.
//
// `safe` is how many bytes the server has confirmed and of which this page knows that they are this file's: it has sent them, or compared
// them. Nothing is sent before all that has arrived is known in this way, because another tab, or a file that looks the same, may have added to it.
import * as compare from "./compare.js";
import * as memory from "./memory.js";
import * as tus from "./tus.js";

const largestPiece = 8 * 1024 * 1024;
const smallestPiece = 64 * 1024;
const longestPause = 30_000;
const mostFailures = 8;

let pieceSize = memory.pieceSize() ?? largestPiece;

/** The upload holds the bytes of another file. */
const different = Symbol("different");

/** Sends one item until it has arrived, has failed or was removed. `list` is called on every change and knows the other items. */
export async function run(item, list) {
  item.stop = new AbortController();
  item.failures = 0;
  item.tried = new Set();
  while (item.state !== "removed") {
    try {
      await transfer(item, list);
      enter(item, "finished");
      item.notice = undefined;
      memory.forget(item);
      return;
    } catch (trouble) {
      if (item.state === "removed") return;
      if (trouble === different) beginAgain(item, "");
      else await decide(item, trouble instanceof tus.Trouble ? trouble : new tus.Trouble(-1, "This file could not be read."), list);
      if (item.state === "failed") return;
    }
  }
}

async function transfer(item, list) {
  const signal = item.stop.signal;
  enter(item, "sending");
  let offset = item.url ? await confirm(item, item.url, item.safe, list) : await takeUp(item, list);
  if (offset === undefined) {
    item.url = await tus.create(item.file, item.presets, item.owner, signal);
    offset = 0;
  }
  if (offset < item.safe) item.notice = "Some of what had arrived was lost on the server; it is sent again.";
  arrive(item, offset, list);
  while (offset < item.size) {
    const start = offset;
    const piece = item.file.slice(start, start + pieceSize);
    item.sentUpTo = start + piece.size;
    offset = await tus.send(item.url, item.owner, start, piece, signal, sent => moved(item, start + sent, list));
    item.failures = 0;
    arrive(item, offset, list);
  }
}

/** Looks for an upload of this file that was cut off; returns how much of it has arrived, or undefined if there is none. */
async function takeUp(item, list) {
  for (const entry of memory.candidates(item)) {
    if (item.tried.has(entry.url) || list.isSending(entry.url)) continue;
    try {
      const offset = await confirm(item, entry.url, 0, list);
      item.url = entry.url;
      list.replace(item);
      return offset;
    } catch (trouble) {
      if (trouble.status === 404) memory.forget(entry);
      else if (trouble !== different) throw trouble;
      item.tried.add(entry.url);
    }
  }
  return undefined;
}

/** How much has arrived, after what is not known of it was compared with the file. */
async function confirm(item, url, known, list) {
  const arrived = await tus.arrived(url, item.owner, known, item.stop.signal);
  if (arrived.offset <= known) return arrived.offset;
  if (!arrived.checksums) {
    // The store gives nothing back. What this page has sent last is trusted; anything else cannot be.
    if (url === item.url && arrived.offset <= item.sentUpTo) return arrived.offset;
    await giveBack(item, url, list);
    throw different;
  }
  const share = list.checking(item);
  enter(item, "checking");
  if (!await compare.beginsWith(item.file, arrived, item.stop.signal, share)) throw different;
  enter(item, "sending");
  return arrived.offset;
}

/** An upload that can be compared with nothing is of no use to anybody, unless another tab is busy with it. */
async function giveBack(item, url, list) {
  item.notice = "What had arrived could not be compared with this file, so it begins again.";
  if (memory.candidates(item).some(entry => entry.url === url && entry.isBusy) && url !== item.url) return;
  memory.forget({ owner: item.owner, url });
  await tus.remove(url, item.owner).catch(() => undefined); // Otherwise it expires.
  list.replace({ owner: item.owner, url });
}

function beginAgain(item, notice) {
  if (item.safe > 0 && notice) item.notice = notice;
  if (item.url) item.tried.add(item.url);
  item.url = undefined;
  [item.safe, item.sent, item.sentUpTo] = [0, 0, 0];
}

async function decide(item, trouble, list) {
  const forgotten = trouble.status === 404 && item.url;
  if (forgotten) {
    memory.forget(item);
    beginAgain(item, "What had arrived was lost on the server; it begins again.");
  }
  const smaller = trouble.status === 413 && item.url && pieceSize > smallestPiece;
  if (smaller) memory.keepPieceSize(pieceSize = Math.max(smallestPiece, pieceSize / 2));
  else item.failures++;
  // An outage is waited for as long as the person lets it; a server that keeps failing in another way is believed after a while.
  const hopeless = !trouble.isOutage && (item.failures > mostFailures || !(forgotten || smaller || trouble.isPassing || trouble.status === -1));
  if (hopeless || !await isReadable(item.file)) {
    item.isSignedOut = trouble.isSignedOut;
    item.message = !hopeless ? "This file can no longer be read. Choose it again." : trouble.status === 413 && item.url ? tooSmall : trouble.message;
    enter(item, "failed");
    return;
  }
  if (forgotten || smaller) return;
  item.message = trouble.message;
  item.samples = [];
  enter(item, "pausing");
  list.changed();
  await pause(Math.max(trouble.retryAfter ?? 0, pauseAfter(item.failures)), item.stop.signal);
}

const tooSmall = "A proxy in front of this server refuses even small pieces of a file (nginx: client_max_body_size). Ask the administrator.";

export const pauseAfter = failures => Math.min(longestPause, 1000 * 2 ** (failures - 1)) * (0.75 + Math.random() / 2);

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

/** The person may have removed the item meanwhile; that stays. */
function enter(item, state) {
  if (item.state !== "removed") item.state = state;
}

function arrive(item, offset, list) {
  item.safe = offset;
  if (item.state !== "removed") memory.keep(item);
  moved(item, offset, list);
}

function moved(item, sent, list) {
  if (sent < item.sent) item.samples = [];
  item.sent = sent;
  const now = performance.now();
  item.samples = [...(item.samples ?? []).filter(sample => now - sample.at < 10_000), { at: now, sent }];
  list.changed();
}
