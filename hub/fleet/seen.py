"""What was heard of each terminal last, kept over a restart and shared between processes.

Health comes every few seconds and only the newest counts, so it is gathered in memory and written a few times a minute,
all that is new in one statement.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite

from hub.fleet.live import Heard, TerminalKey
from hub.store.schema import certificate, terminal, terminal_seen
from kiosk.wire.fleet import Health

_MOST_MS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Seen:
    """What a terminal said last, and when it was heard.

    Attributes:
        clock_offset: The terminal's clock less the hub's; the line's delay is in it.
    """

    health: Health
    at: datetime
    clock_offset: timedelta


def seen_of(heard: Heard) -> Seen:
    """As it is kept."""
    return Seen(heard.health, heard.at, heard.health.made - heard.at)


def keep(connection: Connection, news: Mapping[TerminalKey, Seen]) -> None:
    """Keep what is new; what another process heard later stays.

    Args:
        connection: Inside a writing transaction.
        news: Of each terminal.
    """
    if not news:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(terminal_seen)
    newer = statement.on_conflict_do_update(
        index_elements=["hall", "terminal"],
        set_={name: statement.excluded[name] for name in ("at", "clock_offset_ms", "body")},
        where=statement.excluded.at > terminal_seen.c.at,
    )
    rows = [
        {
            "hall": key.hall,
            "terminal": key.terminal,
            "at": seen.at,
            "clock_offset_ms": max(-_MOST_MS, min(_MOST_MS, int(seen.clock_offset.total_seconds() * 1000))),
            "body": msgspec.json.encode(seen.health).decode(),
        }
        for key, seen in news.items()
    ]
    connection.execute(newer, rows)


def since(
    connection: Connection, moment: datetime | None, known: Mapping[TerminalKey, Seen] | None = None
) -> dict[TerminalKey, Seen]:
    """What was heard after a moment, and is newer than what is known; without a moment, of all terminals."""
    query = select(terminal_seen)
    if moment is not None:
        query = query.where(terminal_seen.c.at > moment)
    found = {}
    for row in connection.execute(query):
        before = known.get(TerminalKey(row.hall, row.terminal)) if known else None
        if before is not None and before.at >= row.at:
            continue
        try:
            health = msgspec.json.decode(row.body, type=Health)
        except msgspec.DecodeError:
            continue  # of another release; the next report is ours
        offset = timedelta(milliseconds=row.clock_offset_ms)
        found[TerminalKey(row.hall, row.terminal)] = Seen(health, row.at, offset)
    return found


def retired(connection: Connection) -> frozenset[TerminalKey]:
    """Terminals of whose certificates none is in force any more: revoked, or taken away for good."""
    mine = (certificate.c.hall == terminal.c.hall) & (certificate.c.terminal == terminal.c.terminal)
    had, has = exists().where(mine), exists().where(mine, certificate.c.replaced.is_(False))
    rows = connection.execute(select(terminal.c.hall, terminal.c.terminal).where(~has, had))
    return frozenset(TerminalKey(row.hall, row.terminal) for row in rows)


def certificate_ends(connection: Connection, before: datetime | None = None) -> dict[TerminalKey, datetime]:
    """When the certificate in force of each terminal ends; of several, the last.

    Args:
        connection: For reading.
        before: Only of those whose last one ends before.
    """
    ends = func.max(certificate.c.expires)
    query = select(certificate.c.hall, certificate.c.terminal, ends).where(certificate.c.replaced.is_(False))
    query = query.group_by(certificate.c.hall, certificate.c.terminal)
    rows = connection.execute(query if before is None else query.having(ends < before))
    return {TerminalKey(hall, terminal): end for hall, terminal, end in rows}
