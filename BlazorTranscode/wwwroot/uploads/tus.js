// tus 1.0.0 (https://tus.io/protocols/resumable-upload) and a question of our own. XMLHttpRequest, because fetch does not tell how much was sent.

const sentences = {
  0: "The connection was lost.",
  401: "You are signed out.",
};

/**
 * In milliseconds: `quiet` is how long nothing may move before a request counts as dead, `stale` the same when the computer or the tab wakes
 * up, `answer` how long the server may take after the last byte of a piece, because it may join a file of gigabytes then.
 */
export const bounds = { quiet: 30_000, stale: 10_000, answer: 300_000 };

/** What did not work. `status` is 0 when there was no answer at all; `message` is a sentence for the person. */
export class Trouble extends Error {
  constructor(status, message, request) {
    super(message || sentences[status] || `The server could not take the file (error ${status}).`);
    this.status = status;
    this.isSignedOut = status === 401 || request?.getResponseHeader("Upload-Owner") === "another";
    /** In milliseconds; undefined if the server did not say when to ask again. */
    this.retryAfter = milliseconds(request?.getResponseHeader("Retry-After"));
  }

  /** Whether it passes by itself, however long it lasts. */
  get isOutage() {
    return [0, 408, 423, 502, 503, 504].includes(this.status) || (this.status === 429 && this.retryAfter !== undefined);
  }

  /** Whether it may pass by itself. */
  get isPassing() {
    return this.isOutage || this.status === 409 || (this.status >= 500 && this.status !== 507);
  }
}

/** Announces a file for a person; returns its address. */
export async function create(file, presets, owner, signal) {
  // Longer names would not fit into a header; the server shortens further.
  const metadata = { filename: [...file.name.toWellFormed()].slice(0, 200).join(""), presets: presets.join() };
  const answer = await ask("POST", "/uploads/", owner, signal, {
    "Upload-Length": file.size,
    "Upload-Metadata": Object.entries(metadata).map(([key, value]) => `${key} ${base64(value)}`).join(),
  });
  return new URL(answer.getResponseHeader("Location"), location.origin).pathname;
}

/** How many bytes have arrived, and the checksums of their blocks; those that lie wholly before `from` are left out. */
export async function arrived(url, owner, from, signal) {
  const request = await ask("GET", `${url}?from=${from}`, owner, signal);
  try {
    return JSON.parse(request.responseText);
  } catch {
    throw notUnderstood(request);
  }
}

/** Sends a piece; returns the new offset. */
export async function send(url, owner, offset, piece, signal, onSent) {
  const headers = { "Upload-Offset": offset, "Content-Type": "application/offset+octet-stream" };
  const request = await ask("PATCH", url, owner, signal, headers, piece, onSent);
  const reported = Number.parseInt(request.getResponseHeader("Upload-Offset"), 10);
  if (Number.isNaN(reported)) throw notUnderstood(request);
  return reported;
}

/** Throws away what has arrived. */
export const remove = (url, owner) => ask("DELETE", url, owner);

const underWay = new Set();

function ask(method, url, owner, signal, headers = {}, body = null, onSent) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const watch = { request, movedAt: Date.now(), isSent: false };
    const moved = () => watch.movedAt = Date.now();
    const end = () => request.status > 0 && request.status < 300 ? resolve(request) : reject(new Trouble(request.status, sentence(request), request));
    request.open(method, url);
    request.setRequestHeader("Tus-Resumable", "1.0.0");
    request.setRequestHeader("Upload-Owner", owner);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.onload = end;
    request.onerror = request.onabort = () => reject(new Trouble(0));
    const stop = () => request.abort();
    request.onloadend = () => {
      underWay.delete(watch);
      signal?.removeEventListener("abort", stop); // A long upload has thousands of requests and one signal.
    };
    request.onreadystatechange = request.onprogress = moved;
    request.upload.onprogress = event => {
      moved();
      onSent?.(event.loaded);
    };
    request.upload.onload = () => {
      moved();
      watch.isSent = body !== null;
    };
    if (signal?.aborted) return reject(new Trouble(0));
    signal?.addEventListener("abort", stop);
    underWay.add(watch);
    request.send(body);
  });
}

// A dead connection tells nothing: TCP notices after many minutes. The clock is asked, because timers sleep with the computer.
function endDead(quiet) {
  for (const { request, movedAt, isSent } of [...underWay])
    if (Date.now() - movedAt >= (isSent ? bounds.answer : quiet)) request.abort();
}

setInterval(() => endDead(bounds.quiet), 1_000);
addEventListener("visibilitychange", () => document.visibilityState === "visible" && endDead(bounds.stale));
// What was under way when the network went is lost, even if it looks alive.
addEventListener("online", () => [...underWay].forEach(({ request }) => request.abort()));

const sentence = request => request.getResponseHeader("Content-Type")?.startsWith("text/plain") ? request.responseText : "";

const notUnderstood = request => new Trouble(request.status, "The server answered in a way that was not understood.");

function milliseconds(header) {
  if (!header) return undefined;
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

const base64 = text => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
