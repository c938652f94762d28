"""A relay board with inputs on a serial line, speaking Modbus RTU: one coil opens, inputs see two beams and the door.

The board's own pulse ("flash on", coil address + 0x0200, value in tenths of a second) is that of Waveshare's boards and
their many relatives: a dead host cannot leave the gate open.

A second contact of the fire alarm may be wired to an input: each look then opens the gate while the alarm is on, and
the first look after it locks again. It comes on top: the alarm's first contact opens without any program
(`docs/gate-installation.md`).
"""

import time
from enum import StrEnum
from typing import ClassVar, Final

from pydantic import Field

from drivers.barrier import lane
from drivers.barrier.modbus_inputs import ANSWER_S, ModbusInputs, Wiring
from drivers.barrier.passage_beams import Watchman
from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.kinds import BarrierState, Crossing
from drivers.masks import PLAIN, Masks
from drivers.transport import modbus_rtu

FLASH_ON: Final = 0x0200


class PulseBy(StrEnum):
    """Who ends the release."""

    BOARD = "board"
    """The board, by its own clock. Take this whenever the board can."""
    DRIVER = "driver"
    """The driver; the gate stays open if the machine dies in those seconds."""


class ModbusRelayOptions(Options):
    """Where the board is and what is wired to it. Coils and inputs are counted from 0."""

    port: str = Field(description="serial port, best one that names the socket")
    baud: int = Field(default=9600, ge=1200, description="bits per second")
    unit: int = Field(default=1, ge=1, le=247, description="address of the board on its bus")
    coil: int = Field(default=0, ge=0, le=255, description="relay that opens the gate")
    beam_a: int = Field(default=0, ge=0, le=255, description="input of the beam where people come from")
    beam_b: int = Field(default=1, ge=0, le=255, description="input of the beam behind the door")
    door: int = Field(default=2, ge=0, le=255, description="input of the door contact")
    invert_beams: bool = Field(default=False, description="the inputs of the beams are on while they are free")
    invert_door: bool = Field(default=False, description="the input of the door is on while it is closed")
    fire_input: int | None = Field(
        default=None,
        ge=0,
        le=255,
        description="input of the fire alarm's second contact; left out where none is wired",
    )
    invert_fire: bool = Field(default=False, description="the input of the fire alarm is on while there is none")
    pulse_by: PulseBy = Field(default=PulseBy.BOARD, description="who ends the release: board or driver")
    pulse_seconds: float = Field(default=5.0, ge=0.1, le=25, description="how long the relay is on, at most")


class ModbusRelay(Driver):
    """A gate behind a Modbus relay board."""

    key: ClassVar[str] = "barrier/modbus-relay"
    kind: ClassVar[Kind] = Kind.BARRIER
    options: ClassVar[type[Options]] = ModbusRelayOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (Proof(ProofLevel.SIMULATOR, "pymodbus server, published frames"),)
    masks: ClassVar[Masks | None] = PLAIN

    def __init__(self, options: ModbusRelayOptions) -> None:
        self._given = options
        self._line = modbus_rtu.ModbusLine(options.port, options.baud, ANSWER_S)
        self._watchman = Watchman()
        unit, coil = options.unit, options.coil
        self._lock = modbus_rtu.write_coil(unit, coil, modbus_rtu.COIL_OFF)
        self._stay_open = modbus_rtu.write_coil(unit, coil, modbus_rtu.COIL_ON)
        self._fire = False
        self._release = (
            modbus_rtu.write_coil(unit, FLASH_ON + coil, max(1, round(options.pulse_seconds * 10)))
            if options.pulse_by is PulseBy.BOARD
            else modbus_rtu.write_coil(unit, coil, modbus_rtu.COIL_ON)
        )
        wiring = Wiring(
            options.beam_a,
            options.beam_b,
            options.door,
            options.invert_beams,
            options.invert_door,
            options.fire_input,
            options.invert_fire,
        )
        self._inputs = ModbusInputs(self._line, unit, wiring)

    def open(self) -> Identity:
        """Connect, lock, and read the inputs once.

        Raises:
            WrongDevice: something answers that does not speak the protocol.
            DriverError: as in `Driver.open`.
        """
        modbus_rtu.open_board(self._line, self._lock)
        self._fire = False
        self._watchman.released()
        self.state()
        return Identity(model=f"Modbus relay board, unit {self._given.unit}")

    def probe(self) -> None:
        """Read the inputs."""
        self.state()

    def close(self) -> None:
        """Let go of the port. A release under way is ended by whoever makes it."""
        self._line.close()

    def state(self) -> BarrierState:
        """Read the inputs once."""
        return self._watchman.look(time.monotonic(), self.look())

    def let_one_pass(self, within: float) -> Crossing:
        """Release, watch the beams, lock. See `Barrier.let_one_pass` and `lane.let_one_pass`."""
        self._watchman.released()
        return lane.let_one_pass(self, within, self._given.pulse_seconds)

    def release(self) -> None:
        """Switch the coil on, for as long as a pulse where the board can end it. A step of `lane`."""
        if not self._fire:  # a pulse would end, and shut the gate in the fire
            self._line.ask(self._release)

    def lock(self) -> None:
        """Switch the coil off, unless there is a fire. A step of `lane`."""
        if not self._fire:
            self._line.ask(self._lock)

    def look(self) -> BarrierState:
        """Read the inputs, and open while the fire alarm is on. A step of `lane`."""
        seen = self._inputs.read()
        if seen.fire:
            self._fire = True
            self._line.ask(self._stay_open)  # at each look: a pulse that was under way, or the board's restart, ends it
        elif self._fire:
            self._line.ask(self._lock)
            self._fire = False
            self._watchman.released()
        return seen
