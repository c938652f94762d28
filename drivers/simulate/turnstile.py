"""A turnstile and the people who use it, whatever board opens it."""

import threading
import time
from collections import deque
from typing import Final

_CLOSING_S: Final = 0.1
_BEAM_A, _BEAM_B, _DOOR, _FIRE = 1, 2, 4, 8  # bits of the inputs

Step = tuple[int, float]
_THROUGH: Final[tuple[Step, ...]] = ((_BEAM_A, 0.12), (_BEAM_A | _BEAM_B, 0.12), (_BEAM_B, 0.12), (0, 0))
_BACK: Final[tuple[Step, ...]] = ((_BEAM_A, 0.3), (0, 0))
_TWO: Final[tuple[Step, ...]] = (*_THROUGH[:-1], (_BEAM_A, 0.3), *_THROUGH[1:])


class Turnstile:
    """One lane: a lock, a door, two beams, and the people who walk. Thread-safe; times are monotonic seconds."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._coil = False
        self._flash_ends = 0.0
        self._beams = 0
        self._fire = False
        self._held_until = 0.0
        self._door_open = False
        self._reason_ended = 0.0
        self._unused = False
        self._releases = 0
        self._journal: deque[tuple[float, str]] = deque(maxlen=1000)

    @property
    def releases(self) -> int:
        """How often it was released."""
        with self._changed:
            return self._releases

    @property
    def released(self) -> bool:
        """Whether the lock is off now."""
        with self._changed:
            return self._is_released(time.monotonic())

    @property
    def door_open(self) -> bool:
        """Whether the door is open now."""
        with self._changed:
            self._settle()
            return self._door_open

    @property
    def journal(self) -> list[tuple[float, str]]:
        """What happened, and when; the last thousand of it.

        `released`, `locked` (by the client), `passed`, `tailgated`, `turned_back`, `held_open`, `forced`, `refused`,
        `fire`, `fire_over`.
        """
        with self._changed:
            return list(self._journal)

    def inputs(self) -> int:
        """Beam A, beam B, the open door and the fire alarm as bits 0, 1, 2, 3."""
        with self._changed:
            self._settle()
            return self._beams | (_DOOR if self._door_open else 0) | (_FIRE if self._fire else 0)

    def set_fire(self, *, on: bool) -> None:
        """The fire alarm's second contact. Its first cuts the lock's current, which is not simulated."""
        with self._changed:
            self._fire = on
            self._note("fire" if on else "fire_over")

    def switch(self, *, on: bool) -> None:
        """The coil was written."""
        with self._changed:
            self._settle()
            was = self._is_released(time.monotonic())
            self._coil = on
            if on:
                self._release()
            else:
                self._flash_ends = 0.0
                if was:
                    self._note("locked")
            self._changed.notify_all()

    def flash(self, seconds: float) -> None:
        """The coil was told to switch itself off again."""
        with self._changed:
            self._settle()
            self._flash_ends = time.monotonic() + seconds
            self._release()
            self._changed.notify_all()

    def wait_released(self, timeout: float) -> bool:
        """Wait for a release that nobody has used yet."""
        with self._changed:
            return self._changed.wait_for(lambda: self._unused and self._is_released(time.monotonic()), timeout)

    def walk(self, steps: tuple[Step, ...], name: str) -> bool:
        """Walk through the beams. Takes as long as it takes.

        Returns:
            False when the lane is closed and nothing moved.
        """
        with self._changed:
            self._settle()
            if not self._door_open:
                self._note("refused")
                return False
            self._unused = False
        for beams, seconds in steps:
            with self._changed:
                self._settle()
                self._beams = beams
                self._reason_ended = time.monotonic()
            time.sleep(seconds)
        with self._changed:
            self._note(name)
        return True

    def hold(self, seconds: float) -> None:
        """Keep the door from closing."""
        with self._changed:
            self._settle()
            self._held_until = time.monotonic() + seconds
            self._door_open = True

    def force(self, seconds: float) -> None:
        """Break the door open, and keep it open for a while."""
        self.hold(seconds)
        with self._changed:
            self._note("forced")

    def _release(self) -> None:
        self._releases += 1
        self._unused = self._door_open = True
        self._note("released")

    def _is_released(self, now: float) -> bool:
        return self._coil or now < self._flash_ends

    def _settle(self) -> None:
        """Bring the door up to date."""
        now = time.monotonic()
        if not self._door_open:
            return
        if self._coil or self._beams:
            self._reason_ended = now
        self._reason_ended = max(self._reason_ended, min(now, self._flash_ends), min(now, self._held_until))
        if now - self._reason_ended >= _CLOSING_S:
            self._door_open = False

    def _note(self, what: str) -> None:
        self._journal.append((time.monotonic(), what))


class People:
    """What people do at a simulated barrier. A simulator with a turnstile inherits it."""

    turnstile: Turnstile

    @property
    def releases(self) -> int:
        """How often the turnstile was released."""
        return self.turnstile.releases

    @property
    def journal(self) -> list[tuple[float, str]]:
        """What happened in the lane, see `Turnstile.journal`."""
        return self.turnstile.journal

    def wait_released(self, timeout: float) -> bool:
        """Stand before the turnstile until it is released; False if it was not in time."""
        return self.turnstile.wait_released(timeout)

    def walk_through(self) -> bool:
        """One person goes through; False if the turnstile is closed. Takes about 0.4 s."""
        return self.turnstile.walk(_THROUGH, "passed")

    def turn_back(self) -> bool:
        """One person steps in and goes back."""
        return self.turnstile.walk(_BACK, "turned_back")

    def tailgate(self) -> bool:
        """One person goes through with another close behind."""
        return self.turnstile.walk(_TWO, "tailgated")

    def hold_open(self, seconds: float = 8.0) -> bool:
        """One person goes through and holds the door; returns when they are through."""
        self.turnstile.hold(seconds)
        return self.turnstile.walk(_THROUGH, "held_open")

    def set_fire(self, *, on: bool) -> None:
        """The fire alarm goes off, or is reset. Seen by a board to which its contact is wired."""
        self.turnstile.set_fire(on=on)

    def force(self, seconds: float = 1.0) -> bool:
        """One person breaks through the locked turnstile."""
        self.turnstile.force(seconds)
        return self.turnstile.walk(_THROUGH, "passed")
