"""Slots: how many may come to a hall, each hour, for each department. Seats are taken and given back under a lock.

A party takes as many seats as it has heads. The lock is the slot's own row (PostgreSQL) or the one writer (SQLite),
and the condition is part of the update, so that two who book the last seat at once cannot both get it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import Connection, insert, select, update

from hub.store import schema
from kiosk.clock import CHINA

LENGTH: Final = timedelta(hours=1)
MOST_SEATS: Final = 100_000


class AppointmentRefused(Exception):
    """What was asked cannot be done; `str()` says why.

    Attributes:
        kind: Stable: `no_such_hall`, `no_such_slot`, `full`, `past`, `no_such_appointment`, `already_booked`,
            `not_possible`, `changed`, `invalid`.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Slot:
    """One hour of one department. `capacity` and `taken` count heads."""

    hall: str
    department: str
    begins: datetime
    capacity: int
    taken: int

    @property
    def free(self) -> int:
        """How many may still come; none when the capacity was made smaller than what is taken."""
        return max(0, self.capacity - self.taken)


def lock_hall(connection: Connection, hall: str) -> None:
    """Wait until nobody else changes this hall's appointments.

    Raises:
        AppointmentRefused: There is no such hall.
    """
    table = schema.hall
    if connection.execute(select(table.c.hall).where(table.c.hall == hall).with_for_update()).first() is None:
        raise AppointmentRefused("no_such_hall", f"there is no hall {hall!r}")


def open_slots(
    connection: Connection, hall: str, department: str, days: Iterable[date], hours: Iterable[int], capacity: int
) -> int:
    """Open hours for booking, or change how many may come in them; who has booked stays.

    Args:
        connection: Inside a writing transaction.
        hall: Existing.
        department: Its key; empty for the hall as a whole.
        days: Dates in China.
        hours: Hours of the day at which slots begin, 0 to 23, China's time.
        capacity: Heads in each; 0 closes it for new bookings.

    Returns:
        How many slots were opened or changed.

    Raises:
        AppointmentRefused: `no_such_hall`, or figures out of bounds.
    """
    hours = tuple(hours)
    if not 0 <= capacity <= MOST_SEATS or not all(0 <= hour <= 23 for hour in hours) or len(department) > 64:
        raise AppointmentRefused("invalid", f"hours are 0 to 23, a capacity 0 to {MOST_SEATS}, a department 64 letters")
    lock_hall(connection, hall)
    table, done = schema.slot, 0
    for day in days:
        for hour in hours:
            begins = datetime.combine(day, time(hour), CHINA)
            which = (table.c.hall == hall, table.c.department == department, table.c.begins == begins)
            if not connection.execute(update(table).where(*which).values(capacity=capacity)).rowcount:
                connection.execute(
                    insert(table).values(hall=hall, department=department, begins=begins, capacity=capacity, taken=0)
                )
            done += 1
    return done


def slots(connection: Connection, hall: str, day: date, department: str | None = None) -> list[Slot]:
    """The slots of a day in China, by hour and department."""
    table = schema.slot
    begins = datetime.combine(day, time(), CHINA)
    query = select(table).where(
        table.c.hall == hall, table.c.begins >= begins, table.c.begins < begins + timedelta(days=1)
    )
    if department is not None:
        query = query.where(table.c.department == department)
    return [
        Slot(row.hall, row.department, row.begins, row.capacity, row.taken)
        for row in connection.execute(query.order_by(table.c.begins, table.c.department))
    ]


def take_seats(connection: Connection, hall: str, department: str, begins: datetime, heads: int) -> None:
    """Take seats for a party, all or none.

    Raises:
        AppointmentRefused: `no_such_slot` or `full`.
    """
    table = schema.slot
    which = (table.c.hall == hall, table.c.department == department, table.c.begins == begins)
    taken = connection.execute(
        update(table).where(*which, table.c.taken + heads <= table.c.capacity).values(taken=table.c.taken + heads)
    )
    if taken.rowcount == 1:
        return
    row = connection.execute(select(table.c.capacity, table.c.taken).where(*which)).one_or_none()
    if row is None:
        raise AppointmentRefused("no_such_slot", "no slot begins then for this department")
    raise AppointmentRefused("full", f"{max(0, row.capacity - row.taken)} seats are left, {heads} are needed")


def give_back(connection: Connection, hall: str, department: str, begins: datetime, heads: int) -> None:
    """Give a party's seats back."""
    table = schema.slot
    connection.execute(
        update(table)
        .where(
            table.c.hall == hall,
            table.c.department == department,
            table.c.begins == begins,
            table.c.taken >= heads,
        )
        .values(taken=table.c.taken - heads)
    )
