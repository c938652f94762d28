"""Orders that were paid and never handed in: the money goes back by itself, once, and it is written down.

A draft with a paid order may be continued while it is kept, and a submission may be on its way from a terminal whose
line is down. So the money goes back only when the draft is gone and the terminal has nothing more to send; of a
terminal that is never heard again, after a month.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, select, update

from hub.audit.chain import Actor, Who, append
from hub.fleet.live import TerminalKey
from hub.office.items import facts
from hub.office.payments import give_back
from hub.store import schema
from kiosk.wire.requests import OrderState

GRACE: Final = timedelta(days=1)
SILENCE: Final = timedelta(days=30)
DRAFT_DAYS: Final = 7
"""Of an item that is not in the catalogue any more."""
REASON: Final = "not_handed_in"
_AT_ONCE: Final = 100


def give_back_abandoned(
    connection: Connection, has_sent_all: Callable[[TerminalKey], bool], now: datetime
) -> list[UUID]:
    """Give back what was paid for nothing.

    Args:
        connection: Inside a writing transaction.
        has_sent_all: Whether a terminal was heard just now and has nothing waiting.
        now: The time.

    Returns:
        The orders whose money goes back now; the gateway is told by the payment task.
    """
    payment, handling = schema.payment, schema.handling
    rows = connection.execute(
        select(payment.c.id, payment.c.hall, payment.c.terminal, payment.c.item, payment.c.fen, payment.c.paid)
        .outerjoin(handling, handling.c.payment == payment.c.id)
        .where(
            payment.c.state == OrderState.PAID.value,
            handling.c.number.is_(None),
            payment.c.paid <= now - GRACE,
        )
        .order_by(payment.c.paid)
        .limit(_AT_ONCE * 10)
    ).all()
    given: list[UUID] = []
    for row in rows:
        item = facts(connection, row.hall, row.item).item
        kept = timedelta(days=DRAFT_DAYS if item is None else item.draft_days)
        if now < row.paid + kept + GRACE:
            continue
        if not has_sent_all(TerminalKey(row.hall, row.terminal)) and now < row.paid + SILENCE:
            continue
        order = UUID(row.id)
        give_back(connection, order, now)
        connection.execute(update(payment).where(payment.c.id == row.id).values(given_up=REASON))
        append(
            connection,
            Who(Actor.TIMER, row.hall, row.terminal),
            "refund",
            row.id,
            now,
            detail={"why": REASON, "fen": row.fen, "item": row.item},
        )
        given.append(order)
        if len(given) >= _AT_ONCE:
            break
    return given


def listed(connection: Connection, hall: str, most: int = 200) -> list[dict[str, object]]:
    """The newest orders of a hall that were paid, with what became of the money, for staff."""
    payment, handling = schema.payment, schema.handling
    rows = connection.execute(
        select(payment, handling.c.number)
        .outerjoin(handling, handling.c.payment == payment.c.id)
        .where(payment.c.hall == hall, payment.c.paid.is_not(None))
        .order_by(payment.c.paid.desc())
        .limit(most)
    )
    return [dict(row._mapping) for row in rows]  # noqa: SLF001  how SQLAlchemy gives a row as a mapping
