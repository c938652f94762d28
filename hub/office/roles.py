"""Roles of people at the console. The lanes' signed list knows nothing of them."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from hub.audit.chain import Actor, Who, append
from hub.people.staff import StaffRefused, members
from hub.store import schema

ROLES = (
    Actor.ENTRY,
    Actor.WINDOW,
    Actor.BACK_OFFICE,
    Actor.SUPERVISOR,
    Actor.TECHNICIAN,
    Actor.AUDITOR,
    Actor.ADMINISTRATOR,
)
"""What somebody may be at the console; `hub.console.access` says what each may do."""


def roles_of(connection: Connection, hall: str, staff_id: str) -> frozenset[Actor]:
    """Somebody's roles; none for somebody who only works at the gate."""
    table = schema.office_role
    return frozenset(
        Actor(role)
        for role in connection.scalars(select(table.c.role).where(table.c.hall == hall, table.c.staff == staff_id))
    )


def set_roles(connection: Connection, hall: str, staff_id: str, roles: frozenset[Actor], now: datetime) -> None:
    """Give a member these roles and no others; recorded in the audit.

    Args:
        connection: Inside a writing transaction.
        hall: Whose staff.
        staff_id: On the hall's list, or with an account.
        roles: Of `ROLES`.
        now: The time.

    Raises:
        StaffRefused: Nobody of that id, or no such role.
    """
    account = schema.account
    has_account = connection.scalar(select(account.c.id).where(account.c.hall == hall, account.c.id == staff_id))
    if has_account is None and staff_id not in {member.id for member in members(connection, hall)}:
        raise StaffRefused(f"{hall} has no member {staff_id!r}: add them with python -m hub staff add")
    if wrong := roles.difference(ROLES):
        raise StaffRefused(f"{', '.join(sorted(wrong))}: roles are {', '.join(ROLES)}")
    table = schema.office_role
    connection.execute(delete(table).where(table.c.hall == hall, table.c.staff == staff_id))
    for role in sorted(roles):
        connection.execute(insert(table).values(hall=hall, staff=staff_id, role=role.value, made=now))
    append(
        connection,
        Who(Actor.OPERATOR, hall),
        "roles",
        f"{hall}/{staff_id}"[:64],
        now,
        detail={"roles": " ".join(sorted(roles))},
    )
