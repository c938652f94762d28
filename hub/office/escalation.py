"""Complaints and work that are overdue: told to the hall's supervisor by themselves, later to the next above.

Days are working days of the hall's signed holiday file. The limits stand in `office.toml`:

    [escalation]
    intake_days_before = 1     # so many working days before an intake counts as accepted its supervisor is told
    complaint_again_days = 2   # so many working days after the first word the next above is told
    intake_again_days = 1
    correction_again_days = 3
    result_again_days = 3
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Final

import msgspec
from sqlalchemy import Connection, select

from hub.office.alarms import OfficeAlarm, clear, raise_once
from hub.office.calendar import calendar_of
from hub.office.states import Step
from hub.store import schema
from kiosk.clock import local_date
from kiosk.wire.holidays import Calendar
from kiosk.wire.progress import Standing

_FAR: Final = timedelta(days=14)
"""A day that comes later than that is not near by any count of working days."""
_Days = Annotated[int, msgspec.Meta(ge=0, le=60)]
_Again = Annotated[int, msgspec.Meta(ge=1, le=60)]
_alarm = schema.office_alarm


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When who is told, in working days."""

    intake_days_before: _Days = 1
    complaint_again_days: _Again = 2
    intake_again_days: _Again = 1
    correction_again_days: _Again = 3
    result_again_days: _Again = 3

    def again(self, kind: OfficeAlarm) -> int:
        """So many working days after the first word the next above is told."""
        return {
            OfficeAlarm.COMPLAINT: self.complaint_again_days,
            OfficeAlarm.INTAKE: self.intake_again_days,
            OfficeAlarm.CORRECTION: self.correction_again_days,
            OfficeAlarm.RESULT: self.result_again_days,
        }[kind]


AS_SHIPPED: Final = Limits()


@dataclass(frozen=True, slots=True)
class _Late:
    kind: OfficeAlarm
    hall: str
    subject: str
    due: date


_WAITING: Final = (Standing.RECEIVED.value, Standing.CORRECTED.value, Standing.ROUTED.value)
_IN_WORK: Final = (Standing.ACCEPTED.value, Standing.ROUTED.value, Standing.GRANTED.value)


def _days_before(calendar: Calendar, day: date, days: int) -> date:
    """So many working days before a day."""
    while days:
        day -= timedelta(days=1)
        days -= calendar.is_worked(day)
    return day


def look(connection: Connection, now: datetime, limits: Limits | None = None) -> int:
    """Raise what became late, raise it again one level higher, and clear what was done; how many were raised.

    Args:
        connection: Inside a writing transaction; twice is the same.
        now: The time.
        limits: From `office.toml`.
    """
    limits = limits or AS_SHIPPED
    done = 0
    rows = connection.execute(
        select(_alarm).where(_alarm.c.cleared.is_(None), _alarm.c.due.is_not(None)).order_by(_alarm.c.number)
    ).all()
    known = {(row.kind, row.hall, row.subject, row.due) for row in rows}
    late = {
        (each.kind.value, each.hall, each.subject, each.due): each
        for each in (*_complaints(connection, now), *_intakes(connection, now, limits), *_work(connection, now))
    }
    for what, each in late.items():
        if what not in known:
            detail = _was_read(connection, each.subject) if each.kind is OfficeAlarm.INTAKE else ""
            done += raise_once(connection, each.kind, each.hall, each.subject, now, due=each.due, detail=detail)
    for row in rows:
        kind = OfficeAlarm(row.kind)
        if kind is not OfficeAlarm.CORRECTION and (row.kind, row.hall, row.subject, row.due) not in late:
            clear(connection, row.number, now)
            continue
        if row.level > 1:
            continue
        next_day = calendar_of(connection, row.hall).after(local_date(row.raised), limits.again(kind)).day
        if next_day <= local_date(now):
            done += raise_once(connection, kind, row.hall, row.subject, now, level=2, due=row.due, detail=row.detail)
    return done


def _complaints(connection: Connection, now: datetime) -> Iterator[_Late]:
    table = schema.opinion
    for row in connection.execute(
        select(table.c.hall, table.c.code, table.c.due).where(table.c.due < local_date(now), table.c.replied.is_(None))
    ):
        yield _Late(OfficeAlarm.COMPLAINT, row.hall, row.code, row.due)


def _intakes(connection: Connection, now: datetime, limits: Limits) -> Iterator[_Late]:
    table, today = schema.handling, local_date(now)
    rows = connection.execute(
        select(table.c.number, table.c.at_hall, table.c.acceptance_due).where(
            table.c.acceptance_due >= today,  # the day after it counts as accepted
            table.c.acceptance_due <= today + _FAR,
            table.c.accepted.is_(None),
            table.c.standing.in_(_WAITING),
        )
    ).all()
    for row in rows:
        calendar = calendar_of(connection, row.at_hall)
        if today < _days_before(calendar, row.acceptance_due, limits.intake_days_before):
            continue
        yield _Late(OfficeAlarm.INTAKE, row.at_hall, row.number, row.acceptance_due)


def _work(connection: Connection, now: datetime) -> Iterator[_Late]:
    table, today = schema.handling, local_date(now)
    for row in connection.execute(
        select(table.c.number, table.c.at_hall, table.c.asked_due).where(
            table.c.asked_due < today, table.c.standing == Standing.CORRECTING.value
        )
    ):
        yield _Late(OfficeAlarm.CORRECTION, row.at_hall, row.number, row.asked_due)
    for row in connection.execute(
        select(table.c.number, table.c.at_hall, table.c.due).where(
            table.c.due < today, table.c.accepted.is_not(None), table.c.standing.in_(_IN_WORK)
        )
    ):
        yield _Late(OfficeAlarm.RESULT, row.at_hall, row.number, row.due)


def _was_read(connection: Connection, number: str) -> str:
    """Whether anybody of the office has looked at it."""
    audit = schema.audit
    read = connection.scalar(
        select(audit.c.position).where(audit.c.subject == number, audit.c.what == Step.OPEN.value).limit(1)
    )
    return "unopened" if read is None else "opened"
