"""Every use of the technician's mode, told to the hub: who, what, when. Stored before it is done."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final

from uuid6 import uuid7

from kiosk.clock import Clock
from kiosk.store.database import Database
from kiosk.store.queue import queue
from kiosk.view.technician import Task
from kiosk.wire.events import StaffAct, StaffAction

NOBODY: Final = "-"
"""Instead of a name, where the PIN was nobody's."""


class Use(StrEnum):
    """What the technician's mode was used for, beside its tasks (`kiosk.view.technician.Task`)."""

    OPENED = "technician_in"
    REFUSED = "technician_refused"
    """A wrong PIN."""
    LEFT = "technician_out"
    ENDED = "technician_ended"
    """Nobody touched anything: it ended by itself."""


Audit = Callable[[str, str], Awaitable[None]]
"""`(staff, reason)`: keeps one use, and queues it for the hub."""


def reason_of(task: Task) -> str:
    """What stands in the hub's register of a task."""
    # `technician_out` is for leaving the mode
    return "technician_out_of_service" if task is Task.OUT else f"technician_{task.value}"


def audit(database: Database, clock: Clock, place: str, wake: Callable[[], None]) -> Audit:
    """Keeps every use in the terminal's outbox.

    Args:
        database: the terminal's own.
        clock: dates it.
        place: the lane of a gate, the terminal's name otherwise.
        wake: called when something waits for the hub.
    """

    async def keep(staff: str, reason: str) -> None:
        now = clock.now()
        act = StaffAct.PAPER_CHANGED if reason == reason_of(Task.PAPER) else StaffAct.TECHNICIAN
        event = StaffAction(id=uuid7(), act=act, staff=staff, lane=place, reason=reason, at=now)
        await database.write(lambda connection: queue(connection, event, now))
        wake()

    return keep
