"""Appointments, queue numbers, and what one thinks of the service."""

from dataclasses import dataclass
from datetime import date, datetime

from kiosk.view.afterwards.told import Slip
from kiosk.view.common import Words


@dataclass(frozen=True, slots=True)
class AppointmentLine:
    """One appointment."""

    key: str
    begins: datetime
    department: Words


@dataclass(frozen=True, slots=True)
class Appointments:
    """Appointments of this person. `Choose(key)`, `Do(BOOK)` or `Back`."""

    name_masked: str
    lines: tuple[AppointmentLine, ...]


@dataclass(frozen=True, slots=True)
class DayFree:
    """One day, and how many may still come."""

    day: date
    free: int


@dataclass(frozen=True, slots=True)
class PickDay:
    """Which day? `Choose(day)` in ISO 8601, or `Back`."""

    department: Words
    days: tuple[DayFree, ...]


@dataclass(frozen=True, slots=True)
class HourFree:
    """One hour, and how many may still come. `key` is answered by `Choose`."""

    key: str
    begins: datetime
    free: int


@dataclass(frozen=True, slots=True)
class PickHour:
    """What time? `Choose(key)` or `Back`."""

    department: Words
    day: date
    hours: tuple[HourFree, ...]


@dataclass(frozen=True, slots=True)
class OneAppointment:
    """An appointment. `Do(MOVE | CANCEL | PRINT)`, `Next` or `Back`.

    Attributes:
        qr: text of its code, for the gate.
        fresh: booked or moved just now.
    """

    begins: datetime
    ends: datetime
    department: Words
    qr: str
    slip: Slip = Slip.NONE
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class QueueNumber:
    """A number for a window. `Do(PRINT)` where the slip is not printed, `Next`."""

    text: str
    department: Words
    ahead: int
    made: datetime
    slip: Slip = Slip.NONE


@dataclass(frozen=True, slots=True)
class RateService:
    """How was it? `Rate(stars)` or `Back`."""


@dataclass(frozen=True, slots=True)
class OpinionLine:
    """One opinion of this person, and what was answered. `kind`: a value of `kiosk.wire.events.OpinionKind`."""

    code: str
    kind: str
    at: datetime
    due: date | None = None
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Opinions:
    """Complaints and suggestions with a name, the newest first. `Next` or `Back`."""

    name_masked: str
    lines: tuple[OpinionLine, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """So many stars, 1 to 5."""

    stars: int
