"""A serial device's end of a pty, at an address that stays the same through unplug and replug."""

import errno
import os
import pty
import random
import select
import threading
import time
import tty
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from drivers.simulate.contract import Garble

_PIECE_PAUSE_S = 0.02
_STUCK_S = 0.5


class Spoiler:
    """Spoils the next answer, once.

    Args:
        seed: of the randomness.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._next: Garble | None = None
        self._lock = threading.Lock()

    def arm(self, how: Garble | None) -> None:
        """Spoil the next answer like this, or not at all."""
        with self._lock:
            self._next = how

    def pieces(self, answer: bytes) -> list[bytes]:
        """What to send instead of `answer`: one piece, or several with pauses between them."""
        with self._lock:
            how, self._next = self._next, None
            if how is Garble.GARBAGE:
                return [self._random.randbytes(self._random.randint(3, 40)) + answer]
            if how is Garble.TRUNCATED:
                return [answer[: max(1, len(answer) // 2)]]
            if how is Garble.SPLIT:
                cuts = sorted(self._random.sample(range(1, len(answer)), min(4, len(answer) - 1)))
                return [answer[a:b] for a, b in zip([0, *cuts], [*cuts, len(answer)], strict=True)]
            if how is Garble.CHECKSUM:
                at = self._random.randrange(len(answer))
                return [answer[:at] + bytes([answer[at] ^ self._random.randint(1, 255)]) + answer[at + 1 :]]
            return [answer]


class FarEnd(ABC):
    """What a simulated device can count on, whatever wire it is on."""

    @abstractmethod
    def heard(self, received: bytes) -> None:
        """Bytes came in; answer with `say`. Runs in the simulator's thread."""

    @abstractmethod
    def powered_up(self) -> None:
        """The device got power: forget what a device forgets."""

    @abstractmethod
    def say(self, answer: bytes) -> None:
        """Send an answer, spoilt if a fault is armed; nothing while hanging or unplugged. Any thread may call it."""

    @abstractmethod
    def pause(self, seconds: float) -> None:
        """Take time, as the device does; ends early when the plug is pulled."""


class WireEnd(FarEnd):
    """What simulated devices on all wires do alike: spoil answers, hang, take their time.

    Args:
        spoiler: spoils the answers when told to.
    """

    def __init__(self, spoiler: Spoiler) -> None:
        self._spoiler = spoiler
        self._plug = threading.RLock()  # one at a time pulls or puts back the plug
        self._gone = threading.Event()
        self._silent_until = 0.0

    @abstractmethod
    def unplug(self) -> None:
        """Break the wire."""

    @abstractmethod
    def put(self, piece: bytes) -> None:
        """Put a piece of an answer on the wire."""

    def begin(self) -> None:
        """An answer begins. Nothing by default."""
        return

    def garble(self, how: Garble) -> None:
        """Spoil the next answer."""
        self._spoiler.arm(how)

    def hang(self, seconds: float) -> None:
        """Neither hear nor say anything for a while."""
        self._silent_until = time.monotonic() + seconds

    def close(self) -> None:
        """Stop for good."""
        self.unplug()

    def pause(self, seconds: float) -> None:
        """Take time, as the device does; ends early when the plug is pulled."""
        self._gone.wait(seconds)

    def say(self, answer: bytes) -> None:
        """Send an answer, spoilt if a fault is armed; nothing while hanging or unplugged. Any thread may call it."""
        if self._hanging or self._gone.is_set():
            return
        self.begin()
        for number, piece in enumerate(self._spoiler.pieces(answer)):
            if number:
                self.pause(_PIECE_PAUSE_S)
            self.put(piece)

    @property
    def _hanging(self) -> bool:
        return time.monotonic() < self._silent_until

    def _powered(self) -> None:
        """The plug is in again: nothing is armed, and the device has forgotten what a device forgets."""
        self._gone = threading.Event()
        self._silent_until = 0.0
        self._spoiler.arm(None)
        self.powered_up()


class PtySimulator(WireEnd):
    """A simulated device on a serial line: says what `heard` decides, in a thread of its own.

    A subclass sets its own state before it calls `super().__init__()`: the device is on the line from then on.

    Args:
        folder: where the address appears, as a link to the pty.
        name: the link's name.
        seed: of whatever is random.
    """

    driver: ClassVar[str]

    def __init__(self, folder: Path, name: str, *, seed: int = 0) -> None:
        self.address = folder / name
        super().__init__(Spoiler(seed))
        self._master = self._slave = self._wake = -1
        self._thread: threading.Thread | None = None
        self.replug()

    @abstractmethod
    def heard(self, received: bytes) -> None:
        """Bytes came in; answer with `say`. Runs in the simulator's thread."""

    def powered_up(self) -> None:
        """The device got power: forget what a device forgets. Nothing by default."""
        return

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options."""
        return {"port": str(self.address)}

    @property
    def plugged(self) -> bool:
        """Whether it is on the line."""
        return self._thread is not None

    def unplug(self) -> None:
        """Break the wire and take the address away."""
        with self._plug:
            thread, self._thread = self._thread, None
            if thread is None:
                return
            self._gone.set()
            self.address.unlink(missing_ok=True)
            os.eventfd_write(self._wake, 1)
            thread.join()
            for fd in (self._master, self._slave, self._wake):
                os.close(fd)
            self._master = self._slave = self._wake = -1

    def replug(self) -> None:
        """Make a new pty at the old address."""
        with self._plug:
            if self._thread is not None:
                return
            self._master, self._slave = pty.openpty()
            # our own hold on the client's end: a client that is killed must not hang up the line
            tty.setraw(self._slave)
            os.set_blocking(self._master, False)
            self._wake = os.eventfd(0)
            self._powered()
            self._thread = threading.Thread(target=self._run, name=f"simulated {self.driver}", daemon=True)
            self._thread.start()
            self.address.parent.mkdir(parents=True, exist_ok=True)
            fresh = self.address.with_name(f".{self.address.name}.new")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(os.ttyname(self._slave))
            fresh.replace(self.address)

    def put(self, piece: bytes) -> None:
        """Write it; nothing more once the plug is pulled."""
        rest = memoryview(piece)
        while rest and not self._gone.is_set():
            try:
                rest = rest[os.write(self._master, rest) :]
            except BlockingIOError:
                if not select.select([], [self._master], [], _STUCK_S)[1]:
                    return  # nobody reads: a real line loses these bytes too
            except OSError:
                return

    def _run(self) -> None:
        master, wake, gone = self._master, self._wake, self._gone
        poll = select.poll()
        poll.register(master, select.POLLIN)
        poll.register(wake, select.POLLIN)
        while not gone.is_set():
            poll.poll()
            if gone.is_set():
                return
            received = b""
            try:
                received = os.read(master, 4096)
            except BlockingIOError:
                continue
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
                continue
            if received and not self._hanging:
                self.heard(received)
