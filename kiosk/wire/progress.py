"""What becomes of a submission, as it may be shown to the person whose it is: no names of staff, no notes of theirs."""

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec

from kiosk.wire.appointments import Appointment
from kiosk.wire.catalogue import Delivery, Handling
from kiosk.wire.events import Deferred, OpinionKind, Sealed
from kiosk.wire.evidence import Digest, Moment, Name, Wire

ReceiptNumber = Annotated[str, msgspec.Meta(pattern="^[0-9]{12,20}$")]
Line = Annotated[str, msgspec.Meta(max_length=500)]
MOST_SHOWN = 100
"""Submissions of one person in one answer, the newest."""


class Standing(StrEnum):
    """Where a submission stands."""

    RECEIVED = "received"
    CORRECTING = "correcting"
    """Returned once, with everything listed."""
    CORRECTED = "corrected"
    ACCEPTED = "accepted"
    ROUTED = "routed"
    """Forwarded to the hall that goes on with it."""
    GRANTED = "granted"
    REFUSED = "refused"
    """Decided, and refused; or not accepted, with the reason."""
    RESULT = "result"
    """The result is there, to be fetched or sent."""
    SENT = "sent"
    DELIVERED = "delivered"
    COLLECTED = "collected"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """What was asked for, or promised, did not come in time."""


class Part(StrEnum):
    """What kind of thing is asked for."""

    PAPER = "paper"
    ANSWER = "answer"
    OTHER = "other"


class Asked(Wire, frozen=True, kw_only=True):
    """One thing that the office asks for: only this is handed in again.

    Attributes:
        key: Of the paper or the question in the item; empty for `OTHER`.
        words: What is wrong with it, and what is wanted.
        done: It has come.
    """

    part: Part
    key: Name = ""
    words: Line
    done: bool = False


class ParcelNews(Wire, frozen=True, kw_only=True):
    """One event of a parcel's way."""

    at: Moment
    state: Name
    words: Line = ""


class Parcel(Wire, frozen=True, kw_only=True):
    """A parcel with the result.

    Attributes:
        state: `ordered`, `collected`, `moving`, `out`, `delivered`, `returned` or `lost`.
    """

    carrier: Name
    label: Name
    state: Name
    news: Annotated[tuple[ParcelNews, ...], msgspec.Meta(max_length=100)] = ()


class ResultFile(Wire, frozen=True, kw_only=True):
    """One document of the result, a PDF."""

    place: int
    title: Annotated[str, msgspec.Meta(max_length=200)]
    bytes: int
    uploaded: Moment


class StepShown(Wire, frozen=True, kw_only=True):
    """One step that has been made."""

    what: Name
    standing: Standing
    at: Moment
    hall: Name


class Progress(Wire, frozen=True, kw_only=True):
    """Where one submission stands.

    Attributes:
        hall: Where it was handed in.
        accepts, decides: The halls that do.
        acceptance_due: Accepted or answered by this day, or it counts as accepted.
        due: Decided by this day; None before acceptance, and for what is done at once.
        provisional: A day of these may move: a holiday notice is missing.
        asked: What was asked for; nothing else need be handed in again.
        asked_due: By this day.
        deferred: Papers that may follow, with their days (容缺).
        reason: Why it was refused or lapsed.
        may_withdraw, may_have_more_time: What the person can still do.
    """

    number: ReceiptNumber
    item: Name
    item_version: int
    hall: Name
    accepts: Name
    decides: Name
    handling: Handling
    submitted: Moment
    standing: Standing
    since: Moment
    acceptance_due: date | None = None
    due: date | None = None
    provisional: bool = False
    extended: bool = False
    asked: Annotated[tuple[Asked, ...], msgspec.Meta(max_length=100)] = ()
    asked_due: date | None = None
    deferred: Annotated[tuple[Deferred, ...], msgspec.Meta(max_length=20)] = ()
    reason: Line = ""
    may_withdraw: bool = False
    may_have_more_time: bool = False
    way: Delivery = Delivery.COLLECT
    parcel: Parcel | None = None
    results: Annotated[tuple[ResultFile, ...], msgspec.Meta(max_length=20)] = ()
    steps: Annotated[tuple[StepShown, ...], msgspec.Meta(max_length=200)] = ()


class MyAppointment(Wire, frozen=True, kw_only=True):
    """An appointment of the person. `change` is named when it is moved or cancelled; `code` is the QR's text."""

    appointment: Appointment
    change: int
    code: Annotated[str, msgspec.Meta(max_length=1000)]


class MyOpinion(Wire, frozen=True, kw_only=True):
    """A complaint, suggestion or rating, and what was answered. `code` is on its slip."""

    code: Name
    kind: OpinionKind
    at: Moment
    due: date | None = None
    reply: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    replied: Moment | None = None


class Mine(Wire, frozen=True, kw_only=True):
    """Everything of one person that can be shown to them, the newest first."""

    made: Moment
    submissions: Annotated[tuple[Progress, ...], msgspec.Meta(max_length=MOST_SHOWN)]
    appointments: Annotated[tuple[MyAppointment, ...], msgspec.Meta(max_length=MOST_SHOWN)] = ()
    opinions: Annotated[tuple[MyOpinion, ...], msgspec.Meta(max_length=MOST_SHOWN)] = ()


class WhoAsks(Wire, frozen=True, kw_only=True):
    """A person at a terminal, identified there.

    Attributes:
        person: `person_digest` of their number under the key of the terminal's hall.
        number_sealed: The number itself (`Person` as JSON), sealed: with it what was handed in at other halls is
            found too. It must be of the same person.
    """

    person: Digest
    number_sealed: Sealed = b""


class AskMine(Wire, frozen=True, kw_only=True):
    """Asks for `Mine`; with a receipt's number, for that submission only."""

    who: WhoAsks
    number: Annotated[str, msgspec.Meta(pattern="^([0-9]{12,20})?$")] = ""


class AskResult(Wire, frozen=True, kw_only=True):
    """Asks for one document of the result; the answer is the PDF."""

    who: WhoAsks
    number: ReceiptNumber
    place: Annotated[int, msgspec.Meta(ge=0, le=20)] = 0
