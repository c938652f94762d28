"""What a citizen sends after the submission: corrections and opinions, each with its papers in ONE transaction."""

from collections.abc import Callable

import pysqlite3.dbapi2 as sqlite

from kiosk.store.database import Database
from kiosk.store.queue import queue
from kiosk.wire.events import Opinion, Supplement


class CitizenPost:
    """The way to the hub for what needs no answer: it goes when the line is there.

    Args:
        database: the terminal's store.
        on_queued: called on the event loop when something new waits for the hub.
    """

    def __init__(self, database: Database, on_queued: Callable[[], None] = lambda: None) -> None:
        self._database, self._on_queued = database, on_queued

    async def supplement(self, made: Supplement) -> None:
        """Queue a correction; its papers are kept already (`Ledger.keep_paper`) and go before it."""

        def work(connection: sqlite.Connection) -> None:
            seq = queue(connection, made, made.handed_in)
            papers = {paper.sha256: paper for paper in made.papers if not paper.earlier}
            connection.executemany(
                "INSERT INTO paper (sha256, seq, bytes) VALUES (?, ?, ?)",
                [(paper.sha256, seq, paper.bytes) for paper in papers.values()],
            )

        await self._database.write(work)
        self._on_queued()

    async def opinion(self, made: Opinion) -> None:
        """Queue a complaint, suggestion or rating."""
        await self._database.write(lambda connection: queue(connection, made, made.at))
        self._on_queued()
