"""Entries as they stand: proposed by one, in force after another's yes, gone with their number when they are over."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from hub.audit.chain import Who, append, content_digest
from hub.people.locked_away import locked_away, taken_out
from hub.people.retention import removed
from hub.store import schema
from hub.watch.wanted import Fault, Wanted
from kiosk.wire.masking import mask_number
from kiosk.wire.watch import HELD, MOST_ENTRIES, WatchClass

ALL_HALLS: Final = ""
"""The hall of an entry that is for all of them."""
SUBJECT: Final = "watch"
Digests = Mapping[str, Mapping[str, str]]
"""By number: the person's digest in each hall."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry, without its number."""

    id: str
    hall: str
    kind: WatchClass
    number_masked: str
    note: str
    asked_by: str
    why: str
    begins: datetime
    ends: datetime
    made: datetime
    proposal: int
    active: bool
    proposed_by: str
    confirmed_by: str

    @property
    def subject(self) -> str:
        """As it stands in the audit."""
        return f"watch-{self.id}"

    @property
    def held(self) -> bool:
        """Whether it is kept secret from the person, and from their requests."""
        return self.kind in HELD


class WatchRefused(Exception):
    """What was asked cannot be done.

    Attributes:
        kind: Stable: `no_such`, `moved`, `full`, `over`.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        row.id,
        row.hall,
        WatchClass(row.kind),
        row.number_masked,
        row.note,
        row.asked_by,
        row.why,
        row.begins,
        row.ends,
        row.made,
        row.proposal,
        row.active,
        row.proposed_by,
        row.confirmed_by,
    )


def drafted(wanted: Sequence[Wanted], *, hall: str, by: str, now: datetime) -> list[tuple[Entry, str]]:
    """Entries as they will be proposed, each with its number.

    Args:
        wanted: Checked.
        hall: For which; empty for all.
        by: Who proposes it, as the hall's records name them.
        now: The time.
    """
    return [
        (
            Entry(
                id=base64.b32encode(secrets.token_bytes(5)).decode(),
                hall=hall,
                kind=each.kind,
                number_masked=mask_number(each.number),
                note=each.note,
                asked_by=each.asked_by,
                why=each.why,
                begins=each.begins,
                ends=each.ends,
                made=now,
                proposal=0,
                active=False,
                proposed_by=by,
                confirmed_by="",
            ),
            each.number,
        )
        for each in wanted
    ]


def add(
    connection: Connection,
    drafts: Sequence[tuple[Entry, str]],
    *,
    proposal: int,
    digests: Digests,
    identity: str,
) -> None:
    """Write down what is proposed; it is in force only after `activate`.

    Args:
        connection: Inside a writing transaction.
        drafts: As `drafted` made them.
        proposal: Its number.
        digests: Of each number.
        identity: The hub's (age), to lock the numbers away.
    """
    for entry, number in drafts:
        values = {**asdict(entry), "kind": entry.kind.value, "proposal": proposal}
        locked = locked_away(number.encode(), identity)
        connection.execute(insert(schema.watch_entry).values(**values, number_locked=locked))
        persons = [{"entry": entry.id, "hall": hall, "person": digest} for hall, digest in digests[number].items()]
        connection.execute(insert(schema.watch_person), persons)


def already(connection: Connection, hall: str, wanted: Sequence[Wanted], digests: Digests) -> list[Fault]:
    """Who of them is on the list already, for the same reason; by their place, from 2 as in a file."""
    entry, person = schema.watch_entry, schema.watch_person
    faults = []
    for line, each in enumerate(wanted, 2):
        digest = next(iter(digests[each.number].items()), None)
        if digest is None:
            continue
        there = (person.c.hall == digest[0], person.c.person == digest[1], entry.c.kind == each.kind.value)
        query = select(entry.c.id).join(person, person.c.entry == entry.c.id).where(*there, _for(hall))
        if connection.execute(query.limit(1)).first() is not None:
            faults.append(Fault("number", "already", line))
    return faults


def _for(hall: str) -> ColumnElement[bool]:
    return or_(schema.watch_entry.c.hall == hall, schema.watch_entry.c.hall == ALL_HALLS)


def listed(connection: Connection, hall: str, most: int = MOST_ENTRIES) -> list[Entry]:
    """All entries that are for a hall, proposed ones first, then by when they end."""
    table = schema.watch_entry
    order = (table.c.active, table.c.ends, table.c.id)
    return [_entry(row) for row in connection.execute(select(table).where(_for(hall)).order_by(*order).limit(most))]


def find(connection: Connection, identifier: str) -> Entry | None:
    """One entry; None for one that is over."""
    table = schema.watch_entry
    row = connection.execute(select(table).where(table.c.id == identifier)).one_or_none()
    return None if row is None else _entry(row)


def of_proposal(connection: Connection, number: int) -> list[Entry]:
    """What a proposal is about."""
    table = schema.watch_entry
    rows = connection.execute(select(table).where(table.c.proposal == number).order_by(table.c.id))
    return [_entry(row) for row in rows]


def of_person(connection: Connection, digests: Mapping[str, str], hall: str | None = None) -> list[Entry]:
    """All entries about somebody.

    Args:
        connection: For reading.
        digests: Theirs at each hall.
        hall: Only those that are for it.
    """
    entry, person = schema.watch_entry, schema.watch_person
    found: dict[str, Entry] = {}
    for one, digest in digests.items():
        query = select(entry).join(person, person.c.entry == entry.c.id)
        query = query.where(person.c.hall == one, person.c.person == digest)
        if hall is not None:
            query = query.where(_for(hall))
        found |= {row.id: _entry(row) for row in connection.execute(query)}
    return sorted(found.values(), key=lambda each: each.ends)


def number_of(connection: Connection, identifier: str, identity: str) -> str:
    """The number of an entry.

    Raises:
        WatchRefused: `no_such`.
        kiosk.wire.sealing.CannotUnseal: It was locked away under another identity.
    """
    table = schema.watch_entry
    locked = connection.scalar(select(table.c.number_locked).where(table.c.id == identifier))
    if locked is None:
        raise WatchRefused("no_such", "there is no such entry")
    return taken_out(locked, identity).decode()


def count(connection: Connection, hall: str) -> int:
    """How many entries in force are for a hall; for all of them: for the one that has most."""
    table = schema.watch_entry
    if hall == ALL_HALLS:
        halls = connection.scalars(select(table.c.hall).where(table.c.hall != ALL_HALLS).distinct()).all()
        return max((count(connection, each) for each in halls), default=_whole(connection))
    query = select(func.count()).select_from(table).where(_for(hall), table.c.active)
    return int(connection.scalar(query) or 0)


def _whole(connection: Connection) -> int:
    table = schema.watch_entry
    query = select(func.count()).select_from(table).where(table.c.hall == ALL_HALLS, table.c.active)
    return int(connection.scalar(query) or 0)


def content_of(entries: Sequence[Entry]) -> str:
    """Binds a proposal to its entries: nobody says yes to one thing and puts another in force."""
    return content_digest(
        [
            (e.id, e.hall, e.kind, e.number_masked, e.note, e.asked_by, e.why, e.begins.timestamp(), e.ends.timestamp())
            for e in sorted(entries, key=lambda each: each.id)
        ]
    )


def activate(connection: Connection, entries: Sequence[Entry], who: Who, now: datetime) -> None:
    """Put entries in force; each is a row of the audit, without the number."""
    table = schema.watch_entry
    for each in entries:
        connection.execute(update(table).where(table.c.id == each.id).values(active=True, confirmed_by=who.name))
        told = {"kind": each.kind.value, "hall": each.hall, "until": each.ends.isoformat(), "proposal": each.proposal}
        append(connection, who, "watch_listed", each.subject, now, detail=told)


def forget(connection: Connection, entries: Sequence[Entry], who: Who, now: datetime) -> None:
    """Delete entries with their numbers and digests, and leave the proof."""
    if not entries:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")  # freed bytes are overwritten, not only forgotten
    for each in entries:
        connection.execute(delete(schema.watch_person).where(schema.watch_person.c.entry == each.id))
        connection.execute(delete(schema.watch_entry).where(schema.watch_entry.c.id == each.id))
    removed(connection, SUBJECT, now, [each.id for each in entries], now, who)
