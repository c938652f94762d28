"""What a lane has to look up while somebody waits: appointments, who came in, how many are inside. All of it local."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

import pysqlite3.dbapi2 as sqlite

from kiosk.clock import Clock, local_date
from kiosk.store.database import Database
from kiosk.wire.appointments import Appointment, AppointmentChanges, AppointmentStatus
from kiosk.wire.events import Crossed, Passage, StaffAct
from kiosk.wire.evidence import CodeChecked, CodeStatus, IdentityRead
from kiosk.wire.rules import Verdict

KEPT = timedelta(days=1)
"""How long it counts when somebody came in."""
KEPT_ROWS = 20_000
"""So many of those who came in and of used appointments stay here, the newest: several days of the busiest lane.

Counted and not dated: a clock that jumps a year would make every used code good again."""
_AHEAD = timedelta(minutes=5)
"""Whoever came in later than that from now came in while the clock was wrong."""
_CAME_IN = frozenset({Crossed.PASSED, Crossed.TAILGATED, Crossed.HELD_OPEN})

_Row = tuple[str, str | None, int, int, int, str, int, str]
_COLUMNS = "code_id, person, begins, ends, companions, department, visitor, status"


def _appointment(row: _Row, *, used: bool) -> Appointment:
    code_id, person, begins, ends, companions, department, visitor, status = row
    return Appointment(
        code_id=code_id,
        person=person,
        begins=datetime.fromtimestamp(begins, UTC),
        ends=datetime.fromtimestamp(ends, UTC),
        companions=companions,
        department=department,
        visitor=bool(visitor),
        status=AppointmentStatus.USED if used else AppointmentStatus(status),
    )


def note_crossing(
    connection: sqlite.Connection, passage: Passage, crossed: Crossed, people: int, now: datetime
) -> None:
    """Count who came in, in the transaction that stores the crossing.

    Args:
        people: how many heads the beams saw go in.
    """
    add_heads(connection, now, entered=people)
    # heads that went in before a barrier failed in the middle of a party are in, whatever it says of the last
    if crossed not in _CAME_IN and not people:
        return
    if passage.decision.verdict is not Verdict.ADMIT and not _admitted_by_staff(connection, passage):
        return
    moment = int(now.timestamp())
    code, identity = passage.evidence.code, passage.evidence.identity
    if isinstance(code, CodeChecked) and code.status is CodeStatus.VALID and code.code_id:
        connection.execute(
            "INSERT INTO used VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (code.code_id, str(passage.id), moment)
        )
        connection.execute("DELETE FROM used WHERE rowid <= (SELECT max(rowid) FROM used) - ?", (KEPT_ROWS,))
    if isinstance(identity, IdentityRead):
        # replaced and not updated: the newest have the highest rowid
        connection.execute("INSERT OR REPLACE INTO entered VALUES (?, ?)", (identity.person, moment))
        connection.execute("DELETE FROM entered WHERE rowid <= (SELECT max(rowid) FROM entered) - ?", (KEPT_ROWS,))


def _admitted_by_staff(connection: sqlite.Connection, passage: Passage) -> bool:
    rows = connection.execute(
        "SELECT 1 FROM staff_action WHERE passage = ? AND act = ?", (str(passage.id), StaffAct.ADMITTED.value)
    )
    return rows.fetchone() is not None


def count_passage(connection: sqlite.Connection) -> None:
    """Count a passage for the disinfection register, in the transaction that stores it."""
    connection.execute("UPDATE disinfection SET passages = passages + 1 WHERE one = 1")


def correct_heads(connection: sqlite.Connection, now: datetime, count: int) -> None:
    """Make today's count what staff counted, in the transaction that stores their act."""
    connection.execute(
        "INSERT INTO head_count (day, corrected) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET"
        ' corrected = ?2 - (entered - "left")',
        (local_date(now).isoformat(), count),
    )


def add_heads(connection: sqlite.Connection, now: datetime, *, entered: int = 0, left: int = 0) -> None:
    """Add to today's heads."""
    if entered or left:
        connection.execute(
            'INSERT INTO head_count (day, entered, "left") VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET'
            ' entered = entered + excluded.entered, "left" = "left" + excluded."left"',
            (local_date(now).isoformat(), entered, left),
        )


class GateBook:
    """The lane's book. Every look-up takes well under 5 ms with 100,000 appointments.

    Args:
        hall: whose appointments these are.
    """

    def __init__(self, database: Database, hall: str, clock: Clock) -> None:
        self._database, self._hall, self._clock = database, hall, clock

    # Appointments ---------------------------------------------------------------------------------------------------

    async def by_code(self, code_id: str) -> Appointment | None:
        """The appointment of a code."""

        def look(connection: sqlite.Connection) -> Appointment | None:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM appointment WHERE code_id = ?",  # noqa: S608  a constant
                (code_id,),
            ).fetchall()
            return _appointment(cast("_Row", rows[0]), used=_used(connection, code_id)) if rows else None

        return await self._database.read(look)

    async def by_person(self, person: str, begins_after: datetime, begins_before: datetime) -> Sequence[Appointment]:
        """Somebody's appointments that begin in a span of time, the earliest first."""

        def look(connection: sqlite.Connection) -> list[Appointment]:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM appointment"  # noqa: S608  a constant
                " WHERE person = ? AND begins BETWEEN ? AND ? ORDER BY begins LIMIT 50",
                (person, int(begins_after.timestamp()), int(begins_before.timestamp())),
            ).fetchall()
            return [_appointment(cast("_Row", row), used=_used(connection, row[0])) for row in rows]

        return await self._database.read(look)

    async def used(self, code_id: str) -> bool:
        """Whether a party came in here with it, as far as this terminal knows."""
        return await self._database.read(lambda connection: _used(connection, code_id))

    async def made(self) -> datetime | None:
        """When the hub made the list; None when there is none, or it never was complete."""
        rows = await self._database.read(
            lambda c: c.execute("SELECT made FROM appointment_list WHERE hall = ?", (self._hall,)).fetchall()
        )
        return datetime.fromisoformat(rows[0][0]) if rows and rows[0][0] else None

    async def upto(self) -> int:
        """How far the copy goes; the next changes are asked for from here."""
        rows = await self._database.read(
            lambda c: c.execute("SELECT upto FROM appointment_list WHERE hall = ?", (self._hall,)).fetchall()
        )
        return int(rows[0][0]) if rows else 0

    async def apply(self, changes: AppointmentChanges) -> bool:
        """Take a page of changes; applying one twice changes nothing.

        Returns:
            Whether it followed what is here; a page of another hall or from further on is not taken.
        """

        def work(connection: sqlite.Connection) -> bool:
            row = connection.execute("SELECT upto FROM appointment_list WHERE hall = ?", (self._hall,)).fetchone()
            if changes.hall != self._hall or changes.since > (int(row[0]) if row else 0):
                return False
            connection.executemany(
                "INSERT INTO appointment VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " person = excluded.person, begins = excluded.begins, ends = excluded.ends,"
                " companions = excluded.companions, department = excluded.department, visitor = excluded.visitor,"
                " status = excluded.status",
                [_row(change) for change in changes.changes],
            )
            connection.execute(
                "INSERT INTO appointment_list VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET"
                " upto = max(upto, excluded.upto), made = coalesce(excluded.made, made)",
                (self._hall, changes.upto, changes.made.isoformat() if changes.complete else None),
            )
            if changes.complete:  # what was over two weeks ago helps nobody; nothing is lost to a clock that jumped
                old = int((min(self._clock.now(), changes.made) - timedelta(days=14)).timestamp())
                connection.execute("DELETE FROM appointment WHERE ends < ?", (old,))
            return True

        return await self._database.write(work)

    # Heads ----------------------------------------------------------------------------------------------------------

    async def heads(self) -> tuple[int, int, int]:
        """Today's heads in, heads out, and what staff corrected it by."""
        day = local_date(self._clock.now()).isoformat()
        rows = await self._database.read(
            lambda c: c.execute('SELECT entered, "left", corrected FROM head_count WHERE day = ?', (day,)).fetchall()
        )
        entered, left, corrected = rows[0] if rows else (0, 0, 0)
        return int(entered), int(left), int(corrected)

    async def leave(self, people: int = 1) -> None:
        """Somebody went out."""
        now = self._clock.now()
        await self._database.write(lambda connection: add_heads(connection, now, left=people))

    async def last_entered(self, person: str) -> datetime | None:
        """When somebody came in here last, within a day; by a clock that was wrong counts as not known."""
        rows = await self._database.read(
            lambda c: c.execute("SELECT at FROM entered WHERE person = ?", (person,)).fetchall()
        )
        now = self._clock.now()
        at = datetime.fromtimestamp(rows[0][0], UTC) if rows else None
        return at if at is not None and -_AHEAD <= now - at <= KEPT else None


def _used(connection: sqlite.Connection, code_id: str) -> bool:
    return connection.execute("SELECT 1 FROM used WHERE code_id = ?", (code_id,)).fetchone() is not None


def _row(change: Appointment) -> _Row:
    return (
        change.code_id,
        change.person,
        int(change.begins.timestamp()),
        int(change.ends.timestamp()),
        change.companions,
        change.department,
        int(change.visitor),
        change.status.value,
    )
