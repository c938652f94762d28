"""The product's own screens, measured in a process of its own: `python -m benchmarks.ui_product TOUCHES SESSIONS`."""

import json
import sys
import time
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.ui_frames import DOWN, SIZE, UP, Frames, pause, resident, spread, thread_seconds, with_core
from kiosk.view.common import Language, Modes
from kiosk.view.screen import Screen, State, name_of
from kiosk.vision.frames import Ring
from ui.app import Bridge, Options, run
from ui.samples import HALL, NOW, samples

IDLE_SECONDS: Final = 4.0
_LONGEST: Final = 110.0
"""Seconds for all sessions; a machine that is busy with something else does fewer, and says how many."""
_SESSION: Final = ("desk.Start", "desk.ChooseItem", "desk.Question-digits", "desk.CheckPaper", "desk.Done-printed")


class _Product:
    """The bridge, and what is shown on it."""

    def __init__(self, touches: int, sessions: int) -> None:
        self._touches, self._sessions = touches, sessions
        self.bridge = Bridge(lambda _touch: None)
        self.figures: dict[str, object] = {}
        self._known = samples()
        self._number = 0

    def _next(self, state: State, modes: Modes, language: Language) -> Screen:
        self._number += 1
        return Screen("desk", state, language, modes, self._number)

    def _drawn(self, number: int) -> bool:
        return self.bridge.drawn >= number

    def _show(self, state: State, modes: Modes | None = None, language: Language = Language.ZH_HANS) -> None:
        self.bridge.show(self._next(state, modes or Modes(), language))
        if not self.bridge.wait_drawn(self._number, 30):
            raise RuntimeError("a screen was not drawn in time")

    def core(self, _ring: Ring) -> None:
        """Measure everything; runs beside the screens."""
        try:
            self._show(self._known["desk.Start"])
            frames = Frames()
            time.sleep(1)
            self.figures["touch_ms"] = self._touched(frames)
            self.figures["screen_ms"] = self._walked(frames)
            self.figures["idle"] = self._idle(frames)
            self.figures["memory"] = self._lived()
        finally:
            self.bridge.stop()

    def _touched(self, frames: Frames) -> dict[str, object]:
        pressed: list[float] = []
        typed: list[float] = []
        computed = thread_seconds()
        for turn in range(self._touches):
            if turn % 5 == 0:
                self._show(self._known["desk.BeforeYouStart"])
                self._show(self._known["desk.Question-digits"])
            pause(turn)
            # A digit of the pad: the press is seen, the release writes it and draws the question anew.
            x, y = SIZE[0] * (0.2 + 0.3 * (turn % 3)), SIZE[1] * 0.53
            pressed.append(frames.touch(DOWN, x, y))
            typed.append(frames.touch(UP, x, y))
        computed = (thread_seconds() - computed) / (2 * self._touches)
        self._show(self._known["gate.LookAtCamera-look"])
        live: list[float] = []
        for turn in range(self._touches):
            pause(turn)
            live.append(frames.touch(DOWN, SIZE[0] * 0.5, SIZE[1] * 0.945))
            live.append(frames.touch(UP, SIZE[0] * 0.5, SIZE[1] * 0.02))
        return {
            "press": spread(pressed),
            "typed": spread(typed),
            "press_on_live_picture": spread(live),
            "all": spread([*pressed, *typed, *live]),
            "computed_a_touch": round(1000 * computed, 1),
        }

    def _walked(self, frames: Frames) -> dict[str, object]:
        """Every view state after another one."""
        taken: dict[str, float] = {}
        one_a_kind = {name_of(state): state for state in self._known.values()}
        for turn, (name, state) in enumerate(one_a_kind.items()):
            pause(turn)
            screen = self._next(state, Modes(), Language.ZH_HANS)
            show = partial(self.bridge.show, screen)
            taken[name] = frames.shown(show, partial(self._drawn, screen.number))
        slow = sorted(taken, key=taken.__getitem__)[-3:]
        return {"all": spread(list(taken.values())), "slowest": {name: round(taken[name], 1) for name in slow}}

    def _idle(self, frames: Frames) -> dict[str, object]:
        self._show(self._known["desk.Start"])
        time.sleep(1)
        before, cpu = frames.count, thread_seconds()
        time.sleep(IDLE_SECONDS)
        return {
            "redraws": frames.count - before,
            "cpu_share": round((thread_seconds() - cpu) / IDLE_SECONDS, 4),
            "seconds": IDLE_SECONDS,
        }

    def _lived(self) -> dict[str, object]:
        """People come and go, each in another language and mode."""
        from kivy.clock import Clock  # noqa: PLC0415  Kivy, in this process only

        marks: dict[int, float] = {}
        # As fast as they can be drawn: the pauses between two frames remember nothing.
        Clock._max_fps = 0  # noqa: SLF001  Kivy reads its configuration only once
        began = time.monotonic()
        turn = 0
        while turn < self._sessions and (turn < 10 or time.monotonic() - began < _LONGEST):
            turn += 1
            modes = Modes(large=turn % 2 == 0, contrast=turn % 3 == 0)
            for step in _SESSION:
                self._show(self._known[step], modes, list(Language)[turn % len(Language)])
            if turn in (10, max(1, self._sessions // 10), self._sessions // 2, self._sessions):
                marks[turn] = round(resident(), 1)
        marks[turn] = round(resident(), 1)
        after = list(marks.values())
        return {
            "sessions": turn,
            "screens": turn * len(_SESSION),
            "seconds": round(time.monotonic() - began, 1),
            "mb_after": marks,
            "growth_mb": round(after[-1] - after[0], 1),
        }


def main(touches: int, sessions: int) -> dict[str, object]:
    """Measure on this thread, which is the main one."""
    product = _Product(touches, sessions)

    def screens(home: Path, ring: Ring) -> None:
        run("desk", product.bridge, ring, Options(now=lambda: NOW, home=home, size=SIZE, hall=HALL))

    with_core(product.core, screens)
    return product.figures


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
