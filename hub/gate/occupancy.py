"""How many are inside a hall: what the beams of all its lanes counted today, and what staff corrected.

Lanes report their counters of the day with their health. Each report that says something new is kept, by the hub's own
clock, so that the count survives a restart, and a correction counts from the moment it was made at the lane.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, and_, bindparam, func, insert, select, tuple_

from hub.fleet.live import TerminalKey
from hub.store import schema
from kiosk.clock import CHINA, local_date
from kiosk.wire.events import StaffAct
from kiosk.wire.fleet import Health

_CLOCKS_AGREE: Final = timedelta(minutes=15)
_CORRECTIONS_LOOKED_AT: Final = 50
_COLUMNS: Final = ("hall", "terminal", "day", "at", "entered", "left", "told_entered", "told_left")
LaneDay = tuple[str, str, date]
"""Hall, terminal and day."""


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


@dataclass(frozen=True, slots=True)
class Report:
    """A lane's counters, and when they were heard."""

    key: TerminalKey
    health: Health
    now: datetime

    @property
    def lane_day(self) -> LaneDay:
        """Whose they are, and of which day."""
        return self.key.hall, self.key.terminal, day_of(self.health, self.now)


class _Kept(NamedTuple):
    """The newest that is kept of a lane's day."""

    at: datetime
    entered: int
    left: int
    told: tuple[int, int]


def _newest_query() -> Select[Any]:
    table = schema.heads
    key = [table.c[name] for name in ("hall", "terminal", "day")]
    newest = (
        select(*key, func.max(table.c.at).label("at"))
        .where(tuple_(*key).in_(bindparam("lane_days", expanding=True)))
        .group_by(*key)
        .subquery()
    )
    return select(table).join(newest, and_(*(table.c[each.name] == each for each in newest.c)))


_NEWEST: Final = _newest_query()


def _newest(connection: Connection, lane_days: Collection[LaneDay]) -> dict[LaneDay, _Kept]:
    return {
        (row.hall, row.terminal, row.day): _Kept(row.at, row.entered, row.left, (row.told_entered, row.told_left))
        for row in connection.execute(_NEWEST, {"lane_days": list(lane_days)})
    }


def report(connection: Connection, reports: Sequence[Report]) -> list[int]:
    """Keep lanes' counters. Counters that fall within a day are of a lane that lost its disk: its count goes on.

    Args:
        connection: Inside a writing transaction.
        reports: What they report, in its order.

    Returns:
        For each, how many more are inside by it; negative: fewer.
    """
    known = _newest(connection, {each.lane_day for each in reports})
    changes, rows = [], []
    for each in reports:
        told = (each.health.entered, each.health.left)
        before = known.get(each.lane_day)
        if told == ((0, 0) if before is None else before.told):
            changes.append(0)
            continue
        kept = _Kept(each.now, told[0], told[1], told) if before is None else _gone_on(before, each.now, told)
        known[each.lane_day] = kept
        was = 0 if before is None else before.entered - before.left
        changes.append(kept.entered - kept.left - was)
        values = (*each.lane_day, *kept[:3], *told)
        rows.append(dict(zip(_COLUMNS, values, strict=True)))
    if rows:
        connection.execute(insert(schema.heads), rows)
    return changes


def _gone_on(before: _Kept, now: datetime, told: tuple[int, int]) -> _Kept:
    entered, left = told
    if entered >= before.told[0] and left >= before.told[1]:
        entered, left = entered - before.told[0], left - before.told[1]
    at = max(now, before.at + timedelta(microseconds=1))
    return _Kept(at, before.entered + entered, before.left + left, told)


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
