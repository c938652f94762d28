// The display keeps its clock, and says when nothing has come for half a minute; after the hub is back it goes on by itself.
(() => {
  "use strict";
  const stale = document.getElementById("stale");
  const clock = document.getElementById("clock");
  let heard = Date.now();
  const alive = () => {
    heard = Date.now();
    stale.hidden = true;
  };
  for (const name of ["ping", "htmx:sse:after:connection", "htmx:sse:after:message"]) document.addEventListener(name, alive);
  // What does not fit beside the numbers is shown in turn, a screenful at a time, and then from the top again.
  const beside = document.getElementById("beside");
  setInterval(() => {
    const rest = beside.scrollHeight - beside.clientHeight - beside.scrollTop;
    beside.scrollTop = rest > 4 ? beside.scrollTop + Math.min(rest, beside.clientHeight * 0.85) : 0;
  }, 8000);
  setInterval(() => {
    stale.hidden = Date.now() - heard < 30000;
    clock.textContent = new Intl.DateTimeFormat("zh", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" }).format(new Date());
  }, 1000);
})();
