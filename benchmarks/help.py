"""Remote help: our process for pictures and sound against a bare aiortc peer, on a good network and on bad ones.

Bad networks are two network namespaces with `tc netem` between them, which needs root; without it only the good one is
measured and the report says so. `bare` is the same picture sent by aiortc alone, without rings and without a process.
"""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np

from benchmarks.help_peer import FPS, Stamped, age, stamped
from kiosk.help import messages
from kiosk.vision.children import environment
from kiosk.vision.frames import Ring

NETWORKS: Final = {
    "good": "",
    "loss_5_percent": "loss 5%",
    "loss_20_percent": "loss 20%",
    "delay_200_ms": "delay 200ms",
}
_NEAR, _FAR = "kioskhelp0", "kioskhelp1"


def _ip(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


@contextmanager
def _network(netem: str) -> Iterator[tuple[list[str], list[str]]]:
    """Two namespaces with a wire between; what to put before a command to run it in each."""
    with contextlib.ExitStack() as stack:
        for name in (_NEAR, _FAR):
            with contextlib.suppress(subprocess.CalledProcessError):
                _ip("ip", "netns", "del", name)
            _ip("ip", "netns", "add", name)
            stack.callback(subprocess.run, ["ip", "netns", "del", name], check=False, capture_output=True)
        _ip("ip", "link", "add", "kh0", "netns", _NEAR, "type", "veth", "peer", "name", "kh1", "netns", _FAR)
        for name, link, address in ((_NEAR, "kh0", "10.77.0.1/24"), (_FAR, "kh1", "10.77.0.2/24")):
            inside = ("ip", "netns", "exec", name)
            _ip(*inside, "ip", "addr", "add", address, "dev", link)
            _ip(*inside, "ip", "link", "set", link, "up")
            _ip(*inside, "ip", "link", "set", "lo", "up")
            if netem:
                _ip(*inside, "tc", "qdisc", "add", "dev", link, "root", "netem", *netem.split())
        yield ["ip", "netns", "exec", _NEAR], ["ip", "netns", "exec", _FAR]


class _Worker:
    """Our process, and the rings that it is fed from."""

    def __init__(self, before: list[str]) -> None:
        self.rings = [Ring.create(slots=3, height=960, width=640) for _ in range(3)]
        ours, theirs = socket.socketpair()
        fds = (theirs.fileno(), *(ring.fd for ring in self.rings))
        # `ip netns exec` becomes the program, so the parent is still this process.
        words = [*before, sys.executable, "-m", "kiosk.help.worker", str(os.getpid()), *map(str, fds), ""]
        self.process = subprocess.Popen(words, pass_fds=fds, env=environment())
        theirs.close()
        ours.settimeout(90)
        self._line = ours
        self.reports: list[messages.Report] = []
        self._over = threading.Event()
        self._feeder = threading.Thread(target=self._feed, daemon=True)
        self._feeder.start()

    def _feed(self) -> None:
        ground = np.random.default_rng(2).integers(0, 255, (480, 640, 3), np.uint8) // 4 + 80
        screen = np.full((960, 540, 3), 245, np.uint8)
        number = 0
        while not self._over.wait(1 / FPS):
            number += 1
            picture = np.roll(ground, number * 8, axis=1).copy()
            stamped(picture, time.monotonic())
            self.rings[0].put(picture, number, time.monotonic())
            self.rings[1].put(screen, number, time.monotonic())

    def tell(self, order: messages.Order) -> None:
        self._line.sendall(messages.pack(order))

    def until(self, kind: type[messages.Report]) -> Any:
        while True:
            head = self._line.recv(messages.LENGTH.size, socket.MSG_WAITALL)
            body = self._line.recv(messages.LENGTH.unpack(head)[0], socket.MSG_WAITALL)
            self.reports.append(messages.report_of(body))
            if isinstance(self.reports[-1], kind):
                return self.reports[-1]

    def figures(self, seconds: float) -> list[messages.Figures]:
        """What it reports for so long."""
        end = time.monotonic() + seconds
        found = []
        while time.monotonic() < end:
            found.append(self.until(messages.Figures))
        return found

    def staff_age(self) -> float | None:
        """How old the staff's picture is that is in the ring."""
        found = self.rings[2].copy()
        return None if found is None else age(found.image, time.monotonic())

    def close(self) -> None:
        self._over.set()
        self._line.close()
        self.process.kill()
        self.process.wait()
        for ring in self.rings:
            ring.close()


def _call(seconds: float, near: list[str], far: list[str]) -> dict[str, object]:
    worker = _Worker(near)
    peer = subprocess.Popen(
        [*far, sys.executable, "-m", "benchmarks.help_peer", str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        assert peer.stdin is not None
        assert peer.stdout is not None
        worker.until(messages.Ready)
        worker.tell(messages.Offer(party="peer", attempt=1))
        made: messages.Made = worker.until(messages.Made)
        peer.stdin.write(json.dumps({"sdp": made.sdp}) + "\n")
        peer.stdin.flush()
        answer = json.loads(peer.stdout.readline())
        began = time.monotonic()
        worker.tell(messages.Answered(party="peer", attempt=1, sdp=answer["sdp"]))
        state = worker.until(messages.State)
        while state.state != "connected":
            state = worker.until(messages.State)
        connected = time.monotonic() - began
        figures = worker.figures(seconds)
        ages = [found for found in (worker.staff_age() for _ in range(20)) if found is not None]
        found: dict[str, object] = json.loads(peer.stdout.readline() or "{}")
        whole = sum(each.seconds for each in figures)
        return {
            "connect_seconds": round(connected, 2),
            **found,
            "staff_fps": round(sum(each.staff_frames for each in figures) / whole, 1),
            "staff_glass_to_ring_ms": round(statistics.median(ages)) if ages else None,
            "cpu_of_a_core": round(sum(each.cpu_seconds for each in figures) / whole, 2),
        }
    finally:
        peer.kill()
        peer.wait()
        worker.close()


async def _bare(seconds: float) -> dict[str, object]:
    """Aiortc to aiortc in this process, the camera's picture alone."""
    from aiortc import RTCPeerConnection  # noqa: PLC0415  loaded already, named here

    from benchmarks.help_peer import Counted  # noqa: PLC0415  the same

    one, other, counted = RTCPeerConnection(), RTCPeerConnection(), Counted()
    other.on("track", lambda track: asyncio.ensure_future(counted.take(track)))
    one.addTrack(Stamped())
    await one.setLocalDescription(await one.createOffer())
    await other.setRemoteDescription(one.localDescription)
    await other.setLocalDescription(await other.createAnswer())
    await one.setRemoteDescription(other.localDescription)
    await asyncio.sleep(2)
    counted.frames = 0
    counted.ages.clear()
    began, cpu = time.monotonic(), time.process_time()
    await asyncio.sleep(seconds)
    took, spent = time.monotonic() - began, time.process_time() - cpu
    ages = sorted(counted.ages)
    await one.close()
    await other.close()
    return {
        "camera_fps": round(counted.frames / took, 1),
        "glass_to_glass_ms_p50": round(ages[len(ages) // 2]) if ages else None,
        "cpu_of_a_core_both_ends": round(spent / took, 2),
    }


def measure(seconds: float) -> dict[str, object]:
    """Measure.

    Args:
        seconds: for each network.

    Returns:
        Figures a network; `not_measured` says what could not be, and why.
    """
    found: dict[str, object] = {"bare_aiortc": asyncio.run(_bare(seconds))}
    missing: dict[str, str] = {}
    wires = os.geteuid() == 0 and shutil.which("ip") is not None and shutil.which("tc") is not None
    for name, netem in NETWORKS.items():
        if not netem:
            found[name] = _call(seconds, [], [])
        elif not wires:
            missing[name] = "needs root, ip and tc"
        else:
            try:
                with _network(netem) as (near, far):
                    found[name] = _call(seconds, near, far)
            except (subprocess.CalledProcessError, OSError, AssertionError) as error:
                missing[name] = f"{type(error).__name__}: {error}"[:200]
    return {"networks": found, "not_measured": missing}
