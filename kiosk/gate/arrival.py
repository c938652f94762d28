"""Who comes: a card on the reader, a code made out to somebody, or a number typed by a member of staff."""

from functools import partial

import anyio

from drivers.errors import DeviceFault, DriverError
from drivers.kinds import IdReader
from kiosk.card import next_card, problem_of
from kiosk.devices.reach import Reach
from kiosk.gate.evidence import Who, identity, identity_of_code
from kiosk.gate.lane import Arrival, Lane
from kiosk.gate.proofs import Shown
from kiosk.session import first
from kiosk.view import gate as view
from kiosk.view.common import CallStaff, CardProblem, Cause, OutOfService
from kiosk.view.screen import Intent
from kiosk.wire.codes import CodeRefused, read
from kiosk.wire.evidence import NotMeasured, Why
from kiosk.wire.masking import mask_name, mask_number

PATIENCE_SECONDS = 1.5
"""How long a reader may be away in the middle of a card before staff are sent for."""
FULL_SECONDS = 0.5
"""How often a full hall is counted again."""


async def welcome(lane: Lane) -> Arrival | NotMeasured:
    """Wait for somebody: a card, a code that says who it is, or a member of staff who types.

    Returns:
        Why there is nobody, when the person asks for staff instead, or when the reader goes while it reads their card.
    """
    problem = CardProblem.NONE
    while True:
        if not lane.paused():
            await _until_able(lane)
        if lane.paused() or _is_full(lane):
            came = await (_while_paused(lane) if lane.paused() else _wait_a_moment(lane))
            if came is not None:
                return came
            continue
        lane.stage.show(_start(lane, problem))
        try:
            return await _somebody(lane, problem)
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


async def _while_paused(lane: Lane) -> Arrival | NotMeasured | None:
    """Send people to the next lane until staff open this one again, or bring somebody through it."""
    lane.stage.show(view.LanePaused(lane.hall_name, lane.name))
    while True:
        if lane.opens_staff(await lane.stage.intent()) and lane.attend is not None:
            arrival = await lane.attend()
            lane.stage.reset()
            return arrival


async def _until_able(lane: Lane) -> None:
    """Say so while a device is away without which nobody can be served."""
    for device, what in ((lane.reader, "id_reader"), (lane.barrier, "barrier")):
        if not device.ready:
            lane.stage.show(OutOfService(Cause.DEVICE, what))
            await device.until_ready()


async def _somebody(lane: Lane, problem: CardProblem) -> Arrival | NotMeasured:
    """Wait in all the ways that the rules allow."""
    waits = [partial(_card, lane, problem), partial(_touched, lane), partial(_barrier_goes, lane)]
    if lane.rules().code_identifies:
        waits.append(partial(_scanned, lane))
    try:
        return await first(*waits)
    except _StaffScreen:
        arrival = await lane.attend() if lane.attend is not None else None
        lane.stage.reset()
        if arrival is None:
            raise _Away from None
        return arrival


def _is_full(lane: Lane) -> bool:
    capacity, inside = lane.rules().capacity, lane.count.inside()
    return capacity is not None and inside is not None and inside >= capacity


async def _wait_a_moment(lane: Lane) -> Arrival | NotMeasured | None:
    """Show that the hall is full, for a moment, and count again: nobody lays a card down for nothing."""
    lane.stage.show(view.HallFull(lane.hall_name, lane.name, lane.count.inside() or 0, lane.rules().capacity or 0))
    intent: Intent | None = None
    with anyio.move_on_after(FULL_SECONDS):
        intent = await lane.stage.intent()
    if isinstance(intent, CallStaff):
        return NotMeasured(why=Why.DECLINED)
    if lane.opens_staff(intent) and lane.attend is not None:
        arrival = await lane.attend()
        lane.stage.reset()
        if arrival is not None:
            return arrival
    await lane.count.refresh()
    return None


async def _back_soon(device: Reach[IdReader]) -> bool:
    """Whether a device that has just failed comes back while the person waits."""
    with anyio.move_on_after(PATIENCE_SECONDS):
        await anyio.sleep(0.1)
        await device.until_ready()
        return True
    return False


class _Away(Exception):
    """A device without which nobody can be served has gone, or the screen is to be drawn anew."""


class _StaffScreen(Exception):
    """A member of staff wants the staff screens."""


async def _barrier_goes(lane: Lane) -> Arrival | NotMeasured:
    await lane.barrier.until_away()
    raise _Away


async def _touched(lane: Lane) -> Arrival | NotMeasured:
    while True:
        intent = await lane.stage.intent()
        if isinstance(intent, CallStaff):
            return NotMeasured(why=Why.DECLINED)
        if lane.opens_staff(intent):
            raise _StaffScreen


def _start(lane: Lane, problem: CardProblem) -> view.Welcome:
    return view.Welcome(
        hall=lane.hall_name,
        lane=lane.name,
        problem=problem,
        inside=lane.count.inside(),
        capacity=lane.rules().capacity,
        offline=lane.offline(),
        code=lane.rules().code_identifies and lane.scanner.ready,
    )


async def _card(lane: Lane, problem: CardProblem) -> Arrival | NotMeasured:
    """Look for a card until one was read."""
    rules = lane.rules()

    def waiting() -> None:
        if _is_full(lane) or lane.rules() is not rules:
            raise _Away  # between two looks, so that no card is lost
        lane.stage.show(_start(lane, problem))

    card = await next_card(
        lane.reader,
        waiting=waiting,
        reading=lambda: lane.stage.show(view.ReadingCard()),
    )
    found = identity(card, lane.trust, lane.clock.now(), "id_reader")
    who = Who(found.person, mask_name(card.name), card.name, card.number, card.birth)
    return Arrival(found, who, card.photo, card.document.value, mask_number(card.number))


async def _scanned(lane: Lane) -> Arrival | NotMeasured:
    """Look for a code that is made out to somebody; whatever else is shown here is for later steps."""
    shown = Shown(lane.scanner, lane.stage, "")
    while True:
        payload = await shown.next()
        if isinstance(payload, NotMeasured):
            await anyio.sleep(FULL_SECONDS)
            await lane.scanner.until_ready()
            continue
        try:
            claims = read(payload, lane.trust.signing_key)
        except CodeRefused:
            continue
        found = identity_of_code(claims, lane.clock.now(), "code_scanner")
        if found is not None:
            return Arrival(found, Who(found.person, ""), code=payload)
