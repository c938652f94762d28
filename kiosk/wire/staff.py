"""Staff who may act at a lane, signed by the hub (`Signed.kind` is `staff`), so that it works with the line down."""

import hashlib
import hmac
from datetime import date
from typing import Annotated, Final

import msgspec

from kiosk.wire.evidence import Digest, Name, Wire

_N, _R, _P = 2**14, 8, 1
PIN_DIGITS: Final = (6, 12)
"""Least and most digits of a PIN."""


class StaffMember(Wire, frozen=True, kw_only=True):
    """One member of staff."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    name: Name
    salt: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
    pin: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    """scrypt (RFC 7914; n = 2^14, r = 8, p = 1) of the PIN with the salt."""
    card: Digest | None = None
    """`person_digest` of the identity card that opens the staff screen together with nothing else."""
    valid_to: date | None = None


class StaffList(Wire, frozen=True, kw_only=True):
    """Everybody who may act at this hall's lanes."""

    version: Annotated[int, msgspec.Meta(ge=1)]
    hall: Name
    members: Annotated[tuple[StaffMember, ...], msgspec.Meta(max_length=500)]


def pin_digest(pin: str, salt: str) -> str:
    """What is stored of a PIN, 64 hexadecimal digits.

    Args:
        pin: digits.
        salt: 32 hexadecimal digits.
    """
    return hashlib.scrypt(pin.encode(), salt=bytes.fromhex(salt), n=_N, r=_R, p=_P, dklen=32).hex()


def pin_is(member: StaffMember, pin: str) -> bool:
    """Whether this is the member's PIN; takes as long either way."""
    return hmac.compare_digest(pin_digest(pin, member.salt), member.pin)
