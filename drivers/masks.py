"""What of a wire may be written down: masks take identity out of bytes on their way into a recording.

Who has not said that his wire carries no identity is recorded with every byte hidden.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

Mask = Callable[[bytes], bytes]
"""A pure function of the bytes of one direction that are not written yet. It returns the masked form of as many of
them, from the first, as can be judged already: same length, same order. The rest is offered again with more behind it,
and is hidden where no more comes."""

FILLER: Final = b"*"


def plain(data: bytes) -> bytes:
    """Keep everything: for wires on which no identity travels."""
    return data


def hidden(data: bytes) -> bytes:
    """Keep only how many bytes there were."""
    return FILLER * len(data)


@dataclass(frozen=True, slots=True)
class Masks:
    """How both directions of a wire are masked.

    Attributes:
        sent: what goes to the device.
        received: what comes from it.
    """

    sent: Mask
    received: Mask


PLAIN: Final = Masks(plain, plain)
HIDDEN: Final = Masks(hidden, hidden)
