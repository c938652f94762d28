"""GY-614V and GY-MCU90614: an MLX90614 infra-red thermometer behind a small controller on a serial line.

Protocol: as99shop.com/product/363; hxchipstech.com (GY-MCU90615, the same frame).
"""

import time
from typing import ClassVar, Final

from pydantic import Field

from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, WrongDevice
from drivers.kinds import Temperature
from drivers.thermometer.conditions import Conditions, ThermometerOptions
from drivers.transport.recognise import resembles
from drivers.transport.serial_line import SerialLine

QUERY: Final = bytes.fromhex("A515BA")
"""One reading, please. Also ends the stream of readings that the module may send after power-up."""
HEADER: Final = bytes.fromhex("5A5A4504")
"""Preamble, kind of data (object and ambient temperature), number of data bytes."""
FRAME_SIZE: Final = 9
COLDEST_C: Final = -70.01
"""The sensor's own lower limit."""
ANSWER_S: Final = 1.0


def find_reading(received: bytes) -> tuple[float, float] | None:
    """Find the first reading in what was received, skipping whatever stands before it.

    Returns:
        Object and ambient temperature, degrees Celsius; None while more bytes are needed.

    Raises:
        BadFrame: the frame is whole and its sum is wrong, or the sensor cannot have measured this.
    """
    start = received.find(HEADER)
    if start < 0 or len(received) < start + FRAME_SIZE:
        return None
    frame = received[start : start + FRAME_SIZE]
    if sum(frame[:-1]) & 0xFF != frame[-1]:
        raise BadFrame("wrong sum", frame)
    object_c, ambient_c = (int.from_bytes(frame[at : at + 2], "big", signed=True) / 100 for at in (4, 6))
    if min(object_c, ambient_c) < COLDEST_C:
        raise BadFrame("colder than the sensor can measure", frame)
    return object_c, ambient_c


class Gy614Options(ThermometerOptions):
    """Where the thermometer is, and when its readings mean something."""

    port: str = Field(description="serial port, best one that names the socket")
    baud: int = Field(default=9600, description="9600 or 115200")


class Gy614(Driver):
    """A GY-614 in query mode."""

    key: ClassVar[str] = "thermometer/gy-614"
    kind: ClassVar[Kind] = Kind.THERMOMETER
    options: ClassVar[type[Options]] = Gy614Options
    proven_on: ClassVar[tuple[Proof, ...]] = (Proof(ProofLevel.SIMULATOR, "frame published for GY-MCU90614"),)

    def __init__(self, options: Gy614Options) -> None:
        self._conditions = Conditions(options)
        self._line = SerialLine(options.port, options.baud)

    def open(self) -> Identity:
        """Connect and take a reading.

        Raises:
            WrongDevice: something answers that does not speak the protocol.
            DriverError: as in `Driver.open`.
        """
        self._line.open(time.monotonic() + ANSWER_S)
        self._conditions.restart()
        try:
            self.measure()
        except BadFrame as error:
            if not resembles(error.frame, HEADER):
                raise WrongDevice(f"{self._line.address}: what answers is no GY-614") from error
            raise
        return Identity(model="GY-614")

    def probe(self) -> None:
        """Take a reading."""
        self.measure()

    def close(self) -> None:
        """Let go of the port."""
        self._line.close()

    def measure(self) -> Temperature:
        """Ask for one reading. See `Thermometer.measure`."""
        deadline = time.monotonic() + ANSWER_S
        self._line.drain()
        self._line.write(QUERY, deadline)
        object_c, ambient_c = self._line.read_frame(find_reading, deadline)
        return self._conditions.reading(object_c, ambient_c, time.monotonic())
