"""Putting an event into the outbox, in the transaction of the state change that it tells of."""

from datetime import datetime
from typing import cast

import msgspec
import pysqlite3.dbapi2 as sqlite

from kiosk.wire.events import Event


def queue(connection: sqlite.Connection, event: Event, made: datetime) -> int:
    """Queue an event for the hub.

    Args:
        connection: inside a writing transaction.
        event: with the id that was made with the state change.
        made: when.

    Returns:
        Its place in the terminal's order.
    """
    kind = cast("str", type(event).__struct_config__.tag)
    row = connection.execute(
        "INSERT INTO outbox (id, kind, made, body) VALUES (?, ?, ?, ?)",
        (str(event.id), kind, made.isoformat(), msgspec.json.encode(event)),
    )
    return row.lastrowid
