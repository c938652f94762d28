"""What a window does with a number: call, call again, serve, finish, no-show, pass on; and how long others will wait.

One number at a window at a time; the row's own lock puts two windows in order that press at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select, update

from hub.office.queue import QueueRefused, number_text
from hub.people.slots import lock_hall
from hub.store import schema
from kiosk.clock import local_date

USUAL: Final = timedelta(minutes=6)
"""What serving somebody takes, before anybody was served today."""
LONGEST: Final = timedelta(hours=2)
"""Of a window that forgot to finish: not counted."""
OPEN_FOR: Final = timedelta(minutes=30)
"""A window that called nobody for so long is not counted as open."""
MOST_CALLED: Final = 8
AT_WINDOW: Final = ("called", "serving")


class Act(StrEnum):
    """What is done with the number at a window."""

    AGAIN = "again"
    SERVE = "serve"
    FINISH = "finish"
    NO_SHOW = "no_show"
    PASS_ON = "pass_on"  # noqa: S105  no password


_FROM: Final = {
    Act.AGAIN: ("called",),
    Act.SERVE: ("called",),
    Act.FINISH: ("serving", "called"),
    Act.NO_SHOW: ("called",),
    Act.PASS_ON: ("called", "serving"),
}


@dataclass(frozen=True, slots=True)
class Number:
    """A number of today."""

    text: str
    department: str
    came_from: str
    taken: datetime
    called: datetime | None
    served: datetime | None
    counter: str
    standing: str
    calls: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who waits for a department."""

    department: str
    letter: str
    waiting: int
    longest: timedelta
    """So long the first of them has waited."""
    each: timedelta
    """What serving one takes."""
    windows: int

    @property
    def minutes(self) -> int:
        """How long somebody who comes now will wait, about, in whole minutes."""
        return round(self.each.total_seconds() * self.waiting / max(1, self.windows) / 60)


def _number(row: Row[Any]) -> Number:
    return Number(
        number_text(row.letter, row.place),
        row.department,
        row.came_from,
        row.taken,
        row.called,
        row.served,
        row.counter,
        row.standing,
        row.calls,
    )


def at_window(connection: Connection, hall: str, counter: str, now: datetime) -> Number | None:
    """The number that is at a window."""
    table = schema.queue_number
    row = connection.execute(
        select(table)
        .where(
            table.c.hall == hall,
            table.c.day == local_date(now),
            table.c.counter == counter,
            table.c.standing.in_(AT_WINDOW),
        )
        .order_by(table.c.called.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _number(row)


def act(  # noqa: C901  one arm a deed
    connection: Connection, hall: str, text: str, counter: str, what: Act, clerk: str, now: datetime, to: str = ""
) -> None:
    """Do something with the number at a window.

    Args:
        connection: Inside a writing transaction.
        hall: Existing.
        text: The number, e.g. `A012`.
        counter: The window that does it.
        what: What.
        clerk: Who, as the hall's records name them.
        now: The time.
        to: For `PASS_ON`: the department that goes on with it.

    Raises:
        QueueRefused: `no_such_number`, `not_yours`, or `not_possible` as it stands now.
    """
    lock_hall(connection, hall)
    table = schema.queue_number
    letter, place = text[:1], text[1:]
    if not (place.isascii() and place.isdecimal() and len(place) == 3):
        raise QueueRefused("no_such_number", "there is no such number")
    which = (
        table.c.hall == hall,
        table.c.day == local_date(now),
        table.c.letter == letter,
        table.c.place == int(place),
    )
    row = connection.execute(select(table).where(*which)).one_or_none()
    if row is None:
        raise QueueRefused("no_such_number", "there is no such number today")
    if row.counter != counter:
        raise QueueRefused("not_yours", f"{text} is at {row.counter or 'no window'}")
    if row.standing not in _FROM[what]:
        raise QueueRefused("not_possible", f"{text} is {row.standing}")
    values: dict[str, object] = {"clerk": clerk}
    match what:
        case Act.AGAIN:
            values |= {"called": now, "calls": row.calls + 1}
        case Act.SERVE:
            values |= {"standing": "serving", "served": now}
        case Act.FINISH:
            values |= {"standing": "done", "ended": now, "served": row.served or row.called}
        case Act.NO_SHOW:
            values |= {"standing": "no_show", "ended": now}
        case Act.PASS_ON:
            if not to or to == row.department or len(to) > 64:
                raise QueueRefused("not_possible", "another department is needed")
            values |= {"standing": "waiting", "called": None, "served": None, "counter": ""}
            values |= {"department": to, "came_from": row.department}
    connection.execute(update(table).where(*which).values(values))


def called_now(connection: Connection, hall: str, now: datetime, most: int = MOST_CALLED) -> list[Number]:
    """Numbers that are at a window, called last first: what the hall's display shows large."""
    table = schema.queue_number
    rows = connection.execute(
        select(table)
        .where(table.c.hall == hall, table.c.day == local_date(now), table.c.standing.in_(AT_WINDOW))
        .order_by(table.c.called.desc(), table.c.letter, table.c.place)
        .limit(most)
    )
    return [_number(row) for row in rows]


def missed(connection: Connection, hall: str, now: datetime, most: int = 12) -> list[Number]:
    """Numbers of today that were called and did not come, the newest first."""
    table = schema.queue_number
    rows = connection.execute(
        select(table)
        .where(table.c.hall == hall, table.c.day == local_date(now), table.c.standing == "no_show")
        .order_by(table.c.ended.desc())
        .limit(most)
    )
    return [_number(row) for row in rows]


def waiting(connection: Connection, hall: str, now: datetime) -> list[Waiting]:
    """Who waits, by department, with what a wait will be; departments without anybody today are left out."""
    table = schema.queue_number
    today = (table.c.hall == hall, table.c.day == local_date(now))
    rows = connection.execute(select(table).where(*today).order_by(table.c.taken)).all()
    found = []
    for department in sorted({row.department for row in rows}):
        mine = [row for row in rows if row.department == department]
        waits = [row for row in mine if row.standing == "waiting"]
        took = [
            row.ended - (row.served or row.called)
            for row in mine
            if row.standing == "done" and row.ended is not None and (row.served or row.called) is not None
        ][-20:]
        took = [each for each in took if each <= LONGEST]
        each = max(sum(took, timedelta()) / len(took), timedelta(seconds=30)) if took else USUAL
        windows = {row.counter for row in mine if row.called is not None and now - row.called <= OPEN_FOR}
        letter = next((row.letter for row in mine if not row.came_from), mine[0].letter)
        longest = now - waits[0].taken if waits else timedelta()
        found.append(Waiting(department, letter, len(waits), longest, each, len(windows - {""})))
    return found


def bring_back(connection: Connection, hall: str, text: str, now: datetime) -> None:
    """Somebody who missed their call came after all: their number waits again, before all others of its department.

    Raises:
        QueueRefused: `no_such_number`: no number that was called in vain today.
    """
    lock_hall(connection, hall)
    table = schema.queue_number
    place = text[1:]
    done = None
    if place.isascii() and place.isdecimal() and len(place) == 3:
        done = connection.execute(
            update(table)
            .where(
                table.c.hall == hall,
                table.c.day == local_date(now),
                table.c.letter == text[:1],
                table.c.place == int(place),
                table.c.standing == "no_show",
            )
            .values(standing="waiting", called=None, ended=None, counter="")
        )
    if done is None or done.rowcount != 1:
        raise QueueRefused("no_such_number", "no number that was called in vain")


def served_today(connection: Connection, hall: str, clerk: str, now: datetime) -> int:
    """How many a clerk has finished today."""
    table = schema.queue_number
    which = (table.c.hall == hall, table.c.day == local_date(now), table.c.clerk == clerk, table.c.standing == "done")
    return int(connection.scalar(select(func.count()).select_from(table).where(*which)) or 0)
