"""The receipt, the result, and leaving."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kiosk.view.common import Words
from kiosk.view.desk.choosing import NO_WORDS


@dataclass(frozen=True, slots=True)
class Deciding:
    """Handed in; it is decided at once, and the result comes in a moment. `Next` does not wait for it.

    Attributes:
        seconds: how long it is waited for yet.
    """

    title: Words
    number: str
    seconds: int


class Printed(StrEnum):
    """Where the printed result is."""

    NOT_YET = "not_yet"
    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"
    """Nothing came out."""
    UNSURE = "unsure"
    """It was interrupted: look whether something came out."""


@dataclass(frozen=True, slots=True)
class ResultHere:
    """Decided at once: this is the result. `PrintResult`, or `Next` for the receipt.

    Attributes:
        page: JPEG of its first page; empty where it cannot be shown.
        documents: how many there are.
        printable: there is a page printer that answers.
    """

    title: Words
    number: str
    page: bytes
    documents: int = 1
    printed: Printed = Printed.NOT_YET
    printable: bool = False


class Receipt(StrEnum):
    """Where the receipt is."""

    PRINTING = "printing"
    PRINTED = "printed"
    ON_SCREEN = "on_screen"
    """The printer cannot; photograph the code, or try again."""
    PRINT_UNSURE = "print_unsure"
    """It was interrupted: look whether a slip came out."""


class PrinterProblem(StrEnum):
    """Why the receipt is not printed."""

    NONE = "none"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class AtWindow:
    """What was begun here goes on at a window, by this code only. `Reprint`, or `Next`.

    Attributes:
        qr: payload of the code: it holds the only key.
        until: the last day it can be opened.
        gone: when the copy and the key were destroyed here.
        offline: it is on its way, and arrives when the line is back.
    """

    title: Words
    qr: str
    until: date
    gone: datetime
    receipt: Receipt
    problem: PrinterProblem
    offline: bool = False


class Fee(StrEnum):
    """How the fee stands."""

    NONE = "none"
    PAID = "paid"
    AT_WINDOW = "at_window"
    UNSURE = "unsure"
    """A code was shown, and the line went down: not to be paid twice."""


class Outcome(StrEnum):
    """What became of an item that is done at once."""

    NONE = "none"
    """Nothing yet."""
    GRANTED = "granted"
    REFUSED = "refused"
    RETURNED = "returned"
    """Something is to be mended."""


@dataclass(frozen=True, slots=True)
class OwedPaper:
    """A paper that follows by a day."""

    title: Words
    due: date


@dataclass(frozen=True, slots=True)
class Done:
    """Handed in: number, date promised, QR, where the receipt is. `Reprint`, or `Next` to finish.

    Attributes:
        qr: payload of the QR code, the same as on the slip.
        earlier: handed in before the terminal was interrupted; shown again when the same person returns.
        owed: papers that follow.
        decided_by: who decides, where that is not this hall.
        courier: the result is sent.
        outcome: what became of an item that is done at once.
    """

    number: str
    title: Words
    submitted: datetime
    promised: date | None
    hotline: str
    qr: str
    receipt: Receipt
    problem: PrinterProblem = PrinterProblem.NONE
    earlier: bool = False
    owed: tuple[OwedPaper, ...] = ()
    fee: Fee = Fee.NONE
    decided_by: Words = NO_WORDS
    courier: bool = False
    outcome: Outcome = Outcome.NONE
    provisional: bool = False
    """The promised day may move: the holidays of that year are not known yet."""


@dataclass(frozen=True, slots=True)
class TakeYourThings:
    """请取走您的证件: card, paper and receipt.

    Attributes:
        card_left: the card still lies on the reader; said aloud, too.
    """

    card_left: bool = False


@dataclass(frozen=True, slots=True)
class StillThere:
    """Nobody has touched anything for a while. `Stay`, or everything is wiped when `seconds` are over.

    Attributes:
        seconds: that are left; 0 in calm, where nothing counts.
        calm: it is asked without a limit; `Cancel` is what the next person touches, and what can be kept is kept.
        card: it was so long that only the card laid down again goes on.
    """

    seconds: int
    calm: bool = False
    card: bool = False


@dataclass(frozen=True, slots=True)
class StaffCalled:
    """Staff have been called. `Back` returns to where one was."""


@dataclass(frozen=True, slots=True)
class Reprint:
    """Print the receipt again."""


@dataclass(frozen=True, slots=True)
class PrintResult:
    """Print the result on paper."""


@dataclass(frozen=True, slots=True)
class ToWindow:
    """Go on at a window: what was filled in is handed over sealed, and is gone from here."""
