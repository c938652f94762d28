"""One person through the gate, from top to bottom: card, face, temperature, code, decision, record, barrier, beams.

The passage is stored before anything moves. A crash leaves the barrier closed; leaving the building never depends on
us.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol
from uuid import UUID

import anyio
import msgspec
from uuid6 import uuid7

from drivers.errors import DeviceFault, DriverError, Effect
from drivers.kinds import Barrier, CodeScanner, Crossing, IdCard, IdReader, Thermometer
from kiosk.card import next_card, problem_of
from kiosk.clock import Clock
from kiosk.devices.reach import Reach
from kiosk.gate import evidence as gather
from kiosk.gate.evidence import Pace, Trust
from kiosk.gate.policy import decide, speaks_against
from kiosk.log import logger
from kiosk.session import Stage, first
from kiosk.view import gate as view
from kiosk.view.common import CallStaff, CardProblem, Cause, OutOfService
from kiosk.vision.observation import Sight
from kiosk.wire.events import Crossed, Passage, Person, Timing
from kiosk.wire.evidence import (
    CodeChecked,
    Evidence,
    NotMeasured,
    TemperatureTaken,
    Why,
)
from kiosk.wire.masking import mask_name, mask_number
from kiosk.wire.rules import Decision, Rules, Verdict
from kiosk.wire.sealing import seal

_log = logger("gate")

NOTICE_SECONDS = 3.0
PATIENCE_SECONDS = 1.5
"""How long a reader may be away in the middle of a card before staff are sent for."""

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
_NOT_REACHED = NotMeasured(why=Why.NOT_REACHED)
_NOT_REQUIRED = NotMeasured(why=Why.NOT_REQUIRED)
_NOT_COUNTED = NotMeasured(why=Why.NOT_INSTALLED)


class PassageLedger(Protocol):
    """Where passages are kept."""

    async def keep_passage(self, passage: Passage) -> None:
        """Store a passage durably and queue it for the hub."""
        ...

    async def end_passage(self, passage: UUID, crossed: Crossed, fault: str = "") -> None:
        """Store and queue what became of it."""
        ...


@dataclass(frozen=True, slots=True)
class Lane:
    """One way through the gate, with all that serves it."""

    name: str
    hall_name: str
    stage: Stage
    reader: Reach[IdReader]
    thermometer: Reach[Thermometer]
    scanner: Reach[CodeScanner]
    barrier: Reach[Barrier]
    sight: Sight
    ledger: PassageLedger
    trust: Trust
    rules: Callable[[], Rules]
    offline: Callable[[], bool]
    pace: Pace
    clock: Clock


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
    while True:
        lane.stage.reset()
        try:
            await serve_one(lane)
        except Exception as error:  # noqa: BLE001  whatever it was, the next person is served
            _log.exception("a passage failed", lane=lane.name, exc_info=error)
            lane.stage.show(OutOfService(Cause.FAULT))
            await anyio.sleep(2.0)


async def serve_one(lane: Lane) -> Passage:
    """Wait for one person and bring them through, or not.

    Returns:
        The passage as it was stored.
    """
    card = await _welcome(lane)
    phases = _Phases()
    began = lane.clock.now()
    rules = lane.rules()
    name = "" if isinstance(card, NotMeasured) else mask_name(card.name)
    seen = await _gather(lane, card, name, rules, phases)
    lane.stage.show(view.Deciding())
    now = lane.clock.now()
    decision = decide(seen, rules, now)
    passage = Passage(
        id=uuid7(),
        lane=lane.name,
        began=began,
        decided=now,
        evidence=seen,
        decision=decision,
        name_masked=name,
        number_masked="" if isinstance(card, NotMeasured) else mask_number(card.number),
        person_sealed=b"" if isinstance(card, NotMeasured) else _sealed(card, lane.trust),
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
    if decision.verdict is Verdict.ADMIT:
        await _let_through(lane, passage, seen, name)
    else:
        lane.stage.show(_outcome(decision, name))
        await anyio.sleep(lane.pace.result_seconds)
    return passage


# Card ----------------------------------------------------------------------------------------------------------


async def _welcome(lane: Lane) -> IdCard | NotMeasured:
    """Wait for a card.

    Returns:
        Why there is none, when the person asks for staff instead, or when the reader goes while it reads their card.
    """
    problem = CardProblem.NONE
    while True:
        for device, what in ((lane.reader, "id_reader"), (lane.barrier, "barrier")):
            if not device.ready:
                lane.stage.show(OutOfService(Cause.DEVICE, what))
                await device.until_ready()
        lane.stage.show(_start(lane, problem))
        try:
            return await first(partial(_card, lane, problem), partial(_calls_staff, lane), partial(_barrier_goes, lane))
        except DeviceFault as fault:
            problem = problem_of(fault)
        except _Away:
            problem = CardProblem.NONE
        except DriverError as error:
            screen = lane.stage.screen
            if screen is not None and isinstance(screen.state, view.ReadingCard):
                problem = CardProblem.MOVED
                if not await _back_soon(lane.reader):
                    return NotMeasured(why=Why.DEVICE_FAULT, device="id_reader", code=error.code)
            await anyio.sleep(0.1)


async def _back_soon(device: Reach[IdReader]) -> bool:
    """Whether a device that has just failed comes back while the person waits."""
    with anyio.move_on_after(PATIENCE_SECONDS):
        await anyio.sleep(0.1)
        await device.until_ready()
        return True
    return False


class _Away(Exception):
    """A device without which nobody can be served has gone."""


async def _barrier_goes(lane: Lane) -> IdCard | NotMeasured:
    await lane.barrier.until_away()
    raise _Away


async def _calls_staff(lane: Lane) -> IdCard | NotMeasured:
    while True:
        if isinstance(await lane.stage.intent(), CallStaff):
            return NotMeasured(why=Why.DECLINED)


def _start(lane: Lane, problem: CardProblem) -> view.Welcome:
    return view.Welcome(hall=lane.hall_name, lane=lane.name, problem=problem, offline=lane.offline())


async def _card(lane: Lane, problem: CardProblem) -> IdCard:
    """Look for a card until one was read."""
    return await next_card(
        lane.reader,
        waiting=lambda: lane.stage.show(_start(lane, problem)),
        reading=lambda: lane.stage.show(view.ReadingCard()),
    )


def _sealed(card: IdCard, trust: Trust) -> bytes:
    person = Person(name=card.name, number=card.number, document=card.document.value)
    return seal(msgspec.json.encode(person), trust.recipient)


# Evidence ------------------------------------------------------------------------------------------------------


async def _gather(lane: Lane, card: IdCard | NotMeasured, name: str, rules: Rules, phases: _Phases) -> Evidence:
    """Ask for each kind of evidence in turn; stop as soon as it is certain that the person is not admitted."""
    if isinstance(card, NotMeasured):
        return Evidence(
            identity=card,
            face=_NOT_REACHED,
            temperature=_NOT_REACHED,
            code=_NOT_REACHED,
            occupancy=_NOT_COUNTED,
        )
    who = gather.identity(card, lane.trust, lane.clock.now(), "id_reader")
    seen = Evidence(
        identity=who,
        face=_NOT_REACHED if rules.face_required else _NOT_REQUIRED,
        temperature=_NOT_REACHED if rules.temperature_required else _NOT_REQUIRED,
        code=_NOT_REACHED if rules.code_required else _NOT_REQUIRED,
        occupancy=_NOT_COUNTED,
    )
    phases.end("card")
    stage, pace, clock = lane.stage, lane.pace, lane.clock

    async def face() -> Evidence:
        found = await gather.face(card, name, stage=stage, sight=lane.sight, pace=pace, clock=clock)
        return msgspec.structs.replace(seen, face=found)

    async def temperature() -> Evidence:
        found = await gather.temperature(name, rules, stage=stage, thermometer=lane.thermometer, pace=pace, clock=clock)
        return msgspec.structs.replace(seen, temperature=found)

    async def code() -> Evidence:
        found = await gather.code(
            name, who.person, stage=stage, scanner=lane.scanner, trust=lane.trust, pace=pace, clock=clock
        )
        return msgspec.structs.replace(seen, code=found)

    steps = (
        ("face", rules.face_required, face),
        ("temperature", rules.temperature_required, temperature),
        ("code", rules.code_required, code),
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
    return view.Refused(reasons, name) if decision.verdict is Verdict.REFUSE else view.Referred(reasons, name)


async def _let_through(lane: Lane, passage: Passage, seen: Evidence, name: str) -> None:
    """Release the barrier for one person, and record what the beams saw."""
    warmth = seen.temperature.object_c if isinstance(seen.temperature, TemperatureTaken) else None
    companions = seen.code.companions if isinstance(seen.code, CodeChecked) else 0
    within = lane.pace.pass_seconds
    lane.stage.show(view.Admitted(name, warmth, companions))
    try:
        crossing = await lane.barrier.call(lambda barrier: barrier.let_one_pass(within), within=within + 25.0)
    except DriverError as error:
        crossed = Crossed.NOT_RELEASED if error.effect is Effect.NO else Crossed.UNKNOWN
        await lane.ledger.end_passage(passage.id, crossed, error.code)
        lane.stage.show(view.PassageNotice(view.Ending.FAULT))
        await anyio.sleep(NOTICE_SECONDS)
        return
    await lane.ledger.end_passage(passage.id, _CROSSED[crossing])
    _log.info("crossed", lane=lane.name, passage=str(passage.id), crossed=crossing.value)
    if crossing in _ENDINGS:
        lane.stage.show(view.PassageNotice(_ENDINGS[crossing]))
        await anyio.sleep(NOTICE_SECONDS)
