"""How many are inside a hall: what the beams of all its lanes counted today, and what staff corrected.

Lanes report their counters of the day with their health. Each report that says something new is kept, by the hub's own
clock, so that the count survives a restart, and a correction counts from the moment it was made at the lane.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select

from hub.fleet.live import TerminalKey
from hub.store import schema
from kiosk.clock import CHINA, local_date
from kiosk.wire.events import StaffAct
from kiosk.wire.fleet import Health

_CLOCKS_AGREE: Final = timedelta(minutes=15)
_CORRECTIONS_LOOKED_AT: Final = 50


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of a day in China."""

    begins: datetime
    entered: int
    left: int
    inside: int
    """At its end, or now."""


def day_of(health: Health, now: datetime) -> date:
    """Which day a lane's counters are of: the lane says, unless its clock is off."""
    return local_date(health.made if abs(health.made - now) < _CLOCKS_AGREE else now)


def _newest(connection: Connection, key: TerminalKey, day: date, upto: datetime | None = None) -> Row[Any] | None:
    table = schema.heads
    query = select(table).where(table.c.hall == key.hall, table.c.terminal == key.terminal, table.c.day == day)
    if upto is not None:
        query = query.where(table.c.at <= upto)
    return connection.execute(query.order_by(table.c.at.desc()).limit(1)).one_or_none()


def report(connection: Connection, key: TerminalKey, health: Health, now: datetime) -> int:
    """Keep a lane's counters. Counters that fall within a day are of a lane that lost its disk: its count goes on.

    Args:
        connection: Inside a writing transaction.
        key: Which terminal.
        health: What it reports.
        now: The time.

    Returns:
        How many more are inside by it; negative: fewer.
    """
    day = day_of(health, now)
    newest = _newest(connection, key, day)
    entered, left = health.entered, health.left
    at, before = now, 0
    if newest is None:
        if (entered, left) == (0, 0):
            return 0
    else:
        before = newest.entered - newest.left
        if (newest.told_entered, newest.told_left) == (entered, left):
            return 0
        fell = entered < newest.told_entered or left < newest.told_left
        entered = newest.entered + (entered if fell else entered - newest.told_entered)
        left = newest.left + (left if fell else left - newest.told_left)
        at = max(now, newest.at + timedelta(microseconds=1))
    connection.execute(
        insert(schema.heads).values(
            hall=key.hall,
            terminal=key.terminal,
            day=day,
            at=at,
            entered=entered,
            left=left,
            told_entered=health.entered,
            told_left=health.left,
        )
    )
    return entered - left - before


def _heads(connection: Connection, hall: str, day: date, upto: datetime) -> tuple[int, int]:
    """Heads in and heads out of a day until a moment, over the lanes of a hall."""
    table = schema.heads
    newest = (
        select(table.c.terminal, func.max(table.c.at).label("at"))
        .where(table.c.hall == hall, table.c.day == day, table.c.at <= upto)
        .group_by(table.c.terminal)
        .subquery()
    )
    row = connection.execute(
        select(func.coalesce(func.sum(table.c.entered), 0), func.coalesce(func.sum(table.c.left), 0))
        .select_from(table)
        .join(newest, (table.c.terminal == newest.c.terminal) & (table.c.at == newest.c.at))
        .where(table.c.hall == hall, table.c.day == day)
    ).one()
    return int(row[0]), int(row[1])


def _correction(connection: Connection, hall: str, day: date, upto: datetime) -> tuple[datetime, int] | None:
    """The newest corrected count of a day, and since when it holds."""
    action, event = schema.staff_action, schema.event
    rows = connection.execute(
        select(action.c.at, action.c["count"], event.c.received)
        .join_from(action, event, event.c.position == action.c.position)
        .where(action.c.hall == hall, action.c.act == StaffAct.COUNT_SET.value, action.c["count"].is_not(None))
        .order_by(action.c.position.desc())
        .limit(_CORRECTIONS_LOOKED_AT)
    ).all()
    # By the lane's clock, but never after the hub heard of it: a lane's clock may have jumped.
    made = [(min(at, received), int(count)) for at, count, received in rows]
    today = [each for each in made if local_date(each[0]) == day and each[0] <= upto]
    return max(today, key=lambda each: each[0], default=None)


def inside(connection: Connection, hall: str, now: datetime) -> int:
    """How many are, or were, inside at a moment.

    Args:
        connection: For reading.
        hall: Which.
        now: The moment. At midnight in China the hall is empty.
    """
    day = local_date(now)
    entered, left = _heads(connection, hall, day, now)
    corrected = _correction(connection, hall, day, now)
    if corrected is None:
        return max(0, entered - left)
    since, count = corrected
    entered_before, left_before = _heads(connection, hall, day, since)
    return max(0, count + entered - left - (entered_before - left_before))


def by_hour(connection: Connection, hall: str, day: date, now: datetime) -> list[Hour]:
    """Heads in, out and inside for each hour of a day in China that has begun."""
    hours = []
    begins = datetime.combine(day, time(), CHINA)
    before = (0, 0)
    for hour in range(24):
        start = begins + timedelta(hours=hour)
        if start > now:
            break
        end = min(now, start + timedelta(hours=1) - timedelta(microseconds=1))
        upto = _heads(connection, hall, day, end)
        hours.append(Hour(start, upto[0] - before[0], upto[1] - before[1], inside(connection, hall, end)))
        before = upto
    return hours
