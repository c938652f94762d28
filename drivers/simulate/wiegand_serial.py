"""A Wiegand converter on a serial line, and the cards that are shown to its reader."""

from pathlib import Path
from typing import ClassVar

from drivers.simulate.wire import PtySimulator


class WiegandSerialSimulator(PtySimulator):
    """A WIE232: says the data of each card that is shown in hexadecimal digits, and nothing else."""

    driver: ClassVar[str] = "code_scanner/wiegand-serial"

    def __init__(self, folder: Path, name: str = "code_scanner", *, seed: int = 0) -> None:
        super().__init__(folder, name, seed=seed)

    def heard(self, received: bytes) -> None:
        """Nothing: it only speaks."""

    def show(self, data: bytes) -> None:
        """Hold a card before the reader.

        Args:
            data: 3 bytes in a word of 26 bits, 4 in one of 34.
        """
        self.say(data.hex().upper().encode() + b"\r")
