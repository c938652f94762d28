"""Submissions as the office keeps and finds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from hub.office.states import CLOSED
from hub.store import schema
from kiosk.wire.catalogue import Delivery, Handling
from kiosk.wire.progress import Part, Standing


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing that was asked for (a correction), or promised (a paper that follows)."""

    place: int
    promised: bool
    part: Part
    key: str
    words: str
    due: date
    done: datetime | None


@dataclass(frozen=True, slots=True)
class Record:
    """One submission in the office's hands.

    Attributes:
        hall: Where it was handed in.
        at_hall: Whose turn it is.
        version: Grows with each step: who changes it names the one they saw.
        working_days: To decide in, as the item said when it came.
        asked_due: By this day what was asked for has to come.
        deferred_due: By this day the first paper that may follow.
        more_time: The person had a day moved.
        extended: The office had its day moved.
    """

    number: str
    hall: str
    accepts: str
    decides: str
    at_hall: str
    handling: Handling
    item: str
    person: str
    standing: Standing
    since: datetime
    version: int
    counted_from: datetime
    acceptance_due: date | None
    due: date | None
    provisional: bool
    working_days: int
    accepted: datetime | None
    corrections: int
    asked_due: date | None
    deferred_due: date | None
    more_time: bool
    extended: bool
    reason: str
    way: Delivery
    address_event: str | None
    payment: str | None
    closed: datetime | None

    @property
    def halls(self) -> frozenset[str]:
        """All that have to do with it."""
        return frozenset({self.hall, self.accepts, self.decides, self.at_hall})

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is expected of anybody."""
        return self.standing in CLOSED


def record_of(row: Row[Any]) -> Record:
    """A row of `handling`."""
    values = {key: getattr(row, key) for key in Record.__slots__}
    values["handling"] = Handling(row.handling)
    values["standing"] = Standing(row.standing)
    values["way"] = Delivery(row.way)
    return Record(**values)


def find(connection: Connection, number: str) -> Record | None:
    """One submission; None where there is none of that number."""
    table = schema.handling
    row = connection.execute(select(table).where(table.c.number == number)).one_or_none()
    return None if row is None else record_of(row)


def wanted(connection: Connection, number: str) -> list[Wanted]:
    """What was asked for and promised, in order."""
    table = schema.asked
    return [
        Wanted(row.place, row.promised, Part(row.part), row.key, row.words, row.due, row.done)
        for row in connection.execute(select(table).where(table.c.number == number).order_by(table.c.place))
    ]


def papers_of(connection: Connection, number: str) -> Sequence[Row[Any]]:
    """All papers of a submission, those that came later too: `paper`'s columns, and `came`, when its event came."""
    paper, submission, supplement, event = schema.paper, schema.submission, schema.supplement, schema.event
    first = (
        select(paper, event.c.received.label("came"), event.c.position.label("order"))
        .join(
            submission,
            (paper.c.hall == submission.c.hall)
            & (paper.c.terminal == submission.c.terminal)
            & (paper.c.submission == submission.c.id),
        )
        .join(event, event.c.position == submission.c.position)
        .where(submission.c.number == number)
    )
    later = (
        select(paper, event.c.received.label("came"), event.c.position.label("order"))
        .join(
            supplement,
            (paper.c.hall == supplement.c.hall)
            & (paper.c.terminal == supplement.c.terminal)
            & (paper.c.submission == supplement.c.id),
        )
        .join(event, event.c.position == supplement.c.position)
        .where(supplement.c.number == number)
    )
    rows = [*connection.execute(first), *connection.execute(later)]
    return sorted(rows, key=lambda row: (row.order, row.place))


def results_of(connection: Connection, number: str) -> Sequence[Row[Any]]:
    """The documents of the result, in order."""
    table = schema.result
    return connection.execute(select(table).where(table.c.number == number).order_by(table.c.place)).all()
