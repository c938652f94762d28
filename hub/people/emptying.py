"""Taking out who it was, everywhere it stood: in a record's row, in its event, and in what hangs on it.

A record that is emptied stays as a fact (that somebody passed, that something was handed in), so that figures and the
audit agree. Words that the audit binds go with a row that says so (`emptied`), which `hub.audit.verify` knows.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Table, or_, select, update

from hub.audit.chain import Actor, Who, append
from hub.office.states import Step
from hub.store import schema
from hub.submissions.rewriting import rewrite
from kiosk.wire.events import (
    CallbackWanted,
    DeliveryWanted,
    Event,
    Opinion,
    Passage,
    Submission,
    Supplement,
)
from kiosk.wire.evidence import NotMeasured, Watched
from kiosk.wire.progress import Standing

NOBODY: Final = "0" * 64
"""In the place of a person's digest."""
GONE: Final = b"-"
"""In the place of a sealed number, which cannot be empty; no key opens it."""
EMPTIED: Final = "emptied"
"""What the audit says of a record whose words are gone."""
TIMER: Final = Who(Actor.TIMER)
READY: Final = (Standing.RESULT, Standing.SENT)
"""The person has been told that they can have it; often nothing more is ever done about it."""


def without_person(event: Event) -> Event:  # noqa: PLR0911  one arm a kind
    """An event as it is kept once nobody may know whose it was."""
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
        case Supplement():
            return msgspec.structs.replace(event, person_sealed=b"", answers_sealed=b"")
        case DeliveryWanted():
            return msgspec.structs.replace(event, person_sealed=b"", address_sealed=b"")
        case Opinion():
            return msgspec.structs.replace(event, words_sealed=b"", person=None, name_masked="")
        case CallbackWanted():
            return msgspec.structs.replace(event, number_sealed=GONE)
        case _:
            return event


def empty_events(connection: Connection, positions: Sequence[int]) -> None:
    """Take the person out of events."""
    rewrite(connection, positions, without_person)


def _empty(connection: Connection, table: Table, rows: Sequence[Any], values: dict[str, object]) -> list[str]:
    positions = [row.position for row in rows]
    empty_events(connection, positions)
    connection.execute(update(table).where(table.c.position.in_(positions)).values(values))
    return [str(position) for position in positions]


def empty_cases(connection: Connection, which: ColumnElement[bool]) -> None:
    """Take the name out of cases, and what staff wrote there: people are named in it.

    Args:
        connection: Inside a writing transaction.
        which: Of `gate_case`.
    """
    case, step = schema.case, schema.case_step
    words = step.c.case_number.in_(select(case.c.number).where(which)) & (step.c.place == "") & (step.c.text != "")
    connection.execute(update(step).where(words).values(text=""))
    connection.execute(update(case).where(which, case.c.name_masked != "").values(name_masked=""))


def empty_passages(connection: Connection, rows: Sequence[Any]) -> list[str]:
    """Empty passages, and the cases that began with them.

    Args:
        connection: Inside a writing transaction.
        rows: Of `passage`; their position, hall, terminal and id.

    Returns:
        Their keys.
    """
    case = schema.case
    for row in rows:
        empty_cases(
            connection, (case.c.hall == row.hall) & (case.c.terminal == row.terminal) & (case.c.passage == row.id)
        )
    nobody: dict[str, object] = {"person": None, "name_masked": "", "number_masked": "", "code_id": ""}
    return _empty(connection, schema.passage, rows, nobody)


def empty_opinions(connection: Connection, rows: Sequence[Any], now: datetime, who: Who = TIMER) -> list[str]:
    """Empty opinions, and what was answered: an answer repeats what somebody said.

    Args:
        connection: Inside a writing transaction.
        rows: Of `opinion`.
        now: The time.
        who: Who does it.

    Returns:
        Their keys.
    """
    for row in rows:
        if row.reply:
            append(connection, who, EMPTIED, row.code, now, version=row.version)
    return _empty(connection, schema.opinion, rows, {"person": None, "name_masked": "", "reply": ""})


def over_before(until: datetime, standings: Sequence[Standing] = (Standing.GRANTED, *READY)) -> ColumnElement[bool]:
    """Of `handling`: closed before a moment, or decided before it and nobody did anything since.

    A result that was fetched at a desk, or that nobody collects, is never closed.

    Args:
        until: The moment.
        standings: Those that count as over when they lasted that long.
    """
    table = schema.handling
    decided = table.c.standing.in_([each.value for each in standings])
    return or_(table.c.closed < until, decided & (table.c.since < until))


def empty_submissions(connection: Connection, rows: Sequence[Row[Any]], now: datetime) -> tuple[list[str], list[str]]:
    """Empty submissions: content, papers, what came later, addresses, the result, and all that was written about them.

    Args:
        connection: Inside a writing transaction.
        rows: `submission` with `standing` and `version` of its handling.
        now: The time.

    Returns:
        Their keys, and names of papers that nobody else handed in: their files go after the commit.
    """
    names: list[str] = []
    for row in rows:
        names += _empty_what_hangs_on(connection, row, now)
    nobody: dict[str, object] = {"person": NOBODY, "name_masked": "", "number_masked": ""}
    keys = _empty(connection, schema.submission, rows, nobody)
    paper, result = schema.paper, schema.result
    unnamed = [
        name
        for name in dict.fromkeys(names)
        if connection.scalar(select(paper.c.place).where(paper.c.sha256 == name).limit(1)) is None
        and connection.scalar(select(result.c.place).where(result.c.sha256 == name).limit(1)) is None
    ]
    return keys, unnamed


def _empty_what_hangs_on(connection: Connection, row: Row[Any], now: datetime) -> list[str]:
    """Everything of a submission but its own row; the names of its papers and results."""
    supplement, event, audit = schema.supplement, schema.event, schema.audit
    later = connection.execute(select(supplement).where(supplement.c.number == row.number)).all()
    deliveries = connection.scalars(
        select(event.c.position)
        .join(
            audit,
            (event.c.hall == audit.c.hall)
            & (event.c.terminal == audit.c.who)
            & (event.c.received == audit.c.at)
            & (event.c.kind == "delivery_wanted"),
        )
        .where(audit.c.subject == row.number, audit.c.what == Step.DELIVERY.value)
    )
    empty_events(connection, [*(each.position for each in later), *deliveries])
    names = _without_papers(connection, [row, *later])
    result = schema.result
    names += connection.scalars(select(result.c.sha256).where(result.c.number == row.number))
    connection.execute(result.delete().where(result.c.number == row.number))
    connection.execute(schema.parcel_news.delete().where(schema.parcel_news.c.number == row.number))
    for table, values in (
        (schema.parcel, {"label": ""}),
        (schema.asked, {"words": ""}),
        (schema.office_note, {"words": ""}),
        (schema.handling, {"person": NOBODY, "address_event": None, "reason": ""}),
    ):
        connection.execute(update(table).where(table.c.number == row.number).values(values))
    append(connection, TIMER, EMPTIED, row.number, now, standing=row.standing, version=row.version)
    return names


def _without_papers(connection: Connection, owners: Sequence[Row[Any]]) -> list[str]:
    """Take away the papers of what was handed in; their names."""
    paper, names = schema.paper, list[str]()
    for each in owners:
        which = (paper.c.hall == each.hall, paper.c.terminal == each.terminal, paper.c.submission == each.id)
        names += connection.scalars(select(paper.c.sha256).where(*which))
        connection.execute(paper.delete().where(*which))
    return names
