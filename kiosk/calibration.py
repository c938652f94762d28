"""What a technician's calibration of the thermometer says, and for how long.

`provisioning calibrate thermometer` compares it with a black body and keeps the result in
`<data>/calibration/<role>-thermometer.json` (a `Sealed` in JSON). The terminal reads it when it starts: whoever
calibrates has the thermometer, so the terminal is not running then.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Self

import msgspec

from kiosk.clock import CHINA
from kiosk.wire.evidence import Moment
from kiosk.wire.technician import Sealed

MOST_OFFSET_C: Final = 1.0
"""What a correction may add or take away, degrees Celsius. A thermometer that is further off is broken, dirty, or looks
past the black body: calibrating refuses it, so a record with more is damaged."""
EXPIRED: Final = "calibration_expired"
UNUSABLE: Final = "calibration_unusable"


class _Values(msgspec.Struct):
    offset_c: float


class _Record(msgspec.Struct):
    driver: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    made: Moment
    expires: Moment
    values: _Values


@dataclass(frozen=True, slots=True)
class Correction:
    """Added to what the thermometer reads.

    Attributes:
        offset_c: degrees Celsius.
        name: stands in the evidence beside the corrected value, e.g. `calibration-2026-11-22`.
    """

    offset_c: float
    name: str


@dataclass(frozen=True, slots=True)
class ThermometerCalibration:
    """The calibration of a terminal's thermometer, if it has one.

    Attributes:
        correction: None where there is none, or none that can be used.
        expires: from then on it does not count.
        unusable: there is a record, damaged or of another model.
    """

    correction: Correction | None = None
    expires: datetime | None = None
    unusable: bool = False

    @classmethod
    def read(cls, file: Path, driver: str) -> Self:
        """Read the record.

        Args:
            file: the record; it need not exist.
            driver: key of the thermometer's driver: another model's offset says nothing of this one.
        """
        try:
            sealed = msgspec.json.decode(file.read_bytes(), type=Sealed)
            record = msgspec.json.decode(sealed.body, type=_Record)
        except FileNotFoundError:
            return cls()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return cls(unusable=True)
        offset = record.values.offset_c
        if record.driver != driver or not math.isfinite(offset) or abs(offset) > MOST_OFFSET_C:
            return cls(unusable=True)
        name = f"calibration-{record.made.astimezone(CHINA):%Y-%m-%d}"
        return cls(correction=Correction(offset, name), expires=record.expires)

    def at(self, now: datetime) -> Correction | None:
        """What is added now; None where there is none that counts."""
        if self.expires is None or now >= self.expires:
            return None
        return self.correction

    def notice(self, now: datetime) -> str:
        """What somebody has to see to: `calibration_expired`, `calibration_unusable`, or nothing."""
        if self.unusable:
            return UNUSABLE
        return EXPIRED if self.expires is not None and now >= self.expires else ""
