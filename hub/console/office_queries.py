"""What the office's pages read: the queue, and one submission with everything that belongs to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, case, or_, select

from hub.audit.chain import Entry, Who, history
from hub.console.words import Language, in_language
from hub.office.advance import possible
from hub.office.courier import address_of
from hub.office.items import facts
from hub.office.records import Record, Wanted, find, papers_of, record_of, results_of, wanted
from hub.office.states import CLOSED, Step
from hub.store import schema
from kiosk.wire.catalogue import Item
from kiosk.wire.events import Address, Answers, Content, Envelope, Submission, Supplement
from kiosk.wire.sealing import CannotUnseal, unseal

MOST: Final = 200
VIEWS: Final = ("mine", "elsewhere", "done")


@dataclass(frozen=True, slots=True)
class Line:
    """One submission in the queue."""

    record: Record
    name_masked: str
    papers: int
    due: date | None
    """The day that comes next: to accept, to hear from the person, or to decide."""


def next_day(record: Record) -> date | None:
    """The day that comes next for a submission."""
    if record.is_closed:
        return None
    return record.asked_due or record.acceptance_due or record.due


def queue(connection: Connection, hall: str, view: str, search: str = "") -> list[Line]:
    """Submissions that a hall has to do with, the most urgent first.

    Args:
        connection: For reading.
        hall: Whose.
        view: `mine` (its turn), `elsewhere`, or `done`.
        search: Part of a receipt's number; then of all views.
    """
    table, submission = schema.handling, schema.submission
    involved = or_(*(each == hall for each in (table.c.hall, table.c.accepts, table.c.decides, table.c.at_hall)))
    query = (
        select(table, submission.c.name_masked, submission.c.papers.label("papers_count"))
        .join(submission, submission.c.number == table.c.number)
        .where(involved)
    )
    closed = table.c.standing.in_([standing.value for standing in CLOSED])
    digits = "".join(each for each in search if each.isascii() and each.isdecimal())[:20]
    if digits:
        query = query.where(table.c.number.contains(digits))
    elif view == "done":
        query = query.where(closed)
    else:
        query = query.where(~closed, table.c.at_hall == hall if view == "mine" else table.c.at_hall != hall)
    due = case(
        (table.c.asked_due.is_not(None), table.c.asked_due),
        (table.c.acceptance_due.is_not(None), table.c.acceptance_due),
        else_=table.c.due,
    )
    order = (table.c.since.desc(),) if view == "done" else (due.is_(None), due, table.c.since)
    lines = []
    for row in connection.execute(query.order_by(*order).limit(MOST)).all():
        record = record_of(row)
        lines.append(Line(record, row.name_masked, row.papers_count, next_day(record)))
    return lines


@dataclass(frozen=True, slots=True)
class Answer:
    """One question with its answer, and an answer that was given again."""

    key: str
    title: str
    value: str
    again: str


@dataclass(frozen=True, slots=True)
class Whole:
    """One submission with everything that belongs to it, opened for staff who may see it."""

    record: Record
    row: Row[Any]
    item: Item | None
    content: Content | None
    answers: tuple[Answer, ...]
    address: Address | None
    papers: Sequence[Row[Any]]
    wanted: list[Wanted]
    results: Sequence[Row[Any]]
    parcel: Row[Any] | None
    history: list[Entry]
    notes: dict[int, str]
    """By their places."""
    steps: frozenset[Step]
    received: datetime


def whole(
    connection: Connection, number: str, hall: str, whos: Sequence[Who], identity: str, language: Language = Language.ZH
) -> Whole | None:
    """One submission; None where there is none, or the hall has nothing to do with it.

    Args:
        connection: For reading.
        number: Which.
        hall: Whose staff want to see it.
        whos: The member in each of their roles.
        identity: The hub's age identity.
        language: Of the questions.
    """
    record = find(connection, number)
    if record is None or hall not in record.halls:
        return None
    submission, event, parcel, note = schema.submission, schema.event, schema.parcel, schema.office_note
    row = connection.execute(
        select(submission, event.c.body, event.c.received)
        .join(event, event.c.position == submission.c.position)
        .where(submission.c.number == number)
    ).one()
    came = msgspec.json.decode(row.body, type=Envelope).event
    assert isinstance(came, Submission)
    content = _opened(came.content_sealed, identity, Content)
    item = facts(connection, record.hall, record.item).item
    return Whole(
        record=record,
        row=row,
        item=item,
        content=content,
        answers=_answers(content, _given_again(connection, number, identity), item, language),
        address=address_of(connection, record.address_event, identity),
        papers=papers_of(connection, number),
        wanted=wanted(connection, number),
        results=results_of(connection, number),
        parcel=connection.execute(select(parcel).where(parcel.c.number == number)).one_or_none(),
        history=history(connection, number),
        notes={
            row.place: row.words
            for row in connection.execute(select(note.c.place, note.c.words).where(note.c.number == number))
        },
        steps=frozenset(step for who in whos for step in possible(connection, record, who)),
        received=row.received,
    )


def _opened(sealed: bytes, identity: str, kind: type[Content]) -> Content | None:
    try:
        return msgspec.json.decode(unseal(sealed, identity), type=kind)
    except (CannotUnseal, msgspec.DecodeError):
        return None


def _given_again(connection: Connection, number: str, identity: str) -> dict[str, str]:
    supplement, event = schema.supplement, schema.event
    again: dict[str, str] = {}
    for (body,) in connection.execute(
        select(event.c.body)
        .join(supplement, supplement.c.position == event.c.position)
        .where(supplement.c.number == number)
        .order_by(event.c.position)
    ):
        came = msgspec.json.decode(body, type=Envelope).event
        if isinstance(came, Supplement) and came.answers_sealed:
            try:
                again |= msgspec.json.decode(unseal(came.answers_sealed, identity), type=Answers).answers
            except (CannotUnseal, msgspec.DecodeError):
                continue
    return again


def _answers(
    content: Content | None, again: dict[str, str], item: Item | None, language: Language
) -> tuple[Answer, ...]:
    if content is None:
        return ()
    questions = {} if item is None else {query.key: query for query in item.form}
    lines = []
    for key in dict.fromkeys([*content.answers, *again]):
        query = questions.get(key)
        choices = {} if query is None else {choice.key: in_language(choice.title, language) for choice in query.choices}
        title = key if query is None else in_language(query.caption or query.title, language)
        values = [
            language.of("、", ", ").join(choices.get(part, part) for part in given.split(",")) if choices else given
            for given in (content.answers.get(key, ""), again.get(key, ""))
        ]
        lines.append(Answer(key, title, *values))
    return tuple(lines)


def paper_title(item: Item | None, key: str, language: Language = Language.ZH) -> str:
    """A paper's title in the item; its key where the item is gone."""
    if item is not None:
        for paper in item.papers:
            if paper.key == key:
                return in_language(paper.title, language)
    return key
