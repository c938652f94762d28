"""LCUS relay boards: one relay opens, and what people did is seen by sensors on a second wire.

The board has no input of its own, and many never say whether they heard. So a relay alone is only ever commanded:
without beams or a door contact at a Modbus input board the crossing is `UNKNOWN`. (The modem lines of its CH340 are not
led out.)

Nothing on the board ends the pulse. The driver does, also when its caller has gone; if the machine dies in those
seconds the gate stays open until the driver is opened again. Where that matters take one that ends its pulse itself.
"""

import time
from typing import ClassVar, Final, Self

from pydantic import Field, model_validator

from drivers.barrier import lane, lcus
from drivers.barrier.lcus import Operation
from drivers.barrier.modbus_inputs import ANSWER_S, ModbusInputs, Wiring
from drivers.barrier.passage_beams import Sensors, Watchman
from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, DeviceFault, Effect, Remedy, WrongDevice
from drivers.kinds import BarrierState, Crossing
from drivers.masks import PLAIN, Masks
from drivers.transport.modbus_rtu import ModbusLine
from drivers.transport.recognise import resembles
from drivers.transport.serial_line import SerialLine

SAID_S: Final = 0.3
WIRED_NOWHERE: Final = BarrierState(beam_a=False, beam_b=False, door_open=False)


class LcusRelayOptions(Options):
    """Where the board is, whether it answers, and which sensors see the lane. Inputs are counted from 0."""

    port: str = Field(description="serial port of the relay board, best one that names the socket")
    channel: int = Field(default=1, ge=1, le=255, description="relay that opens the gate, counted from 1")
    answers: bool = Field(default=False, description="the board says its relay's state when asked (A0 01 05 A6)")
    pulse_seconds: float = Field(default=5.0, ge=0.1, le=25, description="how long the relay is on, at most")
    inputs_port: str = Field(default="", description="serial port of the Modbus board with the sensors; empty: none")
    inputs_baud: int = Field(default=9600, ge=1200, description="bits per second of the board with the sensors")
    inputs_unit: int = Field(default=1, ge=1, le=247, description="address of the board with the sensors")
    beam_a: int | None = Field(default=None, ge=0, le=255, description="input of the beam where people come from")
    beam_b: int | None = Field(default=None, ge=0, le=255, description="input of the beam behind the door")
    door: int | None = Field(default=None, ge=0, le=255, description="input of the door contact")
    invert_beams: bool = Field(default=False, description="the inputs of the beams are on while they are free")
    invert_door: bool = Field(default=False, description="the input of the door is on while it is closed")

    @model_validator(mode="after")
    def _sensors_are_whole(self) -> Self:
        if (self.beam_a is None) is not (self.beam_b is None):
            raise ValueError("beam_a and beam_b: either both or none")
        wired = self.beam_a is not None or self.door is not None
        if wired is not bool(self.inputs_port):
            raise ValueError("inputs_port and the inputs (beam_a and beam_b, or door): one needs the other")
        return self

    @property
    def sensors(self) -> Sensors:
        """What the lane is watched with."""
        if self.beam_a is not None:
            return Sensors.BEAMS
        return Sensors.NONE if self.door is None else Sensors.DOOR


class LcusRelay(Driver):
    """A gate behind an LCUS relay."""

    key: ClassVar[str] = "barrier/lcus"
    kind: ClassVar[Kind] = Kind.BARRIER
    options: ClassVar[type[Options]] = LcusRelayOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "published commands and answers; sensors on a pymodbus server"),
    )
    masks: ClassVar[Masks | None] = PLAIN

    def __init__(self, options: LcusRelayOptions) -> None:
        self._given = options
        self._line = SerialLine(options.port, 9600)
        self._watchman = Watchman()
        self._inputs_line: ModbusLine | None = None
        self._inputs: ModbusInputs | None = None
        if options.inputs_port:
            wiring = Wiring(options.beam_a, options.beam_b, options.door, options.invert_beams, options.invert_door)
            self._inputs_line = ModbusLine(options.inputs_port, options.inputs_baud, ANSWER_S)
            self._inputs = ModbusInputs(self._inputs_line, options.inputs_unit, wiring)

    def open(self) -> Identity:
        """Connect, lock, and read the sensors once.

        A board that does not answer cannot prove what it is: the sensors have to, when somebody passes.

        Raises:
            WrongDevice: a board that should answer says something else.
            DriverError: as in `Driver.open`.
        """
        self._line.open(time.monotonic() + SAID_S)
        if self._inputs_line is not None:
            self._inputs_line.open()
        try:
            self.lock()
        except BadFrame as error:
            answers = (lcus.command(self._given.channel, said) for said in (Operation.OFF, Operation.ON))
            if not any(resembles(error.frame, answer) for answer in answers):
                raise WrongDevice(f"{self._line.address}: what answers is no LCUS board") from error
            raise
        self._watchman.released()
        self.state()
        return Identity(maker="LC Technology", model="LCUS")

    def probe(self) -> None:
        """Ask the relay where it answers, and read the sensors where there are some."""
        if self._given.answers:
            self._say(Operation.SAY)
        self.state()

    def close(self) -> None:
        """Let go of both ports. A release under way is ended by whoever makes it."""
        self._line.close()
        if self._inputs_line is not None:
            self._inputs_line.close()

    def state(self) -> BarrierState:
        """Read the sensors once. Without any there is nothing to read, and only the relay's wire is looked at."""
        return self._watchman.look(time.monotonic(), self.look())

    def let_one_pass(self, within: float) -> Crossing:
        """Release, watch, lock. See `Barrier.let_one_pass` and `lane.let_one_pass`."""
        self._watchman.released()
        return lane.let_one_pass(self, within, self._given.pulse_seconds, self._given.sensors)

    def release(self) -> None:
        """Switch the relay on. A step of `lane`."""
        self._switch(Operation.ON, Operation.ON_AND_SAY)

    def lock(self) -> None:
        """Switch the relay off. A step of `lane`."""
        self._switch(Operation.OFF, Operation.OFF_AND_SAY)

    def look(self) -> BarrierState:
        """Read the sensors. A step of `lane`."""
        if self._inputs is not None:
            return self._inputs.read()
        self._line.drain()  # nothing is expected; but a line that broke says so
        return WIRED_NOWHERE

    def _switch(self, silently: Operation, and_say: Operation) -> None:
        """Command the relay, and hear that it obeyed where the board says so.

        Raises:
            DeviceFault: `relay_stuck`: the board says that the relay is not as commanded.
            DriverError: `effect` is NO when the command did not leave whole, UNKNOWN when there was no answer.
        """
        if not self._given.answers:
            self._line.drain()  # some boards echo
            self._line.write(lcus.command(self._given.channel, silently), time.monotonic() + SAID_S)
        elif self._say(and_say) is not (silently is Operation.ON):
            raise DeviceFault(
                "relay_stuck", "the relay is not as commanded", remedy=Remedy.TECHNICIAN, effect=Effect.UNKNOWN
            )

    def _say(self, operation: Operation) -> bool:
        channel, deadline = self._given.channel, time.monotonic() + SAID_S
        self._line.drain()
        self._line.write(lcus.command(channel, operation), deadline)
        return self._line.read_frame(lambda received: lcus.find_state(received, channel), deadline)
