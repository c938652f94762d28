"""A camera that does not exist: a folder into which pictures of a scene are written, for `camera/folder`."""

import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.simulate.contract import Garble
from drivers.simulate.scenes import empty_hall

Picture = NDArray[np.uint8]
Scene = Callable[[], Picture] | Sequence[Picture]

VARIANTS = 8
"""Pictures that a scene is encoded to once; then they are only written, because encoding costs more than all else."""
_KEPT = 30
_STUMBLE_S = 0.4


class Reel:
    """What a simulated camera sees, as JPEGs in turn. Thread-safe.

    Args:
        seed: of the jitter.
    """

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._lock = threading.Lock()
        self._scene: Scene = ()
        self._pictures: Iterator[bytes] = iter(())
        self.scene = (empty_hall(self._rng),)

    @property
    def scene(self) -> Scene:
        """BGR pictures that are shown in turn with a little jitter, or a function that gives one.

        A function is called eight times when the scene is set, not once a picture.
        """
        with self._lock:
            return self._scene

    @scene.setter
    def scene(self, scene: Scene) -> None:
        pictures = cycle(self._encode(scene))
        with self._lock:
            self._scene = scene
            self._pictures = pictures

    def next_picture(self) -> bytes:
        """The next picture, as JPEG."""
        with self._lock:
            return next(self._pictures)

    def _encode(self, scene: Scene) -> list[bytes]:
        if callable(scene):
            pictures = [scene() for _ in range(VARIANTS)]
        elif len(scene) == 0:
            raise ValueError("a scene has at least one picture")
        else:
            each = max(1, VARIANTS // len(scene))
            pictures = [self._jitter(picture) if each > 1 else picture for picture in scene for _ in range(each)]
        return [_jpeg(picture) for picture in pictures]

    def _jitter(self, picture: Picture) -> Picture:
        """Move and light it a little, as a camera and a person standing still do."""
        x, y = self._rng.uniform(-1.2, 1.2, 2)
        move = np.array([[1, 0, x], [0, 1, y]], dtype=np.float64)
        height, width = picture.shape[:2]
        moved = cv2.warpAffine(picture, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
        lit = cv2.convertScaleAbs(moved, alpha=float(self._rng.uniform(0.985, 1.015)))
        return np.asarray(lit, dtype=np.uint8)


class FolderCameraSimulator:
    """A camera that shows a scene until it is given another.

    Args:
        folder: where its own folder is made.
        name: of its folder.
        fps: pictures a second.
        seed: of the jitter and the faults.
    """

    driver = "camera/folder"

    def __init__(self, folder: Path, name: str, fps: float = 12, *, seed: int = 0) -> None:
        self._path = folder / name
        self._fps = fps
        self._reel = Reel(seed)
        self._random = random.Random(seed)
        self._lock = threading.Lock()  # guards what follows
        self._spoil: Garble | None = None
        self._silent_until = 0.0
        self._number = 0
        self._unplugged = threading.Event()
        self._thread: threading.Thread | None = None
        self._plug = threading.RLock()
        self.replug()

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys a site file needs to reach it."""
        return {"path": str(self._path), "fps": self._fps}

    @property
    def scene(self) -> Scene:
        """What it sees: BGR pictures that are shown in turn with a little jitter, or a function that gives one.

        A function is called eight times when the scene is set, not once a picture.
        """
        return self._reel.scene

    @scene.setter
    def scene(self, scene: Scene) -> None:
        self._reel.scene = scene

    def unplug(self) -> None:
        """Stop, and take the folder away."""
        with self._plug:
            self._unplugged.set()
            if self._thread is not None:
                self._thread.join()
                self._thread = None
            shutil.rmtree(self._path, ignore_errors=True)

    def replug(self) -> None:
        """Make the folder again, and go on."""
        with self._plug:
            if self._thread is not None:
                return
            self._path.mkdir(parents=True, exist_ok=True)
            with self._lock:
                self._spoil = None
                self._silent_until = 0.0
            self._unplugged = threading.Event()
            self._thread = threading.Thread(target=self._run, name=f"simulated {self.driver}", daemon=True)
            self._thread.start()

    def garble(self, how: Garble) -> None:
        """Spoil the next picture. SPLIT only writes it slowly, which a reader does not notice."""
        with self._lock:
            self._spoil = how

    def hang(self, seconds: float) -> None:
        """Write nothing for a while."""
        with self._lock:
            self._silent_until = time.monotonic() + seconds

    def close(self) -> None:
        """Stop for good."""
        self.unplug()

    def _run(self) -> None:
        gone = self._unplugged
        due = time.monotonic()
        while not gone.is_set():
            with self._lock:
                silent = time.monotonic() < self._silent_until
                spoil = None
                data = b""
                if not silent:
                    data = self._reel.next_picture()
                    spoil, self._spoil = self._spoil, None
            if not silent:
                self._write(self._spoilt(data, spoil), slowly=spoil is Garble.SPLIT)
            if spoil not in {None, Garble.SPLIT}:
                gone.wait(_STUMBLE_S)  # or the next picture would hide the spoilt one from a slow reader
            due = max(due + 1 / self._fps, time.monotonic())
            gone.wait(due - time.monotonic())

    def _write(self, data: bytes, *, slowly: bool) -> None:
        fresh = self._path / ".new"
        with fresh.open("wb") as file:
            file.write(data[: len(data) // 2])
            if slowly:
                file.flush()
                self._unplugged.wait(0.05)
            file.write(data[len(data) // 2 :])
        fresh.rename(self._path / f"{self._number:06}.jpg")
        self._number += 1
        (self._path / f"{self._number - 1 - _KEPT:06}.jpg").unlink(missing_ok=True)

    def _spoilt(self, data: bytes, how: Garble | None) -> bytes:
        match how:
            case Garble.GARBAGE:
                return b"\0" + self._random.randbytes(40) + data
            case Garble.TRUNCATED:
                return data[: len(data) // 2]
            case Garble.CHECKSUM:
                return data[:1] + bytes((data[1] ^ 0x55,)) + data[2:]  # the mark that says it is a JPEG
            case _:
                return data


def _jpeg(picture: Picture) -> bytes:
    good, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
    if not good:
        raise ValueError(f"a picture of shape {picture.shape} cannot be encoded")
    return bytes(data)
