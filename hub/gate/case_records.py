"""Cases as they are read: where each stands, its history, which of them alarm."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from hub.fleet.live import TerminalKey
from hub.gate.case_states import CLOSED, CaseKind, CaseState, Move, possible
from hub.store import schema
from kiosk.wire.rules import Reason

LIST_MOST = 500


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it stands."""

    number: int
    hall: str
    terminal: str
    passage: UUID
    lane: str
    kind: CaseKind
    state: CaseState
    version: int
    reasons: tuple[str, ...]
    """Values of `Reason`."""
    name_masked: str
    opened: datetime
    taken_by: str | None
    closed: datetime | None
    closed_by: str | None
    acknowledged: datetime | None
    acknowledged_by: str | None

    @property
    def moves(self) -> tuple[Move, ...]:
        """What may be done now."""
        return possible(self.state)

    @property
    def alarms(self) -> bool:
        """Whether it is to be seen and heard until somebody acknowledges it."""
        loud = self.kind is CaseKind.ISOLATION or self.watched
        return loud and self.acknowledged is None and self.state not in CLOSED

    @property
    def watched(self) -> bool:
        """Whether the watch list had sent this person to staff."""
        return Reason.ON_WATCH_LIST.value in self.reasons


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a case's history."""

    position: int
    at: datetime
    """When it was done."""
    recorded: datetime
    """When the hub learnt of it."""
    who: str
    place: str
    """The terminal; empty is the console."""
    what: str
    """`opened`, `acknowledged`, a `Move`, or a `StaffAct` at the lane."""
    state: CaseState
    """After it."""
    question: str
    text: str
    temperature_c: float | None
    """None also after its time of keeping."""


def _case(row: Row[Any]) -> Case:
    return Case(
        number=row.number,
        hall=row.hall,
        terminal=row.terminal,
        passage=UUID(row.passage),
        lane=row.lane,
        kind=CaseKind(row.kind),
        state=CaseState(row.state),
        version=row.version,
        reasons=tuple(row.reasons.split()),
        name_masked=row.name_masked,
        opened=row.opened,
        taken_by=row.taken_by,
        closed=row.closed,
        closed_by=row.closed_by,
        acknowledged=row.acknowledged,
        acknowledged_by=row.acknowledged_by,
    )


def find(connection: Connection, number: int) -> Case | None:
    """A case by its number; None when there is none."""
    row = connection.execute(select(schema.case).where(schema.case.c.number == number)).one_or_none()
    return None if row is None else _case(row)


def of_passage(connection: Connection, key: TerminalKey, passage: UUID) -> Case | None:
    """The case of a passage; None where it made none."""
    table = schema.case
    row = connection.execute(
        select(table).where(table.c.hall == key.hall, table.c.terminal == key.terminal, table.c.passage == str(passage))
    ).one_or_none()
    return None if row is None else _case(row)


def listed(
    connection: Connection, hall: str | None = None, *, closed: bool = False, limit: int = LIST_MOST
) -> list[Case]:
    """Cases that wait or are in hand, or those that are closed: isolation first, then the newest first.

    Args:
        connection: For reading.
        hall: Only of this hall.
        closed: Those with an outcome instead.
        limit: At most so many.
    """
    table = schema.case
    ended = [state.value for state in CLOSED]
    query = select(table).where(table.c.state.in_(ended) if closed else table.c.state.not_in(ended))
    if hall is not None:
        query = query.where(table.c.hall == hall)
    newest = table.c.closed.desc() if closed else table.c.opened.desc()
    return [_case(row) for row in connection.execute(query.order_by(table.c.kind, newest).limit(limit))]


def history(connection: Connection, number: int) -> list[Step]:
    """All steps of a case, in the order in which the hub learnt of them."""
    step, reading = schema.case_step, schema.case_reading
    rows = connection.execute(
        select(step, reading.c.object_centi)
        .join_from(step, reading, reading.c.step == step.c.position, isouter=True)
        .where(step.c.case_number == number)
        .order_by(step.c.position)
    )
    return [
        Step(
            position=row.position,
            at=row.at,
            recorded=row.recorded,
            who=row.who,
            place=row.place,
            what=row.what,
            state=CaseState(row.state),
            question=row.question,
            text=row.text,
            temperature_c=None if row.object_centi is None else row.object_centi / 100,
        )
        for row in rows
    ]


def is_loud() -> ColumnElement[bool]:
    """Cases that are seen and heard until somebody acknowledges them: isolation, and whom the watch list had sent."""
    table = schema.case
    # the one reason of that beginning: no other value of `Reason` holds it
    return or_(table.c.kind == CaseKind.ISOLATION.value, table.c.reasons.contains(Reason.ON_WATCH_LIST.value))


def is_alarming() -> ColumnElement[bool]:
    """Loud cases that nobody has acknowledged; `Case.alarms` in the database."""
    table = schema.case
    open_still = table.c.state.not_in([state.value for state in CLOSED])
    return and_(is_loud(), table.c.acknowledged.is_(None), open_still)


def alarms(connection: Connection, hall: str | None = None) -> list[Case]:
    """Cases that are to be heard and that nobody has acknowledged, the oldest first."""
    table = schema.case
    query = select(table).where(is_alarming())
    if hall is not None:
        query = query.where(table.c.hall == hall)
    return [_case(row) for row in connection.execute(query.order_by(table.c.number))]
