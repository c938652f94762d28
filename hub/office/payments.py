"""Orders at the payment gateway, as the hub keeps them. `hub.office.gateway` speaks to the gateway itself.

Nothing here asks anybody outside: an order is written down first, the gateway is asked then, by the order's id, which
is the request's. So a lost answer on either side makes no second order.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, update

from hub.fleet.live import TerminalKey
from hub.office.advance import OfficeRefused
from hub.office.items import facts
from hub.store import schema
from kiosk.wire.requests import Order, OrderState, Pay

PAY_WITHIN: Final = timedelta(minutes=10)
LOOK_EVERY: Final = timedelta(seconds=3)
"""While somebody stands there and pays; the gateway's own call usually comes first."""
LONGEST_LOOK: Final = timedelta(minutes=10)
_GONE: Final = frozenset({OrderState.REFUNDING, OrderState.REFUNDED})
OPEN: Final = frozenset({OrderState.WAITING, OrderState.REFUNDING})


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order as the hub keeps it."""

    id: UUID
    hall: str
    item: str
    fen: int
    state: OrderState
    qr: str
    made: datetime
    expires: datetime

    @property
    def order(self) -> Order:
        """As a terminal sees it."""
        return Order(id=self.id, state=self.state, fen=self.fen, qr=self.qr, expires=self.expires)


def _order_of(row: Row[Any]) -> OrderRow:
    return OrderRow(UUID(row.id), row.hall, row.item, row.fen, OrderState(row.state), row.qr, row.made, row.expires)


def find_order(connection: Connection, order: UUID, hall: str | None = None) -> OrderRow | None:
    """One order; None where there is none (of that hall)."""
    table = schema.payment
    query = select(table).where(table.c.id == str(order))
    if hall is not None:
        query = query.where(table.c.hall == hall)
    row = connection.execute(query).one_or_none()
    return None if row is None else _order_of(row)


def write_order(connection: Connection, key: TerminalKey, order: UUID, asked: Pay, now: datetime) -> OrderRow:
    """Write an order down, once.

    Args:
        connection: Inside a writing transaction.
        key: Where somebody pays.
        order: The request's id.
        asked: For what, how much.
        now: The time.

    Raises:
        OfficeRefused: `wrong_amount`, `no_such_item`, or another order has this id.
    """
    known = find_order(connection, order)
    if known is not None:
        if (known.hall, known.item, known.fen) != (key.hall, asked.item, asked.fen):
            raise OfficeRefused("other_request", "another order has this id")
        return known
    item = facts(connection, key.hall, asked.item).item
    if item is None:
        raise OfficeRefused("no_such_item", f"{key.hall} offers no {asked.item!r}")
    if item.fee_fen == 0:
        raise OfficeRefused("wrong_amount", f"{asked.item} is free")
    if item.fee_fen is not None and item.fee_fen != asked.fen:
        raise OfficeRefused("wrong_amount", f"the fee of {asked.item} is {item.fee_fen} fen, not {asked.fen}")
    connection.execute(
        insert(schema.payment).values(
            id=str(order),
            hall=key.hall,
            terminal=key.terminal,
            item=asked.item,
            fen=asked.fen,
            state=OrderState.WAITING.value,
            made=now,
            expires=now + PAY_WITHIN,
            next_look=now + LOOK_EVERY,
        )
    )
    made = find_order(connection, order)
    assert made is not None
    return made


def show_qr(connection: Connection, order: UUID, qr: str) -> None:
    """Keep what the gateway wants to be shown."""
    table = schema.payment
    connection.execute(update(table).where(table.c.id == str(order)).values(qr=qr))


def note_paid(connection: Connection, order: UUID, fen: int, gateway_number: str, now: datetime) -> OrderState | None:
    """Note that the gateway has the money; twice is the same.

    Money that comes for an order that was given up goes back. Another amount than asked is kept as an error for staff.

    Returns:
        Where the order stands now; None where there is none.
    """
    known = find_order(connection, order)
    if known is None:
        return None
    table = schema.payment
    this = table.c.id == str(order)
    if fen != known.fen:
        connection.execute(
            update(table).where(this).values(error=f"the gateway has {fen} fen, not {known.fen}", next_look=None)
        )
        return known.state
    match known.state:
        case OrderState.WAITING:
            after, look = OrderState.PAID, None
        case OrderState.CLOSED:
            after, look = OrderState.REFUNDING, now
        case _:
            return known.state
    connection.execute(
        update(table)
        .where(this)
        .values(state=after.value, paid=now, gateway_number=gateway_number[:64], next_look=look, error="")
    )
    return after


def note_closed(connection: Connection, order: UUID) -> None:
    """Note that an unpaid order was closed at the gateway."""
    table = schema.payment
    connection.execute(
        update(table)
        .where(table.c.id == str(order), table.c.state == OrderState.WAITING.value)
        .values(state=OrderState.CLOSED.value, next_look=None, error="")
    )


def note_refunded(connection: Connection, order: UUID, now: datetime) -> None:
    """Note that the money went back."""
    table = schema.payment
    connection.execute(
        update(table)
        .where(table.c.id == str(order), table.c.state == OrderState.REFUNDING.value)
        .values(state=OrderState.REFUNDED.value, refunded=now, next_look=None, error="")
    )


def note_trouble(connection: Connection, order: UUID, error: str, now: datetime) -> None:
    """Note that the gateway could not be asked; it is asked again, less often the older the order is."""
    table = schema.payment
    row = connection.execute(select(table.c.made).where(table.c.id == str(order))).one_or_none()
    if row is None:
        return
    pause = min(max(LOOK_EVERY, (now - row.made) / 4), LONGEST_LOOK)
    connection.execute(update(table).where(table.c.id == str(order)).values(next_look=now + pause, error=error[:200]))


def due_orders(connection: Connection, now: datetime, most: int = 50) -> list[OrderRow]:
    """Orders that the gateway is to be asked about now."""
    table = schema.payment
    return [
        _order_of(row)
        for row in connection.execute(
            select(table).where(table.c.next_look <= now).order_by(table.c.next_look).limit(most)
        )
    ]


def claimed(connection: Connection, order: UUID | None, hall: str) -> str | None:
    """The order that a submission may name as its own: there is one, of this hall, that no other names.

    One whose money went back, or goes, is none: what is to be paid is paid at a window then.
    """
    known = None if order is None else find_order(connection, order, hall)
    if known is None or known.state in _GONE:
        return None
    handling = schema.handling
    taken = connection.scalar(select(handling.c.number).where(handling.c.payment == str(order)))
    return None if taken is not None else str(order)


def give_back(connection: Connection, order: UUID, now: datetime) -> OrderRow | None:
    """Give an order up: paid, it is paid back; unpaid, it is closed. The gateway is told by the payment task.

    Args:
        connection: Inside a writing transaction.
        order: Which.
        now: The time.

    Returns:
        The order after it; None where there is none.
    """
    known = find_order(connection, order)
    if known is None:
        return None
    table = schema.payment
    this = table.c.id == str(order)
    if known.state is OrderState.PAID:
        connection.execute(update(table).where(this).values(state=OrderState.REFUNDING.value, next_look=now))
    elif known.state is OrderState.WAITING:
        connection.execute(update(table).where(this).values(expires=now, next_look=now))
    return find_order(connection, order)


def refund_asked(connection: Connection, key: TerminalKey, order: UUID, now: datetime) -> Order:
    """A terminal gives an order up.

    Raises:
        OfficeRefused: `no_such_order`, or `in_use`: a submission names it.
    """
    if find_order(connection, order, key.hall) is None:
        raise OfficeRefused("no_such_order", f"{key.hall} has no order {order}")
    handling = schema.handling
    if connection.scalar(select(handling.c.number).where(handling.c.payment == str(order))) is not None:
        raise OfficeRefused("in_use", "a submission was handed in with it; withdraw that")
    after = give_back(connection, order, now)
    assert after is not None
    return after.order
