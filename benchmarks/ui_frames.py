"""What both measurements of the screens share: touches through SDL, finished frames, camera and vision process."""

import ctypes
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from kiosk.vision.frames import Ring

SIZE: Final = (540, 960)
CAMERA_FPS: Final = 15
_PATIENCE: Final = 30.0
"""Seconds; a machine may be busy with something else."""
DOWN: Final = 0x401
UP: Final = 0x402
"""SDL_MOUSEBUTTONDOWN and SDL_MOUSEBUTTONUP (SDL_events.h)."""


class _Event(ctypes.Structure):
    """SDL_MouseButtonEvent, in the room of the union of all events."""

    _fields_ = (
        ("type", ctypes.c_uint32),
        ("timestamp", ctypes.c_uint32),
        ("window", ctypes.c_uint32),
        ("which", ctypes.c_uint32),
        ("button", ctypes.c_uint8),
        ("state", ctypes.c_uint8),
        ("clicks", ctypes.c_uint8),
        ("padding", ctypes.c_uint8),
        ("x", ctypes.c_int32),
        ("y", ctypes.c_int32),
        ("rest", ctypes.c_uint8 * 64),
    )


def _sdl() -> ctypes.CDLL:
    """The SDL that Kivy has loaded."""
    maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    path = next(line.split()[-1] for line in maps.splitlines() if "libSDL2-2" in line)
    return ctypes.CDLL(path)


class Frames:
    """Sees every finished frame, and which of them is the first after something happened."""

    def __init__(self) -> None:
        from kivy.core.window import Window  # noqa: PLC0415  Kivy, in this process only

        self.count = 0
        self._changed = threading.Condition()
        self._awaited = False
        self._touched = False
        self._done: Callable[[], bool] = lambda: False
        self._ended = 0.0
        self._sdl = _sdl()
        Window.bind(on_flip=self._flip, on_touch_down=self._touch, on_touch_up=self._touch)

    def _touch(self, *_: object) -> None:
        self._touched = True

    def _flip(self, *_: object) -> None:
        from kivy.graphics.opengl import (  # type: ignore[import-untyped]  # noqa: PLC0415  no stubs; the same
            glFinish,
        )

        glFinish()
        with self._changed:
            self.count += 1
            if self._awaited and self._done():
                self._awaited, self._ended = False, time.monotonic()
                self._changed.notify_all()

    def touch(self, kind: int, x: float, y: float) -> float:
        """Press or release at a point in pixels from the upper left corner.

        Returns:
            Milliseconds until the frame that shows it is finished.
        """
        event = _Event(type=kind, button=1, state=kind == DOWN, clicks=1, x=int(x), y=int(y))
        with self._changed:
            self._touched, self._awaited, self._done = False, True, lambda: self._touched
            began = time.monotonic()
            self._sdl.SDL_PushEvent(ctypes.byref(event))
            if not self._changed.wait_for(lambda: not self._awaited, _PATIENCE):
                raise RuntimeError("no frame followed a touch in time")
            return (self._ended - began) * 1000

    def shown(self, act: Callable[[], None], done: Callable[[], bool]) -> float:
        """Milliseconds from an act on this thread to the first frame at whose end it is done."""
        with self._changed:
            self._done, self._awaited = done, True
            began = time.monotonic()
        act()
        with self._changed:
            if not self._changed.wait_for(lambda: not self._awaited, _PATIENCE):
                raise RuntimeError("no frame followed a screen in time")
            return (self._ended - began) * 1000


def spread(figures: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and count."""
    return {
        "p50": round(statistics.median(figures), 1),
        "p95": round(sorted(figures)[max(0, -(-len(figures) * 95 // 100) - 1)], 1),
        "count": len(figures),
    }


def pause(number: int) -> None:
    """Wait for a moment that has nothing to do with the frames: the golden ratio spreads them evenly."""
    time.sleep(0.04 + 0.05 * (number * 0.618034 % 1))


def resident() -> float:
    """MB of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def _camera_and_vision() -> Iterator[Ring]:
    """A camera that fills the ring, and the worker that looks at every picture; the ring."""
    from anyio.from_thread import start_blocking_portal  # noqa: PLC0415  in this process only

    from kiosk.demo.street import Faces  # noqa: PLC0415  the same
    from kiosk.vision.client import VisionProcess  # noqa: PLC0415  the same
    from provisioning.assets import portraits  # noqa: PLC0415  the same

    pictures = Faces(portraits(), 1).alone(0)
    ring = Ring.create(slots=6, height=960, width=1280)
    over = threading.Event()

    def camera() -> None:
        number = 0
        while not over.wait(1 / CAMERA_FPS):
            number += 1
            ring.put(pictures[number % len(pictures)], number, time.monotonic())

    async def look(ready: threading.Event) -> None:
        async with VisionProcess(ring, engine="sface", decoder="simulated") as sight:
            await sight.until_ready()
            ready.set()
            after = 0
            while True:
                after = (await sight.observe(after)).frame

    thread = threading.Thread(target=camera, daemon=True)
    thread.start()
    with start_blocking_portal("asyncio") as portal:
        ready = threading.Event()
        done = portal.start_task_soon(look, ready)
        try:
            if not ready.wait(120):
                raise RuntimeError("the vision process was not ready within 120 s")
            yield ring
        finally:
            done.cancel()
            with suppress(CancelledError):
                done.result()
            over.set()
    thread.join()
    ring.close()


def thread_seconds() -> float:
    """Seconds that the main thread has computed: the camera is another one."""
    fields = Path(f"/proc/self/task/{os.getpid()}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def with_core(core: Callable[[Ring], None], screens: Callable[[Path, Ring], None]) -> None:
    """Run the screens on this thread and the core on another, beside camera and vision; raise what the core raised."""
    failed: list[BaseException] = []

    def guarded(ring: Ring) -> None:
        try:
            core(ring)
        except BaseException as error:  # noqa: BLE001  raised again on the main thread
            failed.append(error)

    with tempfile.TemporaryDirectory() as home, _camera_and_vision() as ring:
        thread = threading.Thread(target=guarded, args=(ring,))
        thread.start()
        screens(Path(home), ring)
        thread.join()
    if failed:
        raise failed[0]
