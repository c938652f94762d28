"""One paper from the first page to the last: photographed, looked at, put in order, and read against the answers."""

from collections.abc import Awaitable, Callable

from kiosk.desk.desk import Desk
from kiosk.desk.draft import Draft, Page
from kiosk.desk.earlier_papers import chosen_earlier, earlier_way, show_earlier
from kiosk.desk.form import words
from kiosk.desk.papers import PAPER_HINTS, Follows, OtherWay, capture
from kiosk.desk.phone_papers import PhonePapers, phone_way
from kiosk.desk.portrait import DEVICE, Brought, portrait
from kiosk.desk.proofreading import differing
from kiosk.desk.session import Session
from kiosk.view import desk as view
from kiosk.view.common import Back, Next
from kiosk.vision.observation import PaperPage
from kiosk.wire.catalogue import PaperWanted

KEEP_EVERY = 5
"""Pages after which the draft is kept although the paper is not finished: a power cut takes no more than that."""


class Paperwork:
    """One paper with one person.

    Args:
        desk: the desk.
        session: of the person.
        draft: as it is.
        paper: which paper.
        place: which step this is, and of how many.
        keep: keeps a draft.

    Attributes:
        draft: as far as it has come.
        go: a question that the person wants to change because the paper says otherwise; empty when none.
    """

    def __init__(
        self,
        desk: Desk,
        session: Session,
        draft: Draft,
        paper: PaperWanted,
        place: tuple[int, int],
        keep: Callable[[Draft], Awaitable[None]],
    ) -> None:
        self._desk, self._session, self._paper, self._keep = desk, session, paper, keep
        self._step, self._steps = place
        self.draft = draft
        self.go = ""
        self._brought = False
        """A photograph was brought along: none is taken here."""
        self._read = False
        """The pages are those that were compared with the answers."""

    @property
    def _pages(self) -> tuple[Page, ...]:
        return self.draft.pages_of(self._paper)

    async def collect(self) -> bool:
        """Until the paper is whole, or follows later. False is back."""
        try:
            return await self._collect()
        except Follows:
            self.draft = self.draft.with_deferred(self._paper.key)
            return True

    async def _collect(self) -> bool:
        shown = 0 if len(self._pages) == 1 else None
        first = 1
        while True:
            begun = await self._begun()
            if begun is not None:
                return begun
            shown = 0 if len(self._pages) == 1 else shown
            if shown is not None:
                shown, forward = await self._look_at(shown)
            else:
                shown, first, forward = await self._look_over(first)
            if forward is None:
                continue
            if not forward:
                return False
            match await self._compared():
                case view.Retake():
                    shown = 0 if await self._take(0) or len(self._pages) == 1 else None
                case Back():
                    shown = 0 if len(self._pages) == 1 else None
                case view.Edit(key=key):
                    self.go = key
                    return True
                case _:
                    return True

    async def _begun(self) -> bool | None:
        """See that there is a page, or an earlier paper that serves (True). False is back, None: look at the pages."""
        if self.draft.earlier_of(self._paper) is not None:
            agreed = await self._agree()
            if agreed is not None:
                return agreed
        if self._pages:
            return None
        if not await self._take(0):
            return False
        return True if self.draft.earlier_of(self._paper) is not None else None

    # Pages ------------------------------------------------------------------------------------------------------

    async def _take(self, at: int) -> bool:
        """Photograph page `at`, from 0, instead of the one that is there. False is back: what was there stays."""
        if at == len(self._pages) - 1 and not self._paper.both_sides:
            self._session.mat.clear()  # the page that lies there is wanted once more
        made: list[Page] | None = None
        while made is None:
            try:
                page = await self._photographed(at)
            except OtherWay as other:
                if isinstance(other.wanted, view.FromPhone):
                    made = await self._from_phone(at)
                elif await self._from_earlier():
                    return True
                continue
            if page is None:
                return False
            made = [page]
        pages = self._pages
        self.draft = self.draft.with_pages(self._paper.key, (*pages[:at], *made, *pages[at + 1 :]))
        self._session.transcript.drop(pages[at : at + 1])
        self._session.transcript.want(made)
        self._read = False
        if len(self._pages) % KEEP_EVERY == 0 or len(made) > 1:
            await self._keep(self.draft)
        return True

    async def _photographed(self, at: int) -> Page | None:
        """One page under the camera, both sides of it where the paper has two. None is back.

        Raises:
            OtherWay: it comes from elsewhere.
        """
        if self._paper.photo and not self._brought:
            try:
                photo = await portrait(self._desk, self._session, self._paper.photo, words(self._paper.title))
            except Brought:
                self._brought = True
            else:
                return None if photo is None else Page(photo, self._desk.clock.now(), device=DEVICE)
        if not self._paper.both_sides:
            page = await self._photograph(at, view.Side.ONLY)
            return None if page is None else Page(page, self._desk.clock.now())
        while True:
            front = await self._photograph(at, view.Side.FRONT)
            if front is None:
                return None
            back = await self._photograph(at, view.Side.BACK)
            if back is not None:
                return Page(front, self._desk.clock.now(), back)

    async def _photograph(self, at: int, side: view.Side) -> PaperPage | None:
        return await capture(
            self._desk,
            self._session,
            self._paper,
            self._step,
            self._steps,
            page=at + 1,
            side=side,
            phone=phone_way(self._desk, self._paper),
            earlier=earlier_way(self._desk, self._paper) if at == 0 else view.EarlierWay.NO,
        )

    async def _from_phone(self, at: int) -> list[Page] | None:
        """Pages from the telephone, in the place of page `at`; no more than there is room for. None is back."""
        others = len(self._pages[:at]) + len(self._pages[at + 1 :])
        room = self._paper.most_pages - others
        place = (self._step, self._steps)
        return await PhonePapers(self._desk, self._session, self.draft, self._paper, place, room).collect()

    # Handed in before -------------------------------------------------------------------------------------------

    async def _from_earlier(self) -> bool:
        """Choose one, and agree to its use. False is back."""
        place = (self._step, self._steps)
        offer = await chosen_earlier(self._desk, self._session, self.draft, self._paper, place)
        if offer is None:
            return False
        self._session.transcript.drop(self._pages)
        self.draft = self.draft.with_earlier(self._paper.key, offer)
        return True

    async def _agree(self) -> bool | None:
        """Show what was agreed to before. True goes on, False is back, None is another one instead."""
        offer = self.draft.earlier_of(self._paper)
        assert offer is not None
        place = (self._step, self._steps)
        match await show_earlier(self._desk, self._session, self.draft, self._paper, place, offer, chosen=True):
            case Next():
                return True
            case view.Retake():
                self.draft = self.draft.with_earlier(self._paper.key, None)
                return None
            case _:
                return False

    async def _look_at(self, at: int) -> tuple[int | None, bool | None]:
        """One page, large. Which page is shown next, None for all; and whether to go on, back, or neither."""
        pages = self._pages
        page, count = pages[at], len(pages)
        state = view.CheckPaper(
            self._step,
            self._steps,
            words(self._paper.title),
            page.page.preview,
            can_save=self._session.can_save,
            back=page.back.preview if page.back is not None else b"",
            number=at + 1,
            count=count,
            most=self._paper.most_pages,
            doubt=PAPER_HINTS[page.doubt],
        )
        match await self._session.ask(state):
            case Next():
                return at, True
            case Back():
                return (None, None) if count > 1 else (at, False)
            case view.Retake():
                await self._take(at)
                if not self._pages or at >= len(self._pages):
                    return None, None
            case view.AddPage() if count < self._paper.most_pages:
                return (count if await self._take(count) else at), None
            case view.ShowPages() if count > 1:
                return None, None
        return at, None

    async def _look_over(self, first: int) -> tuple[int | None, int, bool | None]:
        """All pages. Which is shown next, from which number on they are shown, and whether to go on or back."""
        pages = self._pages
        count = len(pages)
        first = max(1, min(first, count)) if count else 1
        first -= (first - 1) % view.PAGES_SHOWN
        state = view.PaperPages(
            self._step,
            self._steps,
            words(self._paper.title),
            first,
            tuple(page.page.preview for page in pages[first - 1 : first - 1 + view.PAGES_SHOWN]),
            count,
            self._paper.most_pages,
            can_save=self._session.can_save,
        )
        match await self._session.ask(state):
            case Next():
                return None, first, True
            case Back():
                return None, first, False
            case view.AddPage() if count < self._paper.most_pages:
                return (count if await self._take(count) else None), first, None
            case view.ShowPage(number=number) if 1 <= number <= count:
                return number - 1, number, None
            case view.ShowPages(first=number):
                return None, number, None
            case view.MovePage(number=number, to=to) if 1 <= number <= count and 1 <= to <= count:
                rest = [*pages[: number - 1], *pages[number:]]
                rest.insert(to - 1, pages[number - 1])
                self._put(rest)
            case view.RemovePage(number=number) if 1 <= number <= count:
                self._put([*pages[: number - 1], *pages[number:]])
                self._session.transcript.drop([pages[number - 1]])
        return (0 if len(self._pages) == 1 else None), first, None

    def _put(self, pages: list[Page]) -> None:
        self.draft = self.draft.with_pages(self._paper.key, pages)
        self._read = False

    # What stands on it ------------------------------------------------------------------------------------------

    async def _compared(self) -> view.Retake | Back | view.Edit | Next:
        """Read the first page where the item says what has to stand there; ask kindly when it says otherwise."""
        if self._read or not self._paper.compare:
            return Next()
        found = await differing(self._desk, self._session, self.draft, self._paper, (self._step, self._steps))
        self._read = True
        if not found:
            return Next()
        state = view.PaperDiffers(
            self._step, self._steps, words(self._paper.title), found, can_save=self._session.can_save
        )
        while True:
            match await self._session.ask(state):
                case (Next() | Back() | view.Retake()) as said:
                    return said
                case view.Edit(key=key) as said if key and any(one.key == key for one in found):
                    return said
