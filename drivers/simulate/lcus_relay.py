"""A turnstile behind an LCUS relay board, its sensors at a Modbus board on a second line."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from drivers.simulate.modbus_relay import ModbusRelaySimulator
from drivers.simulate.turnstile import People, Turnstile
from drivers.simulate.wire import PtySimulator


class Talk(StrEnum):
    """What a board says to what it hears. Boards of one name differ in this."""

    ANSWERS = "answers"
    """The state of the relay, when asked."""
    ECHOES = "echoes"
    """What it heard."""
    SILENT = "silent"


class LcusRelaySimulator(PtySimulator, People):
    """An LCUS board whose first relay opens the turnstile; inputs 0, 1, 2 of the other board: beam A, beam B, door.

    Faults of the line happen on the relay's; those of the sensors are in `inputs`.
    """

    driver: ClassVar[str] = "barrier/lcus"

    def __init__(
        self, folder: Path, name: str = "barrier", *, talk: Talk = Talk.ANSWERS, sensors: bool = True, seed: int = 0
    ) -> None:
        self.turnstile = Turnstile()
        self.inputs: ModbusRelaySimulator | None = None
        if sensors:
            self.inputs = ModbusRelaySimulator(folder, f"{name}_inputs", turnstile=self.turnstile, seed=seed + 1)
        self._talk = talk
        self._on = False
        self._unheard = b""
        self.stuck = False
        """The relay's contacts are welded: commands change nothing."""
        super().__init__(folder, name, seed=seed)

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options."""
        given: dict[str, str | int | float | bool] = {**super().options, "answers": self._talk is Talk.ANSWERS}
        if self.inputs is not None:
            given |= {"inputs_port": str(self.inputs.address), "beam_a": 0, "beam_b": 1, "door": 2}
        return given

    def powered_up(self) -> None:
        """Relays are off after power-up."""
        self._switch(on=False)

    def heard(self, received: bytes) -> None:
        """Obey each frame whose sum agrees, and answer as this board does."""
        self._unheard += received
        while (start := self._unheard.find(b"\xa0")) >= 0 and len(self._unheard) >= start + 4:
            frame = self._unheard[start : start + 4]
            if sum(frame[:3]) & 0xFF != frame[3]:
                self._unheard = self._unheard[start + 1 :]
                continue
            self._unheard = self._unheard[start + 4 :]
            if frame[1] == 1:
                self._obey(frame)

    def unplug(self) -> None:
        """Pull both plugs."""
        super().unplug()
        if self.inputs is not None:
            self.inputs.unplug()

    def replug(self) -> None:
        """Put both back."""
        super().replug()
        if self.inputs is not None:
            self.inputs.replug()

    def hang(self, seconds: float) -> None:
        """Neither board hears or says anything for a while."""
        super().hang(seconds)
        if self.inputs is not None:
            self.inputs.hang(seconds)

    def close(self) -> None:
        """Stop both for good."""
        super().close()
        if self.inputs is not None:
            self.inputs.close()

    def _obey(self, frame: bytes) -> None:
        operation = frame[2]
        if operation < 4:
            self._switch(on=operation in {1, 3})
        elif operation == 4:
            self._switch(on=not self._on)
        if self._talk is Talk.ECHOES:
            self.say(frame)
        elif self._talk is Talk.ANSWERS and operation >= 2:
            self.say(b"\xa0\x01\x01\xa2" if self._on else b"\xa0\x01\x00\xa1")

    def _switch(self, *, on: bool) -> None:
        if not self.stuck:
            self._on = on
            self.turnstile.switch(on=on)
