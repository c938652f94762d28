"""Handing in, and handing over the receipt: sealed and stored first, then printed, or shown where it cannot be."""

from datetime import date, datetime, timedelta

import anyio
import anyio.to_thread
import msgspec
from uuid6 import uuid7

from drivers.errors import DeviceFault, DriverError, Effect
from kiosk.clock import local_date
from kiosk.desk.desk import Desk, Remembered
from kiosk.desk.draft import Draft
from kiosk.desk.form import words
from kiosk.desk.receipt import qr_payload, slip
from kiosk.desk.session import Session, SessionOver
from kiosk.log import logger
from kiosk.view import desk as view
from kiosk.view.common import Back, Next
from kiosk.wire.catalogue import Item
from kiosk.wire.events import Content, Paper, Person, Submission, Timing
from kiosk.wire.masking import mask_name, mask_number
from kiosk.wire.sealing import seal

_log = logger("desk")

_PRINTER_PROBLEMS = {"paper_out": view.PrinterProblem.PAPER_OUT, "cover_open": view.PrinterProblem.COVER_OPEN}


async def submit(desk: Desk, draft: Draft, person: str) -> Submission:
    """Seal, store and number the application. It is durable when this returns."""
    draft = draft.handed_in()
    recipient = desk.trust.recipient
    papers = []
    for key, page in draft.pages:
        sealed = await anyio.to_thread.run_sync(seal, page.page.jpeg, recipient)
        name = await desk.ledger.keep_paper(sealed)
        papers.append(Paper(sha256=name, bytes=len(sealed), kind=key, captured=page.captured, device="camera"))
    now = desk.clock.now()
    card, item = draft.card, draft.item
    content = Content(
        person=Person(name=card.name, number=card.number, document=card.document.value, address=card.address),
        answers=draft.counted(),
    )
    took = (now - draft.began).total_seconds() * 1000
    submission = Submission(
        id=uuid7(),
        number="0" * 14,
        item=item.key,
        item_version=item.version,
        began=draft.began,
        submitted=now,
        promised=promised(now, item),
        person=person,
        name_masked=mask_name(card.name),
        number_masked=mask_number(card.number),
        content_sealed=seal(msgspec.json.encode(content), recipient),
        papers=tuple(papers),
        timings=(Timing(phase="application", ms=max(round(took, 1), 0.0)),),
    )
    made = await desk.ledger.submit(submission, desk.trust.receipt_range, desk.trust.receipts_from)
    _log.info("submitted", submission=str(made.id), item=item.key)
    return made


def promised(now: datetime, item: Item) -> date | None:
    """The day by which it is promised: working days from tomorrow, Monday to Friday. None is the same day.

    Public holidays come with the hub's signed calendar; until there is one, the date is the earliest possible.
    """
    day = local_date(now)
    left = item.working_days
    if left == 0:
        return None
    while left:
        day += timedelta(days=1)
        left -= day.isoweekday() <= 5
    return day


async def hand_over(
    desk: Desk, session: Session, item: Item, made: Remembered, name_masked: str, *, earlier: bool
) -> None:
    """Print the receipt, or show it; again when asked."""
    job = slip(
        made.number,
        item,
        hall_name=desk.hall_name,
        hotline=desk.hotline,
        name_masked=name_masked,
        submitted=made.submitted,
        promised=made.promised,
        language=desk.stage.language,
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
        )

    async def printed() -> view.Done:
        desk.stage.show(done(view.Receipt.PRINTING))
        try:
            await desk.printer.call(lambda printer: printer.print(job), within=25.0)
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
