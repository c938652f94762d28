"""What all cameras have in common: their pictures are counted, and watched for a camera that is dead."""

import numpy as np
from numpy.typing import NDArray

from drivers.camera.picture_health import PictureHealth, WatchedOptions, look
from drivers.contract import Driver
from drivers.kinds import Frame


class WatchedCamera(Driver):
    """A camera whose pictures pass through `_deliver`."""

    def __init__(self, options: WatchedOptions) -> None:
        self._health = PictureHealth(options.frozen_seconds, black_is_fault=options.black_is_fault)
        self._count = 0

    def _begin(self) -> None:
        """Count and watch anew: the camera was opened."""
        self._count = 0
        self._health.forget()

    def _deliver(self, image: NDArray[np.uint8], taken: float) -> Frame:
        """Make a frame of a picture.

        Raises:
            DeviceFault: `frozen` or `black`.
        """
        frame = Frame(image, self._count, taken)
        self._count += 1
        self._health.judge(look(image), taken)
        return frame
