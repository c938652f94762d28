"""The steps of one form: each question that applies, each paper, the check. *Back* works everywhere."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from kiosk.clock import local_date
from kiosk.desk.addressing import ask_address
from kiosk.desk.desk import Desk
from kiosk.desk.draft import Draft
from kiosk.desk.form import question, shown, words
from kiosk.desk.paperwork import Paperwork
from kiosk.desk.receipt import yuan
from kiosk.desk.session import Session
from kiosk.desk.signing import due, sign
from kiosk.desk.threshold import not_eligible, refusal_of, tell_refused
from kiosk.desk.typing import WRITTEN, ask_written
from kiosk.view import desk as view
from kiosk.view.common import Back, Next, Words
from kiosk.view.screen import Intent
from kiosk.wire.answers import GOOD, Verdict, clean, fee_due
from kiosk.wire.catalogue import PaperWanted, Query
from kiosk.wire.masking import mask_name, mask_number

CHECK: Final = "/check"
"""The step after all others; no question is called so."""
Step = Query | PaperWanted | None


class GaveUp(Exception):
    """An answer has shown that the person does not qualify, and they choose something else."""


class Application:
    """The steps of one form.

    Args:
        desk: the desk.
        session: of the person.
        draft: to begin with; one that was saved goes on where something is missing.
        keep: called with the draft after each step, so that a power cut takes none of it.

    Attributes:
        draft: as far as it has come.
    """

    def __init__(self, desk: Desk, session: Session, draft: Draft, keep: Callable[[Draft], Awaitable[None]]) -> None:
        self._desk, self._session, self._keep = desk, session, keep
        self.draft = replace(draft, facts=session.facts, texts=desk.texts)
        self._found = GOOD
        """What is wrong with the answer that is asked for again."""

    # Steps ------------------------------------------------------------------------------------------------------

    def _steps(self) -> dict[str, Step]:
        """What applies now, in order. What was answered before the form began is passed over."""
        draft = self.draft
        queries = {query.key: query for query in draft.asked() if query.key not in draft.settled}
        papers = {paper.key: paper for paper in draft.papers()}
        return {**queries, **papers, **{query.key: query for query in draft.delivery_asked()}, CHECK: None}

    def _missing(self) -> str:
        """The first step that still wants something; the check when nothing does."""
        today = local_date(self._desk.clock.now())
        for query in self.draft.asked():
            found = self.draft.verdict(query, today)
            refused = found.good and refusal_of(self.draft.item, query, self.draft.given(query.key), today)
            if not found.good or refused:
                self._found = found if self.draft.given(query.key) else GOOD
                return query.key
        for paper in self.draft.papers():
            if not self.draft.there(paper):
                return paper.key
        asked = self.draft.delivery_asked()
        return next((query.key for query in asked if not self.draft.verdict(query, today).good), CHECK)

    def _beside(self, key: str, by: int) -> str | None:
        """The step before or after; None before the first."""
        keys = list(self._steps())
        at = keys.index(key) + by if key in keys else 0
        return keys[at] if at >= 0 else None

    async def run(self, *, resumed: bool = False) -> Draft | None:
        """Walk the steps; None when the person went back before the first.

        Args:
            resumed: begin where something is missing.

        Raises:
            GaveUp: see there.
        """
        at: str | None = self._missing() if resumed else next(iter(self._steps()))
        edited = False
        while at is not None:
            step = self._step(at)
            if step is None:
                edit = await self._check()
                if edit is None:
                    missing = self._missing()  # midnight may have passed
                    if missing != CHECK:
                        edit = missing
                    elif await self._signed():
                        return self.draft
                    else:
                        continue
                at, edited = edit, edit != self._beside(CHECK, -1)
                continue
            forward = await (self._question(step) if isinstance(step, Query) else self._paper(step))
            if forward:
                await self._keep(self.draft)
            if isinstance(forward, str):
                at, edited = forward, True
                continue
            # What was changed from the check page returns to it, by way of what the change calls for.
            if edited and (forward or self._missing() == CHECK):
                at = self._missing()
                edited = at != CHECK
            else:
                at = self._beside(at, 1 if forward else -1)
        return None

    def _step(self, key: str) -> Step:
        steps = self._steps()
        if key in steps:
            return steps[key]
        asked = (*self.draft.asked(), *self.draft.delivery_asked())
        return next((query for query in asked if query.key == key), None)

    def _place(self, key: str) -> tuple[int, int]:
        keys = list(self._steps())
        return (keys.index(key) + 1 if key in keys else 1), len(keys)

    # One of them ------------------------------------------------------------------------------------------------

    async def _question(self, query: Query) -> bool:
        draft, found = self.draft, self._found
        self._found = GOOD
        value = draft.answer(query)
        prefilled = bool(value) and not draft.given(query.key)
        while True:
            step, steps = self._place(query.key)
            state = question(
                query,
                step=step,
                steps=steps,
                value=value,
                found=found,
                prefilled=prefilled,
                can_save=self._session.can_save,
            )
            match await self._asked(state):
                case view.Answer(key=key, value=given) if key == query.key:
                    value = clean(query, given)
                    taken = await self._taken(query, value)
                    found = taken or GOOD
                    if taken is not None and taken.good:
                        return True
                case Back():
                    return False

    async def _asked(self, state: view.Question) -> Intent:
        """The answer to a question; texts are written where the terminal has Chinese input."""
        if self._desk.writing is not None and state.field is view.Field.ADDRESS:
            return await ask_address(self._session, self._desk.writing, state)
        if self._desk.writing is not None and state.field in WRITTEN:
            return await ask_written(self._session, self._desk.writing, state)
        return await self._session.ask(state)

    async def _taken(self, query: Query, value: str) -> Verdict | None:
        """Take an answer, unless it is none or disqualifies. None is: ask again."""
        today = local_date(self._desk.clock.now())
        draft = self.draft.with_answer(query.key, value)
        found = draft.verdict(query, today)
        if not found.good:
            return found
        refused = refusal_of(draft.item, query, value, today)
        if refused is not None:
            if await tell_refused(self._session, not_eligible(draft.item, refused)):
                return None
            raise GaveUp
        self.draft = draft
        if query.prefill and value:
            self._session.facts[query.prefill] = value
        return found

    async def _paper(self, paper: PaperWanted) -> bool | str:
        """Capture one paper and have it checked. False is back; a key is a question to be changed because of it."""
        work = Paperwork(self._desk, self._session, self.draft, paper, self._place(paper.key), self._keep)
        try:
            forward = await work.collect()
        finally:
            self.draft = work.draft
        return work.go or forward

    # The check --------------------------------------------------------------------------------------------------

    async def _check(self) -> str | None:
        """Show everything. None is: it is right; else the step to go to."""
        draft = self.draft
        step, steps = self._place(CHECK)
        pages = [page.page.preview for _, page in draft.handed_in().pages]
        state = view.Review(
            step=step,
            steps=steps,
            title=words(draft.item.title),
            rows=tuple(rows(draft, self._desk.clock.now())),
            page=pages[0] if pages else b"",
            can_save=self._session.can_save,
            signs=True,
        )
        while True:
            match await self._session.ask(state):
                case Next():
                    return None
                case Back():
                    return self._beside(CHECK, -1) or CHECK
                case view.Edit(key=key) if self._step(key) is not None:
                    return key

    async def _signed(self) -> bool:
        """Have it signed. False is back to the check."""
        signature = await sign(self._desk, self._session, self.draft, self._place(CHECK))
        if signature is None:
            return False
        self.draft = replace(self.draft, signature=signature)
        return True


def rows(draft: Draft, now: datetime) -> list[view.ReviewRow]:
    """The application as it is handed in, line by line."""
    found = [_name_row(draft)]
    for query in draft.asked():
        value = shown(draft.given(query.key), query)
        found.append(view.ReviewRow(query.key, words(query.caption or query.title), value))
    for paper in draft.papers():
        count = len(draft.pages_of(paper))
        value = _captured(count) if count else _follows(due(now, paper.deferrable_days))
        offer = draft.earlier_of(paper)
        if offer is not None:
            value = _used_again(local_date(offer.handed_in), offer.pages)
        found.append(view.ReviewRow(paper.key, words(paper.title), value))
    for query in draft.delivery_asked():
        value = shown(draft.given(query.key), query)
        found.append(view.ReviewRow(query.key, words(query.caption or query.title), value))
    fen = fee_due(draft.item, draft.counted())
    if fen:
        found.append(view.ReviewRow("", _FEE, Words(f"{yuan(fen)} 元", f"{yuan(fen)} 元", f"{yuan(fen)} yuan")))
    if draft.item.decided_by is not None:
        found.append(view.ReviewRow("", _DECIDED, words(draft.item.decided_by)))
    return found


_FEE = Words("费用", "費用", "Fee")
_DECIDED = Words("决定机关", "決定機關", "Decided by")


def _captured(count: int) -> Words:
    pages = "page" if count == 1 else "pages"
    return Words(f"已拍摄 {count} 页", f"已拍攝 {count} 頁", f"{count} {pages} photographed")


def _used_again(day: date, count: int) -> Words:
    pages = "page" if count == 1 else "pages"
    return Words(
        f"沿用 {day.isoformat()} 交过的 {count} 页",
        f"沿用 {day.isoformat()} 交過的 {count} 頁",
        f"as handed in on {day.isoformat()}, {count} {pages}",
    )


def _follows(day: date) -> Words:
    return Words(
        f"{day.month} 月 {day.day} 日前补交", f"{day.month} 月 {day.day} 日前補交", f"follows by {day.isoformat()}"
    )


def _name_row(draft: Draft) -> view.ReviewRow:
    name = mask_name(draft.card.name)
    number = mask_number(draft.card.number)
    who = f"{name} {number[:6]} {number[6:14]} {number[14:]}"
    return view.ReviewRow("", Words("申请人", "申請人", "Applicant"), Words(who, who, who))
