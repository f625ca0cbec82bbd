// The drop zone: takes files from the pointer or the keyboard and gives them to the queue.
import * as memory from "./memory.js";
import * as queue from "./queue.js";

let current;

export const remembered = () => memory.presets();

/** Brings a rendered page to life. `limits` has maxBytes, maxText, maxFiles. */
export function attach(zone, formats, limits) {
  current = { zone, formats, limits };
  const input = zone.querySelector("input");
  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = ""; // so that the same file can be chosen again
  });
  formats.addEventListener("change", () => {
    memory.keepPresets(chosen());
    say("");
  });
  input.disabled = false;
}

const chosen = () => [...current.formats.querySelectorAll("[data-preset]:has(input:checked)")].map(box => box.dataset.preset);

function take(files) {
  const { limits } = current;
  const presets = chosen();
  if (presets.length === 0) return say("Choose at least one format first.");
  say(files.length > limits.maxFiles ? `Only the first ${limits.maxFiles} files were taken; add the rest afterwards.` : "");
  for (const file of files.slice(0, limits.maxFiles)) {
    if (file.size === 0) queue.refuse(file, "This file is empty, so it is not audio.");
    else if (file.size > limits.maxBytes) queue.refuse(file, `This file is too large; the limit is ${limits.maxText}.`);
    else queue.add(file, presets);
  }
}

function say(text) {
  const notice = current?.zone.querySelector("[role=alert]");
  if (notice) notice.textContent = text;
}

function filesOf(transfer) {
  const entries = [...transfer.items].filter(item => item.kind === "file");
  const folders = entries.filter(item => item.webkitGetAsEntry?.()?.isDirectory).length;
  const files = entries.filter(item => !item.webkitGetAsEntry?.()?.isDirectory).map(item => item.getAsFile()).filter(Boolean);
  return { files, folders };
}

// A file that misses the zone must not replace the page, so the whole window takes it.
const isHere = event => current?.zone.isConnected && event.dataTransfer?.types.includes("Files");

addEventListener("dragover", event => {
  if (!isHere(event)) return;
  event.preventDefault();
  current.zone.dataset.over = "";
});

addEventListener("dragleave", event => {
  if (current && !event.relatedTarget) delete current.zone.dataset.over;
});

addEventListener("drop", event => {
  if (!isHere(event)) return;
  event.preventDefault();
  delete current.zone.dataset.over;
  const { files, folders } = filesOf(event.dataTransfer);
  if (files.length > 0) take(files);
  if (folders > 0) say("Folders are not taken. Open the folder and choose the files in it.");
});
