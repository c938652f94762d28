"""What the staff screens of a lane need beside the lane itself."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from kiosk.gate.regulars import Regulars
from kiosk.store.staff_acts import Kept
from kiosk.view.attendant import LaneFacts
from kiosk.wire.events import StaffAction
from kiosk.wire.staff import StaffList
from kiosk.wire.watch import WatchEntry

IDLE_SECONDS: Final = 60.0
"""Without a touch for so long the staff screens close by themselves: a queue stands behind."""
DISINFECT_AFTER_PASSAGES: Final = 500
DISINFECT_AFTER: Final = timedelta(hours=4)
"""Due after so many or so long, as the hub's register counts it (`hub.gate.registers`)."""


class StaffRegister(Protocol):
    """Where acts of staff are kept; `kiosk.store.staff_book.StaffBook`."""

    async def act(self, action: StaffAction) -> None:
        """Store an act with its effect, and queue it.

        Raises:
            kiosk.store.staff_acts.ActRefused: it cannot be.
        """
        ...

    async def came_in(self, people: int) -> None:
        """People came in without a passage."""
        ...

    async def latest(self, most: int = 30) -> Sequence[Kept]:
        """The newest passages, those that wait for staff first."""
        ...

    async def one(self, passage: UUID) -> Kept | None:
        """One passage."""
        ...

    async def waiting(self) -> int:
        """How many wait for staff."""
        ...

    async def lately_here(self) -> Sequence[str]:
        """Ids of staff by when they acted here last."""
        ...

    async def paused(self) -> bool:
        """Whether staff have closed the lane."""
        ...

    async def disinfection(self) -> tuple[datetime | None, int]:
        """When the lane was disinfected last, and passages since."""
        ...


async def _nothing() -> None:
    """Nobody counts."""


@dataclass(frozen=True, slots=True)
class Post:
    """What the staff screens need.

    Attributes:
        staff: the signed list; None before the first.
        register: where acts are kept.
        facts: how the lane is now.
        counted: called after staff corrected the head count.
        changed: called when the lane was paused or resumed, so that the hub hears of it at once.
        regulars: who is recognised without a card; None where nobody can be.
        watch: an entry of the watch list by its id; None for one that is over.
    """

    staff: Callable[[], StaffList | None]
    register: StaffRegister
    facts: Callable[[], Awaitable[LaneFacts]]
    counted: Callable[[], Awaitable[None]] = field(default=_nothing)
    changed: Callable[[], None] = field(default=lambda: None)
    regulars: Regulars | None = None
    watch: Callable[[str], WatchEntry | None] = field(default=lambda _: None)


def disinfection_due(last: datetime | None, passages: int, now: datetime) -> bool:
    """Whether the lane has to be disinfected.

    Args:
        last: when it was last, None for never.
        passages: since then.
        now: the time.
    """
    long_ago = last is None or now - last >= DISINFECT_AFTER
    return passages >= DISINFECT_AFTER_PASSAGES or (passages > 0 and long_ago)
