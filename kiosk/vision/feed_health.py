"""Whether video is what a camera sees now: black, frozen, looped, fed in at impossible times.

A sensor has noise, so that no two of its pictures are equal to the last bit. Pictures that come again in the same order
come from a recording. Black and frozen are `drivers.camera.picture_health`'s; this adds what only a longer look shows.

It finds recordings that are repeated bit by bit, as a file that is played in a loop into a virtual camera is. It does
not find a recording that is played once, nor one that is encoded anew, nor a screen before the lens (docs/liveness.md).
"""

import math
from collections import OrderedDict
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from drivers.camera.picture_health import BLACK_SPREAD, PictureHealth, look
from drivers.errors import DeviceFault

REPEATS: Final = 10
"""So many pictures that come again one after the other, in the same order, are a loop."""
REMEMBERED: Final = 3000
"""Pictures: five minutes at ten a second. A loop that is longer is not seen."""
MOST_FPS: Final = 240.0
IMPOSSIBLE: Final = 5
"""So many pictures one after the other at times that no camera gives are a fault."""


class FeedFault(StrEnum):
    """What is wrong with a camera's video."""

    NONE = "none"
    BLACK = "black"
    FROZEN = "frozen"
    LOOPED = "looped"
    BAD_TIMES = "bad_times"
    """Times that do not increase, or faster than cameras are."""
    CHANGED_SIZE = "changed_size"
    """Pictures of another size than before: another source."""
    NO_PICTURE = "no_picture"
    """Not a picture: empty, of another kind of number, not three colours."""


class FeedHealth:
    """Judges picture after picture of one camera. A loop stays a fault until `forget`.

    Args:
        frozen_s: the same picture for so long is a fault; 0 where pictures are repeated by design.
        loop_is_fault: off for the simulated camera, which shows a few pictures in turn.
    """

    def __init__(self, frozen_s: float = 10.0, *, loop_is_fault: bool = True) -> None:
        self._resting = PictureHealth(frozen_s, black_is_fault=True)
        self._loop_is_fault = loop_is_fault
        self.forget()

    def forget(self) -> None:
        """Begin anew, because the camera was opened anew."""
        self._resting.forget()
        self._places: OrderedDict[int, int] = OrderedDict()
        self._count = 0
        self._mark: int | None = None
        self._expected: int | None = None
        self._again = self._hasty = 0
        self._time: float | None = None
        self._size: tuple[int, ...] | None = None
        self._looped = False

    def judge(self, image: NDArray[np.uint8], at: float) -> FeedFault:
        """Judge the next picture.

        Args:
            image: (h, w, 3) uint8.
            at: when it was taken, monotonic seconds.
        """
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
            return FeedFault.NO_PICTURE
        if self._bad_time(at):
            return FeedFault.BAD_TIMES
        if self._size is not None and image.shape != self._size:
            return FeedFault.CHANGED_SIZE
        self._size = image.shape
        seen = look(image)
        # A picture without anything in it, as of a covered lens, may well come again.
        if self._loop_is_fault and seen.spread >= BLACK_SPREAD:
            self._remember(seen.mark)
        if self._looped:
            return FeedFault.LOOPED
        try:
            self._resting.judge(seen, at)
        except DeviceFault as fault:
            return FeedFault.BLACK if fault.fault == "black" else FeedFault.FROZEN
        return FeedFault.NONE

    def _bad_time(self, at: float) -> bool:
        if not math.isfinite(at):
            return True
        hasty = self._time is not None and at - self._time < 1 / MOST_FPS
        back = self._time is not None and at < self._time
        self._hasty = self._hasty + 1 if hasty else 0
        if not back:
            self._time = at
        return back or self._hasty >= IMPOSSIBLE

    def _remember(self, mark: int) -> None:
        """Note a picture; equal ones in a row are one, which is `PictureHealth`'s matter."""
        if mark == self._mark:
            return
        self._mark = mark
        self._count += 1
        before = self._places.pop(mark, None)
        if before is None:
            self._again = 0
        else:
            self._again = self._again + 1 if before == self._expected else 1
            self._looped = self._looped or self._again >= REPEATS
        self._expected = None if before is None else before + 1
        self._places[mark] = self._count
        if len(self._places) > REMEMBERED:
            self._places.popitem(last=False)
