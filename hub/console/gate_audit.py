"""Who changed what for a hall's gates: a row of the chained audit for each, in the transaction of the change itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, select

from hub.audit.chain import Actor, Detail, Who, append
from hub.store import schema

RULES_SUBJECT: Final = "gate-rules"
SEATS_SUBJECT: Final = "seats"
QUESTIONS_SUBJECT: Final = "questions"
SLOTS_SUBJECT: Final = "slots"
NAMES_MOST: Final = 500


class Change(StrEnum):
    """What was done in the console, as the audit has it."""

    RULES_PUBLISHED = "rules_published"
    RULES_SHARED = "rules_shared"
    RULES_ROLLED_BACK = "rules_rolled_back"
    SEATS_SET = "seats_set"
    QUESTIONS_SET = "questions_set"
    SLOTS_OPENED = "slots_opened"
    BOOKED = "appointment_booked"
    MOVED = "appointment_moved"
    CANCELLED = "appointment_cancelled"
    REVOKED = "appointment_revoked"


_AT_THE_WINDOW: Final = frozenset({Change.BOOKED, Change.MOVED, Change.CANCELLED, Change.REVOKED})


@dataclass(frozen=True, slots=True)
class Noted:
    """One change.

    Attributes:
        staff: id of the member of staff.
        version: of the rules or questions after it; 0 for other things.
    """

    change: Change
    staff: str
    at: datetime
    version: int


def note(
    connection: Connection,
    hall: str,
    staff: str,
    change: Change,
    subject: str,
    at: datetime,
    *,
    version: int = 0,
    detail: Detail | None = None,
) -> None:
    """Record a change.

    Args:
        connection: Inside the writing transaction of the change.
        hall: Whose.
        staff: Id of who is signed in.
        change: What was done.
        subject: What it is about: an appointment's code, or one of the subjects above.
        at: When.
        version: Of the subject after it, where it has versions.
        detail: What else there is to know; nothing personal.
    """
    actor = Actor.WINDOW if change in _AT_THE_WINDOW else Actor.SUPERVISOR
    append(connection, Who(actor, hall, staff), change.value, subject, at, version=version, detail=detail)


def noted(connection: Connection, hall: str, subject: str, most: int = 50) -> Sequence[Noted]:
    """What was changed about a subject, the newest first.

    Args:
        connection: For reading.
        hall: Whose.
        subject: As it was recorded.
        most: At most so many.
    """
    table, known = schema.audit, {change.value for change in Change}
    rows = connection.execute(
        select(table.c.what, table.c.who, table.c.at, table.c.version)
        .where(table.c.hall == hall, table.c.subject == subject)
        .order_by(table.c.position.desc())
        .limit(most)
    )
    return [Noted(Change(row.what), row.who, row.at, row.version) for row in rows if row.what in known]


def names_of(terminals: Sequence[str]) -> str:
    """Terminals and groups as a detail: all of them, as far as a row of the audit has room."""
    return " ".join(terminals)[:NAMES_MOST]
