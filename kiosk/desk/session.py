"""One person at the desk: `ask`, with idleness, help and cancelling handled once for every step."""

from typing import Final

import anyio

from kiosk.desk.desk import Desk
from kiosk.desk.mat import Mat
from kiosk.desk.transcript import Transcript
from kiosk.log import logger
from kiosk.view import desk as view
from kiosk.view.common import Back, CallStaff, Cancel, Next, Stay
from kiosk.view.screen import DeskState, Intent

_log = logger("desk")

CALM: Final = 10
"""Whoever wants it calm has so many times as long, and is then warned so many times as long; as often as they like."""


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
        facts: what earlier answers of this person said, by fact (`Query.prefill`); forgotten with the session.
        transcript: what is printed on the pages they photographed; forgotten with the session.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stage = desk.stage
        self.can_save = False
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
        seconds = self._desk.pace.warning_seconds
        for left in range(seconds * CALM if self._stage.modes.calm else seconds, 0, -1):
            self._stage.show(view.StillThere(left))
            with anyio.move_on_after(1.0):
                await self._stage.intent()
                return
        raise SessionOver("idle")

    @property
    def _idle_seconds(self) -> float:
        """How long nobody may touch anything before they are asked."""
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
