"""The screens: touch to finished frame, screen to screen, cold start, idleness, memory; beside a bare Kivy app.

Everything is drawn by software at 540 x 960, while a camera fills the ring and the vision process looks at each
picture, as in a gate. Touches come through SDL's own queue, at moments that have nothing to do with the frames. A frame
counts as finished when the graphics library says so (`glFinish`), not when it was asked for.

Processes of their own: the product, the bare app (six labels, six buttons, the same touches), and cold starts.
"""

import json
import statistics
import sys
import tempfile
import time
from typing import Final

import anyio

_STARTS: Final = 5
_PRODUCT_START: Final = """
import sys, threading, time
from pathlib import Path
from kiosk.view import gate
from kiosk.view.common import Language, Modes
from kiosk.view.screen import Screen
from ui.app import Bridge, Options, run
from datetime import datetime
bridge = Bridge(lambda touch: None)
bridge.show(Screen("gate", gate.Welcome("甲大厅", "1"), Language.ZH_HANS, Modes(), 1))

def core():
    try:
        if not bridge.wait_drawn(1, 60):
            raise SystemExit("the first screen was not drawn within 60 s")
        from kivy.clock import Clock
        from kivy.core.window import Window
        from kivy.graphics.opengl import glFinish
        seen = threading.Event()
        def flipped(*_):
            glFinish()
            seen.set()
        def again(_):
            Window.bind(on_flip=flipped)
            Window.canvas.ask_update()
        # The frame may be finished already; on Kivy's own thread another one is asked for.
        Clock.schedule_once(again)
        if not seen.wait(30):
            raise SystemExit("no frame was finished within 30 s")
        print(time.monotonic(), flush=True)
    finally:
        bridge.stop()

threading.Thread(target=core, daemon=True).start()
run("gate", bridge, None, Options(now=datetime.now, home=Path(sys.argv[1]), size=(540, 960)))
"""
_BARE_START: Final = """
import os, sys, time
os.environ.update(KIVY_HOME=sys.argv[1], KIVY_NO_ARGS="1", KIVY_NO_CONSOLELOG="1", SDL_VIDEODRIVER="offscreen")
from kivy.config import Config
Config.set("graphics", "width", "540")
Config.set("graphics", "height", "960")
from kivy.base import runTouchApp, stopTouchApp
from kivy.core.window import Window
from kivy.graphics.opengl import glFinish
from kivy.uix.label import Label

def flipped(*_):
    glFinish()
    print(time.monotonic(), flush=True)
    Window.unbind(on_flip=flipped)
    stopTouchApp()

Window.bind(on_flip=flipped)
runTouchApp(Label(text="Welcome"))
"""


async def _starts(script: str) -> list[float]:
    """Seconds from the start of Python to the first finished frame, several times; the first fills caches."""
    taken = []
    with tempfile.TemporaryDirectory() as home:
        for _ in range(_STARTS + 1):
            began = time.monotonic()
            done = await anyio.run_process([sys.executable, "-c", script, home], stderr=None)
            taken.append(float(done.stdout.split()[0]) - began)
    return taken


def _told(taken: list[float]) -> dict[str, float]:
    return {"first": round(taken[0], 2), "p50": round(statistics.median(taken[1:]), 2), "worst": round(max(taken), 2)}


async def _child(module: str, *arguments: int) -> dict[str, object]:
    command = [sys.executable, "-m", module, *map(str, arguments)]
    result = await anyio.run_process(command, stderr=None)
    figures: dict[str, object] = json.loads(result.stdout.splitlines()[-1])
    return figures


async def measure(touches: int, sessions: int) -> dict[str, object]:
    """Measure.

    Args:
        touches: of each kind.
        sessions: that come and go before the memory is read the last time.

    Returns:
        Figures of the product and of the bare app; times of frames in milliseconds, of starts in seconds.
    """
    bare = await _child("benchmarks.ui_bare", touches)
    product = await _child("benchmarks.ui_product", touches, sessions)
    return {
        "window": "540x960 off-screen, software GL, beside camera and vision process",
        "product": product | {"cold_start_s": _told(await _starts(_PRODUCT_START))},
        "bare_kivy": bare | {"cold_start_s": _told(await _starts(_BARE_START))},
    }
