"""Times for the figures: phases at the terminals, steps of the office, screens, availability."""

from collections import defaultdict
from datetime import datetime, timedelta
from statistics import median
from typing import Final

import msgspec
from sqlalchemy import Connection, func, select

from hub.store import schema
from hub.supervision.shapes import Available, Line, Span, Use

PHASES_OF: Final = 2000
"""Phase times are of so many newest passages and submissions: medians need no more."""
_CLOCKS: Final = timedelta(hours=1)
"""A terminal's clock is not farther ahead than that."""


class _Timing(msgspec.Struct):
    phase: str = ""
    ms: float = 0.0


class _Timed(msgspec.Struct):
    timings: list[_Timing] = []


class _Body(msgspec.Struct):
    event: _Timed


def position_before(connection: Connection, moment: datetime) -> int:
    """A position all events up to which came before a moment; found by halving, for the table may be a city's.

    Args:
        connection: For reading.
        moment: By the hub's clock.
    """
    table = schema.event
    low, high = 0, int(connection.scalar(select(func.max(table.c.position))) or 0)
    while low < high:
        middle = (low + high + 1) // 2
        row = connection.execute(
            select(table.c.position, table.c.received)
            .where(table.c.position >= middle)
            .order_by(table.c.position)
            .limit(1)
        ).one_or_none()
        if row is not None and row.received < moment:
            low = row.position
        else:
            high = middle - 1
    return low


def _median(values: list[float]) -> float:
    return median(values) if values else 0.0


def phases(connection: Connection, span: Span) -> list[Line]:
    """Median of each phase in milliseconds, with how many it is of."""
    table = schema.event
    took: dict[str, list[float]] = defaultdict(list)
    bodies = connection.scalars(
        select(table.c.body)
        .where(table.c.position > position_before(connection, span.begins - _CLOCKS))
        .where(table.c.kind.in_(["passage", "submission"]), table.c.made >= span.begins, table.c.made < span.ends)
        .where(*span.of(table.c.hall))
        .order_by(table.c.position.desc())
        .limit(PHASES_OF)
    )
    for body in bodies:
        for timing in msgspec.json.decode(body, type=_Body).event.timings:
            took[timing.phase].append(timing.ms)
    return [Line(phase, len(values), _median(values)) for phase, values in took.items()]


def office(connection: Connection, span: Span) -> list[Line]:
    """Median hours from one step of the office to the next."""
    table, handling = schema.audit, schema.handling
    times: dict[str, dict[str, datetime]] = defaultdict(dict)
    for row in connection.execute(
        select(table.c.subject, table.c.what, table.c.at)
        .join(handling, handling.c.number == table.c.subject)
        .where(
            handling.c.counted_from >= span.begins,
            handling.c.counted_from < span.ends,
            table.c.what.in_(["receive", "accept", "deem_accepted", "grant", "refuse"]),
        )
        .where(*span.of(handling.c.hall))
    ):
        what = {"deem_accepted": "accept", "refuse": "grant"}.get(row.what, row.what)
        times[row.subject].setdefault(what, row.at)
    lines = []
    for key, first, second in (("to_accept", "receive", "accept"), ("to_decide", "accept", "grant")):
        hours = [
            (steps[second] - steps[first]).total_seconds() / 3600
            for steps in times.values()
            if first in steps and second in steps
        ]
        lines.append(Line(key, len(hours), _median(hours)))
    return lines


def screens(connection: Connection, span: Span) -> list[Use]:
    """How each screen was used."""
    table = schema.screen_use
    rows = connection.execute(
        select(
            table.c.view,
            func.sum(table.c.shown).label("shown"),
            func.sum(table.c.left).label("gone"),
            func.sum(table.c.seconds).label("seconds"),
            func.sum(table.c.people).label("people"),
        )
        .where(table.c.day >= span.first, table.c.day <= span.last, *span.of(table.c.hall))
        .group_by(table.c.view)
    ).all()
    return [
        Use(row.view, int(row.shown), int(row.gone), int(row.seconds), int(row.people))
        for row in sorted(rows, key=lambda row: (row.view.partition(".")[0], -row.shown))
    ]


def available(connection: Connection, span: Span) -> list[Available]:
    """How much of the time each terminal was in service."""
    table = schema.service_hour
    sums = [func.sum(table.c[name]).label(name) for name in ("looks", "in_service", "devices", "devices_ready")]
    rows = connection.execute(
        select(table.c.hall, table.c.terminal, *sums)
        .where(table.c.begins >= span.begins, table.c.begins < span.ends, *span.of(table.c.hall))
        .group_by(table.c.hall, table.c.terminal)
        .order_by(table.c.hall, table.c.terminal)
    ).all()
    return [
        Available(
            row.hall,
            row.terminal,
            float(row.in_service) / max(1, int(row.looks)),
            float(row.devices_ready) / max(1, int(row.devices)) if row.devices else 1.0,
            float(row.looks) / 60,
        )
        for row in rows
    ]
