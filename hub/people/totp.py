"""One-time codes by the clock (RFC 6238, with HOTP of RFC 4226): SHA-1, six digits, half a minute, as telephones do."""

import base64
import hashlib
import hmac
import secrets
import struct
from datetime import datetime
from typing import Final
from urllib.parse import quote

STEP_SECONDS: Final = 30
DIGITS: Final = 6
AROUND: Final = 1
"""So many steps before and after are taken too: a telephone's clock is a little wrong, and typing takes time."""


def new_secret() -> bytes:
    """A secret of 20 bytes, as long as the hash."""
    return secrets.token_bytes(20)


def step_of(now: datetime) -> int:
    """The number of the half minute."""
    return int(now.timestamp()) // STEP_SECONDS


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of a step.

    Args:
        secret: Shared with the telephone.
        step: From `step_of`.
        digits: How many.
    """
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def matching_step(secret: bytes, code: str, now: datetime, used: int) -> int | None:
    """The step a code belongs to; None for a wrong code, or one of a step that was used already.

    Args:
        secret: Shared with the telephone.
        code: As typed, without spaces.
        now: The time.
        used: The newest step that was used: a code somebody looked at over a shoulder is worth nothing.
    """
    found = None
    for step in range(step_of(now) - AROUND, step_of(now) + AROUND + 1):
        right = hmac.compare_digest(code_at(secret, step).encode(), code.encode())
        if right and step > used:
            found = step
    return found


def secret_text(secret: bytes) -> str:
    """A secret as it is typed into a telephone: base32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def address_of(secret: bytes, account: str, issuer: str) -> str:
    """What the QR code for a telephone's authenticator holds."""
    text = base64.b32encode(secret).decode().rstrip("=")
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    return f"otpauth://totp/{label}?secret={text}&issuer={quote(issuer, safe='')}&period={STEP_SECONDS}&digits={DIGITS}"
