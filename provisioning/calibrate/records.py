"""Where calibrations are kept: `<data>/calibration/<role>-<what>.json`, signed with the terminal's key.

A terminal is usually calibrated before it is enrolled, when it has no key yet: such a record is signed afterwards, by
`enrol --site` or by the acceptance report, and says so by its own date.
"""

from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from kiosk.config import Role, Site
from provisioning.signing import Sealed, sign
from provisioning.site_text import write_whole
from provisioning.talk import CannotDo, Exit


class What(StrEnum):
    """What is calibrated."""

    THERMOMETER = "thermometer"
    DESK = "desk"
    PRINTER = "printer"
    BEAMS = "beams"
    CAMERA = "camera"
    """Light, geometry and scale."""
    TOUCH = "touch"


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """One calibration.

    Attributes:
        by: who did it, as the company knows its technician.
        reference: what it was compared with, e.g. the number of a black body's certificate.
        expires: from then on it does not count; None where it holds until something is moved.
        values: what was found, by name, with the unit in the name.
        limits: what was allowed.
    """

    what: What
    role: Role
    driver: str
    by: str
    made: datetime
    reference: str = ""
    expires: datetime | None = None
    values: dict[str, float | str] = msgspec.field(default_factory=dict)
    limits: str = ""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A calibration as it is kept, with whether it still counts."""

    calibration: Calibration
    signed: bool
    expired: bool
    file: str


def folder_of(site: Site) -> Path:
    """Where they are."""
    return site.data / "calibration"


def keep(site: Site, calibration: Calibration) -> Path:
    """Keep a calibration instead of the one before it.

    Raises:
        CannotDo: nobody signed with a name, or it cannot be written.
    """
    if not calibration.by.strip():
        raise CannotDo(Exit.BAD_INPUT, "say who calibrates: --by, as your company knows you")
    body = msgspec.json.encode(calibration)
    sealed = sign(body, site.identity_of(calibration.role))
    file = folder_of(site) / f"{calibration.role}-{calibration.what.value}.json"
    write_whole(file, msgspec.json.encode(sealed))
    return file


def _read(file: Path) -> tuple[Sealed, Calibration]:
    try:
        sealed = msgspec.json.decode(file.read_bytes(), type=Sealed)
        return sealed, msgspec.json.decode(sealed.body, type=Calibration)
    except (OSError, msgspec.DecodeError) as error:
        raise CannotDo(Exit.NOT_NOW, f"{file} cannot be read ({error}): calibrate again") from error


def sign_pending(site: Site) -> tuple[str, ...]:
    """Sign what was calibrated before the terminal had a key; returns the files."""
    signed: list[str] = []
    for file in sorted(folder_of(site).glob("*.json")):
        sealed, calibration = _read(file)
        if sealed.signature or calibration.role not in site.roles:
            continue
        again = sign(sealed.body, site.identity_of(calibration.role))
        if again.signature:
            write_whole(file, msgspec.json.encode(again))
            signed.append(str(file))
    return tuple(signed)


def kept(site: Site, now: datetime) -> tuple[Kept, ...]:
    """Every calibration of this terminal.

    Args:
        site: the site file.
        now: tells the expired ones.

    Raises:
        CannotDo: one cannot be read.
    """
    found: list[Kept] = []
    for file in sorted(folder_of(site).glob("*.json")):
        sealed, calibration = _read(file)
        found.append(
            Kept(
                calibration=calibration,
                signed=bool(sealed.signature),
                expired=calibration.expires is not None and calibration.expires <= now,
                file=str(file),
            )
        )
    return tuple(found)
