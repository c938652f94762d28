"""What the terminal and its process for pictures and sound say to each other: JSON, with its length before it."""

import struct
from typing import Annotated, Final

import msgspec

from kiosk.wire.help import MOST_BODY, Relay

LENGTH: Final = struct.Struct("!I")
MOST: Final = 4 * MOST_BODY


class _Said(msgspec.Struct, frozen=True, kw_only=True, tag=True, forbid_unknown_fields=True):
    pass


class Offer(_Said, frozen=True, tag="offer"):
    """Connect to a party anew, and make the offer for it."""

    party: str
    attempt: int
    relays: tuple[Relay, ...] = ()
    pictures: bool = True
    """Without: sound and pointing alone, for a browser that takes no pictures of ours."""


class Answered(_Said, frozen=True, tag="answered"):
    """Their answer to an offer."""

    party: str
    attempt: int
    sdp: str


class Drop(_Said, frozen=True, tag="drop"):
    """A party is gone."""

    party: str


class Tell(_Said, frozen=True, tag="tell"):
    """Send this through every data channel that is open."""

    text: str


class Told(_Said, frozen=True, tag="told"):
    """A party sent this through its data channel; nothing of it is checked."""

    party: str
    text: Annotated[str, msgspec.Meta(max_length=MOST_BODY)]


class Ready(_Said, frozen=True, tag="ready"):
    """The process is up."""

    camera: bool
    microphone: bool


class Made(_Said, frozen=True, tag="made"):
    """The offer for a party."""

    party: str
    attempt: int
    sdp: str


class State(_Said, frozen=True, tag="state"):
    """How a connection is: `connecting`, `connected`, `failed`; and what of it gets through."""

    party: str
    attempt: int
    state: str
    channel: bool = False
    video: bool = False
    audio: bool = False
    unsuited: bool = False
    """It failed because the other end takes no pictures of ours: a browser without the codec."""


class Trouble(_Said, frozen=True, tag="trouble"):
    """Something failed; for the log."""

    why: Annotated[str, msgspec.Meta(max_length=200)]


class Figures(_Said, frozen=True, tag="figures"):
    """What the process has done in the last seconds."""

    seconds: float
    cpu_seconds: float
    camera_frames: int
    screen_frames: int
    staff_frames: int
    heard_samples: int
    lost: int
    """Packets of the staff's that never came."""
    slower: int = 0
    """Steps below the best at which pictures are sent."""


Order = Offer | Answered | Drop | Tell
Report = Ready | Made | State | Told | Trouble | Figures


def pack(said: Order | Report) -> bytes:
    """As it goes over the line."""
    body = msgspec.json.encode(said)
    return LENGTH.pack(len(body)) + body


def order_of(body: bytes) -> Order:
    """Decode an order.

    Raises:
        msgspec.MsgspecError: It is none.
    """
    found: Order = msgspec.json.decode(body, type=Order)
    return found


def report_of(body: bytes) -> Report:
    """Decode a report.

    Raises:
        msgspec.MsgspecError: It is none.
    """
    found: Report = msgspec.json.decode(body, type=Report)
    return found
