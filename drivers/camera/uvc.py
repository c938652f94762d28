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
from drivers.camera.picture_health import WatchedOptions
from drivers.camera.uvc_settings import Wanted, set_up
from drivers.contract import Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import DeviceFault, LinkError, NoAnswer, NotPresent, Remedy, WrongDevice
from drivers.kinds import Frame
from drivers.transport.usb_socket import resolve


class UvcOptions(WatchedOptions):
    """Which camera, and how it has to deliver.

    Attributes:
        device: index, a path (`/dev/v4l/by-path/…` stays with the socket), or a USB socket (`usb:1-1.2`).
        width: pixels.
        height: pixels.
        fps: pictures a second.
        format: in which pictures come over the bus; MJPG, because two uncompressed cameras do not fit one USB 2 bus.
        focus: V4L2's number; left out, the camera focuses by itself.
        exposure: in units of 100 µs; left out, the camera chooses.
    """

    device: int | str = 0
    width: int = Field(default=1280, ge=160, le=7680)
    height: int = Field(default=720, ge=120, le=4320)
    fps: float = Field(default=30, gt=0, le=240)
    format: str = Field(default="MJPG", pattern=r"^[A-Z0-9 ]{4}$")
    focus: int | None = Field(default=None, ge=0, le=1000)
    exposure: int | None = Field(default=None, ge=1, le=10000)


class UvcCamera(CaptureCamera):
    """A USB camera."""

    key: ClassVar[str] = "camera/uvc"
    kind: ClassVar[Kind] = Kind.CAMERA
    options: ClassVar[type[Options]] = UvcOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(
            ProofLevel.SIMULATOR,
            "Linux 6.1's vivid (colour bars, settings, dead pictures) and uvcvideo on a virtual USB camera (tests/vm)",
        ),
    )

    def __init__(self, options: UvcOptions) -> None:
        given = f"/dev/video{options.device}" if isinstance(options.device, int) else options.device
        self._device = Path(given)
        self._wanted = Wanted(
            size=(options.width, options.height),
            fps=options.fps,
            fourcc=options.format,
            focus=options.focus,
            exposure=options.exposure,
        )
        super().__init__(given, options)

    @override
    def open(self) -> Identity:
        """Open it, set it up, and read back what became of that.

        Raises:
            NotPresent: it is not there, or another program holds it.
            WrongDevice: it is no video device, or another camera is plugged into the socket.
            DeviceFault: `setting_refused`: it did not take a size, focus or exposure that the site file names.
        """
        self._device = Path(resolve(self._where, "video4linux"))
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
        settings = set_up(capture, self._wanted)
        refused = [one for one in settings if one.essential and not one.kept]
        if refused:
            capture.release()
            names = ", ".join(f"{one.name} {one.got} instead of {one.wanted}" for one in refused)
            raise DeviceFault("setting_refused", f"{self._where} has {names}", remedy=Remedy.TECHNICIAN)
        self._hold(capture)
        usb = (about / "device").resolve().parent
        return Identity(
            maker=_read(usb / "manufacturer"),
            model=_read(about / "name"),
            serial=_read(usb / "serial"),
            firmware=_read(usb / "bcdDevice"),
            notes=tuple(f"{one.name} {one.got} instead of {one.wanted}" for one in settings if not one.kept),
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
            DeviceFault: `frozen` or `black`.
        """
        image = self._next_image()
        if image is None:
            if not self._device.exists():
                raise LinkError(f"{self._where} has gone")
            raise NoAnswer(f"{self._where}: no picture")
        return self._deliver(image, time.monotonic())

    @override
    def _advance(self, capture: cv2.VideoCapture) -> tuple[bool, NDArray[np.generic] | None]:
        return capture.read()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
