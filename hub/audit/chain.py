"""Appending to the audit. Each row carries the hash of the one before, so that none can be changed or taken out alone.

Writers are put in order by the lock of one row, `audit_head`: by the one writer on SQLite, by PostgreSQL between
several processes.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from hub.store import schema

FIRST: Final = "0" * 64
"""What stands before the first row."""
MOST_DETAIL: Final = 1000
Detail = Mapping[str, str | int | bool | None]


class Actor(StrEnum):
    """Who acts."""

    CITIZEN = "citizen"
    """At a desk, identified there."""
    WINDOW = "window"
    BACK_OFFICE = "back_office"
    SUPERVISOR = "supervisor"
    ENTRY = "entry"
    """Supervises the lanes."""
    TECHNICIAN = "technician"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    COURIER = "courier"
    """Told by the courier's system."""
    TIMER = "timer"
    """A day came."""
    HUB = "hub"
    OPERATOR = "operator"
    """At the hub's command line."""


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who acts.

    Attributes:
        actor: In which capacity.
        hall: Whose staff, or at whose terminal; empty for the hub itself.
        name: Staff id, terminal, or courier. Never a citizen's.
    """

    actor: Actor
    hall: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the audit."""

    position: int
    at: datetime
    who: Who
    what: str
    subject: str
    standing: str
    version: int
    detail: dict[str, Any]


def row_hash(
    position: int,
    at: datetime,
    who: Who,
    what: str,
    subject: str,
    standing: str,
    version: int,
    detail: str,
    before: str,
) -> str:
    """The hash of a row: SHA-256 of all of it as a JSON array, 64 hexadecimal digits.

    Args:
        position: From 1.
        at: When.
        who: Who did it.
        what: The step.
        subject: What it is about.
        standing: After it.
        version: After it.
        detail: JSON.
        before: Hash of the row before.
    """
    whole = (
        position,
        at.astimezone(UTC).isoformat(),
        who.actor.value,
        who.hall,
        who.name,
        what,
        subject,
        standing,
        version,
        detail,
        before,
    )
    return hashlib.sha256(msgspec.json.encode(whole)).hexdigest()


def content_digest(content: object) -> str:
    """Binds what is too long for a row to it: SHA-256 of its JSON."""
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


def append(
    connection: Connection,
    who: Who,
    what: str,
    subject: str,
    at: datetime,
    *,
    standing: str = "",
    version: int = 0,
    detail: Detail | None = None,
) -> int:
    """Add a row, in the transaction of what it records.

    Args:
        connection: Inside a writing transaction.
        who: Who did it.
        what: The step, at most 32 characters.
        subject: What it is about: a receipt's number, an opinion's code.
        at: When.
        standing: Where the subject stands after it.
        version: The subject's version after it.
        detail: What else there is to know; nothing personal, at most `MOST_DETAIL` characters as JSON.

    Returns:
        Its position.

    Raises:
        ValueError: The detail is too long: a mistake of the caller, who can bind it by `content_digest`.
    """
    told = msgspec.json.encode(detail or {}, order="deterministic").decode()
    if len(told) > MOST_DETAIL:
        raise ValueError(f"a detail of the audit has at most {MOST_DETAIL} characters")
    head, table = schema.audit_head, schema.audit
    last = connection.execute(select(head).where(head.c.one == 1).with_for_update()).one_or_none()
    if last is None:
        connection.execute(insert(head).values(one=1, position=0, hash=FIRST))
    position, before = (1, FIRST) if last is None else (last.position + 1, last.hash)
    digest = row_hash(position, at, who, what, subject, standing, version, told, before)
    connection.execute(
        insert(table).values(
            position=position,
            at=at,
            actor=who.actor.value,
            hall=who.hall,
            who=who.name,
            what=what,
            subject=subject,
            standing=standing,
            version=version,
            detail=told,
            before=before,
            hash=digest,
        )
    )
    connection.execute(update(head).where(head.c.one == 1).values(position=position, hash=digest))
    return position


def entry_of(row: Row[Any]) -> Entry:
    """A row as it was written."""
    return Entry(
        position=row.position,
        at=row.at,
        who=Who(Actor(row.actor), row.hall, row.who),
        what=row.what,
        subject=row.subject,
        standing=row.standing,
        version=row.version,
        detail=msgspec.json.decode(row.detail),
    )


def history(connection: Connection, subject: str, most: int = 500) -> list[Entry]:
    """What was done to a subject, the oldest first; the newest `most` of it."""
    table = schema.audit
    rows = connection.execute(
        select(table).where(table.c.subject == subject).order_by(table.c.position.desc()).limit(most)
    ).all()
    return [entry_of(row) for row in reversed(rows)]
