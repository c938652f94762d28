"""Which days are worked: the State Council's yearly notice as data, signed by the hub (`Signed.kind` is `holidays`).

Deadlines of an office count working days: Monday to Friday without public holidays, and the weekend days that are
worked instead (调休). The notice for a year comes in the autumn before; a date in a year without one is provisional.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated, Final

import msgspec

from kiosk.wire.evidence import Wire

KIND: Final = "holidays"
MOST_DAYS: Final = 1000
"""A deadline farther away than that is a mistake, and would be counted for ever."""
_WEEK: Final = 5


class Year(Wire, frozen=True, kw_only=True):
    """One year's days.

    Attributes:
        year: Of which all days are.
        off: Days off between Monday and Friday; weekend days may be named too and change nothing.
        work: Saturdays and Sundays that are worked.
        provisional: Made before the notice: the statutory holidays only, without days moved.
    """

    year: Annotated[int, msgspec.Meta(ge=2020, le=2100)]
    off: Annotated[tuple[date, ...], msgspec.Meta(max_length=100)]
    work: Annotated[tuple[date, ...], msgspec.Meta(max_length=40)] = ()
    provisional: bool = False


class Holidays(Wire, frozen=True, kw_only=True):
    """The years that are known.

    Attributes:
        version: Of this edition.
        source: Where the days are from, e.g. the number of the notice.
        years: In order.
    """

    version: Annotated[int, msgspec.Meta(ge=1)]
    source: Annotated[str, msgspec.Meta(max_length=300)] = ""
    years: Annotated[tuple[Year, ...], msgspec.Meta(min_length=1, max_length=30)]


class Due(Wire, frozen=True, kw_only=True):
    """A day counted in working days, and whether it may still move: a year on the way has no notice yet."""

    day: date
    provisional: bool


class Calendar:
    """Counts working days.

    Args:
        years: What is known; a year that is missing is counted Monday to Friday, and provisional.
    """

    def __init__(self, years: Iterable[Year] = ()) -> None:
        known = tuple(years)
        self._off = frozenset(day for year in known for day in year.off)
        self._work = frozenset(day for year in known for day in year.work)
        self._certain = frozenset(year.year for year in known if not year.provisional)

    def is_worked(self, day: date) -> bool:
        """Whether offices are open on a day."""
        if day in self._work:
            return True
        return day.isoweekday() <= _WEEK and day not in self._off

    def is_certain(self, day: date) -> bool:
        """Whether the notice for the day's year is here."""
        return day.year in self._certain

    def after(self, day: date, working_days: int) -> Due:
        """The last of so many working days, the first of which comes after `day`.

        Args:
            day: The day that is not counted: when it was handed in, accepted, asked for.
            working_days: 0 is the day itself, whatever it is.

        Raises:
            ValueError: Negative, or more than `MOST_DAYS`.
        """
        if not 0 <= working_days <= MOST_DAYS:
            raise ValueError(f"a deadline has 0 to {MOST_DAYS} working days, not {working_days}")
        certain, left = self.is_certain(day) or not working_days, working_days
        while left:
            day += timedelta(days=1)
            certain = certain and self.is_certain(day)
            left -= self.is_worked(day)
        return Due(day=day, provisional=not certain)

    def between(self, first: date, last: date) -> int:
        """How many working days lie after `first`, up to and with `last`; negative when `last` is over."""
        if last < first:
            return -self.between(last, first)
        return sum(self.is_worked(first + timedelta(days=each)) for each in range(1, (last - first).days + 1))


def problem_of(holidays: Holidays) -> str:
    """What is wrong with an edition, in words with its place; empty when it is sound."""
    seen: set[int] = set()
    for year in holidays.years:
        if year.year in seen:
            return f"{year.year}: named twice"
        seen.add(year.year)
        for day in (*year.off, *year.work):
            if day.year != year.year:
                return f"{year.year}: {day} is another year's"
        if both := sorted(set(year.off) & set(year.work)):
            return f"{year.year}: {both[0]} is both off and worked"
        for day in year.work:
            if day.isoweekday() <= _WEEK:
                return f"{year.year}: {day} is no Saturday or Sunday; it is worked anyway"
    return ""
