"""Evidence: what was seen of one person, by which device, when, and how sure.

There is no field for a picture or a face template, here or anywhere else on the wire. Missing evidence is a value,
`NotMeasured`, never a default. Times are UTC. Text fields are bounded so that none can carry a file.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec

Name = Annotated[str, msgspec.Meta(max_length=64)]
"""A short name: a device, an engine, a key."""
Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
"""A SHA-256 or HMAC-SHA-256, in hexadecimal."""


Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A point in time; without a time zone it is refused."""


class Wire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Frozen, and closed to unknown fields: what cannot be named here cannot be sent."""


class Why(StrEnum):
    """Why there is no measurement."""

    NOT_REQUIRED = "not_required"
    """The rules in force do not ask for it."""
    NOT_INSTALLED = "not_installed"
    DEVICE_FAULT = "device_fault"
    """The device failed or was unplugged in the middle."""
    NOT_SHOWN = "not_shown"
    """The person showed none in time: no code, no card, no face."""
    CONDITIONS = "conditions"
    """Outside the device's conditions of use."""
    UNSTABLE = "unstable"
    """The readings did not settle."""
    SEVERAL_FACES = "several_faces"
    UNREADABLE = "unreadable"
    """Something was shown that could not be read."""
    NOT_REACHED = "not_reached"
    """Refused or referred before this was asked for."""
    DECLINED = "declined"
    """The person chose another way, e.g. staff instead of the face."""


class NotMeasured(Wire, tag="not_measured", frozen=True, kw_only=True):
    """There is no measurement, and this is why."""

    why: Why
    device: Name = ""
    code: Name = ""
    """The driver error's code, where a device failed."""


class DocumentKind(StrEnum):
    """What identified the person."""

    RESIDENT = "resident"
    FOREIGNER = "foreigner"
    HK_MO_TW = "hk_mo_tw"


class IdentityRead(Wire, tag="identity_read", frozen=True, kw_only=True):
    """An identity document was read. The number itself travels sealed, beside the evidence."""

    document: DocumentKind
    person: Digest
    """HMAC of the number under the hall's key: the same person is the same digest, in this hall only."""
    number_is_valid: bool
    """Check character and birth date agree with the number (GB 11643)."""
    valid_from: date
    valid_to: date | None
    """None is 长期, without end."""
    device: Name
    at: Moment


class Band(StrEnum):
    """Where a face score lies. The score itself stays on the terminal (GB/T 38671: no hill climbing)."""

    ACCEPT = "accept"
    STAFF = "staff"
    REJECT = "reject"


class FaceCompared(Wire, tag="face_compared", frozen=True, kw_only=True):
    """The live face was compared with the document's photo."""

    band: Band
    engine: Name
    model: Digest
    """SHA-256 of the weights."""
    frames: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    device: Name
    at: Moment


class TemperatureTaken(Wire, tag="temperature_taken", frozen=True, kw_only=True):
    """Median of several stable readings of the forehead, raw, in degrees Celsius."""

    object_c: float
    ambient_c: float
    spread_c: float
    """Largest less smallest of the readings that count."""
    readings: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    device: Name
    at: Moment


class CodeStatus(StrEnum):
    """What the check of a shown code said."""

    VALID = "valid"
    NOT_A_CODE = "not_a_code"
    """Readable, but none of the codes this hall knows."""
    FORGED = "forged"
    """The signature is wrong, or the key is unknown."""
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    WRONG_HALL = "wrong_hall"
    OTHER_PERSON = "other_person"
    """Made out to another identity than the card's."""
    REVOKED = "revoked"


class CodeChecked(Wire, tag="code_checked", frozen=True, kw_only=True):
    """An appointment code was shown and checked offline."""

    status: CodeStatus
    code_id: Name = ""
    """The code's own identifier; empty when it could not be read."""
    companions: Annotated[int, msgspec.Meta(ge=0, le=20)] = 0
    device: Name = ""
    at: Moment


class Occupancy(Wire, tag="occupancy", frozen=True, kw_only=True):
    """How many are inside, by this terminal's own count."""

    inside: Annotated[int, msgspec.Meta(ge=0)]
    at: Moment


Identity = IdentityRead | NotMeasured
Face = FaceCompared | NotMeasured
Warmth = TemperatureTaken | NotMeasured
Code = CodeChecked | NotMeasured
Inside = Occupancy | NotMeasured


class Evidence(Wire, frozen=True, kw_only=True):
    """All that is known of one person when the decision is taken."""

    identity: Identity
    face: Face
    temperature: Warmth
    code: Code
    occupancy: Inside
