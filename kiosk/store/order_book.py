"""Which of the hub's orders were carried out here, and what became of them."""

import msgspec
import pysqlite3.dbapi2 as sqlite

from kiosk.store.database import Database
from kiosk.wire.orders import OrderSettled

KEPT = 200
"""So many of the newest stay; the hub offers none that it knows the fate of."""
_PREFIX = "order/"


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
