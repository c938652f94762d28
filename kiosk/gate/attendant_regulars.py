"""Enrolling and removing people who agreed in writing to be recognised at the lane without a card."""

import re
from functools import partial
from typing import Final

import anyio

from drivers.errors import DeviceFault, DriverError
from drivers.kinds import IdCard
from kiosk.card import next_card, problem_of
from kiosk.clock import local_date
from kiosk.gate.attendant_passages import action
from kiosk.gate.attendant_post import StaffRegister
from kiosk.gate.attendant_sign_in import ask
from kiosk.gate.lane import Lane
from kiosk.gate.regulars import FRAMES, RATE, Regulars
from kiosk.log import logger
from kiosk.session import first
from kiosk.store.shelf import StoredRegular
from kiosk.view import attendant as view
from kiosk.view import gate as citizen
from kiosk.view.common import Back, CardProblem
from kiosk.view.screen import Intent
from kiosk.vision.observation import Reference, SightLost
from kiosk.wire.events import StaffAct
from kiosk.wire.masking import mask_name
from kiosk.wire.staff import StaffMember

_log = logger("staff")

FACE_SECONDS: Final = 20.0
"""For which somebody looks into the camera to be enrolled."""
_CONSENT: Final = re.compile(r"[A-Z0-9-]{3,32}")


async def the_regulars(lane: Lane, register: StaffRegister, regulars: Regulars, member: StaffMember) -> None:
    """Show who is recognised here; add and remove.

    Raises:
        kiosk.gate.attendant_sign_in.Left: they leave.
    """
    done = view.Done.NOTHING
    while True:
        match await ask(lane, await _list(regulars, done)):
            case view.Do(duty=view.Duty.ENROL):
                done = await _enrol(lane, register, regulars, member)
            case view.Choose(key=key):
                done = await _one(lane, register, regulars, member, key)
            case Back():
                return
            case _:
                pass


async def _list(regulars: Regulars, done: view.Done) -> view.Regulars:
    try:
        kept = await regulars.listed()
    except SightLost:  # whoever wants to be removed is, also while the camera is away
        kept = await regulars.kept()
    return view.Regulars(tuple(_line(each) for each in kept), regulars.room, RATE, done)


def _line(regular: StoredRegular) -> view.RegularLine:
    return view.RegularLine(regular.id, regular.name, local_date(regular.expires).isoformat())


async def _one(lane: Lane, register: StaffRegister, regulars: Regulars, member: StaffMember, key: str) -> view.Done:
    """Somebody on the list: remove them, or not."""
    chosen = next((each for each in await regulars.kept() if each.id == key), None)
    if chosen is None:
        return view.Done.NOTHING
    while True:
        match await ask(lane, view.OneRegular(_line(chosen))):
            case view.Do(duty=view.Duty.REMOVE):
                await regulars.remove(key)
                left = len(await regulars.kept())
                await register.act(action(StaffAct.UNENROLLED, member, lane, count=left))
                _log.warning("a regular was removed", lane=lane.name, staff=member.id, left=left)
                return view.Done.REMOVED
            case Back():
                return view.Done.NOTHING
            case _:
                pass


async def _enrol(lane: Lane, register: StaffRegister, regulars: Regulars, member: StaffMember) -> view.Done:
    """Ask for the consent, the card and the face, in this order; what is kept is kept after all three."""
    try:
        known = await regulars.listed()
    except SightLost:
        return view.Done.FACE_NOT_SEEN
    if len(known) >= regulars.room:
        return view.Done.NO_ROOM
    consent = await _consent(lane)
    card = await _card(lane) if consent else None
    if card is None:
        return view.Done.NOTHING
    if not regulars.is_own(card):
        return view.Done.CARD_NOT_GOOD
    try:
        templates = await _templates(lane, regulars, card)
    except SightLost:
        templates = []
    finally:
        with anyio.CancelScope(shield=True):
            await lane.sight.forget()
    if len(templates) < FRAMES:
        return view.Done.FACE_NOT_SEEN
    await regulars.keep(card, templates, consent)
    count = len(await regulars.kept())
    await register.act(action(StaffAct.ENROLLED, member, lane, reason=consent, count=count))
    _log.warning("a regular was enrolled", lane=lane.name, staff=member.id, consent=consent, count=count)
    return view.Done.ENROLLED


async def _consent(lane: Lane) -> str:
    """The number of the signed consent; empty when they go back."""
    screen = view.TypeIn(view.Asked.CONSENT)
    while True:
        match await ask(lane, screen):
            case view.Typed(text=text):
                number = "".join(text.split()).upper()
                if _CONSENT.fullmatch(number):
                    return number
                screen = view.TypeIn(view.Asked.CONSENT, view.TypedProblem.CONSENT, number[:32])
            case Back():
                return ""
            case _:
                pass


async def _card(lane: Lane) -> IdCard | None:
    """The card of whoever signed; None when they go back.

    Raises:
        kiosk.gate.attendant_sign_in.Left: they leave, or nobody lays one down for a minute.
    """
    problem = CardProblem.NONE
    while True:
        try:
            found = await first(partial(_back, lane, problem), partial(_laid, lane))
        except DeviceFault as fault:
            problem = problem_of(fault)
            continue
        except DriverError:
            problem = CardProblem.UNREADABLE
            await anyio.sleep(0.2)
            continue
        return found


async def _back(lane: Lane, problem: CardProblem) -> IdCard | None:
    intent: Intent | None = None
    while not isinstance(intent, Back):
        intent = await ask(lane, view.RegularCard(problem))
    return None


async def _laid(lane: Lane) -> IdCard | None:
    await lane.reader.until_ready()
    return await next_card(lane.reader, waiting=lambda: None, reading=lambda: None)


async def _templates(lane: Lane, regulars: Regulars, card: IdCard) -> list[bytes]:
    """What several pictures of the card's own face give.

    Raises:
        SightLost: nothing can be seen.
    """
    name, found, after = mask_name(card.name), list[bytes](), 0
    lane.stage.show(citizen.LookAtCamera(name))
    if await lane.sight.remember(card.photo) is not Reference.READY:
        return found
    with anyio.move_on_after(FACE_SECONDS):
        while len(found) < FRAMES:
            after, template = await regulars.sight.take_template(after)
            if template:
                found.append(template)
            hint = citizen.FaceHint.HOLD_STILL if template else citizen.FaceHint.LOOK
            lane.stage.show(citizen.LookAtCamera(name, hint, round(len(found) / FRAMES, 2)))
    return found
