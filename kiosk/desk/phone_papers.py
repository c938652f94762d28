"""A paper from the person's own telephone: a code on the screen, pages that come in, and their way into the draft.

The key that the pages are sealed to is made here for one ticket, and is in this process's memory only.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID, uuid4

import anyio

from kiosk.desk.desk import Desk
from kiosk.desk.draft import Draft, Page
from kiosk.desk.form import words
from kiosk.desk.session import Session
from kiosk.log import logger
from kiosk.session import first
from kiosk.view import desk as view
from kiosk.view.common import Back, CallStaff
from kiosk.view.screen import Intent
from kiosk.vision.observation import PaperPage, PaperProblem, SightLost
from kiosk.vision.sent import SentPage
from kiosk.wire.catalogue import PaperWanted, Source
from kiosk.wire.phone import PhonePage, PhoneStanding, PhoneState, PhoneTicket, PhoneWanted
from kiosk.wire.requests import LineDown
from kiosk.wire.sealing import CannotUnseal, new_identity, unseal

_log = logger("desk")

POLL_SECONDS: Final = 1.0
PATIENCE: Final = 3
"""So many times longer than usual somebody may be busy with their telephone before they are asked whether they are
still there; every page that comes begins it anew."""
CLOSE_SECONDS: Final = 5.0
_STAGES: Final = {
    PhoneState.WAITING: view.PhoneStage.WAITING,
    PhoneState.OPENED: view.PhoneStage.OPENED,
    PhoneState.ARRIVING: view.PhoneStage.ARRIVING,
    PhoneState.DONE: view.PhoneStage.FETCHING,
    PhoneState.EXPIRED: view.PhoneStage.EXPIRED,
    PhoneState.CLOSED: view.PhoneStage.EXPIRED,
}


def phone_way(desk: Desk, paper: PaperWanted) -> view.PhoneWay:
    """Whether a paper can come from a telephone now."""
    if desk.phone is None or Source.PHONE not in paper.sources or not desk.phone.possible:
        return view.PhoneWay.NO
    return view.PhoneWay.LINE_DOWN if desk.offline() else view.PhoneWay.YES


class PhonePapers:
    """One paper from a telephone.

    Args:
        desk: the desk; it has `phone`.
        session: of the person.
        draft: what the paper is for.
        paper: which.
        place: which step this is, and of how many.
        room: how many pages may come.
    """

    def __init__(
        self, desk: Desk, session: Session, draft: Draft, paper: PaperWanted, place: tuple[int, int], room: int
    ) -> None:
        self._desk, self._session, self._draft, self._paper, self._place = desk, session, draft, paper, place
        self._most = room * 2 if paper.both_sides else room
        self._ticket: UUID | None = None
        self._secret = ""
        self._qr = ""
        self._stirred = 0.0
        self._enough = False

    async def collect(self) -> list[Page] | None:
        """Until pages have come; None is back.

        Raises:
            SessionOver: they left.
        """
        try:
            while True:
                found = await self._once()
                if found is None or isinstance(found, list):
                    return found
                if not await self._again(found):
                    return None
        finally:
            await self._close()

    async def _again(self, why: view.PhoneStage) -> bool:
        while True:
            match await self._session.ask(self._view(why)):
                case view.NewCode():
                    return True
                case Back():
                    return False

    def _view(self, stage: view.PhoneStage, seconds: int = 0, count: int = 0) -> view.PhonePaper:
        shown = stage in (view.PhoneStage.WAITING, view.PhoneStage.OPENED, view.PhoneStage.ARRIVING)
        return view.PhonePaper(
            *self._place,
            words(self._paper.title),
            stage,
            qr=self._qr if shown else "",
            seconds=seconds,
            count=count,
            most=self._most,
            can_save=self._session.can_save,
            sides=self._paper.both_sides,
        )

    async def _once(self) -> list[Page] | view.PhoneStage | None:
        """One ticket, from the code to the pages, or why there are none; None is back."""
        await self._close()
        self._enough, self._stirred = False, anyio.current_time()

        async def work() -> list[Page] | view.PhoneStage | Intent | None:
            return await self._served()

        async def touched() -> list[Page] | view.PhoneStage | Intent | None:
            return await self._touched()

        match await first(work, touched):
            case list() as pages:
                return pages
            case view.PhoneStage() as stage:
                return stage
            case view.NewCode():
                return await self._once()
            case _:
                return None

    async def _touched(self) -> Intent:
        """What the person does at the desk meanwhile, as far as it ends the waiting."""
        while True:
            match await self._session.on_screen():
                case (Back() | view.NewCode()) as said:
                    return said
                case view.TakeThem():
                    self._enough = True
                case CallStaff():
                    await self._session.staff()
                case None:
                    busy = anyio.current_time() - self._stirred
                    if busy >= PATIENCE * self._desk.pace.idle_seconds:
                        await self._session.still_there()
                        self._stirred = anyio.current_time()

    async def _served(self) -> list[Page] | view.PhoneStage:
        phone = self._desk.phone
        assert phone is not None
        self._qr = ""
        self._desk.stage.show(self._view(view.PhoneStage.ASKING))
        self._ticket = uuid4()
        self._secret, recipient = new_identity()
        wanted = PhoneWanted(
            id=self._ticket,
            item=self._draft.item.key,
            item_title=self._draft.item.title,
            title=self._paper.title,
            most=self._most,
            recipient=recipient,
            language=self._desk.stage.language.value,
            sides=self._paper.both_sides,
        )
        opened = await phone.open(wanted)
        if not isinstance(opened, PhoneTicket):
            _log.warning("no ticket for a telephone", why=getattr(opened, "kind", "line_down"))
            return view.PhoneStage.LINE_DOWN if isinstance(opened, LineDown) else view.PhoneStage.NOT_POSSIBLE
        self._qr = opened.url
        standing = PhoneStanding(state=PhoneState.WAITING, seconds=opened.seconds)
        down = 0
        while True:
            stage = _STAGES[standing.state]
            if stage is view.PhoneStage.EXPIRED:
                return stage
            if standing.state is PhoneState.DONE or (self._enough and standing.pages):
                return await self._fetched(standing.pages)
            self._desk.stage.show(self._view(stage, standing.seconds, len(standing.pages)))
            await anyio.sleep(POLL_SECONDS)
            found = await phone.look(self._ticket)
            if isinstance(found, LineDown):
                down += 1
                if down > 1:
                    return view.PhoneStage.LINE_DOWN
                continue
            if not isinstance(found, PhoneStanding):
                return view.PhoneStage.EXPIRED
            if (found.state, len(found.pages)) != (standing.state, len(standing.pages)):
                self._stirred = anyio.current_time()
            standing, down = found, 0

    # Their way into the draft -----------------------------------------------------------------------------------------

    async def _fetched(self, pages: Sequence[PhonePage]) -> list[Page] | view.PhoneStage:
        phone = self._desk.phone
        assert phone is not None
        assert self._ticket is not None
        self._desk.stage.show(self._view(view.PhoneStage.FETCHING, count=len(pages)))
        made: list[tuple[SentPage, bool]] = []
        for place, page in enumerate(pages, 1):
            sealed = await phone.page(self._ticket, place, page)
            if not isinstance(sealed, bytes):
                return view.PhoneStage.LINE_DOWN
            try:
                picture = unseal(sealed, self._secret)  # some milliseconds a page
            except CannotUnseal:
                _log.error("a page from a telephone cannot be opened")
                continue
            sent = await self._looked_at(picture, whole=not page.photo)
            if sent is not None:
                made.append((sent, page.photo))
        if not made:
            return view.PhoneStage.UNREADABLE
        return self._pages(made)

    async def _looked_at(self, picture: bytes, *, whole: bool) -> SentPage | None:
        """Through the same eyes as a page under the camera; where these are away it goes as it came."""
        try:
            if self._desk.sent is not None:
                return await self._desk.sent.page_of(picture, whole=whole)
        except SightLost:
            _log.warning("a page from a telephone goes as it was sent")
        return SentPage(PaperPage(0, picture, picture), PaperProblem.NONE)

    def _pages(self, made: list[tuple[SentPage, bool]]) -> list[Page]:
        now = self._desk.clock.now()

        def page(front: tuple[SentPage, bool], back: tuple[SentPage, bool] | None = None) -> Page:
            sides = [front, *([] if back is None else [back])]
            photo = all(each for _, each in sides)
            doubts = [each.problem for each, _ in sides if each.problem is not PaperProblem.NONE]
            return Page(
                front[0].page,
                now,
                None if back is None else back[0].page,
                # A photo is the person's own capture; where a PDF comes from nobody knows.
                grade="C" if photo else "D",
                device="phone",
                doubt=doubts[0] if doubts else PaperProblem.NONE,
            )

        if not self._paper.both_sides:
            return [page(each) for each in made]
        return [page(made[at], made[at + 1] if at + 1 < len(made) else None) for at in range(0, len(made), 2)]

    async def _close(self) -> None:
        """Nothing stays at the hub; where it cannot be told, it deletes everything itself in a few minutes."""
        phone, ticket = self._desk.phone, self._ticket
        self._ticket, self._secret = None, ""
        if phone is None or ticket is None:
            return
        with anyio.move_on_after(CLOSE_SECONDS, shield=True):
            if isinstance(await phone.close(ticket), LineDown):
                _log.warning("a telephone's ticket could not be closed; it runs out at the hub", ticket=str(ticket))
