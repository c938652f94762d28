"""GY-MCU90640: an MLX90640 array of 32×24 infra-red sensors behind a controller on a serial line.

Protocol: vvkuryshev/GY-MCU90640-RPI-Python; PyPI irt-camera 0.0.1a1; patrick3399/esphome_components (sums). The public
readers take 1544 bytes blindly and stay out of step for ever after one lost byte. Sources disagree about the last two
bytes: the sum of all bytes before them, or of all 16-bit words, by firmware; both are little-endian and both are taken.
"""

import time
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from drivers.contract import Options, Proof, ProofLevel
from drivers.errors import BadFrame
from drivers.thermometer.hot_region import Celsius, RegionOption, robust_maximum
from drivers.thermometer.serial_module import SerialModule, SerialModuleOptions

QUERY: Final = bytes.fromhex("A53501DB")
"""One frame, please. Also ends the stream of frames that the module may send after power-up."""
HEADER: Final = bytes.fromhex("5A5A0206")
"""Preamble, 0x0602 data bytes."""
ROWS: Final = 24
COLUMNS: Final = 32
DATA_END: Final = 4 + 2 * ROWS * COLUMNS + 2
FRAME_SIZE: Final = DATA_END + 2
COLDEST_C: Final = -40.0
"""The lower limit of the sensor and of its surroundings."""
WARMEST_AMBIENT_C: Final = 125.0


def has_good_sum(frame: bytes) -> bool:
    """Whether the last two bytes of a frame of 1544 are one of its two sums."""
    words = np.frombuffer(frame[:DATA_END], dtype="<u2")
    given = int.from_bytes(frame[DATA_END:FRAME_SIZE], "little")
    return given in {sum(frame[:DATA_END]) & 0xFFFF, int(words.sum(dtype=np.uint64)) & 0xFFFF}


def _tail_may_go_on(received: bytes) -> bool:
    return any(received.endswith(HEADER[:size]) for size in (1, 2, 3))


def find_picture(received: bytes, *, summed: bool = True) -> tuple[Celsius, float] | None:
    """Find the first whole frame in what was received, skipping whatever stands before it, also broken frames.

    Args:
        received: everything received so far.
        summed: whether the last two bytes of a frame have to be a sum of it.

    Returns:
        The picture (24, 32), as the sensor numbers its pixels, and the ambient temperature, both in degrees Celsius;
        None while more bytes are needed.

    Raises:
        BadFrame: a frame is whole, its sum is wrong, and nothing after its header could begin another; or the sensor
            cannot have measured this.
    """
    start = received.find(HEADER)
    while start >= 0:
        frame = received[start : start + FRAME_SIZE]
        if len(frame) < FRAME_SIZE:
            return None
        if not summed or has_good_sum(frame):
            return _picture(frame)
        # a byte was lost or changed: the next frame may begin inside this one
        start = received.find(HEADER, start + 1)
        if start < 0 and not _tail_may_go_on(received):
            raise BadFrame("wrong sum", frame)
    return None


def _picture(frame: bytes) -> tuple[Celsius, float]:
    values: NDArray[np.int16] = np.frombuffer(frame[4:DATA_END], dtype="<i2")
    celsius = values.astype(np.float64) / 100
    picture, ambient_c = celsius[:-1].reshape(ROWS, COLUMNS), float(celsius[-1])
    # single pixels may be broken; most of a frame that is out of step is far outside
    if float(np.median(picture)) < COLDEST_C or not COLDEST_C <= ambient_c <= WARMEST_AMBIENT_C:
        raise BadFrame("outside of what the sensor can measure", frame)
    return picture, ambient_c


class GyMcu90640Options(SerialModuleOptions):
    """Where the thermometer is, where it looks, and when its readings mean something."""

    baud: int = Field(default=115200, description="115200, or 460800 when set so")
    region: RegionOption = (0, 0, ROWS, COLUMNS)
    summed: bool = Field(default=True, description="false only for firmware whose frames end in no sum of theirs")


class GyMcu90640(SerialModule):
    """A GY-MCU90640 in query mode."""

    key: ClassVar[str] = "thermometer/gy-mcu90640"
    model: ClassVar[str] = "GY-MCU90640"
    preamble: ClassVar[bytes] = HEADER
    options: ClassVar[type[Options]] = GyMcu90640Options
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(
            ProofLevel.SIMULATOR,
            "frame layout of three public readers; irt-camera 0.0.1a1, run by hand, decodes the same",
        ),
    )

    def __init__(self, options: GyMcu90640Options) -> None:
        super().__init__(options)
        self._given = options

    def picture(self) -> tuple[Celsius, float]:
        """Ask for one picture, at most 1 s.

        Returns:
            The raw picture (24, 32) and the ambient temperature, both in degrees Celsius.

        Raises:
            DriverError: as in `errors`.
        """
        return self._take(time.monotonic() + self.answer_s)

    def ask(self, deadline: float) -> tuple[float, float]:
        """Ask for one picture. The object temperature is its `robust_maximum`. See `SerialModule.ask`."""
        picture, ambient_c = self._take(deadline)
        return round(robust_maximum(picture, self._given.region), 2), ambient_c

    def _take(self, deadline: float) -> tuple[Celsius, float]:
        self._line.drain()
        self._line.write(QUERY, deadline)
        return self._line.read_frame(lambda received: find_picture(received, summed=self._given.summed), deadline)
