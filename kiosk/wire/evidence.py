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
    PASSPORT = "passport"
    """Read from its machine-readable zone (ICAO 9303)."""
    CODE = "code"
    """A signed code made out to this person stands for the document."""
    RECOGNISED = "recognised"
    """Recognised among those who agreed to it (1:N), by the document they were enrolled with."""
    TYPED = "typed"
    """A member of staff typed the number, with the document in hand."""


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


class LivenessChecked(Wire, tag="liveness_checked", frozen=True, kw_only=True):
    """Whether a living person stood before the camera. Where it could not be told there is none of these."""

    passed: bool
    method: Name
    """`challenge`, `minifasnet`, or both joined by `+`."""
    frames: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    device: Name
    at: Moment


class MaskWorn(StrEnum):
    """Whether a mask covers nose and mouth."""

    WORN = "worn"
    BARE = "bare"
    UNSURE = "unsure"


class MaskSeen(Wire, tag="mask_seen", frozen=True, kw_only=True):
    """The mask classifier looked at the nearest face."""

    worn: MaskWorn
    frames: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    device: Name
    at: Moment


class TemperatureTaken(Wire, tag="temperature_taken", frozen=True, kw_only=True, omit_defaults=True):
    """Median of several stable readings of the forehead, in degrees Celsius.

    What a correction made of it stands beside the raw value, never instead of it. A hub from before corrections takes
    what was not corrected: then the fields are not sent.
    """

    object_c: float
    """Raw."""
    ambient_c: float
    spread_c: float
    """Largest less smallest of the readings that count."""
    readings: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    device: Name
    at: Moment
    corrected_c: float | None = None
    correction: Name = ""
    """What corrected it: `calibration-` and the day of the thermometer's calibration."""

    def __post_init__(self) -> None:
        """Refuse a corrected value that does not say by what, and the other way round."""
        if (self.corrected_c is None) != (not self.correction):
            raise ValueError("a corrected temperature names its correction")

    @property
    def counts_c(self) -> float:
        """What the rules look at: corrected, where it was."""
        return self.object_c if self.corrected_c is None else self.corrected_c


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
    CANCELLED = "cancelled"
    USED = "used"
    """The party has come in on it already."""


class CodeChecked(Wire, tag="code_checked", frozen=True, kw_only=True):
    """An appointment was checked offline: by the code that was shown, or by the person in the terminal's own list."""

    status: CodeStatus
    code_id: Name = ""
    """The appointment's own identifier; empty when it could not be read."""
    companions: Annotated[int, msgspec.Meta(ge=0, le=20)] = 0
    listed: bool = False
    """Found in the list by the person's identity: no telephone was needed."""
    list_made: Moment | None = None
    """When the hub made the list that was looked into; None when there was none."""
    visitor: bool = False
    """A visitor's or walk-in's code: for this door, of no department."""
    device: Name = ""
    at: Moment


class Holder(StrEnum):
    """Whether a proof is the person's own."""

    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"
    """It does not say, or names in other scripts cannot be compared: staff look."""


class Colour(StrEnum):
    """What a health-code service says of a person."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    UNKNOWN = "unknown"
    """The service does not know the code or the person."""


class HealthChecked(Wire, tag="health_checked", frozen=True, kw_only=True):
    """A health-code service was asked."""

    colour: Colour
    service: Name
    made: Moment
    """When the service says it judged."""
    holder: Holder
    shown_by: Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")] = ""
    """Digest of the family member on whose telephone it was, for somebody without one; both passages are linked."""
    device: Name = ""
    at: Moment


class CertificateChecked(Wire, tag="certificate_checked", frozen=True, kw_only=True):
    """A health certificate was verified offline (EU DCC, SMART Health Card, ICAO VDS-NC)."""

    scheme: Name
    answer: Name
    """Value of the verifier's enumeration: `valid`, `expired`, ..."""
    holder: Holder
    list_made: Moment | None = None
    """When the trust list was made."""
    device: Name = ""
    at: Moment


class Occupancy(Wire, tag="occupancy", frozen=True, kw_only=True):
    """How many are inside: by this terminal's own count, or the hall's where the hub told it lately."""

    inside: Annotated[int, msgspec.Meta(ge=0)]
    last_entered: Moment | None = None
    """When this person last came in here, within a day."""
    at: Moment


class Watched(Wire, frozen=True, kw_only=True):
    """Somebody's document stands on the hall's watch list: staff look. The entry itself is not repeated here."""

    entry: Annotated[str, msgspec.Meta(pattern="^([A-Z2-7]{8})?$")] = ""
    """Which; empty once the person was forgotten."""
    list_version: Annotated[int, msgspec.Meta(ge=1)]
    companion: bool = False
    """Not the person's own document, but one that belongs to their party."""


Identity = IdentityRead | NotMeasured
Face = FaceCompared | NotMeasured
Warmth = TemperatureTaken | NotMeasured
Code = CodeChecked | NotMeasured
Live = LivenessChecked | NotMeasured
Mask = MaskSeen | NotMeasured
HealthProof = HealthChecked | CertificateChecked | NotMeasured
Inside = Occupancy | NotMeasured


class Evidence(Wire, frozen=True, kw_only=True):
    """All that is known of one person when the decision is taken.

    The parts with a default came later: evidence stored before them is decided again as it was then.
    """

    identity: Identity
    face: Face
    temperature: Warmth
    code: Code
    occupancy: Inside
    liveness: Live = NotMeasured(why=Why.NOT_REQUIRED)
    mask: Mask = NotMeasured(why=Why.NOT_REQUIRED)
    health: HealthProof = NotMeasured(why=Why.NOT_REQUIRED)
    green_channel: bool = False
    """Asked for by the person, or by staff for them: old age, a wheelchair, a child in arms."""
    watch: Watched | msgspec.UnsetType = msgspec.UNSET
    """Sent of those on the list only: of everybody else the evidence is as it was before there were lists."""
