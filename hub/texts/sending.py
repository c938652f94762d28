"""Sending messages: each once, again after a growing pause, never in the night, not more than a day may cost.

The protocol (JSON over POST, signed as in `hub.office.outside`; `docs/submissions.md` has it with examples):

    messages        {key, to, text, parts}  -> {id}

`to` is E.164. The same key again is the same message: it is not sent twice, and the same id comes back. A 4xx answer
`{"error": "bad_number"}` or `"opted_out"` is about the number and final; any other error is tried again for a day.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

import httpx
import msgspec
from sqlalchemy import Connection, func, select, update

from hub.office.outside import OutsideAway, OutsideRefused, ask
from hub.people.locked_away import taken_out
from hub.store import schema
from hub.texts.contacts import note_bad
from hub.texts.outbox import State
from hub.texts.settings import Gateway, TextSettings, loud_again
from hub.texts.templates import URGENT, What, parts, signed
from kiosk.clock import CHINA, local_date
from kiosk.wire.sealing import CannotUnseal

GIVEN_UP_AFTER: Final = timedelta(days=1)
"""Since the first try."""
TOO_LATE_AFTER: Final = timedelta(minutes=20)
"""A number that is called soon was called by then."""
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(minutes=10)
AT_ONCE: Final = 20
ABOUT_THE_NUMBER: Final = frozenset({"bad_number", "opted_out"})
_message, _contact = schema.text_message, schema.text_contact


class _Taken(msgspec.Struct):
    id: str


@dataclass(frozen=True, slots=True)
class Due:
    """A message that is to be sent now."""

    number: int
    key: UUID
    contact: int
    hall: str
    what: What
    words: str
    locked: str
    made: datetime
    first_try: datetime | None
    tries: int


@dataclass(frozen=True, slots=True)
class Tried:
    """How a try went.

    Attributes:
        error: Why it failed; empty where the gateway took it.
        final: It is about the number, or it is of no use any more: not tried again.
    """

    error: str = ""
    final: bool = False


def due(connection: Connection, now: datetime, most: int = AT_ONCE) -> list[Due]:
    """What is to be sent now, the oldest first; who waits in the hall before all others."""
    rows = connection.execute(
        select(_message, _contact.c.locked)
        .join(_contact, _contact.c.number == _message.c.contact)
        .where(_message.c.next_try <= now)
        .order_by(_message.c.what.not_in([each.value for each in URGENT]), _message.c.next_try, _message.c.number)
        .limit(most)
    )
    return [
        Due(
            row.number,
            UUID(row.key),
            row.contact,
            row.hall,
            What(row.what),
            row.text,
            row.locked,
            row.made,
            row.first_try,
            row.tries,
        )
        for row in rows
    ]


def paid_on(connection: Connection, now: datetime) -> int:
    """How many parts were paid for today."""
    which = _message.c.day == local_date(now)
    return int(connection.scalar(select(func.sum(_message.c.parts)).where(which)) or 0)


def put_off(connection: Connection, each: Due, until: datetime) -> None:
    """Wait with a message; it counts as no try."""
    connection.execute(
        update(_message)
        .where(_message.c.number == each.number, _message.c.next_try.is_not(None))
        .values(next_try=until)
    )


def waits_until(each: Due, settings: TextSettings, now: datetime) -> datetime | None:
    """Until when the night makes a message wait; None: it may go now."""
    if each.what in URGENT:
        return None
    until = loud_again(settings, now)
    return until if until > now else None


def tomorrow(settings: TextSettings, now: datetime) -> datetime:
    """When the next day's money may be spent."""
    midnight = datetime.combine(local_date(now) + timedelta(days=1), time(), CHINA)
    return loud_again(settings, midnight)


async def send(client: httpx.AsyncClient, gateway: Gateway, each: Due, identity: str, now: datetime) -> Tried:
    """Try to send a message.

    Args:
        client: For the connections.
        gateway: Where to.
        each: What.
        identity: The hub's (age): the number is opened for this request only.
        now: The time.
    """
    if each.what in URGENT and now - each.made > TOO_LATE_AFTER:
        return Tried("too_late", final=True)
    if not each.locked:
        return Tried("withdrawn", final=True)
    settings = gateway.settings
    text = signed(each.words, settings.sign)
    try:
        to = taken_out(each.locked, identity).decode()
        await ask(
            client,
            f"{settings.url}/messages",
            {"key": each.key, "to": to, "text": text, "parts": parts(text)},
            _Taken,
            name=settings.client,
            secret=gateway.secret,
            now=now,
            seconds=settings.timeout_seconds,
        )
    except CannotUnseal:
        return Tried("cannot_open", final=True)
    except OutsideRefused as error:
        return Tried(error.kind, final=error.kind in ABOUT_THE_NUMBER)
    except OutsideAway as error:
        return Tried(str(error)[:100])
    return Tried()


def note(connection: Connection, each: Due, tried: Tried, gateway: Gateway | None, now: datetime) -> State:
    """Note how a try went, and when the next is.

    Args:
        connection: Inside a writing transaction.
        each: What was tried.
        tried: How it went.
        gateway: Where it went; None where there is none.
        now: The time.

    Returns:
        Where it stands now.
    """
    began = each.first_try or now
    values: dict[str, object] = {"tries": each.tries + 1, "first_try": began, "error": tried.error[:100]}
    if gateway is not None and not tried.error:
        text = signed(each.words, gateway.settings.sign)
        state = State.SENT
        values |= {"sent": now, "day": local_date(now), "parts": parts(text), "next_try": None}
    elif tried.final:
        state = State.FAILED if tried.error in ABOUT_THE_NUMBER else State.DROPPED
        values["next_try"] = None
    else:
        again = now + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(each.tries, 20))
        state = State.WAITING if again - began < GIVEN_UP_AFTER else State.DEAD
        values["next_try"] = again if state is State.WAITING else None
    changed = connection.execute(
        update(_message)
        .where(_message.c.number == each.number, _message.c.state == State.WAITING.value)
        .values(state=state.value, **values)
    )
    if state is State.SENT and not changed.rowcount:
        # It was taken back while it was on its way: it went out, and is paid for.
        connection.execute(
            update(_message)
            .where(_message.c.number == each.number, _message.c.state == State.DROPPED.value)
            .values(state=state.value, **values)
        )
    if tried.error in ABOUT_THE_NUMBER:
        note_bad(connection, each.contact, tried.error)
    return state
