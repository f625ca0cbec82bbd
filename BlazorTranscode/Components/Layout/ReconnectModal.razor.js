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

// What the server says to a new connection is not told by Blazor: 401 means that the session has ended, 429 that too many pages are open.
function hearRefusals(list) {
  for (const { name, responseStatus } of list.getEntries()) {
    if (!new URL(name).pathname.endsWith("/_blazor/negotiate")) continue;
    if (responseStatus === 401) reload();
    else if (responseStatus === 429) show("crowded");
  }
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
    case "show": return show(dialog.dataset.state === "crowded" ? "crowded" : uploading() ? "uploading" : "lost");
    case "hide": return hide();
    case "failed": return later();
    case "rejected": return reload();
    case "paused": return show("paused");
    case "resume-failed": return reload();
  }
});
dialog.addEventListener("cancel", event => event.preventDefault());
dialog.querySelector("[data-retry]").addEventListener("click", () => {
  if (dialog.dataset.state === "crowded") reload();
  else if (dialog.dataset.state === "paused") resume();
  else comeBack();
});
const waiting = () => dialog.open && dialog.dataset.state !== "paused" && dialog.dataset.state !== "crowded";
addEventListener("online", () => waiting() && comeBack());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && waiting() && comeBack());
new PerformanceObserver(hearRefusals).observe({ type: "resource", buffered: true });
