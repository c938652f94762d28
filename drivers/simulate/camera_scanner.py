"""A camera before which codes are held: pictures in a folder, with codes that segno made."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

import cv2
import numpy as np
import segno
from numpy.typing import NDArray

from drivers.simulate.contract import Garble
from drivers.simulate.frames import FolderCameraSimulator
from drivers.simulate.scenes import empty_hall

_SIZE: Final = (480, 640)
_SIDE: Final = 300


def picture_of_code(payload: bytes) -> NDArray[np.uint8]:
    """A QR code with its quiet zone, side as it may, uint8."""
    code = segno.make(payload, mode="byte", error="m", micro=False)
    dark = np.array([list(row) for row in code.matrix_iter(border=4)], dtype=np.uint8) == 0
    scale = max(3, _SIDE // dark.shape[0])
    return np.kron(dark.astype(np.uint8) * 255, np.ones((scale, scale), dtype=np.uint8))


class CameraScannerSimulator:
    """A camera of 640×480 that sees an empty hall, or a code that is held before it."""

    driver: ClassVar[str] = "code_scanner/camera"

    def __init__(self, folder: Path, name: str = "code_scanner", *, seed: int = 0) -> None:
        hall = empty_hall(np.random.default_rng(seed))
        self._hall = cv2.resize(hall, (_SIZE[1], _SIZE[0])).astype(np.uint8)
        self._camera = FolderCameraSimulator(folder, name, seed=seed)
        self._camera.scene = (self._hall,)

    @property
    def options(self) -> Mapping[str, Mapping[str, str | int | float | bool]]:
        """The keys of the driver's options."""
        return {"camera": {"driver": self._camera.driver, **self._camera.options}}

    @property
    def light(self) -> bool:
        """It always looks."""
        return True

    def show(self, payload: bytes) -> None:
        """Hold a code before it, until `hide`."""
        code = picture_of_code(payload)
        height, width = (max(size, side) for size, side in zip(_SIZE, code.shape, strict=True))
        picture = cv2.resize(self._hall, (width, height)).astype(np.uint8)
        top, left = (height - code.shape[0]) // 2, (width - code.shape[1]) // 2
        picture[top : top + code.shape[0], left : left + code.shape[1]] = code[:, :, None]
        self._camera.scene = (picture,)

    def hide(self) -> None:
        """Take the code away."""
        self._camera.scene = (self._hall,)

    def unplug(self) -> None:
        """Pull the plug of the camera."""
        self._camera.unplug()

    def replug(self) -> None:
        """Put it back."""
        self._camera.replug()

    def garble(self, how: Garble) -> None:
        """Spoil the next picture."""
        self._camera.garble(how)

    def hang(self, seconds: float) -> None:
        """Deliver nothing for a while."""
        self._camera.hang(seconds)

    def close(self) -> None:
        """Stop for good."""
        self._camera.close()
