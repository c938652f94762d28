"""What the office is reminded of: what is overdue, and messages that do not go out. Each thing once, by its mark.

Level 1 is for the supervisor of the hall, level 2 for the next above: whoever has `overdue_again` in `notify.toml`, and
the administrators in the console. An alarm is cleared by itself when what it is about is done; somebody may say before
that they see to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, update

from hub.audit.chain import Actor, Who, append
from hub.fleet.live import TerminalKey
from hub.gate.notices import NoticeKind, write_down
from hub.store import schema

TIMER: Final = Who(Actor.TIMER)
_table = schema.office_alarm


class OfficeAlarm(StrEnum):
    """What is wrong."""

    COMPLAINT = "complaint"
    """Nobody answered it in time."""
    INTAKE = "intake"
    """Tomorrow it counts as accepted, and nobody said anything."""
    CORRECTION = "correction"
    """What was asked for did not come by its day."""
    RESULT = "result"
    """The day it was promised for is over."""
    TEXT_DEAD = "text_dead"
    """Messages could not be sent for a day."""
    TEXT_LIMIT = "text_limit"
    """No more messages may be paid for today."""


OF_TEXTS: Final = frozenset({OfficeAlarm.TEXT_DEAD, OfficeAlarm.TEXT_LIMIT})


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm."""

    number: int
    hall: str
    kind: OfficeAlarm
    subject: str
    level: int
    due: date | None
    detail: str
    raised: datetime
    cleared: datetime | None
    acknowledged: datetime | None
    by: str


def _alarm(row: Row[Any]) -> Alarm:
    values = {key: getattr(row, key) for key in Alarm.__slots__}
    values["kind"] = OfficeAlarm(row.kind)
    return Alarm(**values)


def raise_once(
    connection: Connection,
    kind: OfficeAlarm,
    hall: str,
    subject: str,
    now: datetime,
    *,
    level: int = 1,
    due: date | None = None,
    detail: str = "",
) -> bool:
    """Raise an alarm and tell it, unless this very thing was told before; whether it was new.

    Args:
        connection: Inside a writing transaction.
        kind: What is wrong.
        hall: Whose; empty for the hub's.
        subject: A receipt's number, a complaint's code, a day.
        now: The time.
        level: 1 or 2.
        due: The day that is over: another day is another alarm.
        detail: Values of enumerations, separated by spaces; nothing personal.
    """
    mark = f"{kind.value}/{hall}/{subject}/{level}/{due.isoformat() if due else ''}"
    if connection.scalar(select(_table.c.number).where(_table.c.mark == mark)) is not None:
        return False
    connection.execute(
        insert(_table).values(
            hall=hall,
            kind=kind.value,
            subject=subject,
            level=level,
            due=due,
            detail=detail[:200],
            raised=now,
            mark=mark,
        )
    )
    told = f"{kind.value} {detail}".strip()
    notice = NoticeKind.TEXTS if kind in OF_TEXTS else (NoticeKind.OVERDUE, NoticeKind.OVERDUE_AGAIN)[level > 1]
    write_down(connection, notice, TerminalKey(hall, ""), lane=subject, detail=told, at=now, now=now)
    due_text = due.isoformat() if due else None
    append(connection, TIMER, "escalate", subject, now, detail={"kind": kind.value, "level": level, "due": due_text})
    return True


def clear(connection: Connection, number: int, now: datetime) -> None:
    """What it was about is done."""
    connection.execute(update(_table).where(_table.c.number == number, _table.c.cleared.is_(None)).values(cleared=now))


def raised(connection: Connection, halls: frozenset[str] | None = None, most: int = 500) -> list[Alarm]:
    """Alarms that are raised: the highest level first, then the oldest.

    Args:
        connection: For reading.
        halls: Whose; None for all.
        most: At most so many.
    """
    query = select(_table).where(_table.c.cleared.is_(None))
    if halls is not None:
        query = query.where(_table.c.hall.in_(halls))
    return [
        _alarm(row) for row in connection.execute(query.order_by(_table.c.level.desc(), _table.c.number).limit(most))
    ]


def highest(alarms: Sequence[Alarm]) -> list[Alarm]:
    """Of each thing the alarm of the highest level only: whoever sees to it sees to all.

    Args:
        alarms: From `raised`.
    """
    found: dict[tuple[str, str, str, date | None], Alarm] = {}
    for each in alarms:
        found.setdefault((each.hall, each.kind.value, each.subject, each.due), each)
    return list(found.values())


def past(connection: Connection, hall: str, most: int = 50) -> Sequence[Alarm]:
    """A hall's alarms that are cleared, the newest first."""
    query = select(_table).where(_table.c.hall == hall, _table.c.cleared.is_not(None))
    return [_alarm(row) for row in connection.execute(query.order_by(_table.c.number.desc()).limit(most))]


def counts(connection: Connection, halls: frozenset[str] | None = None) -> dict[tuple[str, int], int]:
    """How many are raised, by kind and level.

    Args:
        connection: For reading.
        halls: Whose; None for all.
    """
    query = select(_table.c.kind, _table.c.level, func.count()).where(_table.c.cleared.is_(None))
    if halls is not None:
        query = query.where(_table.c.hall.in_(halls))
    return {
        (kind, level): number
        for kind, level, number in connection.execute(query.group_by(_table.c.kind, _table.c.level))
    }


def told_overdue(connection: Connection, halls: frozenset[str] | None) -> dict[str, int]:
    """How many things are raised, by hall; the highest level of each is counted once.

    Args:
        connection: For reading.
        halls: Whose; None for all.
    """
    query = select(_table.c.hall, func.count()).where(_table.c.cleared.is_(None), _table.c.level == 1)
    if halls is not None:
        query = query.where(_table.c.hall.in_(halls))
    return {row[0]: row[1] for row in connection.execute(query.group_by(_table.c.hall).order_by(_table.c.hall))}


def acknowledge(connection: Connection, hall: str, number: int, who: Who, now: datetime) -> bool:
    """Somebody sees to it, and to the levels below; the first counts. What nothing clears by itself is cleared with it.

    Args:
        connection: Inside a writing transaction.
        hall: Whose.
        number: Which.
        who: A supervisor.
        now: The time.

    Returns:
        Whether this hall has such an alarm.
    """
    row = connection.execute(select(_table).where(_table.c.hall == hall, _table.c.number == number)).one_or_none()
    if row is None:
        return False
    if row.acknowledged is None:
        same = (_table.c.hall == hall, _table.c.kind == row.kind, _table.c.subject == row.subject)
        due = _table.c.due.is_(None) if row.due is None else _table.c.due == row.due
        values: dict[str, object] = {"acknowledged": now, "by": who.name[:64]}
        if OfficeAlarm(row.kind) in OF_TEXTS | {OfficeAlarm.CORRECTION}:
            values["cleared"] = now
        open_ones = (_table.c.cleared.is_(None), _table.c.acknowledged.is_(None), _table.c.level <= row.level)
        connection.execute(update(_table).where(*same, due, *open_ones).values(values))
        append(connection, who, "acknowledge", row.subject, now, detail={"kind": row.kind, "level": row.level})
    return True
