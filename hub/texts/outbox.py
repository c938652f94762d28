"""The messages that are to go out: written in the transaction of what happened, each once, by its key.

The key is made of what the message is about, so that the same event written down twice is one message; the gateway
gets it too, and sends one key once, also when the hub died between the answer and the note.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import Connection, insert, select

from hub.audit.chain import Actor, Who
from hub.office.records import Record
from hub.office.states import Step
from hub.store import schema
from hub.texts.contacts import About, found
from hub.texts.templates import MOST_WORDS, VERSION, What, parts, signed, words_of
from kiosk.clock import CHINA, local_date
from kiosk.wire.catalogue import Delivery

_NAMES: Final = UUID("6f0f3a4e-54b7-5d0c-9a5e-2f6b7e1f9d10")


class State(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENT = "sent"
    """The gateway has taken it."""
    DELIVERED = "delivered"
    FAILED = "failed"
    """It did not arrive, and will not."""
    DEAD = "dead"
    """It could not be sent for a day."""
    DROPPED = "dropped"
    """Nobody wants it any more: taken back, too late, or to a number where nothing arrives."""


_OF_STEP: Final[Mapping[Step, What]] = {
    Step.ACCEPT: What.ACCEPTED,
    Step.DEEM_ACCEPTED: What.DEEMED,
    Step.RETURN: What.CORRECT,
    Step.REJECT: What.REJECTED,
    Step.EXTEND: What.EXTENDED,
    Step.GRANT: What.DECIDED,
    Step.REFUSE: What.DECIDED,
    Step.UPLOAD: What.READY,
    Step.COME_BACK: What.CAME_BACK,
    Step.LAPSE: What.LAPSED,
}


def day_text(day: date) -> str:
    """As messages say it. The year would cost five characters, and no deadline is a year away."""
    return f"{day.month}月{day.day}日"


def _day_in(language: str, day: date | None) -> str:
    if day is None:
        return ""
    return f"{day:%m-%d}" if language == "en" else day_text(day)


def write(
    connection: Connection, about: About, subject: str, what: What, mark: str, now: datetime, **values: str | date
) -> bool:
    """Write a message down, if somebody left a number for it; whether it was new.

    Args:
        connection: Inside the transaction of what happened.
        about: What it is about.
        subject: Which.
        what: Which message.
        mark: What makes it another message than one before: a version, a moment.
        now: The time.
        values: For the template; a `date` is written as the language has it.
    """
    contact = found(connection, about, subject)
    if contact is None or not contact.wants:
        return False
    table = schema.text_message
    key = str(uuid5(_NAMES, f"{about.value}/{contact.hall}/{subject}/{what.value}/{mark}"))
    if connection.scalar(select(table.c.number).where(table.c.key == key)) is not None:
        return False
    shown = {name: _day_in(contact.language, each) if isinstance(each, date) else each for name, each in values.items()}
    called = subject.rpartition("/")[2]  # a queue's subject has its day before it
    text = words_of(what, contact.language, {"subject": called, **shown})[:MOST_WORDS]
    connection.execute(
        insert(table).values(
            key=key,
            contact=contact.number,
            hall=contact.hall,
            subject=subject,
            what=what.value,
            template=VERSION,
            text=text,
            parts=parts(signed(text)),
            made=now,
            state=State.WAITING.value,
            next_try=now,
        )
    )
    return True


def tell_step(
    connection: Connection, record: Record, step: Step, who: Who, now: datetime, detail: Mapping[str, Any] | None
) -> None:
    """Tell the person of a step of their submission, if they wanted to be told.

    Args:
        connection: Inside the step's transaction.
        record: After it.
        step: Which.
        who: Who made it; what decides itself is told once, with its result.
        now: The time.
        detail: The audit's: how many things are wanted.
    """
    what = _OF_STEP.get(step)
    if what is None or (who.actor is Actor.HUB and step is not Step.UPLOAD):
        return
    if step is Step.UPLOAD and (record.way is not Delivery.COLLECT or int((detail or {}).get("place", 0)) > 0):
        return  # by courier it is told when it goes; several documents are one result
    given: dict[str, str | date] = {"count": str((detail or {}).get("lines", ""))}
    day = record.asked_due if step is Step.RETURN else record.due
    if day is not None:
        given["day"] = day
        if what is What.DEEMED and day < local_date(now):
            what = What.DEEMED_LATE
    write(connection, About.SUBMISSION, record.number, what, str(record.version), now, **given)


def tell_sent(connection: Connection, number: str, carrier: str, label: str, made: datetime, now: datetime) -> None:
    """Tell the person that the parcel goes, once its label is known.

    Args:
        connection: Inside the writing transaction.
        number: Of the submission.
        carrier: The courier's name.
        label: The tracking number; its last four characters are told.
        made: When the parcel was made: another one is another message.
        now: The time.
    """
    mark = made.isoformat()
    write(connection, About.SUBMISSION, number, What.SENT, mark, now, carrier=carrier.upper()[:8], tail=label[-4:])


def tell_appointment(
    connection: Connection, code_id: str, what: What, change: int, begins: datetime, now: datetime
) -> None:
    """Tell the person of an appointment that the hall booked, moved or cancelled.

    Args:
        connection: Inside the writing transaction.
        code_id: Which.
        what: `BOOKED`, `MOVED` or `CANCELLED`.
        change: Its number: another change is another message.
        begins: When the appointment is.
        now: The time.
    """
    here = begins.astimezone(CHINA)
    write(connection, About.APPOINTMENT, code_id, what, str(change), now, day=here.date(), time=here.strftime("%H:%M"))
