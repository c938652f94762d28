"""Network cameras that send Motion-JPEG over HTTP: a multipart stream, as most makes have it beside RTSP."""

import time
from typing import ClassVar, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from typing_extensions import override

from drivers.camera.picture_health import WatchedOptions
from drivers.camera.watched import WatchedCamera
from drivers.contract import Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, DeviceFault, LinkError, NoAnswer, Remedy, WrongDevice
from drivers.kinds import Frame
from drivers.transport.http import HttpDevice
from drivers.transport.http_wire import Part, boundary_of, split_parts
from drivers.transport.recognise import resembles

READ_WITHIN: Final = 2.0
OPEN_WITHIN: Final = 5.0
_CATCH_UP_S: Final = 0.5
"""Longest that pictures which came meanwhile are skipped."""


class MjpegHttpOptions(WatchedOptions):
    """Where the camera is.

    Attributes:
        host: address, or name in the hall's network.
        port: TCP port.
        path: of the stream; see the camera's manual.
        user: name, empty where none is wanted.
        password: to it.
    """

    host: str = Field(min_length=1)
    port: int = Field(default=80, ge=1, le=65535)
    path: str = Field(default="/video.mjpg", pattern=r"^/\S*$")
    user: str = ""
    password: str = Field(default="", repr=False)


class MjpegHttpCamera(WatchedCamera):
    """A network camera. Pictures that a slow reader missed are skipped, not decoded."""

    key: ClassVar[str] = "camera/mjpeg-http"
    kind: ClassVar[Kind] = Kind.CAMERA
    options: ClassVar[type[Options]] = MjpegHttpOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "RFC 7616 vectors; a server that curl and OpenCV's FFmpeg read as well"),
    )

    def __init__(self, options: MjpegHttpOptions) -> None:
        super().__init__(options)
        self._path = options.path
        self._device = HttpDevice(options.host, options.port, (options.user, options.password))
        self._boundary = b""
        self._rest = b""
        self._part: Part | None = None

    @override
    def open(self) -> Identity:
        """Ask for the stream, and wait for its first picture.

        Raises:
            WrongDevice: a web server answers that has no stream there.
            DeviceFault: `not_authorised`, or `http_…` with the number of the answer.
        """
        self._device.open()
        deadline = time.monotonic() + OPEN_WITHIN
        try:
            head = self._device.begin(self._path, deadline)
        except BadFrame as error:
            if not resembles(error.frame, b"HTTP"):
                raise WrongDevice(f"{self._device.address}: what answers is no web server") from error
            raise
        boundary = boundary_of(head.headers)
        if head.status in {200, 404} and (boundary is None or head.status == 404):
            self._device.close()
            raise WrongDevice(f"{self._device.address}{self._path} is no Motion-JPEG stream")
        if head.status != 200 or boundary is None:
            self._device.close()
            raise DeviceFault(f"http_{head.status}", self._device.address, remedy=Remedy.TECHNICIAN)
        self._boundary, self._rest, self._part = boundary, b"", None
        self._begin()
        self._wait(deadline)
        return Identity(model=head.headers.get("server", ""))

    @override
    def probe(self) -> None:
        """Wait until a picture has come, without taking it.

        Raises:
            NoAnswer: none did within 2 s.
            LinkError: the camera has gone.
        """
        self._wait(time.monotonic() + READ_WITHIN)

    @override
    def close(self) -> None:
        self._device.close()

    def read(self) -> Frame:
        """Wait for the next picture, at most 2 s.

        Raises:
            NoAnswer: none came.
            BadFrame: it is cut short, or no JPEG.
            LinkError: the camera has gone.
            DeviceFault: `frozen` or `black`.
        """
        deadline = time.monotonic() + READ_WITHIN
        self._wait(deadline)
        self._skip(min(deadline, time.monotonic() + _CATCH_UP_S))
        part, self._part = self._part, None
        data = part.body if part is not None else b""
        image = _decoded(data)
        if image is None:
            raise BadFrame("no whole JPEG", data)
        return self._deliver(image, time.monotonic())

    def _wait(self, deadline: float) -> None:
        """Wait for a picture that was not read yet.

        Raises:
            LinkError: the camera is closed, or has gone.
        """
        if not self._device.is_open:
            raise LinkError(f"{self._device.address} is closed")
        while self._part is None:
            self._take(deadline)

    def _skip(self, deadline: float) -> None:
        """Go on to the newest of what has come meanwhile."""
        while time.monotonic() < deadline:
            try:
                self._take(0.0)
            except NoAnswer:
                return

    def _take(self, deadline: float) -> None:
        self._rest += self._device.more(deadline)
        try:
            parts, self._rest = split_parts(self._rest, self._boundary)
        except BadFrame:
            self._rest = b""
            raise
        if parts:
            self._part = parts[-1]


def _decoded(data: bytes) -> NDArray[np.uint8] | None:
    # libjpeg fills up what is missing with grey: look for both ends of the picture first
    if not (data.startswith(b"\xff\xd8") and data.rstrip(b"\r\n\0").endswith(b"\xff\xd9")):
        return None
    image = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    return None if image is None else np.ascontiguousarray(image, dtype=np.uint8)
