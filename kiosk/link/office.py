"""The office as a desk asks it, for a person who waits: every answer within a deadline, or *line down* as a value.

What needs no answer (a correction handed in, an opinion, another address) goes through the outbox instead: see
`Supplement`, `DeliveryWanted` and `Opinion` in `kiosk.wire.events`.
"""

from datetime import date
from typing import Final, Protocol, TypeVar
from uuid import UUID

import anyio
import msgspec

from kiosk.link.client import HubAway, HubRefused
from kiosk.wire import routes
from kiosk.wire.earlier import AskEarlier, AskEarlierPage, EarlierOffer, EarlierOffers
from kiosk.wire.events import Person
from kiosk.wire.progress import AskMine, AskResult, Mine, WhoAsks
from kiosk.wire.requests import (
    Appointed,
    Changed,
    LineDown,
    NotDone,
    Numbered,
    Order,
    Reply,
    Request,
    Slots,
)
from kiosk.wire.sealing import seal

WITHIN_SECONDS: Final = 8.0
"""Somebody waits; then they are told, and can try again."""
TRIES: Final = 3
"""Within the deadline: a connection that was just cut is made anew. Asked twice, nothing is done twice."""
_PAUSE_SECONDS: Final = 0.4
_ABOUT_THE_TERMINAL: Final = frozenset({401, 403})
_WIRE_VERSION: Final = "wire-version"
_PDF: Final = b"%PDF-"
T = TypeVar("T")


class HubCalls(Protocol):
    """What is needed of `kiosk.link.client.HubClient`."""

    async def exchange(self, method: str, path: str, content: bytes | None = None) -> bytes:
        """Ask anything of the hub."""
        ...


def who_asks(person: str, identified: Person, recipient: str) -> WhoAsks:
    """The person before the desk, so that what they handed in at other halls is found too.

    Args:
        person: `person_digest` of their number.
        identified: As their card says.
        recipient: The hub's public key.
    """
    return WhoAsks(person=person, number_sealed=seal(msgspec.json.encode(identified), recipient))


class Office:
    """The back office, as a desk's journeys ask it.

    Args:
        hub: The line to the hub.
        within: Seconds for one question with all its tries.
    """

    def __init__(self, hub: HubCalls, within: float = WITHIN_SECONDS) -> None:
        self._hub, self._within = hub, within

    async def mine(self, who: WhoAsks, number: str = "") -> Mine | NotDone | LineDown:
        """Everything of a person; with a receipt's number, that submission only.

        Args:
            who: Identified at this desk.
            number: From the receipt; `NotDone` of kind `no_such_submission` where it is not theirs.
        """
        body = msgspec.json.encode(AskMine(who=who, number=number))
        return await self.ask("POST", routes.OFFICE_MINE, body, Mine)

    async def request(self, request: Request) -> Changed | Numbered | Appointed | Order | NotDone | LineDown:
        """Have something done, once. After `LineDown` ask again with the same request: nothing is done twice.

        Args:
            request: With an id made for this wish (UUIDv7).
        """
        found = await self.exchange("POST", routes.OFFICE_REQUESTS, msgspec.json.encode(request))
        if not isinstance(found, bytes):
            return found
        try:
            reply: Changed | Numbered | Appointed | Order = msgspec.json.decode(found, type=Reply)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return LineDown(detail=f"the answer cannot be read: {error}"[:1000])
        return reply

    async def order(self, order: UUID) -> Order | NotDone | LineDown:
        """Whether an order is paid; ask every second while somebody pays."""
        return await self.ask("GET", f"{routes.OFFICE_ORDERS}/{order}", None, Order)

    async def slots(self, department: str, first: date, days: int = 7) -> Slots | NotDone | LineDown:
        """The hours that can be booked.

        Args:
            department: Its key, letters, digits, `-` and `_`; empty for the hall as a whole.
            first: From this day.
            days: 1 to 31.
        """
        query = f"?department={department}&from={first.isoformat()}&days={days}"
        return await self.ask("GET", routes.OFFICE_SLOTS + query, None, Slots)

    async def result(self, who: WhoAsks, number: str, place: int = 0) -> bytes | NotDone | LineDown:
        """One document of a result.

        Args:
            who: Identified at this desk.
            number: The submission's.
            place: Which document, from `Progress.results`.

        Returns:
            The PDF.
        """
        body = msgspec.json.encode(AskResult(who=who, number=number, place=place))
        found = await self.exchange("POST", routes.OFFICE_RESULT, body)
        if isinstance(found, bytes) and not found.startswith(_PDF):
            return LineDown(detail="the answer is no PDF")
        return found

    async def earlier(self, who: WhoAsks, item: str, paper: str) -> EarlierOffers | NotDone | LineDown:
        """Which papers of this person may serve as a paper of an item."""
        body = msgspec.json.encode(AskEarlier(who=who, item=item, paper=paper))
        return await self.ask("POST", routes.OFFICE_EARLIER, body, EarlierOffers)

    async def earlier_page(self, who: WhoAsks, offer: EarlierOffer) -> bytes | NotDone | LineDown:
        """The first page of one of them, a JPEG."""
        body = msgspec.json.encode(AskEarlierPage(who=who, number=offer.number, sha256=offer.sha256))
        return await self.exchange("POST", routes.OFFICE_EARLIER_PAGE, body)

    async def result_page(self, who: WhoAsks, number: str, place: int = 0) -> bytes | NotDone | LineDown:
        """The first page of a document of a result, a JPEG."""
        body = msgspec.json.encode(AskResult(who=who, number=number, place=place))
        return await self.exchange("POST", routes.OFFICE_RESULT_PAGE, body)

    async def ask(self, method: str, path: str, body: bytes | None, kind: type[T]) -> T | NotDone | LineDown:
        """Ask, and read the answer as JSON of a kind."""
        found = await self.exchange(method, path, body)
        if not isinstance(found, bytes):
            return found
        try:
            return msgspec.json.decode(found, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return LineDown(detail=f"the answer cannot be read: {error}"[:1000])

    async def exchange(self, method: str, path: str, body: bytes | None) -> bytes | NotDone | LineDown:
        """Ask within the deadline, with its tries; the answer as it came."""
        why = "no answer in time"
        with anyio.move_on_after(self._within):
            for attempt in range(TRIES):
                if attempt:
                    await anyio.sleep(_PAUSE_SECONDS * attempt)
                try:
                    return await self._hub.exchange(method, path, body)
                except HubAway as error:
                    why = str(error)
                except HubRefused as error:
                    if error.status in _ABOUT_THE_TERMINAL or error.kind == _WIRE_VERSION:
                        return LineDown(detail=str(error)[:1000], refused=True)
                    return NotDone(kind=error.kind[:64], detail=error.detail[:1000])
        return LineDown(detail=why[:1000])
