"""An app of Kivy's own labels and buttons, measured in the same way: `python -m benchmarks.ui_bare TOUCHES`."""

import json
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.ui_frames import DOWN, SIZE, UP, Frames, pause, spread, thread_seconds, with_core
from kiosk.vision.frames import Ring
from ui.options import Options
from ui.prepare import prepare, window_ready
from ui.samples import NOW

if TYPE_CHECKING:
    from kivy.uix.boxlayout import BoxLayout  # type: ignore[import-untyped]  # no stubs

IDLE_SECONDS: Final = 4.0
_LABELS: Final = 6
_BUTTONS: Final = 6


class _Bare:
    """The app, with the same configuration as the product's."""

    def __init__(self) -> None:
        self._ready = threading.Event()
        self._root: BoxLayout | None = None
        self._turn = 0
        self._end: Callable[[], None] = lambda: None
        self.figures: dict[str, object] = {}

    def screens(self, home: Path, _ring: Ring) -> None:
        """Run it on this thread until the core ends it."""
        prepare(Options(now=lambda: NOW, home=home, size=SIZE))
        window_ready()
        from kivy.app import App  # noqa: PLC0415  Kivy reads its configuration at import
        from kivy.clock import Clock  # noqa: PLC0415  the same
        from kivy.uix.boxlayout import BoxLayout  # noqa: PLC0415  the same

        root = self._root = BoxLayout(orientation="vertical")
        self._fill()
        Clock.schedule_once(lambda _: self._ready.set(), 0.5)

        class Bare(App):
            """The app."""

            def build(self) -> BoxLayout:
                """Its root."""
                return root

        app = Bare()
        self._end = app.stop
        app.run()

    def _fill(self) -> None:
        from kivy.uix.button import Button  # type: ignore[import-untyped]  # noqa: PLC0415  no stubs; this process only
        from kivy.uix.label import Label  # type: ignore[import-untyped]  # noqa: PLC0415  the same

        if self._root is None:
            return
        self._root.clear_widgets()
        self._turn += 1
        for place in range(_LABELS):
            self._root.add_widget(Label(text=f"Label {place} of screen {self._turn}"))
        for place in range(_BUTTONS):
            self._root.add_widget(Button(text=f"Button {place}"))

    def _soon(self) -> None:
        from kivy.clock import Clock  # noqa: PLC0415  the same

        Clock.schedule_once(lambda _: self._fill())

    def _turned(self, before: int) -> bool:
        return self._turn > before

    def core(self, _ring: Ring) -> None:
        """Measure; runs beside it."""
        if not self._ready.wait(30):
            raise RuntimeError("the bare app did not start within 30 s")
        # Not before: the main thread imports Kivy.
        from kivy.clock import Clock  # noqa: PLC0415  Kivy, in this process only

        try:
            frames = Frames()
            count = int(sys.argv[1])
            pressed: list[float] = []
            for turn in range(count):
                pause(turn)
                pressed.append(frames.touch(DOWN, SIZE[0] / 2, SIZE[1] * 0.95))
                pressed.append(frames.touch(UP, SIZE[0] / 2, SIZE[1] * 0.95))
            taken: list[float] = []
            for turn in range(count):
                pause(turn)
                taken.append(frames.shown(self._soon, partial(self._turned, self._turn)))
            time.sleep(1)
            before, cpu = frames.count, thread_seconds()
            time.sleep(IDLE_SECONDS)
            self.figures |= {
                "touch_ms": spread(pressed),
                "screen_ms": spread(taken),
                "idle": {
                    "redraws": frames.count - before,
                    "cpu_share": round((thread_seconds() - cpu) / IDLE_SECONDS, 4),
                },
            }
        finally:
            Clock.schedule_once(lambda _: self._end())


if __name__ == "__main__":
    bare = _Bare()
    with_core(bare.core, bare.screens)
    print(json.dumps(bare.figures))
