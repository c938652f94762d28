"""The figures of some days: visitors, outcomes, items, phases, steps, screens, availability, opinions."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from hub.office.alarms import told_overdue
from hub.store import schema
from hub.supervision import counted, timed
from hub.supervision.shapes import Available, Day, Figures, Line, Span, Use
from kiosk.clock import local_date
from kiosk.wire.events import OpinionKind

__all__ = ("MOST_DAYS", "STEPS", "Available", "Day", "Figures", "Line", "Span", "Use", "figures")

MOST_DAYS: Final = 366
STEPS: Final = (
    "desk.ChooseItem",
    "desk.ItemSummary",
    "desk.ReadingCard",
    "desk.Question",
    "desk.CapturePaper",
    "desk.Review",
    "desk.Submitting",
    "desk.Done",
)
"""The way of a submission, as far as most of them go: each step is of how many came to it."""


def figures(connection: Connection, span: Span, now: datetime) -> Figures:
    """All figures of some days.

    Args:
        connection: For reading.
        span: At most `MOST_DAYS` days.
        now: The time.
    """
    items, departments, channels = counted.items_departments_channels(connection, span)
    screens = timed.screens(connection, span)
    by_view = {use.view: use for use in screens}
    opinion = schema.opinion
    again = opinion.alias()  # who rates the same matter again has changed their mind
    newer = select(again.c.position).where(
        again.c.hall == opinion.c.hall,
        again.c.person == opinion.c.person,
        again.c.number == opinion.c.number,
        again.c.kind == opinion.c.kind,
        again.c.position > opinion.c.position,
    )
    counts = (opinion.c.kind != OpinionKind.RATING.value) | (opinion.c.number == "") | ~newer.exists()
    mine = (counts, opinion.c.at >= span.begins, opinion.c.at < span.ends, *span.of(opinion.c.hall))
    stars = {
        row.stars: row.number
        for row in connection.execute(
            select(opinion.c.stars, func.count().label("number"))
            .where(*mine, opinion.c.kind == OpinionKind.RATING.value, opinion.c.stars.is_not(None))
            .group_by(opinion.c.stars)
        )
    }
    kinds = {
        row.kind: row.number
        for row in connection.execute(
            select(opinion.c.kind, func.count().label("number")).where(*mine).group_by(opinion.c.kind)
        )
    }
    until = min(now, span.ends)  # of a day that is over: as it was at its end
    late = connection.scalar(
        select(func.count())
        .select_from(opinion)
        .where(opinion.c.due < (local_date(now) if until == now else span.last), *span.of(opinion.c.hall))
        .where(opinion.c.replied.is_(None) | (opinion.c.replied >= until), opinion.c.at < until)
    )
    return Figures(
        span,
        counted.days(connection, span),
        counted.reasons(connection, span),
        items,
        departments,
        channels,
        timed.phases(connection, span),
        timed.office(connection, span),
        [by_view[view] for view in STEPS if view in by_view],
        screens,
        timed.available(connection, span),
        stars,
        kinds,
        int(late or 0),
        told_overdue(connection, span.halls),
    )
