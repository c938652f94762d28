"""Where people who agreed to be recognised are kept. The lane seals their bodies; nothing in them is read here."""

from datetime import datetime

import pysqlite3.dbapi2 as sqlite

from kiosk.store.database import Database
from kiosk.store.shelf import StoredRegular


class RegularShelf:
    """One row a person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, regular: StoredRegular) -> None:
        """Keep somebody, instead of what was kept of the same person before."""

        def work(connection: sqlite.Connection) -> None:
            connection.execute("DELETE FROM regular WHERE person = ?", (regular.person,))
            connection.execute(
                "INSERT INTO regular VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    regular.id,
                    regular.person,
                    regular.name,
                    regular.consent,
                    regular.enrolled.isoformat(),
                    regular.expires.isoformat(),
                    regular.body,
                ),
            )

        await self._database.write(work)

    async def remove(self, identifier: str) -> bool:
        """Delete somebody; whether there was one."""
        return await self._database.write(
            lambda connection: connection.execute("DELETE FROM regular WHERE id = ?", (identifier,)).rowcount > 0
        )

    async def all(self, now: datetime) -> list[StoredRegular]:
        """Everybody whose consent holds, the newest first; the others are deleted for good."""

        def work(connection: sqlite.Connection) -> list[StoredRegular]:
            rows = connection.execute("SELECT id, person, name, consent, enrolled, expires, body FROM regular")
            found = [
                StoredRegular(
                    identifier,
                    person,
                    name,
                    consent,
                    datetime.fromisoformat(enrolled),
                    datetime.fromisoformat(expires),
                    body,
                )
                for identifier, person, name, consent, enrolled, expires, body in rows.fetchall()
            ]
            for regular in found:
                if regular.expires <= now:
                    connection.execute("DELETE FROM regular WHERE id = ?", (regular.id,))
            return sorted((r for r in found if r.expires > now), key=lambda r: r.enrolled, reverse=True)

        return await self._database.write(work)
