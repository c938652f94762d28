"""Cold starts: the screens by themselves, a bare Kivy app, and the real program with its devices, camera and worker.

`python -m benchmarks.ui_start ROLE SITE` is the real program (`kiosk run`); it says when a frame was finished, and ends
when a person can begin. Its devices are at the other end of ptys and sockets, in the process that measures.
"""

import os
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from unittest.mock import patch

import anyio

from kiosk.demo.plan import LIVE
from kiosk.demo.stage_crew import Program, enrol, hub_addresses
from kiosk.demo.street import DeskStreet, site_file

_STARTS: Final = 4
_PROGRAMS: Final = 3
_LONGEST: Final = 60.0
_SCREENS: Final = """
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
_BARE: Final = """
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


async def _starts(script: str) -> dict[str, float]:
    """Seconds from the start of Python to the first finished frame; the first start fills caches."""
    taken = []
    with tempfile.TemporaryDirectory() as home:
        for _ in range(_STARTS + 1):
            began = time.monotonic()
            done = await anyio.run_process([sys.executable, "-c", script, home], stderr=None)
            taken.append(float(done.stdout.split()[0]) - began)
    return _told(taken)


def _told(taken: Sequence[float]) -> dict[str, float]:
    later = taken[1:] or taken
    return {"first": round(taken[0], 2), "p50": round(statistics.median(later), 2), "worst": round(max(taken), 2)}


async def screens() -> dict[str, float]:
    """Of the screens by themselves."""
    return await _starts(_SCREENS)


async def bare() -> dict[str, float]:
    """Of a Kivy app with one label."""
    return await _starts(_BARE)


async def program() -> dict[str, object]:
    """Of `kiosk run`, a desk enrolled at a hub that runs: to the first screen, and until somebody can begin."""
    first: list[float] = []
    ready: list[float] = []
    computed: list[float] = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        data = folder / "hub"
        hub = Program(
            "hub", folder / "hub.log", "hub", "serve", "--data", str(data),
            "--console-port", "0", "--terminal-port", "0",
        )  # fmt: skip
        hub.start()
        street = DeskStreet(folder / "wires")
        try:
            await hub_addresses(data, hub)
            await enrol(data, "desk-1", "desk", folder / "identity")
            site = folder / "site.toml"
            site.write_text(site_file("desk", "desk-1", street.all, LIVE["desk"]), encoding="utf-8")
            for _ in range(_PROGRAMS):
                began = time.monotonic()
                command = [sys.executable, "-m", "benchmarks.ui_start", "desk", str(site)]
                with (folder / "desk.log").open("wb") as log:
                    done = await anyio.run_process(command, stderr=log, check=False)
                lines = [line.split() for line in done.stdout.decode().splitlines() if line.startswith("drawn-")]
                said = {name: (float(moment), float(computed)) for name, moment, computed in lines}
                if set(said) != {"drawn-first", "drawn-ready"}:
                    words = (folder / "desk.log").read_text(encoding="utf-8")[-600:]
                    raise RuntimeError(f"the program did not come into service: {words}")
                first.append(said["drawn-first"][0] - began)
                ready.append(said["drawn-ready"][0] - began)
                computed.append(said["drawn-first"][1])
        finally:
            street.close()
            await hub.stop()
    return {
        "first_screen": _told(first),
        "first_screen_computed": round(statistics.median(computed), 2),
        "somebody_can_begin": _told(ready),
        "starts": _PROGRAMS,
    }


def _watched(role: str, site: str) -> None:
    """Run the real program on this thread, and say on stdout what was drawn when."""
    from ui.bridge import Bridge  # noqa: PLC0415  no Kivy in it

    start = "kiosk.view.desk" if role == "desk" else "kiosk.view.gate"
    awaited = ["drawn-first", "drawn-ready"]
    shown = [False]
    take = Bridge.take
    over = threading.Event()

    def taken(bridge: Bridge) -> object:
        screen = take(bridge)
        if screen is not None and type(screen.state).__module__.startswith(start):
            shown[0] = True  # it is drawn now, and comes with the next flip
        return screen

    def watch() -> None:
        while "kivy.core.window" not in sys.modules or getattr(sys.modules["kivy.core.window"], "Window", None) is None:
            time.sleep(0.002)
        from kivy.core.window import Window  # noqa: PLC0415  Kivy has begun by now
        from kivy.graphics.opengl import (  # type: ignore[import-untyped]  # noqa: PLC0415  no stubs; the same
            glFinish,
        )

        def flipped(*_: object) -> None:
            if not awaited or (awaited[0] == "drawn-ready" and not shown[0]):
                return
            glFinish()
            print(awaited.pop(0), time.monotonic(), time.process_time(), flush=True)
            if not awaited:
                over.set()

        Window.bind(on_flip=flipped)

    def end() -> None:
        over.wait(_LONGEST)
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
    threading.Thread(target=end, daemon=True).start()
    from kiosk.__main__ import app  # noqa: PLC0415  its imports are part of what is measured

    with patch.object(Bridge, "take", taken):  # looked at from beside; the program is as it is
        app(["run", "--site", site, "--role", role, "--ui", "offscreen"])


if __name__ == "__main__":
    _watched(sys.argv[1], sys.argv[2])
