"""The only place that reads the wall clock.

Everything else is given a `Clock`. Deadlines and durations use monotonic time; wall time is for people and records.
"""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

CHINA = timezone(timedelta(hours=8), "UTC+8")
"""China has one time zone and no summer time (GB/T 7408)."""


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The wall time now, in UTC."""
        ...


class WallClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The wall time now, in UTC."""
        return datetime.now(UTC)  # noqa: TID251  this is that one place


def local_date(moment: datetime) -> date:
    """The calendar date in China at a moment."""
    return moment.astimezone(CHINA).date()
