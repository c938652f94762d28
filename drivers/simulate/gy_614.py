"""A GY-614 infra-red thermometer."""

from pathlib import Path
from typing import ClassVar, Final

from drivers.simulate.forehead import Forehead
from drivers.simulate.wire import PtySimulator

_MEASURE_S: Final = 0.02


class Gy614Simulator(Forehead, PtySimulator):
    """A GY-614 on a serial line, in query mode. What it sees: see `Forehead`."""

    driver: ClassVar[str] = "thermometer/gy-614"

    def __init__(self, folder: Path, name: str = "thermometer", *, seed: int = 0) -> None:
        self._unheard = b""
        Forehead.__init__(self, seed)
        PtySimulator.__init__(self, folder, name, seed=seed)

    def powered_up(self) -> None:
        """Forget half a command."""
        self._unheard = b""

    def heard(self, received: bytes) -> None:
        """Answer each query."""
        self._unheard += received
        while (at := self._unheard.find(b"\xa5\x15\xba")) >= 0:
            self._unheard = self._unheard[at + 3 :]
            self.pause(_MEASURE_S)
            frame = b"\x5a\x5a\x45\x04" + b"".join(round(c * 100).to_bytes(2, "big", signed=True) for c in self.look())
            self.say(frame + bytes([sum(frame) % 256]))
        self._unheard = self._unheard[-2:]
