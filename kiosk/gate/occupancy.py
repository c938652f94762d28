"""How many are inside: the hall's count where the hub told it lately, else what this lane's own beams saw."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import anyio

from kiosk.clock import Clock
from kiosk.wire.evidence import Inside, NotMeasured, Occupancy, Why

LATELY_SECONDS = 60.0
"""The hall's count is older than that when the line is down; then each lane goes by its own."""


@dataclass(frozen=True, slots=True)
class HallHeard:
    """The hub's answer to this lane's health.

    Attributes:
        inside: over all lanes, with what this lane had told.
        told: heads in less heads out that this lane had told it.
        at: when it came, on the event loop's clock: the wall clocks of two machines differ, and jump.
    """

    inside: int
    told: int
    at: float


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
        self, book: HeadBook, clock: Clock, hall: Callable[[], HallHeard | None], *, installed: bool = True
    ) -> None:
        self._book, self._clock, self._hall, self._installed = book, clock, hall, installed
        self._own = self._through = 0
        self._corrected: tuple[float, int] | None = None

    async def refresh(self) -> None:
        """Read the lane's own count anew: at the start, and whenever somebody came or went."""
        entered, left, corrected = await self._book.heads()
        self._own = max(0, entered - left + corrected)
        self._through = entered - left

    async def set_by_staff(self) -> None:
        """Staff have counted: that holds until the hub has heard of it."""
        await self.refresh()
        self._corrected = (anyio.current_time(), self._own - self._through)

    def inside(self) -> int | None:
        """By the best count there is now; None where nothing counts."""
        if not self._installed:
            return None
        hall = self._hall()
        if hall is None or anyio.current_time() - hall.at >= LATELY_SECONDS:
            return self._own
        if self._corrected is not None and hall.at - self._corrected[0] < SETTLED_SECONDS:
            return max(0, self._corrected[1] + self._through)
        # what went through here after the hub was told is added to what it said
        return max(0, hall.inside + self._through - hall.told)

    async def evidence(self, person: str) -> Inside:
        """The count, and when this person came in last."""
        await self.refresh()
        inside = self.inside()
        if inside is None:
            return NotMeasured(why=Why.NOT_INSTALLED, device="barrier")
        last = await self._book.last_entered(person) if person else None
        return Occupancy(inside=inside, last_entered=last, at=self._clock.now())


SETTLED_SECONDS = 10.0
"""An answer of the hub that came sooner after a correction may not know of it: the act waits in the outbox."""
