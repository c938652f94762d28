"""A full hall, cards that are handed back, staff at every step, and what each step leaves unasked. On virtual time."""

from dataclasses import replace
from datetime import datetime, timedelta

import anyio
import msgspec
import pytest

from kiosk.gate.evidence import Who, identity
from kiosk.gate.lane import Arrival
from kiosk.gate.occupancy import HallCount, HallHeard
from kiosk.gate.told_full import MOST, WAITS_SECONDS, ToldFull
from kiosk.view import gate as view
from kiosk.view.common import CallStaff, Next
from kiosk.vision.observation import Answer, ChallengeState, Mask, Step, Trouble
from kiosk.wire.evidence import DocumentKind, HealthProof, NotMeasured, Why
from kiosk.wire.rules import MaskRule, Reason, Verdict
from tests.journeys.cast import Heads, ScriptedClock, card, facts
from tests.journeys.test_gate_journey import RULES, TRUST, Hall, good_code

pytestmark = pytest.mark.anyio

ONLY_CARD = msgspec.structs.replace(RULES, face_required=False, temperature_required=False, code_required=False)
NOW = ScriptedClock().start


class _Counted(Heads):
    """Says what it counted only when it counts anew."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = self.truth = count

    async def refresh(self) -> None:
        self.count = self.truth


def hall_with(count: int, capacity: int = 200, **rules: object) -> Hall:
    hall = Hall()
    hall.rules = msgspec.structs.replace(ONLY_CARD, capacity=capacity, **rules)
    hall.count = _Counted(count)
    hall.lane = replace(hall.lane, count=hall.count)
    return hall


def counter(hall: Hall) -> _Counted:
    assert isinstance(hall.count, _Counted)
    return hall.count


async def test_full_and_then_one_leaves() -> None:
    hall = hall_with(200)
    left: list[float] = []

    async def leave() -> None:
        shown = await hall.person.see(view.HallFull)
        assert (shown.inside, shown.capacity) == (200, 200)
        await anyio.sleep(300)
        assert hall.reader.calls == 0, "nobody lays a card down for nothing"
        left.append(anyio.current_time())
        counter(hall).truth = 199

    passage = await hall.one(leave)
    assert passage.decision.verdict is Verdict.ADMIT
    assert facts(passage.evidence.occupancy) == {"type": "occupancy", "inside": 199, "last_entered": None}
    assert hall.person.kinds()[:2] == ["HallFull", "Welcome"]


async def test_it_fills_while_nobody_stands_here() -> None:
    hall = hall_with(199)
    hall.reader.driver.queue = []

    async def fill() -> None:
        await hall.person.see(view.Welcome)
        await anyio.sleep(100)
        counter(hall).count = counter(hall).truth = 200
        await hall.person.see(view.HallFull)
        counter(hall).truth = 150
        welcome = await hall.person.see(view.Welcome)
        assert welcome.inside == 150
        hall.reader.driver.queue = [card()]

    passage = await hall.one(fill)
    assert passage.decision.verdict is Verdict.ADMIT


async def test_the_number_inside_on_the_screen_is_todays() -> None:
    hall = hall_with(10)
    hall.reader.driver.queue = []

    async def come_and_go() -> None:
        await hall.person.see(view.Welcome)
        counter(hall).count = 11
        while (await hall.person.see(view.Welcome)).inside != 11:
            await anyio.sleep(0.1)
        hall.reader.driver.queue = [card()]

    await hall.one(come_and_go)
    shown = [s.inside for s in hall.person.seen if isinstance(s, view.Welcome)]
    assert shown == [10, 11]


async def test_a_party_that_does_not_fit_any_more() -> None:
    hall = hall_with(198, code_required=True)
    hall.scanner.driver.shown = [good_code(companions=2)]
    passage = await hall.one()
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFUSE, (Reason.HALL_FULL,))


class _NobodyHere:
    """A lane through which nobody came today."""

    async def heads(self) -> tuple[int, int, int]:
        return 0, 0, 0

    async def last_entered(self, person: str) -> datetime | None:
        return None


async def test_when_the_hub_knows_that_the_hall_is_full_a_lane_without_anybody_knows_too() -> None:
    hall = hall_with(0)
    heard = [HallHeard(200, 0, anyio.current_time())]
    count = HallCount(_NobodyHere(), hall.lane.clock, lambda: heard[0])
    hall.lane = replace(hall.lane, count=count)

    async def somebody_leaves_by_another_lane() -> None:
        shown = await hall.person.see(view.HallFull)
        assert (shown.inside, shown.capacity, shown.waiting) == (200, 200, 0)
        await anyio.sleep(5)
        assert hall.reader.calls == 0
        heard[0] = HallHeard(199, 0, anyio.current_time())

    passage = await hall.one(somebody_leaves_by_another_lane)
    assert facts(passage.evidence.occupancy)["inside"] == 199


async def test_who_was_told_that_it_is_full_is_counted_until_they_come_in_or_are_gone() -> None:
    hall = hall_with(198, code_required=True)
    hall.scanner.driver.shown = [good_code(companions=2)]
    assert (await hall.one()).decision.reasons == (Reason.HALL_FULL,)
    counter(hall).count = counter(hall).truth = 200
    hall.reader.driver.queue = [card()]
    hall.scanner.driver.shown = [good_code(companions=2)]

    async def room_for_them() -> None:
        assert (await hall.person.see(view.HallFull)).waiting == 3
        counter(hall).truth = 150

    assert (await hall.one(room_for_them)).decision.verdict is Verdict.ADMIT
    assert hall.lane.told_full.waiting() == 0, "they are in"


async def test_who_was_told_long_ago_waits_no_longer_and_nobody_twice() -> None:
    told = ToldFull()
    told.note("a" * 64, 2)
    await anyio.sleep(WAITS_SECONDS / 2)
    told.note("a" * 64, 3)
    told.note("b" * 64, 1)
    assert told.waiting() == 4
    await anyio.sleep(WAITS_SECONDS / 2 + 1)
    assert told.waiting() == 1, "asking again keeps the place, and does not wait anew"
    for number in range(MOST + 5):
        told.note(f"{number:064x}", 1)
    assert told.waiting() == MOST


async def test_without_a_count_a_cap_cannot_be_kept() -> None:
    hall = hall_with(0)
    hall.lane = replace(hall.lane, count=Heads())
    passage = await hall.one()
    assert passage.evidence.occupancy == NotMeasured(why=Why.NOT_INSTALLED)
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFER, (Reason.DEVICE_FAULT,))


async def test_who_waits_before_a_full_hall_may_ask_for_staff() -> None:
    hall = hall_with(200)

    async def ask() -> None:
        await hall.person.see(view.HallFull)
        await anyio.sleep(3)
        hall.person.touch(CallStaff())

    passage = await hall.one(ask)
    assert passage.evidence.identity == NotMeasured(why=Why.DECLINED)
    assert passage.decision.verdict is Verdict.REFER
    assert Reason.ASKED_FOR_STAFF in passage.decision.reasons


async def test_staff_screens_open_and_stay_open_before_a_full_hall() -> None:
    hall = hall_with(200)

    async def attend() -> Arrival | None:
        await anyio.sleep(40)
        counter(hall).truth = 120
        return None

    hall.lane = replace(hall.lane, attend=attend, opens_staff=lambda intent: isinstance(intent, Next))

    async def open_them() -> None:
        await hall.person.see(view.HallFull)
        hall.person.touch(Next())

    passage = await hall.one(open_them)
    assert passage.decision.verdict is Verdict.ADMIT


@pytest.mark.parametrize(
    ("minutes", "limit", "verdict", "reason"),
    [
        (10, 30, Verdict.REFER, Reason.ALREADY_INSIDE),
        (31, 30, Verdict.ADMIT, Reason.ALL_IN_ORDER),
        (1, 0, Verdict.ADMIT, Reason.ALL_IN_ORDER),
    ],
)
async def test_a_card_that_is_handed_back_over_the_fence(
    minutes: int, limit: int, verdict: Verdict, reason: Reason
) -> None:
    hall = hall_with(5, passback_minutes=limit)
    counter(hall).last = NOW - timedelta(minutes=minutes)
    passage = await hall.one()
    assert (passage.decision.verdict, passage.decision.reasons) == (verdict, (reason,))
    assert facts(passage.evidence.occupancy)["inside"] == 5


# Staff at every step -------------------------------------------------------------------------------------------------


EVERYTHING = msgspec.structs.replace(RULES, liveness_required=True, mask=MaskRule.REQUIRE, health_required=True)
_NOT_REACHED = NotMeasured(why=Why.NOT_REACHED)
_ORDER = ("face", "liveness", "mask", "temperature", "code", "health")


class _NoHealth:
    async def check(self, payload: bytes, who: object, now: datetime) -> HealthProof | None:
        return None


@pytest.mark.parametrize(
    ("where", "step"),
    [
        (view.LookAtCamera, "face"),
        (view.FollowMovement, "liveness"),
        (view.WearMask, "mask"),
        (view.TakingTemperature, "temperature"),
        (view.ShowCode, "code"),
        (view.ShowHealth, "health"),
    ],
)
async def test_staff_may_be_asked_for_at_every_step_and_nothing_is_asked_after(where: type, step: str) -> None:
    hall = Hall()
    hall.rules = EVERYTHING
    hall.lane = replace(hall.lane, proofs=_NoHealth())
    turning = ChallengeState("ab" * 16, Step.TURN_LEFT, 0, 2, 0.5, Answer.PENDING, Trouble.NONE)
    passed = ChallengeState("ab" * 16, Step.DONE, 2, 2, 1.0, Answer.PASSED, Trouble.NONE)
    hall.sight.movements = [turning] if step == "liveness" else [turning, passed]
    hall.sight.similarity = None if step == "face" else 0.8
    hall.sight.mask = Mask.BARE if step == "mask" else Mask.WORN
    hall.thermometer.driver.readings = [20.0] if step == "temperature" else [36.4]
    hall.scanner.driver.shown = [None] if step == "code" else [good_code(), None]

    async def ask() -> None:
        await hall.person.see(where)
        await anyio.sleep(0.5)
        hall.person.touch(CallStaff())

    passage = await hall.one(ask)
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFER, (Reason.ASKED_FOR_STAFF,))
    reached = _ORDER.index(step)
    for place, name in enumerate(_ORDER):
        part = getattr(passage.evidence, name)
        if place < reached:
            assert not isinstance(part, NotMeasured), name
        else:
            assert part == (NotMeasured(why=Why.DECLINED) if place == reached else _NOT_REACHED), name
    assert hall.barrier.driver.released == 0
    assert hall.sight.forgotten == 1


async def test_staff_who_register_somebody_by_hand_bring_them_through() -> None:
    hall = hall_with(5)
    hall.reader.driver.queue = []
    arrived: list[Arrival] = []

    async def attend() -> Arrival | None:
        await anyio.sleep(20)
        found = await _read_by_hand(hall)
        arrived.append(found)
        return found

    hall.lane = replace(hall.lane, attend=attend, opens_staff=lambda intent: isinstance(intent, Next))

    async def open_them() -> None:
        await hall.person.see(view.Welcome)
        hall.person.touch(Next())

    passage = await hall.one(open_them)
    assert passage.decision.verdict is Verdict.ADMIT
    assert facts(passage.evidence.identity)["document"] == "typed"
    assert passage.name_masked == arrived[0].who.name


async def _read_by_hand(hall: Hall) -> Arrival:
    read = identity(card(), TRUST, hall.lane.clock.now(), "staff")
    typed = msgspec.structs.replace(read, document=DocumentKind.TYPED)
    return Arrival(typed, Who(typed.person, "王*明", "王小明", card().number))
