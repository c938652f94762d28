"""The sensors of a lane, at the inputs of a Modbus RTU board."""

from dataclasses import dataclass
from typing import Final

from drivers.kinds import BarrierState
from drivers.transport import modbus_rtu

ANSWER_S: Final = 0.3
"""Less than `passage_beams.SLOWEST_S`: one answer may be lost without losing sight of the beams."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """Which inputs the sensors of a lane are at, counted from 0; None is not wired.

    Attributes:
        beam_a: input of the beam where people come from.
        beam_b: input of the beam behind the door.
        door: input of the door contact.
        invert_beams: the inputs of the beams are on while they are free.
        invert_door: the input of the door is on while it is closed.
        fire: input of the fire alarm's second contact.
        invert_fire: that input is on while there is no alarm.
    """

    beam_a: int | None
    beam_b: int | None
    door: int | None
    invert_beams: bool = False
    invert_door: bool = False
    fire: int | None = None
    invert_fire: bool = False

    @property
    def used(self) -> list[int]:
        """The inputs that something is wired to."""
        return [at for at in (self.beam_a, self.beam_b, self.door, self.fire) if at is not None]

    def state(self, on: list[bool], first: int = 0) -> BarrierState:
        """What inputs mean.

        Args:
            on: the inputs from `first` on, as far as the last one in use.
            first: which input stands first.
        """

        def says(at: int | None, *, inverted: bool) -> bool:
            return at is not None and on[at - first] is not inverted

        return BarrierState(
            beam_a=says(self.beam_a, inverted=self.invert_beams),
            beam_b=says(self.beam_b, inverted=self.invert_beams),
            door_open=says(self.door, inverted=self.invert_door),
            fire=says(self.fire, inverted=self.invert_fire),
        )


class ModbusInputs:
    """Reads the sensors of a lane in one request.

    Args:
        line: the open or closed line that the board is on.
        unit: address of the board on its bus, 1-247.
        wiring: what is wired where; something has to be.
    """

    def __init__(self, line: modbus_rtu.ModbusLine, unit: int, wiring: Wiring) -> None:
        self._line = line
        self._wiring = wiring
        self._first = min(wiring.used)
        self._look = modbus_rtu.read_discrete_inputs(unit, self._first, max(wiring.used) - self._first + 1)

    def read(self) -> BarrierState:
        """Read them once."""
        return self._wiring.state(modbus_rtu.bits(self._line.ask(self._look)), self._first)
