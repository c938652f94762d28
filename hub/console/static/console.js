// Keeps relative times current, lists short, and says when the live connection is silent.
(() => {
  "use strict";
  const STALE_AFTER_MS = 30000;
  const language = document.documentElement.lang;
  // The same words as the hub's own, so that nothing changes under the reader's eyes.
  const spans = {
    "zh-Hans": ["刚刚", " 秒前", " 分钟前", " 小时前", " 天前"],
    "zh-Hant": ["剛剛", " 秒前", " 分鐘前", " 小時前", " 天前"],
  }[language] || ["just now", " s ago", " min ago", " h ago", " d ago"];
  const stale = document.getElementById("stale");
  const live = document.querySelector("[data-live]");
  let heard = Date.now();

  function say(element) {
    const age = (Date.now() - new Date(element.dateTime)) / 1000;
    const [unit, size] = age < 10 ? [0, 1] : age < 60 ? [1, 1] : age < 3600 ? [2, 60] : age < 86400 ? [3, 3600] : [4, 86400];
    const text = unit ? Math.floor(age / size) + spans[unit] : spans[0];
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
  const strip = document.querySelector(".top nav");
  const here = strip?.querySelector("[aria-current]");
  if (here) strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
  // What cannot be taken back is asked once more.
  document.addEventListener("submit", (event) => {
    const words = event.submitter?.dataset.confirm || event.target.dataset.confirm;
    if (words && !confirm(words)) event.preventDefault();
  });
})();
