"""Serial numbers that machines carry, and enrolment by them: no code has to be typed where the machine is known."""

import re
from typing import Annotated, Final

import msgspec

from kiosk.wire.evidence import Name, Wire
from kiosk.wire.routes import PREFIX

ROUTE: Final = f"{PREFIX}/enrol-by-serial"
"""POST `SerialRequest`: 200 `kiosk.wire.fleet.Enrolled`, or 202 `SerialWaiting`: ask again, with the same key."""
ASK_SECONDS: Final = 5.0
"""Between two askings."""
_NO_SERIAL: Final = re.compile(
    r"to be filled|o\.?e\.?m|default|not (specified|applicable|available|present)|none|null|unknown|undefined|invalid"
    r"|system (serial|product|version)|chassis|base ?board|serial ?(number|no)|empty|n/?a|asset|xxxx|test",
    re.IGNORECASE,
)
_LEFT_IN: Final = re.compile(r"TO BE FILLED|O\.E\.M|DEFAULT STRING|NOT SPECIFIED")
_FORM: Final = re.compile(r"[A-Z0-9][A-Z0-9./_-]{3,62}[A-Z0-9]")


class NoSerial(ValueError):
    """A text is no serial number that tells one machine from others; says why."""


def serial_of(text: str) -> str:
    """A serial number as it is compared: without space around it, in capitals.

    Args:
        text: as the machine's firmware, a label or a list has it.

    Raises:
        NoSerial: what makers leave in when they set none (`To be filled by O.E.M.`), too short, all one character, a
            counting row, or with characters that no serial number has.
    """
    found = text.replace("\x00", "").strip().upper()
    if _NO_SERIAL.fullmatch(found) or _LEFT_IN.search(found):
        raise NoSerial(f"{text.strip()[:40]!r} is what a maker leaves in who sets no serial number")
    if not _FORM.fullmatch(found):
        raise NoSerial(f"{text.strip()[:40]!r}: a serial number has 5 to 64 letters, digits and . / _ -")
    plain = re.sub(r"[./_-]", "", found)
    if len(set(plain)) < 2 or plain in "0123456789" * 2 or plain in "9876543210" * 2:
        raise NoSerial(f"{found!r} does not tell one machine from others")
    return found


def short(key_sha256: str) -> str:
    """A key's fingerprint as people compare it: 16 digits in groups of four.

    Args:
        key_sha256: of the public key (SubjectPublicKeyInfo in DER), hexadecimal.
    """
    return " ".join(key_sha256[start : start + 4] for start in range(0, 16, 4))


class SerialRequest(Wire, frozen=True, kw_only=True):
    """A machine asks for a certificate, by its serial number. `csr` is PEM, P-256."""

    serial: Name
    csr: Annotated[str, msgspec.Meta(max_length=4000)]


class SerialWaiting(Wire, frozen=True, kw_only=True):
    """An administrator has to admit the machine, after comparing its key."""

    fingerprint: Name
    """Of the key that asked, as the console shows it."""
    seconds: float = ASK_SECONDS
    """Until it is worth asking again."""
