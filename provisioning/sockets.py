"""Where things are plugged in: serial lines, cameras, USB devices, addresses on the network.

Read from sysfs; nothing is opened. With a folder of simulators their addresses stand beside or in place of real ones.
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from drivers.match import UsbPlace, place_of
from drivers.transport.usb_socket import SYS, plugged_in

_HUB_CLASS: Final = "09"
_PICTURE = re.compile(r"\d{1,12}\.jpg", re.ASCII)
_TTY_MAJORS: Final = frozenset({4, 136, 137, 138, 139, 166, 188, 204})
"""UARTs, ptys, USB modems and converters (Documentation/admin-guide/devices.txt)."""
NETWORK_PORTS: Final = (9100, 554, 80, 631)
"""Tried where an address is given without a port: receipt printer, RTSP, HTTP, IPP."""


class Wire(StrEnum):
    """What a device would be reached by."""

    SERIAL = "serial"
    USB = "usb"
    VIDEO = "video"
    KEYS = "keys"
    NETWORK = "network"
    PICTURES = "pictures"
    SOUND = "sound"


@dataclass(frozen=True, slots=True)
class Socket:
    """One place where something is plugged in.

    Attributes:
        wire: how it is reached.
        address: as the site file has it: `usb:1-1.2/1a86:7523`, a path, or `host:port`.
        node: the path of the moment, for people; empty on the network.
        place: the USB socket, where it is one.
        classes: USB interface classes, two hexadecimal digits each.
    """

    wire: Wire
    address: str
    node: str = ""
    place: UsbPlace | None = None
    classes: tuple[str, ...] = ()


def sockets(
    *, sys: Path = SYS, dev: Path = Path("/dev"), simulate: Path | None = None, network: tuple[str, ...] = ()
) -> tuple[Socket, ...]:
    """List what is plugged in now.

    Args:
        sys: where sysfs is.
        dev: where the nodes are.
        simulate: folder of simulators; only their addresses are listed then, and those of the network.
        network: `host` or `host:port`, as given by the technician.
    """
    local = _simulated(simulate) if simulate is not None else (*_usb_nodes(sys), *_uarts(sys, dev), *_usb_bare(sys))
    return (*local, *_network(network))


def _usb_nodes(sys: Path) -> Iterator[Socket]:
    wires = {"tty": Wire.SERIAL, "video4linux": Wire.VIDEO, "input": Wire.KEYS}
    seen: set[tuple[str, str]] = set()
    for properties in plugged_in(sys, tuple(wires)):
        place, node = place_of(properties), properties["DEVNAME"]
        kind = properties["SUBSYSTEM"]
        if place is None or (kind == "input" and "/event" not in node):
            continue
        # a camera has a node for pictures and one for metadata, a keyboard several: the first stands for them
        if kind != "tty" and (kind, place.socket) in seen:
            continue
        seen.add((kind, place.socket))
        yield Socket(wires[kind], str(place), node, place)


def _uarts(sys: Path, dev: Path) -> Iterator[Socket]:
    for entry in sorted((sys / "class" / "tty").glob("ttyS*")):
        # `type` 0 is a UART that the kernel expects and did not find
        if _read(entry / "type") not in {"", "0"} and (dev / entry.name).exists():
            yield Socket(Wire.SERIAL, str(dev / entry.name), str(dev / entry.name))


def _usb_bare(sys: Path) -> Iterator[Socket]:
    """USB devices as such: readers and printers that no kernel driver makes a node for."""
    for entry in sorted((sys / "bus" / "usb" / "devices").glob("*-*")):
        vendor, product = _read(entry / "idVendor"), _read(entry / "idProduct")
        if not vendor or ":" in entry.name or _read(entry / "bDeviceClass") == _HUB_CLASS:
            continue
        place = UsbPlace(entry.name, vendor.lower(), product.lower(), _read(entry / "serial"))
        classes = tuple(sorted({_read(one) for one in entry.glob(f"{entry.name}:*/bInterfaceClass")}))
        yield Socket(Wire.USB, str(place), place=place, classes=classes)


def _simulated(folder: Path) -> Iterator[Socket]:
    for entry in sorted((*folder.iterdir(), *folder.glob("*/*"))):
        if entry.name.startswith("."):
            continue
        path = str(entry)
        if entry.is_dir():
            if any(_PICTURE.fullmatch(one.name) for one in entry.iterdir()):
                yield Socket(Wire.PICTURES, path, path)
        elif entry.is_symlink() and _is_line(entry):
            yield Socket(Wire.SERIAL, path, path)
        elif entry.name == "aplay" and os.access(entry, os.X_OK):
            yield Socket(Wire.SOUND, path, path)


def _is_line(link: Path) -> bool:
    try:
        found = link.stat()
    except OSError:
        return False  # a simulator that has ended leaves its link behind
    return stat.S_ISCHR(found.st_mode) and os.major(found.st_rdev) in _TTY_MAJORS


def _network(given: tuple[str, ...]) -> Iterator[Socket]:
    for one in given:
        host, colon, port = one.rpartition(":")
        ports = (int(port),) if colon and port.isdigit() else NETWORK_PORTS
        name = host if colon and port.isdigit() else one
        for number in ports:
            yield Socket(Wire.NETWORK, f"{name}:{number}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
