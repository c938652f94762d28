"""The signed list for a hall's gates. Only the newest edition is kept: an old one would keep who was on it."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, delete, or_, select

from hub.rules.publish import newest, publish
from hub.rules.stages import EVERYBODY
from hub.store import schema
from hub.watch.entries import ALL_HALLS
from kiosk.wire.fleet import Signed
from kiosk.wire.watch import KIND, MOST_ENTRIES, WatchClass, WatchEntry, WatchList


def entries_for(connection: Connection, hall: str, now: datetime) -> tuple[WatchEntry, ...]:
    """What a hall's gates are to know: entries in force, those that begin later too."""
    entry, person = schema.watch_entry, schema.watch_person
    rows = connection.execute(
        select(entry, person.c.person, person.c.dealt)
        .join(person, person.c.entry == entry.c.id)
        .where(
            person.c.hall == hall,
            or_(entry.c.hall == hall, entry.c.hall == ALL_HALLS),
            entry.c.active,
            entry.c.ends > now,
        )
        .order_by(entry.c.id)
        .limit(MOST_ENTRIES)
    )
    return tuple(
        WatchEntry(
            id=row.id,
            person=row.person,
            kind=WatchClass(row.kind),
            note=row.note,
            begins=row.begins,
            ends=row.ends,
            dealt=row.dealt,
        )
        for row in rows
    )


def publish_watch(connection: Connection, key: Ed25519PrivateKey, hall: str, now: datetime) -> Signed | None:
    """Sign the hall's list as the next version, where it differs from the newest; gates fetch it within half a minute.

    It goes to all gates at once: whom one gate lets in, no other may call out.

    Args:
        connection: Inside a writing transaction.
        key: The hub's signing key.
        hall: Existing.
        now: The time.

    Returns:
        The new edition; None where nothing has changed, or there never was an entry.
    """
    before = newest(connection, KIND, hall)
    entries = entries_for(connection, hall, now)
    if before is None and not entries:
        return None
    if before is not None and msgspec.json.decode(before.body, type=WatchList).entries == entries:
        return None
    version = 1 if before is None else before.version + 1
    body = msgspec.json.encode(WatchList(version=version, hall=hall, made=now, entries=entries))
    signed = publish(connection, key, KIND, hall, body, version, now)
    _drop_old(connection, hall)
    return signed


def _drop_old(connection: Connection, hall: str) -> None:
    """Delete editions that no gate gets any more; the version goes on from the newest."""
    table, to = schema.published, schema.published_to
    mine = (table.c.kind == KIND, table.c.hall == hall)
    whole = connection.scalar(
        select(table.c.version).where(*mine, table.c.share >= EVERYBODY).order_by(table.c.version.desc()).limit(1)
    )
    if whole is None:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    connection.execute(delete(to).where(to.c.kind == KIND, to.c.hall == hall, to.c.version < whole))
    connection.execute(delete(table).where(*mine, table.c.version < whole))


def publish_for(connection: Connection, key: Ed25519PrivateKey, halls: Iterable[str], now: datetime) -> None:
    """Publish to each hall whose list has changed; the empty hall stands for all."""
    wanted = set(halls)
    if ALL_HALLS in wanted:
        wanted = set(connection.scalars(select(schema.hall.c.hall)))
    for hall in sorted(wanted):
        publish_watch(connection, key, hall, now)
