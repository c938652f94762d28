"""OSDP v2 frames (IEC 60839-11-5) as far as the driver judges its wire. Pure functions; libosdp does the rest."""

from dataclasses import dataclass
from typing import Final

START: Final = 0x53
REPLY_BIT: Final = 0x80
USES_CRC: Final = 0x04
HAS_SECURITY: Final = 0x08
SHORTEST: Final = 7
"""Start, address, two of length, control, code, checksum."""
LONGEST: Final = 1440
"""The largest frame that the standard lets a device take."""

ACK: Final = 0x40
NAK: Final = 0x41
CHALLENGE_ANSWERED: Final = 0x76


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame.

    Attributes:
        code: of the command or reply.
        sequence: 0-3.
        secured: whether it carries a security block.
    """

    code: int
    sequence: int
    secured: bool


def crc(message: bytes) -> bytes:
    """CRC-16 (polynomial 0x1021, not reflected, initially 0x1D0F), low byte first."""
    register = 0x1D0F
    for byte in message:
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1 ^ 0x1021 if register & 0x8000 else register << 1) & 0xFFFF
    return register.to_bytes(2, "little")


def checksum(message: bytes) -> bytes:
    """What makes the sum of all bytes 0, for devices without CRC."""
    return bytes([-sum(message) & 0xFF])


def find_frames(received: bytes, sender: int) -> tuple[list[Frame], int]:
    """Find the whole frames of one sender in what was received, skipping whatever stands between them.

    Args:
        received: bytes from the wire.
        sender: address, with `REPLY_BIT` set for a device.

    Returns:
        The frames, and how many bytes need not be looked at again.
    """
    frames: list[Frame] = []
    head = bytes([START, sender])
    done = at = 0
    while (at := received.find(head, at)) >= 0:
        size = int.from_bytes(received[at + 2 : at + 4], "little")
        if len(received) < at + 4 or (SHORTEST <= size <= LONGEST and len(received) < at + size):
            return frames, at
        frame = _read(received[at : at + size]) if SHORTEST <= size <= LONGEST else None
        at += 1 if frame is None else size
        if frame is not None:
            frames.append(frame)
        done = at
    return frames, max(done, len(received) - 1)


def _read(whole: bytes) -> Frame | None:
    control = whole[4]
    check = crc(whole[:-2]) if control & USES_CRC else checksum(whole[:-1])
    code_at = 5 + (whole[5] if control & HAS_SECURITY else 0)
    if not whole.endswith(check) or code_at >= len(whole) - len(check):
        return None
    return Frame(whole[code_at], control & 3, bool(control & HAS_SECURITY))
