"""Raw 16-bit pictures: of a V4L2 camera, or of a folder into which anybody may write them."""

import os
import re
import threading
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Final

import cv2

from drivers.errors import LinkError, NoAnswer, NotPresent, WrongDevice

_NUMBERED: Final = re.compile(r"(\d{1,12})\.y16", re.ASCII)
_LOOK_EVERY_S: Final = 0.02

# V4L2 waits ten seconds for a picture otherwise; OpenCV has no property for it, and reads this once
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")


class Y16Source(ABC):
    """Delivers raw pictures. Used by one thread; only `close` may be called from another.

    Attributes:
        address: where they come from, for error texts.
    """

    address: str

    @abstractmethod
    def open(self) -> None:
        """Connect.

        Raises:
            NotPresent: nothing is there.
            WrongDevice: something else is.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go. Twice is safe; from another thread it ends a waiting call with `LinkError`."""

    @abstractmethod
    def next_picture(self, deadline: float) -> bytes:
        """Wait for the next picture: its words row by row, low byte first.

        Args:
            deadline: moment of `time.monotonic()`.

        Raises:
            NoAnswer: none came in time.
            LinkError: the source is closed, or has gone.
        """


class Y16Folder(Y16Source):
    """A folder of numbered files, `000123.y16`, the newest first; those that were there before `open` do not count.

    The writer makes a file under another name and renames it, so that it is whole when it appears.

    Args:
        path: of the folder.
    """

    def __init__(self, path: str) -> None:
        self.address = path
        self._folder = Path(path)
        self._closed = threading.Event()
        self._closed.set()
        self._seen = -1

    def open(self) -> None:
        """Look at the folder. See `Y16Source.open`."""
        names = self._names(NotPresent)
        if names and not any(_NUMBERED.fullmatch(name) for name in names):
            raise WrongDevice(f"{self.address} holds no numbered pictures")
        self._seen = _newest(names)
        self._closed.clear()

    def close(self) -> None:
        """Let go."""
        self._closed.set()

    def next_picture(self, deadline: float) -> bytes:
        """Wait for a file that is newer than the last. See `Y16Source.next_picture`."""
        while True:
            if self._closed.is_set():
                raise LinkError(f"{self.address} is closed")
            newest = _newest(self._names(LinkError))
            if newest < self._seen:
                self._seen = -1  # the writer began anew
            if newest > self._seen:
                self._seen = newest
                try:
                    return (self._folder / f"{newest:06}.y16").read_bytes()
                except OSError as error:
                    raise LinkError(f"{self.address}: {error.strerror}") from error
            if time.monotonic() >= deadline:
                raise NoAnswer(f"{self.address}: no new picture")
            self._closed.wait(_LOOK_EVERY_S)

    def _names(self, gone: type[NotPresent | LinkError]) -> list[str]:
        try:
            return [path.name for path in self._folder.iterdir() if not path.name.startswith(".")]
        except OSError as error:
            raise gone(f"{self.address}: {error.strerror}") from error


def _newest(names: list[str]) -> int:
    numbers = (_NUMBERED.fullmatch(name) for name in names)
    return max((int(number[1]) for number in numbers if number is not None), default=-1)


class Y16Device(Y16Source):
    """A camera behind V4L2 that offers the format `Y16 `.

    Args:
        device: index, or a path.
        width: columns of a picture.
        height: rows of a picture, those with telemetry counted.
    """

    def __init__(self, device: int | str, width: int, height: int) -> None:
        self._device = Path(f"/dev/video{device}" if isinstance(device, int) else device)
        self.address = str(self._device)
        self._size = (width, height)
        self._capture: cv2.VideoCapture | None = None
        self._reading = threading.Lock()
        self._closing = threading.Event()

    def open(self) -> None:
        """Set the format and read it back. See `Y16Source.open`."""
        if not self._device.exists():
            raise NotPresent(f"{self.address} does not exist")
        capture = cv2.VideoCapture(str(self._device.resolve()), cv2.CAP_V4L2)
        if not capture.isOpened():
            capture.release()
            raise NotPresent(f"{self.address} cannot be opened: no camera, or another program holds it")
        # the order matters: the format decides which sizes there are, and a picture must not be converted
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"Y16 "))
        capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        got = (int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)))
        if got != self._size or int(capture.get(cv2.CAP_PROP_FOURCC)) != cv2.VideoWriter.fourcc(*"Y16 "):
            capture.release()
            raise WrongDevice(f"{self.address} offers no raw pictures of {self._size[0]}×{self._size[1]}")
        with self._reading:
            self._capture = capture
            self._closing.clear()

    def close(self) -> None:
        """Let go, at the latest when the picture that is being read has come: OpenCV allows no sooner."""
        self._closing.set()
        with self._reading:
            if self._capture is not None:
                self._capture.release()
            self._capture = None

    def next_picture(self, deadline: float) -> bytes:
        """Wait for a picture; V4L2 gives up after 2 s. See `Y16Source.next_picture`."""
        with self._reading:
            if self._capture is None or self._closing.is_set() or not self._device.exists():
                raise LinkError(f"{self.address} is closed or has gone")
            good, image = self._capture.read()
        if not good or time.monotonic() > deadline:
            raise NoAnswer(f"{self.address}: no picture")
        return image.tobytes()
