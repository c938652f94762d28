"""Events whose time is over are kept without what may be known no longer."""

from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy import Connection, select, update

from hub.store import schema
from kiosk.wire.events import Envelope, Event


def rewrite(connection: Connection, positions: Sequence[int], without: Callable[[Event], Event]) -> None:
    """Store events anew.

    Args:
        connection: Inside a writing transaction.
        positions: Of the events.
        without: The event as it is kept.
    """
    event = schema.event
    for row in connection.execute(select(event.c.position, event.c.body).where(event.c.position.in_(positions))).all():
        envelope = msgspec.json.decode(row.body, type=Envelope)
        kept = msgspec.structs.replace(envelope, event=without(envelope.event))
        connection.execute(
            update(event).where(event.c.position == row.position).values(body=msgspec.json.encode(kept).decode())
        )
