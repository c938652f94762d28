"""What is plugged in, read from sysfs: the kernel's own account, whether or not a udev runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from drivers.match import Properties, node_at, parse_place

SUBSYSTEMS: Final = ("tty", "hidraw", "input", "video4linux", "usbmisc")
SYS: Final = Path("/sys")
_ATTRIBUTES = {"idVendor": "ID_VENDOR_ID", "idProduct": "ID_MODEL_ID", "serial": "ID_SERIAL_SHORT"}


def plugged_in(sys: Path = SYS, subsystems: tuple[str, ...] = SUBSYSTEMS) -> Iterator[Properties]:
    """List the nodes of everything on a USB socket, with udev's properties.

    Args:
        sys: where sysfs is.
        subsystems: whose nodes.
    """
    for subsystem in subsystems:
        folder = sys / "class" / subsystem
        for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
            found = _properties(sys, entry.resolve(), subsystem)
            if found is not None:
                yield found


def _properties(sys: Path, device: Path, subsystem: str) -> Properties | None:
    usb = next((above for above in device.parents if (above / "idVendor").is_file()), None)
    name = next((line[8:] for line in _read(device / "uevent").splitlines() if line.startswith("DEVNAME=")), "")
    if usb is None or not name:
        return None
    found = {udev: _read(usb / attribute) for attribute, udev in _ATTRIBUTES.items()}
    path = "/" + str(device.relative_to(sys.resolve()))
    return {**found, "DEVNAME": f"/dev/{name}", "DEVPATH": path, "SUBSYSTEM": subsystem}


def resolve(address: str, subsystem: str, sys: Path = SYS) -> str:
    """The node that an address of the site file stands for now.

    Args:
        address: a place (see `drivers.match`), or a path, which is returned as it is.
        subsystem: of the node.
        sys: where sysfs is.

    Raises:
        NotPresent: nothing is plugged in there.
        WrongDevice: something else is.
    """
    place = parse_place(address)
    return address if place is None else node_at(place, subsystem, plugged_in(sys, (subsystem,)))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
