// Draws the uploads of this tab into the element that the layout offers. Plain DOM: it must go on when the circuit is lost.
import * as queue from "./queue.js";

const rows = new Map();
let tray;
let scheduled = false;

/** Takes over an empty element; called again when Blazor has made a new one. */
export function show(element) {
  if (tray !== element) {
    tray = element;
    rows.clear();
    parts.list.replaceChildren();
    tray.replaceChildren(parts.details, parts.news);
  }
  queue.offerInterrupted();
}

const parts = build();
queue.onChange(() => {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    if (tray) draw();
  });
});

function build() {
  const details = make("details", "");
  details.open = true;
  const heading = make("summary", "");
  const list = make("ul", "");
  const clear = button("Clear finished", queue.removeFinished);
  const news = make("p", "visually-hidden");
  news.setAttribute("aria-live", "polite");
  details.append(heading, list, clear);
  return { details, heading, list, clear, news };
}

function draw() {
  const items = queue.items();
  tray.hidden = items.length === 0;
  for (const [item, row] of rows) {
    if (items.includes(item)) continue;
    row.element.remove();
    rows.delete(item);
  }
  for (const item of items) {
    if (!rows.has(item)) rows.set(item, rowOf(item));
    update(rows.get(item), item);
  }
  write(parts.heading, headingOf(items));
  parts.clear.hidden = !items.some(item => item.state === "finished");
}

function rowOf(item) {
  const element = make("li", "");
  const name = make("span", "name");
  name.textContent = item.name;
  name.title = item.name;
  const status = make("span", "status");
  const bar = make("progress", "");
  bar.max = 100;
  bar.setAttribute("aria-label", item.name);
  const again = button("Try again", () => queue.retry(item));
  const remove = button("", () => queue.remove(item));
  const signIn = make("a", "sign-in");
  signIn.href = "/account/login?switch=true"; // also while another person is signed in
  signIn.target = "_blank"; // the file belongs to this tab
  signIn.textContent = `Sign in again as ${tray.dataset.name}`;
  element.append(name, remove, again, bar, status, signIn);
  parts.list.append(element);
  return { element, status, bar, again, remove, signIn, state: undefined, notice: undefined };
}

function update(row, item) {
  row.element.dataset.state = item.state;
  row.bar.hidden = item.state === "failed" || item.state === "finished" || item.state === "double";
  row.bar.value = percent(item.sent, item.size);
  write(row.status, statusOf(item));
  row.again.hidden = !(item.state === "failed" && item.file);
  row.signIn.hidden = !(item.state === "failed" && item.isSignedOut);
  write(row.remove, { finished: "Close", failed: "Close", double: "Close", interrupted: "Forget" }[item.state] ?? "Cancel");
  row.remove.setAttribute("aria-label", `${row.remove.textContent} ${item.name}`);
  row.again.setAttribute("aria-label", `Try again ${item.name}`);
  if (row.state !== item.state && ["finished", "failed", "double"].includes(item.state) || item.notice && row.notice !== item.notice)
    write(parts.news, `${item.name}: ${statusOf(item)}`);
  [row.state, row.notice] = [item.state, item.notice];
}

function headingOf(items) {
  const real = items.filter(item => item.state !== "interrupted" && item.state !== "double");
  const finished = real.filter(item => item.state === "finished").length;
  const failed = real.filter(item => item.state === "failed").length;
  const sum = pick => real.reduce((total, item) => total + pick(item), 0);
  if (queue.isUploading()) return `Uploading, ${finished} of ${real.length} done, ${percent(sum(i => i.sent), sum(i => i.size))} %`;
  if (failed > 0) return `${failed} of ${real.length} not uploaded`;
  if (real.length > 0) return `${finished === 1 ? "1 file" : `${finished} files`} uploaded`;
  return items.some(item => item.state === "interrupted") ? "Interrupted uploads" : "Uploads";
}

function statusOf(item) {
  const notice = item.notice ? `${item.notice} ` : "";
  switch (item.state) {
    case "comparing": return `Comparing with the file of the same name, ${percent(item.share ?? 0, 1)} %`;
    case "waiting": return `Waiting, ${size(item.size)}`;
    case "checking": return `Checking what has arrived, ${percent(item.share, 1)} %`;
    case "sending": return notice + (item.sent < item.size
      ? `${percent(item.sent, item.size)} %, ${size(item.sent)} of ${size(item.size)}${timeLeft(item)}` : "Finishing");
    case "pausing": return `${notice}${item.message} Trying again. ${size(item.safe)} of ${size(item.size)} are safe.`;
    case "finished": return `Uploaded, ${size(item.size)}. It goes on in the library.`;
    case "interrupted": return `Stopped at ${percent(item.sent, item.size)} %. Choose the same file and formats again to go on.`;
    default: return item.message;
  }
}

function timeLeft(item) {
  const rate = queue.rateOf(item);
  if (!rate) return "";
  const seconds = (item.size - item.sent) / rate;
  if (seconds < 5) return ", a few seconds left";
  if (seconds < 60) return `, ${Math.ceil(seconds / 5) * 5} seconds left`;
  if (seconds < 90) return ", about a minute left";
  return seconds < 5400 ? `, ${Math.round(seconds / 60)} minutes left` : `, ${Math.round(seconds / 3600)} hours left`;
}

const percent = (part, whole) => whole > 0 ? Math.floor(part / whole * 100) : 0;

function size(bytes) {
  const units = ["bytes", "KiB", "MiB", "GiB"];
  let unit = 0;
  for (; bytes >= 1024 && unit < units.length - 1; unit++) bytes /= 1024;
  return `${bytes.toFixed(unit > 1 && bytes < 100 ? 1 : 0)} ${units[unit]}`;
}

function make(tag, className) {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

function button(text, onClick) {
  const element = make("button", "");
  element.type = "button";
  element.textContent = text;
  element.addEventListener("click", onClick);
  return element;
}

// Unchanged text is left alone, or a screen reader would say it again.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
