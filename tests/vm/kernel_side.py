"""What the jobs need of the kernel, without our drivers: modules, V4L2's own calls, USB devices plugged in (vhci)."""

import fcntl
import os
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from usbip import protocol
from usbip.device import USBDevice

from drivers.errors import DriverError
from drivers.simulate.tcp_wire import listen

_T = TypeVar("_T")
PATIENCE_S: Final = 40.0
"""Everything is slow in an emulated machine. Whoever waits so long waits for nothing."""
_VHCI: Final = Path("/sys/devices/platform/vhci_hcd.0")
_G_FMT: Final = 0xC0D05604
_S_FMT: Final = 0xC0D05605
_S_CTRL: Final = 0xC008561C
_QUERYCTRL: Final = 0xC0445624
_NEXT_CTRL: Final = 0x80000000


class CouldNotRun(Exception):
    """This kernel lacks something that the job needs."""


class Disagreement(Exception):
    """The kernel does not do what it should, or not with our driver: the job cannot go on."""


class Judge:
    """Compares, and remembers what was compared. A difference does not keep the rest from being compared.

    Attributes:
        compared: what both see alike.
        differences: what they do not.
    """

    def __init__(self) -> None:
        self.compared: list[str] = []
        self.differences: list[str] = []

    def same(self, what: str, kernel: object, ours: object) -> None:
        """Both should see the same."""
        if kernel == ours:
            self.compared.append(f"{what}: {ours!r}")
        else:
            self.differences.append(f"{what}: the kernel has {kernel!r}, we have {ours!r}")

    def near(self, what: str, kernel: float, ours: float, within: float) -> None:
        """Both should see the same number, as far as its resolution goes."""
        if abs(kernel - ours) <= within:
            self.compared.append(f"{what}: {kernel:.6g} ≈ {ours:.6g}")
        else:
            self.differences.append(f"{what}: the kernel has {kernel}, we have {ours}")

    def fails(self, what: str, call: Callable[[], object], error: type[DriverError], fault: str = "") -> None:
        """The driver should say what is wrong."""
        due = f"{error.__name__} {fault}".strip()
        try:
            call()
        except DriverError as raised:
            self.same(what, due, f"{type(raised).__name__} {getattr(raised, 'fault', '')}".strip())
        except Exception as raised:  # noqa: BLE001  that a driver lets through what it must not is a finding
            self.differences.append(f"{what}: {due} was due, {raised!r} came")
        else:
            self.differences.append(f"{what}: {due} was due, and nothing was raised")


def load(kernel: Path, module: str, *options: str) -> None:
    """Load a module.

    Raises:
        CouldNotRun: this kernel has none of that name.
    """
    done = subprocess.run(["modprobe", "-d", kernel, module, *options], check=False, capture_output=True, text=True)
    if done.returncode:
        raise CouldNotRun(f"{module}: {done.stderr.strip()}")


def unload(kernel: Path, module: str) -> None:
    """Unload a module, as soon as nobody uses it."""
    command = ["modprobe", "-d", str(kernel), "-r", module]
    wait_for(
        lambda: subprocess.run(command, check=False, capture_output=True).returncode == 0 or None, f"{module} leaving"
    )


def wait_for(look: Callable[[], _T | None], what: str) -> _T:
    """Wait until a look finds something.

    Raises:
        Disagreement: it never does.
    """
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = look()
        if found is not None and found is not False:
            return found
        time.sleep(0.05)
    raise Disagreement(f"{what} did not happen within {PATIENCE_S:.0f} s")


def first(folder: str, pattern: str, holds: Callable[[Path], bool] = lambda _: True) -> Path | None:
    """The first file of a pattern of which something holds."""
    return next((path for path in sorted(Path(folder).glob(pattern)) if holds(path)), None)


# ---------------------------------------------------------------------------------------------------------------
# V4L2 (linux/videodev2.h), without OpenCV


def format_of(node: Path) -> tuple[int, int, str]:
    """Width, height and format that a camera is set to."""
    fd = os.open(node, os.O_RDWR)
    try:
        about = fcntl.ioctl(fd, _G_FMT, struct.pack("=I204x", 1))
    finally:
        os.close(fd)
    width, height, code = struct.unpack_from("=II4s", about, 8)
    return width, height, code.decode("ascii")


def set_format(node: Path, width: int, height: int, fourcc: str) -> None:
    """Set a camera to something else than whoever comes next wants."""
    fd = os.open(node, os.O_RDWR)
    try:
        fcntl.ioctl(fd, _S_FMT, struct.pack("=I4xII4sI184x", 1, width, height, fourcc.encode("ascii"), 1))
    finally:
        os.close(fd)


def set_control(node: Path, name: str, value: int) -> None:
    """Set one of a camera's controls, by its name."""
    fd = os.open(node, os.O_RDWR)
    try:
        number = _NEXT_CTRL
        while True:
            about = fcntl.ioctl(fd, _QUERYCTRL, struct.pack("=I64x", number))
            found, called = struct.unpack_from("=I4x32s", about)
            if called.split(b"\0", 1)[0].decode("ascii") == name:
                fcntl.ioctl(fd, _S_CTRL, struct.pack("=Ii", found, value))
                return
            number = found | _NEXT_CTRL
    except OSError as error:
        raise CouldNotRun(f"{node} has no control {name!r}: {error}") from error
    finally:
        os.close(fd)


# ---------------------------------------------------------------------------------------------------------------
# USB over vhci (Documentation/usb/usbip_protocol.rst; what `usbip attach` does)


@contextmanager
def exported(device: USBDevice, bus_id: str = "1-1") -> Iterator[int]:
    """Export a device of the usbip package; gives the TCP port of its server. For one connection at a time."""
    device.set_busid(bus_id)
    listener = listen(0)

    def serve() -> None:
        while True:
            try:
                link, _ = listener.accept()
            except OSError:
                return
            protocol.serve_connection(link, [device])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def plug_in(port: int, bus_id: str = "1-1") -> tuple[int, Path]:
    """Have the kernel import a device.

    Args:
        port: of the server, on this machine.
        bus_id: its name there.

    Returns:
        The port of vhci it is plugged into, and its folder in sysfs.
    """
    before = set(Path("/sys/bus/usb/devices").iterdir())
    with socket.create_connection(("127.0.0.1", port)) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.sendall(struct.pack(">HHI32s", 0x0111, 0x8003, 0, bus_id.encode("ascii")))
        answer = b""
        while len(answer) < 8 + 312:
            more = link.recv(8 + 312 - len(answer))
            if not more:
                raise Disagreement("the server exports no such device")
            answer += more
        bus, number, speed = struct.unpack_from(">III", answer, 8 + 256 + 32)
        free = next(
            int(line.split()[1])
            for line in (_VHCI / "status").read_text().splitlines()[1:]
            if line.split()[0] == "hs" and line.split()[2] == "004"
        )
        (_VHCI / "attach").write_text(f"{free} {link.fileno()} {bus << 16 | number} {speed}")

    def ready() -> Path | None:
        new = set(Path("/sys/bus/usb/devices").iterdir()) - before
        # an interface shows that the device has been configured
        return next((path.parent / path.name.split(":")[0] for path in sorted(new) if ":" in path.name), None)

    return free, wait_for(ready, "the kernel taking up the device")


def pull_out(port: int) -> None:
    """Pull a device out of a port of vhci."""
    (_VHCI / "detach").write_text(str(port))
