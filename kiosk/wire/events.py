"""What a terminal reports. Every event has an id made with the state change (UUIDv7) and a sequence of its terminal.

The hub keeps the first of each id and answers each event by itself, so that one bad event never blocks the next.
Limits: one event at most 64 KiB, one batch at most 200 events, one paper at most 20 MiB.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from kiosk.wire.catalogue import Delivery
from kiosk.wire.evidence import Digest, Evidence, Moment, Name, Wire
from kiosk.wire.rules import Decision

MAX_EVENT_BYTES = 64 * 1024
MAX_BATCH = 200
MAX_PAPER_BYTES = 20 * 1024 * 1024
CHUNK_BYTES = 256 * 1024

Sealed = Annotated[bytes, msgspec.Meta(max_length=16 * 1024)]
"""age ciphertext to the hub's key; base64 in JSON. Large enough for a person or a form, too small for a photo."""
Masked = Annotated[str, msgspec.Meta(max_length=64)]
"""Personal text with its identifying part replaced by `*`."""


class Timing(Wire, frozen=True, kw_only=True):
    """How long a phase of a passage or submission took, in milliseconds."""

    phase: Name
    ms: Annotated[float, msgspec.Meta(ge=0)]


class Passage(Wire, tag="passage", frozen=True, kw_only=True):
    """One person was decided on at a lane. Stored before anything moves."""

    id: UUID
    lane: Name
    began: Moment
    decided: Moment
    evidence: Evidence
    decision: Decision
    name_masked: Masked = ""
    number_masked: Masked = ""
    person_sealed: Sealed = b""
    """`Person` as JSON, sealed: real-name registration."""
    timings: Annotated[tuple[Timing, ...], msgspec.Meta(max_length=64)] = ()


class Crossed(StrEnum):
    """What became of the passage at the barrier."""

    PASSED = "passed"
    TURNED_BACK = "turned_back"
    TAILGATED = "tailgated"
    NOBODY = "nobody"
    HELD_OPEN = "held_open"
    NOT_RELEASED = "not_released"
    """The decision was not ADMIT, or the barrier did not take the command."""
    UNKNOWN = "unknown"
    """The terminal or the barrier failed after the command: nobody saw what happened."""


class PassageEnded(Wire, tag="passage_ended", frozen=True, kw_only=True):
    """The second event of a passage: what the barrier saw."""

    id: UUID
    passage: UUID
    crossed: Crossed
    ended: Moment
    fault: Name = ""
    """The driver error's code, where the barrier failed."""
    people: Annotated[int, msgspec.Meta(ge=0, le=50)] = 0
    """How many heads came in, by the beams: companions and those who tailgated are counted."""


class Paper(Wire, frozen=True, kw_only=True):
    """One captured document, uploaded before the submission that names it."""

    sha256: Digest
    """Of the sealed bytes: the name under which they were uploaded."""
    bytes: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAPER_BYTES)]
    kind: Name
    """The item's key for this paper, e.g. `licence`."""
    captured: Moment
    device: Name
    grade: Annotated[str, msgspec.Meta(pattern="^[ABCD]$")] = "C"
    """Provenance (State Council guide 108/2016): C is uploaded by the user, original still to be checked."""
    pages: Annotated[int, msgspec.Meta(ge=1, le=200)] = 1
    """Of this file; a paper of very many pages comes as several files of one `kind`, in order."""
    earlier: Annotated[str, msgspec.Meta(pattern="^([0-9]{12,20})?$")] = ""
    """Number of the submission with which the same person handed this very file in before: it is at the hub already."""


class Deferred(Wire, frozen=True, kw_only=True):
    """A secondary paper that may follow by a day, against a promise that was signed (容缺)."""

    kind: Name
    due: date


class Submission(Wire, tag="submission", frozen=True, kw_only=True):
    """An application was handed in."""

    id: UUID
    number: Annotated[str, msgspec.Meta(pattern="^[0-9]{12,20}$")]
    """Receipt number, from the terminal's own range."""
    item: Name
    item_version: int
    began: Moment
    submitted: Moment
    promised: date | None = None
    person: Digest
    name_masked: Masked = ""
    number_masked: Masked = ""
    content_sealed: Sealed
    """`Content` as JSON, sealed to the hub's key."""
    papers: Annotated[tuple[Paper, ...], msgspec.Meta(max_length=50)] = ()
    timings: Annotated[tuple[Timing, ...], msgspec.Meta(max_length=64)] = ()
    home: Name = ""
    """The hall that decides, where the person said so; empty: as the hub's routing has it."""
    deferred: Annotated[tuple[Deferred, ...], msgspec.Meta(max_length=20)] = ()
    payment: UUID | None = None
    """The order that was paid for it (`kiosk.wire.requests.Order`)."""
    way: Delivery = Delivery.COLLECT
    address_sealed: Sealed = b""
    """`Address` as JSON, sealed; for a courier."""
    texts_sealed: Sealed = b""
    """`kiosk.wire.texts.TextsWanted` as JSON, sealed: the person wants messages about it."""


class ReceiptGiven(Wire, tag="receipt_given", frozen=True, kw_only=True):
    """How the citizen got the receipt."""

    id: UUID
    submission: UUID
    printed: bool
    """False when it was shown on the screen because the printer could not."""
    fault: Name = ""
    given: Moment


class StaffAct(StrEnum):
    """What a member of staff did at a lane."""

    ADMITTED = "admitted"
    """A referred person was let through; `passage` says who."""
    TURNED_AWAY = "turned_away"
    MEASURED_AGAIN = "measured_again"
    """A second temperature, taken with another thermometer; `temperature_c`."""
    OPENED = "opened"
    """The barrier was opened by hand, without a passage."""
    PAUSED = "paused"
    RESUMED = "resumed"
    DISINFECTED = "disinfected"
    PAPER_CHANGED = "paper_changed"
    COUNT_SET = "count_set"
    """The head count was corrected; `count`."""
    ANSWERED = "answered"
    """Came to somebody who had asked for staff."""
    ENROLLED = "enrolled"
    """Somebody agreed to be recognised at the lane; `reason` names the signed consent, `count` how many agreed by now.

    Nothing says who: that is on the lane and on the paper.
    """
    UNENROLLED = "unenrolled"
    """Somebody is not recognised any more; `count` how many still are."""
    TECHNICIAN = "technician"
    """The technician's mode was used, at a gate or a desk; `reason` says for what (`kiosk.technician.audit`)."""


class StaffAction(Wire, tag="staff_action", frozen=True, kw_only=True):
    """A member of staff acted at a lane. Stored before anything moves."""

    id: UUID
    act: StaffAct
    staff: Name
    lane: Name
    passage: UUID | None = None
    reason: Name = ""
    """Chosen from a list on the screen."""
    temperature_c: Annotated[float, msgspec.Meta(ge=25, le=45)] | None = None
    count: Annotated[int, msgspec.Meta(ge=0, le=100_000)] | None = None
    at: Moment


class LaneTrouble(StrEnum):
    """What a lane sees that nobody asked it for."""

    FORCED = "forced"
    HELD_OPEN = "held_open"
    FIRE = "fire"
    """The fire input opened the lane."""


class LaneAlarm(Wire, tag="lane_alarm", frozen=True, kw_only=True):
    """A lane was forced, stands open, or was opened by the fire input."""

    id: UUID
    trouble: LaneTrouble
    lane: Name
    at: Moment


class Supplement(Wire, tag="supplement", frozen=True, kw_only=True):
    """What an office asked for was handed in, or a paper that was to follow: only that part."""

    id: UUID
    number: Annotated[str, msgspec.Meta(pattern="^[0-9]{12,20}$")]
    """Of the submission it belongs to, from whichever terminal."""
    person_sealed: Sealed
    """`Person` as JSON, sealed: it must be the one who handed in the submission."""
    papers: Annotated[tuple[Paper, ...], msgspec.Meta(max_length=50)] = ()
    answers_sealed: Sealed = b""
    """`Answers` as JSON, sealed."""
    handed_in: Moment


class DeliveryWanted(Wire, tag="delivery_wanted", frozen=True, kw_only=True):
    """The person wants the result another way, or at another address."""

    id: UUID
    number: Annotated[str, msgspec.Meta(pattern="^[0-9]{12,20}$")]
    person_sealed: Sealed
    way: Delivery
    address_sealed: Sealed = b""
    """`Address` as JSON, sealed; for a courier."""
    at: Moment


class OpinionKind(StrEnum):
    """What somebody says of the service."""

    COMPLAINT = "complaint"
    """Finding fault (找茬)."""
    SUGGESTION = "suggestion"
    RATING = "rating"


class Opinion(Wire, tag="opinion", frozen=True, kw_only=True):
    """Somebody complains, suggests something, or rates the service."""

    id: UUID
    kind: OpinionKind
    code: Annotated[str, msgspec.Meta(pattern="^[A-Z2-7]{8}$")]
    """Made on the terminal; on the slip, to ask for the reply with."""
    at: Moment
    person: Digest | None = None
    """None: they do not say who they are."""
    name_masked: Masked = ""
    number: Annotated[str, msgspec.Meta(pattern="^([0-9]{12,20})?$")] = ""
    """Of the submission it is about."""
    item: Name = ""
    department: Name = ""
    stars: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None
    """Of a rating: 5 very satisfied, 4 satisfied, 3 fair, 2 dissatisfied, 1 very dissatisfied."""
    reasons: Annotated[tuple[Name, ...], msgspec.Meta(max_length=10)] = ()
    """Chosen from a list on the screen."""
    words_sealed: Sealed = b""
    """`OpinionWords` as JSON, sealed: people name themselves and others."""


class CallbackWanted(Wire, tag="callback_wanted", frozen=True, kw_only=True):
    """Somebody wanted help from afar, and nobody could come: they leave a number to be called at."""

    id: UUID
    call: UUID
    """The call this was; one that never reached the hub has no other trace."""
    role: Name
    language: Name
    view: Name
    item: Name = ""
    at: Moment
    number_sealed: Annotated[bytes, msgspec.Meta(min_length=1, max_length=2048)]
    """`CallbackNumber` as JSON, sealed."""


class DraftHandedOver(Wire, tag="draft_handed_over", frozen=True, kw_only=True):
    """Somebody goes on at a window with what they began at a desk; whose it is, only its code opens.

    Attributes:
        draft: Its name (`kiosk.wire.window.name_of`).
        sha256, bytes: Of its sealed file, uploaded before.
    """

    id: UUID
    draft: UUID
    item: Name
    made: Moment
    expires: Moment
    sha256: Digest
    bytes: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAPER_BYTES)]


Event = (
    Passage
    | PassageEnded
    | Submission
    | ReceiptGiven
    | StaffAction
    | LaneAlarm
    | Supplement
    | DeliveryWanted
    | Opinion
    | CallbackWanted
    | DraftHandedOver
)


class Envelope(Wire, frozen=True, kw_only=True):
    """One event on its way, with its place in the terminal's order."""

    seq: Annotated[int, msgspec.Meta(ge=1)]
    made: Moment
    event: Event


class Fate(StrEnum):
    """What the hub did with one event."""

    STORED = "stored"
    KNOWN = "known"
    """It was stored before; the terminal may forget it."""
    REFUSED = "refused"
    """It will never be taken as it is; the terminal keeps it as a dead letter."""
    LATER = "later"
    """Something it needs has not arrived (a paper); try again."""


class Answer(Wire, frozen=True, kw_only=True):
    """The hub's answer to one event, sent after it is durable."""

    seq: int
    fate: Fate
    detail: Annotated[str, msgspec.Meta(max_length=400)] = ""


class Person(Wire, frozen=True, kw_only=True):
    """Who a passage or submission is of. Travels only sealed; bounded, so that no picture hides in it."""

    name: Name
    number: Annotated[str, msgspec.Meta(max_length=32)]
    document: Annotated[str, msgspec.Meta(max_length=32)]
    address: Annotated[str, msgspec.Meta(max_length=200)] = ""


MOST_INK = 1200
"""Numbers in all strokes of a signature together: some 5 kB as JSON, so that it fits beside a long form."""


class SignedBy(StrEnum):
    """How somebody put their name to what is declared."""

    WRITTEN = "written"
    """With a finger on the screen."""
    CARD = "card"
    """Not by hand: the identity card was laid on the reader once more, for this."""
    NUMBER = "number"
    """Not by hand: the last four characters of the identity card's number were typed."""


class Signature(Wire, frozen=True, kw_only=True):
    """What was written with a finger on the screen, as lines and not as a picture; or how it was confirmed instead.

    Attributes:
        width, height: of the field, in the same unit as the strokes.
        strokes: each x, y, x, y …, from the field's upper left corner, `y` downwards; none where nothing was written.
        how: written by hand, or confirmed by somebody who does not write here.
        declared: the words above the field, line by line, as they were shown: what was signed.
    """

    width: Annotated[int, msgspec.Meta(ge=1, le=9999)]
    height: Annotated[int, msgspec.Meta(ge=1, le=9999)]
    strokes: Annotated[
        tuple[
            Annotated[
                tuple[Annotated[int, msgspec.Meta(ge=0, le=9999)], ...], msgspec.Meta(min_length=2, max_length=MOST_INK)
            ],
            ...,
        ],
        msgspec.Meta(max_length=100),
    ]
    how: SignedBy = SignedBy.WRITTEN
    declared: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=300)], ...], msgspec.Meta(max_length=24)]
    signed: Moment

    def __post_init__(self) -> None:
        """Check what a field's limits cannot say.

        Raises:
            ValueError: more ink than a signature has, or a stroke with half a point; none, and yet written, or some,
                and yet not.
        """
        if bool(self.strokes) != (self.how is SignedBy.WRITTEN):
            raise ValueError("a signature has strokes when it was written, and only then")
        if sum(map(len, self.strokes)) > MOST_INK or any(len(stroke) % 2 for stroke in self.strokes):
            raise ValueError(f"a signature has at most {MOST_INK} numbers, in pairs")


class Content(Wire, frozen=True, kw_only=True):
    """What was filled in. Travels only sealed; bounded, so that no picture hides in it."""

    person: Person
    answers: Annotated[dict[Name, Annotated[str, msgspec.Meta(max_length=500)]], msgspec.Meta(max_length=200)]
    signature: Signature | None = None


class Answers(Wire, frozen=True, kw_only=True):
    """What was filled in again. Travels only sealed."""

    answers: Annotated[dict[Name, Annotated[str, msgspec.Meta(max_length=500)]], msgspec.Meta(max_length=200)]


class Address(Wire, frozen=True, kw_only=True):
    """Where the courier goes. Travels only sealed."""

    name: Name
    phone: Annotated[str, msgspec.Meta(pattern="^\\+?[0-9 -]{5,20}$")]
    region: Annotated[str, msgspec.Meta(max_length=100)] = ""
    """Province, city, county."""
    street: Annotated[str, msgspec.Meta(min_length=2, max_length=200)]


class OpinionWords(Wire, frozen=True, kw_only=True):
    """What somebody says, and where they can be answered. Travels only sealed."""

    text: Annotated[str, msgspec.Meta(max_length=500)]
    phone: Annotated[str, msgspec.Meta(max_length=32)] = ""


class CallbackNumber(Wire, frozen=True, kw_only=True):
    """Where somebody is to be called back. Travels only sealed."""

    phone: Annotated[str, msgspec.Meta(pattern="^\\+?[0-9 -]{5,20}$")]
