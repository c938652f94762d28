"""One off-screen window for all tests of the screens: Kivy can be started once in a process, on the main thread."""

import gc
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest

from kiosk.view.common import Language, Modes
from kiosk.view.screen import Intent, Picture, Screen, State, Touch
from ui.bridge import Bridge
from ui.options import Options
from ui.prepare import prepare, window_ready
from ui.samples import NOW

NO_MODES = Modes()
TOGETHER = 8
"""So many terminals' screens wait for the collector at most: widgets are cycles, and their pictures gigabytes."""
_used = count(1)


class Frames(Protocol):
    """Lets Kivy run."""

    def __call__(self, count: int = 2) -> None: ...


@pytest.fixture(scope="session")
def kivy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Frames]:
    home: Path = tmp_path_factory.mktemp("kivy")
    prepare(Options(now=lambda: NOW, home=home))
    window_ready()
    from kivy.base import EventLoop, runTouchApp
    from kivy.clock import Clock
    from kivy.uix.widget import Widget

    from ui.fonts import register_fonts

    register_fonts()
    # The loop sleeps to keep to its frames a second, which tests need not.
    usual = Clock._max_fps
    Clock._max_fps = 1000
    runTouchApp(Widget(), embedded=True)

    def frames(count: int = 2) -> None:
        for _ in range(count):
            EventLoop.idle()

    frames()
    yield frames
    Clock._max_fps = usual
    EventLoop.close()


class Terminal:
    """A stage on the window, what it sent, and a finger."""

    def __init__(self, frames: Frames, picture: Picture | None, *, snapshots: bool) -> None:
        from ui.stage import Stage

        self.frames = frames
        self.touches: list[Touch] = []
        self.snapshots: list[bytes] = []
        self.bridge = Bridge(self.touches.append, self.snapshots.append if snapshots else None)
        self.number = 0
        options = Options(now=lambda: NOW, home=Path(), snapshot_every=0.05)
        self.stage = Stage("desk", self.bridge, picture, options)
        self.stage.enter()

    def show(self, state: State, language: Language = Language.ZH_HANS, modes: Modes = NO_MODES) -> None:
        self.number += 1
        self.bridge.show(Screen("desk", state, language, modes, self.number))
        while self.bridge.drawn < self.number:
            self.frames(1)

    def tap(self, x: float, y: float) -> None:
        """A press and a release at window pixels, through Kivy's event loop."""
        from kivy.tests.common import UnitTestTouch

        touch = UnitTestTouch(x, y)
        touch.touch_down()
        self.frames(1)
        touch.touch_up()
        self.frames(1)

    def intents(self) -> list[Intent]:
        return [touch.intent for touch in self.touches]


@pytest.fixture
def terminal(kivy: Frames) -> Iterator[Callable[..., Terminal]]:
    made: list[Terminal] = []

    def make(picture: Picture | None = None, *, snapshots: bool = False) -> Terminal:
        made.append(Terminal(kivy, picture, snapshots=snapshots))
        return made[-1]

    yield make
    for one in made:
        one.stage.leave()
    kivy(1)
    if next(_used) % TOGETHER == 0:
        gc.collect()
