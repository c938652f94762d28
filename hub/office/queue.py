"""Numbers for the windows: taken at a desk, called by a window, each department with its letter, anew each day."""

from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, insert, select, update

from hub.people.slots import lock_hall
from hub.store import schema
from hub.texts.contacts import About, queue_subject
from hub.texts.outbox import write
from hub.texts.templates import What
from kiosk.clock import local_date
from kiosk.wire.requests import Numbered

MOST_A_DAY: Final = 999
KEEPS_LETTER: Final = timedelta(days=60)
"""A department that gave out no number for so long has no letter any more."""
SOON: Final = 2
"""Who has so many before them, or fewer, is told that it is soon their turn."""
LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without I and O, which look like digits."""


class QueueRefused(Exception):
    """No number can be given; says why.

    Attributes:
        kind: `queue_full`, `no_such_hall`, `nobody_waits`, `no_such_number`, `not_yours`, `not_possible`.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


def number_text(letter: str, place: int) -> str:
    """A number as it is printed and called: a letter and three digits."""
    return f"{letter}{place:03d}"


def _letter(connection: Connection, hall: str, department: str, day: date) -> str:
    """A department keeps its letter; a new one gets the first free one, or that which was not used for longest.

    A number that was passed on keeps the letter it was taken with: that says nothing of where it waits now.
    """
    table = schema.queue_number
    used: dict[str, date] = {}
    holder: dict[str, tuple[date, str]] = {}
    for row in connection.execute(
        select(table.c.department, table.c.letter, table.c.came_from, func.max(table.c.day).label("day"))
        .where(table.c.hall == hall, table.c.day > day - KEEPS_LETTER)
        .group_by(table.c.department, table.c.letter, table.c.came_from)
    ):
        used[row.letter] = max(row.day, used.get(row.letter, row.day))
        if not row.came_from:
            holder[row.letter] = max(holder.get(row.letter, (row.day, row.department)), (row.day, row.department))
    own = [(newest, letter) for letter, (newest, known) in holder.items() if known == department]
    if own:
        return max(own)[1]
    free = next((letter for letter in LETTERS if letter not in used), None)
    if free is None:
        free = min(used, key=lambda letter: used[letter])  # of a department that is no more
    if used.get(free) == day:
        raise QueueRefused("queue_full", f"{hall} has more departments today than letters")
    return free


def take_number(connection: Connection, hall: str, department: str, person: str | None, now: datetime) -> Numbered:
    """Take the next number. A person who waits already keeps the one they have.

    Args:
        connection: Inside a writing transaction.
        hall: Existing.
        department: Its key; empty for the hall as a whole.
        person: Digest of who takes it; None for nobody in particular.
        now: The time.

    Raises:
        QueueRefused: All numbers of the day are taken.
    """
    lock_hall(connection, hall)
    table, day = schema.queue_number, local_date(now)
    waits = (
        table.c.hall == hall,
        table.c.day == day,
        table.c.department == department,
        table.c.called.is_(None),
    )
    mine = None
    if person is not None:
        mine = connection.execute(
            select(table).where(*waits, table.c.person == person).order_by(table.c.taken.desc()).limit(1)
        ).one_or_none()
    if mine is None:
        letter = _letter(connection, hall, department, day)
        this = (table.c.hall == hall, table.c.day == day, table.c.letter == letter)
        place = (connection.scalar(select(func.max(table.c.place)).where(*this)) or 0) + 1
        if place > MOST_A_DAY:
            raise QueueRefused("queue_full", "all numbers of today are taken")
        connection.execute(
            insert(table).values(
                hall=hall, day=day, letter=letter, place=place, department=department, person=person, taken=now
            )
        )
    else:
        letter, place = mine.letter, mine.place
    since = now if mine is None else mine.taken
    before = (table.c.taken < since) | ((table.c.taken == since) & (table.c.letter == letter) & (table.c.place < place))
    ahead = connection.scalar(select(func.count()).select_from(table).where(*waits, before))
    return Numbered(text=number_text(letter, place), department=department, ahead=int(ahead or 0), made=now)


def call_next(connection: Connection, hall: str, department: str, counter: str, now: datetime, clerk: str = "") -> str:
    """Call the next number to a window.

    Args:
        connection: Inside a writing transaction.
        hall: Existing.
        department: Whose numbers.
        counter: The window's name, as it is shown.
        now: The time.
        clerk: Who calls, as the hall's records name them.

    Returns:
        The number's text.

    Raises:
        QueueRefused: `nobody_waits`.
    """
    lock_hall(connection, hall)
    table, day = schema.queue_number, local_date(now)
    row = connection.execute(
        select(table)
        .where(table.c.hall == hall, table.c.day == day, table.c.department == department, table.c.called.is_(None))
        .order_by(table.c.taken, table.c.letter, table.c.place)  # who was passed on keeps their time of coming
        .limit(1)
    ).one_or_none()
    if row is None:
        raise QueueRefused("nobody_waits", "nobody waits")
    connection.execute(
        update(table)
        .where(table.c.hall == hall, table.c.day == day, table.c.letter == row.letter, table.c.place == row.place)
        .values(called=now, counter=counter[:32], standing="called", calls=table.c.calls + 1, clerk=clerk[:64])
    )
    _tell_who_is_soon(connection, hall, department, now)
    return number_text(row.letter, row.place)


def _tell_who_is_soon(connection: Connection, hall: str, department: str, now: datetime) -> None:
    """Tell the next ones, once each, if they left a number."""
    table, day = schema.queue_number, local_date(now)
    rows = connection.execute(
        select(table.c.letter, table.c.place)
        .where(table.c.hall == hall, table.c.day == day, table.c.department == department, table.c.called.is_(None))
        .order_by(table.c.taken, table.c.letter, table.c.place)
        .limit(SOON + 1)
    ).all()
    for before, row in enumerate(rows):
        subject = queue_subject(hall, day, number_text(row.letter, row.place))
        write(connection, About.QUEUE, subject, What.CALLED, "soon", now, count=str(before))


def called(connection: Connection, hall: str, now: datetime, most: int = 10) -> list[tuple[str, str]]:
    """The numbers called last today with their windows, the newest first: for the hall's display."""
    table = schema.queue_number
    return [
        (number_text(row.letter, row.place), row.counter)
        for row in connection.execute(
            select(table)
            .where(table.c.hall == hall, table.c.day == local_date(now), table.c.called.is_not(None))
            .order_by(table.c.called.desc())
            .limit(most)
        )
    ]
