"""What happens because a day came: deemed accepted, lapsed, complaints nobody answered, days counted anew."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, or_, select, update

from hub.audit.chain import Actor, Who, append
from hub.fleet.live import TerminalKey
from hub.gate.notices import NoticeKind, write_down
from hub.office.advance import OfficeRefused, advance
from hub.office.calendar import calendar_of
from hub.office.payments import give_back
from hub.office.received import ACCEPT_DAYS
from hub.office.records import Record, record_of
from hub.office.staff_steps import EXTENSION_DAYS, begin_work
from hub.office.states import CLOSED, Step
from hub.store import schema
from kiosk.clock import local_date
from kiosk.wire.progress import Standing

TIMER: Final = Who(Actor.TIMER)
_AT_ONCE: Final = 200
LATE: Final = "nothing came by the day that was said"
_UNDECIDED: Final = frozenset({Standing.ACCEPTED, Standing.ROUTED})
"""A decision that was made in time stays in time."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What was done."""

    deemed_accepted: int
    lapsed: int
    escalated: int

    def __bool__(self) -> bool:
        """Whether anything was."""
        return any((self.deemed_accepted, self.lapsed, self.escalated))


def sweep(connection: Connection, now: datetime) -> Swept:
    """Do what is due. A day is over when the next one begins in China; twice is the same.

    Args:
        connection: Inside a writing transaction.
        now: The time.
    """
    return Swept(_deem(connection, now), _lapse(connection, now), _escalate(connection, now))


def _deem(connection: Connection, now: datetime) -> int:
    table, done = schema.handling, 0
    rows = connection.execute(
        select(table)
        .where(
            table.c.acceptance_due < local_date(now),
            table.c.accepted.is_(None),
            table.c.standing.in_([Standing.RECEIVED.value, Standing.CORRECTED.value, Standing.ROUTED.value]),
        )
        .order_by(table.c.acceptance_due)
        .limit(_AT_ONCE)
    ).all()
    for row in rows:
        begin_work(connection, record_of(row), Step.DEEM_ACCEPTED, TIMER, now)
        done += 1
    return done


def _lapse(connection: Connection, now: datetime) -> int:
    table, today, done = schema.handling, local_date(now), 0
    rows = connection.execute(
        select(table)
        .where(
            or_(
                (table.c.asked_due < today) & (table.c.standing == Standing.CORRECTING.value),
                (table.c.deferred_due < today)
                & table.c.standing.in_([Standing.ACCEPTED.value, Standing.ROUTED.value])
                & table.c.accepted.is_not(None),
            )
        )
        .order_by(table.c.number)
        .limit(_AT_ONCE)
    ).all()
    for row in rows:
        record = record_of(row)
        try:
            after = advance(connection, record, Step.LAPSE, TIMER, now, values={"reason": LATE})
        except OfficeRefused:
            continue  # what was promised has come in the meantime
        if after.accepted is None and after.payment is not None:
            give_back(connection, UUID(after.payment), now)
        done += 1
    return done


def _escalate(connection: Connection, now: datetime) -> int:
    table = schema.opinion
    rows = connection.execute(
        select(table)
        .where(table.c.due < local_date(now), table.c.replied.is_(None), table.c.escalated.is_(None))
        .limit(_AT_ONCE)
    ).all()
    for row in rows:
        connection.execute(
            update(table).where(table.c.position == row.position).values(escalated=now, version=row.version + 1)
        )
        append(connection, TIMER, "escalate", row.code, now, version=row.version + 1)
        key = TerminalKey(row.hall, row.terminal)
        write_down(connection, NoticeKind.OPINION, key, lane=row.code, detail="late", at=now, now=now)
    return len(rows)


def recount(connection: Connection, now: datetime, hall: str | None = None) -> int:
    """Count days anew: those that are provisional, for a notice for the year may have come; or all that a hall counts.

    A notice may also change days that were certain (in 2020 the holidays were made longer while they ran). Who has to
    answer by a day is not taken by surprise: no day to accept moves to before today.

    Args:
        connection: Inside a writing transaction.
        now: The time.
        hall: Whose holiday file is new; None: all halls, provisional days only.

    Returns:
        How many submissions have another day now, or a certain one.
    """
    table = schema.handling
    closed = [standing.value for standing in CLOSED]
    which = table.c.provisional if hall is None else or_(table.c.at_hall == hall, table.c.decides == hall)
    rows = connection.execute(select(table).where(which, table.c.standing.not_in(closed))).all()
    return sum(_recounted(connection, record_of(row), now) for row in rows)


def _recounted(connection: Connection, record: Record, now: datetime) -> bool:
    days: dict[str, date | None]
    if record.accepted is None:
        counted = calendar_of(connection, record.at_hall).after(local_date(record.counted_from), ACCEPT_DAYS)
        day = record.acceptance_due
        if day is not None:
            day = counted.day if day < local_date(now) else max(counted.day, local_date(now))
        days = {"acceptance_due": day}
    else:
        calendar = calendar_of(connection, record.decides)
        counted = calendar.after(local_date(record.accepted), record.working_days)
        if record.extended:
            counted = calendar.after(counted.day, EXTENSION_DAYS)
        days = {"due": counted.day if record.standing in _UNDECIDED else record.due}
    before = {key: getattr(record, key) for key in days}
    if days == before and counted.provisional == record.provisional:
        return False
    table = schema.handling
    connection.execute(
        update(table)
        .where(table.c.number == record.number, table.c.version == record.version)
        .values(**days, provisional=counted.provisional, version=record.version + 1)
    )
    append(
        connection,
        TIMER,
        "recount",
        record.number,
        now,
        standing=record.standing.value,
        version=record.version + 1,
        detail={key: None if day is None else day.isoformat() for key, day in days.items()},
    )
    return True
