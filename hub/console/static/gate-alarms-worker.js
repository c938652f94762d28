// One connection for all tabs of the console: a browser has six to a host, and hidden tabs are slowed down, workers not.
"use strict";

importScripts("/static/gate-alarm-source.js" + self.location.search);

const ports = new Set();
let newest = null;
let lost = false;

self.onconnect = (event) => {
  const port = event.ports[0];
  ports.add(port);
  port.onmessage = () => ports.delete(port);
  if (newest) port.postMessage({ ...newest, missed: "" });
  if (lost) port.postMessage({ kind: "lost" });
};

const asked = new URLSearchParams(self.location.search);
const wanted = new URLSearchParams({ lang: asked.get("lang") || "", hall: asked.get("hall") || "" });
self.listenToAlarms("/stream/alarms?" + wanted, (message) => {
  if (message.kind === "alarms") newest = message;
  lost = message.kind === "lost";
  for (const port of ports) port.postMessage(message);
});
