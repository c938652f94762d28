"""What the page network is taught with: drawn scenes, fed as the product feeds them, and what it should say of them."""

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.train.corner_scenes import SIZE, Scene, Studio
from kiosk.vision.papers.network import OUTPUT, prepared

BATCH, WITH_DESK = 32, 0.6
"""Scenes a batch, and the share of them in which the empty desk is known."""
_AHEAD = 4
Batch = tuple[NDArray[np.float16], NDArray[np.float16]]
"""(32, 7, 192, 256) and (32, 4, 96, 128)."""

_studio: Studio | None = None


def lessons(seed: int) -> Batch:
    """A batch of pictures, fed as the product feeds them, with what the network should say of them."""
    global _studio  # noqa: PLW0603  a process draws its prints once
    if _studio is None:
        cv2.setNumThreads(1)
        _studio = Studio(seed)
    rng = np.random.default_rng(seed)
    scenes = [_studio.scene() for _ in range(BATCH)]
    fed = [prepared(scene.picture, scene.desk if rng.random() < WITH_DESK else None) for scene in scenes]
    wanted = [answer(scene) for scene in scenes]
    for each, said in zip(fed, wanted, strict=True):
        if rng.random() < 0.5:
            each[:], said[:] = each[:, :, ::-1].copy(), said[:, :, ::-1].copy()
        if rng.random() < 0.5:
            each[:], said[:] = each[:, ::-1].copy(), said[:, ::-1].copy()
    return np.stack(fed).astype(np.float16), np.stack(wanted).astype(np.float16)


def answer(scene: Scene) -> NDArray[np.float32]:
    """What the network should say of a scene: (4, 96, 128)."""
    width, height = SIZE
    sides, corners = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    for quad in scene.quads:
        over = np.zeros((height, width), np.uint8)
        cv2.fillConvexPoly(over, np.rint(quad * 16).astype(np.int32), 1, cv2.LINE_8, 4)
        sides *= 1 - over
        corners *= 1 - over
        line = np.zeros((height, width), np.uint8)
        cv2.polylines(
            line,
            [np.rint(quad * 16).astype(np.int32)],
            isClosed=True,
            color=255,
            thickness=3,
            lineType=cv2.LINE_AA,
            shift=4,
        )
        sides = np.maximum(sides, line.astype(np.float32) / 255)
        for at in quad:
            corners = np.maximum(corners, np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * 2.5**2)))
    free = 1 - scene.hand
    planes = (scene.page, sides * free, corners * free, scene.hand)
    return np.stack([cv2.resize(plane, OUTPUT, interpolation=cv2.INTER_AREA) for plane in planes]).astype(np.float32)


def drawn(seed: int, count: int, processes: int) -> Iterator[Batch]:
    """Batches in order, drawn ahead by other processes."""
    with ProcessPoolExecutor(processes) as pool:
        waiting: list[Future[Batch]] = []
        for place in range(count):
            waiting.append(pool.submit(lessons, seed * 1_000_003 + place))
            if len(waiting) > _AHEAD:
                yield waiting.pop(0).result()
        for each in waiting:
            yield each.result()
