"""Staff who may act at a hall's lanes: kept here, published as a signed list that works with the line down."""

import itertools
import re
import secrets
from datetime import date, datetime
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, delete, insert, select, update

from hub.rules.publish import newest, publish
from hub.store import schema
from kiosk.wire.fleet import Signed
from kiosk.wire.staff import PIN_DIGITS, StaffList, StaffMember, pin_digest

STAFF: Final = "staff"
MOST: Final = 500
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


class StaffRefused(Exception):
    """What was asked cannot be done; says why."""


def check_pin(pin: str) -> None:
    """See that a PIN is one, and not the first that anybody would try.

    Raises:
        StaffRefused: It is not.
    """
    least, most = PIN_DIGITS
    if not (pin.isascii() and pin.isdecimal() and least <= len(pin) <= most):
        raise StaffRefused(f"a PIN has {least} to {most} digits")
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
    if len(steps) == 1:  # 000000, 123456, 987654, 024680
        raise StaffRefused("that PIN is the first one anybody would try")


def members(connection: Connection, hall: str) -> tuple[StaffMember, ...]:
    """A hall's staff, by id."""
    table = schema.staff
    return tuple(
        StaffMember(id=row.id, name=row.name, salt=row.salt, pin=row.pin, card=row.card, valid_to=row.valid_to)
        for row in connection.execute(select(table).where(table.c.hall == hall).order_by(table.c.id))
    )


def put_member(
    connection: Connection,
    *,
    hall: str,
    staff_id: str,
    name: str,
    pin: str,
    now: datetime,
    card: str | None = None,
    valid_to: date | None = None,
    change: bool = False,
) -> StaffMember:
    """Add a member of staff, or change one.

    Args:
        connection: Inside a writing transaction.
        hall: Existing.
        staff_id: Letters, digits, - and _; at most 32.
        name: As colleagues see it, at most 64 characters.
        pin: 6 to 12 digits. Only its scrypt is kept.
        now: The time.
        card: `person_digest` of the identity card that opens the staff screen; None for none.
        valid_to: The last day; None for no end.
        change: The member exists, and gets a new name, PIN, card and last day.

    Raises:
        StaffRefused: A bad id, name or PIN; one of that id is there, or not there; the hall's list is full.
    """
    if not _ID.fullmatch(staff_id):
        raise StaffRefused("an id has letters, digits, - and _ only, at most 32")
    if not name.strip() or len(name) > 64:
        raise StaffRefused("a name has 1 to 64 characters")
    check_pin(pin)
    known = {member.id: member for member in members(connection, hall)}
    if change is not (staff_id in known):
        raise StaffRefused(f"{hall} has no member {staff_id!r}" if change else f"{hall} has a member {staff_id!r}")
    if card is not None and any(member.card == card and member.id != staff_id for member in known.values()):
        raise StaffRefused("that card is another member's")
    if len(known) >= MOST and not change:
        raise StaffRefused(f"a hall has at most {MOST} members of staff")
    salt = secrets.token_hex(16)
    member = StaffMember(
        id=staff_id, name=name.strip(), salt=salt, pin=pin_digest(pin, salt), card=card, valid_to=valid_to
    )
    values = {"name": member.name, "salt": salt, "pin": member.pin, "card": card, "valid_to": valid_to}
    table = schema.staff
    if change:
        connection.execute(update(table).where(table.c.hall == hall, table.c.id == staff_id).values(values))
    else:
        connection.execute(insert(table).values(hall=hall, id=staff_id, made=now, **values))
    return member


def remove_member(connection: Connection, hall: str, staff_id: str) -> None:
    """Take a member of staff off the list.

    Raises:
        StaffRefused: There is none of that id.
    """
    table = schema.staff
    if not connection.execute(delete(table).where(table.c.hall == hall, table.c.id == staff_id)).rowcount:
        raise StaffRefused(f"{hall} has no member {staff_id!r}")


def publish_staff(connection: Connection, key: Ed25519PrivateKey, hall: str, now: datetime) -> Signed:
    """Sign the hall's list as the next version; terminals fetch it within half a minute."""
    before = newest(connection, STAFF, hall)
    version = 1 if before is None else before.version + 1
    body = msgspec.json.encode(StaffList(version=version, hall=hall, members=members(connection, hall)))
    return publish(connection, key, STAFF, hall, body, version, now)
