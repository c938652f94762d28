"""The forehead's temperature at the gate: whose it is, whether it settled, whether it may be believed. Virtual time."""

from dataclasses import dataclass, replace
from typing import cast

import anyio
import msgspec
import pytest

from drivers.errors import BadFrame
from drivers.kinds import Temperature, Thermometer
from kiosk.devices.reach import Reach
from kiosk.view import gate as view
from kiosk.view.common import CallStaff
from kiosk.vision.observation import FaceProblem
from kiosk.wire.evidence import NotMeasured, Why
from kiosk.wire.rules import Reason, Verdict
from tests.journeys.cast import Scripted, facts
from tests.journeys.test_gate_journey import RULES, Hall

pytestmark = pytest.mark.anyio

ONLY_WARMTH = msgspec.structs.replace(RULES, code_required=False)


def hall_with(*readings: float | Exception) -> Hall:
    hall = Hall()
    hall.rules = ONLY_WARMTH
    hall.thermometer.driver.readings = list(readings)
    return hall


def taken(value: float, spread: float = 0.0) -> dict[str, object]:
    return {
        "type": "temperature_taken", "object_c": value, "ambient_c": 22.0, "spread_c": spread, "readings": 3,
        "device": "thermometer",
    }  # fmt: skip


def hints(hall: Hall) -> list[view.TemperatureHint]:
    told: list[view.TemperatureHint] = []
    for state in hall.person.seen:
        if isinstance(state, view.TakingTemperature) and state.hint not in told[-1:]:
            told.append(state.hint)
    return told


async def test_the_median_of_three_that_agree() -> None:
    hall = hall_with(36.3, 36.5, 36.4)
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT
    assert facts(passage.evidence.temperature) == taken(36.4, 0.2)
    progress = [s.progress for s in hall.person.seen if isinstance(s, view.TakingTemperature)]
    assert progress == sorted(progress)


async def test_two_faces_all_the_time() -> None:
    hall = hall_with(36.4)

    async def friend() -> None:
        await hall.person.see(view.TakingTemperature)
        hall.sight.problem = FaceProblem.SEVERAL_FACES

    passage = await hall.one(friend)
    assert passage.evidence.temperature == NotMeasured(why=Why.SEVERAL_FACES, device="thermometer")
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFER, (Reason.SEVERAL_FACES,))
    assert hints(hall) == [view.TemperatureHint.STAND, view.TemperatureHint.ONE_AT_A_TIME]


async def test_nothing_is_measured_before_it_is_known_who_stands_there() -> None:
    """Twenty readings in the time of one picture, and all of them of two people."""
    hall = hall_with(36.4)
    hall.thermometer.seconds = 0.005

    async def friend() -> None:
        await hall.person.see(view.TakingTemperature)
        hall.sight.problem = FaceProblem.SEVERAL_FACES

    passage = await hall.one(friend)
    assert passage.evidence.temperature == NotMeasured(why=Why.SEVERAL_FACES, device="thermometer")


async def test_the_friend_steps_back() -> None:
    hall = hall_with(39.0)

    async def friend() -> None:
        await hall.person.see(view.TakingTemperature)
        hall.sight.problem = FaceProblem.SEVERAL_FACES
        await anyio.sleep(2)
        hall.thermometer.driver.readings = [36.4]
        hall.sight.problem = FaceProblem.NONE

    passage = await hall.one(friend)
    assert facts(passage.evidence.temperature) == taken(36.4)
    assert hints(hall)[-1] is view.TemperatureHint.STAND


async def test_a_stranger_who_steps_in_is_not_measured() -> None:
    hall = hall_with(38.9)

    async def change_places() -> None:
        await hall.person.see(view.TakingTemperature)
        hall.sight.similarity, hall.thermometer.driver.readings = 0.1, [36.2]

    passage = await hall.one(change_places)
    assert passage.evidence.temperature == NotMeasured(why=Why.NOT_SHOWN, device="thermometer", code="other_face")
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFER, (Reason.NO_TEMPERATURE,))
    assert hints(hall)[-1] is view.TemperatureHint.COME_BACK


async def test_a_quick_thermometer_does_not_take_the_strangers_either() -> None:
    hall = hall_with(38.9)
    hall.thermometer.seconds = 0.005

    async def change_places() -> None:
        await hall.person.see(view.TakingTemperature)
        hall.sight.similarity, hall.thermometer.driver.readings = 0.1, [36.2]
        await anyio.sleep(2)
        hall.sight.similarity, hall.thermometer.driver.readings = 0.8, [38.9]

    passage = await hall.one(change_places)
    assert facts(passage.evidence.temperature) == taken(38.9)
    assert passage.decision.reasons == (Reason.TEMPERATURE_HIGH,)


async def test_nobody_comes_before_the_thermometer() -> None:
    hall = hall_with(24.0)

    async def leave() -> None:
        await hall.person.see(view.TakingTemperature)
        hall.sight.problem = FaceProblem.NO_FACE

    passage = await hall.one(leave)
    assert passage.evidence.temperature == NotMeasured(why=Why.NOT_SHOWN, device="thermometer")
    assert passage.decision.reasons == (Reason.NO_TEMPERATURE,)
    assert hints(hall)[-1] is view.TemperatureHint.COME_BACK


async def test_a_hot_drink_is_waited_out() -> None:
    """The face cools from the steam: no three readings agree before it has."""
    hall = hall_with(44.0, 42.4, 41.0, 39.8, 38.9, 38.1, 37.5, 37.0, 36.6, 36.5, 36.5)
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT
    assert facts(passage.evidence.temperature) == taken(36.5, 0.1)


async def test_readings_that_never_agree_are_none() -> None:
    hall = hall_with(*[36.0, 38.0] * 400)
    passage = await hall.one()
    assert passage.evidence.temperature == NotMeasured(why=Why.UNSTABLE, device="thermometer")
    assert passage.decision.reasons == (Reason.NO_TEMPERATURE,)


async def test_what_is_no_number_is_no_temperature() -> None:
    hall = hall_with(float("nan"))
    passage = await hall.one()
    assert passage.evidence.temperature == NotMeasured(why=Why.UNSTABLE, device="thermometer")


@dataclass
class _Sun:
    """The sun lies on it, for so many readings."""

    readings: int

    def measure(self) -> Temperature:
        self.readings -= 1
        return Temperature(36.6, 24.0, 0.98, self.readings < 0)


def _under(sun: _Sun) -> Reach[Thermometer]:
    return cast("Reach[Thermometer]", Scripted(sun))


async def test_under_the_sun_it_is_not_measured() -> None:
    hall = hall_with()
    hall.lane = replace(hall.lane, thermometer=_under(_Sun(1000)))
    passage = await hall.one()
    assert passage.evidence.temperature == NotMeasured(why=Why.CONDITIONS, device="thermometer")
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFER, (Reason.NO_TEMPERATURE,))


async def test_a_reflection_that_passes_is_not_the_sun() -> None:
    hall = hall_with()
    hall.lane = replace(hall.lane, thermometer=_under(_Sun(2)))
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT
    assert facts(passage.evidence.temperature) | {"ambient_c": 22.0} == taken(36.6)


@pytest.mark.parametrize(
    ("readings", "value", "again", "verdict", "reasons"),
    [
        ((37.09,), 37.09, False, Verdict.ADMIT, (Reason.ALL_IN_ORDER,)),
        ((37.1,), 37.1, True, Verdict.REFER, (Reason.TEMPERATURE_UNSURE,)),
        ((37.29,), 37.29, True, Verdict.REFER, (Reason.TEMPERATURE_UNSURE,)),
        ((37.1, 37.1, 37.1, 37.0), 37.0, True, Verdict.ADMIT, (Reason.ALL_IN_ORDER,)),
        ((37.2, 37.2, 37.2, 37.3), 37.3, True, Verdict.REFER, (Reason.TEMPERATURE_HIGH,)),
        ((37.3,), 37.3, False, Verdict.REFER, (Reason.TEMPERATURE_HIGH,)),
        ((38.6, 38.6, 38.6, 36.4), 38.6, False, Verdict.REFER, (Reason.TEMPERATURE_HIGH,)),
        ((34.0,), 34.0, False, Verdict.ADMIT, (Reason.ALL_IN_ORDER,)),
    ],
)
async def test_values_at_the_limits(
    readings: tuple[float, ...], value: float, again: bool, verdict: Verdict, reasons: tuple[Reason, ...]
) -> None:
    hall = hall_with(*readings)
    passage = await hall.one()
    assert facts(passage.evidence.temperature) == taken(value)
    assert (passage.decision.verdict, passage.decision.reasons) == (verdict, reasons)
    told = [state.again for state in hall.person.seen if isinstance(state, view.TakingTemperature)]
    assert (True in told) is again


async def test_an_unsure_value_is_not_lost_when_the_second_does_not_come_about() -> None:
    hall = hall_with(37.2, 37.2, 37.2, *[36.0, 38.0] * 400)
    passage = await hall.one()
    assert facts(passage.evidence.temperature) == taken(37.2)
    assert passage.decision.reasons == (Reason.TEMPERATURE_UNSURE,)


async def test_staff_may_be_asked_for_before_the_second_try() -> None:
    hall = hall_with(37.2)

    async def ask() -> None:
        while not (await hall.person.see(view.TakingTemperature)).again:
            await anyio.sleep(0.02)
        hall.person.touch(CallStaff())

    passage = await hall.one(ask)
    assert passage.evidence.temperature == NotMeasured(why=Why.DECLINED)
    assert passage.decision.reasons == (Reason.ASKED_FOR_STAFF,)


async def test_a_forehead_below_the_lowest_is_none() -> None:
    hall = hall_with(33.99)
    passage = await hall.one()
    assert passage.evidence.temperature == NotMeasured(why=Why.NOT_SHOWN, device="thermometer")


async def test_a_camera_that_goes_ends_the_measurement() -> None:
    hall = hall_with(20.0)

    async def unplug() -> None:
        await hall.person.see(view.TakingTemperature)
        hall.sight.lost = "camera"

    passage = await hall.one(unplug)
    assert passage.evidence.temperature == NotMeasured(why=Why.DEVICE_FAULT, device="camera", code="camera")
    assert passage.decision.reasons == (Reason.DEVICE_FAULT,)


async def test_a_thermometer_that_stays_silent_is_no_fault_of_the_person() -> None:
    hall = hall_with(BadFrame("noise", b"x"))
    passage = await hall.one()
    assert passage.evidence.temperature == NotMeasured(why=Why.DEVICE_FAULT, device="thermometer", code=BadFrame.code)


async def test_where_no_camera_is_needed_none_is_waited_for() -> None:
    hall = hall_with(36.4)
    hall.rules = msgspec.structs.replace(ONLY_WARMTH, face_required=False)
    hall.sight.lost = "camera"
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT
    assert facts(passage.evidence.temperature) == taken(36.4)
