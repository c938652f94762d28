"""V4L2's virtual camera (vivid) and the kernel's UVC driver, and our cameras, thermal too, on the same pictures."""

import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from kernel_side import (
    PATIENCE_S,
    Judge,
    exported,
    first,
    format_of,
    load,
    plug_in,
    pull_out,
    set_control,
    set_format,
    unload,
    wait_for,
)
from numpy.typing import NDArray
from usbip.classes.device.uvc import UVC, YUY2_GUID, VideoStreaming
from usbip.core import SPEED_HIGH
from usbip.device import USBDevice

from drivers.camera.uvc import UvcCamera, UvcOptions
from drivers.errors import DeviceFault, DriverError, LinkError, NotPresent, WrongDevice
from drivers.simulate.lepton import LeptonSimulator
from drivers.thermometer.lepton_frames import COLUMNS, ROWS, TELEMETRY_ROWS
from drivers.thermometer.lepton_y16 import LeptonOptions, LeptonY16
from drivers.transport.y16 import Y16Device

BARS: Final = (
    (191, 191, 191),
    (0, 191, 191),
    (191, 191, 0),
    (0, 191, 0),
    (191, 0, 191),
    (0, 0, 191),
    (191, 0, 0),
    (0, 0, 0),
)
"""75 % colour bars, BGR: white, yellow, cyan, green, magenta, red, blue, black."""
OFF_BY: Final = 12
"""What YUV with 8 bits and two conversions may change, of 255."""
COLOUR_BARS, BLACK, WHITE = 0, 5, 6
ALL_TEXT, NO_TEXT = 0, 2
CUT_ONLY: Final = "ccs_cap_mode=1,1"
"""Of an HDMI input a piece of any size can be cut; nothing is scaled."""
SIZE: Final = (320, 180)
Y16_GUID: Final = b"Y16 " + YUY2_GUID[4:]
LEPTON_SIZE: Final = (COLUMNS, ROWS + TELEMETRY_ROWS)
VIVID: Final = Path("/sys/bus/platform/drivers/vivid")


def node_of(name: str) -> Path:
    """The node of the camera with this name, as soon as there is one that takes pictures."""

    def look() -> Path | None:
        about = first("/sys/class/video4linux", "video*", lambda path: name in (path / "name").read_text())
        node = Path("/dev") / about.name if about is not None else None
        return node if node is not None and node.exists() else None

    return wait_for(look, f"a camera called {name} appearing")


def bars_in(image: NDArray[np.uint8]) -> list[list[int]]:
    """The colour in the middle of each of eight bars, far below what vivid writes at the top."""
    height, width = image.shape[:2]
    row = image[height * 7 // 8]
    return [[int(c) for c in row[(2 * bar + 1) * width // 16]] for bar in range(8)]


def read_until_fault(camera: UvcCamera) -> None:
    """Read until the driver says what is wrong with the pictures."""
    for _ in range(2000):
        camera.read()


def read_until_gone(camera: UvcCamera) -> None:
    """Read until the driver says that the camera has gone; a picture that did not come in between is no news."""
    for _ in range(2000):
        try:
            camera.read()
        except LinkError:
            raise
        except DriverError:
            continue


def camera_vivid(kernel: Path, judge: Judge) -> None:
    """Compare settings, colours, dead pictures, and a camera that is taken away while it is read."""
    load(kernel, "vivid", "n_devs=1", "node_types=0x1", "num_inputs=1", "input_types=0x0")
    node = node_of("vivid")
    set_format(node, 640, 360, "BGR3")
    chosen = {"device": str(node), "width": SIZE[0], "height": SIZE[1], "format": "YUYV", "fps": 25}
    camera = UvcCamera(UvcOptions.model_validate(chosen))
    identity = camera.open()
    judge.same("name", (Path("/sys/class/video4linux") / node.name / "name").read_text().strip(), identity.model)
    judge.same("size and format as the kernel has them", format_of(node), (*SIZE, "YUYV"))
    frames = [camera.read() for _ in range(3)]
    judge.same("numbers", [0, 1, 2], [frame.number for frame in frames])
    judge.same("shape", (SIZE[1], SIZE[0], 3), frames[-1].image.shape)
    worst = int(np.abs(np.subtract(bars_in(frames[-1].image), BARS)).max())
    judge.near("colour bars, furthest off", 0, worst, OFF_BY)
    camera.probe()

    set_control(node, "OSD Text Mode", NO_TEXT)
    set_control(node, "Test Pattern", BLACK)
    judge.fails("all black", lambda: read_until_fault(camera), DeviceFault, "black")
    set_control(node, "Test Pattern", COLOUR_BARS)
    camera.close()
    camera = UvcCamera(UvcOptions.model_validate({**chosen, "frozen_seconds": 2}))
    camera.open()
    judge.fails("always the same", lambda: read_until_fault(camera), DeviceFault, "frozen")
    set_control(node, "OSD Text Mode", ALL_TEXT)
    camera.close()

    for what, keys in (("a size it has not", {"width": 1000}), ("a focus it has not", {"focus": 30})):
        other = UvcCamera(UvcOptions.model_validate({**chosen, **keys}))
        judge.fails(what, other.open, DeviceFault, "setting_refused")
    offered = UvcCamera(UvcOptions.model_validate({**chosen, "format": "MJPG"}))
    notes = " ".join(offered.open().notes)
    judge.same(
        "a format it has not is noted, with the one it has", True, format_of(node)[2] in notes and "MJPG" in notes
    )
    offered.close()

    camera = UvcCamera(UvcOptions.model_validate(chosen))
    camera.open()
    camera.read()
    unplug = threading.Timer(1, lambda: (VIVID / "unbind").write_text("vivid.0"))
    unplug.start()
    judge.fails("taken away while it is read", lambda: read_until_gone(camera), LinkError)
    unplug.join()
    judge.fails("probed after that", camera.probe, LinkError)
    camera.close()
    judge.fails("opened while it is away", camera.open, NotPresent)
    (VIVID / "bind").write_text("vivid.0")
    node_of("vivid")
    camera.open()
    judge.same("back again", (SIZE[1], SIZE[0], 3), camera.read().image.shape)
    camera.close()
    unload(kernel, "vivid")


def lepton_vivid(kernel: Path, judge: Judge) -> None:
    """Compare 16-bit pictures: vivid puts its grey into the high byte, so that bytes in the wrong order show."""
    load(kernel, "vivid", "n_devs=2", "node_types=0x1,0x1", "num_inputs=1,1", "input_types=0x0,0x3", CUT_ONLY)
    webcam, hdmi = (node_of(name) for name in ("vivid-000", "vivid-001"))
    judge.fails("a camera without that size", LeptonY16(LeptonOptions(device=str(webcam))).open, WrongDevice)

    set_control(hdmi, "OSD Text Mode", NO_TEXT)
    set_control(hdmi, "Test Pattern", WHITE)
    source = Y16Device(str(hdmi), *LEPTON_SIZE)
    source.open()
    judge.same("size and format as the kernel has them", format_of(hdmi), (*LEPTON_SIZE, "Y16 "))
    words = np.frombuffer(source.next_picture(deadline()), dtype="<u2").reshape(LEPTON_SIZE[::-1])
    judge.near("white", 0xFEFF, int(np.median(words)), 0x100)
    source.close()

    set_control(hdmi, "Test Pattern", COLOUR_BARS)
    source.open()
    words = np.frombuffer(source.next_picture(deadline()), dtype="<u2").reshape(LEPTON_SIZE[::-1])
    judge.same("grey is in the high byte only", 0, int((words & 0xFF).max()))
    judge.same("and there is some", True, bool(words.any()))
    source.close()
    judge.fails(
        "pictures of no Lepton", LeptonY16(LeptonOptions(device=str(hdmi))).open, DeviceFault, "not_radiometric"
    )
    unload(kernel, "vivid")


def deadline() -> float:
    """Late enough."""
    return time.monotonic() + PATIENCE_S


@contextmanager
def usb_camera(kernel: Path, camera: UVC, serial: str) -> Iterator[tuple[int, Path]]:
    """Plug a USB camera in; gives the TCP port of its server and its folder in sysfs."""
    load(kernel, "vhci-hcd")
    load(kernel, "uvcvideo")
    device = USBDevice(0x1209, 0x0003, manufacturer="invented", product="invented camera", serial=serial)
    device.set_speed(SPEED_HIGH)
    device.add(camera)
    with exported(device) as server:
        port, place = plug_in(server)
        try:
            yield port, place
        finally:
            with contextlib.suppress(OSError):  # it has been pulled out already
                pull_out(port)
            wait_for(lambda: not place.exists() or None, "the kernel seeing it pulled out")


def camera_usb(kernel: Path, judge: Judge) -> None:
    """Compare a USB camera that sends MJPEG, bound by its socket, and pulled out while it is read."""
    encoded: list[bytes] = []
    picture = np.zeros((120, 160, 3), np.uint8)
    for bar, colour in enumerate(BARS):
        picture[:, bar * 20 : bar * 20 + 20] = colour

    def shot(_: VideoStreaming, form: str, number: int) -> bytes:
        shown = picture.copy()
        shown[:8, : number * 7 % 160] = 255
        encoded.append(cv2.imencode(".jpg", shown)[1].tobytes())
        return encoded[-1] if form == "M" else b""

    with usb_camera(kernel, UVC(160, 120, 10, ("mjpeg",), shot), "C0001") as (port, place):
        node = node_of("invented camera")
        chosen = {
            "width": 160,
            "height": 120,
            "fps": 10,
            "format": "MJPG",
            "device": f"usb:{place.name}/1209:0003/C0001",
        }
        other = UvcCamera(UvcOptions.model_validate({**chosen, "device": f"usb:{place.name}/1209:0004"}))
        judge.fails("another camera in its socket", other.open, WrongDevice)
        camera = UvcCamera(UvcOptions.model_validate(chosen))
        identity = camera.open()
        kernels = tuple((place / name).read_text().strip() for name in ("manufacturer", "serial", "bcdDevice"))
        judge.same("maker, number, firmware", kernels, (identity.maker, identity.serial, identity.firmware))
        judge.same("size and format as the kernel has them", format_of(node), (160, 120, "MJPG"))
        seen = [camera.read().image for _ in range(3)][-1]
        sent = [decoded(one) for one in encoded]
        judge.same("a picture is one that was sent", True, any(np.array_equal(seen, one) for one in sent))
        unplug = threading.Timer(1, pull_out, (port,))
        unplug.start()
        judge.fails("pulled out while it is read", lambda: read_until_gone(camera), LinkError)
        unplug.join()
        camera.close()
        judge.fails("opened while it is out", camera.open, NotPresent)


def decoded(jpeg: bytes) -> NDArray[np.generic]:
    """A picture, decoded by OpenCV without V4L2."""
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError("our own picture cannot be decoded")
    return image


class ThermalStreaming(VideoStreaming):
    """Offers `Y16 ` instead of YUY2."""

    def descriptor_block(self) -> bytes:
        """As ever, with the other format."""
        return super().descriptor_block().replace(YUY2_GUID, Y16_GUID)


def shows(thermometer: LeptonY16, celsius: float) -> bool | None:
    """Whether a temperature has come through."""
    return abs(thermometer.measure().object_c - celsius) < 0.2 or None


def lepton_usb(kernel: Path, judge: Judge) -> None:
    """Compare the temperatures of a thermal camera on USB with those that went into its frames."""
    folder = Path("/tmp/lepton")  # noqa: S108  the machine has nobody else
    lens = LeptonSimulator(folder)

    def shot(_camera: VideoStreaming, _form: str, _number: int) -> bytes:
        return max(folder.glob("*/*.y16")).read_bytes()

    thermal = UVC(*LEPTON_SIZE, 9, source=shot)
    thermal.vs.__class__ = ThermalStreaming
    with usb_camera(kernel, thermal, "T0001") as (port, _):
        node = node_of("invented camera")
        ours = LeptonY16(LeptonOptions(device=str(node)))
        ours.open()
        judge.same("size and format as the kernel has them", format_of(node), (*LEPTON_SIZE, "Y16 "))
        for celsius in (36.5, 38.4):
            lens.object_c = celsius
            wait_for(partial(shows, ours, celsius), f"{celsius} °C")
            judge.near("object, °C", celsius, ours.measure().object_c, 0.2)
        pull_out(port)
        judge.fails("pulled out", lambda: [ours.measure() for _ in range(50)], LinkError)
        ours.close()
    lens.close()
