"""Where a code ends on a serial line, and light on, wait, light off: what serial code scanners have in common."""

import contextlib
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from drivers.errors import BadFrame, DriverError, NoAnswer
from drivers.kinds import Scan
from drivers.transport.line import ByteStream

LARGEST: Final = 7089
"""Characters in the largest QR code (version 40-L, digits only)."""
GAP_S: Final = 0.15
"""A payload without a suffix ends with a silence this long."""
LATE_SUFFIX_S: Final = 0.6
"""A payload with a suffix may pause this long in its middle."""


class Suffix(StrEnum):
    """What the scanner sends after a code."""

    CR = "cr"
    LF = "lf"
    CRLF = "crlf"
    TAB = "tab"
    NONE = "none"


SUFFIXES: Final = {Suffix.CR: b"\r", Suffix.LF: b"\n", Suffix.CRLF: b"\r\n", Suffix.TAB: b"\t", Suffix.NONE: b""}


def find_payload(received: bytes, suffix: bytes) -> bytes | None:
    """Find the end of a code.

    Args:
        received: everything since the scanner was told to look.
        suffix: what ends a code; without one only a silence does.

    Returns:
        The code without its suffix; None while more bytes may come.

    Raises:
        BadFrame: more bytes than any code holds.
    """
    end = received.find(suffix) if suffix else -1
    if max(end, len(received) - len(suffix) if end < 0 else 0) > LARGEST:
        raise BadFrame("longer than any code", received)
    return received[:end] if end >= 0 else None


class PayloadReader:
    """Reads codes as bare bytes.

    Args:
        line: where they come from.
        suffix: what ends each.
        baud: of the line, in bits per second; says how long the largest code may take.
    """

    def __init__(self, line: ByteStream, suffix: Suffix, baud: int) -> None:
        self._line = line
        self._suffix = SUFFIXES[suffix]
        self._longest_s = LARGEST * 10 / baud + LATE_SUFFIX_S

    def read(self, received: bytes, deadline: float) -> bytes | None:
        """Wait for a code.

        Args:
            received: what has come of it already.
            deadline: until when its first byte may come; a code that has begun is read to its end.

        Returns:
            None when not one byte came.

        Raises:
            BadFrame: it is longer than any code, or ends without its suffix.
            LinkError: the line broke.
        """
        last = deadline + self._longest_s
        while True:
            payload = find_payload(received, self._suffix)
            if payload is not None:
                return payload
            pause = LATE_SUFFIX_S if self._suffix else GAP_S
            try:
                received += self._line.read_some(min(last, time.monotonic() + pause) if received else deadline)
            except NoAnswer:
                if not received:
                    return None
                if self._suffix:
                    raise BadFrame("a code without its suffix", received) from None
                return received


def scan_with_light(
    light_on: Callable[[], bytes], read: Callable[[bytes], bytes | None], light_off: Callable[[], object]
) -> Scan | None:
    """Light, wait for a code, light off, whatever happens in between.

    Args:
        light_on: returns what came behind the answer: perhaps a code already.
        read: goes on from there; None means no code.
        light_off: the last thing that is done.
    """
    try:
        payload = read(light_on())
    except BaseException:
        with contextlib.suppress(DriverError):  # the first error tells more
            light_off()
        raise
    light_off()
    return None if payload is None else Scan(payload)
