"""Who may open the technician's mode on a terminal's own screen: names with the slow hash of a PIN.

Kept at the terminal, readable by its own user only, and taken from the seed at the first boot where it has one. The PIN
alone says who it is, so no two technicians have the same.
"""

import itertools
import secrets
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from kiosk.config import Site
from kiosk.wire.staff import PIN_DIGITS, StaffMember, pin_digest, pin_is
from provisioning.site_text import write_whole
from provisioning.talk import CannotDo, Exit

FILE: Final = "technicians.json"
MOST: Final = 20
"""Each is compared with a PIN that was typed, and that is meant to be slow."""


def file_of(site: Site) -> Path:
    """Where they are kept."""
    return site.data / "provisioning" / FILE


def known(site: Site) -> tuple[StaffMember, ...]:
    """Those who have a PIN here.

    Raises:
        CannotDo: the file is there and cannot be read.
    """
    file = file_of(site)
    try:
        return msgspec.json.decode(file.read_bytes(), type=tuple[StaffMember, ...])
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.DecodeError) as error:
        raise CannotDo(
            Exit.NOT_NOW, f"{file} cannot be read ({error}): remove it, then add the technicians again"
        ) from error


def check_pin(pin: str) -> None:
    """See that a PIN is one, and not the first that anybody would try.

    Raises:
        CannotDo: it is not.
    """
    least, most = PIN_DIGITS
    if not (pin.isascii() and pin.isdecimal() and least <= len(pin) <= most):
        raise CannotDo(Exit.BAD_INPUT, f"a PIN has {least} to {most} digits")
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
    if len(steps) == 1:  # 000000, 123456, 987654, 024680
        raise CannotDo(Exit.REFUSED, "that PIN is the first one anybody would try: choose another")


def put(site: Site, name: str, pin: str, valid_to: date | None = None) -> StaffMember:
    """Add a technician, or give one a new PIN.

    Args:
        site: the site file.
        name: as the company knows them, at most 64 characters; goes into the hub's register with all they do.
        pin: 6 to 12 digits; only its scrypt is kept.
        valid_to: the last day; None for no end.

    Raises:
        CannotDo: no name, a bad PIN, another technician has it, or there are too many.
    """
    name = name.strip()
    if not name or len(name) > 64:
        raise CannotDo(Exit.BAD_INPUT, "say who: a name of at most 64 characters")
    check_pin(pin)
    others = tuple(one for one in known(site) if one.name != name)
    if len(others) >= MOST:
        raise CannotDo(Exit.REFUSED, f"there are {MOST} already: remove one first")
    if any(pin_is(one, pin) for one in others):
        raise CannotDo(Exit.REFUSED, "that PIN cannot be used here: choose another")
    salt = secrets.token_hex(16)
    made = StaffMember(id=secrets.token_hex(4), name=name, salt=salt, pin=pin_digest(pin, salt), valid_to=valid_to)
    write_whole(file_of(site), msgspec.json.encode((*others, made)), 0o600)
    return made


def remove(site: Site, name: str) -> None:
    """Take a technician's PIN away.

    Raises:
        CannotDo: nobody has that name.
    """
    before = known(site)
    after = tuple(one for one in before if one.name != name.strip())
    if len(after) == len(before):
        names = ", ".join(one.name for one in before) or "nobody"
        raise CannotDo(Exit.BAD_INPUT, f"no technician is called {name!r} here; there is: {names}")
    write_whole(file_of(site), msgspec.json.encode(after), 0o600)
