"""Gathering evidence: one function a kind of evidence, each ends in its time and returns a value, never an error."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from statistics import median
from typing import TypeVar

import anyio

from drivers.errors import DriverError
from drivers.kinds import CodeScanner, IdCard, Temperature, Thermometer
from kiosk.clock import Clock
from kiosk.devices.reach import Reach, patiently
from kiosk.gate import codes
from kiosk.session import Stage, first
from kiosk.view import gate as view
from kiosk.view.common import CallStaff
from kiosk.vision.observation import FaceBand, FaceProblem, FaceVerdict, Reference, Sight, SightLost
from kiosk.wire.digest import person_digest
from kiosk.wire.evidence import (
    Band,
    Code,
    CodeChecked,
    CodeStatus,
    DocumentKind,
    Face,
    FaceCompared,
    IdentityRead,
    NotMeasured,
    TemperatureTaken,
    Warmth,
    Why,
)
from kiosk.wire.gb11643 import birth_date, is_valid
from kiosk.wire.rules import Rules

E = TypeVar("E")

STABLE_READINGS = 3
STABLE_SPREAD_C = 0.3
"""So close the last readings have to be to each other: the sensor's own accuracy."""
CODE_TRIES = 3
"""So many things that are no code, and the person is not asked again."""

_HINTS = {
    FaceProblem.NONE: view.FaceHint.HOLD_STILL,
    FaceProblem.NO_FACE: view.FaceHint.LOOK,
    FaceProblem.SEVERAL_FACES: view.FaceHint.ONE_AT_A_TIME,
    FaceProblem.TOO_FAR: view.FaceHint.COME_CLOSER,
    FaceProblem.TOO_NEAR: view.FaceHint.STEP_BACK,
    FaceProblem.TURNED_AWAY: view.FaceHint.LOOK,
    FaceProblem.BLURRED: view.FaceHint.HOLD_STILL,
    FaceProblem.TOO_DARK: view.FaceHint.LOOK,
    FaceProblem.TOO_BRIGHT: view.FaceHint.LOOK,
}
_BANDS = {FaceBand.ACCEPT: Band.ACCEPT, FaceBand.STAFF: Band.STAFF, FaceBand.REJECT: Band.REJECT}


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a person is given for each step, in seconds."""

    face_seconds: float = 10.0
    face_frames: int = 5
    temperature_seconds: float = 5.0
    code_seconds: float = 20.0
    pass_seconds: float = 8.0
    result_seconds: float = 6.0


@dataclass(frozen=True, slots=True)
class Trust:
    """What enrolment gave the terminal: keys to digest, verify and seal with."""

    hall: str
    hall_key: bytes
    signing_key: bytes
    recipient: str


async def _asks_for_staff(stage: Stage) -> NotMeasured:
    """Return when the person asks for staff instead."""
    while True:
        if isinstance(await stage.intent(), CallStaff):
            return NotMeasured(why=Why.DECLINED)


async def _or_staff(
    stage: Stage, seconds: float, work: Callable[[], Awaitable[E]], late: Callable[[], NotMeasured]
) -> E | NotMeasured:
    """Do `work`; end it when the person asks for staff, or when the time is over."""
    found: E | NotMeasured | None = None
    with anyio.move_on_after(seconds):
        found = await first(work, partial(_asks_for_staff, stage))
    return late() if found is None else found


def identity(card: IdCard, trust: Trust, now: datetime, device: str) -> IdentityRead:
    """What the card says of who it is."""
    return IdentityRead(
        document=DocumentKind(card.document.value),
        person=person_digest(card.number, trust.hall_key),
        number_is_valid=is_valid(card.number) and birth_date(card.number) == card.birth,
        valid_from=card.valid_from,
        valid_to=card.valid_to,
        device=device,
        at=now,
    )


class _FaceComparison:
    """One person before the camera, compared with the card's photo picture by picture."""

    def __init__(self, photo: bytes, name: str, *, stage: Stage, sight: Sight, wanted: int, clock: Clock) -> None:
        self._photo, self._name, self._stage, self._sight = photo, name, stage, sight
        self._wanted, self._clock = wanted, clock
        self._last = FaceProblem.NO_FACE
        self._vision_was_lost = False

    async def run(self) -> Face:
        """Compare until it is certain; goes on when the vision process had to be restarted in between."""
        while True:
            try:
                match await self._sight.remember(self._photo):
                    case Reference.NO_DECODER:
                        return NotMeasured(why=Why.NOT_INSTALLED, device="camera", code="no_photo_decoder")
                    case Reference.NO_FACE:
                        return NotMeasured(why=Why.UNREADABLE, device="id_reader", code="no_face_in_photo")
                    case Reference.READY:
                        return await self._compare()
            except SightLost as lost:
                if lost.code != "vision":
                    return NotMeasured(why=Why.DEVICE_FAULT, device="camera", code=lost.code)
                self._vision_was_lost = True
                await anyio.sleep(0.2)

    async def _compare(self) -> Face:
        after, similarities = 0, list[float]()
        while len(similarities) < self._wanted:
            seen = await self._sight.observe(after)
            after, self._last = seen.frame, seen.problem
            if seen.similarity is not None:
                similarities.append(seen.similarity)
            elif seen.problem is FaceProblem.SEVERAL_FACES:
                similarities.clear()  # one at a time: what was seen may have been somebody else
            progress = round(len(similarities) / self._wanted, 2)
            self._stage.show(view.LookAtCamera(self._name, _HINTS[seen.problem], progress))
        return _compared(self._sight.judge(tuple(similarities)), self._clock.now())

    def late(self) -> NotMeasured:
        """Why there is no comparison, when the time is over."""
        if self._last is FaceProblem.SEVERAL_FACES:
            return NotMeasured(why=Why.SEVERAL_FACES, device="camera")
        if self._vision_was_lost:
            return NotMeasured(why=Why.DEVICE_FAULT, device="camera", code="vision")
        return NotMeasured(why=Why.NOT_SHOWN, device="camera", code=self._last.value)


async def face(card: IdCard, name: str, *, stage: Stage, sight: Sight, pace: Pace, clock: Clock) -> Face:
    """Compare the person before the camera with the card's photo."""
    comparison = _FaceComparison(card.photo, name, stage=stage, sight=sight, wanted=pace.face_frames, clock=clock)
    stage.show(view.LookAtCamera(name))
    try:
        return await _or_staff(stage, pace.face_seconds, comparison.run, comparison.late)
    finally:
        with anyio.CancelScope(shield=True):
            await sight.forget()


def _compared(verdict: FaceVerdict, now: datetime) -> FaceCompared:
    return FaceCompared(
        band=_BANDS[verdict.band],
        engine=verdict.engine,
        model=verdict.model,
        frames=verdict.frames,
        device="camera",
        at=now,
    )


def settled(readings: list[Temperature]) -> bool:
    """Whether the last readings are close enough to each other."""
    last = [reading.object_c for reading in readings[-STABLE_READINGS:]]
    return len(last) == STABLE_READINGS and max(last) - min(last) <= STABLE_SPREAD_C


async def temperature(
    name: str, rules: Rules, *, stage: Stage, thermometer: Reach[Thermometer], pace: Pace, clock: Clock
) -> Warmth:
    """Take the forehead's temperature; a value at the limit is taken a second time, and the second counts."""
    seen_forehead = False

    async def settle() -> Warmth:
        nonlocal seen_forehead
        readings: list[Temperature] = []
        outside = 0
        while True:
            try:
                reading = await patiently(thermometer, lambda t: t.measure(), within=2.0)
            except DriverError as error:
                return NotMeasured(why=Why.DEVICE_FAULT, device="thermometer", code=error.code)
            outside = 0 if reading.conditions_hold else outside + 1
            if outside >= STABLE_READINGS:
                return NotMeasured(why=Why.CONDITIONS, device="thermometer")
            if reading.object_c < rules.temperature_lowest_c:
                readings.clear()  # no forehead before it
            else:
                seen_forehead = True
                readings.append(reading)
            if settled(readings):
                last = readings[-STABLE_READINGS:]
                return TemperatureTaken(
                    object_c=round(median(r.object_c for r in last), 2),
                    ambient_c=round(last[-1].ambient_c, 2),
                    spread_c=round(max(r.object_c for r in last) - min(r.object_c for r in last), 2),
                    readings=len(last),
                    device="thermometer",
                    at=clock.now(),
                )
            await anyio.sleep(0.05)

    def late() -> NotMeasured:
        return NotMeasured(why=Why.UNSTABLE if seen_forehead else Why.NOT_SHOWN, device="thermometer")

    taken: Warmth = NotMeasured(why=Why.NOT_SHOWN, device="thermometer")
    for again in (False, True):
        stage.show(view.TakingTemperature(name, again=again))
        taken = await _or_staff(stage, pace.temperature_seconds, settle, late)
        if not isinstance(taken, TemperatureTaken) or taken.object_c < rules.temperature_unsure_c:
            break
    return taken


async def code(
    name: str, person: str, *, stage: Stage, scanner: Reach[CodeScanner], trust: Trust, pace: Pace, clock: Clock
) -> Code:
    """Ask for the appointment code, and ask again for one that is none."""
    last: Code = NotMeasured(why=Why.NOT_SHOWN, device="code_scanner")

    async def scan() -> Code:
        nonlocal last
        for _ in range(CODE_TRIES):
            shown = None
            while shown is None:
                try:
                    shown = await patiently(scanner, lambda s: s.scan(1.0), within=3.0)
                except DriverError as error:
                    return NotMeasured(why=Why.DEVICE_FAULT, device="code_scanner", code=error.code)
            last = codes.check(
                shown.payload,
                public_key=trust.signing_key,
                hall=trust.hall,
                person=person,
                now=clock.now(),
                device="code_scanner",
            )
            ours = isinstance(last, CodeChecked) and last.status is not CodeStatus.NOT_A_CODE
            if ours:
                break
            stage.show(view.ShowCode(name, view.CodeHint.NOT_A_CODE))
            await anyio.sleep(1.0)  # time to read why, and to take the wrong thing away
        return last

    stage.show(view.ShowCode(name))
    return await _or_staff(
        stage,
        pace.code_seconds,
        scan,
        lambda: last if isinstance(last, NotMeasured) else NotMeasured(why=Why.UNREADABLE, device="code_scanner"),
    )
