// Rings when somebody begins to wait, and says how many in the tab's name.
(() => {
  "use strict";
  const list = document.querySelector("[data-rings]");
  if (!list) return;
  const name = document.title;
  let known = new Set();

  function ring() {
    try {
      const context = new AudioContext();
      for (const [at, pitch] of [[0, 660], [0.35, 880], [0.7, 660]]) {
        const tone = context.createOscillator();
        const loud = context.createGain();
        tone.frequency.value = pitch;
        loud.gain.setValueAtTime(0.12, context.currentTime + at);
        loud.gain.exponentialRampToValueAtTime(0.001, context.currentTime + at + 0.3);
        tone.connect(loud).connect(context.destination);
        tone.start(context.currentTime + at);
        tone.stop(context.currentTime + at + 0.3);
      }
      setTimeout(() => context.close(), 2000);
    } catch {
      // without sound the tab's name still tells
    }
  }

  function look(loud) {
    const now = new Set([...list.querySelectorAll("[data-call], .help-hailed")].map((row) => row.dataset.call || "hailed"));
    if (loud && [...now].some((each) => !known.has(each))) ring();
    known = now;
    document.title = now.size ? `(${now.size}) ${name}` : name;
  }

  new MutationObserver(() => look(true)).observe(list, { childList: true, subtree: true });
  look(false);
})();
