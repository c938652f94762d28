"""How fast the gate is, measured on the real program over real wires.

* `queues` and `bars`: people at wire speed through the real program, see `gate_queue`.
* `worker`: a picture through the shared-memory ring and the vision process, against the bare engine in this process on
  the same pictures, in turn. `overhead` is the median of the pairs' ratios less one.
* `frames_per_second`: pictures looked at in a second while the screens draw the live picture, off-screen at 540 x 960.
"""

import json
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

import anyio
import anyio.to_thread
import numpy as np
from numpy.typing import NDArray

from benchmarks.gate_queue import APPOINTMENTS, queues
from kiosk.demo.accounts import spread
from kiosk.demo.street import Faces
from kiosk.vision.client import VisionProcess
from kiosk.vision.engines import open_engine
from kiosk.vision.faces import FaceEngine
from kiosk.vision.frames import Ring
from kiosk.vision.observation import Reference
from provisioning.assets import portraits

Image = NDArray[np.uint8]
UI_SECONDS = 8.0
CAMERA_FPS = 30


async def measure(people: int, frames: int, appointments: int = APPOINTMENTS) -> dict[str, object]:
    """Take all three measurements.

    Args:
        people: how many stand in each queue.
        frames: how many pictures the worker and the bare engine each look at.
        appointments: how many the terminal's list holds in the last queues.
    """
    faces = await anyio.to_thread.run_sync(Faces, portraits(), 1)
    figures: dict[str, object] = {}
    figures["worker"] = await _worker_against_engine(faces, frames)
    figures.update(await queues(people, appointments))
    figures["screens"] = await under_the_screens()
    return figures


# The worker against the bare engine ------------------------------------------------------------------------------


async def _worker_against_engine(faces: Faces, frames: int) -> dict[str, object]:
    import cv2  # noqa: PLC0415  measured here, loaded here

    cv2.setNumThreads(1)
    pictures = faces.alone(0)
    engine = open_engine("sface")
    chip = faces.photo(0)
    bare: list[float] = []
    worker: list[float] = []
    ring = Ring.create(slots=6, height=960, width=1280)
    async with VisionProcess(ring, engine="sface", decoder="simulated") as sight:
        await sight.until_ready()
        if await sight.remember(chip) is not Reference.READY:
            raise RuntimeError("the worker does not find the face in the card's photo")
        for number in range(1, frames + 11):
            picture = pictures[number % len(pictures)]
            ring.put(picture, number, time.monotonic())
            began = time.perf_counter()
            seen = await sight.observe(number - 1)
            took = time.perf_counter() - began
            alone = await anyio.to_thread.run_sync(_bare, engine, picture)
            if seen.similarity is not None and number > 10:  # the first ones warm up
                worker.append(took * 1000)
                bare.append(alone * 1000)
    ring.close()
    overhead = median(w / b for w, b in zip(worker, bare, strict=True)) - 1
    return {
        "frames": len(worker),
        "worker_ms": spread(worker),
        "bare_engine_ms": spread(bare),
        "overhead": round(overhead, 4),
    }


def _bare(engine: FaceEngine, picture: Image) -> float:
    began = time.perf_counter()
    found = engine.detect(picture)
    engine.embed(picture, found[0])
    return time.perf_counter() - began


# Under the screens -----------------------------------------------------------------------------------------------


async def under_the_screens() -> dict[str, object]:
    """In a process of its own: Kivy wants the main thread, and is never unloaded."""
    result = await anyio.run_process([sys.executable, "-m", "benchmarks.gate"], stderr=None)
    figures: dict[str, object] = json.loads(result.stdout.splitlines()[-1])
    return figures


def _draw_and_look() -> dict[str, object]:
    """Draw the live picture off-screen while every picture is looked at, as the gate does."""
    from anyio.from_thread import start_blocking_portal  # noqa: PLC0415  in this process only

    from kiosk.clock import CHINA, WallClock  # noqa: PLC0415  the same
    from kiosk.view import gate as view  # noqa: PLC0415  the same
    from kiosk.view.common import Language, Modes  # noqa: PLC0415  the same
    from kiosk.view.screen import Screen  # noqa: PLC0415  the same
    from ui.app import Bridge, Options, WindowMode, run  # noqa: PLC0415  Kivy, in this process only

    faces = Faces(portraits(), 1)
    pictures = faces.alone(0)
    ring = Ring.create(slots=6, height=960, width=1280)
    bridge = Bridge(lambda _touch: None)
    over = threading.Event()
    figures: dict[str, object] = {}

    def camera() -> None:
        number = 0
        while not over.is_set():
            number += 1
            ring.put(pictures[number % len(pictures)], number, time.monotonic())
            time.sleep(1 / CAMERA_FPS)

    async def look() -> None:
        try:
            async with VisionProcess(ring, engine="sface", decoder="simulated") as sight:
                await sight.until_ready()
                await sight.remember(faces.photo(0))
                number, seen, after = 0, 0, 0
                began = time.monotonic()
                while time.monotonic() - began < UI_SECONDS:
                    observation = await sight.observe(after)
                    after, seen = observation.frame, seen + 1
                    number += 1
                    state = view.LookAtCamera("王*明", progress=(seen % 5) / 5)
                    bridge.show(Screen("gate", state, Language.ZH_HANS, Modes(), number=1))
                took = time.monotonic() - began
                figures["frames_per_second"] = round(seen / took, 1)
                figures["dropped_share"] = round(max(0.0, 1 - seen / (CAMERA_FPS * took)), 3)
        finally:
            over.set()
            bridge.stop()

    thread = threading.Thread(target=camera, daemon=True)
    thread.start()
    clock = WallClock()
    with tempfile.TemporaryDirectory() as home, start_blocking_portal("asyncio") as portal:
        done = portal.start_task_soon(look)
        run(
            "gate",
            bridge,
            ring,
            Options(
                now=lambda: clock.now().astimezone(CHINA), home=Path(home), window=WindowMode.OFFSCREEN, size=(540, 960)
            ),
        )
        done.result()
    thread.join()
    ring.close()
    return figures | {"camera_fps": CAMERA_FPS, "window": "540x960 off-screen"}


if __name__ == "__main__":
    print(json.dumps(_draw_and_look()))
