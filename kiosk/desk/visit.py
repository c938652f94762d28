"""What one person does at the desk: find an item, see whether they qualify, identify, fill in, hand in, or save it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from drivers.kinds import IdCard
from kiosk.clock import CHINA, local_date
from kiosk.desk.application import Application, GaveUp
from kiosk.desk.desk import Desk
from kiosk.desk.draft import Draft
from kiosk.desk.fee import Cashier, give_back
from kiosk.desk.finding import Finder
from kiosk.desk.form import words
from kiosk.desk.identify import lay_card
from kiosk.desk.keeping import NotYours, expiry, opened, sealed
from kiosk.desk.session import GONE, SaveAsked, Session, SessionOver
from kiosk.desk.threshold import Threshold, age_refusal, asked, tell_refused
from kiosk.desk.to_window import TooLarge, to_window
from kiosk.log import logger
from kiosk.store.shelf import StoredDraft
from kiosk.view import desk as view
from kiosk.view.common import Next
from kiosk.wire.catalogue import Item
from kiosk.wire.digest import person_digest
from kiosk.wire.masking import mask_name

_log = logger("desk")


class Visit:
    """One person at the desk, from the first touch or the card to a draft that is ready to be handed in.

    Args:
        desk: the desk.
        session: of the person.
        card: theirs; None while they only look around.
        greet: called when the card was read later on: something from before may have to be handed over first.

    Attributes:
        card: as soon as it was read.
        began: when they came.
    """

    def __init__(
        self, desk: Desk, session: Session, card: IdCard | None, greet: Callable[["Visit"], Awaitable[bool]]
    ) -> None:
        self._desk, self._session, self._greet = desk, session, greet
        self.card = card
        self.began = desk.clock.now()
        self._left: Draft | None = None
        """What was filled in when they went back from the first question."""

    @property
    def person(self) -> str:
        """Digest of their number; empty before the card was read."""
        return "" if self.card is None else person_digest(self.card.number, self._desk.trust.hall_key)

    async def prepare(self, first: view.By | Item = view.By.ALL) -> Draft:
        """Lead to a checked draft.

        Args:
            first: the item they touched on the start screen, or how they want to look for one.

        Raises:
            SessionOver: they left, or went back from the first screen, or saved it for later.
        """
        finder = Finder(self._desk, self._session, self._name(), first if isinstance(first, view.By) else view.By.ALL)
        item = None if isinstance(first, view.By) else first
        draft = await self._saved() if self.card is not None else None
        while True:
            if draft is None:
                if item is None:
                    finder.name_masked = self._name()
                    item = await finder.find()
                if item is None:
                    raise SessionOver("went back from the choice")
                done = await self._apply(item)
            else:
                done = await self._fill_in(draft)
            if done is not None:
                return done
            draft = item = None

    def _name(self) -> str:
        return "" if self.card is None else mask_name(self.card.name)

    # Beginning --------------------------------------------------------------------------------------------------

    async def _apply(self, item: Item) -> Draft | None:
        """From the choice to a checked draft; back from the form leads to what is told before it. None is back."""
        threshold = Threshold(self._desk, self._session, item, identified=self.card is not None)
        left: Draft | None = None
        while await threshold.cross():
            if self.card is None:
                self.card = await lay_card(self._desk, self._session, item)
                if self.card is None:
                    continue
                threshold.identified = True
                await self._greet(self)
                left = await self._saved(item)
            draft = left or await self._empty(item, threshold)
            if draft is None:
                return None
            done = await self._fill_in(draft)
            if done is not None or self._left is None:
                return done
            left = self._left
            changed = {key: value for key, value in threshold.answers.items() if key in left.settled}
            for key, value in changed.items():
                left = left.with_answer(key, value)
        await self.forget(item.key, unless_kept=True)
        return None

    async def _empty(self, item: Item, threshold: Threshold) -> Draft | None:
        """A new draft; None when the age is not right."""
        assert self.card is not None
        refused = age_refusal(item, self.card, local_date(self._desk.clock.now()))
        if refused is not None:
            await tell_refused(self._session, refused)
            return None
        form = {query.key for query in item.form}
        answers = tuple((key, value) for key, value in threshold.answers.items() if key in form)
        return Draft(self.card, item, self.began, answers, settled=frozenset(key for key, _ in answers))

    # Saved drafts -----------------------------------------------------------------------------------------------

    async def _saved(self, item: Item | None = None) -> Draft | None:
        """Offer what was begun earlier, of one item or of all. None is: something new."""
        shelf, card = self._desk.shelf, self.card
        if shelf is None or card is None:
            return None
        found: dict[str, tuple[StoredDraft, Draft]] = {}
        for stored in await shelf.of(self.person):
            try:
                draft = opened(stored.body, card, self._desk.trust.hall_key)
            except NotYours:
                _log.warning("a draft cannot be opened with this card", item=stored.item)
                continue
            if item is None or item.key == stored.item:
                found[stored.item] = (stored, draft)
        while found:
            lines = tuple(_line(stored, draft) for stored, draft in found.values())
            match await self._session.ask(view.SavedDrafts(mask_name(card.name), lines)):
                case view.Choose(key=key) if key in found:
                    return replace(found[key][1], began=self.began, resumed=True)
                case view.Discard(key=key) if key in found:
                    await shelf.drop(self.person, key)
                    del found[key]
                case Next():
                    return None
        return None

    async def _keep(self, draft: Draft, *, asked_for: bool = False) -> None:
        shelf = self._desk.shelf
        if shelf is None:
            return
        now = self._desk.clock.now()
        body = sealed(draft, self._desk.trust.hall_key)
        item = draft.item
        stored = StoredDraft(self.person, item.key, item.version, now, expiry(item, now), asked_for, body)
        try:
            await shelf.keep(stored)
        except Exception as error:
            if asked_for:
                raise
            # Whoever fills in a form goes on: only a power cut would take it from them now.
            _log.exception("a draft cannot be kept", item=item.key, exc_info=error)

    async def forget(self, item: str, *, unless_kept: bool = False) -> None:
        """Delete what was kept of an item."""
        if self._desk.shelf is not None and self.person:
            await self._desk.shelf.drop(self.person, item, unless_kept=unless_kept)

    # Filling in -------------------------------------------------------------------------------------------------

    async def _fill_in(self, draft: Draft) -> Draft | None:
        """The form, until it is whole and the item still is what it was. None is back, or something else."""
        session = self._session
        self._left = None
        self._session.transcript.want(page for _, page in draft.pages)
        resumed = draft.resumed
        session.can_save = self._desk.shelf is not None
        application: Application | None = None
        cashier: Cashier | None = None
        try:
            while True:
                current = await self._still_valid(draft)
                if current is None:
                    return None
                resumed = resumed or current is not draft
                application = Application(self._desk, session, current, self._keep)
                done = await application.run(resumed=resumed)
                if done is None:
                    self._left = application.draft
                    return None
                if self._current(done) is done.item or self._is_accepted(done):
                    cashier = Cashier(self._desk, session, done, self._keep)
                    return await cashier.settle()
                draft = done
        except SaveAsked:
            session.can_save = False
            await self._leave_saved(self._newest(application, cashier, draft))
        except GaveUp:
            await self.forget(draft.item.key, unless_kept=True)
            return None
        except SessionOver as over:
            newest = self._newest(application, cashier, draft)
            if str(over) == GONE and session.can_save:
                # Whoever was given all the time there is finds it again with their card.
                await self._keep(newest, asked_for=True)
                raise
            await give_back(self._desk, newest)
            await self.forget(draft.item.key, unless_kept=str(over) != "cancelled")
            raise
        finally:
            session.can_save = False
        raise AssertionError("saving ends the session")

    @staticmethod
    def _newest(application: Application | None, cashier: Cashier | None, draft: Draft) -> Draft:
        """The draft as far as it has come."""
        if cashier is not None:
            return cashier.draft
        return draft if application is None else application.draft

    async def _leave_saved(self, draft: Draft) -> None:
        await self._keep(draft, asked_for=True)
        until = expiry(draft.item, self._desk.clock.now()).astimezone(CHINA).date()
        _log.info("draft kept", item=draft.item.key)
        window = self._desk.windows is not None
        while True:
            match await self._session.ask(view.DraftKept(words(draft.item.title), until, window=window)):
                case Next():
                    raise SessionOver("saved")
                case view.ToWindow() if window:
                    try:
                        await to_window(self._desk, self._session, draft, self.person)
                    except TooLarge:
                        window = False
                        continue
                    raise SessionOver("at a window")

    # The item may have changed ----------------------------------------------------------------------------------

    def _current(self, draft: Draft) -> Item | None:
        return self._desk.catalogue().item(draft.item.key)

    def _is_accepted(self, draft: Draft) -> bool:
        """Whether the draft's own version of the item is still taken by the office."""
        current = self._current(draft)
        return current is not None and current.accepts_version <= draft.item.version <= current.version

    async def _still_valid(self, draft: Draft) -> Draft | None:
        """The draft as it was, or, where the office wants the new version, moved to it after saying so."""
        if self._is_accepted(draft):
            return draft
        current = self._current(draft)
        state = view.ItemChanged(words(draft.item.title), gone=current is None)
        while not isinstance(await self._session.ask(state), Next):
            pass
        if current is None:
            await self.forget(draft.item.key)
            return None
        moved = draft.moved_to(current)
        answers = dict(moved.answers)
        changed = [one for one in asked(current, answers) if one not in draft.item.eligibility]
        if changed:
            threshold = Threshold(self._desk, self._session, current, identified=True)
            if not await threshold.cross():
                return None
            form = {query.key for query in current.form}
            for key, value in threshold.answers.items():
                if key in form:
                    moved = moved.with_answer(key, value)
            moved = replace(moved, settled=moved.settled | (threshold.answers.keys() & form))
        return moved


def _line(stored: StoredDraft, draft: Draft) -> view.SavedDraft:
    return view.SavedDraft(
        key=stored.item,
        title=words(draft.item.title),
        saved=stored.saved,
        until=stored.expires.astimezone(CHINA).date(),
        kept=stored.kept,
    )
