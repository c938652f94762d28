"""A party before the barrier: they walk when it lets go, and sometimes the power goes."""

from collections.abc import Awaitable, Callable
from typing import Final

import anyio
import anyio.to_thread

from kiosk.demo.cases import CUT, GateCase
from kiosk.demo.street import SimulatedBarrier
from kiosk.demo.visit import Props, Visit

WALK_WITHIN: Final = 8.0
REACTION_SECONDS: Final = 0.5
"""From hearing the lock to the first step. Nobody is faster."""
_DEAF_SECONDS: Final = 60.0


class Passing:
    """What one party does at the barrier.

    Args:
        visit: where it is told.
        reaction: seconds from hearing the lock to the first step.
    """

    def __init__(self, barrier: SimulatedBarrier, visit: Visit, props: Props, reaction: float) -> None:
        self._barrier, self.visit, self._props, self._reaction = barrier, visit, props, reaction
        self._case = visit.visitor.case
        self._cut = props.cut_power if self._case in CUT else None

    def expected(self) -> None:
        """The release comes next. Where the power is to go before it, the board hears nothing of it."""
        if self._case is GateCase.POWER_CUT_BEFORE_RELEASE and self._cut is not None:
            self._barrier.hang(_DEAF_SECONDS)

    async def go(self) -> None:
        """Go through, one of the party after the other."""
        if self._cut is not None:
            cut, self._cut = self._cut, None  # it goes once
            await self._power_goes(cut)
            return
        for _ in range(1 + self.visit.visitor.companions):
            if not await self._one_goes():
                return
        self.visit.told.append("admitted")

    async def _one_goes(self) -> bool:
        """Wait for the lock and go. Whether the next of the party may follow."""
        barrier = self._barrier
        if not await self._released():
            self.visit.told.append("not_released")
            return False
        if self._case is GateCase.NEVER_WALKS:
            self.visit.told.append("admitted")
            return False
        await anyio.sleep(self._reaction)
        steps: dict[GateCase, Callable[[], bool]] = {
            GateCase.TURNS_BACK: barrier.turn_back,
            GateCase.TAILGATED: barrier.tailgate,
            GateCase.HOLDS_OPEN: barrier.hold_open,
        }
        walked = await anyio.to_thread.run_sync(steps.get(self._case, barrier.walk_through))
        self.visit.walked += walked
        if not walked:
            self.visit.told.append("not_released")
        return walked

    async def _released(self) -> bool:
        return await anyio.to_thread.run_sync(self._barrier.wait_released, WALK_WITHIN, abandon_on_cancel=True)

    async def _power_goes(self, cut: Callable[[], Awaitable[None]]) -> None:
        """The power goes between decision and release, or between release and beam."""
        barrier = self._barrier
        if self._case is GateCase.POWER_CUT_BEFORE_RELEASE:
            before = barrier.releases
            await cut()
            barrier.hang(0.0)
            self.visit.interrupted += 1
            self.visit.told.append("not_released" if barrier.releases == before else "released")
            return
        released = await self._released()
        await cut()
        walked = released and await anyio.to_thread.run_sync(barrier.walk_through)
        self.visit.walked += bool(walked)
        self.visit.interrupted += 1
        self.visit.told.append("admitted" if walked else "not_released")
