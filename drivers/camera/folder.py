"""A folder of numbered JPEGs as a camera: whatever can write files can be a camera, and a test needs no kernel driver.

The writer makes `000123.jpg` under another name and renames it, so that a picture is whole when it appears.
"""

import re
import threading
import time
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
from pydantic import Field
from typing_extensions import override

from drivers.camera.picture_health import WatchedOptions
from drivers.camera.watched import WatchedCamera
from drivers.contract import Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, LinkError, NoAnswer, NotPresent, WrongDevice
from drivers.kinds import Frame

READ_WITHIN = 2.0
_NUMBERED = re.compile(r"(\d{1,12})\.jpg", re.ASCII)


class FolderOptions(WatchedOptions):
    """Where the pictures appear.

    Attributes:
        path: of the folder.
        fps: how many pictures a second are looked for.
    """

    path: str = Field(min_length=1)
    fps: float = Field(default=15, gt=0, le=60)


class FolderCamera(WatchedCamera):
    """Delivers the newest picture of a folder. Pictures that were there before `open` are not delivered."""

    key: ClassVar[str] = "camera/folder"
    kind: ClassVar[Kind] = Kind.CAMERA
    options: ClassVar[type[Options]] = FolderOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (Proof(ProofLevel.SIMULATOR, "files written by another process"),)

    def __init__(self, options: FolderOptions) -> None:
        super().__init__(options)
        self._folder = Path(options.path)
        self._look_every = 1 / options.fps / 2
        self._closed = threading.Event()
        self._closed.set()
        self._seen = -1  # number of the newest file that was delivered

    @override
    def open(self) -> Identity:
        """Look at the folder.

        Raises:
            NotPresent: it does not exist.
            WrongDevice: there are files in it, and none is a numbered picture.
        """
        try:
            names = [path.name for path in self._folder.iterdir() if not path.name.startswith(".")]
        except OSError as error:
            raise NotPresent(f"{self._folder}: {error.strerror}") from error
        if names and not any(_NUMBERED.fullmatch(name) for name in names):
            raise WrongDevice(f"{self._folder} holds no numbered pictures")
        self._closed.clear()
        self._begin()
        self._seen = self._newest(NotPresent)
        return Identity(model="folder")

    @override
    def probe(self) -> None:
        """Wait until a picture appears, without taking it.

        Raises:
            NoAnswer: none did within 2 s.
            LinkError: the folder has gone.
        """
        self._wait(self._newest(LinkError))

    @override
    def close(self) -> None:
        self._closed.set()

    def read(self) -> Frame:
        """Wait for the next picture, at most 2 s.

        Raises:
            NoAnswer: none appeared.
            BadFrame: it is cut short, or no JPEG.
            DeviceFault: `frozen` or `black`.
            LinkError: the folder has gone.
        """
        number = self._wait(self._seen)
        self._seen = number
        taken = time.monotonic()
        try:
            data = (self._folder / f"{number:06}.jpg").read_bytes()
        except OSError as error:
            raise LinkError(f"{self._folder}: {error.strerror}") from error
        # libjpeg fills up what is missing with grey: look for the end of the picture first
        image = None
        if data.startswith(b"\xff\xd8") and data.endswith(b"\xff\xd9"):
            image = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            raise BadFrame("no whole JPEG", data)
        return self._deliver(np.ascontiguousarray(image, dtype=np.uint8), taken)

    def _wait(self, after: int) -> int:
        """Wait for a picture newer than number `after`, and return its number."""
        deadline = time.monotonic() + READ_WITHIN
        while True:
            if self._closed.is_set():
                raise LinkError(f"{self._folder} is closed")
            newest = self._newest(LinkError)
            if newest < after:
                after = -1  # the writer began anew
            if newest > after:
                return newest
            if time.monotonic() >= deadline:
                raise NoAnswer(f"{self._folder}: no new picture")
            self._closed.wait(self._look_every)

    def _newest(self, gone: type[NotPresent | LinkError]) -> int:
        try:
            names = [_NUMBERED.fullmatch(path.name) for path in self._folder.iterdir()]
        except OSError as error:
            raise gone(f"{self._folder}: {error.strerror}") from error
        return max((int(name[1]) for name in names if name is not None), default=-1)
