"""The empty desk over a restart: what a technician photographed, and what was learned since, in small files.

A copy of 256 pixels a side shows a mat and nothing that could be read. What is stored may be out of date, by a lamp or
by a camera that was turned: `EmptyDesk` gives up what stands in the way.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from kiosk.vision.faces import Image

CALIBRATED: Final = Path("calibration") / "desk.png"
"""What `provisioning calibrate desk` keeps, below the terminal's data folder."""
LEARNED: Final = "empty-desk.png"
"""What was learned, below the same folder."""
WRITE_SECONDS: Final = 600.0
"""Not more often: the light changes slowly."""
_LEAST, _MOST = 16, 4000


class KeptDesk:
    """Where the empty desk is kept. One thread.

    Args:
        folder: the terminal's data folder.
        now: seconds, monotonic.
    """

    def __init__(self, folder: Path, now: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._now = folder, now
        self._written: float | None = None

    def read(self) -> Image | None:
        """The newer of both pictures, BGR; None where there is none that can be read."""
        found = [file for file in (self._folder / CALIBRATED, self._folder / LEARNED) if file.is_file()]
        for file in sorted(found, key=lambda file: file.stat().st_mtime, reverse=True):
            picture = cv2.imread(str(file), cv2.IMREAD_COLOR)
            if picture is not None and min(picture.shape[:2]) >= _LEAST and max(picture.shape[:2]) <= _MOST:
                return np.asarray(picture, np.uint8)
        return None

    def learned(self, small: Image) -> None:
        """Keep what was learned, now and then. A disk that takes nothing is no reason to stop."""
        if self._written is not None and self._now() - self._written < WRITE_SECONDS:
            return
        self._written = self._now()
        good, png = cv2.imencode(".png", small)
        if not good:
            return
        fresh = self._folder / f".{LEARNED}.{os.getpid()}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(png.tobytes())
            fresh.replace(self._folder / LEARNED)
        except OSError:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)

    def given_up(self) -> None:
        """What was learned is not so any more."""
        self._written = None
        with suppress(OSError):
            (self._folder / LEARNED).unlink(missing_ok=True)
