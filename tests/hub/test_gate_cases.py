"""Cases: opened by a referral, carried on by staff, closed once; alarms until somebody has heard them."""

from datetime import timedelta
from typing import Any

import pytest
import uuid6
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.fleet.live import TerminalKey
from hub.gate import cases, registers
from hub.gate.case_states import CLOSED, LANE_ACTS, MOVES, CaseKind, CaseState, Move
from hub.gate.cases import CaseRefused
from kiosk.clock import WallClock
from kiosk.wire.events import Fate, LaneAlarm, LaneTrouble, StaffAct, StaffAction
from kiosk.wire.rules import Decision, Reason, Verdict

Running = Any
Sender = Any

HOT = (Reason.TEMPERATURE_HIGH, Reason.CODE_EXPIRED)


class Room:
    """The isolation room of a hall."""

    def __init__(self, running: Running, lane: Sender) -> None:
        self.running, self.lane = running, lane
        self.hall = lane.enrolled.hall

    def refer(self, *reasons: Reason) -> Any:
        decision = Decision(verdict=Verdict.REFER, reasons=reasons, rules_version=1)
        passage = self.lane.passage(decision=decision)
        (answer,) = self.lane.send(passage)
        assert answer.fate is Fate.STORED
        return passage

    def case(self, passage: Any) -> Any:
        found = [each for each in self.all() if each.passage == passage.id]
        return found[0] if found else None

    def all(self) -> list[Any]:
        with self.running.hub.engine.connect() as connection:
            return cases.listed(connection, self.hall) + cases.listed(connection, self.hall, closed=True)

    def alarms(self) -> list[int]:
        with self.running.hub.engine.connect() as connection:
            return [each.number for each in cases.alarms(connection, self.hall)]

    def history(self, number: int) -> list[Any]:
        with self.running.hub.engine.connect() as connection:
            return cases.history(connection, number)

    def act(self, case: Any, move: Move, version: int | None = None, **given: Any) -> Any:
        given = {"who": "王芳", "now": WallClock().now(), **given}
        with self.running.hub.engine.execution_options(writes=True).begin() as connection:
            return cases.act(connection, case.number, case.version if version is None else version, move, **given)

    def at_lane(self, act: StaffAct, passage: Any, **given: Any) -> StaffAction:
        return StaffAction(
            id=uuid6.uuid7(), act=act, staff="w01", lane="1", passage=passage.id, at=WallClock().now(), **given
        )


@pytest.fixture
def room(running: Running, terminal: Sender) -> Room:
    return Room(running, terminal)


def test_a_hot_forehead_opens_an_isolation_case_that_alarms(room: Room) -> None:
    case = room.case(room.refer(*HOT))
    assert (case.kind, case.state, case.version) == (CaseKind.ISOLATION, CaseState.OPEN, 1)
    assert case.reasons == ("temperature_high", "code_expired")
    assert case.name_masked == "王*明"
    assert case.number in room.alarms()
    assert [step.what for step in room.history(case.number)] == ["opened"]


@pytest.mark.parametrize("verdict", [Verdict.ADMIT, Verdict.REFUSE])
def test_who_was_not_referred_has_no_case(room: Room, verdict: Verdict) -> None:
    passage = room.lane.passage(decision=Decision(verdict=verdict, reasons=(Reason.HALL_FULL,), rules_version=1))
    room.lane.send(passage)
    assert room.case(passage) is None


def test_a_referral_does_not_alarm(room: Room) -> None:
    case = room.case(room.refer(Reason.FACE_UNSURE))
    assert case.kind is CaseKind.REFERRAL
    assert case.number not in room.alarms()


def test_sent_again_it_is_one_case(room: Room) -> None:
    passage = room.refer(*HOT)
    assert room.lane.send(passage)[0].fate is Fate.KNOWN
    assert len([each for each in room.all() if each.passage == passage.id]) == 1


def test_from_the_alarm_to_the_outcome(room: Room) -> None:
    case = room.case(room.refer(*HOT))
    case = room.act(case, Move.TAKE)
    assert case.number not in room.alarms()
    case = room.act(case, Move.ASK, question="十四天内去过外地吗？", text="没有")
    with pytest.raises(CaseRefused) as refused:
        room.act(case, Move.CLEAR)
    assert refused.value.kind == "reading_needed"
    case = room.act(case, Move.READ_AGAIN, temperature_c=36.62)
    case = room.act(case, Move.CLEAR, text="刚骑车来")
    assert (case.state, case.closed_by, case.moves) == (CaseState.CLEARED, "王芳", (Move.NOTE,))
    steps = room.history(case.number)
    assert [step.what for step in steps] == ["opened", "take", "ask", "read_again", "clear"]
    assert steps[3].temperature_c == 36.62
    assert steps[2].question == "十四天内去过外地吗？"
    case = room.act(case, Move.NOTE, text="家属已接走")
    with pytest.raises(CaseRefused) as refused:
        room.act(case, Move.SEND_HOME)
    assert refused.value.kind == "not_possible"


def test_two_who_work_on_one_case_do_not_overwrite_each_other(room: Room) -> None:
    seen = room.case(room.refer(*HOT))
    room.act(seen, Move.TAKE, who="甲")
    with pytest.raises(CaseRefused) as refused:
        room.act(seen, Move.TAKE, who="乙")
    assert refused.value.kind == "changed"
    assert [step.who for step in room.history(seen.number)] == ["", "甲"]


@pytest.mark.parametrize(
    ("move", "given"),
    [
        (Move.TAKE, {"who": " "}),
        (Move.TAKE, {"who": "x" * 65}),
        (Move.ASK, {"question": "?"}),
        (Move.ASK, {"question": "x" * 201, "text": "y"}),
        (Move.NOTE, {"text": "x" * 501}),
        (Move.NOTE, {}),
        (Move.READ_AGAIN, {}),
        (Move.READ_AGAIN, {"temperature_c": 46.0}),
        (Move.READ_AGAIN, {"temperature_c": float("nan")}),
        (Move.TAKE, {"temperature_c": 36.5}),
    ],
)
def test_what_is_missing_or_out_of_bounds_is_told(room: Room, move: Move, given: dict[str, Any]) -> None:
    case = room.case(room.refer(*HOT))
    with pytest.raises(CaseRefused) as refused:
        room.act(case, move, **given)
    assert refused.value.kind == "invalid"
    assert [each for each in room.all() if each.number == case.number] == [case]


def test_no_such_case(room: Room) -> None:
    with pytest.raises(CaseRefused) as refused, room.running.hub.engine.connect() as connection:
        cases.act(connection, 10**6, 1, Move.TAKE, who="甲", now=WallClock().now())
    assert refused.value.kind == "no_such_case"


def test_acknowledged_once_and_by_the_first(room: Room) -> None:
    case = room.case(room.refer(Reason.HEALTH_RED))
    now = WallClock().now()
    for who in ("甲", "乙"):
        with room.running.hub.engine.execution_options(writes=True).begin() as connection:
            after = cases.acknowledge(connection, case.number, who=who, now=now)
        assert (after.acknowledged_by, after.version) == ("甲", 1)
    assert [step.what for step in room.history(case.number)] == ["opened", "acknowledged"]
    room.act(case, Move.TAKE)  # it did not need a newer version


@pytest.mark.parametrize(
    ("act", "given", "state"),
    [
        (StaffAct.ANSWERED, {}, CaseState.TAKEN),
        (StaffAct.MEASURED_AGAIN, {"temperature_c": 36.4}, CaseState.SECOND_READING),
        (StaffAct.ADMITTED, {"reason": "second_reading"}, CaseState.CLEARED),
        (StaffAct.TURNED_AWAY, {"reason": "advised"}, CaseState.SENT_HOME),
    ],
)
def test_what_staff_do_at_the_lane_carries_the_case_on(
    room: Room, act: StaffAct, given: dict[str, Any], state: CaseState
) -> None:
    passage = room.refer(*HOT)
    action = room.at_lane(act, passage, **given)
    assert [answer.fate for answer in room.lane.send(action, action)] == [Fate.STORED, Fate.KNOWN]
    case = room.case(passage)
    assert (case.state, case.taken_by, case.acknowledged_by) == (state, "w01", "w01")
    last = room.history(case.number)[-1]
    assert (last.what, last.who, last.place) == (act.value, "w01", room.lane.enrolled.terminal)
    assert last.temperature_c == given.get("temperature_c")


def test_an_act_at_the_lane_after_the_outcome_is_recorded_and_changes_none(room: Room) -> None:
    passage = room.refer(*HOT)
    room.lane.send(room.at_lane(StaffAct.TURNED_AWAY, passage))
    room.lane.send(room.at_lane(StaffAct.ADMITTED, passage))
    case = room.case(passage)
    assert case.state is CaseState.SENT_HOME
    assert [step.what for step in room.history(case.number)] == ["opened", "turned_away", "admitted"]


def test_impossible_acts_are_refused_with_a_reason(room: Room) -> None:
    passage = room.refer(*HOT)
    unknown = type("P", (), {"id": uuid6.uuid7()})
    without = StaffAction(id=uuid6.uuid7(), act=StaffAct.COUNT_SET, staff="w01", lane="1", at=WallClock().now())
    reading = room.at_lane(StaffAct.MEASURED_AGAIN, passage)
    answers = room.lane.send(without, reading, room.at_lane(StaffAct.ADMITTED, unknown))
    assert [answer.fate for answer in answers] == [Fate.REFUSED, Fate.REFUSED, Fate.LATER]
    assert all(answer.detail for answer in answers)


def test_acts_without_a_passage_and_alarms_are_kept(room: Room) -> None:
    now = WallClock().now()
    disinfected = StaffAction(id=uuid6.uuid7(), act=StaffAct.DISINFECTED, staff="w01", lane="1", at=now)
    alarm = LaneAlarm(id=uuid6.uuid7(), trouble=LaneTrouble.FORCED, lane="1", at=now - timedelta(seconds=2))
    answers = room.lane.send(disinfected, alarm, alarm)
    assert [answer.fate for answer in answers] == [Fate.STORED, Fate.STORED, Fate.KNOWN]
    assert room.running.rows("SELECT act, staff FROM staff_action WHERE id = ?", str(disinfected.id)) == [
        ("disinfected", "w01")
    ]
    assert room.running.rows("SELECT trouble, lane FROM lane_alarm WHERE id = ?", str(alarm.id)) == [("forced", "1")]


def test_the_registers_of_a_hall(running: Running) -> None:
    lane = running.terminal(hall="registers")
    key = TerminalKey("registers", lane.enrolled.terminal)
    now = WallClock().now()
    alarm = LaneAlarm(id=uuid6.uuid7(), trouble=LaneTrouble.HELD_OPEN, lane="1", at=now)

    def disinfection(later: timedelta = timedelta(0), **limits: Any) -> Any:
        with running.hub.engine.connect() as connection:
            (found,) = registers.disinfections(connection, "registers", now + later, **limits)
        return found

    assert not disinfection().due  # nobody came by
    lane.send(lane.passage(decided=now), lane.passage(decided=now), alarm)
    assert (disinfection().due, disinfection().last, disinfection().passages_since) == (True, None, 2)
    done = StaffAction(id=uuid6.uuid7(), act=StaffAct.DISINFECTED, staff="w01", lane="1", at=now + timedelta(seconds=1))
    lane.send(done)
    assert (disinfection().due, disinfection().staff, disinfection().passages_since) == (False, "w01", 0)
    lane.send(lane.passage(decided=now + timedelta(seconds=2)))
    assert not disinfection().due
    assert disinfection(timedelta(hours=5)).due
    assert disinfection(passages=1).due
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        assert [each.act for each in registers.staff_acts(connection, "registers", now)] == [StaffAct.DISINFECTED]
        assert registers.staff_acts(connection, "registers", now, [StaffAct.OPENED]) == []
        assert [each.id for each in registers.troubles(connection, "registers")] == [alarm.id]
        assert registers.acknowledge_trouble(connection, key, alarm.id, who="甲", now=now)
        assert not registers.acknowledge_trouble(connection, key, alarm.id, who="乙", now=now)
        assert registers.troubles(connection, "registers") == []
        (kept,) = registers.troubles(connection, "registers", all_since=now)
    assert kept.acknowledged_by == "甲"


@pytest.mark.parametrize("sql", ["UPDATE case_step SET who = 'x'", "DELETE FROM case_step"])
def test_the_database_itself_keeps_the_history(room: Room, sql: str) -> None:
    from sqlalchemy.exc import DatabaseError

    room.refer(*HOT)
    with (
        pytest.raises(DatabaseError, match="never changed"),
        room.running.hub.engine.execution_options(writes=True).begin() as connection,
    ):
        connection.exec_driver_sql(sql)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*Move, *LANE_ACTS]), max_size=12))
def test_an_outcome_is_final(moves: list[Move | StaffAct]) -> None:
    state = CaseState.OPEN
    for move in moves:
        if isinstance(move, Move):
            after = MOVES.get((state, move), state)
        else:
            after = state if state in CLOSED else LANE_ACTS[move]
        assert state not in CLOSED or after is state
        state = after
