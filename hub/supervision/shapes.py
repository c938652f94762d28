"""What the figures of some days are made of."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import ColumnElement

from kiosk.clock import CHINA

ENOUGH: Final = 5
"""So many people have to come to a screen before it can be the worst."""
_OF_STAFF: Final = frozenset({"attendant", "technician"})


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days in China, of one hall or of all that somebody may see."""

    first: date
    last: date
    halls: frozenset[str] | None

    @property
    def begins(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time(), CHINA)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time(), CHINA)

    @property
    def days(self) -> list[date]:
        """Each day."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def of(self, hall: ColumnElement[str]) -> list[ColumnElement[bool]]:
        """The condition on a hall's column."""
        return [] if self.halls is None else [hall.in_(sorted(self.halls))]


@dataclass(frozen=True, slots=True)
class Day:
    """One day's visitors and pieces of business."""

    day: date
    visitors: int = 0
    """Who was admitted and came in, with companions, by the beams."""
    admit: int = 0
    refuse: int = 0
    refer: int = 0
    submissions: int = 0
    decided: int = 0
    numbers: int = 0
    served: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A name with a number, and a second one where there is."""

    key: str
    number: int
    second: float = 0.0


@dataclass(frozen=True, slots=True)
class Use:
    """How a screen was used."""

    view: str
    shown: int
    left: int
    seconds: int
    told_people: int = 0

    @property
    def people(self) -> int:
        """Who came to it, each once a visit; terminals of before told how often it was shown only."""
        return self.told_people or self.shown

    @property
    def share_left(self) -> float:
        """The part of people who went away from it, 0 to 1."""
        return self.left / self.people if self.people else 0.0

    @property
    def is_of_citizens(self) -> bool:
        """Not one of those that staff and technicians open."""
        return self.view.partition(".")[0] not in _OF_STAFF


@dataclass(frozen=True, slots=True)
class Available:
    """How much of the time a terminal was in service, and its devices ready; 0 to 1."""

    hall: str
    terminal: str
    in_service: float
    devices: float
    hours: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All of it."""

    span: Span
    days: list[Day]
    reasons: list[Line]
    items: list[Line]
    departments: list[Line]
    channels: list[Line]
    phases: list[Line]
    office: list[Line]
    steps: list[Use]
    screens: list[Use]
    available: list[Available]
    stars: dict[int, int] = field(default_factory=dict)
    opinions: dict[str, int] = field(default_factory=dict)
    late: int = 0
    overdue: dict[str, int] = field(default_factory=dict)
    """What was told to supervisors and is not done, by hall."""

    def total(self, name: str) -> int:
        """The sum of a figure over the days."""
        return sum(int(getattr(day, name)) for day in self.days)

    @property
    def worst(self) -> Use | None:
        """The screen that most people left, of those that enough saw."""
        seen = [use for use in self.screens if use.people >= ENOUGH and use.left and use.is_of_citizens]
        return max(seen, key=lambda use: (use.share_left, use.left), default=None)
