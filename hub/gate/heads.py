"""The head counts that terminals ask for with every heartbeat, without asking the database each time.

What a lane told last is remembered, so that a heartbeat without news writes nothing. How many are inside a hall is
counted anew every few seconds, and in between by what is told here; a correction by staff is seen at once by the
process that took it, by others at their next count.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection

from hub.fleet.live import TerminalKey
from hub.gate import occupancy
from kiosk.clock import local_date
from kiosk.wire.fleet import Health

T = TypeVar("T")
K = TypeVar("K")
_GOOD_FOR: Final = timedelta(seconds=10)
_GOOD_WHILE_COUNTED: Final = timedelta(seconds=20)


class Together(Protocol):
    """As `hub.store.writer.Writer.do_together`."""

    async def __call__(self, work: Callable[[Connection, Sequence[K]], Sequence[T]], item: K) -> T:
        """Have an item done with others."""
        ...


class Heads:
    """The counts of all halls.

    Args:
        read: Reads from the database.
        together: Writes with others, in one transaction.
    """

    def __init__(self, read: Callable[[Callable[[Connection], int]], Awaitable[int]], together: Together) -> None:
        self._read, self._together = read, together
        self._told: dict[TerminalKey, tuple[date, int, int]] = {}
        self._inside: dict[str, tuple[date, datetime, int]] = {}
        self._counting: set[str] = set()

    async def heard(self, key: TerminalKey, health: Health, now: datetime) -> int:
        """Take a lane's counters, durably where they say something new; how many are inside its hall."""
        told = (occupancy.day_of(health, now), health.entered, health.left)
        if self._told.get(key) != told:
            change = await self._together(occupancy.report, occupancy.Report(key, health, now))
            self._told[key] = told
            if change and (kept := self._inside.get(key.hall)) is not None:
                self._inside[key.hall] = (*kept[:2], max(0, kept[2] + change))
        return await self._count(key.hall, now)

    async def _count(self, hall: str, now: datetime) -> int:
        kept = self._inside.get(hall)
        if kept is not None and kept[0] == local_date(now):
            age = now - kept[1]
            # While it is counted anew the others do not all count it too: they are told the count of just before.
            if timedelta(0) <= age < (_GOOD_WHILE_COUNTED if hall in self._counting else _GOOD_FOR):
                return kept[2]
        self._counting.add(hall)
        try:
            inside = await self._read(lambda connection: occupancy.inside(connection, hall, now))
        finally:
            self._counting.discard(hall)
        self._inside[hall] = (local_date(now), now, inside)
        return inside

    def forget(self, hall: str) -> None:
        """Staff corrected the count: it is counted anew."""
        self._inside.pop(hall, None)
