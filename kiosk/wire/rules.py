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


class MaskRule(StrEnum):
    """What is asked of a mask."""

    IGNORE = "ignore"
    REMIND = "remind"
    """Asked for in words and voice; nobody is stopped."""
    REQUIRE = "require"


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
    temperature_uncertainty_c: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.2
    """Of the thermometer, written into the rules beside the limits that were chosen with it."""
    capacity: Annotated[int, msgspec.Meta(ge=1)] | None = None
    liveness_required: bool = False
    mask: MaskRule = MaskRule.IGNORE
    health_required: bool = False
    health_most_hours: Annotated[float, msgspec.Meta(gt=0, le=24 * 31)] = 24.0
    """How old a health-code service's judgement may be."""
    health_schemes: tuple[Name, ...] = ("gateway", "dcc", "shc", "vds_nc")
    """Which proofs of health count."""
    code_identifies: bool = False
    """A signed code made out to a person stands for the identity document."""
    face_identifies: bool = False
    """Who agreed to it, and was enrolled at the lane, is recognised without a card."""
    walk_in: bool = False
    """Who has no appointment is registered on the spot; a wrong, used or cancelled one is still told."""
    early_minutes: Annotated[int, msgspec.Meta(ge=0, le=1440)] = 30
    late_minutes: Annotated[int, msgspec.Meta(ge=0, le=1440)] = 30
    party_most: Annotated[int, msgspec.Meta(ge=1, le=21)] = 6
    """The person and those who come along."""
    passback_minutes: Annotated[int, msgspec.Meta(ge=0, le=1440)] = 0
    """Whose card comes again so soon after they went in is looked at by staff: cards are handed back over the fence."""


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
    CODE_CANCELLED = "code_cancelled"
    CODE_USED = "code_used"
    PARTY_TOO_LARGE = "party_too_large"
    NO_LIVENESS = "no_liveness"
    NOT_ALIVE = "not_alive"
    """A picture or a screen was held before the camera, or it looked like that."""
    NO_MASK_SEEN = "no_mask_seen"
    """Whether a mask is worn could not be told."""
    MASK_MISSING = "mask_missing"
    NO_HEALTH = "no_health"
    HEALTH_RED = "health_red"
    HEALTH_YELLOW = "health_yellow"
    HEALTH_UNKNOWN = "health_unknown"
    HEALTH_UNREACHABLE = "health_unreachable"
    """The health-code service does not answer."""
    HEALTH_OLD = "health_old"
    HEALTH_OTHER_PERSON = "health_other_person"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_REFUSED = "certificate_refused"
    CERTIFICATE_UNSURE = "certificate_unsure"
    """Good in itself, but whose it is, or how old the trust list may be, is for staff to say."""
    ALREADY_INSIDE = "already_inside"
    ON_WATCH_LIST = "on_watch_list"
    """Staff look, and decide: nothing is refused and nobody is let in for it. The person is not told."""
    HALL_FULL = "hall_full"
    DEVICE_FAULT = "device_fault"
    """A device failed in the middle: staff go on by hand."""


class Decision(Wire, frozen=True, kw_only=True):
    """What was decided, why, and by which version of the rules."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    rules_version: int
