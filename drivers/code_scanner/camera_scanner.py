"""A camera as a code scanner, for halls that have none: codes are found in its pictures.

zxing-cpp reads them (`reading`), and hands over bytes: what charset a code was made in is for who asked for it.
"""

import json
import time
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError, model_validator

from drivers.code_scanner.reading import Code, Symbology, codes_in, grey
from drivers.code_scanner.sightings import Linked, TwoFrames
from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame
from drivers.kinds import Camera, Scan
from drivers.registry import driver_class


def middle_code(image: NDArray[np.uint8], symbologies: tuple[Symbology, ...]) -> Code | None:
    """Find the code that is nearest to the middle of a picture.

    Args:
        image: (height, width, 3) uint8 BGR, or (height, width) uint8.
        symbologies: what is looked for.

    Returns:
        None where there is no code, or none that can be read.
    """
    picture = grey(image)
    if picture is None:
        return None
    middle = np.array([picture.shape[1] / 2, picture.shape[0] / 2])

    def distance(code: Code) -> float:
        return float(np.abs(np.mean(code.corners, axis=0) - middle).sum())

    return min(codes_in(picture, symbologies), key=distance, default=None)


class CameraScannerOptions(Options):
    """Which camera, and which codes."""

    camera: dict[str, object] = Field(description='a camera and its options, e.g. { driver = "camera/uvc", index = 0 }')
    symbologies: tuple[Symbology, ...] = Field(default=(Symbology.QR,), min_length=1, description=", ".join(Symbology))

    @model_validator(mode="after")
    def _check_camera(self) -> Self:
        self.make_camera()
        return self

    def make_camera(self) -> Driver:
        """A new driver of the camera.

        Raises:
            ValueError: there is no such camera, or it does not take these options.
        """
        key = self.camera.get("driver")
        if not isinstance(key, str):
            raise ValueError('the camera needs driver = "camera/…"')  # noqa: TRY004  pydantic takes ValueErrors only
        try:
            found = driver_class(key)
        except KeyError as error:
            raise ValueError(error.args[0]) from error
        if found.kind is not Kind.CAMERA:
            raise ValueError(f"{key} is a driver of kind {found.kind}, not camera")
        # as the site file does it: the name of an enumeration's member is taken, and no other wrong type
        given = json.dumps({name: value for name, value in self.camera.items() if name != "driver"}, default=str)
        try:
            return found(found.options.model_validate_json(given, strict=True))
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise ValueError(f"{key}: {wrong}") from error


class CameraScanner(Driver):
    """A camera that looks for codes while it is told to."""

    key: ClassVar[str] = "code_scanner/camera"
    kind: ClassVar[Kind] = Kind.CODE_SCANNER
    options: ClassVar[type[Options]] = CameraScannerOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "codes made by segno, in pictures of camera/folder; read by zxing-cpp"),
    )

    def __init__(self, options: CameraScannerOptions) -> None:
        self._device = options.make_camera()
        self._symbologies = options.symbologies

    def open(self) -> Identity:
        """Open the camera."""
        return self._device.open()

    def probe(self) -> None:
        """Look for a sign of life of the camera."""
        self._device.probe()

    def close(self) -> None:
        """Let go of the camera."""
        self._device.close()

    def scan(self, within: float) -> Scan | None:
        """Look for a code; it counts when two pictures show the same. See `CodeScanner.scan`.

        Of codes that are parts of one message, all must be shown; the message counts.

        Takes up to 2 s longer than `within` when the camera has stopped to deliver.

        Raises:
            BadFrame: not one picture could be decoded.
            DriverError: as `Camera.read`.
        """
        camera: Camera = self._device  # type: ignore[assignment]  # the options let no other kind pass
        deadline = time.monotonic() + within
        seen, linked = TwoFrames(), Linked()
        looked = False
        while not looked or time.monotonic() < deadline:
            try:
                image = camera.read().image
            except BadFrame:
                if not looked and time.monotonic() >= deadline:
                    raise
                continue  # the next picture comes at once
            looked = True
            code = middle_code(image, self._symbologies)
            for known in seen.look(() if code is None else (code,)):
                whole = linked.add(known)
                if whole is not None:
                    return Scan(whole.payload)
        return None
