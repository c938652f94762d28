"""Where messages about one matter go: left by the person, kept locked away, opened only to send, taken back at will."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, insert, or_, select, update

from hub.audit.chain import Who, append
from hub.people.emptying import READY, over_before
from hub.people.locked_away import locked_away
from hub.store import schema
from kiosk.wire.events import Envelope, Event, Submission
from kiosk.wire.telephone import mask_phone
from kiosk.wire.texts import TextsWanted

_table = schema.text_contact
MOST_BAD: Final = 32


class About(StrEnum):
    """What a number was left for."""

    SUBMISSION = "submission"
    QUEUE = "queue"
    APPOINTMENT = "appointment"


@dataclass(frozen=True, slots=True)
class Left:
    """A number that was left, locked away already: what is stored, and nothing that can be read."""

    locked: str
    masked: str
    language: str
    consent: int
    agreed: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """A number that was left for one matter.

    Attributes:
        locked: Empty once it was taken back, or is past its time.
        bad: Why nothing arrives there; empty where nothing is known.
    """

    number: int
    hall: str
    about: About
    subject: str
    locked: str
    masked: str
    language: str
    consent: int
    agreed: datetime
    withdrawn: datetime | None
    bad: str

    @property
    def wants(self) -> bool:
        """Whether messages go there."""
        return bool(self.locked) and self.withdrawn is None and not self.bad


def queue_subject(hall: str, day: date, text: str) -> str:
    """What a number for a window is called here: other halls give out the same ones, and every day anew.

    Args:
        hall: Its hall.
        day: In China.
        text: `A012`.
    """
    return f"{hall[:46]}/{day.isoformat()}/{text}"


def left(wanted: TextsWanted, identity: str) -> Left:
    """Lock a number away.

    Args:
        wanted: As it was opened.
        identity: The hub's (age).
    """
    locked = locked_away(wanted.phone.encode(), identity)
    return Left(locked, mask_phone(wanted.phone), wanted.language, wanted.consent, wanted.agreed)


def contact_of(row: Row[Any]) -> Contact:
    """A row of `text_contact`."""
    values = {key: getattr(row, key) for key in Contact.__slots__}
    values["about"] = About(row.about)
    return Contact(**values)


def found(connection: Connection, about: About, subject: str) -> Contact | None:
    """The number that was left last for something; None where there was none."""
    row = connection.execute(
        select(_table)
        .where(_table.c.about == about.value, _table.c.subject == subject)
        .order_by(_table.c.number.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else contact_of(row)


def give(connection: Connection, hall: str, about: About, subject: str, given: Left, who: Who, now: datetime) -> None:
    """Take a number; another that was left for the same matter is forgotten.

    Args:
        connection: Inside a writing transaction.
        hall: Where.
        about: What it is for.
        subject: Which.
        given: Locked away.
        who: The citizen at a terminal, or staff on their behalf.
        now: The time.
    """
    _forget(connection, about, subject, now)
    connection.execute(
        insert(_table).values(
            hall=hall,
            about=about.value,
            subject=subject,
            locked=given.locked,
            masked=given.masked,
            language=given.language,
            consent=given.consent,
            agreed=given.agreed,
        )
    )
    append(connection, who, "texts_wanted", subject, now, detail={"consent": given.consent, "about": about.value})


def take_back(connection: Connection, about: About, subject: str, who: Who, now: datetime) -> bool:
    """Forget a number at once, by its owner's wish, and what was to be sent; whether there was one. Twice is the same.

    Args:
        connection: Inside a writing transaction.
        about: What it was for.
        subject: Which.
        who: The citizen at a terminal, or staff on their behalf.
        now: The time.
    """
    if not _forget(connection, about, subject, now):
        return False
    append(connection, who, "texts_withdrawn", subject, now, detail={"about": about.value})
    return True


def without_number(event: Event) -> Event:
    """An event as it is kept once the number in it was taken back."""
    return msgspec.structs.replace(event, texts_sealed=b"") if isinstance(event, Submission) else event


def _empty_event(connection: Connection, number: str) -> None:
    """Take the sealed number out of the event of a submission."""
    event, submission = schema.event, schema.submission
    row = connection.execute(
        select(event.c.position, event.c.body)
        .join(submission, submission.c.position == event.c.position)
        .where(submission.c.number == number)
    ).one_or_none()
    if row is None:
        return
    envelope = msgspec.json.decode(row.body, type=Envelope)
    kept = msgspec.structs.replace(envelope, event=without_number(envelope.event))
    body = msgspec.json.encode(kept).decode()
    connection.execute(update(event).where(event.c.position == row.position).values(body=body))


def _forget(connection: Connection, about: About, subject: str, now: datetime, *, withdrawn: bool = True) -> bool:
    which = (_table.c.about == about.value, _table.c.subject == subject, _table.c.locked != "")
    numbers = list(connection.scalars(select(_table.c.number).where(*which)))
    if not numbers:
        return False
    values: dict[str, object] = {"locked": "", "masked": ""} | ({"withdrawn": now} if withdrawn else {})
    connection.execute(update(_table).where(_table.c.number.in_(numbers)).values(values))
    if about is About.SUBMISSION:
        _empty_event(connection, subject)
    message = schema.text_message
    connection.execute(
        update(message)
        .where(message.c.contact.in_(numbers), message.c.next_try.is_not(None))
        .values(state="dropped", next_try=None, error="withdrawn")
    )
    return True


def note_bad(connection: Connection, contact: int, why: str) -> None:
    """Note that nothing arrives at a number: nothing more is sent there, and the window reads it on the item's page."""
    connection.execute(update(_table).where(_table.c.number == contact).values(bad=why[:MOST_BAD]))
    message = schema.text_message
    connection.execute(
        update(message)
        .where(message.c.contact == contact, message.c.next_try.is_not(None))
        .values(state="dropped", next_try=None, error=why[:100])
    )


def past_time(connection: Connection, until: datetime, most: int) -> list[str]:
    """Forget the numbers of matters that were over before a moment: their messages stay, and say to nobody.

    Args:
        connection: Inside a writing transaction.
        until: Submissions closed or their results ready, appointments ended, numbers for a window taken before it.
        most: At most so many.

    Returns:
        Their keys.
    """
    handling, appointment = schema.handling, schema.appointment
    closed = select(handling.c.number).where(over_before(until, READY))
    ended = select(appointment.c.code_id).where(appointment.c.ends < until)
    over = or_(
        (_table.c.about == About.SUBMISSION.value) & _table.c.subject.in_(closed),
        (_table.c.about == About.APPOINTMENT.value) & _table.c.subject.in_(ended),
        (_table.c.about == About.QUEUE.value) & (_table.c.agreed < until),
    )
    rows = connection.execute(
        select(_table.c.number, _table.c.about, _table.c.subject).where(_table.c.locked != "", over).limit(most)
    ).all()
    for row in rows:
        _forget(connection, About(row.about), row.subject, until, withdrawn=False)
    return [str(row.number) for row in rows]


def of_subjects(connection: Connection, subjects: Sequence[str]) -> Sequence[Row[Any]]:
    """The numbers that were left for these matters, for the person whose they are.

    Args:
        connection: For reading.
        subjects: Receipts' numbers, codes' ids, `DAY/NUMBER`.
    """
    query = select(_table).where(_table.c.subject.in_(subjects), _table.c.locked != "").order_by(_table.c.number)
    return connection.execute(query).all()
