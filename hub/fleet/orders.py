"""Orders to terminals, each with a fate: waiting, fetched, done, failed, refused, expired or withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, insert, select, update

from hub.fleet.live import TerminalKey
from hub.store import schema
from kiosk.wire.orders import MOST_MESSAGE, OrderFate, OrderKind, OrderSettled, TerminalOrder

LIFE: Final = timedelta(hours=24)
LONGEST: Final = timedelta(days=30)
_MOST: Final = 100
_OPEN: Final = (OrderFate.WAITING.value, OrderFate.FETCHED.value)
ANSWERS: Final = frozenset({OrderFate.DONE, OrderFate.FAILED, OrderFate.REFUSED})
_table = schema.fleet_order


class OrderRefused(Exception):
    """An order cannot be given; says why.

    Args:
        text: Why.
        kind: Stable name.
    """

    def __init__(self, text: str, kind: str) -> None:
        super().__init__(text)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Given:
    """An order as the hub knows it."""

    number: int
    key: TerminalKey
    kind: OrderKind
    text: str
    by: str
    made: datetime
    expires: datetime
    fate: OrderFate
    fetched: datetime | None
    settled: datetime | None
    detail: str


def give(
    connection: Connection,
    keys: Sequence[TerminalKey],
    kind: OrderKind,
    *,
    by: str,
    now: datetime,
    text: str = "",
    life: timedelta = LIFE,
) -> list[int]:
    """Give an order to terminals.

    Args:
        connection: Inside a writing transaction.
        keys: Whom to.
        kind: What.
        by: Who gives it.
        now: The time.
        text: Of a message.
        life: After that it is not carried out any more.

    Returns:
        Their numbers.

    Raises:
        OrderRefused: A message without text, or no such terminal.
    """
    text = " ".join(text.split())
    if kind is OrderKind.MESSAGE and not text:
        raise OrderRefused("a message needs a text", "no_text")
    if len(text) > MOST_MESSAGE:
        raise OrderRefused(f"a message has at most {MOST_MESSAGE} characters", "long_text")
    if not timedelta(0) < life <= LONGEST:
        raise OrderRefused("an order lives for up to 30 days", "life")
    numbers = []
    for key in keys:
        terminal = schema.terminal
        known = select(terminal.c.terminal).where(terminal.c.hall == key.hall, terminal.c.terminal == key.terminal)
        if connection.scalar(known) is None:
            raise OrderRefused(f"there is no terminal {key.hall}/{key.terminal}", "no_terminal")
        row = insert(_table).values(
            hall=key.hall,
            terminal=key.terminal,
            kind=kind.value,
            text=text,
            by=by[:64],
            made=now,
            expires=now + life,
            fate=OrderFate.WAITING.value,
            detail="",
        )
        numbers.append(int(connection.execute(row.returning(_table.c.number)).scalar_one()))
    return numbers


def waiting(connection: Connection, key: TerminalKey, now: datetime) -> list[TerminalOrder]:
    """What a terminal has not answered, the oldest first."""
    rows = connection.execute(
        select(_table)
        .where(_table.c.hall == key.hall, _table.c.terminal == key.terminal, _table.c.fate.in_(_OPEN))
        .where(_table.c.expires > now)
        .order_by(_table.c.number)
        .limit(_MOST)
    )
    return [
        TerminalOrder(number=row.number, kind=OrderKind(row.kind), text=row.text, expires=row.expires) for row in rows
    ]


def newest(connection: Connection) -> int:
    """The number of the newest order; 0 where there is none."""
    return connection.scalar(select(func.max(_table.c.number))) or 0


def note_fetched(connection: Connection, numbers: Sequence[int], now: datetime) -> None:
    """They were handed to their terminal."""
    connection.execute(
        update(_table)
        .where(_table.c.number.in_(numbers), _table.c.fate == OrderFate.WAITING.value)
        .values(fate=OrderFate.FETCHED.value, fetched=now)
    )


def settle(connection: Connection, key: TerminalKey, number: int, settled: OrderSettled, now: datetime) -> bool:
    """A terminal says what became of an order. The first answer counts; one that came too late is still told.

    Returns:
        Whether it has such an order.
    """
    this = (_table.c.number == number, _table.c.hall == key.hall, _table.c.terminal == key.terminal)
    fate = connection.scalar(select(_table.c.fate).where(*this))
    if fate is None:
        return False
    if fate in {*_OPEN, OrderFate.EXPIRED.value}:
        connection.execute(
            update(_table).where(*this).values(fate=settled.fate.value, detail=settled.detail, settled=now)
        )
    return True


def wanted_locked(connection: Connection, key: TerminalKey) -> bool:
    """Whether the terminal is to be locked: by the newest order about it that was not refused, withdrawn or late."""
    kinds = (OrderKind.LOCK.value, OrderKind.UNLOCK.value)
    good = (*_OPEN, OrderFate.DONE.value)
    newest = connection.scalar(
        select(_table.c.kind)
        .where(_table.c.hall == key.hall, _table.c.terminal == key.terminal)
        .where(_table.c.kind.in_(kinds), _table.c.fate.in_(good))
        .order_by(_table.c.number.desc())
        .limit(1)
    )
    return newest == OrderKind.LOCK.value


def belongs(connection: Connection, key: TerminalKey, number: int) -> bool:
    """Whether an order is this terminal's."""
    mine = (_table.c.number == number, _table.c.hall == key.hall, _table.c.terminal == key.terminal)
    return connection.scalar(select(_table.c.number).where(*mine)) is not None


def withdraw(connection: Connection, number: int, now: datetime) -> bool:
    """Take back an order that was not fetched; whether that could be."""
    done = connection.execute(
        update(_table)
        .where(_table.c.number == number, _table.c.fate == OrderFate.WAITING.value)
        .values(fate=OrderFate.WITHDRAWN.value, settled=now)
    )
    return done.rowcount > 0


def expire(connection: Connection, now: datetime) -> int:
    """Give up orders whose time is over; how many."""
    done = connection.execute(
        update(_table)
        .where(_table.c.fate.in_(_OPEN), _table.c.expires <= now)
        .values(fate=OrderFate.EXPIRED.value, settled=now)
    )
    return done.rowcount


def history(connection: Connection, key: TerminalKey, most: int = 50) -> list[Given]:
    """A terminal's orders, the newest first."""
    rows = connection.execute(
        select(_table)
        .where(_table.c.hall == key.hall, _table.c.terminal == key.terminal)
        .order_by(_table.c.number.desc())
        .limit(most)
    )
    return [
        Given(
            row.number,
            key,
            OrderKind(row.kind),
            row.text,
            row.by,
            row.made,
            row.expires,
            OrderFate(row.fate),
            row.fetched,
            row.settled,
            row.detail,
        )
        for row in rows
    ]
