// A call: pictures and sound go straight between terminal and browsers; only what lets them find each other, and text,
// passes through the hub. The terminal offers to everybody; of two members of staff the one who came first does.
(() => {
  "use strict";
  const root = document.getElementById("help-call");
  if (!root) return;
  const call = root.dataset.call;
  const me = root.dataset.me;
  const base = `/help/calls/${call}`;
  const page = crypto.randomUUID();
  const GATHER_MS = 2500;
  const POINT_MS = 33;
  const say = (key) => root.dataset[`word${key.split("_").map((part) => part[0].toUpperCase() + part.slice(1)).join("")}`] || key;
  const at = (id) => document.getElementById(id);
  const status = at("help-status");
  const screen = at("help-screen");
  const stage = screen.parentElement;
  const mark = at("help-mark");
  const peers = new Map();
  let now = null;
  let own = null;
  let tool = "point";
  let over = false;
  let ready = null;
  let chain = Promise.resolve();
  window.helpCall = { peers, frames: 0 }; // for tests and for whoever looks into a fault

  function tell(words, tone = "") {
    status.textContent = words;
    status.dataset.tone = tone;
  }

  function post(kind, to, body, attempt = 0) {
    return fetch(`${base}/messages`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ kind, to, attempt, body }),
    }).catch(() => null);
  }

  // Our own camera and microphone: what there is, and nothing where there is none.
  async function media() {
    const wishes = [
      { audio: { echoCancellation: true }, video: { width: 640, height: 480, frameRate: { max: 15 } } },
      { audio: { echoCancellation: true } },
      { video: { width: 640, height: 480, frameRate: { max: 15 } } },
    ];
    for (const wish of wishes) {
      try {
        const stream = await navigator.mediaDevices.getUserMedia(wish);
        at("help-own").srcObject = stream;
        return stream;
      } catch {
        // the next wish asks for less
      }
    }
    line("", say("no_camera"));
    return new MediaStream();
  }

  function relays() {
    return (now?.relays || []).map((relay) => ({ urls: relay.urls, username: relay.username || undefined, credential: relay.credential || undefined }));
  }

  function drop(id) {
    const peer = peers.get(id);
    if (!peer) return;
    peers.delete(id);
    peer.pc.close();
    document.querySelectorAll(`[data-of="${CSS.escape(id)}"]`).forEach((each) => each.remove());
  }

  function make(id, attempt, seen) {
    drop(id);
    const pc = new RTCPeerConnection({ iceServers: relays() });
    const peer = { pc, attempt, page: seen, channel: null, videos: [] };
    peers.set(id, peer);
    pc.addEventListener("connectionstatechange", () => {
      if (peers.get(id) === peer) connection(id, pc.connectionState);
    });
    pc.addEventListener("datachannel", (event) => {
      peer.channel = event.channel;
      event.channel.addEventListener("message", (message) => heard(message.data));
    });
    pc.addEventListener("track", (event) => track(id, peer, event));
    return peer;
  }

  function track(id, peer, event) {
    const stream = new MediaStream([event.track]);
    if (event.track.kind === "audio") {
      const audio = document.createElement("audio");
      audio.autoplay = true;
      audio.dataset.of = id;
      audio.srcObject = stream;
      at("help-audio").append(audio);
      audio.play().catch(() => { at("help-sound").hidden = false; });
      return;
    }
    const place = peer.videos.push(event.track) - 1;
    if (id === "terminal") {
      (place === 0 ? at("help-camera") : screen).srcObject = stream;
      return;
    }
    const figure = document.createElement("figure");
    figure.dataset.of = id;
    const video = document.createElement("video");
    video.autoplay = true;
    video.playsInline = true;
    video.muted = true;
    video.srcObject = stream;
    const caption = document.createElement("figcaption");
    caption.textContent = (now?.parties || []).find((party) => party.id === id)?.name || id;
    figure.append(video, caption);
    at("help-others").append(figure);
  }

  function gathered(pc) {
    if (pc.iceGatheringState === "complete") return Promise.resolve();
    return new Promise((resolve) => {
      const late = setTimeout(resolve, GATHER_MS);
      pc.addEventListener("icegatheringstatechange", () => {
        if (pc.iceGatheringState === "complete") {
          clearTimeout(late);
          resolve();
        }
      });
    });
  }

  async function offered(from, attempt, sdp) {
    const known = peers.get(from);
    if (known && known.attempt > attempt) return;
    const party = now?.parties.find((each) => each.id === from);
    const peer = make(from, attempt, party?.page || 0);
    const stream = await ready;
    await peer.pc.setRemoteDescription({ type: "offer", sdp });
    const free = { audio: stream.getAudioTracks()[0], video: stream.getVideoTracks()[0] };
    for (const each of peer.pc.getTransceivers()) {
      const kind = each.receiver.track.kind;
      if (free[kind] && each.direction !== "stopped" && /send|recv/.test(each.currentDirection || "sendrecv")) {
        if (kind === "video" && each !== peer.pc.getTransceivers().find((one) => one.receiver.track.kind === "video")) continue;
        await each.sender.replaceTrack(free[kind]);
        each.direction = "sendrecv";
        free[kind] = null;
      }
    }
    await peer.pc.setLocalDescription(await peer.pc.createAnswer());
    await gathered(peer.pc);
    if (peers.get(from) === peer) await post("answer", from, peer.pc.localDescription.sdp, attempt);
  }

  async function offer(id, seen) {
    const attempt = (peers.get(id)?.attempt || 0) + 1;
    const peer = make(id, attempt, seen);
    const stream = await ready;
    for (const kind of ["audio", "video"]) {
      const mine = stream.getTracks().find((each) => each.kind === kind);
      peer.pc.addTransceiver(mine || kind, { direction: mine ? "sendrecv" : "recvonly" });
    }
    await peer.pc.setLocalDescription(await peer.pc.createOffer());
    await gathered(peer.pc);
    if (peers.get(id) === peer) await post("offer", id, peer.pc.localDescription.sdp, attempt);
  }

  function roster() {
    const parties = now.parties;
    const mine = parties.findIndex((party) => party.id === me);
    for (const id of [...peers.keys()]) if (!parties.some((party) => party.id === id)) drop(id);
    parties.forEach((party, place) => {
      if (place <= mine || mine < 0 || party.page === 0) return;
      if (peers.get(party.id)?.page !== party.page) chain = chain.then(() => offer(party.id, party.page)).catch(fault);
    });
  }

  function connection(id, state) {
    if (id !== "terminal") {
      const party = now?.parties.find((each) => each.id === id);
      if (state === "failed" && party) chain = chain.then(() => now.parties.indexOf(party) > now.parties.findIndex((each) => each.id === me) && offer(id, party.page)).catch(fault);
      return;
    }
    if (state === "connected") tell(say("connected"));
    if (state === "disconnected") tell(say("reconnecting"), "bad");
    if (state === "failed") tell(say("no_media"), "bad");
  }

  function fault(error) {
    console.warn("remote help:", error);
    tell(say("no_media"), "bad");
  }

  // What is said beside the pictures ------------------------------------------------------------------------------

  function guide(what) {
    const text = JSON.stringify(what);
    const channel = peers.get("terminal")?.channel;
    if (channel?.readyState === "open") {
      if (what.do !== "point" || channel.bufferedAmount < 4096) channel.send(text);
    } else if (what.do !== "point" && what.do !== "unpoint") {
      post("guide", "terminal", text);
    }
  }

  function heard(text) {
    let told;
    try {
      told = JSON.parse(text);
    } catch {
      return;
    }
    if (told.tell === "state") state(told);
    if (told.tell === "marked") box(told.box);
  }

  function state(told) {
    const press = document.querySelector('[data-tool="press"]');
    press.disabled = !told.control;
    at("help-ask").hidden = told.control;
    at("help-ask").disabled = told.asked;
    at("help-drop").hidden = !told.control;
    stage.toggleAttribute("data-control", Boolean(told.control));
    if (!told.control && tool === "press") choose("point");
    const words = [];
    if (told.note) words.push(say(told.note));
    if (told.control) words.push(say("control_on"));
    if (told.asked) words.push(say("control_asked"));
    if (told.private) words.push(say("private_on"));
    if (told.means === "voice") words.push(say("voice_only"));
    if (told.means === "text") words.push(say("text_only"));
    at("help-state").textContent = words.join(" · ");
    at("help-state").hidden = words.length === 0;
  }

  function box(shares) {
    mark.hidden = !shares;
    if (!shares) return;
    const [x, y, w, h] = shares;
    Object.assign(mark.style, { left: `${x * 100}%`, top: `${y * 100}%`, width: `${w * 100}%`, height: `${h * 100}%` });
  }

  function line(who, words) {
    const item = document.createElement("li");
    const name = document.createElement("b");
    name.textContent = who ? `${who}: ` : "";
    item.append(name, words);
    at("help-lines").append(item);
    item.scrollIntoView({ block: "nearest" });
  }

  function choose(name) {
    tool = name;
    document.querySelectorAll("[data-tool]").forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.tool === name)));
  }

  function shares(event) {
    const area = screen.getBoundingClientRect();
    const x = (event.clientX - area.left) / area.width;
    const y = (event.clientY - area.top) / area.height;
    return { x: Math.min(1, Math.max(0, x)), y: Math.min(1, Math.max(0, y)) };
  }

  let pointed = 0;
  screen.addEventListener("pointermove", (event) => {
    if (event.timeStamp - pointed < POINT_MS) return;
    pointed = event.timeStamp;
    guide({ do: "point", ...shares(event) });
  });
  screen.addEventListener("pointerleave", () => guide({ do: "unpoint" }));
  screen.addEventListener("click", (event) => {
    const where = shares(event);
    guide({ do: tool === "press" ? "press" : tool === "highlight" ? "highlight" : "point", ...where });
  });
  document.querySelectorAll("[data-tool]").forEach((each) => each.addEventListener("click", () => choose(each.dataset.tool)));
  at("help-clear").addEventListener("click", () => {
    guide({ do: "clear" });
    box(null);
  });
  at("help-ask").addEventListener("click", () => guide({ do: "ask_control" }));
  at("help-drop").addEventListener("click", () => guide({ do: "drop_control" }));
  at("help-suggest").addEventListener("submit", (event) => {
    event.preventDefault();
    const words = event.target.words.value.trim();
    if (words) guide({ do: "suggest", words });
    event.target.reset();
  });
  at("help-chat").addEventListener("submit", (event) => {
    event.preventDefault();
    const words = event.target.words.value.trim();
    if (words) {
      post("chat", "", words);
      line(say("me"), words);
    }
    event.target.reset();
  });
  at("help-mute").addEventListener("click", async (event) => {
    const stream = await ready;
    const quiet = event.target.getAttribute("aria-pressed") !== "true";
    stream.getAudioTracks().forEach((each) => { each.enabled = !quiet; });
    event.target.setAttribute("aria-pressed", String(quiet));
    event.target.textContent = say(quiet ? "unmute" : "mute");
  });
  at("help-sound").addEventListener("click", (event) => {
    document.querySelectorAll("#help-audio audio").forEach((each) => each.play());
    event.target.hidden = true;
  });

  // Notes and invitations do not leave the page: leaving would hang up.
  for (const form of [at("help-note"), at("help-hail")]) {
    form?.addEventListener("submit", async (event) => {
      event.preventDefault();
      const words = form.words?.value;
      const answer = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(new FormData(form)) });
      if (answer.ok && words) {
        const item = document.createElement("li");
        item.textContent = words;
        document.querySelector(".help-notes").append(item);
        form.reset();
      }
    });
  }

  // News ----------------------------------------------------------------------------------------------------------

  const source = new EventSource(`${base}/stream?page_key=${page}`);
  source.addEventListener("call", (event) => {
    now = JSON.parse(event.data);
    roster();
  });
  source.addEventListener("message", (event) => {
    if (!event.data) return;
    const { sender, message } = JSON.parse(event.data);
    if (message.kind === "offer") chain = chain.then(() => offered(sender, message.attempt, message.body)).catch(fault);
    if (message.kind === "answer") {
      const peer = peers.get(sender);
      if (peer && peer.attempt === message.attempt) peer.pc.setRemoteDescription({ type: "answer", sdp: message.body }).catch(fault);
    }
    if (message.kind === "chat") {
      const party = now?.parties.find((each) => each.id === sender);
      line(sender === "terminal" ? say("citizen") : party?.name || sender, message.body);
    }
    if (message.kind === "state" || message.kind === "guide") heard(message.body);
  });
  source.addEventListener("over", () => {
    over = true;
    source.close();
    for (const id of [...peers.keys()]) drop(id);
    tell(say("is_over"), "bad");
    own?.getTracks().forEach((each) => each.stop());
    setTimeout(() => location.assign("/help"), 2500);
  });
  source.addEventListener("error", () => {
    if (!over) tell(say("reconnecting"), "bad");
  });
  ready = media().then((stream) => (own = stream));
})();
