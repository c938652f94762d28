"""What simulated serial code scanners have in common: a light, and the codes that are held before it."""

import threading
from pathlib import Path
from typing import Final

from drivers.simulate.wire import PtySimulator

_DECODE_S: Final = 0.03


class TriggeredScanner(PtySimulator):
    """A code scanner on a serial line: sends what is held before it while its light is on, once for each light.

    A subclass calls `trigger` when it is told to, and `save` when it is told to write to its flash.

    Args:
        folder: where its address appears.
        name: of the address.
        suffix: what it sends after a code.
        seed: of the faults.
    """

    def __init__(self, folder: Path, name: str = "code_scanner", *, suffix: bytes = b"\r", seed: int = 0) -> None:
        self._light = False
        self._saved = 0
        self._held: bytes | None = None
        self._looking = threading.RLock()
        self._suffix = suffix
        self._unheard = b""
        super().__init__(folder, name, seed=seed)

    @property
    def light(self) -> bool:
        """Whether it is looking for a code."""
        with self._looking:
            return self._light

    @property
    def saved(self) -> int:
        """How often settings were written to its flash, which wears out."""
        with self._looking:
            return self._saved

    def show(self, payload: bytes) -> None:
        """Hold a code before it, until `hide`."""
        with self._looking:
            self._held = payload
        self._look()

    def hide(self) -> None:
        """Take the code away."""
        with self._looking:
            self._held = None

    def powered_up(self) -> None:
        """Light off, half a command forgotten."""
        with self._looking:
            self._light = False
            self._unheard = b""

    def trigger(self, *, on: bool) -> None:
        """Look for a code, or stop."""
        with self._looking:
            self._light = on
        self._look()

    def save(self) -> None:
        """Write to the flash."""
        with self._looking:
            self._saved += 1

    def deliver(self, payload: bytes) -> None:
        """Send a code: bare, with its suffix."""
        self.say(payload + self._suffix)

    def _look(self) -> None:
        """Decode and send, if the light is on and a code is there; the light goes out with the code."""
        self.pause(_DECODE_S)
        with self._looking:
            payload = self._held
            if payload is None or not self._light:
                return
            self._light = False
            self.deliver(payload)
