"""What the vision process costs: against the bare networks in the same run, in memory, and beside the screens.

* `face`: a picture through the ring and the vision process (find, quality, mask, compare) against the bare networks
  (YuNet, SFace, the mask network) in this process, in turn; `ratio` is the median of the pairs' ratios.
* `page`: the desk's preview through the vision process against the page finder in this process.
* `memory`: of the gate's vision process when it has compared faces: resident, less the ring that it shares.
* `screens`: pictures looked at in a second, and the share of the camera's that were dropped, while the screens draw.
"""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import anyio
import anyio.to_thread
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.gate import under_the_screens
from kiosk.demo.accounts import spread
from kiosk.demo.street import Faces, Papers
from kiosk.vision import papers
from kiosk.vision.client import VisionProcess
from kiosk.vision.engines import open_engine
from kiosk.vision.faces import FaceEngine
from kiosk.vision.frames import Ring
from kiosk.vision.masks import MaskClassifier, square
from kiosk.vision.observation import Reference
from provisioning.assets import portraits

Image = NDArray[np.uint8]
WARM_UP = 8


async def measure(frames: int, *, screens: bool) -> dict[str, object]:
    """Take all measurements.

    Args:
        frames: how many pictures each looks at.
        screens: whether to measure beside the screens too.
    """
    cv2.setNumThreads(1)
    faces = await anyio.to_thread.run_sync(Faces, portraits(), 1)
    figures = await _faces(faces, frames)
    figures["page"] = await _pages(max(20, frames // 3))
    if screens:
        figures["screens"] = await under_the_screens()
    return figures


async def _faces(faces: Faces, frames: int) -> dict[str, object]:
    pictures = faces.alone(0)
    engine, masks = open_engine("sface"), MaskClassifier()
    ring = Ring.create(slots=6, height=960, width=1280)
    through: list[float] = []
    bare: list[float] = []
    async with VisionProcess(ring, engine="sface", decoder="simulated") as sight:
        await sight.until_ready()
        if await sight.remember(faces.photo(0)) is not Reference.READY:
            raise RuntimeError("the worker does not find the face in the card's photo")
        for number in range(1, frames + WARM_UP + 1):
            picture = pictures[number % len(pictures)]
            ring.put(picture, number, time.monotonic())
            began = time.perf_counter()
            seen = await sight.observe(number - 1)
            took = time.perf_counter() - began
            alone = await anyio.to_thread.run_sync(_timed, lambda p=picture: _networks(engine, masks, p))
            if seen.similarity is not None and number > WARM_UP:
                through.append(took * 1000)
                bare.append(alone * 1000)
        memory = _memory(sight.pid)
    ring.close()
    return {"face": _pairs(through, bare), "memory": memory}


def _networks(engine: FaceEngine, masks: MaskClassifier, picture: Image) -> None:
    """Nothing but the three networks, one after the other."""
    face = engine.detect(picture)[0]
    engine.embed(picture, face)
    masks.judge(square(picture, face))


async def _pages(frames: int) -> dict[str, object]:
    sheet = Papers(3).whole[0][0]
    ring = Ring.create(slots=6, height=1080, width=1920)
    through: list[float] = []
    bare: list[float] = []
    async with VisionProcess(ring) as sight:
        await sight.until_ready()
        for number in range(1, frames + WARM_UP + 1):
            ring.put(sheet, number, time.monotonic())
            began = time.perf_counter()
            await sight.look_for_paper(number - 1)
            took = time.perf_counter() - began
            direct = await anyio.to_thread.run_sync(_timed, lambda: papers.find(sheet))
            if number > WARM_UP:
                through.append(took * 1000)
                bare.append(direct * 1000)
    ring.close()
    figures = _pairs(through, bare)
    return figures | {"frames_per_second": round(1000 / median(through), 1)}


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _pairs(through: list[float], bare: list[float]) -> dict[str, object]:
    ratio = median(a / b for a, b in zip(through, bare, strict=True))
    return {"frames": len(through), "worker_ms": spread(through), "bare_ms": spread(bare), "ratio": round(ratio, 3)}


def _memory(pid: int | None) -> dict[str, float]:
    """Of a process, in MB."""
    if pid is None:
        raise RuntimeError("the vision process is not there")
    lines = (line.split(":") for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines())
    kb = {name: float(value.split()[0]) for name, value in lines if name.startswith(("VmRSS", "RssShmem"))}
    own = kb["VmRSS"] - kb["RssShmem"]
    return {"resident_mb": round(kb["VmRSS"] / 1024, 1), "without_the_ring_mb": round(own / 1024, 1)}
