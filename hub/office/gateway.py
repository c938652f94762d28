"""The payment gateway: orders made, asked about, closed, paid back, and compared day by day.

The protocol (JSON over POST, each request and each call of the gateway signed as in `hub.office.outside`):

    orders          {order, fen, title, expires, notify_url}  -> {qr}
    orders/query    {order}                                   -> {state, fen, number}
    orders/close    {order}                                   -> {state, fen, number}
    orders/refund   {order, refund, fen}                      -> {state, fen, number}
    statement       {day}                                     -> {rows: [{order, fen, refunded_fen, number}]}

`state` is `unknown`, `waiting`, `paid`, `closed` or `refunded`. The order's id is ours: asking twice makes one order.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from uuid import UUID

import httpx
import msgspec
from sqlalchemy import Connection, select

from hub.office.outside import OutsideAway, OutsideRefused, ask
from hub.office.payments import (
    OrderRow,
    note_closed,
    note_paid,
    note_refunded,
    note_trouble,
)
from hub.office.settings import PaymentSettings
from hub.store import schema
from kiosk.clock import CHINA
from kiosk.wire.requests import OrderState

T = TypeVar("T")
Paid = dict[UUID, int]
Write = Callable[[Callable[[Connection], object]], Awaitable[object]]


class _Qr(msgspec.Struct):
    qr: str


class GatewayOrder(msgspec.Struct, frozen=True):
    """An order as the gateway has it; also what it calls us with, then `order` is named."""

    state: str
    fen: int = 0
    number: str = ""
    order: UUID | None = None


class StatementRow(msgspec.Struct, frozen=True):
    """One order in the gateway's statement of a day."""

    order: UUID
    fen: int
    refunded_fen: int = 0
    number: str = ""


class _Statement(msgspec.Struct):
    rows: list[StatementRow]


@dataclass(frozen=True, slots=True)
class Difference:
    """What the hub and the gateway have differently. `ours` and `theirs` are in fen; None: not there."""

    order: UUID
    ours: int | None
    theirs: int | None


class PaymentGateway:
    """The gateway, as the hub asks it.

    Args:
        settings: Where it is, and who we are there.
        secret: Shared with it.
        client: For the connections.
    """

    def __init__(self, settings: PaymentSettings, secret: bytes, client: httpx.AsyncClient) -> None:
        self._settings, self.secret, self._client = settings, secret, client

    async def _order(self, path: str, body: object, now: datetime) -> GatewayOrder:
        return await self._ask(path, body, GatewayOrder, now)

    async def _ask(self, path: str, body: object, answer: type[T], now: datetime) -> T:
        return await ask(
            self._client,
            f"{self._settings.url}/{path}",
            body,
            answer,
            name=self._settings.merchant,
            secret=self.secret,
            now=now,
            seconds=self._settings.timeout_seconds,
        )

    async def make(self, order: OrderRow, now: datetime) -> str:
        """Make an order, once; the text for the QR that is shown.

        Raises:
            OutsideAway: No answer; ask again, it makes no second one.
            OutsideRefused: The gateway says no.
        """
        body = {
            "order": order.id,
            "fen": order.fen,
            "title": order.item,
            "expires": order.expires,
            "notify_url": self._settings.notify_url,
        }
        qr = (await self._ask("orders", body, _Qr, now)).qr
        if not 0 < len(qr) <= 500:
            raise OutsideAway("the gateway gave no text to show")
        return qr

    async def settle(self, order: OrderRow, now: datetime, write: Write) -> OrderState | None:
        """Bring an order forward: ask whether it is paid, close it when its time is over, pay it back.

        Args:
            order: One that is due.
            now: The time.
            write: Does work in a writing transaction.
        """
        try:
            if order.state is OrderState.REFUNDING:
                body = {"order": order.id, "refund": f"{order.id}-1", "fen": order.fen}
                known = await self._order("orders/refund", body, now)
            else:
                over = now >= order.expires
                known = await self._order("orders/close" if over else "orders/query", {"order": order.id}, now)
        except (OutsideAway, OutsideRefused) as error:
            why = str(error)
            await write(lambda connection: note_trouble(connection, order.id, why, now))
            return None
        return await self._note(order, known, now, write)

    async def _note(self, order: OrderRow, known: GatewayOrder, now: datetime, write: Write) -> OrderState:
        match known.state:
            case "paid" if order.state is OrderState.WAITING:
                await write(lambda connection: note_paid(connection, order.id, known.fen, known.number, now))
                return OrderState.PAID
            case "closed" | "unknown" if order.state is OrderState.WAITING and now >= order.expires:
                await write(lambda connection: note_closed(connection, order.id))
                return OrderState.CLOSED
            case "refunded" if order.state is OrderState.REFUNDING:
                await write(lambda connection: note_refunded(connection, order.id, now))
                return OrderState.REFUNDED
            case _:
                await write(lambda connection: note_trouble(connection, order.id, "", now))
                return order.state

    async def reconcile(self, day: date, now: datetime, ours: Paid) -> list[Difference]:
        """Compare a day's money with the gateway's statement.

        Args:
            day: In China.
            now: The time.
            ours: What the hub has, from `paid_on`.

        Returns:
            What differs; empty when all is the same.

        Raises:
            OutsideAway, OutsideRefused: There is no statement.
        """
        statement = await self._ask("statement", {"day": day}, _Statement, now)
        theirs = {row.order: row.fen for row in statement.rows}
        return [
            Difference(order, ours.get(order), theirs.get(order))
            for order in sorted(ours.keys() | theirs.keys())
            if ours.get(order) != theirs.get(order)
        ]


def paid_on(connection: Connection, day: date) -> Paid:
    """What came in on a day in China, by order, in fen."""
    table = schema.payment
    begins = datetime.combine(day, time(), CHINA)
    rows = connection.execute(
        select(table.c.id, table.c.fen).where(table.c.paid >= begins, table.c.paid < begins + timedelta(days=1))
    )
    return {UUID(row.id): row.fen for row in rows}
