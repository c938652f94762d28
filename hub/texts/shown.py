"""What the console shows of messages: those of a hall, those of one matter, counts. Numbers masked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from hub.store import schema
from hub.texts.outbox import State
from kiosk.clock import CHINA, local_date

MOST: Final = 200
DAYS: Final = 7
_message, _contact = schema.text_message, schema.text_contact


@dataclass(frozen=True, slots=True)
class Shown:
    """One message."""

    number: int
    made: datetime
    what: str
    subject: str
    about: str
    masked: str
    text: str
    parts: int
    state: str
    tries: int
    sent: datetime | None
    reported: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day's messages, by where they stand."""

    day: date
    states: dict[str, int]
    parts: int


def _shown(connection: Connection, *conditions: object, most: int) -> Sequence[Shown]:
    query = (
        select(_message, _contact.c.masked, _contact.c.about)
        .join(_contact, _contact.c.number == _message.c.contact)
        .where(*conditions)  # type: ignore[arg-type]  # columns of our own
        .order_by(_message.c.number.desc())
        .limit(most)
    )
    return [Shown(*(getattr(row, key) for key in Shown.__slots__)) for row in connection.execute(query)]


def of_hall(connection: Connection, hall: str, state: str = "") -> Sequence[Shown]:
    """A hall's messages, the newest first.

    Args:
        connection: For reading.
        hall: Whose.
        state: Only those that stand so; empty for all.
    """
    more = [_message.c.state == state] if state in set(State) else []
    return _shown(connection, _message.c.hall == hall, *more, most=MOST)


def of_subject(connection: Connection, subject: str) -> Sequence[Shown]:
    """The messages about one matter, the newest first."""
    return _shown(connection, _message.c.subject == subject, most=MOST)


def days(connection: Connection, hall: str, now: datetime) -> list[Day]:
    """The last `DAYS` days on which there was something, the newest first."""
    found = []
    for back in range(DAYS):
        day = local_date(now) - timedelta(days=back)
        begins = datetime.combine(day, datetime.min.time(), CHINA)
        mine = (_message.c.hall == hall, _message.c.made >= begins, _message.c.made < begins + timedelta(days=1))
        query = select(_message.c.state, func.count()).where(*mine).group_by(_message.c.state)
        states: dict[str, int] = {state: number for state, number in connection.execute(query)}  # noqa: C416  a row is no pair
        paid = select(func.sum(_message.c.parts)).where(_message.c.hall == hall, _message.c.day == day)
        parts = int(connection.scalar(paid) or 0)
        if states or parts:
            found.append(Day(day, states, parts))
    return found
