"""A person's records erased where they may be, and emptied when their time is over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, update

from hub.audit.chain import Who, append
from hub.help.states import OPEN
from hub.people.appointments import next_change, withdraw
from hub.people.changes import KEPT_BY_TERMINALS
from hub.people.emptying import (
    NOBODY,
    empty_cases,
    empty_events,
    empty_opinions,
    empty_passages,
    empty_submissions,
    over_before,
)
from hub.people.everything import rows_of, subjects_of
from hub.people.retention import AT_ONCE, CLASSES, SIMPLE, due_by, removed
from hub.store import schema
from hub.texts.contacts import About, of_subjects, past_time, take_back
from hub.watch.entries import of_person
from kiosk.wire.appointments import AppointmentStatus
from kiosk.wire.rules import Reason


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did.

    Attributes:
        records: How many records were emptied.
        kept: Numbers of submissions that the law keeps, and entries of a watch list that may be told.
    """

    records: int
    kept: tuple[str, ...]


def _old_passages(connection: Connection, until: datetime, _now: datetime) -> list[str]:
    table = schema.passage
    some = (table.c.person.is_not(None) | (table.c.name_masked != "")) & (table.c.decided < until)
    columns = (table.c.position, table.c.hall, table.c.terminal, table.c.id)
    empty_cases(connection, schema.case.c.opened < until)
    return empty_passages(connection, connection.execute(select(*columns).where(some).limit(AT_ONCE)).all())


def _old_opinions(connection: Connection, until: datetime, now: datetime) -> list[str]:
    table = schema.opinion
    some = table.c.person.is_not(None) | (table.c.name_masked != "") | (table.c.reply != "")
    return empty_opinions(
        connection, connection.execute(select(table).where(some, table.c.at < until).limit(AT_ONCE)).all(), now
    )


def _old_submissions(connection: Connection, until: datetime, now: datetime) -> tuple[list[str], list[str]]:
    """Content goes, and its papers: as far as nobody else handed in the very same bytes."""
    table, handling = schema.submission, schema.handling
    rows = connection.execute(
        select(table, handling.c.standing, handling.c.version)
        .join(handling, handling.c.number == table.c.number)
        .where(over_before(until), handling.c.person != NOBODY)
        .limit(AT_ONCE)
    ).all()
    return empty_submissions(connection, rows, now)


def _old_help(connection: Connection, until: datetime, _now: datetime) -> list[str]:
    """Calls for help go whole, with what staff noted and the number that was left; open ones stay."""
    call, note = schema.help_call, schema.help_note
    over = call.c.standing.not_in([each.value for each in OPEN]) & (call.c.made < until)
    rows = list(connection.execute(select(call.c.id, call.c.number_position).where(over).limit(AT_ONCE)))
    empty_events(connection, [row.number_position for row in rows if row.number_position is not None])
    gone = [row.id for row in rows]
    connection.execute(note.delete().where(note.c.call.in_(gone)))
    connection.execute(call.delete().where(call.c.id.in_(gone)))
    return gone


def _old_numbers(connection: Connection, until: datetime, _now: datetime) -> list[str]:
    return past_time(connection, until, AT_ONCE)


_BY_CLASS: Final[dict[str, Callable[[Connection, datetime, datetime], list[str]]]] = {
    "passages": _old_passages,
    "opinions": _old_opinions,
    "help": _old_help,
    "texts": _old_numbers,
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
        until = due_by(connection, each.key, now)
        if until is None:
            continue
        keys = list[str]()
        if each.key == "submissions":
            keys, papers = _old_submissions(connection, until, now)
        elif each.key in SIMPLE:
            keys = SIMPLE[each.key](connection, until)
        elif each.key in _BY_CLASS:
            keys = _BY_CLASS[each.key](connection, until, now)
        if keys:
            removed(connection, each.key, until, keys, now)
            done[each.key] = len(keys)
    return done, papers


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
    left = of_subjects(connection, subjects_of(connection, digests))
    return sum(take_back(connection, About(row.about), row.subject, who, now) for row in left)


def _erase_appointments(connection: Connection, digests: dict[str, str], who: Who, now: datetime) -> list[str]:
    """Cancel what is still to come, for a code without a person would be anybody's; terminals forget them, too."""
    table, keys = schema.appointment, list[str]()
    for row in rows_of(connection, table, digests):
        if row.status == AppointmentStatus.BOOKED.value and row.ends > now:
            withdraw(connection, hall=row.hall, code_id=row.code_id, now=now)
            append(connection, who, "appointment_cancelled", row.code_id, now)
        values: dict[str, object] = {"person": None, "name_masked": ""}
        if row.ends >= now - KEPT_BY_TERMINALS:
            values["change"] = next_change(connection, row.hall)
        connection.execute(update(table).where(table.c.code_id == row.code_id).values(values))
        keys.append(f"appointment/{row.hall}/{row.code_id}")
    return keys


def erase(connection: Connection, digests: dict[str, str], who: Who, ground: str, now: datetime) -> Erased:
    """Erase a person's records, as far as no law keeps them.

    Args:
        connection: Inside a writing transaction.
        digests: The person's digest at each hall.
        who: Who does it.
        ground: On what ground: the request's number; nothing personal.
        now: The time.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    subjects = subjects_of(connection, digests)  # before the rows lose their person
    listed = of_person(connection, digests)
    held = any(each.active and each.held for each in listed)
    passages = rows_of(connection, schema.passage, digests)
    if held:  # evidence for the police stays until the entry ends
        passages = [row for row in passages if Reason.ON_WATCH_LIST.value not in row.reasons.split()]
    opinions = rows_of(connection, schema.opinion, digests)
    keys = [f"passage/{key}" for key in empty_passages(connection, passages)]
    keys += [f"opinion/{key}" for key in empty_opinions(connection, opinions, now, who)]
    keys += _erase_appointments(connection, digests, who, now)
    queue, answered = schema.queue_number, schema.request_done
    for hall, person in digests.items():
        mine = update(queue).where(queue.c.hall == hall, queue.c.person == person).values(person=None)
        keys += [f"queue_number/{hall}/{n}" for n in range(connection.execute(mine).rowcount)]
        told = answered.delete().where(answered.c.hall == hall, answered.c.answer.contains(person))
        keys += [f"request/{hall}/{n}" for n in range(connection.execute(told).rowcount)]
    for row in of_subjects(connection, subjects):
        take_back(connection, About(row.about), row.subject, who, now)
        keys.append(f"texts/{row.number}")
    kept = tuple(row.number for row in rows_of(connection, schema.submission, digests))
    kept += tuple(each.id for each in listed if each.active and not each.held)
    removed(connection, f"request:{ground}"[:64], now, keys, now, who)
    return Erased(len(keys), kept)
