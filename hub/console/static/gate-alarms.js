// Alarms on every page of the console: seen in the bar and the title, heard, and said to screen readers.
(() => {
  "use strict";
  const bar = document.getElementById("alarms");
  if (!bar) return;
  const spoken = document.getElementById("alarms-spoken");
  const missed = document.getElementById("alarms-missed");
  const lost = document.getElementById("alarms-lost");
  const sound = document.getElementById("sound");
  const root = document.documentElement;
  const title = document.title;
  const cookie = document.cookie.split("; ").find((each) => each.startsWith("hall="));
  const hall = cookie ? decodeURIComponent(cookie.slice(5)) : "";
  let ringing = 0;
  let count = 0;

  // --- heard: a tone of our own, looped by the audio clock, which hidden tabs do not slow down ---
  let audio = null;
  let tone = null;
  let mine = false; // one tab rings, not all of them

  function toneBuffer() {
    const rate = audio.sampleRate;
    const buffer = audio.createBuffer(1, rate * 2, rate);
    const samples = buffer.getChannelData(0);
    for (const [begins, hertz] of [[0, 880], [0.3, 660], [0.6, 880]]) {
      const length = 0.24;
      for (let n = 0; n < length * rate; n += 1) {
        const at = n / rate;
        const edge = Math.min(1, at / 0.02, (length - at) / 0.05);
        const wave = Math.sin(2 * Math.PI * hertz * at) + 0.25 * Math.sin(4 * Math.PI * hertz * at);
        samples[Math.round(begins * rate) + n] = 0.4 * edge * wave;
      }
    }
    return buffer;
  }

  function ring() {
    const should = ringing > 0 && audio !== null && audio.state === "running" && mine;
    if (should && !tone) {
      tone = audio.createBufferSource();
      tone.buffer = toneBuffer();
      tone.loop = true;
      tone.connect(audio.destination);
      tone.start();
    } else if (!should && tone) {
      tone.stop();
      tone.disconnect();
      tone = null;
    }
    const state = tone ? "ringing" : audio && audio.state === "running" ? "ready" : "asleep";
    root.dataset.alarmSound = state;
    if (sound) sound.hidden = state !== "asleep";
  }

  function wake() {
    if (!audio) {
      audio = new AudioContext();
      audio.addEventListener("statechange", claim);
    }
    if (audio.state === "suspended") audio.resume().then(claim, () => {});
    claim();
  }

  function claim() {
    if (audio.state === "running" && !mine) {
      if (navigator.locks) {
        navigator.locks.request("alarm-sound", () => {
          mine = true;
          ring();
          return new Promise(() => {});
        });
      } else {
        mine = true;
      }
    }
    ring();
  }

  for (const gesture of ["pointerdown", "keydown"]) document.addEventListener(gesture, wake, { capture: true });

  // --- seen ---
  let flash = false;
  function showTitle() {
    flash = !flash && count > 0;
    const wanted = flash ? `⚠ ${bar.dataset.title} (${count})` : title;
    if (document.title !== wanted) document.title = wanted;
  }
  setInterval(showTitle, 1000);

  function show(message) {
    if (message.kind === "lost") lost.hidden = false;
    if (message.kind === "back" || message.kind === "alarms") lost.hidden = true;
    if (message.kind !== "alarms") return;
    count = message.count;
    ringing = message.rings;
    bar.innerHTML = message.html; // our own template, everything from outside escaped
    bar.hidden = count === 0;
    if (spoken.textContent !== message.spoken) spoken.textContent = message.spoken;
    if (message.missed) {
      missed.querySelector("ul").insertAdjacentHTML("beforeend", message.missed);
      missed.hidden = false;
    }
    ring();
    flash = false;
    showTitle();
  }

  missed.querySelector("button").addEventListener("click", () => {
    missed.querySelector("ul").replaceChildren();
    missed.hidden = true;
  });

  const wanted = new URLSearchParams({ lang: root.lang, hall });
  if (self.SharedWorker) {
    const worker = new SharedWorker(`${bar.dataset.worker}&${wanted}`);
    worker.port.onmessage = (event) => show(event.data);
    addEventListener("pagehide", (event) => {
      if (!event.persisted) worker.port.postMessage("bye");
    });
  } else {
    self.listenToAlarms(`${bar.dataset.stream}?${wanted}`, show);
  }
  wake(); // allowed at once where the page before this one was used
})();
