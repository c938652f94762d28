"""The frames of an HLK-LD2410 radar, as pure functions. Little-endian; no check but heads and tails.

Hi-Link "HLK-LD2410 Serial communication protocol" V1.02 (2022-07-01), sections 2.1 to 2.3.
"""

from dataclasses import dataclass
from typing import Final

from drivers.errors import BadFrame

REPORT_HEAD: Final = bytes.fromhex("F4F3F2F1")
REPORT_TAIL: Final = bytes.fromhex("F8F7F6F5")
COMMAND_HEAD: Final = bytes.fromhex("FDFCFBFA")
COMMAND_TAIL: Final = bytes.fromhex("04030201")

ENABLE: Final = 0x00FF
END: Final = 0x00FE
FIRMWARE: Final = 0x00A0

_BASIC: Final = 13
"""Data of a report of the basic sort: type, AA, nine bytes of target, 55, 00."""
_LONGEST: Final = 64
"""Data of a report of the engineering sort are 35 bytes, or a few more by firmware."""
_NOBODY, _BOTH = 0, 3


@dataclass(frozen=True, slots=True)
class Report:
    """What the radar sees.

    Attributes:
        moving_m: distance of what moves, in metres; None when nothing does.
        still_m: distance of what is there without moving; None when nothing is.
    """

    moving_m: float | None
    still_m: float | None


def command(word: int, value: bytes = b"") -> bytes:
    """Build a command frame.

    Args:
        word: `ENABLE`, `END` or `FIRMWARE`.
        value: what goes with it.
    """
    return COMMAND_HEAD + (2 + len(value)).to_bytes(2, "little") + word.to_bytes(2, "little") + value + COMMAND_TAIL


def find_acknowledgement(received: bytes, word: int) -> bytes | None:
    """Find the acknowledgement of a command in what was received, skipping whatever stands before it.

    Returns:
        What follows its status; None while more bytes are needed.

    Raises:
        BadFrame: it is whole, and its tail is wrong or its status is not success.
    """
    start = received.find(COMMAND_HEAD)
    while start >= 0:
        if len(received) < start + 6:
            return None
        size = int.from_bytes(received[start + 4 : start + 6], "little")
        end = start + 6 + size
        if 4 <= size <= _LONGEST:
            if len(received) < end + 4:
                return None
            frame = received[start : end + 4]
            if frame[-4:] != COMMAND_TAIL:
                raise BadFrame("wrong tail", frame)
            if frame[6:8] == (word | 0x0100).to_bytes(2, "little"):
                if frame[8:10] != b"\0\0":
                    raise BadFrame("the radar refuses a command", frame)
                return frame[10:-4]
        start = received.find(COMMAND_HEAD, start + 1)
    return None


def find_report(received: bytes) -> Report | None:
    """Find the first report in what was received, skipping whatever stands before it.

    Returns:
        None while more bytes are needed.

    Raises:
        BadFrame: it is whole, and it does not end or is not made as a report is.
    """
    start = received.find(REPORT_HEAD)
    while start >= 0:
        if len(received) < start + 6:
            return None
        size = int.from_bytes(received[start + 4 : start + 6], "little")
        if _BASIC <= size <= _LONGEST:
            end = start + 6 + size
            if len(received) < end + 4:
                return None
            return _report(received[start : end + 4])
        start = received.find(REPORT_HEAD, start + 1)  # a head by chance, inside garbage
    return None


def _report(frame: bytes) -> Report:
    data = frame[6:-4]
    made_so = data[0] in {1, 2} and data[1] == 0xAA and data[-2:] == b"\x55\x00" and frame[-4:] == REPORT_TAIL
    if not made_so or not _NOBODY <= data[2] <= _BOTH:
        raise BadFrame("not made as a report is", frame)
    return Report(
        moving_m=int.from_bytes(data[3:5], "little") / 100 if data[2] & 1 else None,
        still_m=int.from_bytes(data[6:8], "little") / 100 if data[2] & 2 else None,
    )


def firmware(data: bytes) -> str:
    """Read the version in the acknowledgement of `FIRMWARE`: `V1.02.22062416`.

    Raises:
        BadFrame: not eight bytes.
    """
    if len(data) != 8:
        raise BadFrame("a version has eight bytes", data)
    return f"V{data[3]:X}.{data[2]:02X}.{data[7]:02X}{data[6]:02X}{data[5]:02X}{data[4]:02X}"
