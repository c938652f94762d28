"""One desk, with all that serves it, and where its submissions are kept."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from drivers.kinds import IdReader, ReceiptPrinter, Speaker
from kiosk.clock import Clock
from kiosk.desk.afterwards_parts import Afterwards
from kiosk.desk.other_ways import EarlierLine, TelephoneLine, WindowsPost
from kiosk.devices.reach import Reach
from kiosk.input.writer import Engines
from kiosk.lock import Lock
from kiosk.session import Stage
from kiosk.store.shelf import StoredDraft
from kiosk.vision.observation import Sight
from kiosk.vision.reading import LineReader, PageReader
from kiosk.vision.sent import SentPictures
from kiosk.vision.sheets import PaperBinder
from kiosk.wire.catalogue import Catalogue
from kiosk.wire.events import Submission
from kiosk.wire.holidays import Calendar
from kiosk.wire.progress import Mine, WhoAsks
from kiosk.wire.requests import Appointed, Changed, LineDown, NotDone, Numbered, Order, Request


class Remembered(Protocol):
    """A submission as the terminal remembers it."""

    @property
    def id(self) -> UUID:
        """Its id."""
        ...

    @property
    def number(self) -> str:
        """Its receipt number."""
        ...

    @property
    def item(self) -> str:
        """Key of its item."""
        ...

    @property
    def submitted(self) -> datetime:
        """When it was handed in."""
        ...

    @property
    def promised(self) -> date | None:
        """When it will be done; None is at once."""
        ...


class Interrupted(Remembered, Protocol):
    """A submission whose receipt was never given."""

    @property
    def receipt(self) -> bytes:
        """What stands on it (`kiosk.desk.handover.Facts` as JSON); empty where nobody knows."""
        ...


class SubmissionLedger(Protocol):
    """Where submissions are kept."""

    async def keep_paper(self, sealed: bytes) -> str:
        """Store a sealed paper durably; returns its SHA-256."""
        ...

    async def submit(
        self, draft: Submission, receipt_range: int, receipts_from: int, receipt: bytes = b""
    ) -> Submission:
        """Number, store and queue a submission in one transaction, with what stands on its receipt."""
        ...

    async def keep_receipt(self, submission: UUID, receipt: bytes) -> None:
        """Store what stands on a receipt, instead of what was to stand there before."""
        ...

    async def give_receipt(self, submission: UUID, *, printed: bool, fault: str = "") -> None:
        """Store how the citizen got the receipt."""
        ...

    async def without_receipt(self, person: str) -> Interrupted | None:
        """The newest submission of a person whose receipt was never given."""
        ...


class DraftShelf(Protocol):
    """Where sealed drafts are kept: one a person and item."""

    async def keep(self, draft: StoredDraft) -> None:
        """Keep a draft instead of the one before."""
        ...

    async def of(self, person: str) -> list[StoredDraft]:
        """The drafts of a person that have not expired, the newest first."""
        ...

    async def drop(self, person: str, item: str, *, unless_kept: bool = False) -> None:
        """Delete a draft."""
        ...


class OfficeLine(Protocol):
    """The back office, asked while somebody waits (`kiosk.link.office.Office`)."""

    async def mine(self, who: WhoAsks, number: str = "") -> Mine | NotDone | LineDown:
        """Everything of a person, or one submission of theirs."""
        ...

    async def request(self, request: Request) -> Changed | Numbered | Appointed | Order | NotDone | LineDown:
        """Have something done, once; asked again with the same id nothing is done twice."""
        ...

    async def order(self, order: UUID) -> Order | NotDone | LineDown:
        """Whether an order is paid."""
        ...

    async def result(self, who: WhoAsks, number: str, place: int = 0) -> bytes | NotDone | LineDown:
        """One document of a result, a PDF."""
        ...

    async def result_page(self, who: WhoAsks, number: str, place: int = 0) -> bytes | NotDone | LineDown:
        """The first page of a document of a result, a JPEG."""
        ...


@dataclass(frozen=True, slots=True)
class DeskPace:
    """How long things wait for the person, in seconds."""

    idle_seconds: float = 60.0
    warning_seconds: int = 20
    result_seconds: float = 4.0
    """How long the last screen stays."""
    decide_seconds: int = 20
    """How long the result of an item is waited for that is done at once."""
    card_calls: int = 20
    """So often somebody is called back to a card they left, one call after the other; then each minute."""


@dataclass(frozen=True, slots=True)
class DeskTrust:
    """What enrolment gave the terminal."""

    hall_key: bytes
    recipient: str
    receipt_range: int
    receipts_from: int = 1


@dataclass(frozen=True, slots=True)
class Desk:
    """One desk, with all that serves it."""

    hall_name: str
    hotline: str
    stage: Stage
    reader: Reach[IdReader]
    printer: Reach[ReceiptPrinter]
    printing: Callable[[], bool]
    sight: Sight
    ledger: SubmissionLedger
    trust: DeskTrust
    catalogue: Callable[[], Catalogue]
    offline: Callable[[], bool]
    pace: DeskPace
    clock: Clock
    shelf: DraftShelf | None = None
    """None where drafts cannot be kept."""
    writing: Engines | None = None
    """Chinese input; None where its data is missing, and letters are typed."""
    after: Afterwards | None = None
    """What serves the other services; None where there are none."""
    office: OfficeLine | None = None
    """None where the hub has no back office: fees are paid at a window, results come later."""
    reads: PageReader | None = None
    """Reads papers; None where nothing does."""
    lines: LineReader | None = None
    """Reads whole papers for the text layer of their documents; None where nothing does."""
    binder: PaperBinder | None = None
    """Makes documents of pages; None hands in the pages as they were photographed."""
    calendar: Callable[[], Calendar] = Calendar
    """Which days are worked, as far as the hub has said."""
    camera: Callable[[], bool] = lambda: True
    """Whether papers can be photographed now."""
    room: Callable[[], bool] = lambda: True
    """Whether the disk has room for new work."""
    speaker: Reach[Speaker] | None = None
    windows: WindowsPost | None = None
    """Hands drafts over to windows; None where nothing does."""
    phone: TelephoneLine | None = None
    """Takes papers from telephones; None where nothing does."""
    sent: SentPictures | None = None
    """Makes pages of pictures from elsewhere; None keeps them as they came."""
    earlier: EarlierLine | None = None
    """Offers papers of earlier submissions; None where nothing does."""
    texts: bool = False
    """Asks whether messages are wanted: this hall sends some."""
    lock: Lock = field(default_factory=Lock)
    """Whether the hub has it serve nobody."""
