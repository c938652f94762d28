"""Appointments: booked, moved, cancelled, taken back, used. Each change has a number; terminals ask for what is new.

Numbers grow without a gap that could still be filled: the hall's counter is locked until the change is committed, so
that a terminal that has asked up to a number never misses a lower one.
"""

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, insert, select, update

from hub.people.entries import Entry, claims_of, code_text, find, listed
from hub.people.slots import LENGTH, AppointmentRefused, give_back, lock_hall, take_seats
from hub.store import schema
from kiosk.wire.appointments import Appointment, AppointmentStatus
from kiosk.wire.codes import CodeClaims, issue

MOST_COMPANIONS: Final = 20
__all__ = (
    "AppointmentRefused",
    "Entry",
    "appoint",
    "book",
    "code_text",
    "find",
    "listed",
    "mark_used",
    "move",
    "new_code_id",
    "next_change",
    "withdraw",
)


def new_code_id() -> str:
    """A code's identifier: eight base32 characters, 40 random bits."""
    return base64.b32encode(secrets.token_bytes(5)).decode()


def next_change(connection: Connection, hall: str) -> int:
    """The number of the next change of a hall; its counter stays locked until the transaction ends.

    Raises:
        AppointmentRefused: There is no such hall.
    """
    table = schema.hall
    number = connection.scalar(
        update(table)
        .where(table.c.hall == hall)
        .values(appointment_changes=table.c.appointment_changes + 1)
        .returning(table.c.appointment_changes)
    )
    if number is None:
        raise AppointmentRefused("no_such_hall", f"there is no hall {hall!r}")
    return int(number)


def _add(
    connection: Connection, hall: str, appointment: Appointment, *, name_masked: str, in_slot: bool, now: datetime
) -> None:
    connection.execute(
        insert(schema.appointment).values(
            code_id=appointment.code_id,
            hall=hall,
            person=appointment.person,
            name_masked=name_masked,
            begins=appointment.begins,
            ends=appointment.ends,
            companions=appointment.companions,
            department=appointment.department,
            visitor=appointment.visitor,
            status=appointment.status.value,
            in_slot=in_slot,
            change=next_change(connection, hall),
            issued=now,
        )
    )


def _there(connection: Connection, hall: str, code_id: str) -> Entry:
    entry = find(connection, hall, code_id)
    if entry is None:
        raise AppointmentRefused("no_such_appointment", f"{hall} has no appointment {code_id!r}")
    return entry


def _check_party(companions: int) -> None:
    if not 0 <= companions <= MOST_COMPANIONS:
        raise AppointmentRefused("invalid", f"0 to {MOST_COMPANIONS} may come along")


def appoint(
    connection: Connection,
    key: Ed25519PrivateKey,
    *,
    hall: str,
    person: str,
    not_before: datetime,
    expires: datetime,
    companions: int,
    now: datetime,
    visitor: bool = False,
    department: str = "",
) -> tuple[CodeClaims, str]:
    """Give out a code on the spot, for any span of time; no slot's seats are taken.

    Args:
        connection: Inside a writing transaction.
        key: The hub's signing key.
        hall: An existing hall.
        person: Digest of the person (`person_digest` under the hall's key), or empty.
        not_before: From when it is good.
        expires: Until when.
        companions: How many may come along, 0 to 20.
        now: The time.
        visitor: A visitor's code: for the door, of no department.
        department: Where they go.

    Returns:
        The claims, and the text for the QR code.

    Raises:
        AppointmentRefused: No such hall, or figures out of bounds.
    """
    _check_party(companions)
    if expires <= not_before:
        raise AppointmentRefused("invalid", "it ends before it begins")
    appointment = Appointment(
        code_id=new_code_id(),
        person=person or None,
        begins=not_before,
        ends=expires,
        companions=companions,
        department=department,
        visitor=visitor,
    )
    _add(connection, hall, appointment, name_masked="", in_slot=False, now=now)
    claims = claims_of(hall, appointment)
    return claims, issue(claims, key)


def book(
    connection: Connection,
    *,
    hall: str,
    department: str,
    begins: datetime,
    now: datetime,
    person: str = "",
    name_masked: str = "",
    companions: int = 0,
) -> Entry:
    """Book a slot for a party.

    Args:
        connection: Inside a writing transaction.
        hall: Existing.
        department: Of the slot; empty for the hall as a whole.
        begins: When the slot begins.
        now: The time.
        person: Digest of who comes (`person_digest`); empty for whoever shows the code.
        name_masked: As `mask_name` gives it.
        companions: Who come along; they take seats too.

    Raises:
        AppointmentRefused: `no_such_slot`, `full`, `past`, `already_booked` or `invalid`.
    """
    _check_party(companions)
    if begins + LENGTH <= now:
        raise AppointmentRefused("past", "that hour is over")
    lock_hall(connection, hall)
    if person:
        _check_free(connection, hall, person, begins, but="")
    take_seats(connection, hall, department, begins, 1 + companions)
    appointment = Appointment(
        code_id=new_code_id(),
        person=person or None,
        begins=begins,
        ends=begins + LENGTH,
        companions=companions,
        department=department,
    )
    _add(connection, hall, appointment, name_masked=name_masked, in_slot=True, now=now)
    return _there(connection, hall, appointment.code_id)


def _check_free(connection: Connection, hall: str, person: str, begins: datetime, *, but: str) -> None:
    """One person cannot be at two windows in the same hour."""
    table = schema.appointment
    other = connection.scalar(
        select(table.c.code_id).where(
            table.c.hall == hall,
            table.c.person == person,
            table.c.begins == begins,
            table.c.status == AppointmentStatus.BOOKED.value,
            table.c.in_slot,
            table.c.code_id != but,
        )
    )
    if other is not None:
        raise AppointmentRefused("already_booked", f"this person has an appointment in that hour already: {other}")


def move(
    connection: Connection,
    *,
    hall: str,
    code_id: str,
    seen: int,
    begins: datetime,
    now: datetime,
    companions: int | None = None,
    department: str | None = None,
) -> Entry:
    """Move an appointment to another slot, or change its party. The old seats are given back, or nothing changes.

    Args:
        connection: Inside a writing transaction.
        hall: Existing.
        code_id: Which appointment.
        seen: The `change` that whoever asks saw.
        begins: When the new slot begins; may be the same.
        now: The time.
        companions: Who come along now; None leaves it.
        department: Of the new slot; None leaves it.

    Raises:
        AppointmentRefused: As `book`; also `no_such_appointment`, `not_possible`, `changed`.
    """
    lock_hall(connection, hall)
    before = _booked(connection, hall, code_id, seen)
    old = before.appointment
    people = old.companions if companions is None else companions
    where = old.department if department is None else department
    _check_party(people)
    if begins + LENGTH <= now:
        raise AppointmentRefused("past", "that hour is over")
    if old.person:
        _check_free(connection, hall, old.person, begins, but=code_id)
    fewer = before.heads - 1 - people
    if before.in_slot and (where, begins) == (old.department, old.begins) and fewer >= 0:
        give_back(connection, hall, where, begins, fewer)  # fewer of them may always come, also in an hour cut short
    else:
        if before.in_slot:
            give_back(connection, hall, old.department, old.begins, before.heads)
        take_seats(connection, hall, where, begins, 1 + people)
    _change(
        connection,
        hall,
        code_id,
        now,
        {
            "begins": begins,
            "ends": begins + LENGTH,
            "companions": people,
            "department": where,
            "in_slot": True,
        },
    )
    return _there(connection, hall, code_id)


def _booked(connection: Connection, hall: str, code_id: str, seen: int | None) -> Entry:
    entry = _there(connection, hall, code_id)
    if seen is not None and entry.change != seen:
        raise AppointmentRefused("changed", "it was changed meanwhile")
    if entry.appointment.status is not AppointmentStatus.BOOKED:
        raise AppointmentRefused("not_possible", f"it is {entry.appointment.status.value}")
    return entry


def _change(connection: Connection, hall: str, code_id: str, now: datetime, values: Mapping[str, object]) -> None:
    table = schema.appointment
    connection.execute(
        update(table)
        .where(table.c.hall == hall, table.c.code_id == code_id)
        .values(**values, change=next_change(connection, hall), changed=now)
    )


def withdraw(
    connection: Connection, *, hall: str, code_id: str, now: datetime, revoke: bool = False, seen: int | None = None
) -> Entry:
    """Cancel an appointment (the person does not come) or revoke it (the hall takes it back). Twice is the same.

    Args:
        connection: Inside a writing transaction.
        hall: Existing.
        code_id: Which appointment.
        now: The time.
        revoke: The hall takes it back.
        seen: The `change` that whoever asks saw; None where it makes no difference.

    Raises:
        AppointmentRefused: `no_such_appointment`, `changed`, or `not_possible`: its party has come in.
    """
    wanted = AppointmentStatus.REVOKED if revoke else AppointmentStatus.CANCELLED
    lock_hall(connection, hall)
    entry = _there(connection, hall, code_id)
    if entry.appointment.status is wanted:
        return entry
    entry = _booked(connection, hall, code_id, seen)
    if entry.appointment.ends <= now and not revoke:
        raise AppointmentRefused("past", "that hour is over; who did not come has not cancelled")
    if entry.in_slot:
        give_back(connection, hall, entry.appointment.department, entry.appointment.begins, entry.heads)
    _change(connection, hall, code_id, now, {"status": wanted.value, "in_slot": False})
    return _there(connection, hall, code_id)


def mark_used(
    connection: Connection, hall: str, code_id: str, *, terminal: str, passage: UUID, at: datetime, now: datetime
) -> bool:
    """Note that a party came in on an appointment. The first counts.

    One that was cancelled while the terminal was offline stays so, with a note of who came in on it.

    Returns:
        Whether this made a difference.
    """
    entry = find(connection, hall, code_id)
    if entry is None or entry.used_at is not None:
        return False
    values: dict[str, object] = {"used_at": at, "used_terminal": terminal, "used_passage": str(passage)}
    if entry.appointment.status is AppointmentStatus.BOOKED:
        values["status"] = AppointmentStatus.USED.value
    _change(connection, hall, code_id, now, values)
    return True
