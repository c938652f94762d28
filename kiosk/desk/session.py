"""One person at the desk: `ask`, with idleness, help and cancelling handled once for every step."""

from typing import Final

import anyio

from drivers.errors import DriverError
from drivers.kinds import IdCard
from kiosk.card import POLL_SECONDS
from kiosk.desk.desk import Desk
from kiosk.desk.mat import Mat
from kiosk.desk.transcript import Transcript
from kiosk.log import logger
from kiosk.session import first
from kiosk.view import desk as view
from kiosk.view.common import Back, CallStaff, Cancel, Next, Stay
from kiosk.view.screen import DeskState, Intent

_log = logger("desk")

CALM: Final = 10
"""Whoever wants it calm is asked so much later whether they are still there; they may answer whenever they like."""
AWAY: Final = 10
"""So many idle times after the question it may be another person who answers: it takes the card of the first one."""
FLOOR: Final = 60
"""So many idle times after the question nobody comes back any more: what can be kept is kept, and the desk is free."""
GONE: Final = "gone"
"""Why a session is over that nobody ended: whoever it was finds everything again with their card."""


class SessionOver(Exception):
    """The person has left or cancelled: everything that was entered is forgotten."""


class SaveAsked(Exception):
    """The person wants to go on another time. Raised only while `can_save` is on."""


class ServicesAsked(Exception):
    """The person wants one of the other services instead of an item."""


class Session:
    """One person at the desk.

    Attributes:
        can_save: there is a draft that can be kept for later.
        mat: what lies under the camera already.
        card: of the person, once it was read; answers whether somebody who comes back is the same one.
        facts: what earlier answers of this person said, by fact (`Query.prefill`); forgotten with the session.
        transcript: what is printed on the pages they photographed; forgotten with the session.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stage = desk.stage
        self.can_save = False
        self.card: IdCard | None = None
        self.facts: dict[str, str] = {}
        self.mat = Mat()
        self.transcript = Transcript(desk.lines)

    async def ask(self, state: DeskState) -> Intent:
        """Show a state and wait for the answer.

        Raises:
            SessionOver: the person cancelled, or nobody was there any more.
            SaveAsked: they go on another time.
        """
        while True:
            self._stage.show(state)
            intent = await self._within_idle(state)
            match intent:
                case Cancel():
                    raise SessionOver("cancelled")
                case CallStaff():
                    _log.info("staff called", view=type(state).__name__)
                    await self.staff()
                case view.SaveForLater():
                    if self.can_save:
                        raise SaveAsked
                case Stay():
                    continue
                case _:
                    return intent

    async def on_screen(self) -> Intent | None:
        """Wait for an intent on a screen that something else keeps drawing (the live camera).

        Returns:
            None when nobody has touched anything for a while: call `still_there` then.

        Raises:
            SessionOver: the person cancelled.
        """
        intent: Intent | None = None
        with anyio.move_on_after(self._idle_seconds):
            intent = await self._stage.intent()
        if isinstance(intent, Cancel):
            raise SessionOver("cancelled")
        if isinstance(intent, view.SaveForLater) and self.can_save:
            raise SaveAsked
        return intent

    async def still_there(self) -> None:
        """Warn that everything will be wiped; return when the person is still there.

        Raises:
            SessionOver: nobody is.
        """
        if self._stage.accompanied:  # they talk with somebody, and are surely there
            return
        if self._stage.modes.calm:
            await self._still_there_calmly()
            return
        for left in range(self._desk.pace.warning_seconds, 0, -1):
            self._stage.show(view.StillThere(left))
            with anyio.move_on_after(1.0):
                await self._stage.intent()
                return
        raise SessionOver("idle")

    async def _still_there_calmly(self) -> None:
        """Ask, and wait without counting; nothing private is on the screen meanwhile.

        Whoever comes next says so, or lays down a card of their own. After a while only the same card goes on.

        Raises:
            SessionOver: somebody else is there, or nobody came for very long.
        """
        idle = self._desk.pace.idle_seconds
        self._stage.show(view.StillThere(0, calm=True))
        with anyio.move_on_after(AWAY * idle):
            if not await first(self._answered, self.card_again):
                raise SessionOver(GONE)
            return
        # Without a card nothing was kept that anybody could miss; with one, only its owner goes on.
        if self.card is not None:
            self._stage.show(view.StillThere(0, calm=True, card=True))
            with anyio.move_on_after((FLOOR - AWAY) * idle):
                if await first(self._left_to_the_next, self.card_again):
                    return
        raise SessionOver(GONE)

    async def _answered(self) -> bool:
        """Whether the person goes on; False when somebody says that nobody does."""
        intent = await self._stage.intent()
        if isinstance(intent, CallStaff):
            await self.staff()
        return not isinstance(intent, Cancel)

    async def _left_to_the_next(self) -> bool:
        while not isinstance(intent := await self._stage.intent(), Cancel):
            if isinstance(intent, CallStaff):
                asked = self._stage.own
                await self.staff()
                if asked is not None:
                    self._stage.show(asked)
        return False

    async def card_again(self) -> bool:
        """Wait for a card that is laid down now, not one that has lain there; whether it is this person's."""
        lifted = False
        while True:
            try:
                card = await self._desk.reader.call(lambda reader: reader.read(), within=6.0)
            except DriverError:
                await anyio.sleep(1.0)
                continue
            if card is None:
                lifted = True
            elif lifted:  # one that has lain there all the time says nothing
                return self.card is not None and _written(card) == _written(self.card)
            await anyio.sleep(POLL_SECONDS)

    @property
    def _idle_seconds(self) -> float:
        """How long nobody touches anything before they are asked."""
        seconds = self._desk.pace.idle_seconds
        return seconds * CALM if self._stage.modes.calm else seconds

    async def _within_idle(self, state: DeskState) -> Intent:
        with anyio.move_on_after(self._idle_seconds):
            return await self._stage.intent()
        await self.still_there()
        self._stage.show(state)
        return Stay()

    async def staff(self) -> None:
        """Say that staff are coming, until the person goes on."""
        self._stage.show(view.StaffCalled())
        with anyio.move_on_after(self._idle_seconds):
            while not isinstance(await self._stage.intent(), Back | Next):
                pass


def _written(card: IdCard) -> tuple[object, ...]:
    """What makes a card the same one, as for a draft that was kept."""
    return card.number, card.name, card.issuer, card.valid_from, card.photo
