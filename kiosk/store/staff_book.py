"""What staff do at a lane: each act with its effect here and its event in ONE transaction, before anything moves."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, cast
from uuid import UUID

import msgspec
import pysqlite3.dbapi2 as sqlite

from kiosk.clock import Clock
from kiosk.store.database import Database
from kiosk.store.gate_book import add_heads, correct_heads
from kiosk.store.queue import queue
from kiosk.store.staff_acts import ANSWERS, ActRefused, Kept
from kiosk.wire.events import Crossed, LaneAlarm, Passage, StaffAct, StaffAction
from kiosk.wire.evidence import Watched

KEPT_ACTS: Final = 5000
"""So many of the newest acts stay here; the hub has them all. Counted, not dated: a clock may jump."""
_PAUSED: Final = "lane/paused"


class StaffBook:
    """The lane's staff register.

    Args:
        database: the terminal's store.
        clock: the wall clock.
        on_queued: called on the event loop when something new waits for the hub.
    """

    def __init__(self, database: Database, clock: Clock, on_queued: Callable[[], None] = lambda: None) -> None:
        self._database, self._clock = database, clock
        self._on_queued = on_queued

    async def act(self, action: StaffAction) -> None:
        """Store an act with what it changes here, and queue it.

        An admission opens its passage again, so that `Ledger.end_passage` stores what the beams see then, and a crash
        in between ends it as unknown.

        Raises:
            ActRefused: somebody has answered it before, or it was not sent to staff.
        """

        def work(connection: sqlite.Connection) -> None:
            if action.act in ANSWERS:
                self._answer(connection, action)
            connection.execute(
                "INSERT INTO staff_action (id, act, staff, passage, at, body) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    str(action.id),
                    action.act.value,
                    action.staff,
                    None if action.passage is None else str(action.passage),
                    action.at.isoformat(),
                    msgspec.json.encode(action),
                ),
            )
            connection.execute(
                "DELETE FROM staff_action WHERE place <= (SELECT max(place) FROM staff_action) - ?", (KEPT_ACTS,)
            )
            self._effect(connection, action)
            queue(connection, action, action.at)

        await self._database.write(work)
        self._on_queued()

    async def alarm(self, alarm: LaneAlarm) -> None:
        """Store and queue what the lane saw that nobody asked it for."""
        await self._database.write(lambda connection: queue(connection, alarm, alarm.at))
        self._on_queued()

    async def came_in(self, people: int) -> None:
        """People came in without a passage: staff opened by hand."""
        now = self._clock.now()
        await self._database.write(lambda connection: add_heads(connection, now, entered=people))

    async def latest(self, most: int = 30) -> Sequence[Kept]:
        """The newest passages: those that wait for staff first, then the newest first.

        Args:
            most: at most so many, of the last 200.
        """

        def look(connection: sqlite.Connection) -> list[Kept]:
            rows = connection.execute("SELECT id, body, crossed FROM passage ORDER BY rowid DESC LIMIT 200").fetchall()
            return [_kept(connection, row) for row in rows]

        found = await self._database.read(look)
        now = self._clock.now()
        return sorted(found, key=lambda kept: not kept.waits(now))[:most]

    async def one(self, passage: UUID) -> Kept | None:
        """One passage; None where it is not here."""

        def look(connection: sqlite.Connection) -> Kept | None:
            rows = connection.execute("SELECT id, body, crossed FROM passage WHERE id = ?", (str(passage),)).fetchall()
            return _kept(connection, rows[0]) if rows else None

        return await self._database.read(look)

    async def let_in_for(self, reason: str) -> list[tuple[datetime, str]]:
        """Whom staff let in lately for a reason: when, and the watch list's entry that had sent them to staff.

        Args:
            reason: as it stands in `StaffAction.reason`.
        """

        def look(connection: sqlite.Connection) -> list[tuple[datetime, str]]:
            rows = connection.execute(
                "SELECT s.at, p.body FROM staff_action s JOIN passage p ON p.id = s.passage WHERE s.act = ?"
                " AND json_extract(CAST(s.body AS TEXT), '$.reason') = ? ORDER BY s.place DESC LIMIT 500",
                (StaffAct.ADMITTED.value, reason),
            ).fetchall()
            found = [(at, msgspec.json.decode(body, type=Passage).evidence.watch) for at, body in rows]
            return [(datetime.fromisoformat(at), seen.entry) for at, seen in found if isinstance(seen, Watched)]

        return await self._database.read(look)

    async def waiting(self) -> int:
        """How many of the last passages wait for staff."""
        now = self._clock.now()
        return sum(kept.waits(now) for kept in await self.latest(200))

    async def lately_here(self) -> Sequence[str]:
        """Members of staff by when they acted here last, the latest first."""
        rows = await self._database.read(
            lambda c: c.execute("SELECT staff FROM staff_action GROUP BY staff ORDER BY max(place) DESC").fetchall()
        )
        return [str(row[0]) for row in rows]

    async def paused(self) -> bool:
        """Whether staff have closed the lane; kept over a restart."""
        rows = await self._database.read(
            lambda c: c.execute("SELECT value FROM meta WHERE key = ?", (_PAUSED,)).fetchall()
        )
        return bool(rows) and rows[0][0] == "1"

    async def disinfection(self) -> tuple[datetime | None, int]:
        """When the lane was disinfected last, None for never; and how many passages there were since."""
        rows = await self._database.read(
            lambda c: c.execute("SELECT done, passages FROM disinfection WHERE one = 1").fetchall()
        )
        done, passages = rows[0]
        return None if done is None else datetime.fromisoformat(done), int(passages)

    # Effects here -----------------------------------------------------------------------------------------------

    @staticmethod
    def _answer(connection: sqlite.Connection, action: StaffAction) -> None:
        rows = connection.execute(
            "SELECT id, body, crossed FROM passage WHERE id = ?", (str(action.passage),)
        ).fetchall()
        kept = _kept(connection, rows[0]) if rows else None
        if kept is None or not kept.open:
            raise ActRefused(f"passage {action.passage} does not wait for staff")
        if action.act is StaffAct.ADMITTED:
            connection.execute("UPDATE passage SET crossed = NULL WHERE id = ?", (str(action.passage),))

    def _effect(self, connection: sqlite.Connection, action: StaffAction) -> None:
        match action.act:
            case StaffAct.PAUSED | StaffAct.RESUMED:
                connection.execute(
                    "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                    (_PAUSED, "1" if action.act is StaffAct.PAUSED else "0"),
                )
            case StaffAct.DISINFECTED:
                connection.execute(
                    "UPDATE disinfection SET passages = 0, done = ? WHERE one = 1", (action.at.isoformat(),)
                )
            case StaffAct.COUNT_SET if action.count is not None:
                correct_heads(connection, self._clock.now(), action.count)
            case _:
                pass


def _kept(connection: sqlite.Connection, row: tuple[str, bytes, str | None]) -> Kept:
    identifier, body, crossed = row
    acts = connection.execute(
        "SELECT body FROM staff_action WHERE passage = ? ORDER BY place", (identifier,)
    ).fetchall()
    return Kept(
        passage=msgspec.json.decode(body, type=Passage),
        crossed=None if crossed is None else Crossed(crossed),
        acts=tuple(msgspec.json.decode(cast("bytes", act[0]), type=StaffAction) for act in acts),
    )
