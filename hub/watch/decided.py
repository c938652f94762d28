"""Watch lists decided by two: one person proposes, another says yes or no; one alone may take an entry back.

What waits is in no gate. A no, two weeks without an answer, or the entry's own end: then the number is deleted.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, insert, select, update

from hub.audit.chain import Who, append
from hub.people.locked_away import taken_out
from hub.people.proposals import Kind, Proposal, ProposalRefused, State, propose, refuse
from hub.people.retention import TIMER
from hub.store import schema
from hub.watch import entries
from hub.watch.entries import ALL_HALLS, Digests, Entry, WatchRefused
from hub.watch.publish import publish_for
from hub.watch.wanted import Wanted
from kiosk.clock import CHINA, local_date
from kiosk.wire.digest import person_digest
from kiosk.wire.events import Envelope, Passage, StaffAct
from kiosk.wire.evidence import Watched
from kiosk.wire.sealing import CannotUnseal
from kiosk.wire.watch import DEALT_WITH, MOST_ENTRIES

WAITS: Final = timedelta(days=14)
"""So long a proposal waits for the second person; then who is in it is forgotten."""
MOST_WHY: Final = 100
HallKey = Callable[[str], bytes]


class Bound(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the proposal holds: no number, no digest of a person; the entries themselves wait in their own table."""

    entries: int
    content: str
    """`hub.watch.entries.content_of`."""


def propose_watch(
    connection: Connection,
    wanted: Sequence[Wanted],
    *,
    hall: str,
    digests: Digests,
    identity: str,
    summary: str,
    person: tuple[str, str],
    who: Who,
    now: datetime,
) -> int:
    """Propose entries.

    Args:
        connection: Inside a writing transaction.
        wanted: Checked, at least one.
        hall: For which; empty for all.
        digests: Of each number.
        identity: The hub's (age).
        summary: In a line.
        person: Hall and id of the account.
        who: The same person, as the audit names them.
        now: The time.

    Returns:
        The proposal's number.

    Raises:
        WatchRefused: `full`.
    """
    if entries.count(connection, hall) + len(wanted) > MOST_ENTRIES:
        raise WatchRefused("full", f"a list has at most {MOST_ENTRIES} entries")
    drafts = entries.drafted(wanted, hall=hall, by=who.name, now=now)
    bound = Bound(entries=len(drafts), content=entries.content_of([entry for entry, _ in drafts]))
    text = msgspec.json.encode(bound).decode()
    number = propose(
        connection, hall=hall, kind=Kind.WATCH, summary=summary, text=text, person=person, who=who, now=now
    )
    entries.add(connection, drafts, proposal=number, digests=digests, identity=identity)
    return number


def carry_out_watch(
    connection: Connection, key: Ed25519PrivateKey, proposal: Proposal, who: Who, now: datetime
) -> None:
    """Put in force what two people decided, and tell the gates.

    Args:
        connection: Inside a writing transaction.
        key: Signs.
        proposal: Confirmed.
        who: Who confirmed it.
        now: The time.

    Raises:
        WatchRefused: `moved`: the entries are not those that were proposed; `over`: all of them have ended; `full`.
    """
    bound = msgspec.json.decode(proposal.text, type=Bound)
    found = [entry for entry in entries.of_proposal(connection, proposal.number) if not entry.active]
    if len(found) != bound.entries or entries.content_of(found) != bound.content:
        raise WatchRefused("moved", "the entries are not those that were proposed")
    ended = [entry for entry in found if entry.ends <= now]
    if len(ended) == len(found):
        raise WatchRefused("over", "all of it has ended while it waited")
    if entries.count(connection, proposal.hall) + len(found) - len(ended) > MOST_ENTRIES:
        raise WatchRefused("full", f"a list has at most {MOST_ENTRIES} entries")
    entries.activate(connection, [entry for entry in found if entry.ends > now], who, now)
    entries.forget(connection, ended, who, now)
    publish_for(connection, key, [proposal.hall], now)


def forget_proposed(connection: Connection, number: int, who: Who, now: datetime) -> None:
    """Delete what was proposed and is not to be."""
    found = [entry for entry in entries.of_proposal(connection, number) if not entry.active]
    entries.forget(connection, found, who, now)


def take_back(
    connection: Connection, key: Ed25519PrivateKey, identifier: str, *, who: Who, why: str, now: datetime
) -> Entry:
    """Take an entry off the list before its time. One person may: it is for the sake of whoever is on it.

    Args:
        connection: Inside a writing transaction.
        key: Signs the next edition.
        identifier: Which.
        who: Who does it.
        why: For the audit; nothing personal.
        now: The time.

    Raises:
        WatchRefused: `no_such`.
    """
    found = entries.find(connection, identifier)
    if found is None:
        raise WatchRefused("no_such", "there is no such entry")
    told = {"kind": found.kind.value, "why": why.strip()[:MOST_WHY], "until": found.ends.isoformat()}
    append(connection, who, "watch_taken_back", found.subject, now, detail=told)
    entries.forget(connection, [found], who, now)
    publish_for(connection, key, [found.hall], now)
    return found


def sweep_watch(connection: Connection, key: Ed25519PrivateKey, identity: str, hall_key: HallKey, now: datetime) -> int:
    """Delete what is over, close what waited too long, and let halls that came later know of entries for all halls.

    Args:
        connection: Inside a writing transaction.
        key: Signs the next editions.
        identity: The hub's (age).
        hall_key: The key of a hall's digests.
        now: The time.

    Returns:
        How many entries were deleted.
    """
    table = schema.watch_entry
    over = [
        entries.find(connection, each) for each in connection.scalars(select(table.c.id).where(table.c.ends <= now))
    ]
    gone = [each for each in over if each is not None]
    entries.forget(connection, gone, TIMER, now)
    late = _too_late(connection, now)
    for number in late:
        try:
            refuse(connection, number, person=("", "timer"), who=TIMER, now=now, why="")
        except ProposalRefused:
            continue  # somebody was first
        forget_proposed(connection, number, TIMER, now)
    added = _complete(connection, identity, hall_key)
    publish_for(connection, key, {each.hall for each in gone} | added, now)
    return len(gone)


def note_dealt(connection: Connection, key: Ed25519PrivateKey, now: datetime) -> int:
    """Let a hall's other lanes know what staff have dealt with today at one of them.

    Args:
        connection: Inside a writing transaction.
        key: Signs the next editions.
        now: The time.

    Returns:
        How many entries it changed.
    """
    person, today = schema.watch_person, local_date(now)
    changed: set[str] = set()
    found = 0
    for hall, entry in dealt_today(connection, now):
        mine = (person.c.entry == entry, person.c.hall == hall, person.c.dealt.is_distinct_from(today))
        if connection.execute(update(person).where(*mine).values(dealt=today)).rowcount:
            changed.add(hall)
            found += 1
    if changed:
        publish_for(connection, key, changed, now)
    return found


def dealt_today(connection: Connection, now: datetime) -> set[tuple[str, str]]:
    """Hall and entry of what staff have dealt with at a lane since midnight in China, where nobody was told yet."""
    action, passage, event, person = schema.staff_action, schema.passage, schema.event, schema.watch_person
    today = local_date(now)
    halls = connection.scalars(select(person.c.hall).distinct()).all()
    if not halls:
        return set()
    same = (action.c.hall == passage.c.hall) & (action.c.terminal == passage.c.terminal)
    rows = connection.execute(
        select(action.c.hall, event.c.body)
        .join(passage, same & (passage.c.id == action.c.passage))
        .join(event, event.c.position == passage.c.position)
        .where(
            action.c.hall.in_(halls),  # by the index of hall, act and time
            action.c.act == StaffAct.ADMITTED.value,
            action.c.reason == DEALT_WITH,
            action.c.at >= datetime.combine(today, time(), CHINA),
        )
    ).all()
    found = set()
    for row in rows:
        stored = msgspec.json.decode(row.body, type=Envelope).event
        seen = stored.evidence.watch if isinstance(stored, Passage) else None
        if isinstance(seen, Watched) and seen.entry:
            found.add((row.hall, seen.entry))
    told = {
        (row.hall, row.entry)
        for row in connection.execute(select(person.c.hall, person.c.entry).where(person.c.dealt == today))
    }
    return found - told


def _too_late(connection: Connection, now: datetime) -> list[int]:
    """Proposals that waited too long, and those all of whose entries have ended."""
    table, entry = schema.proposal, schema.watch_entry
    waiting = connection.execute(
        select(table.c.number, table.c.at).where(table.c.kind == Kind.WATCH.value, table.c.state == State.OPEN.value)
    ).all()
    left = set(connection.scalars(select(entry.c.proposal).where(entry.c.proposal.in_([w.number for w in waiting]))))
    return [each.number for each in waiting if each.at <= now - WAITS or each.number not in left]


def _complete(connection: Connection, identity: str, hall_key: HallKey) -> set[str]:
    """Make the digests that an entry for all halls lacks; the halls that were missing."""
    entry, person, hall = schema.watch_entry, schema.watch_person, schema.hall
    halls = set(connection.scalars(select(hall.c.hall)))
    there: dict[str, set[str]] = {}
    query = (
        select(entry.c.id, person.c.hall).join(person, person.c.entry == entry.c.id).where(entry.c.hall == ALL_HALLS)
    )
    for row in connection.execute(query):
        there.setdefault(row.id, set()).add(row.hall)
    added: set[str] = set()
    for identifier, known in there.items():
        if not halls - known:
            continue
        locked = connection.scalar(select(entry.c.number_locked).where(entry.c.id == identifier)) or ""
        try:
            number = taken_out(locked, identity).decode()
        except CannotUnseal:
            continue  # locked away under a key that is no more: the halls of then keep it until it ends
        for one in sorted(halls - known):
            digest = person_digest(number, hall_key(one))
            connection.execute(insert(person).values(entry=identifier, hall=one, person=digest))
            added.add(one)
    return added
