"""Handing in, and handing over the receipt: sealed and stored first, then printed, or shown where it cannot be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import anyio.to_thread
import msgspec
from uuid6 import uuid7

from drivers.errors import DeviceFault, DriverError, Effect
from kiosk.clock import CHINA, local_date
from kiosk.desk.delivery import address_of, way_of
from kiosk.desk.desk import Desk, Remembered
from kiosk.desk.draft import Draft, Page, Paid
from kiosk.desk.fee import due as fee_at_desk
from kiosk.desk.form import words
from kiosk.desk.portrait import DEVICE as PHOTOGRAPH
from kiosk.desk.receipt import HandedIn, Slip, qr_payload, slip
from kiosk.desk.session import Session, SessionOver
from kiosk.desk.signing import due
from kiosk.desk.texts import masked_in, texts_wanted
from kiosk.desk.transcript import Transcript
from kiosk.log import logger
from kiosk.view import desk as view
from kiosk.view.common import Back, Next
from kiosk.vision.sheets import Document, NotBound, Stamp
from kiosk.wire.catalogue import Delivery, Handling, Item, PaperWanted
from kiosk.wire.earlier import EarlierOffer
from kiosk.wire.events import Content, Deferred, Paper, Person, Submission, Timing
from kiosk.wire.holidays import Calendar, Due
from kiosk.wire.masking import mask_name, mask_number
from kiosk.wire.sealing import seal

_log = logger("desk")

_PRINTER_PROBLEMS = {"paper_out": view.PrinterProblem.PAPER_OUT, "cover_open": view.PrinterProblem.COVER_OPEN}
_GRADES = {
    "A": "A 级·发证机关共享",
    "B": "B 级·原件已核验",
    "C": "C 级·本人拍摄上传，原件待核验",
    "D": "D 级·其他来源，仅供参考",
}
"""Provenance in words, on the page: pages are for Chinese offices."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands on the receipt beside number and dates.

    Attributes:
        papers: what was handed in.
        owed: what follows.
        fee: how it stands.
        fen: what was or is to be paid.
        way: how the result comes.
        outcome: of an item that is done at once.
        result: the office's words to it, may be empty.
        provisional: the promised day may still move.
        texts: where messages go, masked; empty: none are wanted; None: it was not asked.
    """

    papers: tuple[HandedIn, ...] = ()
    owed: tuple[view.OwedPaper, ...] = ()
    fee: view.Fee = view.Fee.NONE
    fen: int = 0
    way: Delivery = Delivery.COLLECT
    outcome: view.Outcome = view.Outcome.NONE
    result: str = ""
    provisional: bool = False
    texts: str | None = None


def facts_from(receipt: bytes) -> Facts | None:
    """What `submit` or `hand_over` stored; None where it was another release, or nothing."""
    try:
        return msgspec.json.decode(receipt, type=Facts) if receipt else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def facts_of(desk: Desk, draft: Draft, now: datetime) -> Facts:
    """What a draft's receipt says."""
    fen = fee_at_desk(draft)
    fee = view.Fee.NONE
    if fen > 0:
        fee = {Paid.YES: view.Fee.PAID, Paid.UNSURE: view.Fee.UNSURE, Paid.NO: view.Fee.AT_WINDOW}[draft.paid]
    elif draft.item.fee_fen is None and not draft.item.fee_from:
        fee = view.Fee.AT_WINDOW
    day = promised(now, draft.item, desk.calendar())
    return Facts(
        papers=tuple(HandedIn(words(p.title), _pages_of(draft, p)) for p in draft.papers() if _pages_of(draft, p)),
        owed=tuple(view.OwedPaper(words(p.title), due(now, p.deferrable_days)) for p in draft.owed()),
        fee=fee,
        fen=fen,
        way=way_of(draft.item, dict(draft.answers)),
        provisional=day is not None and day.provisional,
        texts=masked_in(dict(draft.answers)) if draft.texts else None,
    )


def _pages_of(draft: Draft, paper: PaperWanted) -> int:
    offer = draft.earlier_of(paper)
    return len(draft.pages_of(paper)) if offer is None else offer.pages


# Papers --------------------------------------------------------------------------------------------------------------


async def _documents(
    desk: Desk, draft: Draft, paper: PaperWanted, transcript: Transcript
) -> list[tuple[bytes, int, Page]]:
    """The files of one paper with their pages: bound, or as they were photographed where that cannot be."""
    pages = draft.pages_of(paper)
    # A photograph goes as it was cut: with a mark across the face it would serve nobody.
    photographs = all(page.device == PHOTOGRAPH for page in pages)
    if desk.binder is not None and not photographs:
        day = local_date(desk.clock.now()).isoformat()
        stamp = Stamp(f"仅用于办理{draft.item.title.zh_hans} {day} {desk.hall_name}", _GRADES[worst(pages)])
        sheets = [transcript.sheet(page) for page in pages]
        try:
            bound = await desk.binder.bind(sheets, stamp)
        except NotBound as error:
            _log.error("a paper goes as it was photographed", paper=paper.key, why=str(error))
        else:
            return _with_pages(bound, pages)
    sides = [(each, page) for page in pages for each in (page.page, page.back) if each is not None]
    return [(each.jpeg, 1, page) for each, page in sides]


def _with_pages(bound: Sequence[Document], pages: Sequence[Page]) -> list[tuple[bytes, int, Page]]:
    found, at = [], 0
    for document in bound:
        found.append((document.data, document.pages, pages[at]))
        at = min(at + document.pages, len(pages) - 1)
    return found


def in_groups(digest: str) -> str:
    """A digest as the log takes it: no run of digits in it can be taken for somebody's number."""
    return "-".join(digest[at : at + 8] for at in range(0, len(digest), 8))


def worst(pages: Sequence[Page]) -> str:
    """The provenance of a paper: that of its least certain page."""
    return max(page.grade for page in pages)


# Handing in ----------------------------------------------------------------------------------------------------------


def _again(paper: PaperWanted, offer: EarlierOffer) -> Paper:
    """A paper that the hub holds already, with its own provenance."""
    return Paper(
        sha256=offer.sha256,
        bytes=offer.bytes,
        kind=paper.key,
        captured=offer.captured,
        device=offer.device,
        grade=offer.grade,
        pages=offer.pages,
        earlier=offer.number,
    )


async def kept_paper(desk: Desk, draft: Draft, paper: PaperWanted, transcript: Transcript) -> list[Paper]:
    """Seal and store the pages of one paper, with what was read of them, durably; nothing where there are none."""
    made: list[Paper] = []
    offer = draft.earlier_of(paper)
    if offer is not None:
        return [_again(paper, offer)]
    if not draft.pages_of(paper):
        return made
    for data, pages, first in await _documents(desk, draft, paper, transcript):
        sealed = await anyio.to_thread.run_sync(seal, data, desk.trust.recipient)
        name = await desk.ledger.keep_paper(sealed)
        # Which document was made here, so that it can be shown that the office holds this one.
        made_here = sha256(data).hexdigest()
        _log.info("paper kept", kind=paper.key, digest=in_groups(made_here), sealed=in_groups(name), bytes=len(data))
        made.append(
            Paper(
                sha256=name,
                bytes=len(sealed),
                kind=paper.key,
                captured=first.captured,
                device=first.device,
                grade=worst(draft.pages_of(paper)),
                pages=pages,
            )
        )
    return made


async def submit(desk: Desk, draft: Draft, person: str, transcript: Transcript) -> Submission:
    """Seal, store and number the application. It is durable when this returns."""
    draft = draft.handed_in()
    recipient = desk.trust.recipient
    began = desk.clock.now()
    papers = [made for paper in draft.papers() for made in await kept_paper(desk, draft, paper, transcript)]
    now = desk.clock.now()
    card, item = draft.card, draft.item
    content = Content(
        person=Person(name=card.name, number=card.number, document=card.document.value, address=card.address),
        answers=draft.counted(),
        signature=draft.signature,
    )
    address = address_of(item, dict(draft.answers), card.name)
    texts = texts_wanted(dict(draft.answers), desk.stage.language, now)
    day = promised(now, item, desk.calendar())
    submission = Submission(
        id=uuid7(),
        number="0" * 14,
        item=item.key,
        item_version=item.version,
        began=draft.began,
        submitted=now,
        promised=None if day is None else day.day,
        person=person,
        name_masked=mask_name(card.name),
        number_masked=mask_number(card.number),
        content_sealed=seal(msgspec.json.encode(content), recipient),
        papers=tuple(papers),
        timings=(
            Timing(phase="application", ms=_milliseconds(draft.began, now)),
            Timing(phase="handing_in", ms=_milliseconds(began, now)),
        ),
        deferred=tuple(Deferred(kind=each.key, due=due(now, each.deferrable_days)) for each in draft.owed()),
        payment=draft.order,
        way=way_of(item, dict(draft.answers)),
        address_sealed=b"" if address is None else seal(msgspec.json.encode(address), recipient),
        texts_sealed=b"" if texts is None else seal(msgspec.json.encode(texts), recipient),
    )
    receipt = msgspec.json.encode(facts_of(desk, draft, now))
    made = await desk.ledger.submit(submission, desk.trust.receipt_range, desk.trust.receipts_from, receipt)
    _log.info("submitted", submission=str(made.id), item=item.key)
    return made


def _milliseconds(since: datetime, now: datetime) -> float:
    return max(round((now - since).total_seconds() * 1000, 1), 0.0)


def promised(now: datetime, item: Item, calendar: Calendar) -> Due | None:
    """The day by which it is promised: working days from tomorrow, as far as they are known. None is the same day."""
    return calendar.after(local_date(now), item.working_days) if item.working_days else None


# The receipt ---------------------------------------------------------------------------------------------------------


async def hand_over(  # noqa: C901  one line a case
    desk: Desk,
    session: Session,
    item: Item,
    made: Remembered,
    name_masked: str,
    facts: Facts | None,
    *,
    earlier: bool = False,
) -> None:
    """Print the receipt, or show it; again when asked.

    Args:
        desk: the desk.
        session: of the person.
        item: what was applied for.
        made: the submission.
        name_masked: of the person.
        facts: what else the receipt says; None where nobody knows.
        earlier: it was handed in before the terminal was interrupted.
    """
    said = facts or Facts()
    decided = item.decided_by if item.handling is not Handling.HERE else None

    def job() -> Slip:
        return slip(
            made.number,
            item,
            hall_name=desk.hall_name,
            hotline=desk.hotline,
            name_masked=name_masked,
            submitted=made.submitted.astimezone(CHINA),
            promised=made.promised,
            language=desk.stage.language,
            papers=said.papers,
            owed=said.owed,
            fee=said.fee,
            fen=said.fen,
            courier=said.way is Delivery.COURIER,
            outcome=said.outcome,
            result=said.result,
            provisional=said.provisional,
            texts=said.texts,
        )

    def done(receipt: view.Receipt, problem: view.PrinterProblem = view.PrinterProblem.NONE) -> view.Done:
        return view.Done(
            number=made.number,
            title=words(item.title),
            submitted=made.submitted,
            promised=made.promised,
            hotline=desk.hotline,
            qr=qr_payload(made.number),
            receipt=receipt,
            problem=problem,
            earlier=earlier,
            owed=said.owed,
            fee=said.fee,
            decided_by=words(decided),
            courier=said.way is Delivery.COURIER,
            outcome=said.outcome,
            provisional=said.provisional,
        )

    async def printed() -> view.Done:
        desk.stage.show(done(view.Receipt.PRINTING))
        wanted = job()
        try:
            await desk.printer.call(lambda printer: printer.print(wanted), within=25.0)
        except DriverError as error:
            fault = error.fault if isinstance(error, DeviceFault) else error.code
            _log.warning("receipt not printed", submission=str(made.id), code=error.code, effect=error.effect.value)
            await desk.ledger.give_receipt(made.id, printed=False, fault=fault)
            receipt = view.Receipt.ON_SCREEN if error.effect is Effect.NO else view.Receipt.PRINT_UNSURE
            return done(receipt, _PRINTER_PROBLEMS.get(fault, view.PrinterProblem.AWAY))
        await desk.ledger.give_receipt(made.id, printed=True)
        return done(view.Receipt.PRINTED)

    if earlier:
        # The slip may have come out before the interruption: it is shown, and printed only when asked for.
        state = done(view.Receipt.ON_SCREEN)
        await desk.ledger.give_receipt(made.id, printed=False, fault="restarted")
    else:
        if facts is not None:
            await desk.ledger.keep_receipt(made.id, msgspec.json.encode(facts))
        state = await printed()
    try:
        while True:
            match await session.ask(state):
                case Next() | Back():
                    return
                case view.Reprint():
                    state = await printed()
    except SessionOver:
        return  # handed in and handed over: leaving now loses nothing
