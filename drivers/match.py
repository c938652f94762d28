"""Which of the devices that are plugged in is meant: by USB socket, then by what has to be plugged into it.

Pure functions on udev properties. A node's number (`ttyUSB0`) depends on the order in which devices woke up; the socket
does not, so two equal scanners stay apart. Written in the site file in place of a port:

    usb:1-1.2                    whatever is plugged into this socket
    usb:1-1.2/1a86:7523          only a device of this vendor and product: another one there is `WrongDevice`
    usb:1-1.2/1a86:7523/A50285BI only this very device
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from drivers.errors import NotPresent, WrongDevice

Properties = Mapping[str, str]
"""Of one node, with udev's names: DEVNAME, DEVPATH, SUBSYSTEM, ID_VENDOR_ID, ID_MODEL_ID, ID_SERIAL_SHORT."""

_WRITTEN = re.compile(r"usb:(\d+-\d+(?:\.\d+)*)(?:/([0-9a-fA-F]{4}):([0-9a-fA-F]{4})(?:/([!-~]{1,80}))?)?")
_SOCKET = re.compile(r"/(\d+-\d+(?:\.\d+)*)(?=/|$)")


@dataclass(frozen=True, slots=True)
class UsbPlace:
    """A USB socket, and what has to be plugged into it. Empty strings mean anything.

    Attributes:
        socket: bus and ports, as in sysfs: `1-1.2`.
        vendor: four hexadecimal digits, lower case.
        product: the same.
        serial: the device's own number.
    """

    socket: str
    vendor: str = ""
    product: str = ""
    serial: str = ""

    def __str__(self) -> str:
        device = f"/{self.vendor}:{self.product}" if self.vendor else ""
        return f"usb:{self.socket}{device}{f'/{self.serial}' if self.serial else ''}"


def parse_place(text: str) -> UsbPlace | None:
    """Read a place as the site file has it; None when it is something else, such as `/dev/ttyS0`."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    socket, vendor, product, serial = (part or "" for part in found.groups())
    return UsbPlace(socket, vendor.lower(), product.lower(), serial)


def socket_of(properties: Properties) -> str:
    """The USB socket a node hangs on; empty when it hangs on none."""
    sockets: list[str] = _SOCKET.findall(properties.get("DEVPATH", ""))
    return sockets[-1] if sockets else ""


def place_of(properties: Properties) -> UsbPlace | None:
    """The fullest place a node can be bound by; None when it is on no USB socket."""
    socket = socket_of(properties)
    if not socket:
        return None
    return UsbPlace(
        socket,
        properties.get("ID_VENDOR_ID", "").lower(),
        properties.get("ID_MODEL_ID", "").lower(),
        properties.get("ID_SERIAL_SHORT", ""),
    )


def node_at(place: UsbPlace, subsystem: str, nodes: Iterable[Properties]) -> str:
    """The node of the device that is meant.

    Args:
        place: where it is plugged in, and what it has to be.
        subsystem: of the node: `tty`, `hidraw`, `input`, `video4linux`, `usbmisc`.
        nodes: everything that is plugged in.

    Returns:
        Its path. Of several (a camera has one for pictures and one for metadata) the one that was made first.

    Raises:
        NotPresent: nothing with such a node is plugged into the socket.
        WrongDevice: something else is.
    """
    there = [
        (one, found)
        for one in nodes
        if one.get("SUBSYSTEM") == subsystem and one.get("DEVNAME") and (found := place_of(one)) is not None
    ]
    here = [(one, found) for one, found in there if found.socket == place.socket]
    if not here:
        raise NotPresent(f"{place}: nothing of kind {subsystem} is plugged in there{_elsewhere(place, there)}")
    for _, found in here:
        if place.vendor and (found.vendor, found.product) != (place.vendor, place.product):
            raise WrongDevice(f"{place}: {found.vendor or '?'}:{found.product or '?'} is plugged in there")
        if place.serial and found.serial != place.serial:
            raise WrongDevice(f"{place}: another one of the same model is plugged in there: {found.serial or '?'}")
    return min((one["DEVNAME"] for one, _ in here), key=_age)


def _elsewhere(place: UsbPlace, there: list[tuple[Properties, UsbPlace]]) -> str:
    """Where a device that is meant by its number, or the only one of its model, is plugged in instead."""
    alike = {
        found.socket
        for _, found in there
        if place.vendor
        and (found.vendor, found.product) == (place.vendor, place.product)
        and place.serial in {"", found.serial}
    }
    return f"; one like it is in {', '.join(sorted(alike))}" if alike else ""


def _age(node: str) -> tuple[int, str]:
    digits = re.search(r"(\d+)$", node)
    return (int(digits[1]) if digits else 0, node)
