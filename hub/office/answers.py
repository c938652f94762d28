"""Answering what a desk asks while the person waits; the same again when it asks again.

The answer is kept in the transaction that does what was asked. An order at the payment gateway is kept as an order
instead: the gateway is asked outside of any transaction, by the order's id.
"""

import hashlib
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, insert, select

from hub.audit.chain import Actor, Who
from hub.fleet.live import TerminalKey
from hub.office.advance import OfficeRefused
from hub.office.citizen import have_more_time, withdraw
from hub.office.payments import refund_asked
from hub.office.queue import QueueRefused, take_number
from hub.office.received import Digests
from hub.people.appointments import AppointmentRefused, book, find, move
from hub.people.appointments import withdraw as cancel
from hub.people.entries import Entry, code_text
from hub.store import schema
from hub.texts.contacts import About, Left, give, queue_subject
from hub.texts.outbox import tell_appointment
from hub.texts.templates import What
from kiosk.clock import local_date
from kiosk.wire.appointments import AppointmentStatus
from kiosk.wire.requests import (
    Appointed,
    Book,
    Cancel,
    Changed,
    MoreTime,
    Move,
    Numbered,
    Pay,
    Refund,
    Reply,
    Request,
    TakeNumber,
    Withdraw,
)

MOST_ANSWER = 1000


def done_before(connection: Connection, key: TerminalKey, request: Request) -> Reply | None:
    """The answer that a request was given before.

    Raises:
        OfficeRefused: `other_request`: another one had this id.
    """
    table = schema.request_done
    row = connection.execute(
        select(table.c.digest, table.c.answer).where(
            table.c.hall == key.hall, table.c.terminal == key.terminal, table.c.id == str(request.id)
        )
    ).one_or_none()
    if row is None:
        return None
    if row.digest != _digest(request):
        raise OfficeRefused("other_request", "another request had this id")
    known: Reply = msgspec.json.decode(row.answer, type=Reply)
    return known


def _digest(request: Request) -> str:
    """Of what is wished: what is sealed differs each time it is sealed, the person's digest does not."""
    ask = request.ask
    if not isinstance(ask, Pay | Refund) and ask.who is not None:
        ask = msgspec.structs.replace(ask, who=msgspec.structs.replace(ask.who, number_sealed=b""))
    if isinstance(ask, TakeNumber | Book):
        ask = msgspec.structs.replace(ask, texts_sealed=b"")
    plain = msgspec.json.encode(ask).replace(b',"texts_sealed":""', b"")  # as before there was such a field
    return hashlib.sha256(plain).hexdigest()


def answer(
    connection: Connection,
    key: TerminalKey,
    request: Request,
    digests: Digests,
    signing: Ed25519PrivateKey,
    now: datetime,
    texts: Left | None = None,
) -> Reply:
    """Do what is asked, once.

    Args:
        connection: Inside a writing transaction.
        key: Which terminal asks.
        request: What; `Pay` is answered elsewhere.
        digests: Of the person, by hall.
        signing: The hub's signing key, for the codes of appointments.
        now: The time.
        texts: Where a message about it goes.

    Raises:
        OfficeRefused: It cannot be done; nothing was.
    """
    before = done_before(connection, key, request)
    if before is not None:
        return before
    try:
        reply = _do(connection, key, request, digests, signing, now)
        if texts is not None:
            _keep_number(connection, key, reply, texts, now)
    except (AppointmentRefused, QueueRefused) as error:
        raise OfficeRefused(error.kind, str(error)) from error
    told = msgspec.json.encode(reply).decode()
    assert len(told) <= MOST_ANSWER
    connection.execute(
        insert(schema.request_done).values(
            hall=key.hall,
            terminal=key.terminal,
            id=str(request.id),
            digest=_digest(request),
            answer=told,
            made=now,
        )
    )
    return reply


def _do(  # noqa: PLR0911  one answer a wish
    connection: Connection,
    key: TerminalKey,
    request: Request,
    digests: Digests,
    signing: Ed25519PrivateKey,
    now: datetime,
) -> Reply:
    match request.ask:
        case Withdraw(number=number):
            record = withdraw(connection, key, number, digests, now)
            return Changed(number=number, standing=record.standing)
        case MoreTime(number=number):
            record, day = have_more_time(connection, key, number, digests, now)
            return Changed(number=number, standing=record.standing, due=day)
        case TakeNumber(department=department, who=who):
            return take_number(connection, key.hall, department, None if who is None else who.person, now)
        case Book() as asked:
            entry = book(
                connection,
                hall=key.hall,
                department=asked.department,
                begins=asked.begins,
                now=now,
                person=asked.who.person,
                name_masked=asked.name_masked,
                companions=asked.companions,
            )
            return _appointed(entry, signing)
        case Move() as asked:
            _own(connection, key, asked.code_id, asked.who.person)
            entry = move(
                connection,
                hall=key.hall,
                code_id=asked.code_id,
                seen=asked.seen,
                begins=asked.begins,
                now=now,
                companions=asked.companions,
            )
            return _appointed(entry, signing)
        case Cancel() as asked:
            _own(connection, key, asked.code_id, asked.who.person)
            return _appointed(
                cancel(connection, hall=key.hall, code_id=asked.code_id, now=now, seen=asked.seen), signing
            )
        case Refund(order=order):
            return refund_asked(connection, key, order, now)
        case Pay():
            raise OfficeRefused("invalid", "an order is made at the gateway")


def _keep_number(connection: Connection, key: TerminalKey, reply: Reply, texts: Left, now: datetime) -> None:
    """Keep where a message goes, about what was just given."""
    who = Who(Actor.CITIZEN, key.hall, key.terminal)
    match reply:
        case Numbered(text=text):
            subject = queue_subject(key.hall, local_date(now), text)
            give(connection, key.hall, About.QUEUE, subject, texts, who, now)
        case Appointed(appointment=made, change=change):
            give(connection, key.hall, About.APPOINTMENT, made.code_id, texts, who, now)
            tell_appointment(connection, made.code_id, What.BOOKED, change, made.begins, now)
        case _:
            pass


def _own(connection: Connection, key: TerminalKey, code_id: str, person: str) -> None:
    entry = find(connection, key.hall, code_id)
    if entry is None or entry.appointment.person != person:
        raise OfficeRefused("no_such_appointment", "this person has no such appointment")


def _appointed(entry: Entry, signing: Ed25519PrivateKey) -> Appointed:
    booked = entry.appointment.status is AppointmentStatus.BOOKED
    return Appointed(
        appointment=entry.appointment, change=entry.change, code=code_text(entry, signing) if booked else ""
    )
