"""The figures of some days: visitors, outcomes, items, phases, steps, screens, availability, opinions."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select

from hub.office.alarms import told_overdue
from hub.office.items import published
from hub.store import schema
from kiosk.clock import CHINA, local_date

PHASES_OF: Final = 2000
"""Phase times are of so many newest passages and submissions: medians need no more."""
MOST_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days in China, of one hall or of all that somebody may see."""

    first: date
    last: date
    halls: frozenset[str] | None

    @property
    def begins(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time(), CHINA)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time(), CHINA)

    @property
    def days(self) -> list[date]:
        """Each day."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def of(self, hall: ColumnElement[str]) -> list[ColumnElement[bool]]:
        """The condition on a hall's column."""
        return [] if self.halls is None else [hall.in_(sorted(self.halls))]


@dataclass(frozen=True, slots=True)
class Day:
    """One day's visitors and pieces of business."""

    day: date
    visitors: int = 0
    """Who was admitted and came in, with companions, by the beams."""
    admit: int = 0
    refuse: int = 0
    refer: int = 0
    submissions: int = 0
    decided: int = 0
    numbers: int = 0
    served: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A name with a number, and a second one where there is."""

    key: str
    number: int
    second: float = 0.0


@dataclass(frozen=True, slots=True)
class Use:
    """How a screen was used."""

    view: str
    shown: int
    left: int
    seconds: int

    @property
    def share_left(self) -> float:
        """The part of people who went away from it, 0 to 1."""
        return self.left / self.shown if self.shown else 0.0


@dataclass(frozen=True, slots=True)
class Available:
    """How much of the time a terminal was in service, and its devices ready; 0 to 1."""

    hall: str
    terminal: str
    in_service: float
    devices: float
    hours: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All of it."""

    span: Span
    days: list[Day]
    reasons: list[Line]
    items: list[Line]
    departments: list[Line]
    channels: list[Line]
    phases: list[Line]
    office: list[Line]
    steps: list[Use]
    screens: list[Use]
    available: list[Available]
    stars: dict[int, int] = field(default_factory=dict)
    opinions: dict[str, int] = field(default_factory=dict)
    late: int = 0
    overdue: dict[str, int] = field(default_factory=dict)
    """What was told to supervisors and is not done, by hall."""

    def total(self, name: str) -> int:
        """The sum of a figure over the days."""
        return sum(int(getattr(day, name)) for day in self.days)

    @property
    def worst(self) -> Use | None:
        """The screen that most people left, of those that enough saw."""
        seen = [use for use in self.screens if use.shown >= 5 and use.left]
        return max(seen, key=lambda use: (use.share_left, use.left), default=None)


class _Timing(msgspec.Struct):
    phase: str = ""
    ms: float = 0.0


class _Timed(msgspec.Struct):
    timings: list[_Timing] = []


class _Body(msgspec.Struct):
    event: _Timed


def _by_day(connection: Connection, span: Span, table: Any, column: str, *where: Any, add: Any = None) -> Counter[date]:
    """Rows (or a sum) of each day in China; days are made here, for no two databases make them alike."""
    found: Counter[date] = Counter()
    when = table.c[column]
    query = select(when, *([] if add is None else [add])).where(when >= span.begins, when < span.ends, *where)
    for row in connection.execute(query.where(*span.of(table.c.hall))):
        found[local_date(row[0])] += 1 if add is None else int(row[1] or 0)
    return found


def _days(connection: Connection, span: Span) -> list[Day]:
    passage, submission, number = schema.passage, schema.submission, schema.queue_number
    verdicts = {
        verdict: _by_day(connection, span, passage, "decided", passage.c.verdict == verdict)
        for verdict in ("admit", "refuse", "refer")
    }
    visitors = _by_day(connection, span, passage, "decided", passage.c.people > 0, add=passage.c.people)
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


def _reasons(connection: Connection, span: Span) -> list[Line]:
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
    return [Line(key, number) for key, number in counted.most_common(12)]


def _items(connection: Connection, span: Span) -> tuple[list[Line], list[Line], list[Line]]:
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
            .where(appointment.c.begins >= span.begins, appointment.c.begins < span.ends, *span.of(appointment.c.hall))
        )
        or 0
    )
    return _lines(items), _lines(departments), _lines(channels)


def _lines(counted: Counter[str]) -> list[Line]:
    """The most common, with their numbers."""
    return [Line(key, number) for key, number in counted.most_common(40)]


def _median(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else 0.0


def _phases(connection: Connection, span: Span) -> list[Line]:
    """Median of each phase in milliseconds, with how many it is of."""
    table = schema.event
    took: dict[str, list[float]] = defaultdict(list)
    bodies = connection.scalars(
        select(table.c.body)
        .where(table.c.kind.in_(["passage", "submission"]), table.c.made >= span.begins, table.c.made < span.ends)
        .where(*span.of(table.c.hall))
        .order_by(table.c.position.desc())
        .limit(PHASES_OF)
    )
    for body in bodies:
        for timing in msgspec.json.decode(body, type=_Body).event.timings:
            took[timing.phase].append(timing.ms)
    return [Line(phase, len(values), _median(values)) for phase, values in took.items()]


def _office(connection: Connection, span: Span) -> list[Line]:
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


def _screens(connection: Connection, span: Span) -> list[Use]:
    table = schema.screen_use
    rows = connection.execute(
        select(
            table.c.view,
            func.sum(table.c.shown).label("shown"),
            func.sum(table.c.left).label("gone"),
            func.sum(table.c.seconds).label("seconds"),
            func.min(table.c.place).label("place"),
        )
        .where(table.c.day >= span.first, table.c.day <= span.last, *span.of(table.c.hall))
        .group_by(table.c.view)
    ).all()
    return [
        Use(row.view, int(row.shown), int(row.gone), int(row.seconds))
        for row in sorted(rows, key=lambda row: (row.view.partition(".")[0], -row.shown))
    ]


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


def _available(connection: Connection, span: Span) -> list[Available]:
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


def figures(connection: Connection, span: Span, now: datetime) -> Figures:
    """All figures of some days.

    Args:
        connection: For reading.
        span: At most `MOST_DAYS` days.
        now: The time.
    """
    items, departments, channels = _items(connection, span)
    screens = _screens(connection, span)
    by_view = {use.view: use for use in screens}
    opinion = schema.opinion
    mine = (opinion.c.at >= span.begins, opinion.c.at < span.ends, *span.of(opinion.c.hall))
    stars = {
        row.stars: row.number
        for row in connection.execute(
            select(opinion.c.stars, func.count().label("number"))
            .where(*mine, opinion.c.stars.is_not(None))
            .group_by(opinion.c.stars)
        )
    }
    kinds = {
        row.kind: row.number
        for row in connection.execute(
            select(opinion.c.kind, func.count().label("number")).where(*mine).group_by(opinion.c.kind)
        )
    }
    late = connection.scalar(
        select(func.count())
        .select_from(opinion)
        .where(opinion.c.due < local_date(now), opinion.c.replied.is_(None), *span.of(opinion.c.hall))
    )
    return Figures(
        span,
        _days(connection, span),
        _reasons(connection, span),
        items,
        departments,
        channels,
        _phases(connection, span),
        _office(connection, span),
        [by_view[view] for view in STEPS if view in by_view],
        screens,
        _available(connection, span),
        stars,
        kinds,
        int(late or 0),
        told_overdue(connection, span.halls),
    )
