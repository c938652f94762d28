"""Counted for the figures: visitors and pieces of business by day; reasons, items, departments, channels."""

from collections import Counter
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, case, func, select

from hub.office.items import published
from hub.store import schema
from hub.submissions.plain import CAME_IN
from hub.supervision.shapes import Day, Line, Span
from kiosk.clock import local_date
from kiosk.wire.appointments import AppointmentStatus

_KEPT: Final = (AppointmentStatus.BOOKED.value, AppointmentStatus.USED.value)
"""Appointments that were not taken back."""


def _by_day(connection: Connection, span: Span, table: Any, column: str, *where: Any, add: Any = None) -> Counter[date]:
    """Rows (or a sum) of each day in China; days are made here, for no two databases make them alike."""
    found: Counter[date] = Counter()
    when = table.c[column]
    query = select(when, *([] if add is None else [add])).where(when >= span.begins, when < span.ends, *where)
    for row in connection.execute(query.where(*span.of(table.c.hall))):
        found[local_date(row[0])] += 1 if add is None else int(row[1] or 0)
    return found


def days(connection: Connection, span: Span) -> list[Day]:
    """Each day's visitors and pieces of business."""
    passage, submission, number = schema.passage, schema.submission, schema.queue_number
    verdicts = {
        verdict: _by_day(connection, span, passage, "decided", passage.c.verdict == verdict)
        for verdict in ("admit", "refuse", "refer")
    }
    # Releases of before told that somebody came in, and not how many.
    came_in = (passage.c.people > 0) | passage.c.crossed.in_([each.value for each in CAME_IN])
    heads = case((passage.c.people > 0, passage.c.people), else_=1)
    visitors = _by_day(connection, span, passage, "decided", came_in, add=heads)
    handed_in = _by_day(connection, span, submission, "submitted")
    taken = _by_day(connection, span, number, "taken")
    served = _by_day(connection, span, number, "ended", number.c.standing == "done")
    handling, audit = schema.handling, schema.audit
    decided: Counter[date] = Counter(
        local_date(at)
        for at in connection.scalars(
            select(audit.c.at)
            .join(handling, handling.c.number == audit.c.subject)
            .where(audit.c.what.in_(["grant", "refuse", "reject"]), audit.c.at >= span.begins, audit.c.at < span.ends)
            .where(*span.of(handling.c.hall))
        )
    )
    return [
        Day(
            day,
            visitors[day],
            verdicts["admit"][day],
            verdicts["refuse"][day],
            verdicts["refer"][day],
            handed_in[day],
            decided[day],
            taken[day],
            served[day],
        )
        for day in span.days
    ]


def reasons(connection: Connection, span: Span) -> list[Line]:
    """Why people were not admitted, the most common first."""
    table = schema.passage
    counted: Counter[str] = Counter()
    for row in connection.execute(
        select(table.c.reasons, func.count().label("number"))
        .where(table.c.decided >= span.begins, table.c.decided < span.ends, table.c.verdict != "admit")
        .where(*span.of(table.c.hall))
        .group_by(table.c.reasons)
    ):
        for reason in row.reasons.split():
            counted[reason] += row.number
    return _lines(counted)


def items_departments_channels(connection: Connection, span: Span) -> tuple[list[Line], list[Line], list[Line]]:
    """By item, by department, by channel: the desk it came from, or a window."""
    table, terminal = schema.submission, schema.terminal
    rows = connection.execute(
        select(table.c.hall, table.c.item, terminal.c.role, func.count().label("number"))
        .outerjoin(terminal, (terminal.c.hall == table.c.hall) & (terminal.c.terminal == table.c.terminal))
        .where(table.c.submitted >= span.begins, table.c.submitted < span.ends, *span.of(table.c.hall))
        .group_by(table.c.hall, table.c.item, terminal.c.role)
    ).all()
    items: Counter[str] = Counter()
    departments: Counter[str] = Counter()
    channels: Counter[str] = Counter()
    names: dict[tuple[str, str], str] = {}
    for hall in {row.hall for row in rows}:
        catalogue = published(connection, hall)
        for item in () if catalogue is None else catalogue.items:
            names[hall, item.key] = item.department.zh_hans
    for row in rows:
        items[row.item] += row.number
        departments[names.get((row.hall, row.item), "")] += row.number
        channels["channel_desk" if row.role == "desk" else "channel_window"] += row.number
    number, appointment = schema.queue_number, schema.appointment
    channels["channel_number"] = int(
        connection.scalar(
            select(func.count())
            .select_from(number)
            .where(number.c.taken >= span.begins, number.c.taken < span.ends, *span.of(number.c.hall))
        )
        or 0
    )
    channels["channel_appointment"] = int(
        connection.scalar(
            select(func.count())
            .select_from(appointment)
            .where(appointment.c.status.in_(_KEPT), *span.of(appointment.c.hall))
            .where(appointment.c.begins >= span.begins, appointment.c.begins < span.ends)
        )
        or 0
    )
    return _lines(items), _lines(departments), _lines(channels)


def _lines(counted: Counter[str]) -> list[Line]:
    """All of them, the most common first."""
    return [Line(key, number) for key, number in counted.most_common()]
