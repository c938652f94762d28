"""Messages that could not be sent for a day, sent again by a supervisor: each once, also where two press at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, select, update

from hub.audit.chain import Who, append
from hub.office.alarms import OfficeAlarm, clear, raised
from hub.store import schema
from hub.texts.outbox import State
from hub.texts.templates import URGENT

AT_ONCE: Final = 500
"""Of one reason with one press: each is a row of the audit."""
_message, _contact = schema.text_message, schema.text_contact


@dataclass(frozen=True, slots=True)
class Reason:
    """Why messages were given up, and how many of them could go again."""

    error: str
    count: int


def _sendable(hall: str) -> tuple[ColumnElement[bool], ...]:
    """Given up, of use still, and to a number that is there and works."""
    return (
        _message.c.hall == hall,
        _message.c.state == State.DEAD.value,
        _message.c.what.not_in([each.value for each in URGENT]),
        _contact.c.locked != "",
        _contact.c.withdrawn.is_(None),
        _contact.c.bad == "",
    )


def reasons(connection: Connection, hall: str) -> list[Reason]:
    """Why a hall's messages were given up that could go again, the most frequent first."""
    query = (
        select(_message.c.error, func.count().label("many"))
        .join(_contact, _contact.c.number == _message.c.contact)
        .where(*_sendable(hall))
        .group_by(_message.c.error)
        .order_by(func.count().desc(), _message.c.error)
    )
    return [Reason(row.error, row.many) for row in connection.execute(query)]


def sendable(connection: Connection, hall: str, numbers: Sequence[int]) -> frozenset[int]:
    """Which of these messages of a hall could go again."""
    query = select(_message.c.number).join(_contact, _contact.c.number == _message.c.contact)
    return frozenset(connection.scalars(query.where(*_sendable(hall), _message.c.number.in_(numbers))))


def one_again(connection: Connection, hall: str, number: int, who: Who, now: datetime) -> int:
    """Send one message again, as `of_reason_again` does."""
    return _again(connection, hall, _message.c.number == number, who, now)


def of_reason_again(connection: Connection, hall: str, error: str, who: Who, now: datetime) -> int:
    """Send all messages again that were given up for one reason; the daily limit and the night hold for them too.

    The key stays, so that what the gateway had taken before its answer was lost does not go out twice.

    Args:
        connection: Inside a writing transaction.
        hall: Whose.
        error: Why they were given up.
        who: A supervisor.
        now: The time.

    Returns:
        How many are sent again: at most `AT_ONCE`, and none that somebody else was first with.
    """
    return _again(connection, hall, _message.c.error == error, who, now)


def _again(connection: Connection, hall: str, which: ColumnElement[bool], who: Who, now: datetime) -> int:
    query = select(_message).join(_contact, _contact.c.number == _message.c.contact).where(*_sendable(hall), which)
    rows: Sequence[Any] = connection.execute(query.order_by(_message.c.number).limit(AT_ONCE)).all()
    done = 0
    for row in rows:
        changed = connection.execute(
            update(_message)
            .where(_message.c.number == row.number, _message.c.state == State.DEAD.value)
            .values(state=State.WAITING.value, next_try=now, first_try=None, tries=0, error="")
        )
        if changed.rowcount != 1:
            continue  # somebody else was first
        done += 1
        told = {"message": row.number, "kind": row.what, "why": row.error}
        append(connection, who, "texts_again", row.subject, now, detail=told)
    if done and not reasons(connection, hall):
        for each in raised(connection, frozenset({hall})):
            if each.kind is OfficeAlarm.TEXT_DEAD:
                clear(connection, each.number, now)
    return done
