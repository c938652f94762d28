"""A person's records: all of them for the person to read, erased where they may be, emptied when their time is over.

A record that is emptied stays as a fact (that somebody passed, that something was handed in), so that figures and the
audit agree; who it was goes, everywhere it stood: in the row, and in the event it came with.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, Table, select, update

from hub.audit.chain import Who
from hub.help.states import OPEN
from hub.people.locked_away import taken_out
from hub.people.retention import AT_ONCE, CLASSES, SIMPLE, due_by, removed
from hub.store import schema
from hub.texts.contacts import About, of_subjects, past_time, queue_subject, take_back
from hub.watch.entries import Entry, of_person
from kiosk.wire.events import CallbackWanted, Content, Envelope, Event, Opinion, OpinionWords, Passage, Submission
from kiosk.wire.evidence import NotMeasured, Watched
from kiosk.wire.rules import Reason
from kiosk.wire.sealing import CannotUnseal, unseal

NOBODY: Final = "0" * 64
"""In the place of a person's digest."""
FOR_STAFF: Final = "for_staff"
"""In an export, where a reason is not the person's to know: staff looked."""
GONE: Final = b"-"
"""In the place of a sealed number, which cannot be empty; no key opens it."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did.

    Attributes:
        records: How many records were emptied.
        kept: Numbers of submissions that the law keeps, and entries of a watch list that may be told.
    """

    records: int
    kept: tuple[str, ...]


def _without_person(event: Event) -> Event:
    match event:
        case Passage(evidence=evidence):
            identity = evidence.identity
            if not isinstance(identity, NotMeasured):
                evidence = msgspec.structs.replace(evidence, identity=msgspec.structs.replace(identity, person=NOBODY))
            if isinstance(evidence.watch, Watched):  # that somebody was looked at stays; by which entry goes
                evidence = msgspec.structs.replace(evidence, watch=msgspec.structs.replace(evidence.watch, entry=""))
            empty = {"name_masked": "", "number_masked": "", "person_sealed": b""}
            return msgspec.structs.replace(event, evidence=evidence, **empty)
        case Submission():
            empty = {"name_masked": "", "number_masked": "", "content_sealed": b""}
            return msgspec.structs.replace(event, person=NOBODY, address_sealed=b"", texts_sealed=b"", **empty)
        case Opinion():
            return msgspec.structs.replace(event, words_sealed=b"", person=None, name_masked="")
        case CallbackWanted():
            return msgspec.structs.replace(event, number_sealed=GONE)
        case _:
            return event


def _empty_events(connection: Connection, positions: list[int]) -> None:
    event = schema.event
    for row in connection.execute(select(event.c.position, event.c.body).where(event.c.position.in_(positions))).all():
        envelope = msgspec.json.decode(row.body, type=Envelope)
        kept = msgspec.structs.replace(envelope, event=_without_person(envelope.event))
        connection.execute(
            update(event).where(event.c.position == row.position).values(body=msgspec.json.encode(kept).decode())
        )


def _empty(connection: Connection, table: Table, rows: Sequence[Any], values: dict[str, object]) -> list[str]:
    positions = [row.position for row in rows]
    _empty_events(connection, positions)
    connection.execute(update(table).where(table.c.position.in_(positions)).values(values))
    return [str(position) for position in positions]


_EMPTY_PASSAGE: Final[dict[str, object]] = {"person": None, "name_masked": "", "number_masked": "", "code_id": ""}
_EMPTY_OPINION: Final[dict[str, object]] = {"person": None, "name_masked": ""}
_EMPTY_SUBMISSION: Final[dict[str, object]] = {"person": NOBODY, "name_masked": "", "number_masked": ""}


def _old_passages(connection: Connection, until: datetime) -> list[str]:
    table = schema.passage
    some = (table.c.person.is_not(None) | (table.c.name_masked != "")) & (table.c.decided < until)
    rows = list(connection.execute(select(table.c.position).where(some).limit(AT_ONCE)))
    return _empty(connection, table, rows, _EMPTY_PASSAGE)


def _old_opinions(connection: Connection, until: datetime) -> list[str]:
    table = schema.opinion
    some = (table.c.person.is_not(None) | (table.c.name_masked != "")) & (table.c.at < until)
    rows = list(connection.execute(select(table.c.position).where(some).limit(AT_ONCE)))
    return _empty(connection, table, rows, _EMPTY_OPINION)


def _old_submissions(connection: Connection, until: datetime, papers: list[str]) -> list[str]:
    """Content goes, and its papers: as far as nobody else handed in the very same bytes."""
    table, handling, paper = schema.submission, schema.handling, schema.paper
    rows = list(
        connection.execute(
            select(table.c.position, table.c.hall, table.c.terminal, table.c.id)
            .join(handling, handling.c.number == table.c.number)
            .where(handling.c.closed < until, table.c.person != NOBODY)
            .limit(AT_ONCE)
        )
    )
    for row in rows:
        which = (paper.c.hall == row.hall, paper.c.terminal == row.terminal, paper.c.submission == row.id)
        names = list(connection.scalars(select(paper.c.sha256).where(*which)))
        connection.execute(paper.delete().where(*which))
        papers += [
            name for name in names if connection.scalar(select(paper.c.place).where(paper.c.sha256 == name)) is None
        ]
    return _empty(connection, table, rows, _EMPTY_SUBMISSION)


def _old_help(connection: Connection, until: datetime) -> list[str]:
    """Calls for help go whole, with what staff noted and the number that was left; open ones stay."""
    call, note = schema.help_call, schema.help_note
    over = call.c.standing.not_in([each.value for each in OPEN]) & (call.c.made < until)
    rows = list(connection.execute(select(call.c.id, call.c.number_position).where(over).limit(AT_ONCE)))
    _empty_events(connection, [row.number_position for row in rows if row.number_position is not None])
    gone = [row.id for row in rows]
    connection.execute(note.delete().where(note.c.call.in_(gone)))
    connection.execute(call.delete().where(call.c.id.in_(gone)))
    return gone


_BY_CLASS: Final[dict[str, Callable[[Connection, datetime], list[str]]]] = {
    **SIMPLE,
    "passages": _old_passages,
    "opinions": _old_opinions,
    "help": _old_help,
    "texts": lambda connection, until: past_time(connection, until, AT_ONCE),
}


def sweep_kept(connection: Connection, now: datetime) -> tuple[dict[str, int], list[str]]:
    """Empty what is past its time, with a proof for each class; call again while it did something.

    Args:
        connection: Inside a writing transaction.
        now: The time.

    Returns:
        How many records of each class, and papers that nobody names any more: their files go after the commit.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    done, papers = {}, list[str]()
    for each in CLASSES:
        until, remove = due_by(connection, each.key, now), _BY_CLASS.get(each.key)
        if each.key == "submissions" and until is not None:
            keys = _old_submissions(connection, until, papers)
        elif until is None or remove is None:
            continue
        else:
            keys = remove(connection, until)
        if keys:
            removed(connection, each.key, until, keys, now)
            done[each.key] = len(keys)
    return done, papers


def _mine(connection: Connection, table: Any, digests: dict[str, str]) -> list[Row[Any]]:
    found: list[Row[Any]] = []
    for hall, person in digests.items():
        found += connection.execute(select(table).where(table.c.hall == hall, table.c.person == person)).all()
    return found


def _opened(connection: Connection, position: int, identity: str) -> dict[str, Any]:
    body = connection.scalar(select(schema.event.c.body).where(schema.event.c.position == position))
    event = None if body is None else msgspec.json.decode(body, type=Envelope).event
    try:
        match event:
            case Submission(content_sealed=sealed) if sealed:
                return {"content": msgspec.to_builtins(msgspec.json.decode(unseal(sealed, identity), type=Content))}
            case Opinion(words_sealed=sealed) if sealed:
                return {"words": msgspec.to_builtins(msgspec.json.decode(unseal(sealed, identity), type=OpinionWords))}
            case _:
                return {}
    except (CannotUnseal, msgspec.DecodeError):
        return {"content": "cannot be opened"}


_LEFT_OUT: Final = frozenset({"person", "position"})


def everything_of(connection: Connection, digests: dict[str, str], identity: str) -> dict[str, list[dict[str, Any]]]:
    """All records of a person, opened, for the person.

    Args:
        connection: For reading.
        digests: The person's digest at each hall.
        identity: The hub's age identity.

    Returns:
        By kind: each record as plain values, ready for JSON.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    tables = {
        "passages": schema.passage,
        "submissions": schema.submission,
        "opinions": schema.opinion,
        "appointments": schema.appointment,
        "numbers": schema.queue_number,
    }
    for kind, table in tables.items():
        found[kind] = []
        for row in _mine(connection, table, digests):
            plain = {key: value for key, value in row._mapping.items() if key not in _LEFT_OUT}  # noqa: SLF001  its public name
            if kind in {"submissions", "opinions"}:
                plain |= _opened(connection, row.position, identity)
            if "reasons" in plain:
                plain["reasons"] = told_reasons(plain["reasons"])
            found[kind].append({key: _plain(value) for key, value in plain.items()})
    found["watch"] = [_entry_told(each) for each in of_person(connection, digests) if each.active and not each.held]
    found["texts"] = [_number_left(row, identity) for row in of_subjects(connection, _subjects(connection, digests))]
    return found


def _subjects(connection: Connection, digests: dict[str, str]) -> list[str]:
    """What a person may have left a number for."""
    numbers = [row.number for row in _mine(connection, schema.submission, digests)]
    codes = [row.code_id for row in _mine(connection, schema.appointment, digests)]
    queued = [
        queue_subject(row.hall, row.day, f"{row.letter}{row.place:03d}")
        for row in _mine(connection, schema.queue_number, digests)
    ]
    return [*numbers, *codes, *queued]


def stop_texts(connection: Connection, digests: dict[str, str], who: Who, now: datetime) -> int:
    """Take back every number a person left for messages, by their wish; nothing else of theirs changes.

    Args:
        connection: Inside a writing transaction.
        digests: The person's digest at each hall.
        who: Who does it.
        now: The time.

    Returns:
        How many there were.
    """
    left = of_subjects(connection, _subjects(connection, digests))
    return sum(take_back(connection, About(row.about), row.subject, who, now) for row in left)


def _number_left(row: Row[Any], identity: str) -> dict[str, Any]:
    try:
        phone = taken_out(row.locked, identity).decode()
    except CannotUnseal:
        phone = "cannot be opened"
    return {
        "about": row.about,
        "subject": row.subject,
        "phone": phone,
        "agreed": _plain(row.agreed),
        "consent": row.consent,
    }


def told_reasons(reasons: str) -> str:
    """A passage's reasons for the person: that the watch list was one is told with its entry, or not at all."""
    return " ".join(each for each in reasons.split() if each != Reason.ON_WATCH_LIST.value) or FOR_STAFF


def _entry_told(entry: Entry) -> dict[str, Any]:
    """What a person is told of an entry about them: not what staff were asked to do."""
    return {
        "entry": entry.id,
        "hall": entry.hall,
        "class": entry.kind.value,
        "asked_by": entry.asked_by,
        "why": entry.why,
        "begins": entry.begins.isoformat(),
        "ends": entry.ends.isoformat(),
    }


def _plain(value: object) -> object:
    return value.isoformat() if hasattr(value, "isoformat") else value


def erase(connection: Connection, digests: dict[str, str], who: Who, ground: str, now: datetime) -> Erased:
    """Erase a person's records, as far as no law keeps them.

    Args:
        connection: Inside a writing transaction.
        digests: The person's digest at each hall.
        who: Who does it.
        ground: On what ground: the request's number; nothing personal.
        now: The time.
    """
    keys, subjects = [], _subjects(connection, digests)  # before the rows lose their person
    listed = of_person(connection, digests)
    held = any(each.active and each.held for each in listed)
    for table, values in ((schema.passage, _EMPTY_PASSAGE), (schema.opinion, _EMPTY_OPINION)):
        mine = _mine(connection, table, digests)
        if held and table is schema.passage:  # evidence for the police stays until the entry ends
            mine = [row for row in mine if Reason.ON_WATCH_LIST.value not in row.reasons.split()]
        keys += [f"{table.name}/{key}" for key in _empty(connection, table, mine, values)]
    for hall, person in digests.items():
        for table in (schema.appointment, schema.queue_number):
            empty: dict[str, object] = {"person": None} | ({"name_masked": ""} if "name_masked" in table.c else {})
            done = connection.execute(update(table).where(table.c.hall == hall, table.c.person == person).values(empty))
            keys += [f"{table.name}/{hall}/{n}" for n in range(done.rowcount)]
    for row in of_subjects(connection, subjects):
        take_back(connection, About(row.about), row.subject, who, now)
        keys.append(f"texts/{row.number}")
    kept = tuple(row.number for row in _mine(connection, schema.submission, digests))
    kept += tuple(each.id for each in listed if each.active and not each.held)
    removed(connection, f"request:{ground}"[:64], now, keys, now, who)
    return Erased(len(keys), kept)
