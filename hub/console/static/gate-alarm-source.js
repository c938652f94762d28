// Listens to the hub's alarms, in a worker or in a page. The browser reconnects by itself; a connection that says
// nothing for too long is made anew, from the last alarm that was seen.
"use strict";

self.listenToAlarms = (address, tell) => {
  const SILENT_AFTER_MS = 25000;
  let source = null;
  let heard = 0;
  let seen = "";
  let lost = false;

  function alive() {
    heard = Date.now();
    if (lost) tell({ kind: "back" });
    lost = false;
  }

  function open() {
    if (source) source.close();
    heard = Date.now();
    const from = new URL(address, self.location.origin);
    if (seen) from.searchParams.set("seen", seen);
    source = new EventSource(from);
    source.addEventListener("ping", alive);
    source.addEventListener("alarms", (event) => {
      alive();
      if (event.lastEventId) seen = event.lastEventId;
      tell({ kind: "alarms", ...JSON.parse(event.data) });
    });
    source.addEventListener("error", () => {
      lost = true;
      tell({ kind: "lost" });
    });
  }

  setInterval(() => {
    const closed = source.readyState === EventSource.CLOSED;
    if (closed || Date.now() - heard > SILENT_AFTER_MS) {
      lost = true;
      tell({ kind: "lost" });
      open();
    }
  }, 3000);
  open();
};
