"""What is known of the terminals right now: kept in memory only, the newest only."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import anyio

from kiosk.wire.fleet import Health


class TerminalKey(NamedTuple):
    """Which terminal: its hall and its name there. A tuple: it is looked up thousands of times a second."""

    hall: str
    terminal: str


@dataclass(frozen=True)
class Heard:
    """The newest health of a terminal, and when it came."""

    health: Health
    at: datetime


@dataclass(frozen=True)
class Screen:
    """The newest picture of a terminal's own screen, masked by the terminal. Never written to disk."""

    png: bytes
    at: datetime
    number: int
    """Grows with each picture, for the browser's cache."""


class Signal:
    """Wakes whoever waits for something new.

    A waiter first takes `pulse`, then looks, then waits for the pulse it took: nothing is missed in between.
    """

    def __init__(self) -> None:
        self.pulse = anyio.Event()

    def fire(self) -> None:
        """Something is new."""
        self.pulse.set()
        self.pulse = anyio.Event()


class Fleet:
    """The newest of every terminal."""

    def __init__(self) -> None:
        self.heard: dict[TerminalKey, Heard] = {}
        self.screens: dict[TerminalKey, Screen] = {}
        self.changed = Signal()

    def hear(self, key: TerminalKey, health: Health, at: datetime) -> None:
        """Take a terminal's health."""
        self.heard[key] = Heard(health, at)
        self.changed.fire()

    def show(self, key: TerminalKey, png: bytes, at: datetime) -> None:
        """Take a picture of a terminal's screen."""
        before = self.screens.get(key)
        self.screens[key] = Screen(png, at, 1 if before is None else before.number + 1)
        self.changed.fire()
