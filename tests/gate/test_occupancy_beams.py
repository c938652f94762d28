"""Who leaves, what is forced, and how many are inside when clocks differ and lines are down."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import anyio
import pytest
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import NotPresent
from drivers.kinds import BarrierState
from kiosk.gate.beams import Beams, LeaveWatch, TroubleWatch
from kiosk.gate.occupancy import LATELY_SECONDS, SETTLED_SECONDS, HallCount, HallHeard
from kiosk.wire.events import LaneAlarm, LaneTrouble
from kiosk.wire.evidence import NotMeasured, Occupancy, Why
from tests.journeys.cast import Scripted, ScriptedClock

FREE, A, B, BOTH = (False, False), (True, False), (False, True), (True, True)
Sample = tuple[float, tuple[bool, bool]]


@pytest.fixture(autouse=True)
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "trio", {"clock": trio.testing.MockClock(autojump_threshold=0)}


def run(steps: Iterable[Sample], look: float = 0.05) -> int:
    """Hold each state for so many seconds, sampled at equal distances; how many left."""
    watch, now, left = LeaveWatch(), 0.0, 0
    for seconds, (a, b) in [(0.5, FREE), *steps, (4.0, FREE)]:
        for _ in range(max(1, round(seconds / look))):
            left += watch.feed(now, BarrierState(beam_a=a, beam_b=b, door_open=False))
            now += look
    return left


@pytest.mark.parametrize(
    ("what", "steps", "left"),
    [
        ("one walks out", [(0.4, B), (0.3, FREE), (0.4, A)], 1),
        ("one walks out, between both beams for a moment", [(0.3, B), (0.3, BOTH), (0.3, A)], 1),
        (
            "two, one after the other",
            [(0.4, B), (0.3, FREE), (0.4, A), (0.5, FREE), (0.4, B), (0.3, FREE), (0.4, A)],
            2,
        ),
        ("two close together", [(0.4, B), (0.3, FREE), (0.3, A), (0.3, BOTH), (0.2, FREE), (0.4, A)], 2),
        ("goes to the door and back inside", [(0.6, B), (1.0, FREE), (0.5, B)], 0),
        ("comes to the gate from outside and goes again", [(0.6, A)], 0),
        ("comes in through the locked lane", [(0.4, A), (0.2, BOTH), (0.4, B)], 0),
        ("a coat that flutters", [(0.3, B), (0.1, FREE), (0.3, B), (0.3, FREE), (0.3, A), (0.1, FREE), (0.2, A)], 1),
        ("stands in the door for a minute, then leaves", [(60.0, B), (0.3, BOTH), (0.4, A)], 1),
    ],
)
def test_who_has_left(what: str, steps: Sequence[Sample], left: int) -> None:
    assert run(steps) == left, what


@pytest.mark.parametrize("people", range(1, 7))
@pytest.mark.parametrize("look", [0.05, 0.1])
def test_a_queue_that_leaves_is_counted_to_the_last(people: int, look: float) -> None:
    assert run([(0.4, B), (0.3, FREE), (0.4, A), (0.6, FREE)] * people, look) == people


@given(st.lists(st.tuples(st.floats(0.05, 3.0), st.sampled_from([FREE, A, B, BOTH])), max_size=30))
def test_nobody_leaves_who_did_not_break_b_first(steps: list[Sample]) -> None:
    breaks_of_b = sum(now[1][1] and not before[1][1] for before, now in zip([(0.0, FREE), *steps], steps, strict=False))
    assert run(steps) <= breaks_of_b


def _troubles(samples: Sequence[tuple[float, BarrierState]]) -> list[LaneTrouble]:
    watch = TroubleWatch()
    return [trouble for now, state in samples if (trouble := watch.feed(now, state)) is not None]


def _state(**inputs: bool) -> BarrierState:
    return BarrierState(**{"beam_a": False, "beam_b": False, "door_open": False} | inputs)


def test_a_forced_lane_is_told_once_until_it_is_released() -> None:
    forced = [(place * 0.2, _state(beam_b=True, forced=True)) for place in range(4)]
    still = [(1.0 + place, _state(forced=True)) for place in range(60)]
    again = [(70.0, _state()), (70.2, _state(forced=True))]
    assert _troubles(forced + still) == [LaneTrouble.FORCED]
    assert _troubles(forced + still + again) == [LaneTrouble.FORCED, LaneTrouble.FORCED]


def test_a_lane_that_stands_open_is_told_once_and_again_after_it_was_shut() -> None:
    standing = [(float(second), _state(door_open=True, forced=second > 10)) for second in range(40)]
    assert _troubles(standing) == [LaneTrouble.HELD_OPEN]
    shut = [(50.0, _state())]
    later = [(60.0 + second, _state(beam_b=True)) for second in range(12)]
    assert _troubles(standing + shut + later) == [LaneTrouble.HELD_OPEN, LaneTrouble.HELD_OPEN]


def test_walking_out_through_a_door_is_no_trouble() -> None:
    leaving = [(place * 0.2, _state(beam_b=place < 3, beam_a=3 <= place < 6, door_open=True)) for place in range(10)]
    assert _troubles([*leaving, (3.0, _state())]) == []


class _Inputs:
    """A barrier whose inputs follow a plan in virtual time."""

    def __init__(self, plan: Sequence[tuple[float, BarrierState]]) -> None:
        self.plan, self.began = plan, 0.0
        self.looks: list[float] = []
        self.broken = False

    def state(self) -> BarrierState:
        now = anyio.current_time() - self.began
        self.looks.append(now)
        if self.broken:
            raise NotPresent("gone")
        return next((state for until, state in self.plan if now < until), _state())


class _Records:
    def __init__(self) -> None:
        self.left: list[int] = []
        self.alarms: list[LaneAlarm] = []
        self.counted = 0

    async def leave(self, people: int = 1) -> None:
        self.left.append(people)

    async def alarm(self, alarm: LaneAlarm) -> None:
        self.alarms.append(alarm)

    async def refresh(self) -> None:
        self.counted += 1


async def _watch(inputs: _Inputs, seconds: float, idle: list[bool] | None = None) -> _Records:
    records, barrier = _Records(), Scripted(inputs, seconds=0.01)
    inputs.began = anyio.current_time()
    free = idle or [True]
    beams = Beams("1", barrier, records, records, records, lambda: free[0], ScriptedClock())  # type: ignore[arg-type]  # no release here
    with anyio.move_on_after(seconds):
        await beams.run()
    return records


@pytest.mark.anyio
async def test_the_idle_lane_is_looked_at_four_times_a_second_and_a_leaver_counted() -> None:
    inputs = _Inputs([(5.0, _state()), (5.5, _state(beam_b=True)), (6.0, _state()), (6.5, _state(beam_a=True))])
    records = await _watch(inputs, 12)
    assert records.left == [1]
    assert records.counted == 1
    quiet = [b - a for a, b in zip(inputs.looks, inputs.looks[1:], strict=False) if b < 5.0]
    assert max(quiet) <= 0.25


@pytest.mark.anyio
async def test_a_forced_lane_and_a_held_door_become_alarms() -> None:
    inputs = _Inputs([(5.0, _state()), (5.6, _state(beam_b=True, forced=True)), (9.0, _state(forced=True))])
    records = await _watch(inputs, 12)
    assert [alarm.trouble for alarm in records.alarms] == [LaneTrouble.FORCED]
    held = await _watch(_Inputs([(5.0, _state()), (60.0, _state(door_open=True))]), 80)
    assert [alarm.trouble for alarm in held.alarms] == [LaneTrouble.HELD_OPEN]


@pytest.mark.anyio
async def test_while_somebody_is_served_the_barrier_is_left_alone() -> None:
    inputs = _Inputs([])
    await _watch(inputs, 10, idle=[False])
    assert inputs.looks == []


@pytest.mark.anyio
async def test_a_barrier_that_does_not_answer_ends_nothing() -> None:
    inputs = _Inputs([])
    inputs.broken = True
    await _watch(inputs, 10)
    assert len(inputs.looks) >= 8


async def _watch_beams(inputs: _Inputs, seconds: float, *, idle: bool, may_burn: bool) -> tuple[_Records, list[bool]]:
    records, barrier = _Records(), Scripted(inputs, seconds=0.01)
    inputs.began = anyio.current_time()
    beams = Beams(
        "1",
        barrier,  # type: ignore[arg-type]  # no release here
        records,
        records,
        records,
        lambda: idle,
        ScriptedClock(),
        may_burn=lambda: may_burn,
    )
    seen: list[bool] = []
    with anyio.move_on_after(seconds):
        async with anyio.create_task_group() as group:
            group.start_soon(beams.run)
            while True:
                await anyio.sleep(1.0)
                seen.append(beams.fire)
    return records, seen


@pytest.mark.anyio
async def test_a_fire_alarm_is_told_once_until_it_is_over_and_who_leaves_is_counted() -> None:
    burning = [(20.0, _state(fire=True, door_open=True)), (20.5, _state(fire=True, beam_b=True, door_open=True)),
               (21.0, _state(fire=True, beam_a=True, door_open=True))]  # fmt: skip
    inputs = _Inputs([(5.0, _state()), *burning, (60.0, _state(fire=True, door_open=True))])
    records, seen = await _watch_beams(inputs, 70, idle=True, may_burn=False)
    assert [alarm.trouble for alarm in records.alarms] == [LaneTrouble.FIRE], "an open lane is no trouble in a fire"
    assert records.left == [1]
    assert (seen[3], seen[6], seen[50], seen[62]) == (False, True, True, False)
    twice = _Inputs([(5.0, _state(fire=True)), (10.0, _state()), (15.0, _state(fire=True))])
    assert len((await _watch_beams(twice, 20, idle=True, may_burn=False))[0].alarms) == 2


@pytest.mark.anyio
@pytest.mark.parametrize(("wired", "alarms"), [(True, [LaneTrouble.FIRE]), (False, [])])
async def test_a_fire_is_seen_also_while_somebody_is_served_where_the_alarm_is_wired(
    wired: bool, alarms: list[LaneTrouble]
) -> None:
    inputs = _Inputs([(5.0, _state()), (30.0, _state(fire=True, beam_a=True, beam_b=True))])
    records, _ = await _watch_beams(inputs, 20, idle=False, may_burn=wired)
    assert [alarm.trouble for alarm in records.alarms] == alarms
    assert records.left == []
    assert len(inputs.looks) <= 20, "seldom: the barrier is needed"


@pytest.mark.anyio
async def test_an_exit_lane_counts_who_leaves_while_people_are_served_and_alarms_by_its_own_name() -> None:
    records = _Records()
    way_in = _Inputs([(60.0, _state())])
    way_out = _Inputs(
        [(5.0, _state()), (5.5, _state(beam_b=True)), (6.0, _state()), (6.5, _state(beam_a=True)), (20.0, _state()),
         (21.0, _state(beam_b=True, forced=True)), (30.0, _state())]
    )  # fmt: skip
    way_in.began = way_out.began = anyio.current_time()
    lanes = [
        Beams(name, Scripted(inputs, seconds=0.01), records, records, records, idle, ScriptedClock())  # type: ignore[arg-type]  # no release here
        for name, inputs, idle in (("东门1", way_in, lambda: False), ("出口", way_out, lambda: True))
    ]
    with anyio.move_on_after(30):
        async with anyio.create_task_group() as group:
            for lane in lanes:
                group.start_soon(lane.run)
    assert records.left == [1]
    assert [(alarm.lane, alarm.trouble) for alarm in records.alarms] == [("出口", LaneTrouble.FORCED)]
    assert way_in.looks == []


# How many are inside -------------------------------------------------------------------------------------------


class _Heads:
    def __init__(self) -> None:
        self.entered = self.left = self.corrected = 0
        self.last: datetime | None = None

    async def heads(self) -> tuple[int, int, int]:
        return self.entered, self.left, self.corrected

    async def last_entered(self, person: str) -> datetime | None:
        return self.last


class _Wrong(ScriptedClock):
    """A wall clock that is a year wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.start = datetime(2027, 11, 23, tzinfo=UTC)


@pytest.mark.anyio
async def test_without_the_hub_the_lane_goes_by_its_own_beams() -> None:
    heads = _Heads()
    count = HallCount(heads, ScriptedClock(), lambda: None)
    heads.entered, heads.left, heads.corrected = 9, 4, 2
    await count.refresh()
    assert count.inside() == 7
    heads.left = 40
    await count.refresh()
    assert count.inside() == 0


@pytest.mark.anyio
@pytest.mark.parametrize("clock", [ScriptedClock(), _Wrong()])
async def test_the_halls_count_is_taken_whatever_the_wall_clock_says_until_it_is_old(clock: ScriptedClock) -> None:
    heads, heard = _Heads(), [HallHeard(120, 10, anyio.current_time())]
    count = HallCount(heads, clock, lambda: heard[0])
    heads.entered = 10
    await count.refresh()
    assert count.inside() == 120
    heads.entered, heads.left = 13, 1
    await count.refresh()
    assert count.inside() == 122, "who went through since is added"
    heard[0] = HallHeard(122, 12, anyio.current_time())
    assert count.inside() == 122, "and not twice, when the hub has heard of them"
    await anyio.sleep(LATELY_SECONDS + 1)
    assert count.inside() == 12


@pytest.mark.anyio
async def test_what_staff_counted_holds_until_the_hub_has_heard_of_it() -> None:
    heads, heard = _Heads(), [HallHeard(120, 10, anyio.current_time())]
    count = HallCount(heads, ScriptedClock(), lambda: heard[0])
    heads.entered, heads.corrected = 10, 80
    await count.set_by_staff()
    assert count.inside() == 90
    heads.entered = 11
    await count.refresh()
    assert count.inside() == 91
    await anyio.sleep(SETTLED_SECONDS / 2)
    heard[0] = HallHeard(121, 11, anyio.current_time())
    assert count.inside() == 91, "it was on its way when the hub answered"
    await anyio.sleep(SETTLED_SECONDS)
    heard[0] = HallHeard(93, 11, anyio.current_time())
    assert count.inside() == 93


@pytest.mark.anyio
async def test_where_nothing_counts_the_evidence_says_so() -> None:
    heads = _Heads()
    nothing = HallCount(heads, ScriptedClock(), lambda: None, installed=False)
    assert nothing.inside() is None
    assert await nothing.evidence("p") == NotMeasured(why=Why.NOT_INSTALLED, device="barrier")
    heads.last = datetime(2026, 11, 23, tzinfo=UTC) - timedelta(hours=1)
    seen = await HallCount(heads, ScriptedClock(), lambda: None).evidence("p")
    assert isinstance(seen, Occupancy)
    assert (seen.inside, seen.last_entered) == (0, heads.last)
