"""The watch list at the lane, on virtual time: staff look, the person in front hears nothing of it."""

from dataclasses import replace
from datetime import datetime, timedelta

import anyio
import msgspec
import pytest

from kiosk.clock import local_date
from kiosk.gate.watch import Watch
from kiosk.view import attendant as view
from kiosk.view import gate as citizen
from kiosk.view.common import Back
from kiosk.wire.digest import person_digest
from kiosk.wire.events import StaffAct
from kiosk.wire.evidence import Evidence, HealthChecked, Watched
from kiosk.wire.rules import Reason, Verdict
from kiosk.wire.watch import DEALT_WITH, NOT_THEM, WatchClass, WatchEntry, WatchList
from tests.gate.test_policy import change, health, identity
from tests.journeys.cast import ScriptedClock, card
from tests.journeys.staff_cast import Register, StaffedHall
from tests.journeys.test_attendant import OPEN, watched
from tests.journeys.test_gate_journey import HALL_KEY, Hall

pytestmark = pytest.mark.anyio
NOW = ScriptedClock().start
NUMBER = card().number
ME = person_digest(NUMBER, HALL_KEY)


def entry(identifier: str = "AAAAAAA2", person: str = ME, **fields: object) -> WatchEntry:
    made = WatchEntry(
        id=identifier,
        person=person,
        kind=WatchClass.NEEDS_HELP,
        note="家属在社区等候",
        begins=NOW - timedelta(days=1),
        ends=NOW + timedelta(days=30),
    )
    return msgspec.structs.replace(made, **fields)


def listed(*entries: WatchEntry, version: int = 4) -> WatchList:
    return WatchList(version=version, hall="weinan", made=NOW, entries=entries)


class Acts:
    """What staff did, as the lane's store tells it."""

    def __init__(self, register: Register | None = None) -> None:
        self.register, self.let_in = register, list[tuple[str, datetime, str]]()

    async def let_in_for(self, reason: str) -> list[tuple[datetime, str]]:
        acts = [] if self.register is None else self.register.acts
        found = [(at, which) for why, at, which in self.let_in if why == reason]
        for act in acts:
            kept = None if act.passage is None or self.register is None else await self.register.one(act.passage)
            seen = None if kept is None else kept.passage.evidence.watch
            if act.reason == reason and act.act is StaffAct.ADMITTED and isinstance(seen, Watched):
                found.append((act.at, seen.entry))
        return found


def gate(*entries: WatchEntry) -> Hall:
    hall = Hall()
    hall.lane = replace(hall.lane, watch=Watch(lambda: listed(*entries), Acts(), hall.lane.clock))
    return hall


async def test_who_is_on_the_list_waits_for_staff_and_sees_nothing_of_why() -> None:
    hall = gate(entry())
    passage = await hall.one()
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFER, (Reason.ON_WATCH_LIST,))
    assert passage.evidence.watch == Watched(entry="AAAAAAA2", list_version=4)
    assert hall.barrier.driver.released == 0
    shown = [each for each in hall.person.seen if isinstance(each, citizen.Referred)]
    assert shown[-1].reasons == ()
    assert "on_watch_list" not in repr(hall.person.seen)
    assert "社区" not in repr(hall.person.seen)


async def test_they_go_the_same_way_as_everybody_until_the_very_end() -> None:
    everybody, hall = Hall(), gate(entry())
    await everybody.one()
    await hall.one()
    assert hall.person.kinds()[:-1] == everybody.person.kinds()[:-1]
    assert (hall.person.kinds()[-1], everybody.person.kinds()[-1]) == ("Referred", "Admitted")


@pytest.mark.parametrize(
    "other",
    [
        entry(person="b" * 64),
        entry(ends=NOW),
        entry(begins=NOW + timedelta(hours=1), ends=NOW + timedelta(days=2)),
    ],
    ids=["somebody else", "over", "not yet"],
)
async def test_nobody_else_is_stopped(other: WatchEntry) -> None:
    hall = gate(other)
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT
    assert passage.evidence.watch is msgspec.UNSET


async def test_a_lane_without_a_list_serves_everybody() -> None:
    hall = Hall()
    hall.lane = replace(hall.lane, watch=Watch(lambda: None, Acts(), hall.lane.clock))
    assert (await hall.one()).decision.verdict is Verdict.ADMIT


async def test_what_would_refuse_them_waits_for_staff_and_says_nothing() -> None:
    """A person who is missed is not sent away because their card is too old."""
    hall = gate(entry())
    hall.reader.driver.queue = [card(valid_to=NOW.date() - timedelta(days=9))]
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.REFER
    assert set(passage.decision.reasons) == {Reason.DOCUMENT_EXPIRED, Reason.ON_WATCH_LIST}
    assert [each.reasons for each in hall.person.seen if isinstance(each, citizen.Referred)][-1] == ()


async def test_another_reason_to_wait_for_staff_is_told_as_ever() -> None:
    hall = gate(entry())
    hall.thermometer.driver.readings = [38.6]
    passage = await hall.one()
    shown = [each for each in hall.person.seen if isinstance(each, citizen.Referred)][-1]
    assert passage.decision.reasons == (Reason.TEMPERATURE_HIGH, Reason.ON_WATCH_LIST)
    assert shown.reasons == ("temperature_high",)


def seen_of(**parts: object) -> Evidence:
    return change(identity=identity(person=ME), **parts)


async def test_a_companion_on_the_list_refers_the_party() -> None:
    family = person_digest("110101198001010010", HALL_KEY)
    clock = ScriptedClock()
    lane = Watch(lambda: listed(entry(person=family)), Acts(), clock)
    shown = health()
    assert isinstance(shown, HealthChecked)
    found = await lane.seen(seen_of(health=msgspec.structs.replace(shown, shown_by=family)))
    assert found == Watched(entry="AAAAAAA2", list_version=4, companion=True)
    assert await lane.seen(seen_of(health=shown)) is msgspec.UNSET


async def test_the_most_pressing_entry_is_told() -> None:
    clock = ScriptedClock()
    two = listed(entry("AAAAAAA2"), entry("BBBBBBB2", kind=WatchClass.WANTED))
    found = await Watch(lambda: two, Acts(), clock).seen(seen_of())
    assert isinstance(found, Watched)
    assert found.entry == "BBBBBBB2"


async def test_what_was_dealt_with_today_is_not_called_out_again_until_tomorrow() -> None:
    clock, acts = ScriptedClock(), Acts()
    lane = Watch(lambda: listed(entry(), entry("BBBBBBB2", kind=WatchClass.DISORDER)), acts, clock)
    acts.let_in = [(DEALT_WITH, NOW, "AAAAAAA2"), (NOT_THEM, NOW, "BBBBBBB2")]
    found = await lane.seen(seen_of())
    assert isinstance(found, Watched)
    assert found.entry == "BBBBBBB2", "somebody else on the same document may be the one"
    acts.let_in = [(DEALT_WITH, NOW - timedelta(days=1), "AAAAAAA2"), (DEALT_WITH, NOW, "BBBBBBB2")]
    found = await lane.seen(seen_of())
    assert isinstance(found, Watched)
    assert found.entry == "AAAAAAA2"


async def test_what_another_lane_has_dealt_with_today_is_not_called_out_here() -> None:
    clock = ScriptedClock()
    today = local_date(clock.now())
    for day, out in ((today, False), (today - timedelta(days=1), True), (None, True)):
        lane = Watch(lambda day=day: listed(entry(dealt=day)), Acts(), clock)  # type: ignore[misc]  # mypy cannot type a lambda's default
        assert isinstance(await lane.seen(seen_of()), Watched) is out, day


async def test_a_newer_list_counts_at_once() -> None:
    now = [listed(entry())]
    lane = Watch(lambda: now[0], Acts(), ScriptedClock())
    assert isinstance(await lane.seen(seen_of()), Watched)
    now[0] = listed(version=5)
    assert await lane.seen(seen_of()) is msgspec.UNSET
    assert lane.entry("AAAAAAA2") is None


def staffed(*entries: WatchEntry) -> StaffedHall:
    hall = StaffedHall()
    lane_watch = Watch(lambda: listed(*entries), Acts(hall.register), hall.lane.clock)
    hall.attendant._post = replace(hall.attendant._post, watch=lane_watch.entry)
    hall.lane = replace(hall.lane, watch=lane_watch)
    return hall


async def _opened(hall: StaffedHall) -> view.OnePassage:
    await hall.person.see(citizen.Referred)
    hall.person.touch(OPEN)
    await hall.sign_in()
    return await hall.person.see(view.OnePassage)


@pytest.mark.parametrize(("duty", "reason"), [(view.Duty.DEALT_WITH, DEALT_WITH), (view.Duty.NOT_THEM, NOT_THEM)])
async def test_staff_see_class_and_what_to_do_and_let_them_in_with_one_press(duty: view.Duty, reason: str) -> None:
    hall = staffed(entry())

    async def walk() -> None:
        shown = await _opened(hall)
        assert shown.watch == view.WatchTold("needs_help", "家属在社区等候")
        assert NUMBER not in repr(shown)
        assert ME not in repr(shown)
        hall.person.touch(view.Do(duty))
        overview = await hall.person.see(view.Overview)
        assert overview.done is view.Done.ADMITTED

    await watched(hall, walk())
    admitted = next(act for act in hall.register.acts if act.act is StaffAct.ADMITTED)
    assert admitted.reason == reason
    assert hall.order.index("admitted") < hall.order.index("barrier"), "stored before anything moved"


async def test_dealt_with_is_let_in_alone_the_next_time_that_day() -> None:
    hall = staffed(entry())
    hall.reader.driver.queue = [card()]

    async def walk() -> None:
        await _opened(hall)
        hall.person.touch(view.Do(view.Duty.DEALT_WITH))
        await hall.person.see(view.Overview)
        hall.person.touch(Back())
        await hall.person.see(citizen.Welcome)
        hall.rules = msgspec.structs.replace(
            hall.rules, face_required=False, temperature_required=False, code_required=False
        )
        hall.reader.driver.queue = [card()]
        await hall.person.see(citizen.Admitted)
        await anyio.sleep(30)

    await watched(hall, walk())
    verdicts = [passage.decision.verdict for passage in hall.notes.passages]
    assert verdicts == [Verdict.REFER, Verdict.ADMIT]


async def test_another_reason_beside_it_is_not_pressed_away() -> None:
    """One press is for the list alone: whatever else speaks against somebody is answered with its own reason."""
    hall = staffed(entry())
    hall.reader.driver.queue = [card(valid_to=NOW.date() - timedelta(days=9))]

    async def walk() -> None:
        shown = await _opened(hall)
        assert shown.watch is not None
        assert not shown.watch.alone
        hall.person.touch(view.Do(view.Duty.DEALT_WITH))
        await anyio.sleep(1)
        assert hall.register.acts == []
        hall.person.touch(view.Do(view.Duty.ADMIT))
        reasons = (await hall.person.see(view.ChooseReason)).reasons
        assert reasons[:2] == (DEALT_WITH, NOT_THEM)
        hall.person.touch(view.Choose("identity_checked"))
        await hall.person.see(view.Overview)

    await watched(hall, walk())


async def test_an_entry_that_ended_meanwhile_says_so() -> None:
    hall = staffed(entry())

    async def walk() -> None:
        await hall.person.see(citizen.Referred)
        hall.attendant._post = replace(hall.attendant._post, watch=lambda _: None)
        hall.person.touch(OPEN)
        await hall.sign_in()
        shown = await hall.person.see(view.OnePassage)
        assert shown.watch == view.WatchTold("")

    await watched(hall, walk())
