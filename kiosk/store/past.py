"""What was decided at this gate, and every edition of the rules that was in force here."""

from typing import cast
from uuid import UUID

import pysqlite3.dbapi2 as sqlite

from kiosk.store.database import Database
from kiosk.wire.fleet import Signed

PAGE = 500
"""So many passages are read at once: a terminal keeps hundreds of thousands."""


def keep_rules(connection: sqlite.Connection, signed: Signed) -> None:
    """Keep an edition of the rules for good, in the transaction that puts it in force."""
    connection.execute(
        "INSERT INTO past_rules VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (signed.version, signed.body, signed.signature),
    )


class Past:
    """Reads what was decided. Fits `kiosk.gate.replay.PastDecisions`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rules(self) -> list[Signed]:
        """Every edition that was in force here, as it came, the oldest first."""
        rows = await self._database.read(
            lambda c: c.execute("SELECT version, body, signature FROM past_rules ORDER BY version").fetchall()
        )
        return [Signed(kind="rules", version=version, body=body, signature=mark) for version, body, mark in rows]

    async def passages(self, after: int) -> list[tuple[int, str, bytes]]:
        """A page of passages: place, id, and the passage as JSON; ask again after the last place."""

        def page(connection: sqlite.Connection) -> list[tuple[int, str, bytes]]:
            rows = connection.execute(
                "SELECT rowid, id, body FROM passage WHERE rowid > ? ORDER BY rowid LIMIT ?", (after, PAGE)
            )
            return cast("list[tuple[int, str, bytes]]", rows.fetchall())

        return await self._database.read(page)

    async def passage(self, identifier: UUID) -> bytes | None:
        """One passage as JSON; None when it is not here."""
        rows = await self._database.read(
            lambda c: c.execute("SELECT body FROM passage WHERE id = ?", (str(identifier),)).fetchall()
        )
        return cast("bytes", rows[0][0]) if rows else None
