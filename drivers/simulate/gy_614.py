"""A GY-614 infra-red thermometer."""

import random
import threading
from pathlib import Path
from typing import ClassVar, Final

from drivers.simulate.wire import PtySimulator

_MEASURE_S: Final = 0.02


class Gy614Simulator(PtySimulator):
    """A GY-614 on a serial line, in query mode.

    Attributes:
        object_c: what it sees, degrees Celsius.
        ambient_c: its own temperature, degrees Celsius.
        noise_c: standard deviation of a reading.
    """

    driver: ClassVar[str] = "thermometer/gy-614"

    def __init__(self, folder: Path, name: str = "thermometer", *, seed: int = 0) -> None:
        self.object_c = 24.0
        self.ambient_c = 22.0
        self.noise_c = 0.05
        self._noise = random.Random(seed)
        self._counting = threading.Lock()
        self._readings = 0
        self._unheard = b""
        super().__init__(folder, name, seed=seed)

    @property
    def readings(self) -> int:
        """How many readings were asked for."""
        with self._counting:
            return self._readings

    def powered_up(self) -> None:
        """Forget half a command."""
        self._unheard = b""

    def heard(self, received: bytes) -> None:
        """Answer each query."""
        self._unheard += received
        while (at := self._unheard.find(b"\xa5\x15\xba")) >= 0:
            self._unheard = self._unheard[at + 3 :]
            self.pause(_MEASURE_S)
            with self._counting:
                self._readings += 1
            seen = (self.object_c + self._noise.gauss(0, self.noise_c), self.ambient_c)
            frame = b"\x5a\x5a\x45\x04" + b"".join(round(c * 100).to_bytes(2, "big", signed=True) for c in seen)
            self.say(frame + bytes([sum(frame) % 256]))
        self._unheard = self._unheard[-2:]
