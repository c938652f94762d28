"""Remote help: pictures a second, glass to glass, sound, pointer and CPU, on a good network and on bad ones.

* A network each: our process for pictures and sound, fed as a terminal feeds it, and a peer in another network
  namespace (`lossy_wire`). The peer is aiortc with our buffer, in the place of a browser, whose own is as patient.
* `bare_aiortc`: the camera's picture alone, aiortc to aiortc in one process; on the good network, and what comes of it
  over the same bad wires.
* `gone`: nothing gets through for so many seconds; when pictures are there again, and what was to be done for it.
* `effect`: touches of the screens and passages of the gate without a call and in one, see `help_effect`.

Glass to glass is from the camera's picture being put into the ring to the peer having it decoded, in ms.
"""

import asyncio
import subprocess
import time
from collections.abc import Sequence
from typing import Final

from benchmarks import help_bare
from benchmarks.help_call import WORKER, Peer, Worker, connect, counted
from benchmarks.lossy_wire import GONE, Fault, Wire, lossy_wire, why_not
from kiosk.help import messages

NETWORKS: Final = {
    "loss_5_percent": Fault(loss=0.05),
    "loss_20_percent": Fault(loss=0.2),
    "delay_200_ms_each_way": Fault(delay=0.2),
    "loss_20_percent_delay_100_ms": Fault(loss=0.2, delay=0.1),
}
BARS: Final = {"camera_fps": 14.5, "screen_fps": 7.5, "camera_fps_at_5_percent": 12.0, "gone_picture_back_s": 30.0}
"""What a call needs; all but the last are lower limits."""


def _call(seconds: float, wire: Wire | None, fault: Fault) -> dict[str, object]:
    worker, peer = Worker(wire.near if wire else ()), Peer(wire.far if wire else ())
    try:
        worker.until(messages.Ready)
        if wire is not None:
            wire.be(fault)
        connected = connect(worker, peer)
        return {"connect_seconds": round(connected, 2), **counted(worker, peer, seconds)}
    finally:
        worker.close()
        peer.close()


def gone(wire: Wire, seconds: float, program: Sequence[str] = WORKER) -> dict[str, object]:
    """Let nothing through for a while in the middle of a call.

    Args:
        wire: Between terminal and peer.
        seconds: For so long.
        program: What is run for pictures and sound.

    Returns:
        Seconds from the line's return to the first new picture, and how often it was connected anew for that.
    """
    wire.be(Fault())
    worker, peer = Worker(wire.near, program), Peer(wire.far)
    try:
        worker.until(messages.Ready)
        connect(worker, peer)
        peer.ask({"count": 1})
        peer.said()
        wire.be(GONE)
        began = time.monotonic()
        state, failed = "connected", None
        while time.monotonic() - began < seconds:
            said = worker.read()  # its figures come every two seconds
            if isinstance(said, messages.State):
                state = said.state
            if state == "failed" and failed is None:
                failed = round(time.monotonic() - began, 1)
        wire.be(Fault())
        back = time.monotonic()
        attempts = 1
        if state != "connected":  # as the call does when it hears the hub again
            attempts += 1
            connect(worker, peer, attempts)
        peer.ask({"fresh": True})
        seen: float = peer.said()["at"]
        return {
            "seconds": seconds,
            "given_up_after_s": failed,
            "connected_anew": attempts - 1,
            "picture_back_after_s": round(seen - back, 2),
        }
    finally:
        worker.close()
        peer.close()


def measure(seconds: float, away: float, effect: int) -> dict[str, object]:
    """Measure.

    Args:
        seconds: for each network.
        away: how long nothing gets through in `gone`.
        effect: how many people pass the gate, and how many touches are made, without a call and in one; 0: none.

    Returns:
        Figures a network; `not_measured` says what could not be, and why.
    """
    found: dict[str, dict[str, object]] = {
        "bare_aiortc": asyncio.run(help_bare.alone(seconds)),
        "good": _call(seconds, None, Fault()),
    }
    missing: dict[str, str] = {}
    kind, why = "", why_not()
    if why:
        missing = dict.fromkeys((*NETWORKS, "gone"), why)
    else:
        try:
            with lossy_wire() as wire:
                kind = wire.kind
                for name, fault in NETWORKS.items():
                    found[name] = {
                        **_call(seconds, wire, fault),
                        "bare_aiortc": help_bare.over(wire, fault, seconds),
                    }
                found["gone"] = gone(wire, away)
        except (subprocess.CalledProcessError, OSError, EOFError) as error:
            missing["bad networks"] = f"{type(error).__name__}: {error}"[:200]
    figures: dict[str, object] = {"networks": found, "wire": kind, "not_measured": missing, "bars": _bars(found)}
    if effect:
        from benchmarks.help_effect import effects  # noqa: PLC0415  the whole program, only where it is measured

        figures["effect"] = effects(effect)
    return figures


def _bars(found: dict[str, dict[str, object]]) -> dict[str, object]:
    """Each bar that could be measured, its figure, and whether it is held."""
    places = {
        "camera_fps": ("good", "camera_fps"),
        "screen_fps": ("good", "screen_fps"),
        "camera_fps_at_5_percent": ("loss_5_percent", "camera_fps"),
        "gone_picture_back_s": ("gone", "picture_back_after_s"),
    }
    told: dict[str, object] = {}
    for bar, (network, figure) in places.items():
        measured = found.get(network, {}).get(figure)
        if isinstance(measured, (int, float)):
            most = bar == "gone_picture_back_s"
            held = measured <= BARS[bar] if most else measured >= BARS[bar]
            told[bar] = {"bar": BARS[bar], "measured": measured, "held": held}
    return told
