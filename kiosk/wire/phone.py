"""Papers from a telephone: a desk opens a ticket for one paper of one draft, and fetches what came in on it.

The pages are sealed by the hub, as soon as they have come in, to a key that only the desk's memory holds.
"""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from kiosk.wire.catalogue import Text
from kiosk.wire.evidence import Digest, Moment, Name, Wire

MOST_PAGES = 200


class PhoneWanted(Wire, frozen=True, kw_only=True):
    """Open a ticket; sent again with the same id it is the same ticket.

    Attributes:
        id: Made by the desk for one paper of one draft (UUIDv4: it must not be guessed).
        title: Of the paper.
        recipient: age public key to which pages are sealed; its secret never leaves the desk's memory.
        language: In which the page begins: `zh-Hans`, `zh-Hant` or `en`.
        sides: Two pictures are wanted, front and back (a card).
    """

    id: UUID
    item: Name
    item_title: Text
    title: Text
    most: Annotated[int, msgspec.Meta(ge=1, le=MOST_PAGES)]
    recipient: Annotated[str, msgspec.Meta(pattern="^age1[a-z0-9]{58}$")]
    language: Annotated[str, msgspec.Meta(pattern="^(zh-Hans|zh-Hant|en)$")] = "zh-Hans"
    sides: bool = False


class PhoneTicket(Wire, frozen=True, kw_only=True):
    """What is shown as a QR code, and until when it is good."""

    url: Annotated[str, msgspec.Meta(max_length=500)]
    expires: Moment
    seconds: Annotated[int, msgspec.Meta(ge=0)]
    """Until then, by the hub's clock."""


class PhoneState(StrEnum):
    """Where a ticket stands."""

    WAITING = "waiting"
    OPENED = "opened"
    """The page was opened on a telephone."""
    ARRIVING = "arriving"
    """Pages have come; more may."""
    DONE = "done"
    """The person has said that this is all."""
    EXPIRED = "expired"
    CLOSED = "closed"
    """The desk has what it wanted, or wants it no more; nothing is kept."""


class PhonePage(Wire, frozen=True, kw_only=True):
    """One page, in its place.

    Attributes:
        sha256: Of the sealed bytes.
        bytes: How many they are.
        photo: Photographed; otherwise a page of a PDF.
    """

    sha256: Digest
    bytes: Annotated[int, msgspec.Meta(ge=1)]
    photo: bool


class PhoneStanding(Wire, frozen=True, kw_only=True):
    """What has come in on a ticket."""

    state: PhoneState
    pages: Annotated[tuple[PhonePage, ...], msgspec.Meta(max_length=MOST_PAGES)] = ()
    seconds: Annotated[int, msgspec.Meta(ge=0)] = 0
