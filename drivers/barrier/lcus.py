"""What LCUS relay boards (LC Technology, CH340, 9600 8N1) hear and, some of them, say. Pure functions.

Start byte A0, channel from 1, operation, sum of the three. Operations 0 and 1 are the maker's and never answered; 2 to
5 are those of the boards with feedback, which answer with a frame whose operation is the state, 0 or 1. Others echo.
"""

from enum import IntEnum
from typing import Final

START: Final = 0xA0
SIZE: Final = 4


class Operation(IntEnum):
    """What a relay is told."""

    OFF = 0
    ON = 1
    OFF_AND_SAY = 2
    ON_AND_SAY = 3
    TOGGLE_AND_SAY = 4
    SAY = 5


def command(channel: int, operation: Operation) -> bytes:
    """Build a command.

    Args:
        channel: relay, counted from 1 to 255.
        operation: what to do.
    """
    return bytes([START, channel, operation, (START + channel + operation) & 0xFF])


def find_state(received: bytes, channel: int) -> bool | None:
    """Find the last state of a relay in what was received, skipping whatever stands before it.

    A frame that is not a state is skipped: what a board echoes tells nothing about its relay.

    Returns:
        Whether the relay is on; None while no state is there whose sum agrees.
    """
    for start in range(len(received) - SIZE, -1, -1):
        frame = received[start : start + SIZE]
        for operation in (Operation.OFF, Operation.ON):
            if frame == command(channel, operation):
                return operation is Operation.ON
    return None
