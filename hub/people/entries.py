"""Appointments as the hub keeps and finds them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Row, select

from hub.store import schema
from kiosk.wire.appointments import Appointment, AppointmentStatus
from kiosk.wire.codes import CodeClaims, issue

LIST_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """An appointment as the hub keeps it."""

    appointment: Appointment
    hall: str
    name_masked: str
    change: int
    """Number of its newest change: who changes it names the one they saw."""
    in_slot: bool
    """Its seats are counted; not so for a code that staff gave out on the spot."""
    issued: datetime
    used_at: datetime | None
    used_terminal: str | None
    used_passage: UUID | None

    @property
    def heads(self) -> int:
        """How many come."""
        return 1 + self.appointment.companions


def appointment_of(row: Row[Any]) -> Appointment:
    """The wire's appointment of a row of the table."""
    return Appointment(
        code_id=row.code_id,
        person=row.person,
        begins=row.begins,
        ends=row.ends,
        companions=row.companions,
        department=row.department,
        visitor=row.visitor,
        status=AppointmentStatus(row.status),
    )


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        appointment=appointment_of(row),
        hall=row.hall,
        name_masked=row.name_masked,
        change=row.change,
        in_slot=row.in_slot,
        issued=row.issued,
        used_at=row.used_at,
        used_terminal=row.used_terminal,
        used_passage=None if row.used_passage is None else UUID(row.used_passage),
    )


def find(connection: Connection, hall: str, code_id: str) -> Entry | None:
    """An appointment by its identifier; None where the hall has none of that name."""
    table = schema.appointment
    row = connection.execute(select(table).where(table.c.hall == hall, table.c.code_id == code_id)).one_or_none()
    return None if row is None else _entry(row)


def listed(
    connection: Connection,
    hall: str,
    begins_from: datetime,
    begins_before: datetime,
    *,
    person: str | None = None,
    name_masked: str | None = None,
) -> list[Entry]:
    """A hall's appointments that begin in a span of time, the earliest first, at most 500.

    Args:
        connection: For reading.
        hall: Whose.
        begins_from: Included.
        begins_before: Not included.
        person: Only of this person (`person_digest`).
        name_masked: Only of this name, as `mask_name` gives it.
    """
    table = schema.appointment
    query = select(table).where(table.c.hall == hall, table.c.begins >= begins_from, table.c.begins < begins_before)
    if person is not None:
        query = query.where(table.c.person == person)
    if name_masked is not None:
        query = query.where(table.c.name_masked == name_masked)
    return [_entry(row) for row in connection.execute(query.order_by(table.c.begins, table.c.code_id).limit(LIST_MOST))]


def code_text(entry: Entry, key: Ed25519PrivateKey) -> str:
    """The text of an appointment's QR code, signed."""
    return issue(claims_of(entry.hall, entry.appointment), key)


def claims_of(hall: str, appointment: Appointment) -> CodeClaims:
    """What an appointment's code claims."""
    return CodeClaims(
        code_id=appointment.code_id,
        hall=hall,
        person=appointment.person or "",
        not_before=appointment.begins,
        expires=appointment.ends,
        companions=appointment.companions,
    )
