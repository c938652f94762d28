"""How long each class of personal data is kept, and its removal, with a proof in the audit. Two people change a time.

`SHIPPED` are the times without a decision of the hall's. What is removed is overwritten (SQLite's `secure_delete`), and
each class leaves one row in the audit: how many records, up to which day, and the digest of their keys. The audit's
head is signed each minute, so that the proof can be shown outside of the hub.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import Connection, Table, delete, insert, select, update

from hub.audit.chain import Actor, Detail, Who, append, content_digest
from hub.gate.retention import APPOINTMENTS_KEPT, HEADS_KEPT, HEALTH_KEPT, Removed, expire
from hub.store import schema

TIMER: Final = Who(Actor.TIMER)
LONGEST: Final = 36_500
AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Class:
    """A class of personal data.

    Attributes:
        key: Stable.
        days: How long it is kept as shipped; None for ever.
        least: The shortest that the law of records allows.
    """

    key: str
    days: int | None
    least: int


CLASSES: Final = (
    Class("health", HEALTH_KEPT.days, 1),
    Class("heads", HEADS_KEPT.days, 30),
    Class("appointments", APPOINTMENTS_KEPT.days, 1),
    Class("passages", 180, 30),
    Class("queue", 30, 1),
    Class("texts", 30, 1),
    Class("submissions", 365 * 5, 365),
    Class("opinions", 365 * 2, 180),
    Class("help", 180, 30),
    Class("requests", 30, 7),
    Class("usage", 400, 30),
)
"""From the day the record was closed; submissions from the day of the decision."""


class BadTime(Exception):
    """A time that cannot be."""


class Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a proposal about retention says."""

    kind: str
    days: int


def checked(kind: str, days: int | None) -> Kept:
    """A proposal about a class.

    Raises:
        BadTime: No such class, or a time shorter or longer than it may be.
    """
    known = {each.key: each for each in CLASSES}
    if kind not in known:
        raise BadTime("there is no such class")
    if days is None or not known[kind].least <= days <= LONGEST:
        raise BadTime(f"{known[kind].least} to {LONGEST} days")
    return Kept(kind=kind, days=days)


def set_kept(connection: Connection, text: str, who: Who, now: datetime) -> None:
    """Carry out what two people decided.

    Args:
        connection: Inside a writing transaction.
        text: JSON of `Kept`.
        who: Who confirmed it.
        now: The time.
    """
    wanted = msgspec.json.decode(text, type=Kept)
    wanted = checked(wanted.kind, wanted.days)
    table = schema.kept_for
    before = connection.execute(select(table).where(table.c.kind == wanted.kind).with_for_update()).one_or_none()
    version = 1 if before is None else before.version + 1
    values = {"days": wanted.days, "version": version, "set_at": now}
    if before is None:
        connection.execute(insert(table).values(kind=wanted.kind, **values))
    else:
        connection.execute(update(table).where(table.c.kind == wanted.kind).values(values))
    append(connection, who, "kept_for", wanted.kind, now, version=version, detail={"days": wanted.days})


def kept_days(connection: Connection) -> dict[str, int | None]:
    """How long each class is kept."""
    table = schema.kept_for
    own: dict[str, int] = {row.kind: row.days for row in connection.execute(select(table.c.kind, table.c.days))}
    return {each.key: own.get(each.key, each.days) for each in CLASSES}


def removed(
    connection: Connection, kind: str, until: datetime, keys: list[str], now: datetime, who: Who = TIMER
) -> None:
    """Leave the proof of a removal.

    Args:
        connection: In the transaction of the removal.
        kind: The class.
        until: Everything from before it is gone.
        keys: Of the records.
        now: The time.
        who: Who removed it.
    """
    told: Detail = {"records": len(keys), "until": until.isoformat(), "keys": content_digest(sorted(keys))}
    append(connection, who, "removed", kind, now, detail=told)


def expire_with_proof(
    connection: Connection, now: datetime, who: Who = TIMER, health_kept: timedelta | None = None
) -> Removed:
    """Remove health data, head counts and appointments that are past their time, and leave the proofs.

    Args:
        connection: Inside a writing transaction.
        now: The time.
        who: Who removes it.
        health_kept: Health data goes after this, where it is shorter than what was decided; None: as decided.
    """
    days = {key: timedelta(days=each) for key, each in kept_days(connection).items() if each is not None}
    if health_kept is not None:
        days["health"] = min(days["health"], health_kept)
    health = None if days["health"] == HEALTH_KEPT else days["health"]
    found = expire(
        connection, now, health_kept=health, heads_kept=days["heads"], appointments_kept=days["appointments"]
    )
    counts = {
        "health": found.passages + found.staff_actions + found.case_readings + found.answers,
        "heads": found.heads,
        "appointments": found.appointments,
    }
    for kind, number in counts.items():
        if number:
            told: Detail = {"records": number, "until": (now - days[kind]).isoformat()}
            append(connection, who, "removed", kind, now, detail=told)
    return found


def _each(table: Table, when: str, *keys: str) -> Callable[[Connection, datetime], list[str]]:
    """Rows that go whole."""

    def remove(connection: Connection, until: datetime) -> list[str]:
        columns = [table.c[key] for key in keys]
        rows = connection.execute(select(*columns).where(table.c[when] < until).limit(AT_ONCE)).all()
        for row in rows:
            where = [column == value for column, value in zip(columns, row, strict=True)]
            connection.execute(delete(table).where(*where))
        return ["/".join(str(value) for value in row) for row in rows]

    return remove


def _remove_requests(connection: Connection, until: datetime) -> list[str]:
    return _each(schema.request_done, "made", "hall", "terminal", "id")(connection, until)


def _remove_queue(connection: Connection, until: datetime) -> list[str]:
    """The number stays for the figures; whose it was goes."""
    table = schema.queue_number
    mine = (table.c.taken < until, table.c.person.is_not(None))
    rows = connection.execute(
        select(table.c.hall, table.c.day, table.c.letter, table.c.place).where(*mine).limit(AT_ONCE)
    ).all()
    for row in rows:
        which = (table.c.hall == row.hall, table.c.day == row.day, table.c.letter == row.letter)
        connection.execute(update(table).where(*which, table.c.place == row.place).values(person=None))
    return ["/".join(str(value) for value in row) for row in rows]


def _remove_usage(connection: Connection, until: datetime) -> list[str]:
    gone = _each(schema.service_hour, "begins", "hall", "terminal", "begins")(connection, until)
    day = until.date()
    table = schema.screen_use
    rows = connection.execute(
        select(table.c.hall, table.c.terminal, table.c.day, table.c.view).where(table.c.day < day).limit(AT_ONCE)
    ).all()
    for row in rows:
        which = (table.c.hall == row.hall, table.c.terminal == row.terminal)
        connection.execute(delete(table).where(*which, table.c.day == row.day, table.c.view == row.view))
    return gone + ["/".join(str(value) for value in row) for row in rows]


SIMPLE: Final[dict[str, Callable[[Connection, datetime], list[str]]]] = {
    "requests": _remove_requests,
    "queue": _remove_queue,
    "usage": _remove_usage,
}
"""Classes whose records stand alone; the others, but those that are counted, are emptied by `hub.people.emptying`."""


def due_by(connection: Connection, kind: str, now: datetime) -> datetime | None:
    """Records of a class from before this moment are due; None while it is kept for ever."""
    days = kept_days(connection)[kind]
    return None if days is None else now - timedelta(days=days)
