"""The forehead's temperature, taken while the same face is alone before the camera."""

from enum import Enum, auto
from statistics import median

import anyio

from drivers.errors import DriverError
from drivers.kinds import Temperature, Thermometer
from kiosk.calibration import Correction
from kiosk.devices.reach import Reach, patiently
from kiosk.gate.evidence import or_staff
from kiosk.gate.sighting import OTHER_FACE_FRAMES, Beholder
from kiosk.session import first
from kiosk.view import gate as view
from kiosk.vision.observation import FaceProblem, Observation, SightLost
from kiosk.wire.evidence import NotMeasured, TemperatureTaken, Warmth, Why
from kiosk.wire.rules import Rules

STABLE_READINGS = 3
STABLE_SPREAD_C = 0.3
"""So close the last readings have to be to each other: the sensor's own accuracy."""


class _Zone(Enum):
    """Who is before the thermometer."""

    UNSEEN = auto()
    """No picture was looked at yet: who stands there is not known."""
    ALONE = auto()
    SEVERAL = auto()
    EMPTY = auto()
    DOUBTFUL = auto()
    """Perhaps somebody else; the next pictures say."""
    STRANGER = auto()


_HINTS = {
    _Zone.UNSEEN: view.TemperatureHint.STAND,
    _Zone.DOUBTFUL: view.TemperatureHint.STAND,
    _Zone.ALONE: view.TemperatureHint.STAND,
    _Zone.SEVERAL: view.TemperatureHint.ONE_AT_A_TIME,
    _Zone.EMPTY: view.TemperatureHint.COME_BACK,
    _Zone.STRANGER: view.TemperatureHint.COME_BACK,
}


def settled(readings: list[Temperature]) -> bool:
    """Whether the last readings are close enough to each other."""
    last = [reading.object_c for reading in readings[-STABLE_READINGS:]]
    return len(last) == STABLE_READINGS and max(last) - min(last) <= STABLE_SPREAD_C


class _Measurement:
    """One try to take one person's temperature."""

    def __init__(
        self,
        beholder: Beholder,
        rules: Rules,
        thermometer: Reach[Thermometer],
        correction: Correction | None,
        *,
        watched: bool,
        again: bool,
    ) -> None:
        self._correction = correction
        self._beholder, self._rules, self._thermometer = beholder, rules, thermometer
        self._watched, self._again = watched, again
        self._zone = _Zone.UNSEEN if watched else _Zone.ALONE
        self._looked = anyio.Event()
        self._counted = 0
        self._strangers = 0
        self._seen_forehead = False

    async def run(self) -> Warmth:
        """Read until the readings settle; a picture with somebody else in it makes them begin anew."""
        self._show()
        if not self._watched:
            return await self._settle()
        return await first(self._settle, self._watch)

    def late(self) -> NotMeasured:
        """Why there is none, when the time is over."""
        match self._zone:
            case _Zone.SEVERAL:
                return NotMeasured(why=Why.SEVERAL_FACES, device="thermometer")
            case _Zone.STRANGER:
                return NotMeasured(why=Why.NOT_SHOWN, device="thermometer", code="other_face")
            case _:
                why = Why.UNSTABLE if self._seen_forehead else Why.NOT_SHOWN
                return NotMeasured(why=why, device="thermometer")

    def _show(self) -> None:
        self._beholder.stage.show(
            view.TakingTemperature(
                self._beholder.name,
                again=self._again,
                progress=round(min(1.0, self._counted / STABLE_READINGS), 2),
                hint=_HINTS[self._zone],
            )
        )

    async def _settle(self) -> Warmth:
        if self._watched:
            await self._looked.wait()  # nothing is measured before it is known who stands there
        readings: list[Temperature] = []
        outside = 0
        while True:
            try:
                reading = await patiently(self._thermometer, lambda t: t.measure(), within=2.0)
            except DriverError as error:
                return NotMeasured(why=Why.DEVICE_FAULT, device="thermometer", code=error.code)
            outside = 0 if reading.conditions_hold else outside + 1
            if outside >= STABLE_READINGS:
                return NotMeasured(why=Why.CONDITIONS, device="thermometer")
            if self._corrected(reading.object_c) < self._rules.temperature_lowest_c or self._zone is not _Zone.ALONE:
                readings.clear()  # no forehead before it, or not the right one
            else:
                self._seen_forehead = True
                readings.append(reading)
            self._counted = len(readings)
            self._show()
            if settled(readings):
                if await self._still_alone():
                    return self._taken(readings[-STABLE_READINGS:])
                readings.clear()
            await anyio.sleep(0.05)

    async def _still_alone(self) -> bool:
        """Whether the first picture after the last reading shows nobody else: readings are quicker than pictures."""
        if self._watched:
            await self._looked.wait()
        return self._zone is _Zone.ALONE

    def _corrected(self, raw_c: float) -> float:
        return raw_c if self._correction is None else round(raw_c + self._correction.offset_c, 2)

    def _taken(self, last: list[Temperature]) -> TemperatureTaken:
        raw_c = round(median(r.object_c for r in last), 2)
        return TemperatureTaken(
            object_c=raw_c,
            ambient_c=round(last[-1].ambient_c, 2),
            spread_c=round(max(r.object_c for r in last) - min(r.object_c for r in last), 2),
            readings=len(last),
            device="thermometer",
            at=self._beholder.clock.now(),
            corrected_c=None if self._correction is None else self._corrected(raw_c),
            correction="" if self._correction is None else self._correction.name,
        )

    async def _watch(self) -> Warmth:
        """See who stands there, for as long as it takes."""
        while True:
            try:
                seen = await self._beholder.look()
            except SightLost as lost:
                return NotMeasured(why=Why.DEVICE_FAULT, device="camera", code=lost.code)
            zone = self._zone_of(seen)
            if zone is not self._zone:
                self._zone = zone
                self._show()
            self._looked.set()
            self._looked = anyio.Event()

    def _zone_of(self, seen: Observation) -> _Zone:
        if seen.problem is FaceProblem.SEVERAL_FACES:
            return _Zone.SEVERAL
        if seen.problem is FaceProblem.NO_FACE:
            return _Zone.EMPTY
        if seen.similarity is not None:
            rejected = self._beholder.sight.rejects(seen.similarity)
            self._strangers = self._strangers + 1 if rejected else 0
        if self._strangers >= OTHER_FACE_FRAMES:
            return _Zone.STRANGER
        return _Zone.DOUBTFUL if self._strangers else _Zone.ALONE


async def temperature(
    beholder: Beholder,
    rules: Rules,
    thermometer: Reach[Thermometer],
    correction: Correction | None = None,
    *,
    watched: bool,
) -> Warmth:
    """Take the forehead's temperature; an unsure one is taken a second time, and the second counts.

    A high one is for staff at once. Where the second does not come about, the first is what staff are told.

    Args:
        correction: what the thermometer's calibration adds to its readings, where there is one in force.
        watched: whether the camera says who stands before it.
    """

    async def take(*, again: bool) -> Warmth:
        measurement = _Measurement(beholder, rules, thermometer, correction, watched=watched, again=again)
        seconds = beholder.pace.temperature_seconds
        return await or_staff(beholder.stage, seconds, measurement.run, measurement.late)

    first_taken = await take(again=False)
    if isinstance(first_taken, NotMeasured):
        return first_taken
    if not rules.temperature_unsure_c <= first_taken.counts_c < rules.temperature_high_c:
        return first_taken
    second = await take(again=True)
    lost = isinstance(second, NotMeasured) and second.why not in {Why.DECLINED, Why.DEVICE_FAULT}
    return first_taken if lost else second
