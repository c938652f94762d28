"""An HLK-LD2410 radar."""

import threading
from pathlib import Path
from typing import ClassVar, Final

from drivers.simulate.wire import PtySimulator

_EVERY_S: Final = 0.1
_ACKNOWLEDGEMENTS: Final = {
    bytes.fromhex("FDFCFBFA0400FF00010004030201"): bytes.fromhex("FDFCFBFA0800FF0100000100400004030201"),
    bytes.fromhex("FDFCFBFA0200A00004030201"): bytes.fromhex("FDFCFBFA0C00A001000000010201 16240622 04030201"),
    bytes.fromhex("FDFCFBFA0200FE0004030201"): bytes.fromhex("FDFCFBFA0400FE01000004030201"),
}
"""Commands and what the manual prints as their acknowledgements: enable, firmware, end."""
_ENABLE, _, _END = _ACKNOWLEDGEMENTS


class Ld2410Simulator(PtySimulator):
    """A radar that reports ten times a second, and is silent while it is being configured.

    Attributes:
        moving_m: distance of somebody who moves, in metres, or None.
        still_m: distance of somebody who stands still, in metres, or None.
        engineering: whether its reports are the long ones.
    """

    driver: ClassVar[str] = "presence/ld2410"

    def __init__(self, folder: Path, name: str = "presence", *, seed: int = 0) -> None:
        self.moving_m: float | None = None
        self.still_m: float | None = None
        self.engineering = False
        self._configuring = False
        self._unheard = b""
        self._reporter: threading.Thread | None = None
        super().__init__(folder, name, seed=seed)

    def powered_up(self) -> None:
        """Begin to report."""
        self._configuring = False
        self._unheard = b""
        name = f"simulated {self.driver}, reports"
        self._reporter = threading.Thread(target=self._report, args=(self._gone,), name=name, daemon=True)
        self._reporter.start()

    def unplug(self) -> None:
        """Stop to report before the wire goes: its descriptor may be somebody else's right after."""
        with self._plug:
            self._gone.set()
            if self._reporter is not None:
                self._reporter.join()
            super().unplug()

    def heard(self, received: bytes) -> None:
        """Acknowledge what it is told."""
        self._unheard += received
        while found := [(at, told) for told in _ACKNOWLEDGEMENTS if (at := self._unheard.find(told)) >= 0]:
            at, told = min(found)
            self._unheard = self._unheard[at + len(told) :]
            if told == _ENABLE:
                self._configuring = True
            elif not self._configuring:
                continue
            self.say(_ACKNOWLEDGEMENTS[told])
            if told == _END:
                self._configuring = False
        self._unheard = self._unheard[-16:]

    def _report(self, gone: threading.Event) -> None:
        while not gone.wait(_EVERY_S):
            if not self._configuring:
                self.say(self.frame())

    def frame(self) -> bytes:
        """Put what it sees into a report."""
        state = (self.moving_m is not None) + 2 * (self.still_m is not None)
        target = bytes([state])
        for distance in (self.moving_m, self.still_m):
            target += round((distance or 0) * 100).to_bytes(2, "little") + bytes([0 if distance is None else 60])
        target += round((self.moving_m or self.still_m or 0) * 100).to_bytes(2, "little")
        more = bytes([8, 8]) + bytes(18) + b"\x80\x01" if self.engineering else b""
        data = bytes([1 if self.engineering else 2, 0xAA]) + target + more + b"\x55\x00"
        return b"\xf4\xf3\xf2\xf1" + len(data).to_bytes(2, "little") + data + b"\xf8\xf7\xf6\xf5"
