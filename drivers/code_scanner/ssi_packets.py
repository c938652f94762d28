"""Packets of the Simple Serial Interface (SSI) of Symbol, Motorola and Zebra, which Grow's GM72 speaks too.

`length, opcode, source, status, data …, checksum high, low`; the length counts all but the checksum, which is the two's
complement of the sum (Zebra 72E-40451-03; Symbol SE-923 Integration Guide, 6-4). Pure functions.
"""

from collections.abc import Container
from dataclasses import dataclass
from typing import Final

REQUEST_REVISION: Final = 0xA3
REPLY_REVISION: Final = 0xA4
PARAM_SEND: Final = 0xC6
ACK: Final = 0xD0
NAK: Final = 0xD1
START_SESSION: Final = 0xE4
STOP_SESSION: Final = 0xE5
DECODE_DATA: Final = 0xF3

DECODER: Final = 0x00
HOST: Final = 0x04

RETRANSMITTED: Final = 0x01
CONTINUED: Final = 0x02
"""More packets of the same message follow."""
PERMANENT: Final = 0x08
"""With PARAM_SEND: write to flash. Known, so that it can be told from what is sent here; never sent."""

WAKE: Final = b"\x00"
WAKE_S: Final = 0.05
"""A sleeping decoder listens this long after `WAKE`."""

NO_BEEP: Final = 0xFF
PARAM_TRIGGER: Final = 0x8A
TRIGGER_HOST: Final = 0x08
PARAM_HANDSHAKE: Final = 0x9F
PARAM_PACKETS: Final = 0xEE
"""Decode data in packets (1), or bare (0)."""

NAK_CANCEL: Final = 0x0A
CAUSES: Final = {0x01: "resend", 0x02: "bad_context", 0x06: "denied", 0x0A: "cancelled"}
"""Why a NAK came; `denied` is also what a decoder says that is not in host mode."""

SMALLEST: Final = 4
_FROM_DECODER: Final = frozenset({REPLY_REVISION, PARAM_SEND, ACK, NAK, DECODE_DATA})


@dataclass(frozen=True, slots=True, repr=False)
class Packet:
    """A packet from the decoder. DECODE_DATA has the type of the code as its first byte of data."""

    opcode: int
    status: int
    data: bytes


def checksum(message: bytes) -> bytes:
    """Two's complement of the sum, 16 bits, high byte first."""
    return (-sum(message) & 0xFFFF).to_bytes(2, "big")


def packet(opcode: int, data: bytes = b"") -> bytes:
    """Build a packet from the host. Its status is always 0: a first transmission, and a temporary change."""
    message = bytes([SMALLEST + len(data), opcode, HOST, 0]) + data
    return message + checksum(message)


def find_packet(received: bytes) -> tuple[Packet, bytes] | None:
    """Find the first packet from the decoder, skipping whatever stands before it.

    Returns:
        The packet and what came behind it; None while no packet is there whose checksum agrees. A packet that is
        still growing is waited for: what looks like a packet inside a code is none.
    """
    for start in range(len(received) - SMALLEST):
        length, opcode, source, status = received[start : start + SMALLEST]
        if length < SMALLEST or opcode not in _FROM_DECODER or source != DECODER:
            continue
        end = start + length
        if len(received) < end + 2:
            return None
        if checksum(received[start:end]) == received[end : end + 2]:
            return Packet(opcode, status, received[start + SMALLEST : end]), received[end + 2 :]
    return None


def find_answer(received: bytes, wanted: Container[int]) -> tuple[Packet, bytes] | None:
    """Find the first packet of one of the wanted opcodes; others are passed over."""
    found = find_packet(received)
    while found is not None and found[0].opcode not in wanted:
        found = find_packet(found[1])
    return found
