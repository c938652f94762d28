"""What a desk asks of the office and needs an answer to, while the person waits.

A request has an id made on the terminal with the person's wish. Sent again after a lost answer it does nothing twice:
the hub keeps the answer, and gives the same. What needs no answer goes through the outbox (`kiosk.wire.events`).
"""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from kiosk.wire.appointments import Appointment
from kiosk.wire.events import Masked, Sealed
from kiosk.wire.evidence import Moment, Name, Wire
from kiosk.wire.progress import ReceiptNumber, Standing, WhoAsks

MOST_FEN = 100_000_000
"""A million yuan: no fee of a service hall comes near it."""


class Withdraw(Wire, tag="withdraw", frozen=True, kw_only=True):
    """Take a submission back before it is decided."""

    who: WhoAsks
    number: ReceiptNumber


class MoreTime(Wire, tag="more_time", frozen=True, kw_only=True):
    """Have the day moved, once, by which something asked for or promised has to come."""

    who: WhoAsks
    number: ReceiptNumber


class TakeNumber(Wire, tag="take_number", frozen=True, kw_only=True):
    """Take a number for a window, today."""

    department: Name = ""
    who: WhoAsks | None = None
    texts_sealed: Sealed = b""
    """`kiosk.wire.texts.TextsWanted` as JSON, sealed: a message is wanted when it is called soon."""


class Book(Wire, tag="book", frozen=True, kw_only=True):
    """Book an appointment for oneself."""

    who: WhoAsks
    department: Name = ""
    begins: Moment
    companions: Annotated[int, msgspec.Meta(ge=0, le=20)] = 0
    name_masked: Masked = ""
    texts_sealed: Sealed = b""
    """`kiosk.wire.texts.TextsWanted` as JSON, sealed: a message is wanted when the hall changes it."""


class Move(Wire, tag="move", frozen=True, kw_only=True):
    """Move one's appointment; `seen` is the change that was shown."""

    who: WhoAsks
    code_id: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    seen: int
    begins: Moment
    companions: Annotated[int, msgspec.Meta(ge=0, le=20)] | None = None


class Cancel(Wire, tag="cancel", frozen=True, kw_only=True):
    """Cancel one's appointment."""

    who: WhoAsks
    code_id: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    seen: int


class Pay(Wire, tag="pay", frozen=True, kw_only=True):
    """Make an order at the payment gateway; the answer's QR is shown. The order has the request's id."""

    item: Name
    fen: Annotated[int, msgspec.Meta(ge=1, le=MOST_FEN)]


class Refund(Wire, tag="refund", frozen=True, kw_only=True):
    """Give up an order: an unpaid one is closed, a paid one that no submission names is paid back."""

    order: UUID


Ask = Withdraw | MoreTime | TakeNumber | Book | Move | Cancel | Pay | Refund


class Request(Wire, frozen=True, kw_only=True):
    """One wish with its id."""

    id: UUID
    made: Moment
    ask: Ask


class Changed(Wire, tag="changed", frozen=True, kw_only=True):
    """A submission stands so now; `due` is the new day, where one was moved."""

    number: ReceiptNumber
    standing: Standing
    due: date | None = None


class Numbered(Wire, tag="numbered", frozen=True, kw_only=True):
    """A number for a window, e.g. `A012`, and how many are before it."""

    text: Name
    department: Name
    ahead: int
    made: Moment


class Appointed(Wire, tag="appointed", frozen=True, kw_only=True):
    """An appointment as it stands now; `code` is the QR's text, empty once cancelled."""

    appointment: Appointment
    change: int
    code: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class OrderState(StrEnum):
    """Where an order stands."""

    WAITING = "waiting"
    PAID = "paid"
    CLOSED = "closed"
    """Given up, or not paid in time; a payment that comes yet is paid back."""
    REFUNDING = "refunding"
    REFUNDED = "refunded"


class Order(Wire, tag="order", frozen=True, kw_only=True):
    """An order at the payment gateway. `qr` is shown to be scanned until `expires`."""

    id: UUID
    state: OrderState
    fen: int
    qr: Annotated[str, msgspec.Meta(max_length=500)] = ""
    expires: Moment


Reply = Changed | Numbered | Appointed | Order


class SlotFree(Wire, frozen=True, kw_only=True):
    """One hour that can be booked: how many may still come."""

    begins: Moment
    free: Annotated[int, msgspec.Meta(ge=0)]


class Slots(Wire, frozen=True, kw_only=True):
    """The hours of a department from a day on."""

    department: Name
    slots: Annotated[tuple[SlotFree, ...], msgspec.Meta(max_length=1000)]


class NotDone(Wire, frozen=True, kw_only=True):
    """The hub said no; nothing was changed. Never travels: the client makes it of the hub's problem.

    Attributes:
        kind: Stable, e.g. `not_possible`, `full`, `no_such_submission`.
    """

    kind: Name
    detail: Annotated[str, msgspec.Meta(max_length=1000)]


class LineDown(Wire, frozen=True, kw_only=True):
    """No answer in time. Never travels: the client gives it. Asked again with the same id nothing is done twice.

    Attributes:
        refused: The hub answers, and refuses this terminal or its version: a technician is needed.
    """

    detail: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    refused: bool = False
