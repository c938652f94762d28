"""How many are inside: the hall's count where the hub told it lately, else what this lane's own beams saw."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from kiosk.clock import Clock
from kiosk.wire.appointments import HallNow
from kiosk.wire.evidence import Inside, NotMeasured, Occupancy, Why

LATELY = timedelta(seconds=60)
"""The hall's count is older than that when the line is down; then each lane goes by its own."""


class HeadBook(Protocol):
    """Where heads are kept."""

    async def heads(self) -> tuple[int, int, int]:
        """Today's heads in, heads out, and what staff corrected it by."""
        ...

    async def last_entered(self, person: str) -> datetime | None:
        """When somebody came in here last, within a day."""
        ...


class HallCount:
    """Counts heads. Fits `kiosk.gate.lane.HeadCount`.

    Args:
        hall: the hub's newest answer, None before the first.
        installed: whether this lane's barrier sees who goes through it.
    """

    def __init__(
        self, book: HeadBook, clock: Clock, hall: Callable[[], HallNow | None], *, installed: bool = True
    ) -> None:
        self._book, self._clock, self._hall, self._installed = book, clock, hall, installed
        self._own = 0
        self._since_hall = 0
        self._hall_seen: HallNow | None = None

    async def refresh(self) -> None:
        """Read the lane's own count anew; at the start, and when staff corrected it."""
        entered, left, corrected = await self._book.heads()
        before, self._own = self._own, max(0, entered - left + corrected)
        hall = self._hall()
        if hall is not self._hall_seen:
            self._hall_seen, self._since_hall = hall, 0
        else:
            self._since_hall += self._own - before  # came or went since the hub counted

    def inside(self) -> int | None:
        """By the best count there is now; None where nothing counts."""
        if not self._installed:
            return None
        hall = self._hall()
        if hall is not None and timedelta(0) <= self._clock.now() - hall.made < LATELY:
            since = self._since_hall if hall is self._hall_seen else 0
            return max(0, hall.inside + since)
        return self._own

    async def evidence(self, person: str) -> Inside:
        """The count, and when this person came in last."""
        await self.refresh()
        inside = self.inside()
        if inside is None:
            return NotMeasured(why=Why.NOT_INSTALLED, device="barrier")
        last = await self._book.last_entered(person) if person else None
        return Occupancy(inside=inside, last_entered=last, at=self._clock.now())
