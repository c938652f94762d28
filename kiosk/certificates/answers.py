"""What a check of a certificate says: an enumerated answer with its reason and what the person can do. Never a boolean.

A certificate's content is in a reading only when its signature is good and the key may sign such a thing.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from kiosk.wire.codes import CodeClaims
from kiosk.wire.masking import mask_name
from kiosk.wire.trust import Scheme


class CertificateAnswer(StrEnum):
    """What the check came to. Only VALID lets anybody through."""

    VALID = "valid"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    BAD_SIGNATURE = "bad_signature"
    """Made with another key than it names, or changed since."""
    UNKNOWN_ISSUER = "unknown_issuer"
    """The trust list names no such issuer or key."""
    KEY_NOT_FOR_THIS = "key_not_for_this"
    """The key is known, but not for this issuer, this kind of statement or this algorithm."""
    REVOKED = "revoked"
    MALFORMED = "malformed"
    """Damaged, cut short, or not as its standard has it."""
    TOO_LARGE = "too_large"
    """Larger than a code can be, or it unpacks to more than a certificate can be."""
    INCOMPLETE = "incomplete"
    """One part of several; the others have not been shown."""
    UNSUPPORTED = "unsupported"
    """A certificate of a version, algorithm or type that this program does not read."""
    WRONG_TYPE = "wrong_type"
    """Good, but it does not state what a certificate here has to state."""
    STALE_LIST = "stale_list"
    """The trust list should have been renewed: neither good nor bad can be said with certainty."""
    NO_LIST = "no_list"
    """There is no trust list for this scheme: nothing can be said."""
    NOT_A_CERTIFICATE = "not_a_certificate"
    """Something else: a web address, text, another system's code."""


class Reason(StrEnum):
    """Why; stable codes for records, texts and tests."""

    NONE = "none"
    DAMAGED = "damaged"
    """An alphabet, compression, CBOR or JSON error."""
    STRAY_CHARACTERS = "stray_characters"
    NOT_COMPRESSED = "not_compressed"
    NOT_SIGNED = "not_signed"
    HEADER_MISSING = "header_missing"
    """Algorithm, key identifier or compression is not named."""
    ALGORITHM = "algorithm"
    SIGNATURE_FORM = "signature_form"
    """Of another length than the algorithm's, e.g. DER where r and s are expected."""
    SIGNATURE_WRONG = "signature_wrong"
    KEY_UNKNOWN = "key_unknown"
    KEY_RETIRED = "key_retired"
    KEY_NOT_YET = "key_not_yet"
    KEY_OTHER_ISSUER = "key_other_issuer"
    KEY_USAGE = "key_usage"
    """The signer's certificate does not allow this kind of statement."""
    CHAIN = "chain"
    """The signer's certificate does not come from a listed authority, or is out of its dates."""
    ISSUER_UNKNOWN = "issuer_unknown"
    ISSUER_FORM = "issuer_form"
    """Not an https address as its standard wants it."""
    TIME_FORM = "time_form"
    """No number of seconds, e.g. milliseconds."""
    PAST = "past"
    FUTURE = "future"
    STATEMENT_PAST = "statement_past"
    """The token is in its time, what it states is not, e.g. a recovery's last day."""
    STATEMENT_FUTURE = "statement_future"
    SCHEMA = "schema"
    """Signed, but its content is not as its standard has it."""
    TYPE_MISSING = "type_missing"
    TYPE_UNKNOWN = "type_unknown"
    NOT_COMPLETED = "not_completed"
    """A vaccination that was not given, a test that was not finished."""
    VERSION = "version"
    ONLINE_ONLY = "online_only"
    """A link to a certificate; the terminal follows none."""
    PART_HEADER = "part_header"
    PARTS_MISSING = "parts_missing"
    PARTS_DISAGREE = "parts_disagree"
    """Parts of different certificates."""
    PARTS_NOT_NEEDED = "parts_not_needed"
    """Cut into parts although it would fit into one."""
    SIZE = "size"
    UNPACKED_SIZE = "unpacked_size"
    LIST_OVERDUE = "list_overdue"
    """Past the list's next update, before its end."""
    LIST_EXPIRED = "list_expired"
    LIST_ABSENT = "list_absent"
    LISTED = "listed"
    """On the list of what was revoked."""
    FAULT = "fault"
    """A fault of this program, met by a last safety net."""


class Advice(StrEnum):
    """What the person can do."""

    NOTHING = "nothing"
    SHOW_AGAIN = "show_again"
    SHOW_OTHER_PARTS = "show_other_parts"
    SHOW_ANOTHER = "show_another"
    COME_LATER = "come_later"
    ASK_STAFF = "ask_staff"


_ADVICE = {
    CertificateAnswer.VALID: Advice.NOTHING,
    CertificateAnswer.EXPIRED: Advice.SHOW_ANOTHER,
    CertificateAnswer.NOT_YET_VALID: Advice.COME_LATER,
    CertificateAnswer.MALFORMED: Advice.SHOW_AGAIN,
    CertificateAnswer.INCOMPLETE: Advice.SHOW_OTHER_PARTS,
    CertificateAnswer.NOT_A_CERTIFICATE: Advice.SHOW_ANOTHER,
    CertificateAnswer.UNSUPPORTED: Advice.SHOW_ANOTHER,
    CertificateAnswer.WRONG_TYPE: Advice.SHOW_ANOTHER,
    CertificateAnswer.REVOKED: Advice.SHOW_ANOTHER,
}


class Usage(StrEnum):
    """Whether the signer's certificate allows this kind of statement."""

    ALLOWED = "allowed"
    """It names this kind."""
    UNRESTRICTED = "unrestricted"
    """It names no kind, which allows all."""
    FORBIDDEN = "forbidden"
    CANNOT_CHECK = "cannot_check"
    """There is no certificate, only a key, or its extensions cannot be read."""


class StatementKind(StrEnum):
    """What a certificate is about."""

    VACCINATION = "vaccination"
    TEST = "test"
    RECOVERY = "recovery"
    OTHER = "other"


class TestResult(StrEnum):
    """What a test found."""

    __test__ = False  # the name begins as pytest's own do

    DETECTED = "detected"
    NOT_DETECTED = "not_detected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a certificate is made out to. Its `repr` is masked, so that no log shows a name.

    Attributes:
        name: as printed, family name first where the certificate tells them apart.
        born: ISO 8601, `1979-04-14`, `1979-04`, `1979` or empty: that much is known.
        transliterated: as in the machine-readable zone (ICAO 9303), `FAMILY<<GIVEN`; empty where not given.
        document: number of the travel document it is bound to; empty where not given.
    """

    name: str
    born: str
    transliterated: str = ""
    document: str = ""

    @property
    def masked(self) -> str:
        """The name as it may be shown to others."""
        return mask_name(self.name)

    def __repr__(self) -> str:
        return f"Holder({self.masked})"


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that a certificate states.

    Attributes:
        kind: vaccination, test, recovery.
        on: date of the dose, the sample or the first positive test; None where only a year or month is given.
        text: of that date, as in the certificate.
        valid_from: first day that the statement itself names, if any.
        valid_until: last day that the statement itself names, if any.
        dose: number of the dose and of how many; (0, 0) where that does not apply.
        product: code of the vaccine or of the test.
        result: what a test found.
        country: as in the certificate, ISO 3166.
        unknown_codes: fields whose code is not in the value sets known here.
    """

    kind: StatementKind
    on: date | None
    text: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    dose: tuple[int, int] = (0, 0)
    product: str = ""
    result: TestResult = TestResult.UNKNOWN
    country: str = ""
    unknown_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, and what it is worth.

    Attributes:
        answer: only VALID lets anybody through.
        reason: why.
        scheme: None where none was recognised.
        holder: None unless the signature is good.
        statements: empty unless the signature is good.
        issuer: country or address of the issuer, once the key is known.
        key_id: of the key that is named, as text; empty where none is.
        issued, not_before, expires: of the token.
        usage: whether the signer may sign this.
        list_version: of the trust list that was used; 0 for none.
        list_age: since the trust list was issued.
        part: number of the part shown and how many there are; (0, 0) for a whole certificate.
        missing: numbers of the parts that have not been shown.
        code: an appointment code of our own; hall and person are for the gate to check.
        detail: for the technician's log; holds nothing of the person.
    """

    answer: CertificateAnswer
    reason: Reason = Reason.NONE
    scheme: Scheme | None = None
    holder: Holder | None = None
    statements: tuple[Statement, ...] = ()
    issuer: str = ""
    key_id: str = ""
    issued: datetime | None = None
    not_before: datetime | None = None
    expires: datetime | None = None
    usage: Usage = Usage.CANNOT_CHECK
    list_version: int = 0
    list_age: timedelta | None = None
    part: tuple[int, int] = (0, 0)
    missing: tuple[int, ...] = ()
    code: CodeClaims | None = field(default=None, repr=False)
    detail: str = ""

    @property
    def advice(self) -> Advice:
        """What the person can do; staff where nothing they could show would change it."""
        if self.reason in {Reason.FAULT, Reason.SCHEMA}:
            return Advice.ASK_STAFF
        return _ADVICE.get(self.answer, Advice.ASK_STAFF)


class Refused(Exception):
    """A stage of reading came to its end. Caught by the front door, which turns it into a `Reading`.

    Attributes:
        answer: the answer.
        reason: why.
        detail: for the technician.
    """

    def __init__(self, answer: CertificateAnswer, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{answer.value}: {reason.value}: {detail}")
        self.answer, self.reason, self.detail = answer, reason, detail
