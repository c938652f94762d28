"""Who stands at the desk's other services: their card, the questions to the hub, the messages, the slips."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeVar

import msgspec
from uuid6 import uuid7

from drivers.errors import DeviceFault, DriverError, Effect, NotPresent
from drivers.kinds import IdCard, PageJob, PrintJob
from kiosk.desk.addressing import ask_address
from kiosk.desk.afterwards_words import TITLES
from kiosk.desk.desk import Desk
from kiosk.desk.form import words
from kiosk.desk.identify import ask_card
from kiosk.desk.session import Session
from kiosk.desk.typing import WRITTEN, ask_written
from kiosk.log import logger
from kiosk.view import afterwards as view
from kiosk.view.common import Back, Next, Words
from kiosk.view.desk import Field, Question
from kiosk.view.screen import Intent
from kiosk.wire.catalogue import Item
from kiosk.wire.digest import person_digest
from kiosk.wire.events import Person
from kiosk.wire.masking import mask_name
from kiosk.wire.progress import WhoAsks
from kiosk.wire.requests import Appointed, Ask, Changed, LineDown, NotDone, Numbered, Order, Request
from kiosk.wire.sealing import seal

_log = logger("desk")
T = TypeVar("T")
PRINT_WITHIN: Final = 130.0
"""Seconds for a job of the A4 printer; it gives up itself after 120."""
SLIP_WITHIN: Final = 25.0

NEWS: Final[Mapping[str, view.News]] = MappingProxyType(
    {
        "full": view.News.FULL,
        "no_such_slot": view.News.CHANGED,
        "past": view.News.CHANGED,
        "changed": view.News.CHANGED,
        "no_such_appointment": view.News.CHANGED,
        "already_booked": view.News.ALREADY_BOOKED,
        "no_such_submission": view.News.NOT_YOURS,
        "queue_full": view.News.QUEUE_FULL,
    }
)
"""What the hub's refusals mean to the person; any other is `NOT_POSSIBLE`."""


class Visitor:
    """Somebody at the other services; they show their card when the first service needs it.

    Args:
        desk: the desk; `desk.after` is there.
        session: of the person.
        card: theirs, where it was read before.
    """

    def __init__(self, desk: Desk, session: Session, card: IdCard | None) -> None:
        assert desk.after is not None
        self.desk, self.session, self.after = desk, session, desk.after
        self.card = card
        self.handed_in: set[str] = set()
        """Numbers of submissions that were corrected just now: the hub may not know it yet."""

    @property
    def name_masked(self) -> str:
        """Of whoever has shown their card."""
        return "" if self.card is None else mask_name(self.card.name)

    @property
    def printable(self) -> bool:
        """Whether an A4 page would come out now."""
        return self.after.pages is not None and self.after.pages.ready

    async def identified(self, service: view.Service) -> IdCard | None:
        """The card; asked for when it was not read yet. None is back.

        Raises:
            SessionOver: they left.
        """
        if self.card is None:
            self.card = await ask_card(self.desk, self.session, TITLES[service])
        return self.card

    @property
    def person(self) -> str:
        """Digest of the number on the card."""
        assert self.card is not None
        return person_digest(self.card.number, self.desk.trust.hall_key)

    def sealed_person(self) -> bytes:
        """Who it is, for the hub alone."""
        card = self.card
        assert card is not None
        who = Person(name=card.name, number=card.number, document=card.document.value, address=card.address)
        return seal(msgspec.json.encode(who), self.desk.trust.recipient)

    def who(self) -> WhoAsks:
        """The person before the desk, so that what they handed in at other halls is found too."""
        return WhoAsks(person=self.person, number_sealed=self.sealed_person())

    def item(self, key: str) -> Item | None:
        """An item, where it is still offered."""
        return self.desk.catalogue().item(key)

    def title(self, key: str) -> Words:
        """What an item is called; its key where it is offered here no more."""
        found = self.desk.catalogue().item(key)
        return Words(key, key, key) if found is None else words(found.title)

    def paper_title(self, item: str, paper: str) -> Words:
        """What a paper of an item is called."""
        found = self.desk.catalogue().item(item)
        wanted = None if found is None else next((one for one in found.papers if one.key == paper), None)
        return Words(paper, paper, paper) if wanted is None else words(wanted.title)

    async def asked(self, state: Question) -> Intent:
        """The answer to a question; texts are written where the terminal has Chinese input."""
        if self.desk.writing is not None and state.field is Field.ADDRESS:
            return await ask_address(self.session, self.desk.writing, state)
        if self.desk.writing is not None and state.field in WRITTEN:
            return await ask_written(self.session, self.desk.writing, state)
        return await self.session.ask(state)

    # Asking the hub ---------------------------------------------------------------------------------------------

    async def ask_hub(self, work: Callable[[], Awaitable[T | NotDone | LineDown]]) -> T | NotDone | None:
        """Ask until there is an answer; None when they gave it up while the line is down.

        Raises:
            SessionOver: they left.
        """
        while True:
            self.desk.stage.show(view.Asking())
            found = await work()
            if not isinstance(found, LineDown):
                return found
            _log.warning("the office does not answer", refused=found.refused)
            if not await self.told(view.Told(view.News.LINE_DOWN, again=True)):
                return None

    async def request(self, ask: Ask) -> Changed | Numbered | Appointed | Order | NotDone | None:
        """Have something done, once: asked again after a cut with the same id. None as for `ask_hub`."""
        request = Request(id=uuid7(), made=self.desk.clock.now(), ask=ask)
        return await self.ask_hub(lambda: self.after.office.request(request))

    async def refused(self, error: NotDone) -> None:
        """Say what the hub would not do."""
        _log.info("the office says no", kind=error.kind)
        await self.told(view.Told(NEWS.get(error.kind, view.News.NOT_POSSIBLE)))

    async def told(self, state: view.Told | view.Sure) -> bool:
        """Show a message; True is next, False is back."""
        while True:
            match await self.session.ask(state):
                case Next():
                    return True
                case Back():
                    return False

    # Printing ---------------------------------------------------------------------------------------------------

    async def slip(self, job: PrintJob) -> view.Slip:
        """Print a slip; says where it is."""
        try:
            await self.desk.printer.call(lambda printer: printer.print(job), within=SLIP_WITHIN)
        except DriverError as error:
            _log.warning("slip not printed", job=job.name, code=error.code, effect=error.effect.value)
            return view.Slip.ON_SCREEN if error.effect is Effect.NO else view.Slip.UNSURE
        return view.Slip.PRINTED

    async def print_pages(self, job: PageJob, pages: int, *, tell: bool = True) -> bool:
        """Print on A4, and say how it went; whether it came out.

        Args:
            job: without a name of a person.
            pages: how many; 0 where nobody counted.
            tell: also when all went well.
        """
        printer = self.after.pages
        self.desk.stage.show(view.Printing(pages))
        try:
            if printer is None:
                raise NotPresent("no page printer")
            await printer.call(lambda driver: driver.print(job), within=PRINT_WITHIN)
        except DriverError as error:
            _log.warning("pages not printed", job=job.name, code=error.code, effect=error.effect.value)
            what = view.News.NOT_PRINTED if error.effect is Effect.NO else view.News.PRINT_UNSURE
            await self.told(view.Told(what, detail=trouble_of(error)))
            return False
        if tell:
            await self.told(view.Told(view.News.PRINTED))
        return True


def trouble_of(error: DriverError) -> str:
    """What the person can be told of a printer's error: a stable word."""
    return error.fault if isinstance(error, DeviceFault) else error.code
