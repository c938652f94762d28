"""What the cameras have in common that OpenCV reads: one `VideoCapture`, let go of only while nobody reads."""

import os
import threading
from abc import abstractmethod

import cv2
import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from drivers.camera.picture_health import WatchedOptions
from drivers.camera.watched import WatchedCamera
from drivers.errors import LinkError

READ_WITHIN = 2.0

# V4L2 waits ten seconds for a picture otherwise; OpenCV has no property for it, and reads this once
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")


class CaptureCamera(WatchedCamera):
    """A camera that OpenCV reads."""

    def __init__(self, where: str, options: WatchedOptions) -> None:
        super().__init__(options)
        self._where = where
        self._capture: cv2.VideoCapture | None = None
        self._reading = threading.Lock()
        self._closing = threading.Event()

    @override
    def close(self) -> None:
        """Let go, at the latest when the picture that is being read has come: OpenCV allows no sooner."""
        self._closing.set()
        with self._reading:
            if self._capture is not None:
                self._capture.release()
            self._capture = None

    def _hold(self, capture: cv2.VideoCapture) -> None:
        """Begin to read from it."""
        with self._reading:
            self._capture = capture
            self._begin()
            self._closing.clear()

    def _next_image(self) -> NDArray[np.uint8] | None:
        """Read one picture; None when there is none.

        Raises:
            LinkError: the camera is closed.
        """
        with self._reading:
            if self._capture is None or self._closing.is_set():
                raise LinkError(f"{self._where} is closed")
            try:
                good, image = self._advance(self._capture)
            except cv2.error:  # of a picture that came in part, e.g. while the plug was pulled
                return None
            return np.ascontiguousarray(image, dtype=np.uint8) if good and image is not None else None

    @abstractmethod
    def _advance(self, capture: cv2.VideoCapture) -> tuple[bool, NDArray[np.generic] | None]:
        """Go to the next picture and decode it."""
