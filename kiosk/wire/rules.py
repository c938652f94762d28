"""The gate's rules and its decision, as data."""

from enum import StrEnum
from typing import Annotated

import msgspec

from kiosk.wire.evidence import Moment, Name, Wire


class Level(StrEnum):
    """Response level of public health emergencies, I the highest."""

    I = "I"  # noqa: E741  the field's own numerals
    II = "II"
    III = "III"
    IV = "IV"


class Rules(Wire, frozen=True, kw_only=True):
    """What the gate asks of a person. Temperatures in degrees Celsius, as measured on the forehead.

    A reading below `temperature_unsure_c` is normal, from `temperature_high_c` on high, between them unsure; below
    `temperature_lowest_c` it is no forehead at all.
    """

    version: Annotated[int, msgspec.Meta(ge=1)]
    hall: Name
    level: Level
    valid_from: Moment
    identity_required: bool = True
    face_required: bool = True
    temperature_required: bool = True
    code_required: bool = True
    temperature_lowest_c: float = 34.0
    temperature_unsure_c: float = 37.1
    temperature_high_c: float = 37.3
    temperature_ambient_min_c: float = 16.0
    temperature_ambient_max_c: float = 32.0
    capacity: Annotated[int, msgspec.Meta(ge=1)] | None = None


class Verdict(StrEnum):
    """The three outcomes."""

    ADMIT = "admit"
    REFUSE = "refuse"
    REFER = "refer"


class Reason(StrEnum):
    """Why. The screens say each in words with a next step; statistics count them."""

    ALL_IN_ORDER = "all_in_order"
    NO_IDENTITY = "no_identity"
    NUMBER_INVALID = "number_invalid"
    DOCUMENT_EXPIRED = "document_expired"
    DOCUMENT_NOT_YET_VALID = "document_not_yet_valid"
    NO_FACE = "no_face"
    FACE_UNSURE = "face_unsure"
    FACE_DIFFERS = "face_differs"
    SEVERAL_FACES = "several_faces"
    ASKED_FOR_STAFF = "asked_for_staff"
    NO_TEMPERATURE = "no_temperature"
    TEMPERATURE_UNSURE = "temperature_unsure"
    TEMPERATURE_HIGH = "temperature_high"
    NO_CODE = "no_code"
    CODE_UNREADABLE = "code_unreadable"
    CODE_NOT_KNOWN = "code_not_known"
    CODE_FORGED = "code_forged"
    CODE_EXPIRED = "code_expired"
    CODE_NOT_YET = "code_not_yet"
    CODE_WRONG_HALL = "code_wrong_hall"
    CODE_OTHER_PERSON = "code_other_person"
    CODE_REVOKED = "code_revoked"
    HALL_FULL = "hall_full"
    DEVICE_FAULT = "device_fault"
    """A device failed in the middle: staff go on by hand."""


class Decision(Wire, frozen=True, kw_only=True):
    """What was decided, why, and by which version of the rules."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    rules_version: int
