"""The outbox on the disk, as the link sees it.

An event leaves it when the hub has acknowledged it, or becomes a dead letter when the hub will never take it. Nothing
else removes one.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import cast
from uuid import UUID

import anyio
import anyio.to_thread
import msgspec
import pysqlite3.dbapi2 as sqlite

from kiosk.log import logger
from kiosk.store.database import Database
from kiosk.store.outbox import Depth, Waiting
from kiosk.wire.events import Answer, Envelope, Event, Fate

_log = logger("store")

LATER_SECONDS = 2.0
"""Until an event is offered again for which something was missing at the hub."""


def _bury(connection: sqlite.Connection, answer: Answer) -> None:
    """An event will never be taken; nor will those that are about it, for which the hub would wait for ever."""
    connection.execute("UPDATE outbox SET state = 'dead', detail = ? WHERE seq = ?", (answer.detail, answer.seq))
    connection.execute(
        "UPDATE outbox SET state = 'dead', detail = 'what it is about cannot be sent' WHERE state = 'waiting'"
        " AND seq > ?1 AND kind IN ('passage_ended', 'receipt_given', 'staff_action') AND (SELECT id FROM outbox"
        " WHERE seq = ?1) IN (json_extract(CAST(body AS TEXT), '$.passage'),"
        " json_extract(CAST(body AS TEXT), '$.submission'))",
        (answer.seq,),
    )


class StoredOutbox:
    """The outbox as the link sees it."""

    def __init__(self, database: Database, papers: Path) -> None:
        self._database = database
        self._papers = papers
        self._not_before: dict[int, float] = {}

    async def due(self, limit: int) -> list[Waiting]:
        """What is to be sent now, in the terminal's order, with the papers that are not at the hub yet."""

        def work(connection: sqlite.Connection) -> list[tuple[int, str, str, bytes, str | None]]:
            return cast(
                "list[tuple[int, str, str, bytes, str | None]]",
                connection.execute(
                    "SELECT seq, id, made, body,"
                    " (SELECT group_concat(sha256) FROM paper WHERE paper.seq = outbox.seq AND sent = 0)"
                    " FROM outbox WHERE state = 'waiting' ORDER BY seq LIMIT ?",
                    (limit + len(self._not_before),),
                ).fetchall(),
            )

        now = anyio.current_time()
        waiting: list[Waiting] = []
        for seq, identifier, made, body, papers in await self._database.read(work):
            if self._not_before.get(seq, 0.0) > now:
                continue
            moment = datetime.fromisoformat(made)
            envelope = Envelope(seq=seq, made=moment, event=msgspec.json.decode(body, type=Event))
            waiting.append(
                Waiting(
                    seq=seq,
                    id=UUID(identifier),
                    made=moment,
                    body=msgspec.json.encode(envelope),
                    papers=tuple(papers.split(",")) if papers else (),
                )
            )
            if len(waiting) == limit:
                break
        return waiting

    async def settle(self, answers: Sequence[Answer]) -> None:
        """Take the hub's word for each event: stored ones go, refused ones become dead letters, the rest stay."""

        def work(connection: sqlite.Connection) -> list[str]:
            gone: list[str] = []
            for answer in answers:
                match answer.fate:
                    case Fate.STORED | Fate.KNOWN:
                        papers = connection.execute("SELECT sha256 FROM paper WHERE seq = ?", (answer.seq,))
                        gone += [row[0] for row in papers.fetchall()]
                        connection.execute("DELETE FROM outbox WHERE seq = ?", (answer.seq,))
                    case Fate.REFUSED:
                        _bury(connection, answer)
                    case Fate.LATER:
                        later.append(answer.seq)
            return gone

        later: list[int] = []

        for paper in await self._database.write(work):
            await anyio.to_thread.run_sync(lambda p=paper: self.paper_path(p).unlink(missing_ok=True))  # type: ignore[misc]  # mypy cannot type a lambda's default
        for answer in answers:
            self._not_before.pop(answer.seq, None)
            if answer.fate is Fate.REFUSED:
                _log.error("the hub refused an event for good", seq=answer.seq, detail=answer.detail)
        await self.postpone(later, LATER_SECONDS)

    async def postpone(self, seqs: Sequence[int], seconds: float) -> None:
        """Do not offer these again for a while; the others go on."""
        for seq in seqs:
            self._not_before[seq] = anyio.current_time() + seconds

    def paper_path(self, sha256: str) -> Path:
        """Where a sealed paper lies."""
        return self._papers / sha256

    async def paper_done(self, sha256: str) -> None:
        """The hub has this paper whole. The file stays until the event that names it is acknowledged."""
        await self._database.write(lambda c: c.execute("UPDATE paper SET sent = 1 WHERE sha256 = ?", (sha256,)))

    async def depth(self) -> Depth:
        """How much waits."""
        row = await self._database.read(
            lambda c: c.execute(
                "SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'dead'),"
                " min(made) FILTER (WHERE state = 'waiting') FROM outbox"
            ).fetchone()
        )
        oldest = datetime.fromisoformat(row[2]) if row[2] else None
        return Depth(waiting=row[0], dead=row[1], oldest=oldest)
