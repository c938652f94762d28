"""The ticket by the terminal's own scanner: the QR code that `python -m hub code` prints, or shows on a telephone."""

from typing import Final, cast

from drivers.contract import Kind
from drivers.errors import DriverError
from drivers.kinds import CodeScanner
from kiosk.config import Role, Site
from provisioning.calibrate.steps import opened
from provisioning.talk import CannotDo, Exit, Say

WITHIN_S: Final = 60.0


def scan_ticket(site: Site, role: Role, say: Say, within: float = WITHIN_S) -> str:
    """Wait for a ticket before the scanner.

    Args:
        site: the site file.
        role: whose scanner.
        say: is told when to hold it there, and of codes that are no ticket.
        within: seconds.

    Returns:
        What was scanned, JSON; `enrol` says whether it is right.

    Raises:
        CannotDo: there is no scanner, it fails, or nothing was shown in time.
    """
    _, device = opened(site, role, Kind.CODE_SCANNER)
    say("hold the ticket's code before the scanner, 10 to 20 cm away")
    try:
        scan = cast("CodeScanner", device).scan(within)
    except DriverError as error:
        raise CannotDo(Exit.NOT_NOW, f"the scanner failed: {error.detail}; use --ticket") from error
    finally:
        device.close()
    if scan is None:
        raise CannotDo(Exit.NOT_NOW, f"nothing was read within {within:.0f} s: try again, or use --ticket")
    text = scan.payload.decode("utf-8", "replace").strip()
    if not text.startswith("{"):
        raise CannotDo(Exit.BAD_INPUT, "that code is no ticket: use the one that python -m hub code prints")
    return text
