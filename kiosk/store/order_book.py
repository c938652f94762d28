"""Which of the hub's orders were carried out here, what became of them, and what of them lasts."""

import msgspec
import pysqlite3.dbapi2 as sqlite

from kiosk.store.database import Database
from kiosk.wire.evidence import Moment
from kiosk.wire.orders import OrderSettled

KEPT = 200
"""So many of the newest stay; the hub offers none that it knows the fate of."""
_PREFIX = "order/"
_LOCKED = "ordered/locked"
_MESSAGE = "ordered/message"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A message, and until when it is shown."""

    text: str
    until: Moment


class OrderBook:
    """The terminal's orders. Fits `kiosk.link.orders.Remembered`.

    Args:
        database: the terminal's store.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def order_done(self, number: int) -> OrderSettled | None:
        """What became of an order; None where it is new."""
        rows = await self._database.read(
            lambda c: c.execute("SELECT value FROM meta WHERE key = ?", (f"{_PREFIX}{number:010d}",)).fetchall()
        )
        return msgspec.json.decode(rows[0][0], type=OrderSettled) if rows else None

    async def note_order(self, number: int, settled: OrderSettled) -> None:
        """Keep what became of it."""

        def work(connection: sqlite.Connection) -> None:
            connection.execute(
                "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (f"{_PREFIX}{number:010d}", msgspec.json.encode(settled).decode()),
            )
            connection.execute(
                "DELETE FROM meta WHERE key LIKE 'order/%' AND key NOT IN"
                " (SELECT key FROM meta WHERE key LIKE 'order/%' ORDER BY key DESC LIMIT ?)",
                (KEPT,),
            )

        await self._database.write(work)

    async def locked(self) -> str | None:
        """What is shown while the terminal is locked; None where it is not."""
        return await self._kept(_LOCKED)

    async def note_locked(self, words: str | None) -> None:
        """Keep that it is locked, and what is shown; None: it is not."""
        await self._keep(_LOCKED, words)

    async def message(self) -> Told | None:
        """The last message."""
        kept = await self._kept(_MESSAGE)
        return None if kept is None else msgspec.json.decode(kept, type=Told)

    async def note_message(self, told: Told) -> None:
        """Keep a message instead of the one before."""
        await self._keep(_MESSAGE, msgspec.json.encode(told).decode())

    async def _kept(self, key: str) -> str | None:
        rows = await self._database.read(lambda c: c.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchall())
        return str(rows[0][0]) if rows else None

    async def _keep(self, key: str, value: str | None) -> None:
        def work(connection: sqlite.Connection) -> None:
            connection.execute("DELETE FROM meta WHERE key = ?", (key,))
            if value is not None:
                connection.execute("INSERT INTO meta VALUES (?, ?)", (key, value))

        await self._database.write(work)
