"""The movement check at the gate, on virtual time."""

import anyio
import msgspec
import pytest

from kiosk.view import gate as view
from kiosk.vision.observation import Answer, ChallengeState, Liveness, Step, Trouble
from kiosk.wire.evidence import NotMeasured, Why
from kiosk.wire.rules import Reason, Verdict
from tests.journeys.cast import facts
from tests.journeys.test_gate_journey import RULES, Hall

pytestmark = pytest.mark.anyio

ONLY_MOVEMENT = msgspec.structs.replace(
    RULES, liveness_required=True, temperature_required=False, code_required=False, face_required=True
)


def at(
    step: Step,
    done: int = 0,
    *,
    answer: Answer = Answer.PENDING,
    trouble: Trouble = Trouble.NONE,
    progress: float = 0.5,
) -> ChallengeState:
    return ChallengeState("ab" * 16, step, done, 2, progress, answer, trouble)


AHEAD, LEFT, CLOSER = at(Step.LOOK_AHEAD), at(Step.TURN_LEFT), at(Step.COME_CLOSER, 1)
PASSED = at(Step.DONE, 2, answer=Answer.PASSED)


def failed(trouble: Trouble) -> ChallengeState:
    return at(Step.TURN_LEFT, answer=Answer.FAILED, trouble=trouble)


def hall_with(*movements: ChallengeState) -> Hall:
    hall = Hall()
    hall.rules = ONLY_MOVEMENT
    hall.sight.movements = list(movements)
    return hall


async def test_whoever_does_the_movements_is_alive() -> None:
    hall = hall_with(AHEAD, LEFT, CLOSER, PASSED)
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT
    assert facts(passage.evidence.liveness) == {
        "type": "liveness_checked", "passed": True, "method": "challenge", "frames": 4, "device": "camera",
    }  # fmt: skip
    asked = [(s.movement, s.step, s.steps) for s in hall.person.seen if isinstance(s, view.FollowMovement)]
    assert asked == [
        (view.Movement.LOOK_AHEAD, 1, 2),
        (view.Movement.TURN_LEFT, 1, 2),
        (view.Movement.COME_CLOSER, 2, 2),
    ]
    assert hall.sight.challenges == 1


@pytest.mark.parametrize("trouble", [Trouble.FLAT, Trouble.JUMPED, Trouble.TOO_FAST, Trouble.BAD_CLOCK])
async def test_what_looks_like_a_picture_gets_no_second_try(trouble: Trouble) -> None:
    hall = hall_with(AHEAD, LEFT, failed(trouble), AHEAD, PASSED)
    passage = await hall.one()
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFER, (Reason.NOT_ALIVE,))
    assert facts(passage.evidence.liveness) == {
        "type": "liveness_checked", "passed": False, "method": "challenge", "frames": 3, "device": "camera",
    }  # fmt: skip
    assert hall.sight.challenges == 1
    assert hall.barrier.driver.released == 0


@pytest.mark.parametrize("trouble", [Trouble.OUT_OF_TIME, Trouble.WRONG_WAY, Trouble.LOST_FACE, Trouble.SECOND_FACE])
async def test_who_was_too_slow_or_disturbed_may_try_again(trouble: Trouble) -> None:
    hall = hall_with(AHEAD, failed(trouble), AHEAD, LEFT, PASSED)
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT
    assert hall.sight.challenges == 2
    assert facts(passage.evidence.liveness)["frames"] == 5


@pytest.mark.parametrize(
    ("trouble", "evidence", "reason"),
    [
        (Trouble.OUT_OF_TIME, NotMeasured(why=Why.NOT_SHOWN, device="camera", code="out_of_time"), Reason.NO_LIVENESS),
        (Trouble.WRONG_WAY, NotMeasured(why=Why.NOT_SHOWN, device="camera", code="wrong_way"), Reason.NO_LIVENESS),
        (Trouble.SECOND_FACE, NotMeasured(why=Why.SEVERAL_FACES, device="camera"), Reason.SEVERAL_FACES),
    ],
)
async def test_twice_is_enough(trouble: Trouble, evidence: NotMeasured, reason: Reason) -> None:
    hall = hall_with(AHEAD, failed(trouble), AHEAD, failed(trouble), PASSED)
    passage = await hall.one()
    assert passage.evidence.liveness == evidence
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFER, (reason,))
    assert hall.sight.challenges == 2


async def test_a_second_face_is_told_while_it_is_there() -> None:
    hall = hall_with(AHEAD, at(Step.TURN_LEFT, trouble=Trouble.SECOND_FACE), LEFT, PASSED)
    await hall.one()
    hints = [s.hint for s in hall.person.seen if isinstance(s, view.FollowMovement)]
    assert hints == [view.FaceHint.LOOK, view.FaceHint.ONE_AT_A_TIME, view.FaceHint.LOOK]


async def test_too_quick_a_turn_is_told() -> None:
    hall = hall_with(at(Step.TURN_RIGHT, trouble=Trouble.TOO_FAST), PASSED)
    await hall.one()
    shown = [s for s in hall.person.seen if isinstance(s, view.FollowMovement)]
    assert [(s.movement, s.hint) for s in shown] == [(view.Movement.TURN_RIGHT, view.FaceHint.HOLD_STILL)]


async def test_somebody_else_who_steps_in_is_not_the_one_on_the_card() -> None:
    hall = hall_with(AHEAD, *[LEFT] * 20, PASSED)

    async def change_places() -> None:
        await hall.person.see(view.FollowMovement)
        hall.sight.similarity = 0.1

    passage = await hall.one(change_places)
    assert facts(passage.evidence.liveness)["passed"] is False
    assert passage.decision.reasons == (Reason.NOT_ALIVE,)


async def test_one_bad_comparison_in_the_middle_of_a_turn_says_nothing() -> None:
    hall = hall_with(AHEAD, *[LEFT] * 20, PASSED)

    async def glance() -> None:
        await hall.person.see(view.FollowMovement)
        hall.sight.similarity = 0.1
        await anyio.sleep(0.15)
        hall.sight.similarity = 0.8

    passage = await hall.one(glance)
    assert passage.decision.verdict is Verdict.ADMIT


async def _unplug_in_the_middle(hall: Hall, code: str) -> NotMeasured:
    async def unplug() -> None:
        await hall.person.see(view.FollowMovement)
        hall.sight.lost = code

    passage = await hall.one(unplug)
    assert passage.decision.reasons == (Reason.DEVICE_FAULT,)
    assert isinstance(passage.evidence.liveness, NotMeasured)
    return passage.evidence.liveness


@pytest.mark.parametrize("code", ["camera", "vision"])
async def test_a_camera_that_goes_is_no_fault_of_the_person(code: str) -> None:
    seen = await _unplug_in_the_middle(hall_with(AHEAD, LEFT), code)
    assert seen == NotMeasured(why=Why.DEVICE_FAULT, device="camera", code=code)


async def test_a_new_vision_process_knows_of_no_challenge() -> None:
    hall = hall_with()
    passage = await hall.one()
    assert passage.evidence.liveness == NotMeasured(why=Why.DEVICE_FAULT, device="camera", code="vision")


@pytest.mark.parametrize(
    ("networks", "passed", "method"),
    [
        (Liveness.PASSED, True, "challenge+networks"),
        (Liveness.FAILED, False, "challenge+networks"),
        (Liveness.NOT_AVAILABLE, True, "challenge"),
        (Liveness.NOT_MEASURED, True, "challenge"),
    ],
)
async def test_the_networks_can_only_speak_against(networks: Liveness, passed: bool, method: str) -> None:
    hall = hall_with(AHEAD, LEFT, PASSED)
    hall.sight.liveness = networks
    passage = await hall.one()
    told = facts(passage.evidence.liveness)
    assert (told["passed"], told["method"]) == (passed, method)
    assert (passage.decision.verdict is Verdict.ADMIT) is passed


async def test_the_networks_do_not_replace_the_movements() -> None:
    hall = hall_with(AHEAD, failed(Trouble.OUT_OF_TIME))
    hall.sight.liveness = Liveness.PASSED
    passage = await hall.one()
    assert passage.decision.reasons == (Reason.NO_LIVENESS,)


async def test_who_stands_there_and_does_nothing_is_not_kept_for_ever() -> None:
    hall = hall_with(LEFT)
    began: list[float] = []

    async def watch() -> None:
        await hall.person.see(view.FollowMovement)
        began.append(anyio.current_time())

    passage = await hall.one(watch)
    assert passage.evidence.liveness == NotMeasured(why=Why.NOT_SHOWN, device="camera", code="challenge")
    liveness = next(timing.ms for timing in passage.timings if timing.phase == "liveness")
    assert liveness == pytest.approx(2 * hall.lane.pace.challenge_seconds * 1000)


async def test_nothing_is_asked_that_the_rules_do_not_ask() -> None:
    hall = hall_with(AHEAD, PASSED)
    hall.rules = RULES
    passage = await hall.one()
    assert passage.evidence.liveness == NotMeasured(why=Why.NOT_REQUIRED)
    assert hall.sight.challenges == 0
