// Runs the upload scripts of the page against a server made of a few lines, without a browser. Usage: node upload-scripts.mjs FOLDER SCENARIO.
// Prints what was asked and what became of the files, as a JSON array of texts.
import { cpSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, scenario] = process.argv.slice(2);
cpSync(resolve(import.meta.dirname, "../../BlazorTranscode/wwwroot/uploads"), folder, { recursive: true });
writeFileSync(join(folder, "package.json"), '{"type":"module"}');
const load = name => import(pathToFileURL(join(folder, name)));

// What the scripts want of a browser.
const listeners = {};
const raise = name => (listeners[name] ?? []).forEach(listener => listener({}));
globalThis.window = globalThis;
globalThis.addEventListener = (name, listener) => (listeners[name] ??= []).push(listener);
globalThis.removeEventListener = (name, listener) => listeners[name] = (listeners[name] ?? []).filter(other => other !== listener);
const stored = new Map();
globalThis.localStorage = new Proxy({ getItem: key => stored.get(key) ?? null, setItem: (key, text) => stored.set(key, text), removeItem: key => stored.delete(key) }, {
  ownKeys: () => [...stored.keys()],
  getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
});
globalThis.sessionStorage = { getItem: () => null, setItem: () => {} };
const tray = { dataset: { owner: "anna", keep: "86400000" } };
globalThis.document = { getElementById: () => tray, visibilityState: "visible" };
globalThis.location = { origin: "http://localhost" };

// The server. `fault` may answer instead of it, with [status, headers], or with a promise that never ends.
const uploads = new Map();
const log = [];
let fault = () => undefined;
const { crc32c } = await load("compare.js");

globalThis.XMLHttpRequest = class {
  upload = {};
  headers = {};
  open(method, url) {
    [this.method, this.url] = [method, url];
  }
  setRequestHeader(name, value) {
    this.headers[name] = value;
  }
  getResponseHeader(name) {
    return this.answer?.[name] ?? null;
  }
  abort() {
    if (this.readyState !== 4) this.end("onabort", 0, {});
  }
  async send(body) {
    const bytes = body ? new Uint8Array(await body.arrayBuffer()) : undefined;
    this.upload.onload?.();
    const [status, headers, text] = await fault(this, bytes) ?? serve(this, bytes);
    if (this.readyState === 4) return;
    this.responseText = text ?? "";
    this.end("onload", status, headers ?? {});
  }
  end(event, status, headers) {
    [this.readyState, this.status, this.answer] = [4, status, headers];
    log.push([this.method, this.url, this.headers["Upload-Offset"], this.headers["Upload-Owner"], status].filter(word => word !== undefined).join(" "));
    this[event]?.();
    this.onloadend?.();
  }
};

function serve({ method, url, headers }, bytes) {
  const [path, query] = url.split("?");
  if (method === "POST") {
    const made = `/uploads/${uploads.size + 1}`;
    uploads.set(made, new Uint8Array());
    return [201, { Location: made }];
  }
  const has = uploads.get(path);
  if (!has) return [404];
  if (method === "DELETE") uploads.delete(path);
  if (method === "DELETE") return [204];
  const first = query ? Math.floor(Math.min(Number(query.split("=")[1]), has.length) / MiB) : 0;
  if (method === "GET") return [200, {}, JSON.stringify({ offset: has.length, blockLength: MiB, firstBlock: first, checksums: has.isUnknown ? null : sums(has, first) })];
  if (headers["Upload-Offset"] !== has.length) return [409];
  uploads.set(path, Uint8Array.from([...has, ...bytes]));
  return [204, { "Upload-Offset": String(has.length + bytes.length) }];
}

const MiB = 1024 * 1024;
const sums = (bytes, first) => Array.from({ length: Math.ceil(bytes.length / MiB) - first }, (_, i) => crc32c(bytes.slice((first + i) * MiB, (first + i + 1) * MiB)));

const queue = await load("queue.js");
const tus = await load("tus.js");

/** Files that only their bytes tell from each other. */
const file = seed => new File([Uint8Array.from({ length: 9 * MiB }, (_, i) => i < 8 * MiB ? i : i + seed)], "twin.wav", { lastModified: 5 });
const done = async () => {
  while (queue.isUploading()) await new Promise(resolve => setTimeout(resolve, 10));
};
const isSecondPiece = request => request.method === "PATCH" && request.headers["Upload-Offset"] > 0;
const notes = new Set();
queue.onChange(() => queue.items().forEach(item => item.notice && notes.add(item.notice)));

/** Leaves an upload that another page has begun. */
const leave = (url, bytes, minutesAgo = 1) => {
  uploads.set(url, bytes);
  stored.set(`upload:anna:${url}`, JSON.stringify({ url, name: "twin.wav", size: 9 * MiB, safe: bytes.length, presets: ["mp3"], modified: 5, at: Date.now() - minutesAgo * 60_000 }));
};

const scenarios = {
  async smallPieces() {
    fault = (_, bytes) => bytes?.length > 3_000_000 ? [413] : undefined;
    queue.add(file(1), ["mp3"]);
    await done();
  },
  async noPieces() {
    fault = (_, bytes) => bytes ? [413] : undefined;
    queue.add(file(1), ["mp3"]);
    await done();
  },
  async outage() {
    let times = 0;
    fault = request => isSecondPiece(request) && ++times <= 20 ? [[503, 502, 504, 423, 408][times % 5]] : undefined;
    const impatience = setInterval(() => raise("online"), 20); // ends the pauses
    queue.add(file(1), ["mp3"]);
    await done();
    clearInterval(impatience);
    log.splice(2, log.length - 3, `${times - 1} times`);
  },
  async deadLine() {
    tus.bounds.answer = 500;
    let times = 0;
    fault = request => isSecondPiece(request) && ++times === 1 ? new Promise(() => {}) : undefined;
    queue.add(file(1), ["mp3"]);
    await done();
  },
  async lost() {
    let times = 0;
    fault = request => isSecondPiece(request) && ++times === 1 ? (uploads.set("/uploads/1", undefined), [503]) : undefined;
    queue.add(file(1), ["mp3"]);
    await done();
  },
  /** Another tab adds the end of another file, which has the same beginning, while this one waits. */
  async overtaken() {
    let times = 0;
    fault = async request => isSecondPiece(request) && ++times === 1
      ? (uploads.set("/uploads/1", new Uint8Array(await file(2).slice(0, 8.5 * MiB).arrayBuffer())), [503]) : undefined;
    queue.add(file(1), ["mp3"]);
    await done();
  },
  async incomparable() {
    leave("/uploads/1", Object.assign(new Uint8Array(5), { isUnknown: true }));
    uploads.set("/uploads/2", undefined);
    queue.add(file(1), ["mp3"]);
    await done();
  },
  async severalLeft() {
    leave("/uploads/1", new Uint8Array(await file(2).slice(0, 8.5 * MiB).arrayBuffer()));
    leave("/uploads/2", new Uint8Array(await file(1).slice(0, 8.5 * MiB).arrayBuffer()), 2);
    queue.offerInterrupted();
    queue.add(file(1), ["mp3"]);
    await done();
  },
  async anotherPerson() {
    fault = request => isSecondPiece(request) ? [403, { "Upload-Owner": "another" }] : undefined;
    queue.add(file(1), ["mp3"]);
    await done();
    log.push(...queue.items().map(item => `${item.state} ${item.isSignedOut}`));
    tray.dataset.owner = "ben";
    log.push(`${queue.items().length} seen by ben`);
    tray.dataset.owner = "anna";
    fault = () => undefined;
    raise("focus");
    await done();
  },
  async chosenTwice() {
    let open;
    const gate = new Promise(resolve => open = resolve);
    fault = request => isSecondPiece(request) ? gate : undefined;
    queue.add(file(1), ["mp3"]);
    queue.add(file(1), ["mp3"]);
    queue.add(file(2), ["mp3"]);
    while (log.filter(line => line.startsWith("PATCH")).length < 2) await new Promise(resolve => setTimeout(resolve, 10));
    open();
    await done();
    log.length = 0;
  },
};

setTimeout(() => process.exit(1), 60_000); // what hangs has failed
await scenarios[scenario]();
const rows = queue.items().map(item => `${item.state}: ${item.message && item.state !== "finished" ? item.message : ""}`.trim());
console.log(JSON.stringify([...log, ...rows, ...notes]));
process.exit(0);
