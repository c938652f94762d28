"""What serves the desk's other services: the office's line, the outbox, ID photos, the A4 printer."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from drivers.kinds import PagePrinter
from kiosk.devices.reach import Reach
from kiosk.vision.id_photo_result import IdPhoto
from kiosk.wire.events import Opinion, Supplement
from kiosk.wire.progress import Mine, WhoAsks
from kiosk.wire.requests import Appointed, Changed, LineDown, NotDone, Numbered, Order, Request, Slots


class OfficeLine(Protocol):
    """The back office, as `kiosk.link.office.Office` asks it: each answer in time, or `LineDown` as a value."""

    async def mine(self, who: WhoAsks, number: str = "") -> Mine | NotDone | LineDown:
        """Everything of a person, or one submission."""
        ...

    async def request(self, request: Request) -> Changed | Numbered | Appointed | Order | NotDone | LineDown:
        """Have something done, once."""
        ...

    async def slots(self, department: str, first: date, days: int = 7) -> Slots | NotDone | LineDown:
        """The hours that can be booked."""
        ...

    async def result(self, who: WhoAsks, number: str, place: int = 0) -> bytes | NotDone | LineDown:
        """One document of a result, a PDF."""
        ...


class Post(Protocol):
    """The outbox for what needs no answer, as `kiosk.store.post.CitizenPost` keeps it."""

    async def supplement(self, made: Supplement) -> None:
        """Queue a correction."""
        ...

    async def opinion(self, made: Opinion) -> None:
        """Queue a complaint, suggestion or rating."""
        ...


class PhotoSight(Protocol):
    """Makes ID photos, as `kiosk.vision.client.VisionProcess` does."""

    async def take_id_photo(self, after: int, wanted: str = "id_card") -> IdPhoto:
        """Try the first picture with a number greater than `after`.

        Raises:
            SightLost: no picture came, or the process died.
        """
        ...


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What serves the other services.

    Attributes:
        office: the line to the back office.
        post: what needs no answer.
        photos: None where no ID photos can be made.
        pages: the A4 printer; None where there is none.
    """

    office: OfficeLine
    post: Post
    photos: PhotoSight | None = None
    pages: Reach[PagePrinter] | None = None
