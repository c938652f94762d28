"""What follows from a desk's events when they are taken in: submissions, what is handed in later, delivery, opinions.

All of it happens in the transaction that stores the event.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import Connection, insert, select, update

from hub.audit.chain import Actor, Who, append
from hub.fleet.live import TerminalKey
from hub.gate.notices import NoticeKind, write_down
from hub.office.advance import OfficeRefused, advance, seen, tell
from hub.office.calendar import calendar_of
from hub.office.items import facts, home_of, places
from hub.office.payments import claimed
from hub.office.records import Record, find, wanted
from hub.office.states import Step
from hub.store import schema
from kiosk.clock import local_date
from kiosk.wire.catalogue import Delivery
from kiosk.wire.events import DeliveryWanted, Envelope, Opinion, OpinionKind, Submission, Supplement
from kiosk.wire.progress import Part, Standing

ACCEPT_DAYS: Final = 5
"""Working days to say something in, else it counts as accepted (行政许可法 art. 32)."""
REPLY_DAYS: Final = 5
"""Working days to answer a complaint in."""
_OLDEST: Final = timedelta(days=30)
"""A terminal's clock that is farther off than that is not believed."""

Digests = Callable[[str], str]
"""The digest of the event's person at a hall."""


def counted_from(submitted: datetime, now: datetime) -> datetime:
    """From when the office's days are counted: when it was handed in, even with the line down; by a sound clock."""
    return submitted if now - _OLDEST <= submitted <= now else now


def receive(
    connection: Connection, key: TerminalKey, event: Submission, now: datetime, began: datetime | None = None
) -> Record:
    """Begin to handle a submission that has just been stored.

    Args:
        connection: Inside its transaction.
        key: Where it was handed in.
        event: The submission.
        now: The time.
        began: From when the office's days are counted; None: `counted_from`.
    """
    known = facts(connection, key.hall, event.item)
    home = home_of(connection, key.hall, event.item, event.home)
    accepts, decides = places(known.handling, key.hall, home)
    began = began or counted_from(event.submitted, now)
    due = calendar_of(connection, key.hall).after(local_date(began), ACCEPT_DAYS)
    connection.execute(
        insert(schema.handling).values(
            number=event.number,
            hall=key.hall,
            accepts=accepts,
            decides=decides,
            at_hall=key.hall,
            handling=known.handling.value,
            item=event.item,
            person=event.person,
            standing=Standing.RECEIVED.value,
            since=began,
            version=1,
            counted_from=began,
            acceptance_due=due.day,
            provisional=due.provisional,
            working_days=known.working_days,
            deferred_due=min((each.due for each in event.deferred), default=None),
            way=event.way.value,
            address_event=str(event.id) if event.address_sealed else None,
            payment=claimed(connection, event.payment, key.hall),
        )
    )
    if event.deferred:
        connection.execute(
            insert(schema.asked),
            [
                {
                    "number": event.number,
                    "place": place,
                    "promised": True,
                    "part": Part.PAPER.value,
                    "key": each.kind,
                    "words": "",
                    "due": each.due,
                    "done": None,
                }
                for place, each in enumerate(event.deferred, 1)
            ],
        )
    append(
        connection,
        Who(Actor.HUB, key.hall, key.terminal),
        Step.RECEIVE.value,
        event.number,
        now,
        standing=Standing.RECEIVED.value,
        version=1,
        detail={
            "item": event.item,
            "handling": known.handling.value,
            "accepts": accepts,
            "decides": decides,
            "payment": None if event.payment is None else str(event.payment),
        },
    )
    record = seen(connection, event.number, None)
    tell(connection, record, Step.RECEIVE, now)
    return record


def whose(connection: Connection, number: str, digests: Digests) -> Record:
    """The submission that an event is about.

    Raises:
        OfficeRefused: There is none of that number, or it is another person's; the same words for both.
    """
    record = find(connection, number)
    if record is None or digests(record.hall) != record.person:
        raise OfficeRefused("no_such_submission", "this person handed in nothing under that number")
    return record


def supply(
    connection: Connection,
    key: TerminalKey,
    event: Supplement,
    answers: frozenset[str],
    position: int,
    digests: Digests,
    now: datetime,
) -> Record:
    """Take what was asked for, or a paper that was to follow. What comes too late is kept too, and seen by staff.

    Args:
        connection: Inside the event's transaction.
        key: Where it was handed in.
        event: Its papers are there.
        answers: Keys of the answers that came with it.
        position: Of the event.
        digests: Of its person.
        now: The time.

    Raises:
        OfficeRefused: No such submission of this person.
    """
    record = whose(connection, event.number, digests)
    connection.execute(
        insert(schema.supplement).values(
            position=position,
            number=record.number,
            hall=key.hall,
            terminal=key.terminal,
            id=str(event.id),
            at=event.handed_in,
            papers=len(event.papers),
            answers=bool(answers),
        )
    )
    came = {(Part.PAPER, paper.kind) for paper in event.papers} | {(Part.ANSWER, each) for each in answers}
    table = schema.asked
    for each in wanted(connection, record.number):
        if each.done is None and ((each.part, each.key) in came or (each.part is Part.OTHER and not each.promised)):
            connection.execute(
                update(table).where(table.c.number == record.number, table.c.place == each.place).values(done=now)
            )
    who = Who(Actor.CITIZEN, key.hall, key.terminal)
    left = wanted(connection, record.number)
    promised = [each.due for each in left if each.promised and each.done is None]
    detail = {"papers": len(event.papers), "answers": len(answers)}
    values: dict[str, object] = {"deferred_due": min(promised, default=None)}
    complete = all(each.done is not None for each in left if not each.promised)
    if record.standing is Standing.CORRECTING and complete:
        handed_in = counted_from(event.handed_in, now)
        due = calendar_of(connection, record.at_hall).after(local_date(handed_in), ACCEPT_DAYS)
        values |= {
            "asked_due": None,
            "counted_from": handed_in,
            "acceptance_due": due.day,
            "provisional": due.provisional,
        }
        return advance(connection, record, Step.CORRECT, who, now, values=values, detail=detail)
    return advance(connection, record, Step.SUPPLY, who, now, values=values, detail=detail)


def change_delivery(
    connection: Connection, key: TerminalKey, event: DeliveryWanted, digests: Digests, now: datetime
) -> Record:
    """Take the way by which the person wants the result; too late for a parcel that is on its way.

    Raises:
        OfficeRefused: No such submission of this person; `not_possible`; `no_address`.
    """
    record = whose(connection, event.number, digests)
    if event.way is Delivery.COURIER and not event.address_sealed:
        raise OfficeRefused("no_address", "a courier needs an address")
    who = Who(Actor.CITIZEN, key.hall, key.terminal)
    values = {"way": event.way.value, "address_event": str(event.id) if event.address_sealed else None}
    return advance(connection, record, Step.DELIVERY, who, now, values=values, detail={"way": event.way.value})


def note_opinion(connection: Connection, key: TerminalKey, event: Opinion, position: int, now: datetime) -> None:
    """Take a complaint, suggestion or rating; a complaint gets a day to be answered by, and is told."""
    complaint = event.kind is OpinionKind.COMPLAINT
    due = calendar_of(connection, key.hall).after(local_date(now), REPLY_DAYS).day if complaint else None
    connection.execute(
        insert(schema.opinion).values(
            position=position,
            hall=key.hall,
            terminal=key.terminal,
            id=str(event.id),
            code=event.code,
            kind=event.kind.value,
            at=event.at,
            person=event.person,
            name_masked=event.name_masked,
            number=event.number,
            item=event.item,
            department=event.department,
            stars=event.stars,
            reasons=" ".join(event.reasons),
            version=1,
            due=due,
            reply="",
            replied_by="",
        )
    )
    append(
        connection,
        Who(Actor.CITIZEN, key.hall, key.terminal),
        event.kind.value,
        event.code,
        now,
        version=1,
        detail={"position": position, "stars": event.stars},
    )
    if complaint:
        write_down(connection, NoticeKind.OPINION, key, lane=event.code, detail="complaint", at=event.at, now=now)


def adopt(connection: Connection, now: datetime) -> int:
    """Begin to handle what was stored before there was an office: by an older hub, before its update.

    Args:
        connection: Inside a writing transaction.
        now: The time; the office's days are counted from it.

    Returns:
        How many.
    """
    submission, handling, event = schema.submission, schema.handling, schema.event
    rows = connection.execute(
        select(submission.c.hall, submission.c.terminal, event.c.body)
        .join(event, event.c.position == submission.c.position)
        .outerjoin(handling, handling.c.number == submission.c.number)
        .where(handling.c.number.is_(None))
        .order_by(submission.c.position)
    ).all()
    for row in rows:
        event_then = msgspec.json.decode(row.body, type=Envelope).event
        assert isinstance(event_then, Submission)
        receive(connection, TerminalKey(row.hall, row.terminal), event_then, now, began=now)
    return len(rows)
