"""The screen of a terminal as a journey sees it: `show` a state, `ask` for an intent.

Language and large type are handled here, once; a journey never sees them. An intent answers the screen it was made on:
a touch on a screen that is gone is dropped, so that nobody presses a button that has just changed under the finger.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from kiosk.view.common import ChangeLanguage, Language, LargeType
from kiosk.view.screen import Intent, Screen, State, Touch, place_of

T = TypeVar("T")


class Stage:
    """One screen. All methods belong to the core thread."""

    def __init__(self, role: str, draw: Callable[[Screen], None], language: Language) -> None:
        self._role = role
        self._draw = draw
        self._first_language = language
        self._language = language
        self._large_type = False
        self._number = 0
        self._screen: Screen | None = None
        self._touches: deque[Touch] = deque(maxlen=16)  # a person hammering on the screen fills no memory
        self._touched = anyio.Event()

    @property
    def language(self) -> Language:
        """The language of the person in front."""
        return self._language

    @property
    def screen(self) -> Screen | None:
        """What is shown now; None before the first state."""
        return self._screen

    def show(self, state: State) -> None:
        """Draw a state. Drawing the same state again costs nothing and keeps its number."""
        if self._screen is not None and self._screen.state == state:
            return
        self._redraw(state)

    def _redraw(self, state: State) -> None:
        # A state that only moves on (a progress, a hint) keeps its number, so that a touch on it still counts.
        if self._screen is None or place_of(self._screen.state) != place_of(state):
            self._number += 1
        self._screen = Screen(self._role, state, self._language, self._large_type, self._number)
        self._draw(self._screen)

    def touch(self, touch: Touch) -> None:
        """Take a touch. Language and large type act at once; one on an older screen is dropped."""
        if self._screen is None:
            return
        match touch.intent:
            case ChangeLanguage(language):
                self._language = language
                self._redraw_in_place()
            case LargeType(on):
                self._large_type = on
                self._redraw_in_place()
            case _ if touch.number == self._number:
                self._touches.append(touch)
                self._touched.set()

    def _redraw_in_place(self) -> None:
        if self._screen is not None:
            self._screen = Screen(self._role, self._screen.state, self._language, self._large_type, self._number)
            self._draw(self._screen)

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
        """Forget the person: language and large type as at first, and what they still had pressed."""
        self._language = self._first_language
        self._large_type = False
        self._number += 1
        self._touches.clear()


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
