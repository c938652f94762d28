"""CJMCU-90614: an MLX90614 infra-red thermometer behind a small controller on a serial line, with frames of its own.

Protocol: electronicpro.co.za, cjmcu-mlx90614-bcc; newegg.ca/p/3D0-0039-001C4 prints the same. It names the two values
only "data 1" and "data 2"; the object comes first in every other module with this sensor, and an option turns it round.
"""

import re
from typing import ClassVar, Final

from pydantic import Field

from drivers.contract import Options, Proof, ProofLevel
from drivers.errors import BadFrame
from drivers.thermometer.serial_module import SerialModule, SerialModuleOptions

QUERY: Final = bytes.fromhex("66660256")
"""Query output, please. Also ends the stream of readings in which the module powers up."""
PREAMBLE: Final = b"\x66\x66"
HEADER: Final = re.compile(rb"\x66\x66[\x01\x02]\x04")
"""Preamble, mode (1 continuous, 2 query), number of data bytes."""
FRAME_SIZE: Final = 9
COLDEST_C: Final = -70.01
"""The sensor's own lower limit."""


def find_reading(received: bytes) -> tuple[float, float] | None:
    """Find the first reading in what was received, skipping whatever stands before it.

    Returns:
        Data 1 and data 2, degrees Celsius; None while more bytes are needed.

    Raises:
        BadFrame: the frame is whole and its sum is wrong, or the sensor cannot have measured this.
    """
    header = HEADER.search(received)
    if header is None or len(received) < header.start() + FRAME_SIZE:
        return None
    frame = received[header.start() : header.start() + FRAME_SIZE]
    if sum(frame[4:-1]) & 0xFF != frame[-1]:  # of the data only
        raise BadFrame("wrong sum", frame)
    first, second = (int.from_bytes(frame[at : at + 2], "big", signed=True) / 100 for at in (4, 6))
    if min(first, second) < COLDEST_C:
        raise BadFrame("colder than the sensor can measure", frame)
    return first, second


class Cjmcu90614Options(SerialModuleOptions):
    """Where the thermometer is, and when its readings mean something."""

    baud: int = Field(default=115200, description="9600, 57600 or 115200")
    ambient_first: bool = Field(default=False, description="the module sends its own temperature as data 1")


class Cjmcu90614(SerialModule):
    """A CJMCU-90614."""

    key: ClassVar[str] = "thermometer/cjmcu-90614"
    model: ClassVar[str] = "CJMCU-90614"
    preamble: ClassVar[bytes] = PREAMBLE
    answer_s: ClassVar[float] = 0.5
    options: ClassVar[type[Options]] = Cjmcu90614Options
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "frame layout published for CJMCU-MLX90614-BCC"),
    )

    def __init__(self, options: Cjmcu90614Options) -> None:
        self._ambient_first = options.ambient_first
        super().__init__(options)

    def ask(self, deadline: float) -> tuple[float, float]:
        """Ask for one reading. See `SerialModule.ask`."""
        self._line.drain()
        self._line.write(QUERY, deadline)
        first, second = self._line.read_frame(find_reading, deadline)
        return (second, first) if self._ambient_first else (first, second)
