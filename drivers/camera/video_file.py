"""A film as a camera, shown at its own speed: for demonstrations and for judging what was recorded."""

import time
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from typing_extensions import override

from drivers.camera.capture import READ_WITHIN, CaptureCamera
from drivers.camera.picture_health import WatchedOptions
from drivers.contract import Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import LinkError, NoAnswer, NotPresent, WrongDevice
from drivers.kinds import Frame


class VideoFileOptions(WatchedOptions):
    """Which film.

    Attributes:
        path: of the file.
        loop: whether it begins anew at its end; otherwise the camera then counts as gone.
    """

    path: str = Field(min_length=1)
    loop: bool = True


class VideoFileCamera(CaptureCamera):
    """A film that runs from `open` on; a slow reader misses pictures, as with a camera."""

    key: ClassVar[str] = "camera/video-file"
    kind: ClassVar[Kind] = Kind.CAMERA
    options: ClassVar[type[Options]] = VideoFileOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (Proof(ProofLevel.SIMULATOR, "Motion-JPEG AVI written by OpenCV"),)

    def __init__(self, options: VideoFileOptions) -> None:
        self._path = Path(options.path)
        self._loop = options.loop
        self._gap = 0.0  # seconds from picture to picture
        self._due = 0.0
        super().__init__(options.path, options)

    @override
    def open(self) -> Identity:
        """Open the film.

        Raises:
            NotPresent: there is no such file.
            WrongDevice: it is no film.
        """
        if not self._path.is_file():
            raise NotPresent(f"{self._where} does not exist")
        capture = cv2.VideoCapture(self._where)
        fps = capture.get(cv2.CAP_PROP_FPS) if capture.isOpened() else 0.0
        if not 0.5 <= fps <= 1000:
            capture.release()
            raise WrongDevice(f"{self._where} is no film with a speed")
        self._gap = 1 / fps
        self._due = time.monotonic()
        self._hold(capture)
        return Identity(model="video file")

    @override
    def probe(self) -> None:
        """Look whether the file is still there.

        Raises:
            LinkError: it is not.
        """
        if self._capture is None or not self._path.is_file():
            raise LinkError(f"{self._where} has gone")

    def read(self) -> Frame:
        """Wait until the next picture is due, at most 2 s.

        Raises:
            NoAnswer: it is due later than that.
            LinkError: the film has ended, or was closed.
            DeviceFault: `frozen` or `black`.
        """
        wait = self._due - time.monotonic()
        if self._closing.wait(min(max(wait, 0.0), READ_WITHIN)):
            raise LinkError(f"{self._where} is closed")
        if wait > READ_WITHIN:
            raise NoAnswer(f"{self._where}: the next picture is not due yet")
        image = self._next_image()
        if image is None:
            raise LinkError(f"{self._where} has ended")
        return self._deliver(image, time.monotonic())

    @override
    def _advance(self, capture: cv2.VideoCapture) -> tuple[bool, NDArray[np.generic] | None]:
        late = time.monotonic() - self._due
        for _ in range(min(int(late / self._gap), 100)):
            self._due += self._gap
            if not capture.grab():
                break
        self._due = max(self._due + self._gap, time.monotonic() - self._gap)
        good, image = capture.read()
        if not good and self._loop:
            capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
            good, image = capture.read()
        return good, image
