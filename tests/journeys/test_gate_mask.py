"""Masks at the gate, by rule: ignore, remind, require. On virtual time."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle

import anyio
import msgspec
import pytest

from kiosk.view import gate as view
from kiosk.view.common import CallStaff
from kiosk.vision.observation import FaceProblem, Mask, Observation
from kiosk.wire.evidence import NotMeasured, Why
from kiosk.wire.rules import MaskRule, Reason, Verdict
from tests.journeys.cast import SightScript, facts
from tests.journeys.test_gate_journey import RULES, Hall

pytestmark = pytest.mark.anyio

ONLY_MASK = msgspec.structs.replace(
    RULES, mask=MaskRule.REQUIRE, face_required=False, temperature_required=False, code_required=False
)
REMIND = msgspec.structs.replace(ONLY_MASK, mask=MaskRule.REMIND)


def hall_with(mask: Mask, rules: object = ONLY_MASK) -> Hall:
    hall = Hall()
    hall.rules = rules  # type: ignore[assignment]  # rules, or a test's own
    hall.sight.mask = mask
    return hall


def asked(hall: Hall) -> list[view.WearMask]:
    return [state for state in hall.person.seen if isinstance(state, view.WearMask)]


async def test_who_wears_one_is_not_asked() -> None:
    hall = hall_with(Mask.WORN)
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT
    assert facts(passage.evidence.mask) == {"type": "mask_seen", "worn": "worn", "frames": 3, "device": "camera"}
    assert asked(hall) == []


async def test_put_on_when_asked() -> None:
    hall = hall_with(Mask.BARE)

    async def put_on() -> None:
        assert (await hall.person.see(view.WearMask)).must
        await anyio.sleep(6)
        hall.sight.mask = Mask.WORN

    passage = await hall.one(put_on)
    assert passage.decision.verdict is Verdict.ADMIT
    assert facts(passage.evidence.mask) == {"type": "mask_seen", "worn": "worn", "frames": 3, "device": "camera"}
    assert [state.progress for state in asked(hall)] == [0.0, 0.33, 0.67]


async def test_one_that_was_lowered_for_the_camera_has_to_be_up_again() -> None:
    hall = hall_with(Mask.WORN, msgspec.structs.replace(ONLY_MASK, face_required=True))
    hall.sight.problem = FaceProblem.MASKED

    async def lower_it() -> None:
        while (await hall.person.see(view.LookAtCamera)).hint is not view.FaceHint.LOWER_MASK:
            await anyio.sleep(0.1)
        await anyio.sleep(1)
        hall.sight.problem, hall.sight.mask = FaceProblem.NONE, Mask.BARE
        await hall.person.see(view.WearMask)
        await anyio.sleep(2)
        hall.sight.mask = Mask.WORN

    passage = await hall.one(lower_it)
    assert passage.decision.verdict is Verdict.ADMIT
    assert asked(hall)[0].progress == 0.0


async def test_left_at_the_chin_after_the_camera_is_not_worn() -> None:
    hall = hall_with(Mask.WORN, msgspec.structs.replace(ONLY_MASK, face_required=True))
    hall.sight.problem = FaceProblem.MASKED

    async def lower_it() -> None:
        await hall.person.see(view.LookAtCamera)
        await anyio.sleep(2)
        hall.sight.problem, hall.sight.mask = FaceProblem.NONE, Mask.BARE

    passage = await hall.one(lower_it)
    assert passage.decision.reasons == (Reason.MASK_MISSING,)


async def test_who_puts_none_on_is_told_to() -> None:
    hall = hall_with(Mask.BARE)
    passage = await hall.one()
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFUSE, (Reason.MASK_MISSING,))
    assert facts(passage.evidence.mask)["worn"] == "bare"
    assert hall.barrier.driver.released == 0


@pytest.mark.parametrize("mask", [Mask.BARE, Mask.UNSURE])
async def test_a_reminder_stops_nobody(mask: Mask) -> None:
    hall = hall_with(mask, REMIND)
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT
    assert facts(passage.evidence.mask)["worn"] == mask.value
    assert [state.must for state in asked(hall)] == [False]
    spent = next(timing.ms for timing in passage.timings if timing.phase == "mask")
    assert spent == pytest.approx(hall.lane.pace.remind_seconds * 1000)


async def test_nobody_is_reminded_who_wears_one() -> None:
    hall = hall_with(Mask.WORN, REMIND)
    await hall.one()
    assert asked(hall) == []


async def test_where_it_cannot_be_told_staff_look() -> None:
    hall = hall_with(Mask.UNSURE)
    passage = await hall.one()
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFER, (Reason.NO_MASK_SEEN,))
    assert facts(passage.evidence.mask)["worn"] == "unsure"


class _Flicker(SightScript):
    """A classifier that changes its mind with each picture."""

    def __init__(self, says: Iterator[Mask]) -> None:
        super().__init__()
        self._says = says

    async def observe(self, after: int) -> Observation:
        self.mask = next(self._says)
        return await super().observe(after)


async def test_now_and_then_is_not_worn() -> None:
    hall = hall_with(Mask.BARE)
    hall.lane = replace(hall.lane, sight=_Flicker(cycle([Mask.WORN, Mask.WORN, Mask.BARE])))
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.REFER
    assert facts(passage.evidence.mask)["worn"] == "unsure"


async def test_somebody_out_of_the_picture_is_asked_all_the_same() -> None:
    hall = hall_with(Mask.NOT_MEASURED)
    hall.sight.problem = FaceProblem.NO_FACE
    passage = await hall.one()
    assert asked(hall)
    assert passage.evidence.mask == NotMeasured(why=Why.NOT_SHOWN, device="camera", code="mask")
    assert passage.decision.reasons == (Reason.NO_MASK_SEEN,)


async def test_of_two_people_nobody_knows_whose_mask_it_is() -> None:
    hall = hall_with(Mask.WORN)
    hall.sight.problem = FaceProblem.SEVERAL_FACES
    passage = await hall.one()
    assert passage.evidence.mask == NotMeasured(why=Why.SEVERAL_FACES, device="camera")
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFER, (Reason.SEVERAL_FACES,))


async def test_a_camera_that_goes_sends_to_staff() -> None:
    hall = hall_with(Mask.BARE)

    async def unplug() -> None:
        await hall.person.see(view.WearMask)
        hall.sight.lost = "camera"

    passage = await hall.one(unplug)
    assert passage.evidence.mask == NotMeasured(why=Why.DEVICE_FAULT, device="camera", code="camera")
    assert passage.decision.reasons == (Reason.DEVICE_FAULT,)


async def test_who_has_none_asks_staff_for_one() -> None:
    hall = hall_with(Mask.BARE)

    async def ask() -> None:
        await hall.person.see(view.WearMask)
        hall.person.touch(CallStaff())

    passage = await hall.one(ask)
    assert passage.evidence.mask == NotMeasured(why=Why.DECLINED)
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFER, (Reason.ASKED_FOR_STAFF,))


async def test_where_the_rules_ignore_masks_nobody_looks() -> None:
    hall = hall_with(Mask.BARE, msgspec.structs.replace(ONLY_MASK, mask=MaskRule.IGNORE))
    passage = await hall.one()
    assert passage.evidence.mask == NotMeasured(why=Why.NOT_REQUIRED)
    assert asked(hall) == []
