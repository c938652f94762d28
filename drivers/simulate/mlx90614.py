"""An MLX90614 infra-red thermometer behind an SC18IM704, a bridge from a serial line to I²C."""

from pathlib import Path
from typing import ClassVar, Final

from drivers.simulate.forehead import Forehead
from drivers.simulate.wire import PtySimulator

_ADDRESS: Final = 0x5A
_OK: Final = 0xF0
_NO_ADDRESS: Final = 0xF1


def _crc_table() -> tuple[int, ...]:
    """CRC-8 with x⁸ + x² + x + 1, by table: another way than the driver's, on purpose."""
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value * 2) ^ (0x107 if value & 0x80 else 0)
        table.append(value)
    return tuple(table)


_CRC: Final = _crc_table()


class Mlx90614Simulator(Forehead, PtySimulator):
    """The sensor, its registers, and the bridge before it. What it sees: see `Forehead`.

    Attributes:
        emissivity: in the sensor's EEPROM.
        sick: whether the sensor flags its readings as wrong.
    """

    driver: ClassVar[str] = "thermometer/mlx90614-smbus"

    def __init__(self, folder: Path, name: str = "thermometer", *, seed: int = 0) -> None:
        self.emissivity = 0.98
        self.sick = False
        self._unheard = b""
        self._status = _OK
        Forehead.__init__(self, seed)
        PtySimulator.__init__(self, folder, name, seed=seed)

    def powered_up(self) -> None:
        """Forget half a command."""
        self._unheard = b""
        self._status = _OK

    def heard(self, received: bytes) -> None:
        """Do what the bridge is told: one write and read with a repeated start, or its register I2CStat."""
        self._unheard += received
        while self._unheard:
            told = self._unheard
            if told[:1] == b"R" and len(told) >= 3:
                self._unheard = told[3:]
                self.say(bytes([self._status]))
            elif told[:1] == b"S" and len(told) >= 8:
                self._unheard = told[8:]
                if told[2:3] + told[4:5] + told[6:8] == b"\x01S\x03P":
                    self._transact(told[1], told[3], told[5])
            elif told[:1] in {b"R", b"S"}:
                return
            else:
                self._unheard = told[1:]

    def _transact(self, write: int, command: int, read: int) -> None:
        if write != _ADDRESS * 2 or read != _ADDRESS * 2 + 1:
            self._status = _NO_ADDRESS
            return
        self._status = _OK
        word = self._word(command)
        answer = bytes([word & 0xFF, word >> 8])
        check = 0
        for byte in (write, command, read, *answer):
            check = _CRC[check ^ byte]
        self.say(answer + bytes([check]))

    def _word(self, command: int) -> int:
        if command == 0x07:
            return self._raw(self.look()[0])
        if command == 0x06:
            return self._raw(self.own())
        if command == 0x24:
            return round(self.emissivity * 0xFFFF)
        return {0x3C: 0x1A2B, 0x3D: 0x0001, 0x3E: 0x4C5D, 0x3F: 0x0090}.get(command, 0)

    def _raw(self, celsius: float) -> int:
        return 0x8000 if self.sick else round((celsius + 273.15) * 50)
