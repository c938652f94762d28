"""Radiometric frames of a FLIR Lepton 3.x as a PureThermal board sends them, as a pure function.

160×120 words of centikelvin, then two rows of telemetry, all low byte first. Picture and telemetry: FLIR Lepton
Engineering Datasheet 500-0659-00-09 rev 203, tables 2 and 3 (manualshive.com, flir/lepton-1-5); groupgets/purethermal1
firmware `lepton.h` names the same words; the conversion is that of PyPI flirpy 0.6.2.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from drivers.errors import BadFrame
from drivers.thermometer.hot_region import Celsius

COLUMNS: Final = 160
ROWS: Final = 120
TELEMETRY_ROWS: Final = 2
FRAME_SIZE: Final = 2 * COLUMNS * (ROWS + TELEMETRY_ROWS)

# words of telemetry row A, which is the first half of the first row
_UPTIME, _STATUS, _COUNTER, _FPA, _HOUSING, _FPA_AT_FFC, _TIME_OF_FFC = 1, 3, 20, 24, 26, 29, 30
# words of telemetry row C, which is the first half of the second row
_TLINEAR, _TLINEAR_RESOLUTION = 48, 49
_AGC: Final = 1 << 12


class FlatField(IntEnum):
    """What the shutter does (FFC state): the camera closes it every three minutes to measure its own background."""

    NEVER = 0
    IMMINENT = 1
    IN_PROGRESS = 2
    """The picture stands still meanwhile."""
    COMPLETE = 3


@dataclass(frozen=True, slots=True, eq=False)
class LeptonFrame:
    """One frame.

    Attributes:
        picture: (120, 160), degrees Celsius.
        number: the camera's own; one that does not change is a picture that stands still.
        flat_field: see `FlatField`.
        sensor_c: temperature of the sensor array, °C.
        housing_c: temperature of the housing, °C.
        sensor_moved_c: how far the array's temperature is from that at the last flat field, °C.
        flat_field_age_s: seconds since then.
        radiometric: whether the words are centikelvin: TLinear with that resolution, and no gain control.
    """

    picture: Celsius
    number: int
    flat_field: FlatField
    sensor_c: float
    housing_c: float
    sensor_moved_c: float
    flat_field_age_s: float
    radiometric: bool


def read_frame(data: bytes) -> LeptonFrame:
    """Read a frame.

    Args:
        data: 160×122 words.

    Raises:
        BadFrame: another number of bytes.
    """
    if len(data) != FRAME_SIZE:
        raise BadFrame(f"a frame has {FRAME_SIZE} bytes", data)
    words = np.frombuffer(data, dtype="<u2").reshape(ROWS + TELEMETRY_ROWS, COLUMNS)
    row_a, row_c = words[ROWS].tolist(), words[ROWS + 1].tolist()

    def double(at: int) -> int:
        return int(row_a[at] | row_a[at + 1] << 16)

    status = double(_STATUS)
    return LeptonFrame(
        picture=words[:ROWS].astype(np.float64) / 100 - 273.15,
        number=double(_COUNTER),
        flat_field=FlatField(status >> 4 & 3),
        sensor_c=row_a[_FPA] / 100 - 273.15,
        housing_c=row_a[_HOUSING] / 100 - 273.15,
        sensor_moved_c=abs(row_a[_FPA] - row_a[_FPA_AT_FFC]) / 100,
        flat_field_age_s=(double(_UPTIME) - double(_TIME_OF_FFC)) % 0x1_0000_0000 / 1000,
        radiometric=row_c[_TLINEAR] == 1 and row_c[_TLINEAR_RESOLUTION] == 1 and not status & _AGC,
    )
