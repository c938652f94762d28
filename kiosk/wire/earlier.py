"""Papers of earlier submissions, used again: the same bytes at the hub, with their own provenance."""

from typing import Annotated

import msgspec

from kiosk.wire.catalogue import Text
from kiosk.wire.events import MAX_PAPER_BYTES
from kiosk.wire.evidence import Digest, Moment, Name, Wire
from kiosk.wire.progress import ReceiptNumber, WhoAsks

MOST_OFFERED = 12


class AskEarlier(Wire, frozen=True, kw_only=True):
    """Which papers of this person may serve as this paper of this item?"""

    who: WhoAsks
    item: Name
    paper: Name


class EarlierOffer(Wire, frozen=True, kw_only=True):
    """One file of a paper that was handed in.

    Attributes:
        number: Of the submission it belongs to.
        sha256, bytes: Of the sealed file, which the hub holds.
        item_title: What it was handed in for.
        captured, device, grade, pages: As they were then.
        handed_in: When.
    """

    number: ReceiptNumber
    sha256: Digest
    bytes: Annotated[int, msgspec.Meta(ge=1, le=MAX_PAPER_BYTES)]
    item_title: Text
    captured: Moment
    device: Name
    grade: Annotated[str, msgspec.Meta(pattern="^[ABCD]$")]
    pages: Annotated[int, msgspec.Meta(ge=1, le=200)]
    handed_in: Moment


class EarlierOffers(Wire, frozen=True, kw_only=True):
    """What may serve, the newest first."""

    papers: Annotated[tuple[EarlierOffer, ...], msgspec.Meta(max_length=MOST_OFFERED)] = ()


class AskEarlierPage(Wire, frozen=True, kw_only=True):
    """Show the first page of one of them, as JPEG."""

    who: WhoAsks
    number: ReceiptNumber
    sha256: Digest
