// Keeps relative times current, lists short, and says when the live connection is silent.
(() => {
  "use strict";
  const STALE_AFTER_MS = 30000;
  const language = document.documentElement.lang;
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  const stale = document.getElementById("stale");
  const live = document.querySelector("[data-live]");
  let heard = Date.now();

  function say(element) {
    const seconds = (new Date(element.dateTime) - Date.now()) / 1000;
    const age = Math.abs(seconds);
    const [unit, size] = age < 60 ? ["second", 1] : age < 3600 ? ["minute", 60] : age < 86400 ? ["hour", 3600] : ["day", 86400];
    const text = relative.format(Math.min(0, Math.round(seconds / size)), unit);
    if (element.textContent !== text) element.textContent = text;
  }

  function tick() {
    document.querySelectorAll("time").forEach(say);
    if (live) stale.hidden = Date.now() - heard < STALE_AFTER_MS;
  }

  function trim() {
    for (const list of document.querySelectorAll("[data-most]")) {
      while (list.childElementCount > Number(list.dataset.most)) list.lastElementChild.remove();
    }
  }

  function alive() {
    heard = Date.now();
    stale.hidden = true;
  }

  document.addEventListener("ping", alive);
  document.addEventListener("htmx:sse:after:connection", alive);
  document.addEventListener("htmx:sse:after:message", () => {
    alive();
    trim();
    tick();
  });
  setInterval(tick, 5000);
  tick();
})();
