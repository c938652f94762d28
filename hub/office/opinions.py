"""Complaints, suggestions and ratings: listed for the hall that they are about, and answered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select, update

from hub.audit.chain import Who, append, content_digest
from hub.office.advance import STAFF, OfficeRefused, words_checked
from hub.store import schema
from kiosk.wire.events import Envelope, Opinion, OpinionWords
from kiosk.wire.sealing import CannotUnseal, unseal

MOST_REPLY = 1000
MOST_SHOWN = 200


def listed(connection: Connection, hall: str) -> Sequence[Row[Any]]:
    """A hall's opinions: complaints that wait first, the oldest before; then all others, the newest first."""
    table = schema.opinion
    return connection.execute(
        select(table)
        .where(table.c.hall == hall)
        .order_by((table.c.due.is_(None) | table.c.replied.is_not(None)), table.c.due, table.c.at.desc())
        .limit(MOST_SHOWN)
    ).all()


def words_of(connection: Connection, position: int, identity: str) -> OpinionWords | None:
    """What somebody said, opened; None for a rating without words.

    Args:
        connection: For reading.
        position: Of the opinion's event.
        identity: The hub's age identity.
    """
    table = schema.event
    body = connection.scalar(select(table.c.body).where(table.c.position == position))
    found = None if body is None else msgspec.json.decode(body, type=Envelope).event
    if not isinstance(found, Opinion) or not found.words_sealed:
        return None
    try:
        return msgspec.json.decode(unseal(found.words_sealed, identity), type=OpinionWords)
    except (CannotUnseal, msgspec.DecodeError):
        return None


def reply(connection: Connection, hall: str, code: str, version: int, who: Who, now: datetime, text: str) -> None:
    """Answer an opinion; the person reads it at a desk. It is answered once.

    Args:
        connection: Inside a writing transaction.
        hall: Whose.
        code: Which.
        version: What `who` saw.
        who: Staff of the hall.
        now: The time.
        text: At most `MOST_REPLY` characters.

    Raises:
        OfficeRefused: `no_such_opinion`, `changed`, `not_yours`, `not_possible`, `invalid`.
    """
    text = words_checked(text, "a reply", needed=True, most=MOST_REPLY)
    table = schema.opinion
    row = connection.execute(select(table).where(table.c.hall == hall, table.c.code == code)).first()
    if row is None:
        raise OfficeRefused("no_such_opinion", f"{hall} has no opinion {code!r}")
    if who.actor not in STAFF or who.hall != hall:
        raise OfficeRefused("not_yours", f"it is {hall}'s")
    if row.replied is not None:
        raise OfficeRefused("not_possible", "it was answered already")
    if row.version != version:
        raise OfficeRefused("changed", "somebody else was first")
    connection.execute(
        update(table)
        .where(table.c.position == row.position)
        .values(reply=text, replied=now, replied_by=who.name, version=version + 1)
    )
    append(connection, who, "reply", code, now, version=version + 1, detail={"reply": content_digest(text)})
