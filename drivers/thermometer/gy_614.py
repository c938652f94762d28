"""GY-614V and GY-MCU90614: an MLX90614 infra-red thermometer behind a small controller on a serial line.

Protocol: as99shop.com/product/363; hxchipstech.com (GY-MCU90615, the same frame).
"""

from typing import ClassVar, Final

from pydantic import Field

from drivers.contract import Options, Proof, ProofLevel
from drivers.errors import BadFrame
from drivers.thermometer.serial_module import SerialModule, SerialModuleOptions

QUERY: Final = bytes.fromhex("A515BA")
"""One reading, please. Also ends the stream of readings that the module may send after power-up."""
HEADER: Final = bytes.fromhex("5A5A4504")
"""Preamble, kind of data (object and ambient temperature), number of data bytes."""
FRAME_SIZE: Final = 9
COLDEST_C: Final = -70.01
"""The sensor's own lower limit."""


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


class Gy614Options(SerialModuleOptions):
    """Where the thermometer is, and when its readings mean something."""

    baud: int = Field(default=9600, description="9600 or 115200")


class Gy614(SerialModule):
    """A GY-614 in query mode."""

    key: ClassVar[str] = "thermometer/gy-614"
    model: ClassVar[str] = "GY-614"
    preamble: ClassVar[bytes] = HEADER
    options: ClassVar[type[Options]] = Gy614Options
    proven_on: ClassVar[tuple[Proof, ...]] = (Proof(ProofLevel.SIMULATOR, "frame published for GY-MCU90614"),)

    def ask(self, deadline: float) -> tuple[float, float]:
        """Ask for one reading. See `SerialModule.ask`."""
        self._line.drain()
        self._line.write(QUERY, deadline)
        return self._line.read_frame(find_reading, deadline)
