"""A signal light behind a Modbus relay board."""

import threading
from collections import deque
from pathlib import Path
from typing import ClassVar, Final

from drivers.simulate.modbus_server import ModbusServerSimulator

_COLOURS: Final = ("red", "green", "white")


class ModbusLampSimulator(ModbusServerSimulator):
    """A relay board, unit 1: coils 0, 1, 2 switch a red, a green and a white lamp."""

    driver: ClassVar[str] = "lamp/modbus-relay"

    def __init__(self, folder: Path, name: str = "lamp", *, seed: int = 0) -> None:
        self._coils = 0
        self._stuck = 0
        self._seen = threading.Lock()
        self._journal: deque[frozenset[str]] = deque(maxlen=1000)
        super().__init__(folder, name, seed=seed)

    @property
    def lit(self) -> frozenset[str]:
        """Colours that are lit now."""
        with self._seen:
            return self._colours()

    @property
    def journal(self) -> list[frozenset[str]]:
        """What was lit after each time that a coil was written, the last thousand times."""
        with self._seen:
            return list(self._journal)

    def stick(self, colour: str) -> None:
        """Weld the contact of a lamp: it stays lit."""
        with self._seen:
            self._stuck |= 1 << _COLOURS.index(colour)

    def powered_up(self) -> None:
        """Relays are off after power-up."""
        with self._seen:
            self._coils = 0

    def touched(self, function: int, address: int, values: list[int], written: list[int] | list[bool] | None) -> None:
        """Switch a lamp, or show which are lit."""
        with self._seen:
            if function == 5 and written is not None:
                bit = 1 << address
                self._coils = self._coils | bit if written[0] else self._coils & ~bit
                self._journal.append(self._colours())
            elif function == 1:
                values[0] = self._coils | self._stuck

    def _colours(self) -> frozenset[str]:
        on = self._coils | self._stuck
        return frozenset(colour for at, colour in enumerate(_COLOURS) if on >> at & 1)
