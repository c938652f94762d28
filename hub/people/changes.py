"""Appointments for the terminals: what changed since a number, a page at a time."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select, update

from hub.people.entries import appointment_of
from hub.people.slots import lock_hall
from hub.store import schema
from kiosk.wire.appointments import MOST_CHANGES, AppointmentChanges

KEPT_BY_TERMINALS: Final = timedelta(days=14)
"""After its end an appointment is of no use at a door."""
MOST_AHEAD: Final = 1_000_000
"""So far a hub may have fallen behind its terminals by being restored from a copy."""


class AheadOfHub(Exception):
    """A terminal has seen more changes than this hub knows of: the hub was restored from a copy."""


class FarAhead(Exception):
    """A terminal asks for changes that cannot be."""


def changes_since(connection: Connection, hall: str, since: int, now: datetime) -> AppointmentChanges:
    """What changed after a number, the oldest change first; read in one transaction.

    Args:
        connection: For reading.
        hall: The terminal's own.
        since: Number of the newest change that the terminal has; 0 for none.
        now: The time.

    Raises:
        AheadOfHub: `catch_up` mends it.
    """
    newest = connection.scalar(select(schema.hall.c.appointment_changes).where(schema.hall.c.hall == hall)) or 0
    if since > newest:
        raise AheadOfHub
    table = schema.appointment
    rows = connection.execute(
        select(table)
        .where(
            table.c.hall == hall,
            table.c.change > since,
            table.c.change <= newest,
            table.c.ends >= now - KEPT_BY_TERMINALS,
        )
        .order_by(table.c.change)
        .limit(MOST_CHANGES + 1)
    ).all()
    page = rows[:MOST_CHANGES]
    complete = len(rows) == len(page)
    return AppointmentChanges(
        hall=hall,
        since=since,
        upto=newest if complete else page[-1].change,
        complete=complete,
        made=now,
        changes=tuple(appointment_of(row) for row in page),
    )


def catch_up(connection: Connection, hall: str, since: int) -> None:
    """Number all appointments of a hall anew, above what a terminal has seen, so that each terminal gets all again.

    Args:
        connection: Inside a writing transaction.
        hall: Which.
        since: What the terminal asked for.

    Raises:
        FarAhead: More than `MOST_AHEAD` ahead of us.
    """
    lock_hall(connection, hall)
    halls, table = schema.hall, schema.appointment
    newest = connection.execute(select(halls.c.appointment_changes).where(halls.c.hall == hall)).scalar_one()
    if since <= newest:
        return  # another terminal was first
    if since - newest > MOST_AHEAD:
        raise FarAhead
    # All new numbers lie above all old ones, so that none is there twice on the way.
    connection.execute(update(table).where(table.c.hall == hall).values(change=table.c.change + since))
    connection.execute(update(halls).where(halls.c.hall == hall).values(appointment_changes=since + newest))
