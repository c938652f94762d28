"""A draft that goes to a window: queued with its sealed file, and gone from here, in ONE transaction."""

from collections.abc import Callable

import pysqlite3.dbapi2 as sqlite

from kiosk.store.database import Database
from kiosk.store.queue import queue
from kiosk.wire.events import DraftHandedOver


class WindowPost:
    """Hands drafts over.

    Args:
        database: the terminal's store.
        on_queued: called on the event loop when something new waits for the hub.
    """

    def __init__(self, database: Database, on_queued: Callable[[], None] = lambda: None) -> None:
        self._database, self._on_queued = database, on_queued

    async def hand_over(self, made: DraftHandedOver, person: str) -> None:
        """Queue a draft and delete what was kept of it; afterwards no byte of the copy is in the store's files.

        Args:
            made: its sealed file is kept already (`Ledger.keep_paper`).
            person: digest, whose draft of that item is deleted.
        """

        def work(connection: sqlite.Connection) -> None:
            seq = queue(connection, made, made.made)
            connection.execute(
                "INSERT INTO paper (sha256, seq, bytes) VALUES (?, ?, ?)", (made.sha256, seq, made.bytes)
            )
            connection.execute("DELETE FROM draft WHERE person = ? AND item = ?", (person, made.item))

        await self._database.write(work)
        await self._database.scrub()
        self._on_queued()
