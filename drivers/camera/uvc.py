"""USB cameras (UVC), through V4L2."""

import time
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from typing_extensions import override

from drivers.camera.capture import CaptureCamera
from drivers.contract import Identity, Kind, Options, Proof
from drivers.errors import DeviceFault, LinkError, NoAnswer, NotPresent, Remedy, WrongDevice
from drivers.kinds import Frame


class UvcOptions(Options):
    """Which camera, and how it has to deliver.

    Attributes:
        device: index, or a path; `/dev/v4l/by-path/…` stays with the socket.
        width: pixels.
        height: pixels.
        fps: pictures a second.
    """

    device: int | str = 0
    width: int = Field(default=1280, ge=160, le=7680)
    height: int = Field(default=720, ge=120, le=4320)
    fps: float = Field(default=30, gt=0, le=240)


class UvcCamera(CaptureCamera):
    """A USB camera that delivers MJPEG, because two uncompressed cameras do not fit one USB 2 bus."""

    key: ClassVar[str] = "camera/uvc"
    kind: ClassVar[Kind] = Kind.CAMERA
    options: ClassVar[type[Options]] = UvcOptions
    proven_on: ClassVar[tuple[Proof, ...]] = ()

    def __init__(self, options: UvcOptions) -> None:
        self._device = Path(f"/dev/video{options.device}" if isinstance(options.device, int) else options.device)
        self._wanted = (options.width, options.height)
        self._fps = options.fps
        super().__init__(str(self._device))

    @override
    def open(self) -> Identity:
        """Open it, set the mode, and read the mode back.

        Raises:
            NotPresent: it is not there, or another program holds it.
            WrongDevice: it is no video device.
            DeviceFault: `mode_not_supported`: it delivers another size of picture.
        """
        if not self._device.exists():
            raise NotPresent(f"{self._where} does not exist")
        node = self._device.resolve()
        about = Path("/sys/class/video4linux") / node.name
        if not about.exists():
            raise WrongDevice(f"{self._where} is no video device")
        capture = cv2.VideoCapture(str(node), cv2.CAP_V4L2)
        if not capture.isOpened():
            capture.release()
            raise NotPresent(f"{self._where} cannot be opened: another program may hold it")
        # the format first: it decides which sizes there are
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._wanted[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._wanted[1])
        capture.set(cv2.CAP_PROP_FPS, self._fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        got = (int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)))
        if got != self._wanted:
            capture.release()
            raise DeviceFault(
                "mode_not_supported",
                f"{self._where} delivers {got[0]}×{got[1]}, not {self._wanted[0]}×{self._wanted[1]}",
                remedy=Remedy.TECHNICIAN,
            )
        self._hold(capture)
        usb = (about / "device").resolve().parent
        return Identity(
            maker=_read(usb / "manufacturer"),
            model=_read(about / "name"),
            serial=_read(usb / "serial"),
            firmware=_read(usb / "bcdDevice"),
        )

    @override
    def probe(self) -> None:
        """Look whether it is still there; a picture would be taken away from whoever reads.

        Raises:
            LinkError: it has gone.
        """
        if self._capture is None or not self._device.exists():
            raise LinkError(f"{self._where} has gone")

    def read(self) -> Frame:
        """Wait for the next picture; V4L2 gives up after 2 s.

        Raises:
            NoAnswer: none came.
            LinkError: the camera has gone.
        """
        image = self._next_image()
        if image is None:
            if not self._device.exists():
                raise LinkError(f"{self._where} has gone")
            raise NoAnswer(f"{self._where}: no picture")
        frame = Frame(image, self._count, time.monotonic())
        self._count += 1
        return frame

    @override
    def _advance(self, capture: cv2.VideoCapture) -> tuple[bool, NDArray[np.generic] | None]:
        return capture.read()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
