"""The serial number of this machine: from its firmware, from the device tree, or from a file the technician gives."""

from pathlib import Path
from typing import Final

from kiosk.wire.serials import NoSerial, serial_of

PLACES: Final = (
    "sys/class/dmi/id/product_serial",
    "sys/class/dmi/id/board_serial",
    "proc/device-tree/serial-number",
    "sys/firmware/devicetree/base/serial-number",
)
"""Where Linux tells it; the first two are for root only."""


def machine_serial(given: Path | None = None, root: Path = Path("/")) -> str:
    """This machine's serial number.

    Args:
        given: a file with the number, where the firmware has none that can be trusted; it stands before all others.
        root: of the file system.

    Raises:
        NoSerial: there is none that tells this machine from others; says what was found where, and what to do.
    """
    places = [given] if given is not None else [root / place for place in PLACES]
    found = []
    for place in places:
        try:
            return serial_of(place.read_bytes()[:200].decode("utf-8", "replace"))
        except PermissionError:
            found.append(f"{place}: only root may read it: use sudo")
        except FileNotFoundError:
            continue
        except (OSError, NoSerial) as error:
            found.append(f"{place}: {error}")
    seen = "; ".join(found) or ("there is no such file" if given else "this machine tells none")
    raise NoSerial(
        f"no serial number: {seen}. Write the number of the machine's label into a file and give it with --serial-file"
    )
