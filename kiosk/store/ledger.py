"""What happened at this terminal, kept so that none of it is lost: each state change and its event in ONE transaction.

`Ledger` is what the journeys write to; `stored_outbox` is what the link empties.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import anyio
import anyio.to_thread
import msgspec
import pysqlite3.dbapi2 as sqlite
from uuid6 import uuid7

from kiosk.clock import Clock
from kiosk.log import logger
from kiosk.store.database import Database
from kiosk.store.gate_book import count_passage, note_crossing
from kiosk.store.past import keep_rules
from kiosk.store.queue import queue
from kiosk.wire.events import (
    Crossed,
    Paper,
    Passage,
    PassageEnded,
    ReceiptGiven,
    Submission,
)
from kiosk.wire.fleet import Signed
from kiosk.wire.rules import Verdict

_log = logger("store")


@dataclass(frozen=True, slots=True)
class Handed:
    """A submission as this terminal remembers it: no content."""

    id: UUID
    number: str
    item: str
    submitted: datetime
    promised: date | None
    receipt: bytes = b""
    """What stands on its receipt, as the desk wrote it; empty of an older release."""


@dataclass(frozen=True, slots=True)
class Service:
    """What a device has done: calls that succeeded and that did not, openings, movements, seconds in service."""

    name: str
    driver: str
    good: int = 0
    errors: int = 0
    opened: int = 0
    cycles: int = 0
    ready_seconds: float = 0.0

    def plus(self, other: "Service") -> "Service":
        """Both together."""
        return Service(
            self.name,
            self.driver,
            self.good + other.good,
            self.errors + other.errors,
            self.opened + other.opened,
            self.cycles + other.cycles,
            self.ready_seconds + other.ready_seconds,
        )

    def minus(self, other: "Service") -> "Service":
        """What has been added since `other`."""
        return Service(
            self.name,
            self.driver,
            self.good - other.good,
            self.errors - other.errors,
            self.opened - other.opened,
            self.cycles - other.cycles,
            self.ready_seconds - other.ready_seconds,
        )


def luhn_digit(digits: str) -> str:
    """Check digit of a receipt number (ISO/IEC 7812-1 annex B): catches any one wrong digit read over the telephone."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        digit = int(character) * (2 if place % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return str(-total % 10)


class Ledger:
    """The terminal's record."""

    def __init__(self, database: Database, papers: Path, clock: Clock) -> None:
        self._database = database
        self._papers = papers
        self._clock = clock
        self.on_queued: Callable[[], None] = lambda: None
        """Called on the event loop when something new waits for the hub."""

    async def recover(self) -> int:
        """Finish what a crash left open, before anything is served.

        A passage without a second event was interrupted: nobody saw what the barrier did. Papers that no event names
        belong to a submission that was never made.

        Returns:
            How many passages were closed as `unknown`.
        """

        def close_open(connection: sqlite.Connection) -> int:
            rows = connection.execute("SELECT id FROM passage WHERE crossed IS NULL").fetchall()
            for (identifier,) in rows:
                now = self._clock.now()
                connection.execute("UPDATE passage SET crossed = 'unknown' WHERE id = ?", (identifier,))
                ended = PassageEnded(
                    id=uuid7(), passage=UUID(identifier), crossed=Crossed.UNKNOWN, ended=now, fault="restarted"
                )
                queue(connection, ended, now)
            return len(rows)

        closed = await self._database.write(close_open)
        known = {
            row[0] for row in await self._database.read(lambda c: c.execute("SELECT sha256 FROM paper").fetchall())
        }

        def sweep() -> None:
            self._papers.mkdir(parents=True, exist_ok=True)
            for file in self._papers.iterdir():
                if file.name not in known:
                    file.unlink()

        await anyio.to_thread.run_sync(sweep)
        return closed

    # Gate ------------------------------------------------------------------------------------------------------

    async def keep_passage(self, passage: Passage) -> None:
        """Store a passage and queue it. Where nothing will be released, its second event goes with it."""

        def work(connection: sqlite.Connection) -> None:
            released = passage.decision.verdict is Verdict.ADMIT
            crossed = None if released else Crossed.NOT_RELEASED.value
            connection.execute(
                "INSERT INTO passage (id, decided, verdict, body, crossed) VALUES (?, ?, ?, ?, ?)",
                (
                    str(passage.id),
                    passage.decided.isoformat(),
                    passage.decision.verdict.value,
                    msgspec.json.encode(passage),
                    crossed,
                ),
            )
            queue(connection, passage, passage.decided)
            count_passage(connection)
            if not released:
                ended = PassageEnded(
                    id=uuid7(), passage=passage.id, crossed=Crossed.NOT_RELEASED, ended=passage.decided
                )
                queue(connection, ended, passage.decided)

        await self._database.write(work)
        self.on_queued()

    async def end_passage(self, passage: UUID, crossed: Crossed, fault: str = "", people: int = 0) -> None:
        """Store and queue what the barrier saw. The first report of a passage counts.

        Args:
            people: how many heads came in.
        """
        now = self._clock.now()

        def work(connection: sqlite.Connection) -> None:
            body = connection.execute(
                "UPDATE passage SET crossed = ? WHERE id = ? AND crossed IS NULL RETURNING body",
                (crossed.value, str(passage)),
            ).fetchone()
            if body is not None:
                ended = PassageEnded(
                    id=uuid7(), passage=passage, crossed=crossed, ended=now, fault=fault, people=people
                )
                queue(connection, ended, now)
                note_crossing(connection, msgspec.json.decode(body[0], type=Passage), crossed, people, now)

        await self._database.write(work)
        self.on_queued()

    # Desk ------------------------------------------------------------------------------------------------------

    async def keep_paper(self, sealed: bytes) -> str:
        """Store one sealed paper on disk, durably.

        Returns:
            Its name: the SHA-256 of the sealed bytes, hexadecimal.
        """
        name = hashlib.sha256(sealed).hexdigest()

        def write() -> None:
            self._papers.mkdir(parents=True, exist_ok=True)
            part = self._papers / f"{name}.part"
            with part.open("wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            part.rename(self._papers / name)
            folder = os.open(self._papers, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

        await anyio.to_thread.run_sync(write)
        return name

    async def submit(
        self, draft: Submission, receipt_range: int, receipts_from: int = 1, receipt: bytes = b""
    ) -> Submission:
        """Give a submission its number, store it and queue it, in one transaction.

        Args:
            draft: complete but for its number; its papers are kept already.
            receipt_range: the first six digits of this terminal's numbers.
            receipts_from: the least number to give, by the hub's knowledge at enrolment.
            receipt: what stands on the receipt, for printing it again.

        Returns:
            The submission with its number: range, seven digits, check digit.
        """

        def work(connection: sqlite.Connection) -> Submission:
            key = f"receipts/{receipt_range:06d}"
            connection.execute("INSERT INTO meta VALUES (?, '0') ON CONFLICT DO NOTHING", (key,))
            connection.execute(
                "UPDATE meta SET value = max(CAST(value AS INTEGER) + 1, ?) WHERE key = ?", (receipts_from, key)
            )
            serial = int(connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0])
            digits = f"{receipt_range:06d}{serial:07d}"
            made = msgspec.structs.replace(draft, number=digits + luhn_digit(digits))
            connection.execute(
                "INSERT INTO submission (id, number, person, item, submitted, promised, said)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    str(made.id),
                    made.number,
                    made.person,
                    made.item,
                    made.submitted.isoformat(),
                    made.promised.isoformat() if made.promised else None,
                    receipt,
                ),
            )
            seq = queue(connection, made, made.submitted)
            connection.executemany(
                "INSERT INTO paper (sha256, seq, bytes) VALUES (?, ?, ?)",
                [(paper.sha256, seq, paper.bytes) for paper in _distinct(made.papers)],
            )
            return made

        made = await self._database.write(work)
        self.on_queued()
        return made

    async def keep_receipt(self, submission: UUID, receipt: bytes) -> None:
        """Store what stands on a receipt, instead of what was to stand there before."""
        await self._database.write(
            lambda c: c.execute("UPDATE submission SET said = ? WHERE id = ?", (receipt, str(submission)))
        )

    async def give_receipt(self, submission: UUID, *, printed: bool, fault: str = "") -> None:
        """Store and queue how the citizen got the receipt. A printed one replaces one that was shown."""
        now = self._clock.now()

        def work(connection: sqlite.Connection) -> None:
            how = "printed" if printed else "shown"
            row = connection.execute(
                "UPDATE submission SET receipt = ?1 WHERE id = ?2"
                " AND (receipt IS NULL OR (receipt = 'shown' AND ?1 = 'printed'))",
                (how, str(submission)),
            )
            if row.rowcount:
                given = ReceiptGiven(id=uuid7(), submission=submission, printed=printed, fault=fault, given=now)
                queue(connection, given, now)

        await self._database.write(work)
        self.on_queued()

    async def without_receipt(self, person: str) -> Handed | None:
        """The newest submission of a person whose receipt was never given, because the terminal was interrupted."""
        rows = await self._database.read(
            lambda c: c.execute(
                "SELECT id, number, item, submitted, promised, said FROM submission"
                " WHERE person = ? AND receipt IS NULL ORDER BY submitted DESC LIMIT 1",
                (person,),
            ).fetchall()
        )
        if not rows:
            return None
        identifier, number, item, submitted, promised, said = rows[0]
        return Handed(
            UUID(identifier),
            number,
            item,
            datetime.fromisoformat(submitted),
            date.fromisoformat(promised) if promised else None,
            said,
        )

    # Devices ---------------------------------------------------------------------------------------------------

    async def add_service(self, served: Sequence[Service]) -> None:
        """Add what devices have done since the last time to their records."""
        now = self._clock.now().isoformat()
        rows = [(s.name, s.driver, now, s.good, s.errors, s.opened, s.cycles, s.ready_seconds) for s in served]
        await self._database.write(
            lambda c: c.executemany(
                "INSERT INTO device VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " good = good + excluded.good, errors = errors + excluded.errors, opened = opened + excluded.opened,"
                " cycles = cycles + excluded.cycles, ready_seconds = ready_seconds + excluded.ready_seconds",
                rows,
            )
        )

    async def service(self) -> list[Service]:
        """What each device has done in its life at this terminal."""
        rows = await self._database.read(
            lambda c: c.execute(
                "SELECT name, driver, good, errors, opened, cycles, ready_seconds FROM device"
            ).fetchall()
        )
        return [Service(*row) for row in rows]

    # Signed data -----------------------------------------------------------------------------------------------

    async def keep_signed(self, signed: Signed) -> bool:
        """Keep signed data that was verified, unless a newer version is here. Returns whether it was kept."""

        def work(connection: sqlite.Connection) -> bool:
            row = connection.execute(
                "INSERT INTO signed VALUES (?, ?, ?, ?) ON CONFLICT (kind) DO UPDATE SET version = excluded.version,"
                " body = excluded.body, signature = excluded.signature WHERE excluded.version > signed.version",
                (signed.kind, signed.version, signed.body, signed.signature),
            )
            if row.rowcount > 0 and signed.kind == "rules":
                keep_rules(connection, signed)
            return row.rowcount > 0

        return await self._database.write(work)

    async def signed(self, kind: str) -> Signed | None:
        """The newest signed data of a kind, as it came."""
        rows = await self._database.read(
            lambda c: c.execute("SELECT version, body, signature FROM signed WHERE kind = ?", (kind,)).fetchall()
        )
        if not rows:
            return None
        version, body, signature = rows[0]
        return Signed(kind=kind, version=version, body=body, signature=signature)


def _distinct(papers: Sequence[Paper]) -> list[Paper]:
    return list({paper.sha256: paper for paper in papers if not paper.earlier}.values())
