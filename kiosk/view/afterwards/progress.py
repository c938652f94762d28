"""What was handed in before, and what the office asks for."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kiosk.view.afterwards.menu import Act
from kiosk.view.common import Words
from kiosk.view.desk import NO_WORDS


class ScanHint(StrEnum):
    """What to do with the receipt before the camera."""

    HOLD = "hold"
    NOT_A_RECEIPT = "not_a_receipt"
    CAMERA_AWAY = "camera_away"


@dataclass(frozen=True, slots=True)
class ScanReceipt:
    """Lay the receipt's code under the camera. By itself, `Do(TYPE)` to type its number, or `Back`."""

    hint: ScanHint = ScanHint.HOLD


@dataclass(frozen=True, slots=True)
class SubmissionLine:
    """One submission in the list. `standing` is a value of `kiosk.wire.progress.Standing`."""

    number: str
    title: Words
    standing: str
    since: datetime
    wants: bool = False
    """The office asks for something."""


@dataclass(frozen=True, slots=True)
class Submissions:
    """What this person handed in, what waits for them first. `Choose(number)` or `Back`."""

    name_masked: str
    lines: tuple[SubmissionLine, ...]


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step that was made. `what` is one of the hub's steps (`receive`, `accept`, …)."""

    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ProgressShown:
    """Where one submission stands. `Do(CORRECT | BRING | WITHDRAW | MORE_TIME | FETCH)` or `Back`.

    Attributes:
        standing: value of `kiosk.wire.progress.Standing`.
        due: decided by then.
        asked: what the office asks for and has not come, in its words.
        asked_due: by this day.
        deferred: papers that may follow.
        reason: of a refusal.
        parcel: the carrier and its number.
        results: documents that can be printed here; `printable` when they can be printed now.
    """

    number: str
    title: Words
    standing: str
    since: datetime
    steps: tuple[StepLine, ...]
    due: date | None = None
    provisional: bool = False
    asked: tuple[str, ...] = ()
    asked_due: date | None = None
    deferred: tuple[Words, ...] = ()
    deferred_due: date | None = None
    reason: str = ""
    parcel: str = ""
    may_withdraw: bool = False
    may_have_more_time: bool = False
    results: int = 0
    printable: bool = False


@dataclass(frozen=True, slots=True)
class Sure:
    """Before it is done: `Next` does it, `Back` leaves everything as it is. `what`: WITHDRAW, MORE_TIME or CANCEL."""

    what: Act
    title: Words
    number: str = ""
    begins: datetime | None = None


@dataclass(frozen=True, slots=True)
class WantedRow:
    """One thing that the office asks for.

    Attributes:
        key: answered by `Choose(key)`; empty for what has to be brought to a window.
        words: what is wanted, in the office's words; may be empty.
        done: it has come before, or was given just now.
        value: what was given now; no words when nothing was.
    """

    key: str
    title: Words
    words: str = ""
    done: bool = False
    value: Words = NO_WORDS


@dataclass(frozen=True, slots=True)
class Correction:
    """Only what is asked for, handed in once. `Choose(key)`, `Next` when `ready`, or `Back`."""

    number: str
    title: Words
    rows: tuple[WantedRow, ...]
    due: date | None = None
    ready: bool = False
    window: bool = False
    """Something of it can only be mended at a window."""
