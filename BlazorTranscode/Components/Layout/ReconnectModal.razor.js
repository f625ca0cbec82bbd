// First the same circuit, then its saved state in a new one, and a reload only when the server is there and knows neither. A reload would
// cut a running upload, so it waits for that.
const dialog = document.getElementById("components-reconnect-modal");
const pauseBetweenAttempts = 3_000;
const uploading = () => window.blazorTranscode?.uploading === true;
let timer;
let busy = false;

function show(what) {
  dialog.dataset.state = what;
  if (dialog.open) return;
  // Behind a modal dialog nothing can be clicked; a running upload must stay within reach.
  if (uploading()) dialog.show();
  else dialog.showModal();
}

function hide() {
  clearTimeout(timer);
  if (dialog.open) dialog.close();
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(comeBack, pauseBetweenAttempts);
}

function reload() {
  if (!uploading()) return location.reload();
  show("uploading");
  clearTimeout(timer);
  timer = setTimeout(reload, 1_000);
}

async function comeBack() {
  if (busy) return;
  busy = true;
  try {
    if (await Blazor.reconnect() || await Blazor.resumeCircuit()) hide();
    else reload();
  } catch {
    later(); // nobody answered
  } finally {
    busy = false;
  }
}

async function resume() {
  try {
    if (await Blazor.resumeCircuit()) hide();
    else reload();
  } catch {
    later();
  }
}

dialog.addEventListener("components-reconnect-state-changed", event => {
  switch (event.detail.state) {
    case "show": return show(uploading() ? "uploading" : "lost");
    case "hide": return hide();
    case "failed": return later();
    case "rejected": return reload();
    case "paused": return show("paused");
    case "resume-failed": return reload();
  }
});
dialog.addEventListener("cancel", event => event.preventDefault());
dialog.querySelector("[data-retry]").addEventListener("click", () => dialog.dataset.state === "paused" ? resume() : comeBack());
const waiting = () => dialog.open && dialog.dataset.state !== "paused";
addEventListener("online", () => waiting() && comeBack());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && waiting() && comeBack());
