"""One person through the gate, from top to bottom: card, face, temperature, code, decision, record, barrier, beams.

The passage is stored before anything moves. A crash leaves the barrier closed; leaving the building never depends on
us.
"""

import contextlib
from dataclasses import replace

import anyio
import msgspec
from uuid6 import uuid7

from drivers.errors import DriverError, Effect
from drivers.kinds import Crossing, Lamp, Light
from kiosk.devices.reach import Reach
from kiosk.gate import proofs
from kiosk.gate.arrival import welcome
from kiosk.gate.evidence import Trust
from kiosk.gate.lane import Arrival, Lane
from kiosk.gate.policy import REFUSALS, decide, is_recognised, speaks_against
from kiosk.gate.sighting import Beholder
from kiosk.gate.warmth import temperature
from kiosk.log import logger
from kiosk.view import gate as view
from kiosk.view.common import Back, Cause, OutOfService
from kiosk.view.screen import Intent
from kiosk.wire.events import Crossed, Passage, Person, Timing
from kiosk.wire.evidence import (
    CodeChecked,
    Evidence,
    Face,
    IdentityRead,
    NotMeasured,
    TemperatureTaken,
    Why,
)
from kiosk.wire.rules import Decision, MaskRule, Reason, Rules, Verdict
from kiosk.wire.sealing import seal

_log = logger("gate")

NOTICE_SECONDS = 3.0
FAULT_SECONDS = 2.0
"""How long the screen says that the program failed before the next person is served."""

_CROSSED = {
    Crossing.PASSED: Crossed.PASSED,
    Crossing.TURNED_BACK: Crossed.TURNED_BACK,
    Crossing.TAILGATED: Crossed.TAILGATED,
    Crossing.NOBODY: Crossed.NOBODY,
    Crossing.HELD_OPEN: Crossed.HELD_OPEN,
    Crossing.UNKNOWN: Crossed.UNKNOWN,
}
_ENDINGS = {
    Crossing.TURNED_BACK: view.Ending.TURNED_BACK,
    Crossing.TAILGATED: view.Ending.TAILGATED,
    Crossing.NOBODY: view.Ending.NOBODY_PASSED,
    Crossing.HELD_OPEN: view.Ending.HELD_OPEN,
}
_HEADS = {Crossing.PASSED: 1, Crossing.HELD_OPEN: 1, Crossing.TAILGATED: 2}
"""How many went through for one release, at least."""
_TROUBLE = frozenset({Crossing.TAILGATED, Crossing.HELD_OPEN, Crossing.UNKNOWN})
_NOT_REACHED = NotMeasured(why=Why.NOT_REACHED)
_NOT_REQUIRED = NotMeasured(why=Why.NOT_REQUIRED)


class _Phases:
    """How long each phase took."""

    def __init__(self) -> None:
        self._began = self._last = anyio.current_time()
        self._timings: list[Timing] = []

    def end(self, phase: str) -> None:
        now = anyio.current_time()
        self._timings.append(Timing(phase=phase, ms=round((now - self._last) * 1000, 1)))
        self._last = now

    def all(self) -> tuple[Timing, ...]:
        total = Timing(phase="total", ms=round((self._last - self._began) * 1000, 1))
        return (*self._timings, total)


async def serve(lane: Lane) -> None:
    """Serve one person after the other, until cancelled. Whatever fails, the next person is served."""
    registered: Arrival | None = None
    while True:
        lane.stage.reset()
        try:
            await serve_one(lane, registered)
            registered = None
        except Exception as error:  # noqa: BLE001  whatever it was, the next person is served
            _log.exception("a passage failed", lane=lane.name, exc_info=error)
            registered = await _after_fault(lane)


async def _after_fault(lane: Lane) -> Arrival | None:
    """Say that the program failed; staff may open their screens, which may fail as well."""
    lane.stage.show(OutOfService(Cause.FAULT, staff_entry=lane.attend is not None))
    try:
        return await _until_staff(lane, FAULT_SECONDS)
    except Exception as error:  # noqa: BLE001  the same
        _log.exception("the staff screens failed", lane=lane.name, exc_info=error)
        await anyio.sleep(FAULT_SECONDS)
        return None


async def serve_one(lane: Lane, registered: Arrival | None = None) -> Passage:
    """Wait for one person and bring them through, or not.

    Args:
        lane: this one.
        registered: who is to be brought through, where staff have registered somebody already.

    Returns:
        The passage as it was stored; the last, where staff registered by hand whoever had been sent to them.
    """
    arrival: Arrival | NotMeasured | None = registered or await welcome(lane)
    lane.stage.arrived()
    while True:
        assert arrival is not None
        passage, arrival = await _bring(lane, arrival)
        if arrival is None:
            return passage


async def _bring(lane: Lane, arrival: Arrival | NotMeasured) -> tuple[Passage, Arrival | None]:
    """Decide on somebody, and do what was decided.

    Returns:
        The passage; and who staff have registered by hand while it stood on the screen.
    """
    phases = _Phases()
    began = lane.clock.now()
    rules = lane.rules()
    seen = await _gather(lane, arrival, rules, phases)
    lane.stage.show(view.Deciding())
    now = lane.clock.now()
    decision = decide(seen, rules, now)
    name = arrival.who.name if isinstance(arrival, Arrival) else ""
    passage = Passage(
        id=uuid7(),
        lane=lane.name,
        began=began,
        decided=now,
        evidence=seen,
        decision=decision,
        name_masked=name,
        number_masked=arrival.number_masked if isinstance(arrival, Arrival) else "",
        person_sealed=_sealed(arrival, lane.trust) if isinstance(arrival, Arrival) and arrival.who.number else b"",
        timings=phases.all(),
    )
    await lane.ledger.keep_passage(passage)
    _log.info(
        "decided",
        lane=lane.name,
        passage=str(passage.id),
        verdict=decision.verdict.value,
        reasons=[reason.value for reason in decision.reasons],
    )
    if Reason.HALL_FULL in decision.reasons and isinstance(arrival, Arrival):
        lane.told_full.note(arrival.who.person, 1 + _companions(seen))
    if decision.verdict is Verdict.ADMIT:
        await let_through(lane, passage, seen, name)
        return passage, None
    if arrival == NotMeasured(why=Why.DECLINED):
        return passage, await _until_helped(lane)
    lane.stage.show(_outcome(decision, name))
    return passage, await _until_staff(lane, lane.pace.result_seconds)


async def _until_staff(lane: Lane, seconds: float, *, leave: bool = False) -> Arrival | None:
    """Leave what is shown on the screen, unless staff open theirs.

    Args:
        seconds: how long at most.
        leave: whether the person may end it.

    Returns:
        Who staff have registered by hand.
    """
    intent: Intent | None = None
    with anyio.move_on_after(seconds):
        while not (lane.opens_staff(intent) or (leave and isinstance(intent, Back))):
            intent = await lane.stage.intent()
    if not lane.opens_staff(intent) or lane.attend is None:
        return None
    arrival = await lane.attend()
    lane.stage.reset()
    return arrival


async def _until_helped(lane: Lane) -> Arrival | None:
    """The green channel: the stored passage has called staff, and the lane waits calmly until they are here."""
    lane.stage.show(view.HelpComing())
    await _light(lane.lamp, Light.STAFF)
    try:
        arrival = await _until_staff(lane, lane.pace.help_seconds, leave=True)
    finally:
        await _light(lane.lamp, Light.OFF)
    return None if arrival is None else replace(arrival, green_channel=True)


async def _light(lamp: Reach[Lamp] | None, light: Light) -> None:
    if lamp is not None and lamp.ready:
        with contextlib.suppress(DriverError):  # the screen says it as well
            await lamp.call(lambda driver: driver.show(light), within=1.5)


def _companions(seen: Evidence) -> int:
    return seen.code.companions if isinstance(seen.code, CodeChecked) else 0


def _sealed(arrival: Arrival, trust: Trust) -> bytes:
    person = Person(name=arrival.who.full_name, number=arrival.who.number, document=arrival.document)
    return seal(msgspec.json.encode(person), trust.recipient)


# Evidence ------------------------------------------------------------------------------------------------------


async def _gather(lane: Lane, arrival: Arrival | NotMeasured, rules: Rules, phases: _Phases) -> Evidence:
    """Ask for each kind of evidence in turn; stop as soon as it is certain that the person is not admitted."""
    person = arrival.who.person if isinstance(arrival, Arrival) else ""
    seen = Evidence(
        identity=arrival.identity if isinstance(arrival, Arrival) else arrival,
        face=_face_so_far(arrival, rules),
        temperature=_NOT_REACHED if rules.temperature_required else _NOT_REQUIRED,
        code=_NOT_REACHED if rules.code_required else _NOT_REQUIRED,
        occupancy=await lane.count.evidence(person),
        liveness=_NOT_REACHED if _must_live(arrival, rules) else _NOT_REQUIRED,
        mask=_NOT_REACHED if rules.mask is not MaskRule.IGNORE else _NOT_REQUIRED,
        health=_NOT_REACHED if rules.health_required else _NOT_REQUIRED,
        green_channel=arrival == NotMeasured(why=Why.DECLINED)
        if isinstance(arrival, NotMeasured)
        else arrival.green_channel,
    )
    if isinstance(arrival, NotMeasured):
        return seen
    phases.end("card")
    beholder = Beholder(arrival.who.name, lane.stage, lane.sight, lane.pace, lane.clock)
    try:
        seen = await _ask_for_all(lane, arrival, rules, phases, seen, beholder)
        # last, so that whoever is on the list goes the same way as everybody, and staff see what was found
        return seen if lane.watch is None else msgspec.structs.replace(seen, watch=await lane.watch.seen(seen))
    finally:
        with anyio.CancelScope(shield=True):
            await lane.sight.forget()


def _must_live(arrival: Arrival | NotMeasured, rules: Rules) -> bool:
    return rules.liveness_required or (isinstance(arrival, Arrival) and is_recognised(arrival.identity))


def _face_so_far(arrival: Arrival | NotMeasured, rules: Rules) -> Face:
    if isinstance(arrival, Arrival) and arrival.face is not None:
        return arrival.face
    return _NOT_REACHED if rules.face_required else _NOT_REQUIRED


async def _ask_for_all(
    lane: Lane, arrival: Arrival, rules: Rules, phases: _Phases, seen: Evidence, beholder: Beholder
) -> Evidence:
    stage, pace, clock, who, photo = lane.stage, lane.pace, lane.clock, arrival.who, arrival.photo
    watched = rules.face_required or _must_live(arrival, rules) or rules.mask is not MaskRule.IGNORE

    async def face() -> Evidence:
        no_photo = NotMeasured(why=Why.NOT_SHOWN, device=arrival.identity.device, code="no_photo")
        return msgspec.structs.replace(seen, face=no_photo if photo is None else await beholder.compare(photo))

    async def liveness() -> Evidence:
        return msgspec.structs.replace(seen, liveness=await beholder.check_liveness())

    async def mask() -> Evidence:
        return msgspec.structs.replace(seen, mask=await beholder.check_mask(must=rules.mask is MaskRule.REQUIRE))

    async def warmth() -> Evidence:
        found = await temperature(beholder, rules, lane.thermometer, lane.correction(), watched=watched)
        return msgspec.structs.replace(seen, temperature=found)

    async def code() -> Evidence:
        found = await proofs.code(
            who,
            rules,
            lane.book,
            stage=stage,
            scanner=lane.scanner,
            trust=lane.trust,
            pace=pace,
            clock=clock,
            already=arrival.code,
        )
        return msgspec.structs.replace(seen, code=found)

    async def health() -> Evidence:
        found = await proofs.health(who, lane.proofs, stage=stage, scanner=lane.scanner, pace=pace, clock=clock)
        return msgspec.structs.replace(seen, health=found)

    steps = (
        ("face", rules.face_required and arrival.face is None, face),
        ("liveness", _must_live(arrival, rules), liveness),
        ("mask", rules.mask is not MaskRule.IGNORE, mask),
        ("temperature", rules.temperature_required, warmth),
        ("code", rules.code_required or bool(arrival.code), code),
        ("health", rules.health_required, health),
    )
    for phase, required, step in steps:
        if speaks_against(seen, rules, clock.now()):
            break
        if required:
            seen = await step()
            phases.end(phase)
    return seen


# Decision and barrier ------------------------------------------------------------------------------------------


def _outcome(decision: Decision, name: str) -> view.Refused | view.Referred:
    reasons = tuple(reason.value for reason in decision.reasons)
    if Reason.ON_WATCH_LIST in decision.reasons:
        # why is nobody's business at the gate; what would have refused them does not explain that they should wait
        hidden = REFUSALS | {Reason.ON_WATCH_LIST}
        return view.Referred(tuple(reason.value for reason in decision.reasons if reason not in hidden), name)
    return view.Refused(reasons, name) if decision.verdict is Verdict.REFUSE else view.Referred(reasons, name)


async def let_through(lane: Lane, passage: Passage, seen: Evidence, name: str) -> Crossed:
    """Release the barrier for each of the party, one after the other, and record what the beams saw.

    Args:
        lane: this one.
        passage: stored, and not ended.
        seen: its evidence.
        name: masked, for the screen.

    Returns:
        What became of it, as it was stored.
    """
    warmth = seen.temperature.counts_c if isinstance(seen.temperature, TemperatureTaken) else None
    companions = _companions(seen)
    within = lane.pace.pass_seconds
    people, crossing = 0, Crossing.NOBODY
    for still in range(companions, -1, -1):
        lane.stage.show(view.Admitted(name, warmth, still))
        try:
            last = await lane.barrier.call(lambda barrier: barrier.let_one_pass(within), within=within + 25.0)
        except DriverError as error:
            return await _barrier_failed(lane, passage, error, people)
        people += _HEADS.get(last, 0)
        if people and isinstance(seen.identity, IdentityRead):
            lane.told_full.came_in(seen.identity.person)
        crossing = last if last in _TROUBLE or not people else Crossing.PASSED
        if last is not Crossing.PASSED:
            break  # nobody else comes, or something has to be said first
    await lane.ledger.end_passage(passage.id, _CROSSED[crossing], people=people)
    await lane.count.refresh()
    _log.info("crossed", lane=lane.name, passage=str(passage.id), crossed=crossing.value, people=people)
    if crossing in _ENDINGS:
        lane.stage.show(view.PassageNotice(_ENDINGS[crossing]))
        await anyio.sleep(NOTICE_SECONDS)
    return _CROSSED[crossing]


async def _barrier_failed(lane: Lane, passage: Passage, error: DriverError, people: int) -> Crossed:
    crossed = Crossed.NOT_RELEASED if error.effect is Effect.NO and not people else Crossed.UNKNOWN
    await lane.ledger.end_passage(passage.id, crossed, error.code, people=people)
    await lane.count.refresh()
    lane.stage.show(view.PassageNotice(view.Ending.FAULT))
    await anyio.sleep(NOTICE_SECONDS)
    return crossed
