"""A GM65 code scanner, and the codes that are held before it."""

import threading
from pathlib import Path
from typing import ClassVar, Final

from drivers.simulate.wire import PtySimulator

_DECODE_S: Final = 0.03
_VERSION: Final = 0x87


class Gm65Simulator(PtySimulator):
    """A GM65 on a serial line: sends what is held before it while its light is on, once each time it is shown."""

    driver: ClassVar[str] = "code_scanner/gm65"

    def __init__(self, folder: Path, name: str = "code_scanner", *, suffix: bytes = b"\r", seed: int = 0) -> None:
        self._registers: dict[int, int] = {}
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
            return bool(self._registers.get(0x0002, 0) & 1)

    @property
    def saved(self) -> int:
        """How often the settings were written to its flash, which wears out."""
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
        """Load the settings as delivered: manual mode, light off."""
        with self._looking:
            self._registers = {0x0000: 0xD4, 0x00E2: _VERSION}
            self._unheard = b""

    def heard(self, received: bytes) -> None:
        """Read and write registers."""
        self._unheard += received
        while (start := self._unheard.find(b"\x7e\x00")) >= 0 and len(self._unheard) >= start + 9:
            kind, register = self._unheard[start + 2], int.from_bytes(self._unheard[start + 4 : start + 6], "big")
            value = self._unheard[start + 6]
            self._unheard = self._unheard[start + 9 :]
            with self._looking:
                answer = self._registers.get(register, 0) if kind == 0x07 else 0
                if kind == 0x08:
                    self._registers[register] = value
                self._saved += kind == 0x09
            self.say(b"\x02\x00\x00\x01" + bytes([answer]) + b"\x33\x31")
            if kind == 0x08 and register == 0x0002:
                self._look()

    def _look(self) -> None:
        """Decode and send, if the light is on and a code is there; the light goes out with the code."""
        self.pause(_DECODE_S)
        with self._looking:
            payload = self._held
            if payload is None or not self.light or self._registers[0x0000] & 0b11 not in {0b01, 0b10}:
                return
            self._registers[0x0002] = 0
            self.say(payload + self._suffix)
