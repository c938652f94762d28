"""A GM65 code scanner."""

from typing import ClassVar, Final

from drivers.simulate.triggered_scanner import TriggeredScanner

_VERSION: Final = 0x87


class Gm65Simulator(TriggeredScanner):
    """A GM65 on a serial line."""

    driver: ClassVar[str] = "code_scanner/gm65"

    def powered_up(self) -> None:
        """Load the settings as delivered: manual mode, light off."""
        super().powered_up()
        self._registers = {0x0000: 0xD4, 0x00E2: _VERSION}

    def heard(self, received: bytes) -> None:
        """Read and write registers."""
        self._unheard += received
        while (start := self._unheard.find(b"\x7e\x00")) >= 0 and len(self._unheard) >= start + 9:
            kind, register = self._unheard[start + 2], int.from_bytes(self._unheard[start + 4 : start + 6], "big")
            value = self._unheard[start + 6]
            self._unheard = self._unheard[start + 9 :]
            answer = self._registers.get(register, 0) if kind == 0x07 else 0
            if kind == 0x08:
                self._registers[register] = value
            if kind == 0x09:
                self.save()
            triggered = kind == 0x08 and register == 0x0002
            lit = bool(value & 1) and self._registers[0x0000] & 0b11 in {0b01, 0b10}
            if triggered and not lit:
                self.trigger(on=False)  # what is acknowledged is done
            self.say(b"\x02\x00\x00\x01" + bytes([answer]) + b"\x33\x31")
            if triggered and lit:
                self.trigger(on=True)
