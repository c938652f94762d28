"""Go on at a window: the draft leaves this desk sealed, and the only key goes with the person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from uuid6 import uuid7

from drivers.errors import DeviceFault, DriverError, Effect
from drivers.kinds import Align, Line, PrintJob, QrCode, Row, Rule, Space
from kiosk.clock import CHINA
from kiosk.desk.desk import Desk
from kiosk.desk.draft import Draft, Page
from kiosk.desk.form import words
from kiosk.desk.keeping import expiry
from kiosk.desk.session import Session, SessionOver
from kiosk.log import logger
from kiosk.view import desk as view
from kiosk.view.common import Language, Next
from kiosk.wire.catalogue import PaperWanted
from kiosk.wire.events import MAX_PAPER_BYTES, DraftHandedOver, Person
from kiosk.wire.window import DraftPage, DraftPaper, HandedDraft, code_of, grouped, name_of, new_secret, sealed

_log = logger("desk")
_PROBLEMS: Final = {"paper_out": view.PrinterProblem.PAPER_OUT, "cover_open": view.PrinterProblem.COVER_OPEN}
_SAYS: Final[dict[Language, tuple[str, str, str, str, str]]] = {
    Language.ZH_HANS: (
        "窗口续办码",
        "事项",
        "有效期至",
        "请到窗口出示此码。只有它能打开您填的内容，请勿给别人。",
        "咨询电话",
    ),
    Language.ZH_HANT: (
        "窗口續辦碼",
        "事項",
        "有效期至",
        "請到窗口出示此碼。只有它能打開您填的內容，請勿給別人。",
        "諮詢電話",
    ),
    Language.EN: (
        "Go on at a window",
        "Item",
        "Good until",
        "Show this code at a window. Only it opens what you filled in: give it to nobody else.",
        "Hotline",
    ),
}


class TooLarge(Exception):
    """The draft has more pages than can be handed over in one piece."""


def _papers(draft: Draft) -> tuple[DraftPaper, ...]:
    def paper(wanted: PaperWanted, pages: Sequence[Page]) -> DraftPaper:
        return DraftPaper(
            kind=wanted.key,
            captured=pages[0].captured,
            device=pages[0].device,
            grade=max(page.grade for page in pages),
            pages=tuple(
                DraftPage(front=page.page.jpeg, back=b"" if page.back is None else page.back.jpeg) for page in pages
            ),
        )

    return tuple(paper(wanted, draft.pages_of(wanted)) for wanted in draft.papers() if draft.pages_of(wanted))


async def to_window(desk: Desk, session: Session, draft: Draft, person: str) -> None:
    """Hand a draft over, show and print its code, and forget it.

    Args:
        desk: the desk; it has `windows`.
        session: of the person.
        draft: as far as it has come.
        person: digest of their number.

    Raises:
        TooLarge: nothing was handed over.
    """
    assert desk.windows is not None
    card, now = draft.card, desk.clock.now()
    handed = HandedDraft(
        item=draft.item.key,
        item_version=draft.item.version,
        began=draft.began,
        person=Person(name=card.name, number=card.number, document=card.document.value, address=card.address),
        answers=dict(draft.answers),
        papers=_papers(draft),
        deferred=tuple(sorted(draft.deferred)),
        earlier=dict(draft.earlier),
        order=draft.order,
    )
    secret = new_secret()
    try:
        body = sealed(handed, secret)  # some milliseconds: AES in the processor
        if len(body) > MAX_PAPER_BYTES:
            raise TooLarge
        name = await desk.ledger.keep_paper(body)
        until = expiry(draft.item, now)
        made = DraftHandedOver(
            id=uuid7(),
            draft=name_of(secret),
            item=draft.item.key,
            made=now,
            expires=until,
            sha256=name,
            bytes=len(body),
        )
        await desk.windows.hand_over(made, person)
        _log.info("a draft goes on at a window; the copy here is destroyed", item=draft.item.key)
        await _shown(desk, session, draft, code_of(secret), until)
    finally:
        for place in range(len(secret)):
            secret[place] = 0
        _log.info("the key of a draft for a window is destroyed", item=draft.item.key)


async def _shown(desk: Desk, session: Session, draft: Draft, code: str, until: datetime) -> None:
    gone = desk.clock.now()
    day = until.astimezone(CHINA).date()

    def state(receipt: view.Receipt, problem: view.PrinterProblem = view.PrinterProblem.NONE) -> view.AtWindow:
        return view.AtWindow(words(draft.item.title), code, day, gone, receipt, problem, offline=desk.offline())

    async def printed() -> view.AtWindow:
        desk.stage.show(state(view.Receipt.PRINTING))
        job = _slip(desk, draft, code, day.isoformat())
        try:
            await desk.printer.call(lambda printer: printer.print(job), within=25.0)
        except DriverError as error:
            fault = error.fault if isinstance(error, DeviceFault) else error.code
            _log.warning("code not printed", code=error.code, effect=error.effect.value)
            receipt = view.Receipt.ON_SCREEN if error.effect is Effect.NO else view.Receipt.PRINT_UNSURE
            return state(receipt, _PROBLEMS.get(fault, view.PrinterProblem.AWAY))
        return state(view.Receipt.PRINTED)

    shown = await printed()
    try:
        while True:
            match await session.ask(shown):
                case Next():
                    return
                case view.Reprint():
                    shown = await printed()
    except SessionOver:
        return  # handed over: leaving now loses nothing


def _slip(desk: Desk, draft: Draft, code: str, day: str) -> PrintJob:
    """The code on paper. It names nobody, and opens everything."""
    title, item, until, line, hotline = _SAYS[desk.stage.language]
    letters = grouped(code).split()
    return PrintJob(
        name="window-draft",
        blocks=(
            Line(desk.hall_name, size=32, bold=True, align=Align.CENTRE),
            Line(title, size=40, bold=True, align=Align.CENTRE),
            Rule(),
            Line(f"{item}：{words(draft.item.title).of(desk.stage.language)}"),
            Row(until, day, size=32),
            Rule(),
            QrCode(code, side_mm=40.0),
            Space(8),
            Line(" ".join(letters[:4]), size=28, align=Align.CENTRE),
            Line(" ".join(letters[4:]), size=28, align=Align.CENTRE),
            Space(8),
            Line(line),
            Rule(),
            Row(hotline, desk.hotline, size=28),
        ),
    )
