"""Who comes: a card on the reader, a passport or a code at the scanner, or a number typed by a member of staff."""

from collections.abc import Awaitable, Callable
from functools import partial

import anyio

from drivers.errors import DeviceFault, DriverError
from drivers.kinds import IdReader
from kiosk.card import next_card, problem_of
from kiosk.devices.reach import Reach
from kiosk.gate.evidence import Who, identity, identity_of_code
from kiosk.gate.lane import Arrival, Lane
from kiosk.gate.passport import ZoneReader, arrival_of_zone, is_certain
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
FIRE_SECONDS = 0.5
"""How often it is asked whether the fire alarm went off, or is over."""


async def welcome(lane: Lane) -> Arrival | NotMeasured:
    """Wait for somebody: a card, a code that says who it is, or a member of staff who types.

    Returns:
        Why there is nobody, when the person asks for staff instead, or when the reader goes while it reads their card.
    """
    problem = CardProblem.NONE
    while True:
        hindered = _hindrance(lane)
        if hindered is not None:
            came = await hindered(lane)
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
        except _PassportUnreadable:
            problem = CardProblem.PASSPORT
        except DriverError as error:
            screen = lane.stage.screen
            if screen is not None and isinstance(screen.state, view.ReadingCard):
                problem = CardProblem.MOVED
                if not await _back_soon(lane.reader):
                    return NotMeasured(why=Why.DEVICE_FAULT, device="id_reader", code=error.code)
            await anyio.sleep(0.1)


def _hindrance(lane: Lane) -> Callable[[Lane], Awaitable[Arrival | NotMeasured | None]] | None:
    """What keeps the lane from serving anybody now: it is shown until it may have passed, or staff act."""
    if lane.fire():
        return _while_burning
    if lane.lock.on:
        return _while_locked
    if lane.paused():
        return _while_paused
    if not (lane.reader.ready and lane.barrier.ready):
        return _while_away
    return _wait_a_moment if _is_full(lane) else None


async def _while_burning(lane: Lane) -> Arrival | None:
    """Nobody is served in a fire: the lane stands open, and everybody leaves."""
    lane.stage.show(OutOfService(Cause.FIRE, staff_entry=lane.attend is not None))
    return await _staff_or(lane, partial(_fire_is, lane, on=False))


async def _while_locked(lane: Lane) -> Arrival | None:
    """The hub has it serve nobody; staff may still bring somebody through it."""
    words = lane.lock.words
    lane.stage.show(OutOfService(Cause.LOCKED, staff_entry=lane.attend is not None, words=words))
    return await _staff_or(lane, partial(lane.lock.until, on=False, words=words), partial(_fire_is, lane, on=True))


async def _while_paused(lane: Lane) -> Arrival | None:
    """Send people to the next lane until staff open this one again, or bring somebody through it."""
    lane.stage.show(view.LanePaused(lane.hall_name, lane.name))
    return await _staff_or(lane, partial(_fire_is, lane, on=True))


async def _while_away(lane: Lane) -> Arrival | None:
    """Say so while a device is away without which nobody can be served; staff may still register and open by hand."""
    device, what = (lane.reader, "id_reader") if not lane.reader.ready else (lane.barrier, "barrier")
    lane.stage.show(OutOfService(Cause.DEVICE, what, staff_entry=lane.attend is not None))
    return await _staff_or(lane, device.until_ready, partial(_fire_is, lane, on=True))


async def _staff_or(lane: Lane, *passed: Callable[[], Awaitable[None]]) -> Arrival | None:
    """Leave the screen as it is until a hindrance has passed, or staff open theirs."""

    async def staff() -> bool:
        while not (lane.opens_staff(await lane.stage.intent()) and lane.attend is not None):
            pass
        return True

    async def over(wait: Callable[[], Awaitable[None]]) -> bool:
        await wait()
        return False

    return await _attended(lane) if await first(staff, *(partial(over, wait) for wait in passed)) else None


async def _attended(lane: Lane) -> Arrival | None:
    """Show the staff screens; who was registered there."""
    arrival = await lane.attend() if lane.attend is not None else None
    lane.stage.reset()
    return arrival


async def _fire_is(lane: Lane, *, on: bool) -> None:
    while lane.fire() is not on:  # noqa: ASYNC110  asked of whoever watches the beams, who knows no screens
        await anyio.sleep(FIRE_SECONDS)


async def _somebody(lane: Lane, problem: CardProblem) -> Arrival | NotMeasured:
    """Wait in all the ways that the rules allow."""
    waits: list[Callable[[], Awaitable[Arrival | NotMeasured]]] = [
        partial(_card, lane, problem),
        partial(_touched, lane),
        partial(_barrier_goes, lane),
    ]
    if lane.rules().code_identifies or lane.passports:
        waits.append(partial(_scanned, lane))
    if lane.regulars is not None and lane.rules().face_identifies:
        waits.append(lane.regulars)
    try:
        return await first(*waits)
    except _StaffScreen:
        arrival = await _attended(lane)
        if arrival is None:
            raise _Away from None
        return arrival


def _is_full(lane: Lane) -> bool:
    capacity, inside = lane.rules().capacity, lane.count.inside()
    return capacity is not None and inside is not None and inside >= capacity


async def _wait_a_moment(lane: Lane) -> Arrival | NotMeasured | None:
    """Show that the hall is full, for a moment, and count again: nobody lays a card down for nothing."""
    lane.stage.show(
        view.HallFull(
            lane.hall_name,
            lane.name,
            lane.count.inside() or 0,
            lane.rules().capacity or 0,
            lane.told_full.waiting(),
        )
    )
    intent: Intent | None = None
    with anyio.move_on_after(FULL_SECONDS):
        intent = await lane.stage.intent()
    if isinstance(intent, CallStaff):
        return NotMeasured(why=Why.DECLINED)
    if lane.opens_staff(intent):
        arrival = await _attended(lane)
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


class _PassportUnreadable(Exception):
    """The lines of a passport were read, and their check digits say that something is wrong."""


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
        passport=lane.passports and lane.scanner.ready,
    )


async def _card(lane: Lane, problem: CardProblem) -> Arrival | NotMeasured:
    """Look for a card until one was read."""
    rules = lane.rules()

    def waiting() -> None:
        if _is_full(lane) or lane.rules() is not rules or lane.fire() or lane.lock.on:
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
    """Look for a passport, or a code that is made out to somebody; whatever else is shown here is for later steps."""
    shown, zones = Shown(lane.scanner, lane.stage, ""), ZoneReader()
    while True:
        payload = await shown.next()
        if isinstance(payload, NotMeasured):
            await anyio.sleep(FULL_SECONDS)
            await lane.scanner.until_ready()
            continue
        zone = zones.take(payload, lane.clock.now()) if lane.passports else None
        if zone is not None and is_certain(zone):
            return arrival_of_zone(zone, lane.trust, lane.clock.now(), "code_scanner")
        if zone is not None:
            raise _PassportUnreadable
        found = _named(lane, payload)
        if found is not None:
            return found


def _named(lane: Lane, payload: bytes) -> Arrival | None:
    """Who a code is made out to, where the rules take it for a document; None for anything else."""
    if not lane.rules().code_identifies:
        return None
    try:
        claims = read(payload, lane.trust.signing_key)
    except CodeRefused:
        return None
    found = identity_of_code(claims, lane.clock.now(), "code_scanner")
    return None if found is None else Arrival(found, Who(found.person, ""), code=payload)
