"""What staff do is stored with its effect and its event in one transaction; who came in is right when things fail."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from uuid6 import uuid7

from kiosk.store import gate_book
from kiosk.store.database import Database
from kiosk.store.gate_book import GateBook
from kiosk.store.ledger import Ledger
from kiosk.store.staff_acts import WAITS, ActRefused
from kiosk.store.staff_book import StaffBook
from kiosk.store.stored_outbox import StoredOutbox
from kiosk.wire.events import (
    Crossed,
    Envelope,
    LaneAlarm,
    LaneTrouble,
    Passage,
    PassageEnded,
    StaffAct,
    StaffAction,
)
from kiosk.wire.evidence import CodeChecked, CodeStatus, DocumentKind, Evidence, IdentityRead, NotMeasured, Why
from kiosk.wire.rules import Decision, Reason, Verdict

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NOTHING = NotMeasured(why=Why.NOT_REQUIRED)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class _Clock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


class Books:
    """The lane's books over one store."""

    def __init__(self, database: Database, folder: Path, clock: _Clock) -> None:
        self.database, self.clock = database, clock
        self.woken = 0
        self.ledger = Ledger(database, folder / "papers", clock)
        self.outbox = StoredOutbox(database, folder / "papers")
        self.gate = GateBook(database, "weinan", clock)
        self.staff = StaffBook(database, clock, self._wake)

    def _wake(self) -> None:
        self.woken += 1

    async def events(self) -> list[object]:
        return [msgspec.json.decode(each.body, type=Envelope).event for each in await self.outbox.due(100)]

    async def act(self, act: StaffAct, passage: UUID | None = None, **what: object) -> StaffAction:
        fields = {"id": uuid7(), "act": act, "staff": "lwd", "lane": "1", "passage": passage, "at": self.clock.now()}
        action = StaffAction(**(fields | what))  # type: ignore[arg-type]  # a test's keyword arguments
        await self.staff.act(action)
        return action


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Books]:
    database = await Database.open(folder / "terminal.db")
    try:
        yield Books(database, folder, _Clock())
    finally:
        await database.close()


def passage(verdict: Verdict = Verdict.REFER, *, decided: datetime = NOW, person: str = "a", code: str = "") -> Passage:
    identity = IdentityRead(
        document=DocumentKind.RESIDENT,
        person=person * 64,
        number_is_valid=True,
        valid_from=NOW.date(),
        valid_to=None,
        device="id_reader",
        at=decided,
    )
    checked = CodeChecked(status=CodeStatus.VALID, code_id=code, companions=2, at=decided) if code else NOTHING
    evidence = Evidence(identity=identity, face=NOTHING, temperature=NOTHING, code=checked, occupancy=NOTHING)
    reasons = (Reason.FACE_UNSURE,) if verdict is Verdict.REFER else (Reason.ALL_IN_ORDER,)
    decision = Decision(verdict=verdict, reasons=reasons, rules_version=1)
    return Passage(id=uuid7(), lane="1", began=decided, decided=decided, evidence=evidence, decision=decision)


async def test_a_staff_admission_and_what_the_beams_saw_then(tmp_path: Path) -> None:
    async with opened(tmp_path) as books:
        one = passage(code="A-1")
        await books.ledger.keep_passage(one)
        action = await books.act(StaffAct.ADMITTED, one.id, reason="identity_checked")
        await books.ledger.end_passage(one.id, Crossed.PASSED, people=3)
        kinds = [type(event) for event in await books.events()]
        assert kinds == [Passage, PassageEnded, StaffAction, PassageEnded]
        last = (await books.events())[-1]
        assert isinstance(last, PassageEnded)
        assert (last.crossed, last.people) == (Crossed.PASSED, 3)
        assert await books.gate.used("A-1")
        assert await books.gate.last_entered("a" * 64) == NOW
        assert await books.gate.heads() == (3, 0, 0)
        kept = await books.staff.one(one.id)
        assert kept is not None
        assert (kept.answer, kept.open, kept.crossed, kept.acts) == (
            StaffAct.ADMITTED, False, Crossed.PASSED, (action,),
        )  # fmt: skip
        assert books.woken == 1


async def test_a_crash_between_admission_and_beams_is_closed_as_unknown(tmp_path: Path) -> None:
    async with opened(tmp_path) as books:
        one = passage()
        await books.ledger.keep_passage(one)
        await books.act(StaffAct.ADMITTED, one.id)
    async with opened(tmp_path) as books:
        assert await books.ledger.recover() == 1
        last = (await books.events())[-1]
        assert isinstance(last, PassageEnded)
        assert (last.passage, last.crossed, last.fault) == (one.id, Crossed.UNKNOWN, "restarted")
        assert await books.gate.heads() == (0, 0, 0)


@pytest.mark.parametrize("second", [StaffAct.ADMITTED, StaffAct.TURNED_AWAY])
@pytest.mark.parametrize("first", [StaffAct.ADMITTED, StaffAct.TURNED_AWAY])
async def test_the_first_answer_counts_and_the_second_leaves_no_trace(
    tmp_path: Path, first: StaffAct, second: StaffAct
) -> None:
    async with opened(tmp_path) as books:
        one = passage()
        await books.ledger.keep_passage(one)
        await books.act(first, one.id)
        before = await books.events()
        with pytest.raises(ActRefused):
            await books.act(second, one.id)
        assert await books.events() == before
        kept = await books.staff.one(one.id)
        assert kept is not None
        assert kept.answer is first


async def test_only_who_was_sent_to_staff_can_be_answered(tmp_path: Path) -> None:
    async with opened(tmp_path) as books:
        admitted = passage(Verdict.ADMIT)
        await books.ledger.keep_passage(admitted)
        for identifier in (admitted.id, uuid7()):
            with pytest.raises(ActRefused):
                await books.act(StaffAct.ADMITTED, identifier)
        assert [type(event) for event in await books.events()] == [Passage]


async def test_who_waits_is_listed_first_and_not_for_ever(tmp_path: Path) -> None:
    async with opened(tmp_path) as books:
        old = passage(decided=NOW - WAITS - timedelta(minutes=1))
        waits, later = passage(), passage(Verdict.ADMIT)
        for each in (old, waits, later):
            await books.ledger.keep_passage(each)
        assert [kept.passage.id for kept in await books.staff.latest()] == [waits.id, later.id, old.id]
        assert await books.staff.waiting() == 1
        assert [kept.passage.id for kept in await books.staff.latest(1)] == [waits.id]
        await books.act(StaffAct.TURNED_AWAY, waits.id)
        assert await books.staff.waiting() == 0


async def test_pause_disinfection_and_count_outlive_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as books:
        assert not await books.staff.paused()
        assert await books.staff.disinfection() == (None, 0)
        await books.ledger.keep_passage(passage(Verdict.ADMIT))
        assert await books.staff.disinfection() == (None, 1)
        await books.act(StaffAct.DISINFECTED)
        await books.ledger.keep_passage(passage(Verdict.ADMIT))
        await books.act(StaffAct.PAUSED)
        await books.gate.leave(2)
        await books.staff.came_in(5)
        await books.act(StaffAct.COUNT_SET, count=40)
    async with opened(tmp_path) as books:
        assert await books.staff.paused()
        assert await books.staff.disinfection() == (NOW, 1)
        entered, left, corrected = await books.gate.heads()
        assert (entered, left, entered - left + corrected) == (5, 2, 40)
        await books.act(StaffAct.RESUMED)
        await books.act(StaffAct.COUNT_SET, count=3)
        assert not await books.staff.paused()
        assert await books.gate.heads() == (5, 2, 0)
        assert list(await books.staff.lately_here()) == ["lwd"]


async def test_an_alarm_waits_for_the_hub(tmp_path: Path) -> None:
    async with opened(tmp_path) as books:
        alarm = LaneAlarm(id=uuid7(), trouble=LaneTrouble.FORCED, lane="1", at=NOW)
        await books.staff.alarm(alarm)
        assert await books.events() == [alarm]
        assert books.woken == 1


async def test_a_barrier_that_fails_in_the_middle_of_a_party_has_let_in_who_went_in(tmp_path: Path) -> None:
    async with opened(tmp_path) as books:
        one, nobody = passage(Verdict.ADMIT, code="A-1"), passage(Verdict.ADMIT, person="b", code="A-2")
        for each in (one, nobody):
            await books.ledger.keep_passage(each)
        await books.ledger.end_passage(one.id, Crossed.UNKNOWN, "no_answer", people=1)
        await books.ledger.end_passage(nobody.id, Crossed.UNKNOWN, "no_answer", people=0)
        assert await books.gate.used("A-1")
        assert await books.gate.last_entered("a" * 64) == NOW
        assert not await books.gate.used("A-2"), "nobody saw anybody go in"
        assert await books.gate.last_entered("b" * 64) is None
        assert (await books.gate.heads())[0] == 1


async def test_a_clock_that_jumps_a_year_forgets_no_used_code(tmp_path: Path) -> None:
    async with opened(tmp_path) as books:

        async def comes_in(person: str, code: str) -> None:
            one = passage(Verdict.ADMIT, person=person, code=code)
            await books.ledger.keep_passage(one)
            await books.ledger.end_passage(one.id, Crossed.PASSED, people=1)

        await comes_in("a", "A-1")
        books.clock.at = NOW + timedelta(days=365)
        await comes_in("b", "A-2")
        assert await books.gate.last_entered("a" * 64) is None, "that is a year ago, as far as one can tell"
        books.clock.at = NOW + timedelta(minutes=10)
        assert await books.gate.used("A-1")
        assert await books.gate.used("A-2")
        assert await books.gate.last_entered("a" * 64) == NOW
        assert await books.gate.last_entered("b" * 64) is None, "nobody came in a year from now"


async def test_only_the_newest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_book, "KEPT_ROWS", 3)
    async with opened(tmp_path) as books:
        for place in (*range(5), 1):  # the second comes again, and is the newest then
            one = passage(Verdict.ADMIT, person=f"{place}", code=f"A-{place}")
            await books.ledger.keep_passage(one)
            await books.ledger.end_passage(one.id, Crossed.PASSED, people=1)
        known = [place for place in range(5) if await books.gate.last_entered(f"{place}" * 64) is not None]
        assert known == [1, 3, 4]
        assert [place for place in range(5) if await books.gate.used(f"A-{place}")] == [1, 3, 4]
