"""Network cameras that speak RTSP, through OpenCV's FFmpeg, over TCP: a lost packet is late, not a smear on a face."""

import os
import time
from typing import ClassVar, Final
from urllib.parse import quote, urlsplit

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from typing_extensions import override

from drivers.camera import rtsp_wire
from drivers.camera.capture import READ_WITHIN, CaptureCamera
from drivers.camera.picture_health import WatchedOptions
from drivers.contract import Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, DeviceFault, LinkError, NoAnswer, Remedy, WrongDevice
from drivers.kinds import Frame
from drivers.transport.recognise import resembles
from drivers.transport.tcp import TcpLine

# FFmpeg measures the rate for two seconds otherwise, which nobody needs; OpenCV has no property for it
os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;tcp|fpsprobesize;0")

KNOCK_WITHIN: Final = 1.5
OPEN_WITHIN: Final = 4.0
LATE_S: Final = 0.25
"""Pictures that are later than the promptest one by more than this are skipped."""
_MOST_SKIPPED: Final = 100
_WAITED_S: Final = 0.02
"""A picture that takes longer had not come yet; decoding one takes less."""


class RtspOptions(WatchedOptions):
    """Which stream of which camera.

    Attributes:
        url: `rtsp://address/path` as the camera's manual has it, without name and password.
        user: name, empty where none is wanted.
        password: to it.
    """

    url: str = Field(pattern=r"^rtsp://[^\s@/]+(/\S*)?$")
    user: str = ""
    password: str = Field(default="", repr=False)


class RtspCamera(CaptureCamera):
    """A network camera. A slow reader misses pictures; it never lags."""

    key: ClassVar[str] = "camera/rtsp"
    kind: ClassVar[Kind] = Kind.CAMERA
    options: ClassVar[type[Options]] = RtspOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "a server of ours (RFC 2326, RFC 2435) that OpenCV's FFmpeg understands"),
    )

    def __init__(self, options: RtspOptions) -> None:
        self._url = options.url
        where = urlsplit(options.url)
        self._knock_at = TcpLine(where.hostname or "", where.port or 554)
        who = f"{quote(options.user, safe='')}:{quote(options.password, safe='')}@" if options.user else ""
        self._full = f"rtsp://{who}{options.url.removeprefix('rtsp://')}"
        self._promptest = float("inf")
        super().__init__(options.url, options)

    @override
    def open(self) -> Identity:
        """See who answers, then have FFmpeg open the stream.

        Raises:
            WrongDevice: what answers does not speak RTSP.
            DeviceFault: `no_stream`: it speaks RTSP and does not deliver: path, name or password is wrong.
        """
        self._closing.clear()
        server = self._knock()
        capture = cv2.VideoCapture(
            self._full,
            cv2.CAP_FFMPEG,
            [
                int(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC),
                round(OPEN_WITHIN * 1000),
                int(cv2.CAP_PROP_READ_TIMEOUT_MSEC),
                round(READ_WITHIN * 1000),
                int(cv2.CAP_PROP_N_THREADS),
                1,
            ],
        )
        if not capture.isOpened():
            capture.release()
            self._knock()  # if it has gone meanwhile, that is the error
            raise DeviceFault("no_stream", f"{self._where} delivers nothing", remedy=Remedy.TECHNICIAN)
        self._promptest = float("inf")
        self._hold(capture)
        self._drain(capture)
        return Identity(model=server)

    @override
    def probe(self) -> None:
        """Ask whether anybody answers there; a picture would be taken away from whoever reads.

        Raises:
            LinkError: the camera is closed.
            DriverError: nobody does.
        """
        if self._capture is None:
            raise LinkError(f"{self._where} is closed")
        self._knock()

    @override
    def close(self) -> None:
        self._closing.set()
        self._knock_at.close()
        super().close()

    def read(self) -> Frame:
        """Wait for the next picture; FFmpeg gives up after 2 s.

        Raises:
            NoAnswer: none came.
            LinkError: the camera has gone.
            DeviceFault: `frozen` or `black`.
        """
        began = time.monotonic()
        image = self._next_image()
        if image is None:
            # FFmpeg says only that there is none: whoever hangs up does so before the time is over
            if self._closing.is_set() or time.monotonic() - began < READ_WITHIN * 0.9:
                raise LinkError(f"{self._where} has gone")
            raise NoAnswer(f"{self._where}: no picture")
        return self._deliver(image, time.monotonic())

    @override
    def _advance(self, capture: cv2.VideoCapture) -> tuple[bool, NDArray[np.generic] | None]:
        for _ in range(_MOST_SKIPPED):
            if not capture.grab():
                return False, None
            # how long after its own time it came; the least of these is the time that the way takes
            late = time.monotonic() - capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            self._promptest = min(self._promptest, late)
            if late - self._promptest <= LATE_S:
                break
        return capture.retrieve()

    def _drain(self, capture: cv2.VideoCapture) -> None:
        """Throw away what FFmpeg collected while it looked what kind of stream it is, which is old by now."""
        for _ in range(_MOST_SKIPPED):
            began = time.monotonic()
            if not capture.grab() or time.monotonic() - began > _WAITED_S:
                return

    def _knock(self) -> str:
        """Ask OPTIONS on a connection of its own, and return the name of the server."""
        deadline = time.monotonic() + KNOCK_WITHIN
        try:
            self._knock_at.open(deadline)
            self._knock_at.write(rtsp_wire.options(self._url), deadline)
            _, server = self._knock_at.read_frame(rtsp_wire.find_answer, deadline)
        except BadFrame as error:
            if not resembles(error.frame, rtsp_wire.HEADER):
                raise WrongDevice(f"{self._where}: what answers does not speak RTSP") from error
            raise
        finally:
            self._knock_at.close()
        return server
