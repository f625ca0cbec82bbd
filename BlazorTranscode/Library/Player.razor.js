// Keeps a sound going. A browser goes back to the address that it was redirected to, and that address expires; a server or a store may be away
// for a while. Then the player asks our own address again, is redirected anew, and goes on from where it was. It tries a bounded number of
// times with growing pauses, then it says so and leaves the next try to the person. A page that is loaded anew while a sound plays, as after a
// restart of the app, goes on from there too, if the browser lets it play without a click.

const networkError = 2; // MediaError.MEDIA_ERR_NETWORK
const notSupported = 4; // MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED, also when the first bytes cannot be had
const noSource = 3; // HTMLMediaElement.NETWORK_NO_SOURCE
const enoughToPlay = 3; // HTMLMediaElement.HAVE_FUTURE_DATA
const stuckAfter = 15_000; // ms without any data while some are needed
const calmAfter = 120_000; // ms without trouble after which the tries are counted anew; longer than the longest pause

const unknown = "This browser can play none of these formats. Download one of them instead.";
const gone = "This sound is no longer in the storage.";
const waiting = "The sound cannot be reached at the moment. Trying again …";
const givenUp = "The sound cannot be reached. Check your connection, or try again in a minute.";

export function attach(player) {
  if (!player) return; // The page was left in the meantime.
  const audio = player.querySelector("audio");
  const notice = player.querySelector("[role=status]");
  const button = player.querySelector("button");
  if (![...audio.querySelectorAll("source")].some(source => audio.canPlayType(source.type))) {
    notice.textContent = unknown;
    return;
  }
  let address = null; // what plays; null until something has been loaded
  let at = 0;
  let rate = 1;
  let plays = false; // or would, if it could
  let mending = false; // from a failure until the sound is loaded again
  let hasGivenUp = false;
  let failures = 0;
  let lastFailure = -Infinity;
  let renewals = 0;
  let nextTry = 0;
  let stuck = 0;

  function failed() {
    if (nextTry) return;
    clearTimeout(stuck);
    mending = true;
    if (performance.now() - lastFailure > calmAfter) failures = 0;
    lastFailure = performance.now();
    const pauses = player.dataset.pauses.split(" ");
    if (failures >= pauses.length) {
      giveUp(givenUp);
      return;
    }
    if (failures > 0) notice.textContent = waiting;
    nextTry = setTimeout(renew, pauses[failures++] * 1000);
  }

  async function renew() {
    const status = await ask(address ?? new URL(audio.querySelector("source").src).pathname);
    nextTry = 0;
    if (!player.isConnected) return;
    if (status === 404) {
      giveUp(gone);
    } else if (status === 0 || status >= 500) {
      failed();
    } else {
      // Another query, or the browser may take what it still has of the old answer, and with it the old redirect.
      if (address) audio.src = `${address}?renewal=${++renewals}`;
      else audio.load();
      watch();
    }
  }

  function giveUp(sentence) {
    hasGivenUp = true;
    notice.textContent = sentence;
    button.hidden = false;
  }

  function tryAgain() {
    if (!hasGivenUp) return;
    hasGivenUp = false;
    failures = 0;
    notice.textContent = "";
    button.hidden = true;
    nextTry = setTimeout(renew, 0);
  }

  // Some failures are only silence.
  function watch() {
    clearTimeout(stuck);
    stuck = setTimeout(() => {
      if (!hasGivenUp && (mending || (audio.readyState < enoughToPlay && (audio.seeking || !audio.paused)))) failed();
    }, stuckAfter);
  }

  function loaded() {
    address = new URL(audio.currentSrc).pathname;
    if (!mending) return;
    clearTimeout(stuck);
    audio.playbackRate = rate;
    if (at > 0) audio.currentTime = at;
    mending = false;
    notice.textContent = "";
    if (plays) audio.play().catch(() => {}); // It says itself why not, by an event.
  }

  const key = `player ${location.pathname}`;
  const left = JSON.parse(sessionStorage.getItem(key));
  sessionStorage.removeItem(key);
  if (left) {
    ({ at, rate } = left);
    plays = mending = true;
  }
  addEventListener("pagehide", () => {
    if (player.isConnected && plays) sessionStorage.setItem(key, JSON.stringify({ at, rate }));
  });
  audio.addEventListener("loadedmetadata", loaded);
  if (audio.readyState > 0) loaded();
  audio.addEventListener("error", event => {
    // Of several sources each has its error; when the last has failed, nothing more is tried.
    if (event.target === audio ? [networkError, notSupported].includes(audio.error?.code) : !event.target.nextElementSibling)
      setTimeout(() => { if (audio.error || audio.networkState === noSource) failed(); }, 0);
  }, true);
  for (const name of ["timeupdate", "seeking"]) {
    audio.addEventListener(name, () => { if (!mending && !audio.error) at = audio.currentTime; });
  }
  for (const name of ["waiting", "stalled", "seeking", "progress"]) audio.addEventListener(name, watch);
  for (const name of ["playing", "canplay", "seeked"]) audio.addEventListener(name, () => clearTimeout(stuck));
  audio.addEventListener("ratechange", () => { if (!mending && !audio.error) rate = audio.playbackRate; });
  audio.addEventListener("play", () => {
    plays = true;
    tryAgain();
  });
  audio.addEventListener("pause", () => { if (!mending && !audio.error) plays = false; });
  audio.addEventListener("ended", () => { plays = false; });
  button.addEventListener("click", tryAgain);
  // The sources may have failed before this script came.
  if (audio.error || audio.networkState === noSource) failed();
}

/** What our own address says of the bytes: 0 without an answer, 302 for a redirect, whose target is not asked. */
async function ask(address) {
  try {
    const answer = await fetch(address, { method: "HEAD", redirect: "manual", cache: "no-store" });
    return answer.type === "opaqueredirect" ? 302 : answer.status;
  } catch {
    return 0;
  }
}
