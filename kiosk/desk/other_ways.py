"""What serves papers that do not lie under the camera: the telephone, and what was handed in before."""

from typing import Protocol
from uuid import UUID

from kiosk.wire.earlier import EarlierOffer, EarlierOffers
from kiosk.wire.events import DraftHandedOver
from kiosk.wire.phone import PhonePage, PhoneStanding, PhoneTicket, PhoneWanted
from kiosk.wire.progress import WhoAsks
from kiosk.wire.requests import LineDown, NotDone


class TelephoneLine(Protocol):
    """The hub, as it serves telephones (`kiosk.link.phone.PhoneLine`)."""

    @property
    def possible(self) -> bool:
        """Whether the hub has a page for telephones, as far as is known."""
        ...

    async def open(self, wanted: PhoneWanted) -> PhoneTicket | NotDone | LineDown:
        """Open a ticket."""
        ...

    async def look(self, ticket: UUID) -> PhoneStanding | NotDone | LineDown:
        """What has come in."""
        ...

    async def page(self, ticket: UUID, place: int, page: PhonePage) -> bytes | NotDone | LineDown:
        """One page, sealed; places count from 1."""
        ...

    async def close(self, ticket: UUID) -> PhoneStanding | NotDone | LineDown:
        """Have everything of the ticket deleted."""
        ...


class EarlierLine(Protocol):
    """The hub, as it offers papers of earlier submissions (`kiosk.link.office.Office`)."""

    async def earlier(self, who: WhoAsks, item: str, paper: str) -> EarlierOffers | NotDone | LineDown:
        """What may serve as a paper of an item."""
        ...

    async def earlier_page(self, who: WhoAsks, offer: EarlierOffer) -> bytes | NotDone | LineDown:
        """The first page of one of them, a JPEG."""
        ...


class WindowsPost(Protocol):
    """Takes drafts for windows (`kiosk.store.window_post.WindowPost`)."""

    async def hand_over(self, made: DraftHandedOver, person: str) -> None:
        """Queue a draft, and delete what was kept of it, in one transaction."""
        ...
