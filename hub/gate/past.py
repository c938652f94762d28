"""Stored passages, one after the other, as they were decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from hub.store import schema
from kiosk.wire.events import Envelope, Passage
from kiosk.wire.rules import Rules

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Past:
    """A passage that was stored, and where."""

    terminal: str
    passage: Passage


def past_passages(
    connection: Connection, hall: str, since: datetime | None = None, until: datetime | None = None
) -> Iterator[Past]:
    """A hall's passages in the order in which they arrived; a few hundred are held at a time.

    Args:
        connection: For reading.
        hall: Which.
        since: Decided from then on.
        until: Decided before.
    """
    table, event = schema.passage, schema.event
    query = (
        select(table.c.position, table.c.terminal, event.c.body)
        .join_from(table, event, event.c.position == table.c.position)
        .where(table.c.hall == hall)
        .order_by(table.c.position)
        .limit(_AT_ONCE)
    )
    if since is not None:
        query = query.where(table.c.decided >= since)
    if until is not None:
        query = query.where(table.c.decided < until)
    last = 0
    while rows := connection.execute(query.where(table.c.position > last)).all():
        for row in rows:
            stored = msgspec.json.decode(row.body, type=Envelope).event
            if isinstance(stored, Passage):
                yield Past(row.terminal, stored)
        last = rows[-1].position


def rules_by_version(connection: Connection, hall: str) -> dict[int, Rules]:
    """All rules that were ever published for a hall."""
    table = schema.published
    return {
        row.version: msgspec.json.decode(row.body, type=Rules)
        for row in connection.execute(
            select(table.c.version, table.c.body).where(table.c.kind == "rules", table.c.hall == hall)
        )
    }
