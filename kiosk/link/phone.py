"""Papers from a telephone, as a desk asks the hub for them; every answer within the office's deadline."""

import hashlib
import math
from typing import Final
from uuid import UUID

import anyio
import msgspec

from kiosk.link.office import Office
from kiosk.wire import routes
from kiosk.wire.phone import PhonePage, PhoneStanding, PhoneTicket, PhoneWanted
from kiosk.wire.requests import LineDown, NotDone

_PATH: Final = routes.OFFICE_PHONE
_NO_PAGE: Final = "no_phone_page"
_ASK_AGAIN_SECONDS: Final = 600.0


class PhoneLine:
    """Tickets for telephones.

    Args:
        office: The line to the hub, with its deadline and tries.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._impossible_until = -math.inf

    @property
    def possible(self) -> bool:
        """False for a while after the hub has said that it has no page for telephones."""
        return anyio.current_time() >= self._impossible_until

    async def open(self, wanted: PhoneWanted) -> PhoneTicket | NotDone | LineDown:
        """Open a ticket; asked again with the same id it is the same."""
        found = await self._office.ask("POST", _PATH, msgspec.json.encode(wanted), PhoneTicket)
        if isinstance(found, NotDone) and found.kind == _NO_PAGE:
            self._impossible_until = anyio.current_time() + _ASK_AGAIN_SECONDS
        return found

    async def look(self, ticket: UUID) -> PhoneStanding | NotDone | LineDown:
        """What has come in."""
        return await self._office.ask("GET", f"{_PATH}/{ticket}", None, PhoneStanding)

    async def page(self, ticket: UUID, place: int, page: PhonePage) -> bytes | NotDone | LineDown:
        """One page, sealed, compared with its digest.

        Args:
            ticket: Which.
            place: From 1.
            page: As `look` named it.
        """
        found = await self._office.exchange("GET", f"{_PATH}/{ticket}/{place}", None)
        if isinstance(found, bytes) and hashlib.sha256(found).hexdigest() != page.sha256:
            return LineDown(detail="the page is not what its name says")
        return found

    async def close(self, ticket: UUID) -> PhoneStanding | NotDone | LineDown:
        """Everything of the ticket is deleted at the hub; twice is the same."""
        return await self._office.ask("POST", f"{_PATH}/{ticket}/close", b"{}", PhoneStanding)
