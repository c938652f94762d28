"""Drafts on the terminal's disk, sealed by the desk; nothing in them can be read here."""

from datetime import datetime

import pysqlite3.dbapi2 as sqlite

from kiosk.clock import Clock
from kiosk.store.database import Database
from kiosk.store.shelf import StoredDraft


class Drafts:
    """Where drafts are kept: one a person and item."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def keep(self, draft: StoredDraft) -> None:
        """Keep a draft instead of the one before. What the person once asked to be kept stays so."""

        def work(connection: sqlite.Connection) -> None:
            connection.execute(
                "INSERT INTO draft VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET version = excluded.version,"
                " saved = excluded.saved, expires = excluded.expires, kept = max(kept, excluded.kept),"
                " body = excluded.body",
                (
                    draft.person,
                    draft.item,
                    draft.version,
                    draft.saved.isoformat(),
                    draft.expires.isoformat(),
                    int(draft.kept),
                    draft.body,
                ),
            )

        await self._database.write(work)

    async def of(self, person: str) -> list[StoredDraft]:
        """The drafts of a person, the newest first. Those that have expired, of anybody, are deleted."""
        now = self._clock.now()

        def work(connection: sqlite.Connection) -> list[tuple[str, str, int, str, str, int, bytes]]:
            rows = connection.execute("SELECT person, item, expires FROM draft").fetchall()
            for owner, item, expires in rows:
                if datetime.fromisoformat(expires) <= now:
                    connection.execute("DELETE FROM draft WHERE person = ? AND item = ?", (owner, item))
            found: list[tuple[str, str, int, str, str, int, bytes]] = connection.execute(
                "SELECT person, item, version, saved, expires, kept, body FROM draft WHERE person = ?", (person,)
            ).fetchall()
            return found

        drafts = [
            StoredDraft(
                owner,
                item,
                version,
                datetime.fromisoformat(saved),
                datetime.fromisoformat(expires),
                bool(kept),
                body,
            )
            for owner, item, version, saved, expires, kept, body in await self._database.write(work)
        ]
        return sorted(drafts, key=lambda draft: draft.saved, reverse=True)

    async def drop(self, person: str, item: str, *, unless_kept: bool = False) -> None:
        """Delete a draft.

        Args:
            person: of whom.
            item: of which item.
            unless_kept: leave it when the person once asked for it to be kept.
        """
        await self._database.write(
            lambda c: c.execute(
                "DELETE FROM draft WHERE person = ? AND item = ? AND kept <= ?", (person, item, int(not unless_kept))
            )
        )
