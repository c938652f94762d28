"""A call for `benchmarks help` and its tests: our process for pictures and sound, fed as by a terminal, and a peer.

What the hub passes on goes through pipes here.
"""

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any, Final, TypeVar

import numpy as np

from benchmarks.help_peer import FPS, age, stamped
from kiosk.help import messages
from kiosk.vision.children import environment
from kiosk.vision.frames import Ring
from kiosk.wire.help import Relay

PARTY: Final = "hall/peer"
WORKER: Final = ("-m", "kiosk.help.worker")
PATIENCE_SECONDS: Final = 90.0
Reported = TypeVar("Reported", bound=messages.Report)


class Worker:
    """Our process, and the rings that it is fed from.

    Args:
        before: what its command line begins with.
        program: what is run; our own module, or a program that runs it otherwise.
        rings: camera, screen and the staff's picture, fed by somebody else; None: a moving picture, and a still one.
    """

    def __init__(
        self,
        before: Sequence[str] = (),
        program: Sequence[str] = WORKER,
        rings: tuple[Ring, Ring, Ring] | None = None,
    ) -> None:
        self._own = rings is None
        self.rings = rings or (_ring(), _ring(), _ring())
        ours, theirs = socket.socketpair()
        fds = (theirs.fileno(), *(ring.fd for ring in self.rings))
        # `ip netns exec` becomes the program, so the parent is still this process.
        words = [*before, sys.executable, *program, str(os.getpid()), *map(str, fds), ""]
        self.process = subprocess.Popen(words, pass_fds=fds, env=environment(), stdin=subprocess.DEVNULL)
        theirs.close()
        ours.settimeout(PATIENCE_SECONDS)
        self._line = ours
        self.reports: list[messages.Report] = []
        self.late: list[float] = []
        """How many ms what the peer sent through the channel took."""
        self._over = threading.Event()
        self._feeder = threading.Thread(target=self._feed, daemon=True)
        if self._own:
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
        """Have something done."""
        self._line.sendall(messages.pack(order))

    def read(self) -> messages.Report:
        """The next that it says.

        Raises:
            TimeoutError: nothing came; its figures come every two seconds.
            EOFError: it has ended.
        """
        head = self._line.recv(messages.LENGTH.size, socket.MSG_WAITALL)
        if len(head) < messages.LENGTH.size:
            raise EOFError("the process for pictures and sound has ended")
        said = messages.report_of(self._line.recv(messages.LENGTH.unpack(head)[0], socket.MSG_WAITALL))
        if isinstance(said, messages.Told):
            with contextlib.suppress(ValueError):  # something else was sent
                self.late.append((time.monotonic() - float(said.text)) * 1000)
        else:
            self.reports.append(said)
        return said

    def until(self, kind: type[Reported]) -> Reported:
        """The next of a kind."""
        while True:
            said = self.read()
            if isinstance(said, kind):
                return said

    def until_state(self, *wanted: str) -> messages.State:
        """The next that says that the connection is so."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            said = self.read()
            if isinstance(said, messages.State) and said.state in wanted:
                return said
        raise TimeoutError(f"not {wanted} within {PATIENCE_SECONDS} s")

    def figures(self, seconds: float) -> dict[str, object]:
        """What it reports for so long, together."""
        end = time.monotonic() + seconds
        self.late.clear()
        found = []
        while time.monotonic() < end:
            found.append(self.until(messages.Figures))
        whole = sum(each.seconds for each in found)
        pointed = sorted(self.late)
        old = [each for each in (self._staff_age() for _ in range(20)) if each is not None]
        return {
            "staff_fps": round(sum(each.staff_frames for each in found) / whole, 1),
            "staff_sound_share": round(sum(each.heard_samples for each in found) / (48_000 * whole), 2),
            "staff_glass_to_ring_ms": round(statistics.median(old)) if old else None,
            "pointer_ms_p50": round(pointed[len(pointed) // 2]) if pointed else None,
            "pointer_ms_p95": round(pointed[int(len(pointed) * 0.95)]) if pointed else None,
            "pointers_a_second": round(len(pointed) / whole, 1),
            "cpu_of_a_core": round(sum(each.cpu_seconds for each in found) / whole, 2),
            "steps_down": max(each.slower for each in found),
        }

    def lowest(self) -> int:
        """How many steps below the best it went so far; waits for its next figures."""
        while True:
            asked = time.monotonic()
            self.until(messages.Figures)
            if time.monotonic() - asked > 0.3:  # not one that was waiting to be read
                return max(each.slower for each in self.reports if isinstance(each, messages.Figures))

    def _staff_age(self) -> float | None:
        """How old the staff's picture is that is in the ring, in ms."""
        found = self.rings[2].copy()
        return None if found is None else age(found.image, time.monotonic())

    def close(self) -> None:
        """End it."""
        self._over.set()
        if self._own:
            self._feeder.join()
        self._line.close()
        self.process.kill()
        self.process.wait()
        if self._own:
            for ring in self.rings:
                ring.close()


def _ring() -> Ring:
    return Ring.create(slots=3, height=960, width=640)


class Peer:
    """The other end, in a process of its own.

    Args:
        before: what its command line begins with.
        turn: URL, name and password of a TURN server, through which alone it connects.
    """

    def __init__(self, before: Sequence[str] = (), turn: Sequence[str] = ()) -> None:
        self.process = subprocess.Popen(
            [*before, sys.executable, "-m", "benchmarks.help_peer", *turn],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )

    def ask(self, question: dict[str, object]) -> None:
        """Ask, and do not wait."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()

    def said(self) -> dict[str, Any]:
        """The next answer.

        Raises:
            EOFError: it has ended.
        """
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise EOFError("the peer has ended")
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


def connect(worker: Worker, peer: Peer, attempt: int = 1, relays: tuple[Relay, ...] = ()) -> float:
    """Offer, answer, and wait until both are connected.

    Returns:
        Seconds from the answer to the connection.
    """
    worker.tell(messages.Offer(party=PARTY, attempt=attempt, relays=relays))
    made = worker.until(messages.Made)
    while made.attempt != attempt:
        made = worker.until(messages.Made)
    peer.ask({"offer": made.sdp})
    answer = peer.said()["answer"]
    began = time.monotonic()
    worker.tell(messages.Answered(party=PARTY, attempt=attempt, sdp=answer))
    worker.until_state("connected")
    return time.monotonic() - began


def counted(worker: Worker, peer: Peer, seconds: float) -> dict[str, object]:
    """What comes through both ways within some seconds."""
    peer.ask({"count": seconds})
    figures = worker.figures(seconds)
    return {**peer.said(), **figures}
