"""Setting a USB camera up, and reading back what became of it: V4L2 takes a value and keeps another without a word."""

from dataclasses import dataclass
from typing import Protocol

import cv2

# V4L2's own values of V4L2_CID_EXPOSURE_AUTO, which OpenCV passes on
_EXPOSURE_MANUAL = 1.0
_EXPOSURE_AUTOMATIC = 3.0


class Settable(Protocol):
    """As much of `cv2.VideoCapture` as setting up needs."""

    def set(self, propId: int, value: float) -> bool:  # noqa: N803  OpenCV's own name
        """Set a property; True says little."""
        ...

    def get(self, propId: int) -> float:  # noqa: N803  the same
        """Read a property back; 0 or -1 where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a camera has to deliver.

    Attributes:
        size: width and height, in pixels.
        fps: pictures a second.
        fourcc: form in which pictures come over the bus, e.g. `MJPG`.
        focus: V4L2's number; None leaves it to the camera.
        exposure: in units of 100 µs; None leaves it to the camera.
    """

    size: tuple[int, int]
    fps: float
    fourcc: str
    focus: int | None = None
    exposure: int | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that was set. `essential` says that the camera is of no use without it."""

    name: str
    wanted: str
    got: str
    essential: bool

    @property
    def kept(self) -> bool:
        """Whether the camera took it."""
        return self.wanted == self.got


def set_up(camera: Settable, wanted: Wanted) -> tuple[Setting, ...]:
    """Set everything in the order in which it depends on each other, then read everything back.

    Returns:
        What was asked for and what came of it; whoever asked decides.
    """
    camera.set(cv2.CAP_PROP_FOURCC, float(cv2.VideoWriter.fourcc(*wanted.fourcc)))  # decides which sizes there are
    camera.set(cv2.CAP_PROP_FRAME_WIDTH, float(wanted.size[0]))
    camera.set(cv2.CAP_PROP_FRAME_HEIGHT, float(wanted.size[1]))
    camera.set(cv2.CAP_PROP_FPS, wanted.fps)
    camera.set(cv2.CAP_PROP_BUFFERSIZE, 1.0)
    camera.set(cv2.CAP_PROP_AUTOFOCUS, float(wanted.focus is None))  # before the focus, or it is turned away again
    if wanted.focus is not None:
        camera.set(cv2.CAP_PROP_FOCUS, float(wanted.focus))
    camera.set(cv2.CAP_PROP_AUTO_EXPOSURE, _EXPOSURE_AUTOMATIC if wanted.exposure is None else _EXPOSURE_MANUAL)
    if wanted.exposure is not None:
        camera.set(cv2.CAP_PROP_EXPOSURE, float(wanted.exposure))

    def read(prop: int) -> str:
        return str(round(camera.get(prop)))

    size = f"{read(cv2.CAP_PROP_FRAME_WIDTH)}×{read(cv2.CAP_PROP_FRAME_HEIGHT)}"
    found = [
        Setting("size", f"{wanted.size[0]}×{wanted.size[1]}", size, essential=True),
        Setting("format", wanted.fourcc, _fourcc(camera.get(cv2.CAP_PROP_FOURCC)), essential=False),
        Setting("fps", f"{wanted.fps:g}", f"{camera.get(cv2.CAP_PROP_FPS):g}", essential=False),
    ]
    # what the site file names has a reason: a document camera out of focus reads nothing
    if wanted.focus is not None:
        found.append(Setting("autofocus", "0", read(cv2.CAP_PROP_AUTOFOCUS), essential=True))
        found.append(Setting("focus", str(wanted.focus), read(cv2.CAP_PROP_FOCUS), essential=True))
    if wanted.exposure is not None:
        found.append(Setting("exposure", str(wanted.exposure), read(cv2.CAP_PROP_EXPOSURE), essential=True))
    return tuple(found)


def _fourcc(value: float) -> str:
    code = int(value) if value > 0 else 0
    return code.to_bytes(8, "little")[:4].decode("latin-1").strip("\0 ")
