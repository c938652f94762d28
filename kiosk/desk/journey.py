"""One application at the desk, from top to bottom: card, item, questions, paper, check, submission, receipt.

`Session.ask` is the one primitive: it shows a state and waits for the answer, and handles idleness, help and cancelling
for every step at once. Steps are a list and drafts are immutable, so *back* works everywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

import anyio
import msgspec
from uuid6 import uuid7

from drivers.errors import DeviceFault, DriverError, Effect
from drivers.kinds import IdCard, IdReader, ReceiptPrinter
from kiosk.clock import Clock, local_date
from kiosk.desk.draft import Draft, Page
from kiosk.desk.form import problem_of, question, shown, words
from kiosk.desk.receipt import qr_payload, slip
from kiosk.devices.reach import Reach
from kiosk.log import logger
from kiosk.session import Stage, first
from kiosk.view import desk as view
from kiosk.view.common import Back, CallStaff, Cancel, CardProblem, Cause, Next, OutOfService, Stay, Words
from kiosk.view.screen import DeskState, Intent
from kiosk.vision.observation import PaperPage, PaperProblem, PaperSeen, Sight, SightLost
from kiosk.wire.catalogue import Catalogue, Item, PaperWanted, Query
from kiosk.wire.digest import person_digest
from kiosk.wire.events import Content, Paper, Person, Submission, Timing
from kiosk.wire.masking import mask_name, mask_number
from kiosk.wire.sealing import seal

_log = logger("desk")

POLL_SECONDS = 0.3
STEADY_FRAMES = 3
"""So many good pictures of the same page in a row, and it shoots by itself."""
STEADY_SHIFT = 0.012
"""How far a corner may move between two pictures of a page at rest, as a share of the picture."""

_CARD_PROBLEMS = {
    "card_moved": CardProblem.MOVED,
    "wrong_card": CardProblem.WRONG_CARD,
    "card_rejected": CardProblem.UNREADABLE,
}
_PAPER_HINTS = {
    PaperProblem.NONE: view.PaperHint.GOOD,
    PaperProblem.NO_PAPER: view.PaperHint.LAY_DOWN,
    PaperProblem.CUT_OFF: view.PaperHint.MOVE_INSIDE,
    PaperProblem.TOO_SMALL: view.PaperHint.COME_CLOSER,
    PaperProblem.BLURRED: view.PaperHint.BLURRED,
    PaperProblem.GLARE: view.PaperHint.GLARE,
}
_PRINTER_PROBLEMS = {"paper_out": view.PrinterProblem.PAPER_OUT, "cover_open": view.PrinterProblem.COVER_OPEN}


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


class SubmissionLedger(Protocol):
    """Where submissions are kept."""

    async def keep_paper(self, sealed: bytes) -> str:
        """Store a sealed paper durably; returns its SHA-256."""
        ...

    async def submit(self, draft: Submission, receipt_range: int) -> Submission:
        """Number, store and queue a submission in one transaction."""
        ...

    async def give_receipt(self, submission: UUID, *, printed: bool, fault: str = "") -> None:
        """Store how the citizen got the receipt."""
        ...

    async def without_receipt(self, person: str) -> Remembered | None:
        """The newest submission of a person whose receipt was never given."""
        ...


@dataclass(frozen=True, slots=True)
class DeskPace:
    """How long things wait for the person, in seconds."""

    idle_seconds: float = 60.0
    warning_seconds: int = 20
    result_seconds: float = 4.0


@dataclass(frozen=True, slots=True)
class DeskTrust:
    """What enrolment gave the terminal."""

    hall_key: bytes
    recipient: str
    receipt_range: int


@dataclass(frozen=True, slots=True)
class Desk:
    """One desk, with all that serves it."""

    hall_name: str
    hotline: str
    stage: Stage
    reader: Reach[IdReader]
    printer: Reach[ReceiptPrinter]
    sight: Sight
    ledger: SubmissionLedger
    trust: DeskTrust
    catalogue: Callable[[], Catalogue]
    offline: Callable[[], bool]
    pace: DeskPace
    clock: Clock


class SessionOver(Exception):
    """The person has left or cancelled: everything that was entered is forgotten."""


class Session:
    """One person at the desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stage = desk.stage

    async def ask(self, state: DeskState) -> Intent:
        """Show a state and wait for the answer.

        Raises:
            SessionOver: the person cancelled, or nobody was there any more.
        """
        while True:
            self._stage.show(state)
            intent = await self._within_idle(state)
            match intent:
                case Cancel():
                    raise SessionOver("cancelled")
                case CallStaff():
                    _log.info("staff called", view=type(state).__name__)
                    await self.staff()
                case Stay():
                    continue
                case _:
                    return intent

    async def on_screen(self) -> Intent | None:
        """Wait for an intent on a screen that something else keeps drawing (the live camera).

        Returns:
            None when nobody has touched anything for a while: call `still_there` then.

        Raises:
            SessionOver: the person cancelled.
        """
        intent: Intent | None = None
        with anyio.move_on_after(self._desk.pace.idle_seconds):
            intent = await self._stage.intent()
        if isinstance(intent, Cancel):
            raise SessionOver("cancelled")
        return intent

    async def still_there(self) -> None:
        """Warn that everything will be wiped; return when the person is still there.

        Raises:
            SessionOver: nobody is.
        """
        for seconds in range(self._desk.pace.warning_seconds, 0, -1):
            self._stage.show(view.StillThere(seconds))
            with anyio.move_on_after(1.0):
                await self._stage.intent()
                return
        raise SessionOver("idle")

    async def _within_idle(self, state: DeskState) -> Intent:
        with anyio.move_on_after(self._desk.pace.idle_seconds):
            return await self._stage.intent()
        await self.still_there()
        self._stage.show(state)
        return Stay()

    async def staff(self) -> None:
        """Say that staff are coming, until the person goes on."""
        self._stage.show(view.StaffCalled())
        with anyio.move_on_after(self._desk.pace.idle_seconds):
            while not isinstance(await self._stage.intent(), Back | Next):
                pass


async def serve(desk: Desk) -> None:
    """Serve one person after the other, until cancelled. Whatever fails, the next person is served."""
    while True:
        desk.stage.reset()
        try:
            await serve_one(desk)
        except SessionOver as over:
            _log.info("session over", why=str(over))
        except Exception as error:  # noqa: BLE001  whatever it was, the next person is served
            _log.exception("a session failed", exc_info=error)
            desk.stage.show(OutOfService(Cause.FAULT))
            await anyio.sleep(2.0)


async def serve_one(desk: Desk) -> None:
    """Wait for one person and serve them.

    Raises:
        SessionOver: they left before the end.
    """
    card = await _identify(desk)
    session = Session(desk)
    person = person_digest(card.number, desk.trust.hall_key)
    earlier = await desk.ledger.without_receipt(person)
    if earlier is not None:
        item = next((i for i in desk.catalogue().items if i.key == earlier.item), None)
        if item is not None:
            await _hand_over(desk, session, item, earlier, mask_name(card.name), earlier=True)
    else:
        draft = await _fill_in(desk, session, card)
        desk.stage.show(view.Submitting())
        made = await _submit(desk, draft, person)
        await _hand_over(desk, session, draft.item, made, mask_name(card.name), earlier=False)
    desk.stage.show(view.TakeYourThings())
    await anyio.sleep(desk.pace.result_seconds)


# Card ----------------------------------------------------------------------------------------------------------


async def _identify(desk: Desk) -> IdCard:
    problem = CardProblem.NONE
    while True:
        if not desk.reader.ready:
            desk.stage.show(OutOfService(Cause.DEVICE, "id_reader"))
            await desk.reader.until_ready()
        try:
            return await _card(desk, problem)
        except DeviceFault as fault:
            problem = _CARD_PROBLEMS.get(fault.fault, CardProblem.UNREADABLE)
        except DriverError:
            reading = desk.stage.screen is not None and isinstance(desk.stage.screen.state, view.ReadingCard)
            problem = CardProblem.MOVED if reading else problem
            await anyio.sleep(0.1)


async def _card(desk: Desk, problem: CardProblem) -> IdCard:
    async def look() -> IdCard | None:
        return await desk.reader.call(lambda reader: reader.read(), within=6.0)

    async def say_reading() -> IdCard | None:
        # An empty reader answers at once: when it takes longer, a card lies on it and is being read.
        await anyio.sleep(0.25)
        desk.stage.show(view.ReadingCard())
        await anyio.sleep_forever()
        return None

    while True:
        desk.stage.show(_start(desk, problem))
        card = await first(look, say_reading)
        if card is not None:
            return card
        await anyio.sleep(POLL_SECONDS)


def _summaries(catalogue: Catalogue) -> tuple[view.ItemSummary, ...]:
    return tuple(view.ItemSummary(item.key, words(item.title), words(item.line)) for item in catalogue.items)


def _start(desk: Desk, problem: CardProblem) -> view.Start:
    return view.Start(
        hall=desk.hall_name,
        items=_summaries(desk.catalogue()),
        problem=problem,
        printing=desk.printer.ready,
        offline=desk.offline(),
    )


# Filling in ----------------------------------------------------------------------------------------------------


async def _fill_in(desk: Desk, session: Session, card: IdCard) -> Draft:
    """From the choice of an item to a checked draft. Back from the first step chooses anew."""
    catalogue = desk.catalogue()
    began = desk.clock.now()
    while True:
        intent = await session.ask(view.ChooseItem(mask_name(card.name), _summaries(catalogue)))
        item = next((i for i in catalogue.items if isinstance(intent, view.Choose) and i.key == intent.key), None)
        if item is None:
            if isinstance(intent, Back):
                raise SessionOver("went back from the choice")
            continue
        draft = await _Application(desk, session, Draft(card, item, began)).run()
        if draft is not None:
            return draft


class _Application:
    """The steps of one item: what is needed, each question, each paper, the check."""

    def __init__(self, desk: Desk, session: Session, draft: Draft) -> None:
        self._desk, self._session, self._draft = desk, session, draft
        item = draft.item
        self._steps: tuple[Query | PaperWanted | None, ...] = (*item.form, *item.papers, None)
        self._count = len(self._steps)

    async def run(self) -> Draft | None:
        """Walk the steps; None when the person went back before the first."""
        at, edited = -1, False
        while True:
            step = self._steps[at] if at >= 0 else None
            if at < 0:
                if not await self._told():
                    return None
                forward = True
            elif step is None:
                edit = await self._check(at + 1)
                if edit is None:
                    return self._draft
                at, edited = edit, True
                continue
            elif isinstance(step, Query):
                forward = await self._question(step, at + 1)
            else:
                forward = await self._paper(step, at + 1)
            # What was changed from the check page returns to it.
            at = at - 1 if not forward else self._count - 1 if edited else at + 1
            edited = edited and forward and at < self._count - 1

    async def _told(self) -> bool:
        """What is needed, how long it takes, what it costs. Whether to go on."""
        item = self._draft.item
        state = view.BeforeYouStart(
            title=words(item.title),
            needs=tuple(words(need) for need in item.needs),
            minutes=item.minutes,
            working_days=item.working_days,
            fee=words(item.fee),
        )
        while True:
            match await self._session.ask(state):
                case Next():
                    return True
                case Back():
                    return False

    async def _question(self, query: Query, step: int) -> bool:
        problem = view.AnswerProblem.NONE
        value = self._draft.answer(query)
        while True:
            state = question(query, step=step, steps=self._count, value=value, problem=problem)
            match await self._session.ask(state):
                case view.Answer(key=key, value=given) if key == query.key:
                    value = given.strip()
                    problem = problem_of(value, query, local_date(self._desk.clock.now()))
                    if problem is view.AnswerProblem.NONE:
                        self._draft = self._draft.with_answer(key, value)
                        return True
                case Back():
                    return False

    async def _paper(self, paper: PaperWanted, step: int) -> bool:
        """Capture one paper and have it checked. False is back."""
        while True:
            page = self._draft.page(paper)
            if page is None:
                taken = await _capture(self._desk, self._session, paper, step, self._count)
                if taken is None:
                    return False
                page = Page(taken, self._desk.clock.now())
                self._draft = self._draft.with_page(paper.key, page)
            match await self._session.ask(
                view.CheckPaper(step=step, steps=self._count, title=words(paper.title), page=page.page.preview)
            ):
                case Next():
                    return True
                case view.Retake():
                    self._draft = self._draft.with_page(paper.key, None)
                case Back():
                    return False

    async def _check(self, step: int) -> int | None:
        """Show everything. None is: hand it in; else the step to go to."""
        draft = self._draft
        rows = [_name_row(draft.card)]
        rows += [view.ReviewRow(q.key, words(q.title), shown(draft.answer(q), q)) for q in draft.item.form]
        rows += [view.ReviewRow(p.key, words(p.title), _CAPTURED) for p in draft.item.papers]
        pages = [page.page.preview for _, page in draft.pages]
        state = view.Review(
            step=step,
            steps=self._count,
            title=words(draft.item.title),
            rows=tuple(rows),
            page=pages[0] if pages else b"",
        )
        while True:
            match await self._session.ask(state):
                case Next():
                    return None
                case Back():
                    return self._count - 2
                case view.Edit(key=key):
                    for at, part in enumerate(self._steps):
                        if part is not None and part.key == key:
                            return at


_CAPTURED = Words("已拍摄 1 页", "已拍攝 1 頁", "1 page photographed")


def _name_row(card: IdCard) -> view.ReviewRow:
    name = mask_name(card.name)
    number = mask_number(card.number)
    who = f"{name} {number[:6]} {number[6:14]} {number[14:]}"
    return view.ReviewRow("", Words("申请人", "申請人", "Applicant"), Words(who, who, who))


# Papers --------------------------------------------------------------------------------------------------------


class _StillPage:
    """Counts good pictures in a row in which the page lies still."""

    def __init__(self) -> None:
        self._last: tuple[tuple[float, float], ...] | None = None
        self.count = 0

    def add(self, seen: PaperSeen) -> view.PaperHint:
        outline = seen.outline
        if seen.problem is not PaperProblem.NONE or outline is None:
            self._last, self.count = None, 0
            return _PAPER_HINTS[seen.problem]
        moved = self._last is None or any(
            abs(a - b) > STEADY_SHIFT
            for p, q in zip(outline, self._last, strict=False)
            for a, b in zip(p, q, strict=True)
        )
        self.count = 1 if moved else self.count + 1
        was_first, self._last = self._last is None, outline
        return view.PaperHint.HOLD_STILL if moved and not was_first else view.PaperHint.GOOD


async def _capture(desk: Desk, session: Session, paper: PaperWanted, step: int, steps: int) -> PaperPage | None:
    """Guide the person until a good picture was taken. None is back."""
    title = words(paper.title)

    def draw(
        hint: view.PaperHint, outline: tuple[tuple[float, float], ...] | None = None, progress: float = 0.0
    ) -> None:
        desk.stage.show(view.CapturePaper(step, steps, title, hint, outline, progress))

    async def look() -> PaperPage | Intent | None:
        return await _until_taken(desk.sight, draw)

    async def touched() -> PaperPage | Intent | None:
        return await session.on_screen()

    while True:
        draw(view.PaperHint.LAY_DOWN)
        match await first(look, touched):
            case PaperPage() as page:
                return page
            case Back():
                return None
            case CallStaff():
                await session.staff()
            case None:
                await session.still_there()


async def _until_taken(
    sight: Sight, draw: Callable[[view.PaperHint, tuple[tuple[float, float], ...] | None, float], None]
) -> PaperPage:
    """Look until the same page lay still in a few good pictures, and take it."""
    after, still = 0, _StillPage()
    while True:
        try:
            seen = await sight.look_for_paper(after)
            after = seen.frame
            hint = still.add(seen)
            draw(hint, seen.outline, round(min(still.count / STEADY_FRAMES, 1.0), 2))
            if still.count >= STEADY_FRAMES:
                return await sight.take_page()
        except SightLost:
            still = _StillPage()
            draw(view.PaperHint.CAMERA_AWAY, None, 0.0)
            await anyio.sleep(0.3)


# Submission and receipt ----------------------------------------------------------------------------------------


async def _submit(desk: Desk, draft: Draft, person: str) -> Submission:
    """Seal, store and number the application. It is durable when this returns."""
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
        answers={query.key: draft.answer(query) for query in item.form},
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
    made = await desk.ledger.submit(submission, desk.trust.receipt_range)
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


async def _hand_over(
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
