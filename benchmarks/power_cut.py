"""Power cuts under the stores of hub and terminal: is anything lost that somebody was told is safe?

Both stores run with their own code, pragmas and library on a recorded disk (`benchmarks.cut_disk`). Then the power is
cut at random moments, the files are laid out as the cut left them, and opened again by the product. The same once more
with `synchronous=OFF` and `NORMAL`, which must lose: a test that could not fail would show nothing.
"""

import logging
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import anyio
import pysqlite3.dbapi2 as sqlite
from sqlalchemy import event
from sqlalchemy.exc import DatabaseError

from benchmarks.cut_disk import Image, Recorder, Step, images
from benchmarks.hub_events import Inventor, batch
from hub.app import Hub, prepare
from hub.data import DataFolder
from hub.fleet.enrolment import make_code
from hub.fleet.live import TerminalKey
from hub.rules.publish import publish_shipped
from hub.submissions.check import check_batch
from kiosk.clock import WallClock
from kiosk.store.database import Database, StoreError
from kiosk.store.ledger import Ledger
from kiosk.store.stored_outbox import StoredOutbox
from kiosk.wire.events import Answer, Crossed, Event, Fate
from kiosk.wire.sealing import new_identity

HALL: Final = "weinan"
_TERMINALS: Final = 4
_OPENED_EVERY: Final = 20
"""So many cuts apart the product itself opens what is left, with its migrations; else a plain connection looks."""


@dataclass
class Tally:
    """What the cuts did."""

    cuts: int = 0
    told: int = 0
    """Rows that had been told safe, over all cuts."""
    cuts_that_lost: int = 0
    rows_lost: int = 0
    damaged: int = 0
    """Images that `PRAGMA integrity_check` or opening found wrong."""
    opened: int = 0
    """Images that the product opened again."""
    faults: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, object]:
        """For the report."""
        return {
            "cuts": self.cuts,
            "acknowledged_rows_checked": self.told,
            "cuts_that_lost": self.cuts_that_lost,
            "rows_lost": self.rows_lost,
            "damaged": self.damaged,
            "opened_by_the_product": self.opened,
            "faults": self.faults[:3],
        }


async def _hub_load(folder: Path, recorder: Recorder, rounds: int, synchronous: str) -> None:
    data, clock = DataFolder(folder), WallClock()
    engine, authority = prepare(data, None, clock)
    if synchronous != "FULL":

        @event.listens_for(engine, "connect")
        def _weaken(connection: Any, _record: object) -> None:
            connection.execute(f"PRAGMA synchronous={synchronous}").fetchall()

        engine.dispose()  # connections that were made before are as they were
    recorder.tell("made")
    hub = Hub(data, engine, authority, clock)
    ranges: dict[str, int] = {}
    with engine.execution_options(writes=True).begin() as connection:
        for number in range(1, _TERMINALS + 1):
            make_code(connection, HALL, f"gate-{number}", "gate", clock.now())
            ranges[f"gate-{number}"] = number
        publish_shipped(connection, hub.signing, HALL, clock.now())

    async def terminal(name: str) -> None:
        inventor = Inventor(name, data.sealing_recipient(), data.hall_key(HALL), ranges[name])
        key = TerminalKey(HALL, name)
        for _ in range(rounds):
            passage, submission = inventor.passage(), inventor.submission([paper := inventor.paper(500)])
            hub.papers.add(name, submission.papers[0].sha256, 0, len(paper), paper)
            events: tuple[Event, ...] = (passage, inventor.ended(passage), submission, inventor.receipt(submission))
            items = check_batch(batch([inventor.encode(each) for each in events]), hub.unsealing)
            now = clock.now()
            answers = await hub.writer.do(lambda c, items=items, now=now: hub.intake.store(c, key, items, now))  # type: ignore[misc]  # mypy cannot type a lambda's default
            for told, answer in zip(events, answers, strict=True):
                assert answer.fate is Fate.STORED, answer
                recorder.tell(str(told.id))

    async with anyio.create_task_group() as writing:
        writing.start_soon(hub.writer.run)
        async with anyio.create_task_group() as sending:
            for name in ranges:
                sending.start_soon(terminal, name)
        hub.writer.close()
    engine.dispose()


async def _terminal_load(folder: Path, recorder: Recorder, rounds: int, synchronous: str) -> None:
    database = await Database.open(folder / "terminal.db")
    if synchronous != "FULL":
        await database.read(lambda c: c.execute(f"PRAGMA synchronous={synchronous}").fetchall())
    recorder.tell("made")
    ledger = Ledger(database, folder / "papers", WallClock())
    outbox = StoredOutbox(database, folder / "papers")
    inventor = Inventor("gate-1", new_identity()[1], bytes(32), 1)
    for number in range(rounds):
        passage = inventor.passage()
        await ledger.keep_passage(passage)
        recorder.tell(f"passage {passage.id}")
        await ledger.end_passage(passage.id, Crossed.PASSED, people=1)
        recorder.tell(f"crossed {passage.id}")
        name = await ledger.keep_paper(paper := inventor.paper(500))
        made = await ledger.submit(inventor.submission([paper]), 1)
        recorder.tell(f"submission {made.id} {made.number}")
        await outbox.paper_done(name)
        if number % 5 == 4:  # the hub took the older half
            waiting = await outbox.due(200)
            taken = waiting[: len(waiting) // 2]
            for each in taken:
                recorder.tell(f"settled {each.id}")  # the hub has it, whether or not this terminal comes to note so
            await outbox.settle([Answer(seq=each.seq, fate=Fate.STORED) for each in taken])
    await database.close()


def _hub_left(image: Image, folder: Path, tally: Tally) -> set[str]:
    """What a hub's database has after a cut."""
    image.lay(folder)
    if "made" not in image.told:
        return set()
    with _looking(folder / "hub.db") as connection:
        _check_integrity(connection, tally)
        stored = {row[0] for row in connection.execute("SELECT id FROM event")}
        half = connection.execute(
            "SELECT count(*) FROM event WHERE kind IN ('passage', 'submission') AND id NOT IN"
            " (SELECT id FROM passage UNION SELECT id FROM submission)"
        ).fetchone()[0]
        if half:
            tally.faults.append(f"{half} events without what follows from them")
    return {"made", *stored}


def _hub_opens(folder: Path) -> None:
    engine, _ = prepare(DataFolder(folder), None, WallClock())
    engine.dispose()


def _terminal_left(image: Image, folder: Path, tally: Tally) -> set[str]:
    """What a terminal's database has after a cut."""
    image.lay(folder)
    if "made" not in image.told:
        return set()
    with _looking(folder / "terminal.db") as connection:
        _check_integrity(connection, tally)
        left = {"made"}
        for identifier, crossed in connection.execute("SELECT id, crossed FROM passage"):
            left.add(f"passage {identifier}")
            if crossed:
                left.add(f"crossed {identifier}")
        left |= {f"submission {row[0]} {row[1]}" for row in connection.execute("SELECT id, number FROM submission")}
        waiting = {row[0] for row in connection.execute("SELECT id FROM outbox")}
    settled = {told.removeprefix("settled ") for told in image.told if told.startswith("settled ")}
    left |= {
        f"settled {identifier}" for identifier in settled
    }  # what the hub has may be offered again; it says "known"
    for told in image.told:
        what, _, identifier = told.partition(" ")
        identifier = identifier.partition(" ")[0]
        if what in {"passage", "submission"} and identifier not in waiting | settled:
            left.discard(told)  # the row is there, and the hub would never hear of it
    return left


def _terminal_opens(folder: Path) -> None:
    async def opens() -> None:
        database = await Database.open(folder / "terminal.db")
        await Ledger(database, folder / "papers", WallClock()).recover()
        await database.close()

    anyio.run(opens)


@contextmanager
def _looking(path: Path) -> Iterator[sqlite.Connection]:
    connection = sqlite.connect(str(path), isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def _check_integrity(connection: sqlite.Connection, tally: Tally) -> None:
    found = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        tally.damaged += 1
        tally.faults.append(str(found)[:200])


Load = Callable[[Path, Recorder, int, str], Awaitable[None]]
Look = Callable[[Image, Path, Tally], set[str]]
_STORES: Final[dict[str, tuple[Load, Look, Callable[[Path], None]]]] = {
    "hub": (_hub_load, _hub_left, _hub_opens),
    "terminal": (_terminal_load, _terminal_left, _terminal_opens),
}


def _record(load: Load, rounds: int, synchronous: str) -> list[Step]:
    with tempfile.TemporaryDirectory() as name:
        recorder = Recorder(Path(name))
        recorder.install()
        try:
            anyio.run(load, Path(name), recorder, rounds, synchronous)
        finally:
            recorder.remove()
        return recorder.steps


def _cut(steps: list[Step], cuts: int, seed: int, look: Look, opens: Callable[[Path], None] | None) -> Tally:
    tally = Tally()
    for number, image in enumerate(images(steps, cuts, seed)):
        with tempfile.TemporaryDirectory() as name:
            tally.cuts += 1
            tally.told += len(image.told)
            try:
                left = look(image, Path(name), tally)
                if opens is not None and number % _OPENED_EVERY == 0:
                    opens(Path(name))
                    tally.opened += 1
            except (sqlite.DatabaseError, DatabaseError, StoreError) as error:
                tally.damaged += 1
                tally.faults.append(f"after step {image.cut}: {error}"[:200])
                left = set()
            lost = image.told - left
            tally.rows_lost += len(lost)
            tally.cuts_that_lost += bool(lost)
    return tally


def measure(cuts: int, rounds: int, seed: int) -> dict[str, object]:
    """Cut the power under both stores.

    Args:
        cuts: How many under each, as shipped; a fifth of that for each control.
        rounds: How much work is recorded.
        seed: Of the cuts.

    Returns:
        For each store and `synchronous` what was lost; `ok` when the shipped one lost nothing and both controls did.
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)
    report: dict[str, object] = {"sqlite": sqlite.sqlite_version, "seed": seed}
    good = True
    for store, (load, look, opens) in _STORES.items():
        figures: dict[str, object] = {}
        for synchronous in ("FULL", "NORMAL", "OFF"):
            shipped = synchronous == "FULL"
            steps = _record(load, rounds, synchronous)
            tally = _cut(steps, cuts if shipped else max(20, cuts // 5), seed, look, opens if shipped else None)
            figures[synchronous] = {"steps_recorded": len(steps), **tally.figures()}
            lost = bool(tally.cuts_that_lost or tally.damaged or tally.faults)
            good = good and lost != shipped
        report[store] = figures
    return {**report, "ok": good}
