"""Whether pictures show anything: a camera can deliver punctually and be dead.

Two signs, both of the picture alone: it is black, or it has been the very same for a while. A sensor has noise, so that
two pictures of a resting scene are never equal to the last bit, unless something before us repeats one.
"""

import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from drivers.contract import Options
from drivers.errors import DeviceFault, Remedy

BLACK_MEAN: Final = 8.0
"""Mean brightness, of 255, below which a picture may be black. A dark hall with an exit sign has about 15."""
BLACK_SPREAD: Final = 3.0
"""Standard deviation below which such a picture is black: nothing in it stands out."""
BLACK_S: Final = 2.0
"""For so long, because a camera that is being opened begins black."""
_SAMPLES: Final = 96  # along each side: enough to see it, 30 µs to look at


class WatchedOptions(Options):
    """Keys that every camera takes.

    Attributes:
        frozen_seconds: the same picture for so long is a fault; 0 for cameras that repeat pictures by design.
        black_is_fault: whether a black picture is a fault; off for a camera that may stand in a dark room.
    """

    frozen_seconds: float = Field(default=10.0, ge=0, le=600)
    black_is_fault: bool = True


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture is to this watch. Equal pictures have equal marks."""

    mark: int
    mean: float
    spread: float


def look(image: NDArray[np.uint8]) -> Look:
    """Look at a picture, (height, width, 3) uint8: at one pixel of each cell of a grid."""
    step_y, step_x = (max(1, size // _SAMPLES) for size in image.shape[:2])
    seen = np.ascontiguousarray(image[::step_y, ::step_x])
    return Look(zlib.crc32(seen.tobytes()), float(seen.mean()), float(seen.std()))


class PictureHealth:
    """Judges picture after picture of one camera.

    Args:
        frozen_s: see `WatchedOptions.frozen_seconds`.
        black_is_fault: see there.
    """

    def __init__(self, frozen_s: float, *, black_is_fault: bool) -> None:
        self._frozen_s = frozen_s
        self._black_is_fault = black_is_fault
        self._mark: int | None = None
        self._same_since = 0.0
        self._black_since: float | None = None

    def forget(self) -> None:
        """Begin anew, because the camera was opened anew."""
        self._mark = None
        self._black_since = None

    def judge(self, seen: Look, at: float) -> None:
        """Judge the next picture.

        Args:
            seen: what `look` gave.
            at: when it was taken, monotonic seconds.

        Raises:
            DeviceFault: `frozen` (a technician's matter: opening it anew may help), or `black` (somebody at the hall
                can take the cap off or switch the light on).
        """
        if seen.mark != self._mark:
            self._mark, self._same_since = seen.mark, at
        if seen.mean < BLACK_MEAN and seen.spread < BLACK_SPREAD:
            self._black_since = at if self._black_since is None else self._black_since
            if self._black_is_fault and at - self._black_since >= BLACK_S:
                raise DeviceFault("black", f"black for {at - self._black_since:.0f} s")
        else:
            self._black_since = None
            if self._frozen_s and at - self._same_since >= self._frozen_s:
                raise DeviceFault(
                    "frozen", f"the same picture for {at - self._same_since:.0f} s", remedy=Remedy.TECHNICIAN
                )
