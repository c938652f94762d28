"""A GY-MCU90640 thermal array."""

from pathlib import Path
from typing import ClassVar, Final

from drivers.simulate.forehead import Forehead
from drivers.simulate.wire import PtySimulator

_MEASURE_S: Final = 0.03
_ROWS: Final = 24
_COLUMNS: Final = 32
_BROKEN: Final = 183
"""A pixel that shows its greatest value whatever happens, as those of worn arrays do."""


class GyMcu90640Simulator(Forehead, PtySimulator):
    """A GY-MCU90640 on a serial line, in query mode, with a face in the middle and one broken pixel beside it.

    What it sees: see `Forehead`; the hall behind the face has the ambient temperature.

    Attributes:
        sums_words: whether its frames end in the sum of their words instead of that of their bytes.
    """

    driver: ClassVar[str] = "thermometer/gy-mcu90640"

    def __init__(self, folder: Path, name: str = "thermometer", *, seed: int = 0) -> None:
        self.sums_words = False
        self._unheard = b""
        Forehead.__init__(self, seed)
        PtySimulator.__init__(self, folder, name, seed=seed)

    def powered_up(self) -> None:
        """Forget half a command."""
        self._unheard = b""

    def heard(self, received: bytes) -> None:
        """Answer each query."""
        self._unheard += received
        while (at := self._unheard.find(b"\xa5\x35\x01\xdb")) >= 0:
            self._unheard = self._unheard[at + 4 :]
            self.pause(_MEASURE_S)
            self.say(self.frame())
        self._unheard = self._unheard[-3:]

    def frame(self) -> bytes:
        """Take a picture and put it into a frame."""
        object_c, ambient_c = self.look()
        pixels = [
            object_c if 8 <= at // _COLUMNS < 16 and 12 <= at % _COLUMNS < 20 else ambient_c
            for at in range(_ROWS * _COLUMNS)
        ]
        words = [round(c * 100) % 0x10000 for c in (*pixels, ambient_c)]
        words[_BROKEN] = 0x7FFF
        frame = b"\x5a\x5a\x02\x06" + b"".join(word.to_bytes(2, "little") for word in words)
        total = sum(words) + 0x5A5A + 0x0602 if self.sums_words else sum(frame)
        return frame + (total % 0x10000).to_bytes(2, "little")
