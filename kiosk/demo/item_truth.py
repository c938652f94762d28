"""What the hub holds of an application, held against what the applicant gave and saw: byte by byte, page by page."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import msgspec
from sqlalchemy import select

from drivers.simulate.payment_gateway import PaymentGatewayServer
from hub.data import DataFolder
from hub.office.calendar import calendar_of
from hub.office.records import find
from hub.options import reading
from hub.store import schema
from hub.store.papers import Papers
from kiosk.clock import WallClock, local_date
from kiosk.demo.books import HubBook
from kiosk.demo.brought import numbers_on
from kiosk.demo.item_documents import MOST_BYTES_A_PAGE, Looked, Picture, looked_at
from kiosk.demo.item_walk import Given
from kiosk.demo.people import Invented
from kiosk.desk.delivery import PHONE, STREET, address_of, way_of
from kiosk.view.desk import Done, Fee, Outcome
from kiosk.wire.answers import fee_due, papers_wanted
from kiosk.wire.catalogue import Item
from kiosk.wire.events import Address, Content, Paper, Submission
from kiosk.wire.progress import Standing
from kiosk.wire.sealing import CannotUnseal, unseal


@dataclass(frozen=True, slots=True)
class Held:
    """What the hub holds of everything, read once.

    Attributes:
        made: digest of each document that the desk made, by the digest of its sealed bytes: from the desk's own log.
    """

    data: Path
    book: HubBook
    made: Mapping[str, str]
    identity: str

    def document(self, sealed: str) -> bytes:
        """A paper as the hub opens it.

        Raises:
            FileNotFoundError: it is not there.
            CannotUnseal: it cannot be opened.
        """
        return unseal(Papers(self.data / "papers").open(sealed), self.identity)


def documents_made(log: Path) -> dict[str, str]:
    """Digest of each document by that of its sealed bytes, as the desk has noted it."""
    found: dict[str, str] = {}
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if '"paper kept"' in line:
            noted = json.loads(line)
            found[noted["sealed"].replace("-", "")] = noted["digest"].replace("-", "")
    return found


def held(data: Path, book: HubBook, log: Path) -> Held:
    """What the hub holds now."""
    return Held(data, book, documents_made(log), DataFolder(data).unsealing_identity())


class Comparison:
    """Compares one application.

    Args:
        held: what the hub holds.
        item: what was applied for, as the hub has published it.
        given: what the applicant gave.
        person: who they are.
        hall: where it was handed in.
    """

    def __init__(self, held: Held, item: Item, given: Given, person: Invented, hall: str) -> None:
        self._held, self._item, self._given = held, item, given
        self._person, self._hall = person, hall
        self.differences = list(given.differences)
        self.papers = 0
        self.pages = 0
        self.recognised = 0
        self.searched = 0
        self.largest_page = 0
        self.standing = ""

    def _same(self, what: str, ours: object, theirs: object) -> None:
        if ours != theirs:
            self.differences.append(f"{what}: given {ours!r}, the hub holds {theirs!r}")

    def run(self, gateway: PaymentGatewayServer) -> list[str]:
        """Everything that is not as it should be; nothing where all is."""
        done = self._given.done
        if self._given.stuck_at or done is None:
            self.differences.append(f"gave up at: {self._given.stuck_at or 'the end'}")
            return self.differences
        made = [s for s in self._held.book.submissions.values() if s.number == done.number]
        if len(made) != 1:
            self.differences.append(f"the hub holds {len(made)} submissions of receipt {done.number}")
            return self.differences
        self._same("item", self._item.key, made[0].item)
        self._same("version", self._item.version, made[0].item_version)
        self._slip(done)
        self._content(made[0])
        self._papers(made[0])
        self._money(made[0], done, gateway)
        self._kind(made[0], done)
        return self.differences

    def _slip(self, done: Done) -> None:
        self._same("title on the screen", self._item.title.zh_hans.strip(), done.title.zh_hans)
        if done.number not in self._given.qr:
            self.differences.append(f"the slip's code says {self._given.qr!r}, the screen {done.number}")
        receipts = [r for r in self._held.book.receipts if str(r.submission) in self._ids(done.number)]
        self._same("receipt reported", [True], [receipt.printed for receipt in receipts])

    def _ids(self, number: str) -> set[str]:
        return {key for key, made in self._held.book.submissions.items() if made.number == number}

    def _content(self, made: Submission) -> None:
        try:
            content = msgspec.json.decode(unseal(made.content_sealed, self._held.identity), type=Content)
        except CannotUnseal as error:
            self.differences.append(f"the hub cannot open what was filled in: {error}")
            return
        person = self._person
        self._same("name", person.name, content.person.name)
        self._same("number", person.number, content.person.number)
        self._same("address", person.address, content.person.address)
        form = {query.key for query in self._item.form}
        said = {key: value for key, value in self._given.answers.items() if key in form}
        for key in sorted(said.keys() | content.answers.keys()):
            self._same(f"answer {key}", said.get(key), content.answers.get(key))
        if content.signature is None:
            self.differences.append("there is no signature")
        else:
            self._same("strokes of the signature", 2, len(content.signature.strokes))
            self._same("lines signed for", 3 + len(self._given.later), len(content.signature.declared))
        self._delivery(made)

    def _delivery(self, made: Submission) -> None:
        answers = self._given.answers
        self._same("way", way_of(self._item, answers), made.way)
        wanted = address_of(self._item, answers, self._person.name)
        if not made.address_sealed:
            self._same("address of delivery", wanted, None)
            return
        try:
            found = msgspec.json.decode(unseal(made.address_sealed, self._held.identity), type=Address)
        except CannotUnseal as error:
            self.differences.append(f"the hub cannot open the address: {error}")
            return
        self._same("address of delivery", wanted, found)
        for key, there in ((PHONE, found.phone), (STREET, found.street)):
            if key in answers:
                self._same(f"delivery {key}", answers[key], there)

    # Papers -----------------------------------------------------------------------------------------------------

    def _papers(self, made: Submission) -> None:
        titles = {paper.title.zh_hans.strip(): paper.key for paper in self._item.papers}
        given = {titles.get(title, title): pages for title, pages in self._given.papers.items()}
        there: dict[str, list[Paper]] = {}
        for paper in made.papers:
            there.setdefault(paper.kind, []).append(paper)
        self._same("papers", sorted(given), sorted(there))
        later = sorted(titles.get(title, title) for title in self._given.later)
        self._same("papers that follow", later, sorted(each.kind for each in made.deferred))
        wanted = {paper.key for paper in papers_wanted(self._item, self._given.answers)}
        self._same("papers the item wants", sorted(wanted), sorted({*given, *later}))
        for kind in given.keys() & there.keys():
            self.papers += 1
            self._paper(kind, given[kind], there[kind])

    def _paper(self, kind: str, given: Sequence[tuple[str, ...]], files: Sequence[Paper]) -> None:
        self._same(f"pages of {kind}", len(given), sum(file.pages for file in files))
        pictures: list[Picture] = []
        for file in files:
            try:
                data = self._held.document(file.sha256)
            except (FileNotFoundError, CannotUnseal) as error:
                self.differences.append(f"the hub cannot open a paper of {kind}: {error!r}")
                return
            digest = hashlib.sha256(data).hexdigest()
            self._same(f"bytes of {kind}", self._held.made.get(file.sha256, "(not noted at the desk)"), digest)
            found = looked_at(data)
            self._same(f"pages of a file of {kind}", file.pages, len(found.pictures))
            self._document(kind, found)
            pictures += found.pictures
        self.pages += len(pictures)
        for number, (picture, numbers) in enumerate(zip(pictures, given, strict=False), 1):
            self._page(f"{kind}, page {number}", picture, numbers)

    def _document(self, kind: str, found: Looked) -> None:
        """It is for keeping, small, and opens elsewhere; which of its pages can be searched is counted."""
        self.largest_page = max(self.largest_page, found.page_bytes)
        if not found.claim:
            self.differences.append(f"{kind} does not say that it is PDF/A")
        if found.page_bytes > MOST_BYTES_A_PAGE:
            self.differences.append(f"{kind} has {found.page_bytes} bytes a page")
        if found.opens is False:
            self.differences.append(f"poppler does not open {kind}")
        for text in found.text or ():
            self.searched += self._person.name in text and self._person.number in text

    def _page(self, what: str, picture: Picture, numbers: tuple[str, ...]) -> None:
        """The page shows the sheets that were laid down, and no others."""
        found = numbers_on(picture)
        self.recognised += found == numbers
        self._same(f"sheets on {what}", numbers, found)

    # Money, days, result ----------------------------------------------------------------------------------------

    def _money(self, made: Submission, done: Done, gateway: PaymentGatewayServer) -> None:
        form = {query.key for query in self._item.form}
        due = fee_due(self._item, {key: value for key, value in self._given.answers.items() if key in form}) or 0
        self._same("fee on the screen", due or None, self._given.fen_asked)
        orders = [order for order in gateway.orders.values() if order.order == str(made.payment)]
        if not due:
            self._same("order", None, made.payment)
            return
        self._same("fee paid", due, self._given.paid_fen)
        self._same("orders at the gateway", [("paid", due)], [(order.state, order.fen) for order in orders])
        self._same("fee on the receipt", Fee.PAID, done.fee)
        with reading(self._held.data, WallClock()) as connection:
            table = schema.payment
            rows = connection.execute(select(table).where(table.c.item == self._item.key)).all()
        # The number behind it is the gateway's: what the hub says was paid is what they have.
        self._same(
            "payments in the hub's book",
            [(str(made.payment), due, "paid", orders[0].number if orders else "")],
            [(row.id, row.fen, row.state, row.gateway_number) for row in rows if row.id == str(made.payment)],
        )
        paid = [UUID(row.id) for row in rows if row.state == "paid" and UUID(row.id) != made.payment]
        claimed = {each.payment for each in self._held.book.submissions.values()}
        self._same("money that belongs to nothing", [], [each for each in paid if each not in claimed])

    def _kind(self, made: Submission, done: Done) -> None:
        with reading(self._held.data, WallClock()) as connection:
            calendar = calendar_of(connection, self._hall)
            record = find(connection, made.number)
        day = None
        if self._item.working_days:
            day = calendar.after(local_date(made.submitted), self._item.working_days).day
        self._same("promised on the screen", day, done.promised)
        self._same("promised at the hub", day, made.promised)
        if record is None:
            self.differences.append("the office knows nothing of it")
            return
        self.standing = record.standing.value
        if self._item.working_days == 0 and not self._given.later:
            self._same("result on the screen", Outcome.GRANTED, done.outcome)
            granted = record.standing in {Standing.GRANTED, Standing.RESULT, Standing.COLLECTED}
            self._same("result at the hub", True, granted)  # noqa: FBT003  a value that is compared, no switch
