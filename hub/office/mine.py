"""What a person may see of what is theirs, for the screen of the desk at which they were identified."""

from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Row, or_, select

from hub.audit.chain import Actor, Who, history
from hub.office.advance import rule_for
from hub.office.records import Record, record_of, results_of, wanted
from hub.office.states import SHOWN, Rule, Step
from hub.people.entries import Entry, code_text, listed
from hub.store import schema
from kiosk.wire.events import Deferred, OpinionKind
from kiosk.wire.progress import (
    MOST_SHOWN,
    Asked,
    Mine,
    MyAppointment,
    MyOpinion,
    Parcel,
    ParcelNews,
    Progress,
    ResultFile,
    StepShown,
)

_STEPS_MOST = 200
_PERSON = Who(Actor.CITIZEN)


def progress_of(connection: Connection, record: Record) -> Progress:
    """One submission, as its person may see it."""
    submission = schema.submission
    row = connection.execute(
        select(submission.c.item_version, submission.c.submitted).where(submission.c.number == record.number)
    ).one()
    asked = wanted(connection, record.number)
    return Progress(
        number=record.number,
        item=record.item,
        item_version=row.item_version,
        hall=record.hall,
        accepts=record.accepts,
        decides=record.decides,
        handling=record.handling,
        submitted=row.submitted,
        standing=record.standing,
        since=record.since,
        acceptance_due=None if record.is_closed else record.acceptance_due,
        due=record.due,
        provisional=record.provisional,
        extended=record.extended,
        asked=tuple(
            Asked(part=each.part, key=each.key, words=each.words, done=each.done is not None)
            for each in asked
            if not each.promised
        ),
        asked_due=record.asked_due,
        deferred=tuple(Deferred(kind=each.key, due=each.due) for each in asked if each.promised and each.done is None),
        reason=record.reason,
        may_withdraw=_can(connection, record, Step.WITHDRAW),
        may_have_more_time=not record.more_time and _can(connection, record, Step.MORE_TIME),
        way=record.way,
        parcel=_parcel(connection, record.number),
        results=tuple(
            ResultFile(place=each.place, title=each.title, bytes=each.bytes, uploaded=each.uploaded)
            for each in results_of(connection, record.number)
        ),
        steps=tuple(
            StepShown(what=each.what, standing=record.standing.__class__(each.standing), at=each.at, hall=each.who.hall)
            for each in history(connection, record.number, _STEPS_MOST)
            if each.what in SHOWN and each.standing
        ),
    )


def _can(connection: Connection, record: Record, step: Step) -> bool:
    return isinstance(rule_for(connection, record, step, _PERSON), Rule)


def _parcel(connection: Connection, number: str) -> Parcel | None:
    table, news = schema.parcel, schema.parcel_news
    row = connection.execute(select(table).where(table.c.number == number)).one_or_none()
    if row is None:
        return None
    return Parcel(
        carrier=row.carrier,
        label=row.label,
        state=row.state,
        news=tuple(
            ParcelNews(at=each.at, state=each.state, words=each.words)
            for each in connection.execute(select(news).where(news.c.number == number).order_by(news.c.place))
        ),
    )


def my_appointment(entry: Entry, key: Ed25519PrivateKey) -> MyAppointment:
    """An appointment with its code."""
    return MyAppointment(appointment=entry.appointment, change=entry.change, code=code_text(entry, key))


def _opinion(row: Row[Any]) -> MyOpinion:
    return MyOpinion(
        code=row.code,
        kind=OpinionKind(row.kind),
        at=row.at,
        due=row.due,
        reply=row.reply,
        replied=row.replied,
    )


def mine(
    connection: Connection,
    hall: str,
    persons: dict[str, str],
    key: Ed25519PrivateKey,
    now: datetime,
    number: str = "",
) -> Mine:
    """Everything of one person, the newest first.

    Args:
        connection: For reading.
        hall: Where they are: appointments and opinions are of this hall.
        persons: Their digest at each hall.
        key: The hub's signing key, for the codes of appointments.
        now: The time.
        number: Only the submission of this number, which must be theirs.
    """
    table, opinion = schema.handling, schema.opinion
    theirs = or_(*((table.c.hall == where) & (table.c.person == person) for where, person in persons.items()))
    query = select(table).where(theirs).order_by(table.c.counted_from.desc(), table.c.number.desc()).limit(MOST_SHOWN)
    if number:
        query = query.where(table.c.number == number)
    submissions = tuple(progress_of(connection, record_of(row)) for row in connection.execute(query).all())
    if number:
        return Mine(made=now, submissions=submissions)
    booked = listed(connection, hall, now - timedelta(hours=1), now + timedelta(days=400), person=persons[hall])
    opinions = connection.execute(
        select(opinion)
        .where(opinion.c.hall == hall, opinion.c.person == persons[hall])
        .order_by(opinion.c.at.desc())
        .limit(MOST_SHOWN)
    ).all()
    return Mine(
        made=now,
        submissions=submissions,
        appointments=tuple(
            my_appointment(entry, key) for entry in booked if entry.appointment.status.value == "booked"
        )[:MOST_SHOWN],
        opinions=tuple(_opinion(row) for row in opinions),
    )
