import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import anyio
import anyio.lowlevel
import msgspec
import pysqlite3.dbapi2 as sqlite
import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid6 import uuid7

from kiosk.clock import WallClock
from kiosk.store import database as database_module
from kiosk.store.database import Database, StoreError
from kiosk.store.ledger import Ledger, Service, luhn_digit
from kiosk.store.stored_outbox import StoredOutbox
from kiosk.wire.events import (
    Answer,
    Crossed,
    Envelope,
    Fate,
    Paper,
    Passage,
    PassageEnded,
    ReceiptGiven,
    Submission,
)
from kiosk.wire.evidence import Evidence, NotMeasured, Why
from kiosk.wire.fleet import Signed
from kiosk.wire.rules import Decision, Reason, Verdict

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
NOTHING = NotMeasured(why=Why.NOT_SHOWN)
EVIDENCE = Evidence(identity=NOTHING, face=NOTHING, temperature=NOTHING, code=NOTHING, occupancy=NOTHING)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[Ledger, StoredOutbox, Database]]:
    database = await Database.open(folder / "terminal.db")
    try:
        papers = folder / "papers"
        yield Ledger(database, papers, WallClock()), StoredOutbox(database, papers), database
    finally:
        await database.close()


def passage(verdict: Verdict = Verdict.ADMIT) -> Passage:
    decision = Decision(verdict=verdict, reasons=(Reason.ALL_IN_ORDER,), rules_version=1)
    return Passage(id=uuid7(), lane="1", began=NOW, decided=NOW, evidence=EVIDENCE, decision=decision)


def submission(*papers: Paper) -> Submission:
    return Submission(
        id=uuid7(), number="0" * 14, item="i", item_version=1, began=NOW, submitted=NOW, promised=date(2026, 12, 1),
        person="a" * 64, content_sealed=b"sealed", papers=papers,
    )  # fmt: skip


def event_of(body: bytes) -> object:
    return msgspec.json.decode(body, type=Envelope).event


async def test_a_passage_and_its_end_wait_for_the_hub_in_order(tmp_path: Path) -> None:
    async with opened(tmp_path) as (ledger, outbox, _):
        one = passage()
        await ledger.keep_passage(one)
        await ledger.end_passage(one.id, Crossed.PASSED)
        await ledger.end_passage(one.id, Crossed.NOBODY)  # the first report counts
        waiting = await outbox.due(10)
        assert [type(event_of(w.body)) for w in waiting] == [Passage, PassageEnded]
        assert [w.seq for w in waiting] == [1, 2]
        ended = event_of(waiting[1].body)
        assert isinstance(ended, PassageEnded)
        assert (ended.passage, ended.crossed) == (one.id, Crossed.PASSED)
        assert event_of(waiting[0].body) == one


async def test_who_is_not_admitted_needs_no_second_report(tmp_path: Path) -> None:
    async with opened(tmp_path) as (ledger, outbox, _):
        await ledger.keep_passage(passage(Verdict.REFUSE))
        ended = event_of((await outbox.due(10))[1].body)
        assert isinstance(ended, PassageEnded)
        assert ended.crossed is Crossed.NOT_RELEASED
        assert await ledger.recover() == 0


async def test_what_a_crash_left_open_is_closed_as_unknown(tmp_path: Path) -> None:
    async with opened(tmp_path) as (ledger, _, _):
        await ledger.keep_passage(passage())
    async with opened(tmp_path) as (ledger, outbox, _):
        (tmp_path / "papers").mkdir()
        (tmp_path / "papers" / "orphan").write_bytes(b"of a submission that was never made")
        assert await ledger.recover() == 1
        assert await ledger.recover() == 0
        ended = event_of((await outbox.due(10))[1].body)
        assert isinstance(ended, PassageEnded)
        assert ended.crossed is Crossed.UNKNOWN
        assert list((tmp_path / "papers").iterdir()) == []


async def test_each_answer_settles_its_own_event(tmp_path: Path) -> None:
    async with opened(tmp_path) as (ledger, outbox, _):
        for _ in range(4):
            await ledger.keep_passage(passage())
        await outbox.settle(
            [
                Answer(seq=1, fate=Fate.STORED),
                Answer(seq=2, fate=Fate.REFUSED, detail="unknown field"),
                Answer(seq=3, fate=Fate.LATER),
                Answer(seq=4, fate=Fate.KNOWN),
            ]
        )
        assert await outbox.due(10) == []  # not at once again
        await outbox.postpone([3], seconds=0)
        assert [w.seq for w in await outbox.due(10)] == [3]
        depth = await outbox.depth()
        assert (depth.waiting, depth.dead, depth.oldest) == (1, 1, NOW)


async def test_what_is_postponed_does_not_block_the_next(tmp_path: Path) -> None:
    async with opened(tmp_path) as (ledger, outbox, _):
        for _ in range(3):
            await ledger.keep_passage(passage())
        await outbox.postpone([1], seconds=60)
        assert [w.seq for w in await outbox.due(1)] == [2]
        await outbox.postpone([1], seconds=0)
        assert [w.seq for w in await outbox.due(10)] == [1, 2, 3]


async def test_a_submission_is_numbered_and_its_papers_go_when_the_hub_has_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as (ledger, outbox, _):
        sealed = b"sealed paper"
        name = await ledger.keep_paper(sealed)
        assert name == hashlib.sha256(sealed).hexdigest()
        paper = Paper(sha256=name, bytes=len(sealed), kind="licence", captured=NOW, device="camera")
        made = await ledger.submit(submission(paper), 42)
        also = await ledger.submit(submission(), 42)
        assert made.number[:13] == "0000420000001"
        assert also.number[:13] == "0000420000002"
        assert await ledger.recover() == 0  # a paper that an event names is no orphan
        (first, second) = await outbox.due(10)
        assert (first.papers, second.papers) == ((name,), ())
        assert outbox.paper_path(name).read_bytes() == sealed
        await outbox.paper_done(name)
        assert (await outbox.due(1))[0].papers == ()
        assert outbox.paper_path(name).exists()  # until the event is acknowledged too
        await outbox.settle([Answer(seq=first.seq, fate=Fate.STORED)])
        assert not outbox.paper_path(name).exists()


async def test_a_terminal_that_lost_its_count_goes_on_above_what_the_hub_knows(tmp_path: Path) -> None:
    async with opened(tmp_path) as (ledger, _, _):
        assert (await ledger.submit(submission(), 42, 10_005)).number[:13] == "0000420010005"
        assert (await ledger.submit(submission(), 42, 10_005)).number[:13] == "0000420010006"


async def test_an_interrupted_receipt_is_found_again_by_the_same_person(tmp_path: Path) -> None:
    async with opened(tmp_path) as (ledger, _, _):
        made = await ledger.submit(submission(), 42)
    async with opened(tmp_path) as (ledger, outbox, _):
        found = await ledger.without_receipt("a" * 64)
        assert found is not None
        assert (found.id, found.number, found.promised) == (made.id, made.number, date(2026, 12, 1))
        assert await ledger.without_receipt("b" * 64) is None
        await ledger.give_receipt(made.id, printed=False, fault="paper_out")
        assert await ledger.without_receipt("a" * 64) is None
        await ledger.give_receipt(made.id, printed=True)
        await ledger.give_receipt(made.id, printed=True)  # printed again: one report is enough
        given = [event_of(w.body) for w in await outbox.due(10)][1:]
        assert [(g.printed, g.fault) for g in given if isinstance(g, ReceiptGiven)] == [
            (False, "paper_out"),
            (True, ""),
        ]


async def test_no_content_of_a_submission_stays_after_the_hub_has_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as (ledger, outbox, database):
        await ledger.submit(msgspec.structs.replace(submission(), content_sealed=b"THE-CONTENT"), 42)
        await outbox.settle([Answer(seq=1, fate=Fate.STORED)])
        dump = await database.read(
            lambda c: [c.execute(f"SELECT * FROM {t}").fetchall() for t in ("submission", "outbox")]
        )
        assert "VEhFLUNPTlRFTlQ" not in str(dump)
        assert "THE-CONTENT" not in str(dump)


async def test_a_failed_transaction_leaves_no_trace(tmp_path: Path) -> None:
    async with opened(tmp_path) as (ledger, outbox, _):
        one = passage()
        await ledger.keep_passage(one)
        with pytest.raises(sqlite.IntegrityError):
            await ledger.keep_passage(one)
        assert len(await outbox.due(10)) == 1


async def test_a_device_has_one_record_over_all_runs(tmp_path: Path) -> None:
    async with opened(tmp_path) as (ledger, _, _):
        await ledger.add_service([Service("barrier", "barrier/osdp", good=5, cycles=2, ready_seconds=1.5)])
    async with opened(tmp_path) as (ledger, _, _):
        more = Service("barrier", "barrier/osdp", good=7, errors=1, cycles=3, ready_seconds=2.5)
        await ledger.add_service([more, Service("barrier", "barrier/lcus", good=1)])
        osdp, lcus = sorted(await ledger.service(), key=lambda s: s.driver, reverse=True)
        assert osdp == Service("barrier", "barrier/osdp", 12, 1, 0, 5, 4.0)
        assert osdp.minus(more).plus(more) == osdp
        assert lcus.good == 1


async def test_signed_data_never_goes_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as (ledger, _, _):
        two = Signed(kind="rules", version=2, body=b"two", signature=b"s" * 64)
        assert await ledger.keep_signed(two)
        assert not await ledger.keep_signed(msgspec.structs.replace(two, version=1, body=b"one"))
        assert await ledger.signed("rules") == two
        assert await ledger.signed("catalogue") is None


async def test_an_old_sqlite_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module.sqlite, "sqlite_version_info", (3, 40, 1))
    with pytest.raises(StoreError, match=r"3\.51\.3 or newer"):
        await Database.open(tmp_path / "x.db")


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"no database, certainly not" * 100)
    with pytest.raises(StoreError, match="not a usable store"):
        await Database.open(tmp_path / "x.db")


async def test_a_store_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_, _, database):
        await database.read(lambda c: c.execute("PRAGMA user_version=99"))
        await database.read(lambda c: c.execute("UPDATE meta SET value = '99' WHERE key = 'runs_with'"))
    with pytest.raises(StoreError, match="newer release"):
        await Database.open(tmp_path / "terminal.db")


async def test_the_store_is_as_durable_as_it_says(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_, _, database):
        got = await database.read(
            lambda c: (c.execute("PRAGMA journal_mode").fetchone()[0], c.execute("PRAGMA synchronous").fetchone()[0])
        )
        assert got == ("wal", 2)


async def test_a_write_that_was_begun_is_finished_when_it_is_cancelled(tmp_path: Path) -> None:
    async with opened(tmp_path) as (ledger, outbox, _):
        async with anyio.create_task_group() as group:
            group.start_soon(ledger.keep_passage, passage())
            await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
        assert len(await outbox.due(10)) <= 1  # whole or not at all


WRITER = """
import sys, anyio
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.store.test_store import opened, passage
async def main():
    async with opened(Path(sys.argv[1])) as (ledger, _, _):
        while True:
            one = passage()
            await ledger.keep_passage(one)
            print(one.id, flush=True)
anyio.run(main)
"""


async def test_nothing_that_was_stored_is_lost_by_kill_9(tmp_path: Path, root: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path), str(root)], stdout=subprocess.PIPE, text=True, cwd=root
    )
    assert writer.stdout is not None
    told = [writer.stdout.readline().strip() for _ in range(20)]
    os.kill(writer.pid, signal.SIGKILL)
    told += [line.strip() for line in writer.stdout if len(line.strip()) == 36]
    writer.wait()
    writer.stdout.close()
    async with opened(tmp_path) as (_, outbox, _):
        kept = {str(w.id) for w in await outbox.due(10_000)}
    assert kept.issuperset(told)
    assert len(told) >= 20


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(0, 12), st.integers(1, 9))
def test_any_one_wrong_digit_is_noticed(digits: str, place: int, by: int) -> None:
    wrong = str((int(digits[place]) + by) % 10)
    other = digits[:place] + wrong + digits[place + 1 :]
    assert luhn_digit(digits) != luhn_digit(other)


def test_the_check_digit_is_the_standards() -> None:
    assert luhn_digit("7992739871") == "3"  # the example of ISO/IEC 7812-1


def test_the_clock_of_the_test_is_sane() -> None:
    assert abs(WallClock().now().timestamp() - time.time()) < 5  # noqa: TID251  compared with the clock itself
    assert UUID(str(uuid7())).version == 7
