"""A relay board with inputs on a serial line, speaking Modbus RTU: one coil opens, inputs see two beams and the door.

The board's own pulse ("flash on", coil address + 0x0200, value in tenths of a second) is that of Waveshare's boards and
their many relatives: a dead host cannot leave the gate open.
"""

import contextlib
import time
from enum import StrEnum
from typing import ClassVar, Final

from pydantic import Field

from drivers.barrier import modbus_rtu
from drivers.barrier.passage_beams import Passage
from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, DriverError, Effect, LinkError, NoAnswer, WrongDevice
from drivers.kinds import BarrierState, Crossing
from drivers.transport.recognise import resembles
from drivers.transport.serial_line import SerialLine

ANSWER_S: Final = 0.3
SAMPLE_S: Final = 0.04
"""Between two looks at the inputs. Somebody in a hurry breaks a beam for about 0.15 s."""
LOST_SAMPLES: Final = 3
"""Looks in a row that may fail before the passage is given up. One spoilt sample is as good as none."""
FLASH_ON: Final = 0x0200
LONGEST_WITHIN_S: Final = 15.0


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
    pulse_by: PulseBy = Field(default=PulseBy.BOARD, description="who ends the release: board or driver")
    pulse_seconds: float = Field(default=5.0, ge=0.1, le=25, description="how long the relay is on, at most")


class ModbusRelay(Driver):
    """A gate behind a Modbus relay board."""

    key: ClassVar[str] = "barrier/modbus-relay"
    kind: ClassVar[Kind] = Kind.BARRIER
    options: ClassVar[type[Options]] = ModbusRelayOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (Proof(ProofLevel.SIMULATOR, "pymodbus server, published frames"),)

    def __init__(self, options: ModbusRelayOptions) -> None:
        self._given = options
        self._line = SerialLine(options.port, options.baud)
        self._silence_s = max(0.00175, 3.5 * 11 / options.baud)
        self._heard = 0.0
        self._clean = False
        unit, coil = options.unit, options.coil
        self._lock = modbus_rtu.write_coil(unit, coil, modbus_rtu.COIL_OFF)
        self._release = (
            modbus_rtu.write_coil(unit, FLASH_ON + coil, max(1, round(options.pulse_seconds * 10)))
            if options.pulse_by is PulseBy.BOARD
            else modbus_rtu.write_coil(unit, coil, modbus_rtu.COIL_ON)
        )
        inputs = (options.beam_a, options.beam_b, options.door)
        self._first = min(inputs)
        self._look = modbus_rtu.read_discrete_inputs(unit, self._first, max(inputs) - self._first + 1)

    def open(self) -> Identity:
        """Connect, lock, and read the inputs once.

        Raises:
            WrongDevice: something answers that does not speak the protocol.
            DriverError: as in `Driver.open`.
        """
        self._line.open(time.monotonic() + ANSWER_S)
        self._clean = False
        try:
            self._ask(self._lock)
        except BadFrame as error:
            if not resembles(error.frame, self._lock):
                raise WrongDevice(f"{self._line.address}: what answers is no Modbus board") from error
            raise
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
        on = modbus_rtu.bits(self._ask(self._look))
        given = self._given
        return BarrierState(
            beam_a=on[given.beam_a - self._first] is not given.invert_beams,
            beam_b=on[given.beam_b - self._first] is not given.invert_beams,
            door_open=on[given.door - self._first] is not given.invert_door,
        )

    def let_one_pass(self, within: float) -> Crossing:
        """Release, watch the beams, lock. See `Barrier.let_one_pass`; takes at most `within` + 10 s.

        The lock is asked for again as soon as somebody has reached beam B or has turned back.

        Raises:
            DriverError: `effect` is NO when the release did not reach the board, UNKNOWN when it may have and nobody
                was seen, YES when it was released and the beams could not be watched to the end.
        """
        spoilt: DriverError | None = None
        try:
            self._ask(self._release)  # nothing stands between the call and this: a benchmark measures it
        except (NoAnswer, BadFrame) as error:
            if error.effect is Effect.NO:
                raise
            spoilt = error  # the board may have heard: the beams will tell
        except LinkError as error:
            if error.effect is not Effect.NO:
                self._try_to_lock()
            raise
        try:
            crossing = self._watch(time.monotonic(), min(within, LONGEST_WITHIN_S))
        except DriverError as error:
            error.effect = Effect.YES if spoilt is None else Effect.UNKNOWN
            self._try_to_lock()
            raise
        except BaseException:
            self._try_to_lock()
            raise
        if spoilt is not None and crossing is Crossing.NOBODY:
            raise spoilt
        return crossing

    def _watch(self, released: float, within: float) -> Crossing:
        passage = Passage(released, within)
        crossing: Crossing | None = None
        locked, lost, look = False, 0, released
        while True:
            now = time.monotonic()
            try:
                # asked until the board confirms it: a gate is not left open for one spoilt byte
                if not locked and (passage.may_lock(now) or now >= released + self._given.pulse_seconds):
                    self._ask(self._lock)
                    locked = True
                crossing = crossing or passage.feed(time.monotonic(), self.state())
                lost = 0
            except (NoAnswer, BadFrame):
                lost += 1
                if lost >= LOST_SAMPLES:
                    raise
            if crossing is not None and locked:
                return crossing
            look += SAMPLE_S
            rest = look - time.monotonic()
            if rest > 0:
                time.sleep(rest)
            else:
                look -= rest

    def _try_to_lock(self) -> None:
        with contextlib.suppress(DriverError):  # the error under way tells more
            self._ask(self._lock)

    def _ask(self, request: bytes) -> bytes:
        """Send a request and wait for its reply.

        Raises:
            DriverError: `effect` is NO when the request did not leave whole, UNKNOWN when there was no reply.
        """
        if not self._clean:
            self._line.drain()  # a late reply to what failed before
        silent = time.monotonic() - self._heard
        if silent < self._silence_s:
            time.sleep(self._silence_s - silent)  # the standard's pause between frames, 3.5 characters
        self._clean = False
        deadline = time.monotonic() + ANSWER_S
        self._line.write(request, deadline)
        try:
            data = self._line.read_frame(lambda received: modbus_rtu.find_reply(received, request), deadline)
        finally:
            self._heard = time.monotonic()
        self._clean = True
        return data
