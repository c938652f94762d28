"""The screen of a terminal as a journey sees it: `show` a state, `ask` for an intent.

Language and modes are handled here, once; a journey never sees them. An intent answers the screen it was made on:
a touch on a screen that is gone is dropped, so that nobody presses a button that has just changed under the finger.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

import anyio

from kiosk.view import help as remote
from kiosk.view import technician
from kiosk.view.common import CallStaff, ChangeLanguage, Language, Mode, Modes, SwitchMode
from kiosk.view.screen import Intent, Screen, State, Touch, place_of
from kiosk.view.spoken import LOUDEST, PauseVoice, ReadOut, Route, SayAgain, SetVolume, Sound

T = TypeVar("T")


class Stage:
    """One screen. All methods belong to the core thread."""

    def __init__(self, role: str, draw: Callable[[Screen], None], language: Language) -> None:
        self._role = role
        self._draw = draw
        self._first_language = language
        self._language = language
        self._modes = Modes()
        self._first_volume = Sound().volume
        self._sound = Sound()
        self.on_wish: Callable[[SayAgain | ReadOut], None] = lambda _: None
        """Called with what is to be said though the screen stays."""
        self.on_help: Callable[[remote.Help], None] | None = None
        """Called with what the person wants of remote help; None where there is none."""
        self.on_reset: Callable[[], None] = lambda: None
        """Called when the person in front has gone."""
        self.on_arrival: Callable[[], None] = lambda: None
        """Called when somebody begins to be served."""
        self.on_technician: Callable[[], None] = lambda: None
        """Called when somebody made the technician's gesture."""
        self._visit = 0
        self._own: State | None = None
        self._cover: remote.Cover | None = None
        self._mark: remote.Mark | None = None
        self._notice = ""
        self._number = 0
        self._screen: Screen | None = None
        self._touches: deque[Touch] = deque(maxlen=16)  # a person hammering on the screen fills no memory
        self._touched = anyio.Event()

    @property
    def language(self) -> Language:
        """The language of the person in front."""
        return self._language

    @property
    def modes(self) -> Modes:
        """What makes the screens easier for the person in front."""
        return self._modes

    @property
    def screen(self) -> Screen | None:
        """What is shown now; None before the first state."""
        return self._screen

    def show(self, state: State) -> None:
        """Draw a state. Drawing the same state again costs nothing and keeps its number."""
        self._own = state
        if self._cover is None:
            self._show(state)

    def _show(self, state: State) -> None:
        if self._screen is not None and self._screen.state == state:
            return
        self._redraw(state)

    def cover(self, state: remote.Cover | None) -> None:
        """Show a state of remote help in place of the journey's own; None gives that back as it is by then."""
        self._cover = state
        beneath = state or self._own
        if beneath is not None:
            self._show(beneath)

    def mark(self, mark: remote.Mark | None) -> None:
        """Show on every screen that somebody helps; None takes it away."""
        if mark != self._mark:
            self._mark = mark
            self._redraw_in_place()

    def notice(self, text: str) -> None:
        """Show a message of the hall on the screens before which nobody is being served; empty takes it away."""
        if text != self._notice:
            self._notice = text
            self._redraw_in_place()

    @property
    def covered(self) -> remote.Cover | None:
        """What of remote help is shown in place of the journey's own state."""
        return self._cover

    @property
    def own(self) -> State | None:
        """What the journey shows, seen or not."""
        return self._own

    @property
    def visit(self) -> int:
        """Counts the people, one after the other."""
        return self._visit

    def arrived(self) -> None:
        """Somebody begins to be served."""
        self.on_arrival()

    @property
    def accompanied(self) -> bool:
        """Whether somebody talks with the person, or is called: they are there, though they touch nothing."""
        return self._cover is not None or (self._mark is not None and bool(self._mark.staff))

    def pass_on(self, intent: Intent) -> None:
        """Give the journey an intent on its own screen, which was not made by a finger there."""
        self._touches.append(Touch(intent, self._number))
        self._touched.set()

    def _redraw(self, state: State) -> None:
        # A state that only moves on (a progress, a hint) keeps its number, so that a touch on it still counts.
        if self._screen is None or place_of(self._screen.state) != place_of(state):
            self._number += 1
            self._sound = replace(self._sound, paused=False)
        self._draw_framed(state)

    def _draw_framed(self, state: State) -> None:
        frame = (self._language, self._modes, self._number, self._sound, self._mark, self._notice)
        self._screen = Screen(self._role, state, *frame)
        self._draw(self._screen)

    def touch(self, touch: Touch) -> None:
        """Take a touch. Language and modes act at once; one on an older screen is dropped."""
        if self._screen is None:
            return
        if self._settled(touch.intent):
            self._redraw_in_place()
            return
        match touch.intent:
            case SayAgain() | ReadOut():
                self.on_wish(touch.intent)
            case technician.Open():
                self.on_technician()
            case remote.Help() if self.on_help is not None:
                self.on_help(touch.intent)
            case remote.Help():
                self._take(Touch(CallStaff(), touch.number))
            case CallStaff() if self.on_help is not None and self._role == "desk" and touch.number == self._number:
                self.on_help(remote.Help(remote.Wish.OPEN))
            case _:
                self._take(touch)

    def _settled(self, intent: Intent) -> bool:
        """Set how the screen is shown and the voice heard; False for an intent that is about something else."""
        match intent:
            case ChangeLanguage(language):
                self._language = language
            case SwitchMode(mode, on):
                self._modes = self._modes.switched(mode, on=on)
                if mode is Mode.CALM and on and not self._sound.volume:
                    self._sound = replace(self._sound, volume=self._first_volume or 2)
            case SetVolume(volume):
                self._sound = replace(self._sound, volume=min(LOUDEST, max(0, volume)), paused=False)
            case PauseVoice(on):
                self._sound = replace(self._sound, paused=on)
            case _:
                return False
        return True

    def _take(self, touch: Touch) -> None:
        """Keep a touch for the journey, if it was made on the screen that is shown."""
        if touch.number == self._number:
            self._touches.append(touch)
            self._touched.set()

    def _redraw_in_place(self) -> None:
        if self._screen is not None:
            self._draw_framed(self._screen.state)

    def set_sound(self, route: Route, first_volume: int | None = None) -> None:
        """Where sound goes now.

        Args:
            route: there.
            first_volume: of the next person; None leaves it.
        """
        if first_volume is not None:
            self._first_volume = first_volume
            self._sound = replace(self._sound, volume=first_volume)
        if route is not self._sound.route:
            self._sound = replace(self._sound, route=route)
            self._redraw_in_place()

    async def intent(self) -> Intent:
        """Wait for an intent made on the screen that is shown now."""
        while True:
            while self._touches:
                touch = self._touches.popleft()
                if touch.number == self._number:
                    return touch.intent
            self._touched = anyio.Event()
            await self._touched.wait()

    async def ask(self, state: State) -> Intent:
        """Show a state and wait for the answer."""
        self.show(state)
        return await self.intent()

    def reset(self) -> None:
        """Forget the person: language and modes as at first, and what they still had pressed."""
        self._language = self._first_language
        self._modes = Modes()
        self._sound = Sound(self._sound.route, self._first_volume)
        self._number += 1
        self._visit += 1
        self._touches.clear()
        self.on_reset()


async def first(*waits: Callable[[], Awaitable[T]]) -> T:
    """Run several waits side by side, return what the first to end returned, and cancel the others.

    Raises:
        Exception: what a wait raised before any had ended, as it is and not in a group.
    """
    results: list[T] = []
    failures: list[Exception] = []

    async with anyio.create_task_group() as group:

        async def run(wait: Callable[[], Awaitable[T]]) -> None:
            try:
                result = await wait()
            except Exception as error:  # noqa: BLE001  handed to the caller below
                failures.append(error)
            else:
                results.append(result)
            group.cancel_scope.cancel()

        for wait in waits:
            group.start_soon(run, wait)
    if results:
        return results[0]
    if failures:
        raise failures[0]
    raise RuntimeError("first() was given nothing to wait for")
