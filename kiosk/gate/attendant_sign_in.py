"""Who is the member of staff: chosen from the list with a PIN, or by their own card on the reader."""

import math
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import anyio
import anyio.to_thread

from drivers.errors import DriverError
from kiosk.card import next_card
from kiosk.clock import local_date
from kiosk.gate.attendant_post import IDLE_SECONDS, Post
from kiosk.gate.lane import Lane
from kiosk.log import logger
from kiosk.session import first
from kiosk.view import attendant as view
from kiosk.view.common import Back, Cancel, Stay
from kiosk.view.screen import Intent, State
from kiosk.wire.digest import person_digest
from kiosk.wire.staff import PIN_DIGITS, StaffMember, pin_is

_log = logger("staff")

TRIES: Final = 5
CLOSED_SECONDS: Final = 300.0
"""How long the pad stays closed after five wrong PINs in a row, whoever they were for."""
DELAY_SECONDS: Final = 1.0
"""Each wrong PIN waits so much longer than the one before."""
CARD_AGAIN_SECONDS: Final = 1.0


class Left(Exception):
    """The member of staff has left the screens, or touched nothing for a minute."""


async def ask(lane: Lane, state: State) -> Intent:
    """Show a state and wait for the answer.

    Raises:
        Left: they leave, or nothing was touched for `IDLE_SECONDS`.
    """
    lane.stage.show(state)
    while True:
        intent: Intent | None = None
        with anyio.move_on_after(IDLE_SECONDS):
            intent = await lane.stage.intent()
        if intent is None or isinstance(intent, Cancel):
            raise Left
        if not isinstance(intent, Stay):  # somebody is typing
            return intent


async def check_pin(member: StaffMember, pin: str) -> bool:
    """Whether it is their PIN; takes a while, off the event loop."""
    return await anyio.to_thread.run_sync(pin_is, member, pin)


class SignIn:
    """The door of the staff screens. One for the life of the lane: it counts wrong PINs.

    Args:
        check: compares a PIN.
    """

    def __init__(self, check: Callable[[StaffMember, str], Awaitable[bool]] = check_pin) -> None:
        self._check = check
        self._wrong = 0
        self._closed_until = 0.0

    async def member(self, lane: Lane, post: Post) -> StaffMember:
        """Ask until somebody is known.

        Raises:
            Left: nobody is.
        """
        refused = False
        while True:
            members = await self._members(lane, post)
            names = tuple(view.Name(each.id, each.name) for each in members)
            screen = view.ChooseName(names, card=lane.reader.ready and any(each.card for each in members))
            if refused:
                screen = view.ChooseName(names, card=screen.card, refused=True)
            answer = await first(partial(ask, lane, screen), partial(self._card, lane, members))
            match answer:
                case StaffMember():
                    _log.info("signed in", lane=lane.name, staff=answer.id, how="card")
                    return answer
                case view.Choose(key=key):
                    chosen = next((each for each in members if each.id == key), None)
                    if chosen is not None and await self._pin(lane, chosen):
                        return chosen
                    refused = False
                case Back():
                    raise Left
                case None:
                    refused = True
                case _:
                    pass

    @staticmethod
    async def _members(lane: Lane, post: Post) -> list[StaffMember]:
        """Who may act here today, those first who were here lately."""
        listed = post.staff()
        today = local_date(lane.clock.now())
        lately = {staff: place for place, staff in enumerate(await post.register.lately_here())}
        able = [] if listed is None else [m for m in listed.members if m.valid_to is None or today <= m.valid_to]
        return sorted(able, key=lambda member: (lately.get(member.id, len(lately)), member.id))

    @staticmethod
    async def _card(lane: Lane, members: list[StaffMember]) -> StaffMember | None:
        """Wait for a card; None when it is nobody's on the list. Nothing of it is kept."""
        if not any(member.card for member in members):
            await anyio.sleep_forever()
        while True:
            try:
                await lane.reader.until_ready()
                card = await next_card(lane.reader, waiting=lambda: None, reading=lambda: None)
            except DriverError:
                await anyio.sleep(CARD_AGAIN_SECONDS)
                continue
            digest = person_digest(card.number, lane.trust.hall_key)
            found = next((member for member in members if member.card == digest), None)
            if found is None:
                _log.warning("a card of nobody on the staff list", lane=lane.name)
            return found

    async def _pin(self, lane: Lane, member: StaffMember) -> bool:
        """Ask for the PIN until it is right; False when they go back."""
        problem = view.PinProblem.NONE
        while True:
            closed = self._closed_until - anyio.current_time()
            minutes = math.ceil(max(0.0, closed) / 60)
            if minutes:
                problem = view.PinProblem.LOCKED
            elif problem is view.PinProblem.LOCKED:
                problem = view.PinProblem.NONE
            match await ask(lane, view.EnterPin(member.name, problem, TRIES - self._wrong, minutes)):
                case view.Pin(digits=digits) if self._closed_until <= anyio.current_time():
                    if await self._is_right(lane, member, digits):
                        return True
                    problem = view.PinProblem.WRONG
                case Back():
                    return False
                case _:
                    pass

    async def _is_right(self, lane: Lane, member: StaffMember, digits: str) -> bool:
        least, most = PIN_DIGITS
        formed = digits.isascii() and digits.isdecimal() and least <= len(digits) <= most
        if formed and await self._check(member, digits):
            self._wrong = 0
            _log.info("signed in", lane=lane.name, staff=member.id, how="pin")
            return True
        self._wrong += 1
        _log.warning("a wrong PIN", lane=lane.name, staff=member.id, in_a_row=self._wrong)
        if self._wrong >= TRIES:
            self._wrong, self._closed_until = 0, anyio.current_time() + CLOSED_SECONDS
            _log.error("the PIN pad is closed: wrong too often", lane=lane.name, seconds=CLOSED_SECONDS)
        else:
            await anyio.sleep(DELAY_SECONDS * self._wrong)
        return False
