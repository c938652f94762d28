"""Carries out what the hub asks of this terminal: each order once, also over a restart, and its fate told."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol

import anyio
import msgspec

from kiosk.clock import Clock
from kiosk.link.client import HubAway, HubRefused
from kiosk.link.sync import Backoff
from kiosk.log import logger
from kiosk.wire import routes
from kiosk.wire.orders import OrderFate, OrderKind, Orders, OrderSettled, TerminalOrder

_log = logger("orders")
WAIT_SECONDS = 15
"""For an order, at the hub; shorter than the client's own deadline."""
LONGEST_PAUSE = 60.0
Act = Callable[[TerminalOrder], Awaitable[None]]


class CannotDo(Exception):
    """This terminal cannot carry out an order; says why."""


class ActFailed(Exception):
    """An order could not be carried out this time; says why. Nothing of the person in front may be in it."""


class Asker(Protocol):
    """What is needed of `kiosk.link.client.HubClient`."""

    async def exchange(self, method: str, path: str, content: bytes | None = None) -> bytes:
        """Ask anything of the hub."""
        ...


class Remembered(Protocol):
    """Where it is kept what was carried out, durably."""

    async def order_done(self, number: int) -> OrderSettled | None:
        """What became of an order; None where it is new."""
        ...

    async def note_order(self, number: int, settled: OrderSettled) -> None:
        """Keep what became of it."""
        ...


class OrderDesk:
    """Fetches orders, carries them out and tells of it, for as long as it runs.

    An order that ends this program is noted as done before it is carried out: a restart must not restart again.

    Args:
        hub: the hub.
        memory: what was carried out.
        acts: what this terminal can do; anything else is refused.
        clock: the wall clock.
        ends_program: kinds after which nothing more can be said.
    """

    def __init__(
        self,
        hub: Asker,
        memory: Remembered,
        acts: Mapping[OrderKind, Act],
        clock: Clock,
        ends_program: frozenset[OrderKind] = frozenset({OrderKind.RESTART}),
    ) -> None:
        self._hub, self._memory, self._acts = hub, memory, acts
        self._clock, self._ends = clock, ends_program

    async def run(self) -> None:
        """Work until cancelled. A hub that is away, or knows no orders, is no fault."""
        backoff = Backoff(1.0, LONGEST_PAUSE)
        while True:
            try:
                if not await self.once(WAIT_SECONDS):
                    await anyio.sleep(0.5)
            except (HubAway, HubRefused):
                await anyio.sleep(backoff.next())
            else:
                backoff.reset()

    async def once(self, wait: float = 0) -> int:
        """Fetch and carry out what is there; how many there were.

        Raises:
            HubAway: the hub does not answer.
            HubRefused: it answers, and refuses this terminal.
        """
        body = await self._hub.exchange("GET", f"{routes.ORDERS}?wait={wait:g}")
        try:
            orders = msgspec.json.decode(body, type=Orders).orders
        except msgspec.DecodeError as error:
            raise HubAway(f"the answer cannot be read: {error}") from error
        for order in orders:
            await self._see_to(order, self._clock.now())
        return len(orders)

    async def _see_to(self, order: TerminalOrder, now: datetime) -> None:
        settled = await self._memory.order_done(order.number)
        if settled is None and order.kind in self._ends and order.kind in self._acts and now < order.expires:
            settled = OrderSettled(fate=OrderFate.DONE)
            await self._memory.note_order(order.number, settled)
            await self._tell(order, settled)
            await self._acts[order.kind](order)
            return
        if settled is None:
            settled = await self._carry_out(order, now)
            await self._memory.note_order(order.number, settled)
        await self._tell(order, settled)

    async def _carry_out(self, order: TerminalOrder, now: datetime) -> OrderSettled:
        act = self._acts.get(order.kind)
        if act is None:
            return OrderSettled(fate=OrderFate.REFUSED, detail=f"this terminal does not know {order.kind.value}")
        if now >= order.expires:
            return OrderSettled(fate=OrderFate.FAILED, detail="came after its time")
        try:
            await act(order)
        except CannotDo as error:
            return OrderSettled(fate=OrderFate.REFUSED, detail=str(error)[:400])
        except ActFailed as error:
            _log.error("an order failed", number=order.number, kind=order.kind.value, why=str(error)[:200])
            return OrderSettled(fate=OrderFate.FAILED, detail=str(error)[:400])
        except HubAway:
            raise  # the line went in the middle: it is fetched again, and begun again
        except Exception as error:  # noqa: BLE001  an order that fails is told, and stops nobody
            _log.error("an order failed", number=order.number, kind=order.kind.value, why=type(error).__name__)
            return OrderSettled(fate=OrderFate.FAILED, detail=type(error).__name__)
        _log.info("order carried out", number=order.number, kind=order.kind.value)
        return OrderSettled(fate=OrderFate.DONE)

    async def _tell(self, order: TerminalOrder, settled: OrderSettled) -> None:
        await self._hub.exchange("PUT", f"{routes.ORDERS}/{order.number}", msgspec.json.encode(settled))
