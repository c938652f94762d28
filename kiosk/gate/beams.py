"""Watching a lane between releases: who leaves through it, and what nobody asked it for.

Leaving is always free and needs nobody. Somebody who breaks beam B (behind the door) first and then beam A has left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import anyio
from uuid6 import uuid7

from drivers.errors import DriverError
from drivers.kinds import Barrier, BarrierState
from kiosk.clock import Clock
from kiosk.devices.reach import Reach
from kiosk.log import logger
from kiosk.wire.events import LaneAlarm, LaneTrouble

_log = logger("gate")

LOOK_SECONDS: Final = 0.22
"""Between two looks at a free lane: four a second tell the order of the beams (`drivers.kinds.BarrierState`)."""
CLOSE_SECONDS: Final = 0.05
"""Between two looks while somebody is in it."""
BOUNCE_SECONDS: Final = 0.15
"""A beam that is free for less than this was never free: an arm, a bag, a coat."""
GIVEN_UP_SECONDS: Final = 3.0
"""Somebody who left beam B this long ago and has not reached A went back inside."""
OPEN_SECONDS: Final = 10.0
"""A lane that is not free for so long without a release is held open."""
FIRE_SECONDS: Final = 1.0
"""Between two looks at the fire alarm while somebody is being served."""


@dataclass(slots=True)
class _Beam:
    """One beam without its bounces."""

    broken: bool = False
    cleared: float = float("-inf")

    def feed(self, now: float, *, broken: bool) -> bool:
        """Take a sample; True when somebody new broke it."""
        new = broken and not self.broken and now - self.cleared >= BOUNCE_SECONDS
        if self.broken and not broken:
            self.cleared = now
        self.broken = broken
        return new

    def free_since(self, now: float) -> float:
        """Seconds since it was last broken; 0 while it is."""
        return 0.0 if self.broken else now - self.cleared


class LeaveWatch:
    """Counts who leaves, from samples of the locked lane. Pure: time and inputs in, heads out."""

    def __init__(self) -> None:
        self._a, self._b = _Beam(), _Beam()
        self._coming = 0  # broke B and have not reached A
        self._going = 0  # reached A after B and have not left it
        self._entering = False

    def feed(self, now: float, state: BarrierState) -> int:
        """Take a sample.

        Args:
            now: monotonic seconds.
            state: the inputs of the locked lane.

        Returns:
            How many have just left.
        """
        new_a = self._a.feed(now, broken=state.beam_a)
        new_b = self._b.feed(now, broken=state.beam_b)
        if new_a and not new_b and not self._coming and not self._going:
            self._entering = True  # from outside: whatever follows is no leaving
        if self._entering:
            if self._a.free_since(now) >= BOUNCE_SECONDS and self._b.free_since(now) >= BOUNCE_SECONDS:
                self._entering = False
            return 0
        if new_b:
            self._coming += 1
        if new_a and self._coming:
            self._coming -= 1
            self._going += 1
        if self._going and self._a.free_since(now) >= BOUNCE_SECONDS:
            left, self._going = self._going, 0
            return left
        if self._coming and self._b.free_since(now) >= GIVEN_UP_SECONDS and not self._a.broken:
            self._coming = 0
        return 0


class TroubleWatch:
    """Notices that the locked lane was forced, or stands open. Says each once, until the lane was free again."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._told = self._forced = False

    def feed(self, now: float, state: BarrierState) -> LaneTrouble | None:
        """Take a sample; what is to be told."""
        free = not (state.door_open or state.beam_b)
        if free:
            self._since, self._told = None, False
        elif self._since is None:
            self._since = now
        open_long = self._since is not None and now - self._since >= OPEN_SECONDS
        forced, self._forced = state.forced and not self._forced, state.forced
        if self._told:
            return None
        if open_long:
            self._told = True
            return LaneTrouble.HELD_OPEN
        if forced:
            self._told = not free
            return LaneTrouble.FORCED
        return None


class LeaveBook(Protocol):
    """Where those who left are counted."""

    async def leave(self, people: int = 1) -> None:
        """Somebody went out."""
        ...


class AlarmLedger(Protocol):
    """Where alarms are kept."""

    async def alarm(self, alarm: LaneAlarm) -> None:
        """Store and queue one."""
        ...


class Refreshed(Protocol):
    """Whoever counts anew when somebody left."""

    async def refresh(self) -> None:
        """Count anew."""
        ...


class Beams:
    """Watches a lane for as long as it runs; looks only while the barrier is not in use.

    A fire alarm is told once and counts until a look says that it is over; a lane that stands open for it is no
    trouble. The driver opens, whoever looks (`drivers.kinds.BarrierState.fire`).

    Args:
        name: of the lane.
        idle: whether nobody is being served, so that the barrier is free to be asked.
        may_burn: whether a fire alarm is wired to the barrier, and the barrier is free to be asked although somebody is
            being served.

    Attributes:
        fire: whether the fire alarm is on.
    """

    def __init__(
        self,
        name: str,
        barrier: Reach[Barrier],
        book: LeaveBook,
        ledger: AlarmLedger,
        count: Refreshed,
        idle: Callable[[], bool],
        clock: Clock,
        *,
        may_burn: Callable[[], bool] = lambda: False,
    ) -> None:
        self._name, self._barrier, self._book, self._ledger = name, barrier, book, ledger
        self._count, self._idle, self._clock, self._may_burn = count, idle, clock, may_burn
        self.fire = False

    async def run(self) -> None:
        """Watch until cancelled."""
        leaving, trouble = LeaveWatch(), TroubleWatch()
        while True:
            idle = self._idle()
            if not idle:
                leaving = LeaveWatch()  # what was half seen before a release is not put together with what comes after
            if not (self._barrier.ready and (idle or self._may_burn())):
                await anyio.sleep(LOOK_SECONDS)
                continue
            try:
                state = await self._barrier.call(lambda barrier: barrier.state(), within=2.0)
            except DriverError:
                await anyio.sleep(1.0)  # its supervisor says so, and brings it back
                continue
            await self._note_fire(on=state.fire)
            if not idle:
                await anyio.sleep(FIRE_SECONDS)
                continue
            now = anyio.current_time()
            left = leaving.feed(now, state)
            if left:
                await self._book.leave(left)
                await self._count.refresh()
                _log.info("left", lane=self._name, people=left)
            if state.fire:
                trouble = TroubleWatch()
            elif (seen := trouble.feed(now, state)) is not None:
                await self._tell(seen)
            free = not (state.beam_a or state.beam_b or state.door_open)
            await anyio.sleep(LOOK_SECONDS if free else CLOSE_SECONDS)

    async def _note_fire(self, *, on: bool) -> None:
        if on and not self.fire:
            self.fire = True  # first: the screen does not wait for the store
            await self._tell(LaneTrouble.FIRE)
        elif self.fire and not on:
            self.fire = False
            _log.warning("the fire alarm is over", lane=self._name)

    async def _tell(self, trouble: LaneTrouble) -> None:
        _log.warning("lane", lane=self._name, trouble=trouble.value)
        await self._ledger.alarm(LaneAlarm(id=uuid7(), trouble=trouble, lane=self._name, at=self._clock.now()))
