"""The fee: paid by a code on the screen, or at a window by the receipt. Never charged twice.

The order's id is made here and kept with the draft before anything is asked, and it is the hub's and the gateway's key,
too: after a lost answer, a power cut or a pause of a day the same order is asked about again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import anyio
from uuid6 import uuid7

from kiosk.desk.desk import Desk, OfficeLine
from kiosk.desk.draft import Draft, Paid
from kiosk.desk.form import words
from kiosk.desk.session import Session
from kiosk.log import logger
from kiosk.session import first
from kiosk.view import desk as view
from kiosk.view.common import CallStaff
from kiosk.view.screen import Intent
from kiosk.wire.answers import fee_due
from kiosk.wire.requests import LineDown, NotDone, Order, OrderState, Pay, Refund, Request

_log = logger("desk")

POLL_SECONDS: Final = 1.0
GIVE_UP_SECONDS: Final = 9.0
"""How long an order is given back before the next person is served."""
_SHOW_PAID_SECONDS: Final = 1.5
_OVER: Final = frozenset({OrderState.CLOSED, OrderState.REFUNDING, OrderState.REFUNDED})


def due(draft: Draft) -> int:
    """What is to be paid at the desk, in fen; 0 where it is free or only a tariff says it."""
    return fee_due(draft.item, draft.counted()) or 0


class Cashier:
    """Takes the fee of one application.

    Args:
        desk: the desk.
        session: of the person.
        draft: it is whole, and was signed.
        keep: keeps a draft.

    Attributes:
        draft: with the order, and whether it was paid.
    """

    def __init__(self, desk: Desk, session: Session, draft: Draft, keep: Callable[[Draft], Awaitable[None]]) -> None:
        self._desk, self._session, self._keep = desk, session, keep
        self.draft = draft
        self._fen = due(draft)

    async def settle(self) -> Draft:
        """Until it is paid, or is to be paid at a window.

        Raises:
            SessionOver: they left; call `give_back`.
        """
        office = self._desk.office
        if self._fen <= 0:
            return self.draft
        while office is not None:
            match await self._try(office):
                case view.PayState.PAID as state:
                    self.draft = replace(self.draft, paid=Paid.YES)
                    self._desk.stage.show(self._view(state))
                    await anyio.sleep(_SHOW_PAID_SECONDS)
                    return self.draft
                case view.PayAtWindow():
                    return await self._at_window(office)
                case view.PayState.ASKING:
                    continue
                case state:
                    if not await self._again(state):
                        return await self._at_window(office)
        while await self._again(view.PayState.NOT_POSSIBLE):
            pass
        return self.draft

    def _view(self, state: view.PayState, qr: str = "", seconds: int = 0) -> view.PayFee:
        can_save = self._session.can_save
        return view.PayFee(words(self.draft.item.title), self._fen, state, qr, seconds, can_save=can_save)

    async def _again(self, state: view.PayState) -> bool:
        """Say how it stands. Whether a code is asked for again; otherwise it is paid at a window."""
        while True:
            match await self._session.ask(self._view(state)):
                case view.PayAgain():
                    return True
                case view.PayAtWindow():
                    return False

    async def _try(self, office: OfficeLine) -> view.PayState | view.PayAtWindow:
        order = await self._order(office)
        if isinstance(order, Order):
            return await self._until_paid(office, order)
        return view.PayState.LINE_DOWN if isinstance(order, LineDown) else view.PayState.NOT_POSSIBLE

    # The order --------------------------------------------------------------------------------------------------

    async def _new_order(self) -> None:
        self.draft = replace(self.draft, order=uuid7(), paid=Paid.NO)
        await self._keep(self.draft)

    async def _order(self, office: OfficeLine) -> Order | NotDone | LineDown:
        """The order that was made for this draft, or a new one where there is none that can be paid any more."""
        self._desk.stage.show(self._view(view.PayState.ASKING))
        if self.draft.order is None:
            await self._new_order()
        found = await self._ask_for(office)
        over = isinstance(found, Order) and found.state in _OVER
        other = isinstance(found, NotDone) and found.kind == "other_request"  # the fee has changed since
        if over or other:
            if other:
                await self._give_up(office)
            await self._new_order()
            found = await self._ask_for(office)
        return found

    async def _ask_for(self, office: OfficeLine) -> Order | NotDone | LineDown:
        """Ask for the draft's order by its id: made once, however often it is asked for."""
        assert self.draft.order is not None
        asked = Request(
            id=self.draft.order, made=self._desk.clock.now(), ask=Pay(item=self.draft.item.key, fen=self._fen)
        )
        found = await office.request(asked)
        if isinstance(found, Order | NotDone | LineDown):
            return found
        return NotDone(kind="no_order", detail="the hub answered something else")

    async def _until_paid(self, office: OfficeLine, order: Order) -> view.PayState | view.PayAtWindow:
        """Show the code until it is paid, has expired, or the person wants something else (`ASKING`: look again)."""
        if order.state is OrderState.PAID:
            return view.PayState.PAID

        async def paid() -> view.PayState | Intent | None:
            return await self._watched(office, order)

        async def touched() -> view.PayState | Intent | None:
            return await self._session.on_screen()

        while True:
            match await first(paid, touched):
                case view.PayState() as state:
                    return state
                case view.PayAtWindow() as said:
                    return said
                case view.PayAgain():
                    return view.PayState.ASKING
                case CallStaff():
                    await self._session.staff()
                case None:
                    await self._session.still_there()

    async def _watched(self, office: OfficeLine, order: Order) -> view.PayState:
        """Show the code and ask for the order, until it is paid or cannot be paid any more."""
        how = view.PayState.WAITING
        while True:
            left = order.expires - self._desk.clock.now()
            over = left <= timedelta(0)
            if not over:
                self._desk.stage.show(self._view(how, order.qr, int(left.total_seconds())))
                await anyio.sleep(POLL_SECONDS)
            now = await office.order(order.id)  # once more after the end: it may have been paid in the last moment
            if isinstance(now, Order) and now.state is OrderState.PAID:
                return view.PayState.PAID
            how = view.PayState.UNSURE if isinstance(now, LineDown) else view.PayState.WAITING
            if over or (isinstance(now, Order) and now.state in _OVER):
                return view.PayState.EXPIRED if how is view.PayState.WAITING else how

    # Instead ----------------------------------------------------------------------------------------------------

    async def _at_window(self, office: OfficeLine) -> Draft:
        """Paid at a window: the order is given up, unless it was paid after all or nobody can say."""
        found = await self._give_up(office)
        match found:
            case Order(state=OrderState.PAID):
                self.draft = replace(self.draft, paid=Paid.YES)
            case LineDown():
                self.draft = replace(self.draft, paid=Paid.UNSURE)
            case Order(state=OrderState.WAITING):
                # It is being closed. Who pays in this very moment is found by it: the submission names it all the same.
                self.draft = replace(self.draft, paid=Paid.NO)
            case _:
                self.draft = replace(self.draft, order=None, paid=Paid.NO)
        return self.draft

    async def _give_up(self, office: OfficeLine) -> Order | NotDone | LineDown | None:
        """Close the order so that it cannot be paid any more; one that was paid is left as it is."""
        if self.draft.order is None:
            return None
        now = await office.order(self.draft.order)
        if not isinstance(now, Order) or now.state is not OrderState.WAITING:
            return now
        asked = Request(id=uuid7(), made=self._desk.clock.now(), ask=Refund(order=self.draft.order))
        found = await office.request(asked)
        return found if isinstance(found, Order | NotDone | LineDown) else None


async def give_back(desk: Desk, draft: Draft) -> None:
    """Somebody left without handing in: an unpaid order is closed, a paid one is paid back."""
    if draft.order is None or desk.office is None:
        return
    with anyio.move_on_after(GIVE_UP_SECONDS, shield=True):
        asked = Request(id=uuid7(), made=desk.clock.now(), ask=Refund(order=draft.order))
        found = await desk.office.request(asked)
        if isinstance(found, LineDown):
            _log.warning("an order could not be given back; it expires at the hub", order=str(draft.order))
