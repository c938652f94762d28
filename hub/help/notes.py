"""What staff note of a call, and the numbers that were left to be called at."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, update

from hub.audit.chain import Who, append
from hub.fleet.live import TerminalKey
from hub.help.calls import Call, HelpRefused, change, existing, find, terminal_of
from hub.help.states import WAITS, Happening
from hub.store import schema
from kiosk.wire.events import CallbackNumber, CallbackWanted, Envelope
from kiosk.wire.help import Means, Standing
from kiosk.wire.sealing import CannotUnseal, unseal

MOST_NOTE: Final = 500


def note(connection: Connection, call_id: str, who: Who, words: str, now: datetime) -> None:
    """Keep what staff note of a call.

    Raises:
        HelpRefused: `empty`, `no_such_call`.
    """
    words = words.strip()[:MOST_NOTE]
    if not words:
        raise HelpRefused("empty", "an empty note says nothing")
    existing(connection, call_id)
    table = schema.help_note
    place = connection.scalar(select(func.max(table.c.place)).where(table.c.call == call_id)) or 0
    connection.execute(
        insert(table).values(call=call_id, place=place + 1, hall=who.hall, staff=who.name[-32:], at=now, words=words)
    )


def notes(connection: Connection, call_id: str) -> Sequence[Row[Any]]:
    """What was noted, the oldest first."""
    table = schema.help_note
    return connection.execute(select(table).where(table.c.call == call_id).order_by(table.c.place)).all()


def number_left(connection: Connection, key: TerminalKey, event: CallbackWanted, position: int, now: datetime) -> None:
    """A number has come through the outbox: its call waits to be called back; one that never reached the hub is made.

    Args:
        connection: Inside the transaction that stores the event.
        key: Whose.
        event: The event.
        position: Its place in the event table.
        now: The time.
    """
    table = schema.help_call
    call = find(connection, str(event.call))
    if call is None:
        connection.execute(
            insert(table).values(
                id=str(event.call),
                hall=key.hall,
                terminal=key.terminal,
                role=event.role,
                language=event.language,
                view=event.view,
                item=event.item,
                means=Means.TEXT.value,
                standing=Standing.WAITING.value,
                version=1,
                made=event.at,
                since=now,
            )
        )
    elif call.key != key or call.standing not in WAITS:
        # They were helped in the end, or it was lost while the number was on its way: it is called all the same.
        values = {"number_position": position, "standing": Standing.NO_LINE.value, "version": call.version + 1}
        if call.key == key and call.standing is Standing.ENDED and call.connected is None:
            connection.execute(update(table).where(table.c.id == call.id).values(ended=None, since=now, **values))
            append(
                connection,
                terminal_of(key),
                "help_leave_number",
                call.id,
                now,
                standing=Standing.NO_LINE.value,
                version=call.version + 1,
            )
        return
    change(connection, str(event.call), Happening.LEAVE_NUMBER, terminal_of(key), now)
    connection.execute(update(table).where(table.c.id == str(event.call)).values(number_position=position))


def number_of(connection: Connection, call: Call, identity: str) -> str:
    """The number that was left, opened; empty where there is none.

    Args:
        connection: For reading.
        call: Which.
        identity: The hub's age identity.
    """
    if call.number_position is None:
        return ""
    table = schema.event
    body = connection.scalar(select(table.c.body).where(table.c.position == call.number_position))
    found = None if body is None else msgspec.json.decode(body, type=Envelope).event
    if not isinstance(found, CallbackWanted):
        return ""
    try:
        return msgspec.json.decode(unseal(found.number_sealed, identity), type=CallbackNumber).phone
    except (CannotUnseal, msgspec.DecodeError):
        return ""
