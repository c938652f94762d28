"""What staff did at the lanes, which lanes were disinfected when, and lanes in trouble."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, func, select, update

from hub.fleet.live import TerminalKey
from hub.store import schema
from kiosk.wire.events import LaneTrouble, StaffAct

LIST_MOST: Final = 500
DISINFECT_AFTER_PASSAGES: Final = 500
DISINFECT_AFTER: Final = timedelta(hours=4)
"""At fixed times and after use, as halls do it; whichever comes first."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act of a member of staff at a lane."""

    id: UUID
    terminal: str
    lane: str
    act: StaffAct
    staff: str
    passage: UUID | None
    reason: str
    temperature_c: float | None
    """None also after its time of keeping."""
    count: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Disinfection:
    """How it stands with one terminal."""

    terminal: str
    last: datetime | None
    staff: str
    passages_since: int
    due: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """A lane that was forced, stands open, or was opened by the fire input."""

    id: UUID
    hall: str
    terminal: str
    lane: str
    trouble: LaneTrouble
    at: datetime
    acknowledged: datetime | None
    acknowledged_by: str | None


def staff_acts(
    connection: Connection, hall: str, since: datetime, acts: Collection[StaffAct] | None = None
) -> list[Act]:
    """What staff did at a hall's lanes since a moment, the newest first, at most 500.

    Args:
        connection: For reading.
        hall: Which.
        since: From then on.
        acts: Only these.
    """
    table = schema.staff_action
    query = select(table).where(table.c.hall == hall, table.c.at >= since)
    if acts is not None:
        query = query.where(table.c.act.in_([act.value for act in acts]))
    return [_act(row) for row in connection.execute(query.order_by(table.c.at.desc()).limit(LIST_MOST))]


def _act(row: Row[Any]) -> Act:
    values = row._mapping  # noqa: SLF001  SQLAlchemy's public way to a column that is called like a method
    return Act(
        id=UUID(row.id),
        terminal=row.terminal,
        lane=row.lane,
        act=StaffAct(row.act),
        staff=row.staff,
        passage=None if row.passage is None else UUID(row.passage),
        reason=row.reason,
        temperature_c=None if row.temperature_centi is None else row.temperature_centi / 100,
        count=values["count"],
        at=row.at,
    )


def disinfections(
    connection: Connection,
    hall: str,
    now: datetime,
    *,
    passages: int = DISINFECT_AFTER_PASSAGES,
    after: timedelta = DISINFECT_AFTER,
) -> list[Disinfection]:
    """How it stands with each gate of a hall; due after so many passages or so long, if anybody came by at all.

    Args:
        connection: For reading.
        hall: Which.
        now: The time.
        passages: Due after so many.
        after: Due after so long.
    """
    terminal, action, passage = schema.terminal, schema.staff_action, schema.passage
    found = []
    for (name,) in connection.execute(
        select(terminal.c.terminal)
        .where(terminal.c.hall == hall, terminal.c.role == "gate")
        .order_by(terminal.c.terminal)
    ).all():
        last = connection.execute(
            select(action.c.at, action.c.staff)
            .where(
                action.c.hall == hall,
                action.c.act == StaffAct.DISINFECTED.value,
                action.c.terminal == name,
            )
            .order_by(action.c.at.desc())
            .limit(1)
        ).one_or_none()
        came = select(func.count()).where(passage.c.hall == hall, passage.c.terminal == name)
        if last is not None:
            came = came.where(passage.c.decided > last.at)
        since = connection.scalar(came) or 0
        long_ago = last is None or now - last.at >= after
        found.append(
            Disinfection(
                terminal=name,
                last=None if last is None else last.at,
                staff="" if last is None else last.staff,
                passages_since=since,
                due=since >= passages or (since > 0 and long_ago),
            )
        )
    return found


def troubles(connection: Connection, hall: str | None = None, *, all_since: datetime | None = None) -> list[Trouble]:
    """Lanes in trouble that nobody has acknowledged, the oldest first; or all since a moment."""
    table = schema.lane_alarm
    query = select(table)
    query = query.where(table.c.acknowledged.is_(None) if all_since is None else table.c.at >= all_since)
    if hall is not None:
        query = query.where(table.c.hall == hall)
    return [
        Trouble(
            id=UUID(row.id),
            hall=row.hall,
            terminal=row.terminal,
            lane=row.lane,
            trouble=LaneTrouble(row.trouble),
            at=row.at,
            acknowledged=row.acknowledged,
            acknowledged_by=row.acknowledged_by,
        )
        for row in connection.execute(query.order_by(table.c.position).limit(LIST_MOST))
    ]


def acknowledge_trouble(connection: Connection, key: TerminalKey, trouble: UUID, *, who: str, now: datetime) -> bool:
    """Say that a lane's trouble was seen. The first counts; False where it was so already, or is not known."""
    table = schema.lane_alarm
    done = connection.execute(
        update(table)
        .where(
            table.c.hall == key.hall,
            table.c.terminal == key.terminal,
            table.c.id == str(trouble),
            table.c.acknowledged.is_(None),
        )
        .values(acknowledged=now, acknowledged_by=who[:64])
    )
    return done.rowcount == 1
