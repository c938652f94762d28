"""When things fail around an application: the power at any moment, the disk in the middle, the line for days."""

import errno
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest
import trio.testing

from drivers.kinds import IdCard
from kiosk.desk.journey import serve, serve_one
from kiosk.desk.session import SessionOver
from kiosk.link.client import HubAway
from kiosk.store.database import Database
from kiosk.store.drafts import Drafts
from kiosk.store.ledger import Ledger, luhn_digit
from kiosk.store.shelf import StoredDraft
from kiosk.store.stored_outbox import StoredOutbox
from kiosk.view import desk as view
from kiosk.view.common import Cancel, Cause, Next, OutOfService
from kiosk.view.screen import State, place_of
from kiosk.vision.observation import PaperProblem
from kiosk.wire.events import Answer, Content, Envelope, Fate, ReceiptGiven, Submission
from kiosk.wire.sealing import unseal
from tests.journeys.after_cast import FUND
from tests.journeys.cast import card
from tests.journeys.rooms import desk
from tests.journeys.table import JOURNEYS
from tests.journeys.test_desk_items import CATALOGUE, Citizen
from tests.journeys.test_desk_journey import SECRET
from tests.journeys.walker import Scene, Walk, baseline, visit
from tests.link.test_uplink import FakeHub, Terminal, with_uplink

NAME = "1 by card from the list"
OTHER = card("110101199003070038", name="李华", photo=b"another")


def on_virtual_time(work: Callable[[], Awaitable[None]]) -> None:
    clock = trio.testing.MockClock(autojump_threshold=0)
    anyio.run(work, backend="trio", backend_options={"clock": clock})


# The power ------------------------------------------------------------------------------------------------------------


class PowerCut(BaseException):
    """Nothing that comes after it happens, not even what is done about errors."""


@dataclass
class Power:
    """Counts what is written durably; at the `at`-th moment the power goes."""

    at: int = -1
    moments: list[str] = field(default_factory=list)

    def moment(self, name: str) -> None:
        self.moments.append(name)
        if len(self.moments) - 1 == self.at:
            raise PowerCut(name)


class CutLedger(Ledger):
    """The terminal's own ledger, whose power goes before or after anything it writes."""

    power: Power

    async def keep_paper(self, sealed: bytes) -> str:
        self.power.moment("before a paper")
        self._papers.mkdir(parents=True, exist_ok=True)
        part = self._papers / "half.part"
        part.write_bytes(sealed[: len(sealed) // 2])
        self.power.moment("half a paper")
        part.unlink()
        name = await super().keep_paper(sealed)
        self.power.moment("after a paper")
        return name

    async def submit(
        self, draft: Submission, receipt_range: int, receipts_from: int = 1, receipt: bytes = b""
    ) -> Submission:
        self.power.moment("before handing in")
        made = await super().submit(draft, receipt_range, receipts_from, receipt)
        self.power.moment("after handing in")
        return made

    async def give_receipt(self, submission: Any, *, printed: bool, fault: str = "") -> None:
        self.power.moment("before the receipt is noted")
        await super().give_receipt(submission, printed=printed, fault=fault)
        self.power.moment("after the receipt is noted")


class CutDrafts(Drafts):
    """The same of the drafts."""

    power: Power

    async def keep(self, draft: StoredDraft) -> None:
        self.power.moment("before a draft")
        await super().keep(draft)
        self.power.moment("after a draft")

    async def drop(self, person: str, item: str, *, unless_kept: bool = False) -> None:
        self.power.moment("before a draft goes")
        await super().drop(person, item, unless_kept=unless_kept)
        self.power.moment("after a draft goes")


@dataclass
class Stored:
    """A terminal's folder, opened once a life."""

    folder: Path

    async def life(self, work: Callable[[Scene, Ledger, StoredOutbox], Awaitable[None]], power: Power) -> None:
        """One life of the terminal, from power to power."""
        database = await Database.open(self.folder / "terminal.db")
        try:
            scene = desk()
            ledger = CutLedger(database, self.folder / "papers", scene.desk.clock)
            drafts = CutDrafts(database, scene.desk.clock)
            ledger.power = drafts.power = power
            await ledger.recover()
            scene.changes(ledger=ledger, shelf=drafts)
            await work(scene, ledger, StoredOutbox(database, self.folder / "papers"))
        finally:
            with anyio.CancelScope(shield=True):
                await database.close()


async def walk_through(scene: Scene, script: dict[str, Any], who: IdCard | None = None) -> list[State]:
    """Whoever it is does what the script says, and takes what is offered; what they saw."""
    base = JOURNEYS[NAME]
    places = {
        **script,
        place_of(view.SavedDrafts("", ())): view.Choose(FUND),
        place_of(view.Done("", view.NO_WORDS, scene.desk.clock.now(), None, "", "", view.Receipt.PRINTED)): Next(),
    }
    walk = Walk(base, scene, places, list(script))

    async def turn(state: State, _place: str) -> bool:
        if isinstance(state, view.Start) and who is not None:
            scene.reader.seconds = 0.4
            scene.reader.driver.queue = [None, who]
            return True
        if who is not None and isinstance(state, view.ChooseItem | view.SavedDrafts | view.Done):
            scene.person.touch(Cancel())
            return True
        return False

    await visit(walk, lambda: walk.find(turn))
    return scene.person.seen


def check_folder(folder: Path, outbox: list[Envelope]) -> list[Submission]:
    """Everything that is handed in is whole, and nothing else is there."""
    made = [envelope.event for envelope in outbox if isinstance(envelope.event, Submission)]
    papers = folder / "papers"
    named = {paper.sha256 for one in made for paper in one.papers}
    there = {file.name for file in papers.iterdir()} if papers.exists() else set()
    assert there == named
    for one in made:
        assert msgspec.json.decode(unseal(one.content_sealed, SECRET), type=Content).answers
        for paper in one.papers:
            sealed = (papers / paper.sha256).read_bytes()
            assert len(sealed) == paper.bytes
            assert unseal(sealed, SECRET)
    return made


async def waiting(outbox: StoredOutbox) -> list[Envelope]:
    return [msgspec.json.decode(each.body, type=Envelope) for each in await outbox.due(1000)]


async def cut_at(folder: Path, script: dict[str, Any], at: int) -> str:
    """Cut the power there, then let somebody else come, then the owner; says what the owner found."""
    stored, power = Stored(folder), Power(at)

    async def cut(scene: Scene, _ledger: Ledger, _outbox: StoredOutbox) -> None:
        await walk_through(scene, script)

    with pytest.raises(BaseException) as over:  # noqa: PT011  looked at below
        await stored.life(cut, power)
    assert "PowerCut" in repr(over.value), repr(over.value)
    found: list[str] = []

    async def afterwards(scene: Scene, _ledger: Ledger, outbox: StoredOutbox) -> None:
        before = check_folder(folder, await waiting(outbox))
        stranger = await walk_through(scene, script, OTHER)
        assert not any(isinstance(state, view.SavedDrafts | view.Done) for state in stranger), power.moments[-1]
        again = desk()
        again.changes(ledger=scene.desk.ledger, shelf=scene.desk.shelf)
        seen = await walk_through(again, script)
        made = check_folder(folder, await waiting(outbox))
        assert len(made) == 1, power.moments[-1]
        if before:
            assert made == before
            assert any(isinstance(state, view.Done) for state in seen)
        found.append("receipt" if before else "draft" if any(isinstance(s, view.SavedDrafts) for s in seen) else "new")
        receipts = [e.event for e in await waiting(outbox) if isinstance(e.event, ReceiptGiven)]
        assert {one.submission for one in receipts} == {made[0].id}

    await stored.life(afterwards, Power())
    return found[0]


async def moments_of(folder: Path) -> tuple[dict[str, Any], list[str]]:
    base = await baseline(JOURNEYS[NAME])
    power = Power()

    async def whole(scene: Scene, _ledger: Ledger, _outbox: StoredOutbox) -> None:
        await walk_through(scene, base.script)

    await Stored(folder).life(whole, power)
    return base.script, power.moments


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.slow)], ids=["some", "all"])
def test_a_power_cut_leaves_a_submission_whole_or_absent_and_the_draft_its_owners(tmp_path: Path, every: int) -> None:
    async def main() -> None:
        script, moments = await moments_of(tmp_path / "whole")
        assert moments.count("after handing in") == 1
        critical = moments.index("before a paper")
        found: dict[str, set[str]] = {}
        for at, moment in enumerate(moments):
            if at % every and at < critical:
                continue
            if moment in {"after the receipt is noted", "before a draft goes", "after a draft goes"} and every > 1:
                continue
            if moments[at:].count("before the receipt is noted") == 0:
                break  # handed in and handed over: there is nothing to come back for
            found.setdefault(moment, set()).add(await cut_at(tmp_path / str(at), script, at))
        assert found["before a draft"] <= {"new", "draft"}
        assert found["half a paper"] == {"draft"}
        assert found["before handing in"] == {"draft"}
        assert found["after handing in"] == {"receipt"}
        assert found["before the receipt is noted"] == {"receipt"}

    on_virtual_time(main)


# The disk -------------------------------------------------------------------------------------------------------------


class Full(Exception):
    """What a store says of a full disk."""


def test_a_disk_that_fills_up_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    """A paper cannot be written: it is told, the draft stays, and the same person goes on later."""

    async def main() -> None:
        base = await baseline(JOURNEYS[NAME])
        full = [True]

        class FullLedger(Ledger):
            async def keep_paper(self, sealed: bytes) -> str:
                if full[0]:
                    raise OSError(errno.ENOSPC, "No space left on device")
                return await super().keep_paper(sealed)

        database = await Database.open(tmp_path / "terminal.db")
        try:
            scene = desk()
            ledger = FullLedger(database, tmp_path / "papers", scene.desk.clock)
            shelf = Drafts(database, scene.desk.clock)
            scene.changes(ledger=ledger, shelf=shelf)
            walk = Walk(JOURNEYS[NAME], scene, base.script, base.order)

            async def citizen(scope: anyio.CancelScope) -> None:
                async def turn(state: State, _place: str) -> bool:
                    return False

                async with anyio.create_task_group() as group:
                    group.start_soon(walk.find, turn)
                    while not isinstance(scene.state, OutOfService):
                        await anyio.sleep(0.05)
                    assert scene.state.cause is Cause.FAULT
                    group.cancel_scope.cancel()
                scope.cancel()

            with anyio.fail_after(50_000_000):
                async with anyio.create_task_group() as group:
                    group.start_soon(serve, scene.desk)
                    await citizen(group.cancel_scope)
            outbox = StoredOutbox(database, tmp_path / "papers")
            assert await waiting(outbox) == []
            full[0] = False
            again = desk()
            again.changes(ledger=ledger, shelf=shelf)
            seen = await walk_through(again, base.script)
            assert any(isinstance(state, view.SavedDrafts) for state in seen)
            assert len(check_folder(tmp_path, await waiting(outbox))) == 1
        finally:
            await database.close()

    on_virtual_time(main)


def test_a_draft_that_cannot_be_kept_costs_nobody_their_application() -> None:
    """The store refuses drafts: the person goes on and hands in; only a power cut would take what they typed."""

    async def main() -> None:
        base = await baseline(JOURNEYS[NAME])
        scene = desk()

        async def refused(draft: StoredDraft) -> None:
            raise Full("database or disk is full")

        scene.shelf.keep = refused  # type: ignore[method-assign]  # this shelf is full
        walk = Walk(JOURNEYS[NAME], scene, base.script, base.order)

        async def turn(_state: State, _place: str) -> bool:
            return False

        assert await visit(walk, lambda: walk.find(turn)) == "served"
        assert scene.outcome() == base.scene.outcome()

    on_virtual_time(main)


# The line -------------------------------------------------------------------------------------------------------------


class FarHub(FakeHub):
    """Keeps the first of each event; an answer may get lost on the way back."""

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[Any, Envelope] = {}
        self.lost = 2

    async def post_events(self, bodies: Any) -> list[Answer]:
        self._may_fail()
        answers = []
        for body in bodies:
            envelope = msgspec.json.decode(body, type=Envelope)
            known = envelope.event.id in self.held
            self.held.setdefault(envelope.event.id, envelope)
            answers.append(Answer(seq=envelope.seq, fate=Fate.KNOWN if known else Fate.STORED))
        if self.lost:
            self.lost -= 1
            raise HubAway("the answer got lost")
        return answers


def test_days_without_a_line_arrive_later_in_order_and_once(tmp_path: Path) -> None:
    """Three days, two people a day, of whom each gets a number from the terminal's own range, and papers with it."""
    items = [next(item for item in CATALOGUE.items if item.key == key) for key in ("tax-record", "social-card-pin")]
    shown: list[str] = []

    async def days() -> None:
        database = await Database.open(tmp_path / "terminal.db")
        try:
            for day in range(3):
                for place, item in enumerate(items):
                    scene = Scene()
                    scene.sight.paper = PaperProblem.NONE
                    scene.desk.clock.start += timedelta(days=day)  # type: ignore[attr-defined]  # the test's clock
                    ledger = Ledger(database, tmp_path / "papers", scene.desk.clock)
                    scene.changes(ledger=ledger, shelf=None, offline=lambda: True)
                    scene.reader.driver.queue = [card(f"11010119900307{day}{place}11")]
                    citizen = Citizen(scene, item)
                    with anyio.fail_after(50_000_000):
                        async with anyio.create_task_group() as group:
                            group.start_soon(citizen.walk)
                            try:
                                await serve_one(scene.desk)
                            except SessionOver as over:
                                raise AssertionError(str(over)) from over
                            group.cancel_scope.cancel()
                    shown.extend({state.number for state in scene.person.seen if isinstance(state, view.Done)})
        finally:
            await database.close()

    on_virtual_time(days)
    assert [number[:6] for number in shown] == ["000042"] * 6
    assert [int(number[6:13]) for number in shown] == [1, 2, 3, 4, 5, 6]
    assert all(luhn_digit(number[:-1]) == number[-1] for number in shown)
    hub = FarHub()
    hub.away = 5

    async def back() -> None:
        database = await Database.open(tmp_path / "terminal.db")
        try:
            outbox = StoredOutbox(database, tmp_path / "papers")
            assert len(await waiting(outbox)) == 12  # each with its receipt

            async def drained() -> None:
                while await outbox.due(1):
                    await anyio.sleep(0.05)

            await with_uplink(Terminal().uplink(hub, outbox, bytes(32)), drained)
            assert not list((tmp_path / "papers").iterdir())
        finally:
            await database.close()

    anyio.run(back)
    events = [envelope.event for envelope in hub.held.values()]
    made = [event for event in events if isinstance(event, Submission)]
    assert [one.number for one in made] == shown
    assert len({one.submitted.date() for one in made}) == 3
    assert [envelope.seq for envelope in hub.held.values()] == sorted(envelope.seq for envelope in hub.held.values())
    assert [one.submission for one in events if isinstance(one, ReceiptGiven)] == [one.id for one in made]
    for one in made:
        for paper in one.papers:
            assert unseal(hub.papers[paper.sha256], SECRET)
