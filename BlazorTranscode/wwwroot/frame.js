// The parts of the frame that must work on every page: with a circuit, before one, without one, and when it is lost.

const themes = ["auto", "light", "dark"];
const currentTheme = () => document.documentElement.dataset.theme ?? "auto";

function setTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
}

document.addEventListener("click", event => {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("[data-theme-toggle]")) {
    setTheme(themes[(themes.indexOf(currentTheme()) + 1) % themes.length]);
  } else if (target?.closest("[data-skip]")) {
    event.preventDefault();
    document.getElementById("content")?.focus();
  } else if (target?.closest("[popover] a")) {
    target.closest("[popover]").hidePopover();
  }
});

// <unread-count value="2"> puts the number before the title of the tab, for those who look elsewhere. Blazor goes on writing into the same
// text, so what stands there is taken for Blazor's unless it was written here.
let plainTitle = "";
let countedTitle = "";

function countInTitle() {
  const nodes = document.querySelector("head > title")?.childNodes ?? [];
  const text = [...nodes].find(node => node.nodeType === Node.TEXT_NODE); // Blazor's comments stand before it
  if (!text) return;
  if (text.data !== countedTitle) plainTitle = text.data;
  const count = document.querySelector("unread-count")?.getAttribute("value");
  countedTitle = count ? `(${count}) ${plainTitle}` : plainTitle;
  if (text.data !== countedTitle) text.data = countedTitle;
}

new MutationObserver(countInTitle).observe(document.head, { childList: true, subtree: true, characterData: true });

customElements.define("unread-count", class extends HTMLElement {
  static observedAttributes = ["value"];
  connectedCallback() { countInTitle(); }
  disconnectedCallback() { countInTitle(); }
  attributeChangedCallback() { countInTitle(); }
});

// <local-time datetime="…">5 minutes ago</local-time>: keeps the words true as time passes, and shows the exact time of the reader's own
// clock on hover. It draws into a shadow root, so the text that Blazor renders stays Blazor's.
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

function words(moment) {
  const seconds = (moment - Date.now()) / 1000;
  if (seconds > -45) return "just now";
  if (seconds > -3570) return relative.format(Math.round(seconds / 60), "minute");
  if (seconds > -84600) return relative.format(Math.round(seconds / 3600), "hour");
  if (seconds > -604800) return relative.format(Math.round(seconds / 86400), "day");
  return day.format(moment);
}

customElements.define("local-time", class extends HTMLElement {
  static observedAttributes = ["datetime"];
  #timer;
  connectedCallback() {
    if (!this.shadowRoot) this.attachShadow({ mode: "open" });
    this.#timer = setInterval(() => this.#draw(), 20_000);
    this.#draw();
  }
  disconnectedCallback() { clearInterval(this.#timer); }
  attributeChangedCallback() { if (this.shadowRoot) this.#draw(); }
  #draw() {
    const moment = new Date(this.getAttribute("datetime"));
    this.shadowRoot.textContent = words(moment);
    this.title = exact.format(moment);
  }
});
